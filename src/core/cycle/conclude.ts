// From an attempt's end to a verdict: the last step of every task, and of a gate that judges another one's evidence.

import type { Judgement } from '../judge/evidence.ts';
import { judgeTask, type Past } from '../judge/judge.ts';
import { outcomeOf } from '../judge/outcome.ts';
import { rungFault, rungRemarks } from '../judge/rung-words.ts';
import { betterOf } from '../judge/sim-metrics.ts';
import type { TaskPlan } from '../plan/plan.ts';
import { asOf, softnessText } from '../plan/softness.ts';
import { fingerprintOf } from '../questions/fingerprint.ts';
import { metricKey } from '../loop/names.ts';
import type { AttemptEnded, TaskJudged } from './event.ts';
import { evidenceIn } from './evidence.ts';
import type { Moment } from './moment.ts';

export function conclude(moment: Moment, written: TaskPlan, prunedAt?: number): TaskJudged {
  const task = asOf(written, moment.cycle.startedAt);
  const { ended, stopping, attempt, rung } = heard(moment, task);
  const outcome = ended && outcomeOf(ended, stopping?.cause, task.exits);
  const judgement = judgeTask({
    task,
    outcome,
    ended,
    stopCause: stopping?.cause,
    evidence: evidenceIn(ended, task.id),
    attempt,
    past: (metric) => pastOf(moment, task, metric),
    stage: task.stages.find((stage) => stage.count === rung),
    prunedAt,
  });
  const marked = fingerprint(task, judgement, { rung, excerpt: ended?.excerpt });
  // Behind the fingerprint: what a calendar says must not make another question of the same failure.
  const remark = marked.fingerprint === undefined ? undefined : softnessText(written, moment.cycle.startedAt);
  const reasons = [...judgement.reasons, ...remarksOn(ended), ...(remark === undefined ? [] : [remark])];
  return { type: 'task.judged', task: task.id, ...judgement, reasons, ...marked };
}

/** Behind the fingerprint too: how many simulations failed differs from cycle to cycle. */
function remarksOn(ended: AttemptEnded | undefined): readonly string[] {
  return ended?.sims && rungFault(ended.sims) === undefined ? rungRemarks(ended.sims) : [];
}

function heard(moment: Moment, task: TaskPlan) {
  const own = moment.cycle.tasks.get(task.judges ?? task.id);
  return { ended: own?.ended, stopping: own?.stopping, attempt: own?.attempt ?? 0, rung: own?.rung };
}

/** What earlier cycles measured, for thresholds against `best` and `last`. */
export function pastOf(moment: Moment, task: TaskPlan, metric: string): Past | undefined {
  const rung = moment.cycle.tasks.get(task.id)?.rung;
  const past = moment.progress.metrics.get(metricKey(task.id, metric, rung));
  if (!past) return undefined;
  const better = betterOf(metric, task.metrics);
  return { last: past.last, best: better === 'lower' ? past.lowest : past.highest };
}

function fingerprint(
  task: TaskPlan,
  judgement: Judgement,
  { rung, excerpt }: { readonly rung: number | undefined; readonly excerpt: string | undefined },
): { fingerprint?: string } {
  const { verdict, outcome, reasons } = judgement;
  // A limit is waited for, and no failure that anybody has to look into.
  if (verdict === 'passed' || verdict === 'skipped' || outcome === 'limited') return {};
  return { fingerprint: fingerprintOf({ task: task.id, rung, outcome, reasons, excerpt }) };
}
