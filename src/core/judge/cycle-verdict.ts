// The verdict over a turn from the verdicts of its tasks. A turn that was stopped or interrupted is decided by who knows that it was.

import type { CycleVerdict } from '../loop/event.ts';
import type { Outcome, Verdict } from './evidence.ts';

/** What a turn's verdict needs to know of one task. */
export interface TaskStanding {
  readonly kind: 'step' | 'gate';
  readonly mode: 'strict' | 'soft';
  readonly verdict: Verdict;
  readonly outcome?: Outcome | undefined;
  /** Skipped because the config itself says so: `when`, `exits`, a profile, a flag. */
  readonly excused: boolean;
  /** The verdict of the task whose failure kept this one from running. */
  readonly because?: Verdict | undefined;
}

export interface CycleFlags {
  /** A protected path changed. */
  readonly integrity?: boolean;
  readonly interrupted?: boolean;
  /** A stop cut something off. */
  readonly stopped?: boolean;
}

export function cycleVerdict(tasks: readonly TaskStanding[], flags: CycleFlags = {}): CycleVerdict {
  if (flags.integrity) return 'integrity';
  if (flags.interrupted) return 'interrupted';
  if (flags.stopped) return 'stopped';
  if (tasks.some((task) => task.outcome === 'limited')) return 'limited';
  const parts = new Set(tasks.map(contribution));
  if (parts.has('broken')) return 'broken';
  if (parts.has('failed')) return 'failed';
  return isUnjudged(tasks) ? 'broken' : 'passed';
}

/** What one task makes of the cycle. */
function contribution(task: TaskStanding): 'passed' | 'failed' | 'broken' {
  if (task.verdict === 'broken') return 'broken';
  if (task.mode === 'soft') return 'passed';
  if (task.verdict === 'failed') return 'failed';
  if (task.verdict !== 'skipped' || task.excused) return 'passed';
  // It could not run: behind a failure that is a failure, behind anything else nobody knows how it would have gone.
  return task.because === 'failed' ? 'failed' : 'broken';
}

/** There are gates, and not one of them came to a judgement: nothing is known, so nothing is green. */
function isUnjudged(tasks: readonly TaskStanding[]): boolean {
  const gates = tasks.filter((task) => task.kind === 'gate');
  return gates.length > 0 && gates.every((gate) => gate.verdict === 'skipped');
}
