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
  /** Softened by `on-broken: soft`: no judgement came about. */
  readonly wasBroken?: boolean | undefined;
  /** The verdict of the task whose failure kept this one from running. */
  readonly because?: Verdict | undefined;
  /** That task met a limit. */
  readonly behindLimit?: boolean | undefined;
}

export interface CycleFlags {
  /** A protected path changed. */
  readonly integrity?: boolean;
  readonly interrupted?: boolean;
  /** A stop cut something off. */
  readonly stopped?: boolean;
  /** Around cycles a turn whose gates were all left out has simply nothing to say. */
  readonly mayBeIdle?: boolean;
}

export function cycleVerdict(tasks: readonly TaskStanding[], flags: CycleFlags = {}): CycleVerdict {
  if (flags.integrity) return 'integrity';
  if (flags.interrupted) return 'interrupted';
  if (flags.stopped) return 'stopped';
  const parts = new Set(tasks.map(contribution));
  if (parts.has('broken')) return 'broken';
  if (parts.has('failed')) return 'failed';
  if (parts.has('limited')) return 'limited';
  return isUnjudged(tasks) && !flags.mayBeIdle ? 'broken' : 'passed';
}

/** What one task makes of the cycle. */
function contribution(task: TaskStanding): 'passed' | 'limited' | 'failed' | 'broken' {
  // A limit is waited for; it neither hides what failed beside it nor counts where nothing depends on it.
  if (task.outcome === 'limited') return task.mode === 'strict' ? 'limited' : 'passed';
  if (task.verdict === 'broken') return 'broken';
  if (task.mode === 'soft') return 'passed';
  if (task.verdict === 'failed') return 'failed';
  if (task.verdict !== 'skipped' || task.excused) return 'passed';
  if (task.behindLimit === true) return 'limited';
  // It could not run: behind a failure that is a failure, behind anything else nobody knows how it would have gone.
  return task.because === 'failed' ? 'failed' : 'broken';
}

/** There are gates, and not one of them came to a judgement: nothing is known, so nothing is green. */
function isUnjudged(tasks: readonly TaskStanding[]): boolean {
  const gates = tasks.filter((task) => task.kind === 'gate');
  return gates.length > 0 && gates.every((gate) => gate.verdict === 'skipped' || gate.wasBroken === true);
}
