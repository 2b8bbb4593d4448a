// What is to be told of an attempt beside how it ended: what it used, and where it ended badly all else that may explain it, gathered
// into one file beside its log. A file that cannot be written is none: nothing depends on it.

import { writeFileSync } from 'node:fs';
import type { AttemptEnded } from '../core/cycle/event.ts';
import type { StopCause } from '../core/judge/evidence.ts';
import { signalOf } from '../core/judge/outcome.ts';
import { redactText, type Secret } from '../core/judge/redact.ts';
import { forensicsName } from '../core/loop/names.ts';
import { forensicsOf, type ForensicsFacts } from '../core/usage/forensics.ts';
import { kernelLines } from './kernel-log.ts';

export interface Scene extends Omit<ForensicsFacts, 'kernel' | 'limitBytes' | 'tail'> {
  readonly log: string;
  readonly secrets: readonly Secret[];
  readonly wasSignalled: boolean;
  readonly hasHeapMessage: boolean;
  /** Asked only where it matters. */
  limitBytes(): number | undefined;
  tail(): string;
}

type Told = Pick<AttemptEnded, 'peakBytes' | 'cpuMs' | 'memoryLimitBytes' | 'forensics'>;

/** Unknown is not zero: of an attempt that was over before the first look no usage is told. */
export function aftermath(scene: Scene): Told {
  const last = scene.usage?.looks.at(-1);
  const cpu = last?.cpuMs === undefined ? {} : { cpuMs: last.cpuMs };
  const isOom = scene.oomKills > 0;
  if (!isOom && !isRiddle(scene)) return last === undefined ? {} : { peakBytes: last.peakBytes, ...cpu };
  const limitBytes = scene.limitBytes();
  const forensics = forensicsOf({
    ...scene,
    tail: scene.tail(),
    limitBytes,
    kernel: kernelLines(scene.durationMs),
  });
  const { peakBytes } = forensics.memory;
  return {
    ...(peakBytes !== null && { peakBytes }),
    ...cpu,
    ...(isOom && limitBytes !== undefined && { memoryLimitBytes: limitBytes }),
    ...(isWritten(forensics, scene) && { forensics: true }),
  };
}

/** What people ask about in the morning: who did that, and what was it doing. */
const RIDDLES: ReadonlySet<StopCause | undefined> = new Set<StopCause>([
  'timeout',
  'phase-timeout',
  'cycle-timeout',
  'stall',
]);

function isRiddle({ end, stopped, wasSignalled, hasHeapMessage }: Scene): boolean {
  if (wasSignalled) return RIDDLES.has(stopped);
  return hasHeapMessage || signalOf({ end }) !== undefined;
}

function isWritten(forensics: ReturnType<typeof forensicsOf>, { log, secrets }: Scene): boolean {
  try {
    writeFileSync(forensicsName(log), redactText(`${JSON.stringify(forensics, null, 2)}\n`, secrets));
    return true;
  } catch {
    return false;
  }
}
