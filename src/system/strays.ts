// Finds processes that left their attempt's group (setsid, double fork) by the marks in their environment, and ends them.
// One that wipes its environment escapes this layer; only a cgroup or a pid namespace holds it.

import { readFileSync } from 'node:fs';
import { processIds, tryKill } from './group.ts';
import { markOf, marksIn } from './marks.ts';
import { processFacts } from './proc.ts';

/** A daemon that forks while it is looked for is found by looking again. */
const CLEAN_PASSES = 3;
const PASS_LIMIT = 60;
const FEW_IDS = 64;

export interface Search {
  readonly run: string;
  /** All runs whose names are this one's and a number behind it: `name-2`. */
  readonly isFamily?: boolean;
  /** Only of this state directory, absolute; absent: of any. */
  readonly stateDir?: string;
  /** Whether the attempt with this mark is still under way. */
  readonly alive: (mark: string) => boolean;
  /** Process ids below it are older than the run and not looked at; 0 looks at all. */
  readonly from?: number;
  /** One look without a find is enough; else it is three, because a daemon that forks can hide from a single one. */
  readonly quick?: boolean;
}

/** Ends every process of the run whose attempt is over; gives back how many there were. */
export function endStrays({
  run,
  isFamily = false,
  stateDir,
  alive,
  from = 0,
  quick = false,
}: Search): number {
  const ended = new Set<number>();
  let own: ReadonlySet<number> | undefined;
  let clean = 0;
  for (let pass = 0; pass < PASS_LIMIT && clean < CLEAN_PASSES; pass++) {
    const marked = (idsSince(from) ?? processIds() ?? []).filter((pid) =>
      isStray(pid, { run, isFamily, stateDir, alive }),
    );
    if (marked.length > 0) own ??= new Set(ancestors());
    const found = marked.filter((pid) => own?.has(pid) === false);
    for (const pid of found) {
      tryKill(pid, 'SIGKILL');
      ended.add(pid);
    }
    clean = found.length === 0 ? clean + 1 : 0;
    if (quick && ended.size === 0) return 0;
  }
  return ended.size;
}

/** For a start that finds a run without an end: ends whatever of that run has its marks. A copy of a state directory names the same run, and must not end the original's. */
export function endLeftBehind(run: string, stateDir: string): number {
  return endStrays({ run, stateDir, alive: () => false });
}

/** The ids given out since then, where they are few: reading them is a tenth of the work of listing /proc. */
function idsSince(from: number): readonly number[] | undefined {
  if (from === 0) return undefined;
  try {
    const last = Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ')[4]);
    if (!(last >= from && last - from < FEW_IDS)) return undefined;
    return Array.from({ length: last - from + 1 }, (_, index) => from + index);
  } catch {
    return undefined;
  }
}

function isStray(
  pid: number,
  {
    run,
    isFamily,
    stateDir,
    alive,
  }: Pick<Search, 'run' | 'isFamily' | 'alive'> & { readonly stateDir: string | undefined },
): boolean {
  const env = marksIn(pid, run, isFamily);
  const mark = env && markOf(env);
  const isHere = stateDir === undefined || env?.['GATE_STATE'] === stateDir;
  return mark !== undefined && isHere && !alive(mark);
}

/** This process and those above it: never strays, whatever their environment says. */
function ancestors(): readonly number[] {
  const found: number[] = [];
  for (let pid = process.pid; pid > 1 && !found.includes(pid); pid = processFacts(pid)?.parent ?? 0)
    found.push(pid);
  return found;
}
