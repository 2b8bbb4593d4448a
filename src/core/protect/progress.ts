// What the fold keeps of protected files: of the run what was noted, of the turn under way what was compared.

import type { Progress, RunProgress } from '../loop/progress.ts';
import type {
  Checkpoint,
  Grown,
  ProtectAnswered,
  ProtectNoted,
  ProtectedChange,
  Tampering,
} from './event.ts';

export interface ProtectProgress {
  readonly files: number;
  readonly bytes: number;
  readonly sum: string;
  readonly since: readonly ProtectedChange[];
  readonly failed: string | undefined;
  readonly refused: Tampering | undefined;
  /** Append-only files that have grown since, by path. */
  readonly grown: ReadonlyMap<string, Grown>;
}

export interface TurnGuard {
  /** Asked, and not answered yet. */
  readonly asked: string | undefined;
  /** Where nothing had changed. */
  readonly clean: ReadonlySet<string>;
  readonly tampering: Tampering | undefined;
  readonly grown: readonly Grown[];
}

export const UNGUARDED: TurnGuard = { asked: undefined, clean: new Set(), tampering: undefined, grown: [] };

/** `work`, `work steps`; empty before the first phase. */
export function checkpointKey({ phase, after }: Checkpoint): string {
  return [phase, after].filter((part) => part !== undefined).join(' ');
}

export function notedNow({ files, bytes, sum, since = [], failed, refused }: ProtectNoted): ProtectProgress {
  return { files, bytes, sum, since, failed, refused, grown: new Map() };
}

/** Why what is protected could not be noted: nothing of the run begins then, not even the phases at its end. */
export function notNoted({ protect }: Pick<RunProgress, 'protect'>): string | undefined {
  return typeof protect === 'object' ? protect.failed : undefined;
}

/** Ends behind which nobody knows that the files are still what was noted, or knows that they are not. */
const IN_DOUBT: ReadonlySet<string> = new Set(['integrity', 'interrupted', 'storage-failed']);

/** What a run that follows must find unchanged unless somebody accepts it; undefined: it notes what it finds. */
export function unacceptedOf(before: RunProgress | undefined): ProtectProgress | undefined {
  if (before === undefined) return undefined;
  const { protect, ended, unaccepted } = before;
  const isNoted =
    typeof protect === 'object' && protect.failed === undefined && protect.refused === undefined;
  if (!isNoted) return unaccepted;
  return ended === undefined || IN_DOUBT.has(ended.reason) ? protect : undefined;
}

/** What ended a run, in one of its turns or before the first. */
export function tamperingIn({ run, lastTurn }: Pick<Progress, 'run' | 'lastTurn'>): Tampering | undefined {
  const refused = typeof run?.protect === 'object' ? run.protect.refused : undefined;
  return refused ?? lastTurn?.tampering;
}

export function answered(guard: TurnGuard, event: ProtectAnswered): TurnGuard {
  const { grown = [], phase, after, changed, more, diff } = event;
  const known = grown.length === 0 ? guard.grown : [...latest([...guard.grown, ...grown]).values()];
  if (changed !== undefined) {
    const tampering: Tampering = {
      ...(phase !== undefined && { phase }),
      ...(after !== undefined && { after }),
      changed,
      ...(more !== undefined && { more }),
      ...(diff !== undefined && { diff }),
    };
    return { ...guard, asked: undefined, tampering, grown: known };
  }
  return { ...guard, asked: undefined, clean: new Set(guard.clean).add(checkpointKey(event)), grown: known };
}

/** What the run knows of append-only files once a turn has ended. */
export function grownIn(protect: ProtectProgress, grown: readonly Grown[] = []): ProtectProgress {
  return grown.length === 0 ? protect : { ...protect, grown: latest([...protect.grown.values(), ...grown]) };
}

function latest(grown: readonly Grown[]): ReadonlyMap<string, Grown> {
  return new Map(grown.map((one) => [one.path, one]));
}
