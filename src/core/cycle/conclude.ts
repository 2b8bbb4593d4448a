// From an attempt's end to a verdict: the last step of every task, and of a gate that judges another one's evidence.

import { formatDuration } from '../config/quantity.ts';
import { noiseOf, standingOf } from '../baseline/compare.ts';
import type { Judgement } from '../judge/evidence.ts';
import { judgeTask, judgeUnstarted, type Past } from '../judge/judge.ts';
import { missedText } from '../judge/missed.ts';
import { outcomeOf, signalOf } from '../judge/outcome.ts';
import { durationText } from '../judge/words.ts';
import { rungFault, rungRemarks } from '../judge/rung-words.ts';
import { betterOf } from '../judge/sim-metrics.ts';
import type { TaskPlan } from '../plan/plan.ts';
import { asOf, softnessText } from '../plan/softness.ts';
import { fingerprintOf } from '../questions/fingerprint.ts';
import { valueToMeet } from '../loop/champion-values.ts';
import { metricKey } from '../loop/names.ts';
import type { AttemptEnded, TaskJudged } from './event.ts';
import { judgeWrites } from '../writes/cap.ts';
import { evidenceIn } from './evidence.ts';
import { unlocked, type Unlocked } from './locks.ts';
import type { Moment } from './moment.ts';

export function conclude(moment: Moment, written: TaskPlan, prunedAt?: number): TaskJudged {
  const task = asOf(written, moment.cycle.startedAt);
  const { ended, stopping, attempt, rung, cached, undone } = heard(moment, task);
  const outcome = ended && outcomeOf(ended, stopping?.cause, task.exits);
  const exitCode = ended && 'code' in ended.end && task.judges === undefined ? ended.end.code : undefined;
  // Another one's writes are not those of a gate that judges it.
  const writes = task.judges === undefined ? judgeWrites(task.writes, ended, undone) : undefined;
  const unlocked = whyUnlocked(moment, task);
  const judged = unlocked === undefined ? undefined : judgeUnstarted(task, unlocked.reason);
  const judgement =
    judged ??
    judgeTask({
      task,
      outcome,
      ended,
      stopCause: stopping?.cause,
      evidence: evidenceIn(ended, task.id),
      writes,
      attempt,
      past: (metric) => pastOf(moment, task, metric),
      stage: task.stages.find((stage) => stage.count === rung),
      prunedAt,
    });
  const marked = fingerprint(task, judgement, { rung, excerpt: ended?.excerpt, capped: writes?.reasons });
  const remarks = [
    ...remarksOn(ended),
    ...spentBy(ended, task, judgement),
    ...missedBy(ended, judgement),
    ...(unlocked?.remarks ?? []),
  ];
  const reasons = [...judgement.reasons, ...remarks];
  return {
    type: 'task.judged',
    task: task.id,
    ...inTime({ ...judgement, reasons }, moment, {
      written,
      task,
      rung,
      exitCode,
      capped: writes?.reasons,
      ...marked,
    }),
    ...marked,
    // What judges another one's answer is cached too, and saved nothing itself.
    ...(cached && { cached: task.judges === undefined ? cached : { ...cached, savedMs: 0 } }),
  };
}

/** It waits for a lock, or cannot have it: then that is its end. */
function whyUnlocked({ cycle }: Moment, task: TaskPlan): Unlocked | undefined {
  const own = cycle.tasks.get(task.id);
  return own?.state === 'locking' || own?.locking?.state === 'refused' ? unlocked(task, own) : undefined;
}

interface Concluded {
  readonly written: TaskPlan;
  /** As it is judged in this turn. */
  readonly task: TaskPlan;
  readonly rung: number | undefined;
  readonly exitCode: number | undefined;
  /** What its caps on writing say. */
  readonly capped: readonly string[] | undefined;
  readonly fingerprint?: string;
}

/** Behind the fingerprint: what the calendar and the baseline say must not make another question of the same failure. */
function inTime(
  judgement: Judgement,
  moment: Moment,
  { written, task, rung, exitCode, capped = [], fingerprint }: Concluded,
): Judgement {
  if (fingerprint === undefined) return judgement;
  const { index, progress, cycle } = moment;
  const readings = evidenceIn(heard(moment, task).ended, task.id).metrics;
  const standing = standingOf({
    readings,
    index,
    progress,
    task,
    judgement,
    fingerprint,
    exitCode,
    rung,
  });
  const isKnown = standing !== undefined && 'known' in standing;
  // What was red before the loop began is no leave to write more than it may.
  const isExcused =
    isKnown && judgement.verdict === 'failed' && task.softness?.failOn === 'new' && capped.length === 0;
  const said = [
    standing && ('known' in standing ? standing.known : standing.fresh),
    softnessText(written, cycle.startedAt),
  ].filter((text) => text !== undefined);
  if (said.length === 0) return judgement;
  return {
    ...judgement,
    ...(isExcused && { verdict: 'soft-failed' }),
    ...(isKnown && { inBaseline: true }),
    reasons: [...judgement.reasons, ...said],
  };
}

/** Behind the fingerprint too: how many simulations failed differs from cycle to cycle. */
function remarksOn(ended: AttemptEnded | undefined): readonly string[] {
  return ended?.sims && rungFault(ended.sims) === undefined ? rungRemarks(ended.sims) : [];
}

/** Whoever ignores the signal of its limit gets a KILL two seconds later, which no counter tells from that of anybody else. */
function spentBy(
  ended: AttemptEnded | undefined,
  { resources }: Pick<TaskPlan, 'resources'>,
  { outcome }: Judgement,
): readonly string[] {
  const cpuMs = ended?.cpuMs ?? 0;
  const cpuTimeMs = resources?.cpuTimeMs ?? Infinity;
  if (!ended || outcome !== 'killed' || signalOf(ended) !== 'SIGKILL' || cpuMs < cpuTimeMs) return [];
  const limit = formatDuration(cpuTimeMs);
  return [`it had used ${durationText(cpuMs)} of CPU time, and \`cpu-time: ${limit}\` may be what ended it`];
}

/** Of an environment, not of the failure: behind the fingerprint as well. */
function missedBy(ended: AttemptEnded | undefined, { verdict }: Judgement): readonly string[] {
  if (!ended || verdict === 'passed') return [];
  const { withheld, refused } = ended;
  const kept = refused && `\`network\` kept it from ${refused.join(', ')}`;
  return [...(withheld ? [missedText(withheld)] : []), ...(kept === undefined ? [] : [kept])];
}

function heard(moment: Moment, task: TaskPlan) {
  const own = moment.cycle.tasks.get(task.judges ?? task.id);
  return {
    ended: own?.ended,
    stopping: own?.stopping,
    attempt: own?.attempt ?? 0,
    rung: own?.rung,
    cached: own?.cached,
    undone: own?.undone,
  };
}

/** What earlier cycles, the baseline and the champion measured, for thresholds against `best`, `last`, `baseline` and `champion`. */
export function pastOf(moment: Moment, task: TaskPlan, metric: string): Past | undefined {
  const { index, progress, cycle } = moment;
  const rung = cycle.tasks.get(task.id)?.rung;
  const key = metricKey(task.id, metric, rung);
  const past = progress.metrics.get(key);
  const champion = valueToMeet(progress.champion, key);
  const name = rung === undefined ? metric : `${rung}.${metric}`;
  const noise =
    progress.baselines.size > 0
      ? noiseOf(index, progress, index.tasks.get(task.id) ?? task, name)
      : undefined;
  if (!past && !noise && champion === undefined) return undefined;
  const better = betterOf(metric, task.metrics);
  return {
    ...(past && { last: past.last, best: better === 'lower' ? past.lowest : past.highest }),
    ...(noise && { baseline: noise.mean, noise }),
    ...(champion !== undefined && { champion }),
  };
}

function fingerprint(
  task: TaskPlan,
  judgement: Judgement,
  {
    rung,
    excerpt,
    capped = [],
  }: Pick<Concluded, 'rung' | 'capped'> & { readonly excerpt: string | undefined },
): { fingerprint?: string } {
  const { verdict, outcome } = judgement;
  // A limit is waited for, and no failure that anybody has to look into.
  if (verdict === 'passed' || verdict === 'skipped' || outcome === 'limited') return {};
  // Which files it wrote differs from cycle to cycle.
  const reasons = judgement.reasons.map((one) => (capped.includes(one) ? one.replace(/: .*$/s, '') : one));
  return { fingerprint: fingerprintOf({ task: task.id, rung, outcome, reasons, excerpt }) };
}
