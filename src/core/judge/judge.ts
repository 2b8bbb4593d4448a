// Evidence → verdict, for one task. What cannot be measured is broken, and broken never passes.

import type { AttemptEnded } from '../cycle/event.ts';
import type { CapJudgement } from '../writes/cap.ts';
import type { ExitRule, StagePlan, TaskPlan, ThresholdPlan } from '../plan/plan.ts';
import type { Check, Evidence, Judgement, Outcome, Reading, StopCause, Verdict } from './evidence.ts';
import { numberText } from './number.ts';
import { ruleFor } from './outcome.ts';
import { RETRY_AT } from './retry-at.ts';
import { rungFault } from './rung-words.ts';
import { simsReading } from './sim-metrics.ts';
import type { SimsEvidence } from './sims.ts';
import { checksOf, notHeld, type NotHeld, type PastOf } from './threshold.ts';
import { checkText, endText, exitText } from './words.ts';

export { mayRetry, retryDelayMs } from './retry.ts';
export type { Past, PastOf } from './threshold.ts';

export interface JudgeInput {
  readonly task: TaskPlan;
  /** Of the last attempt; of the judged task's where the task `judges` another one. */
  readonly outcome: Outcome | undefined;
  readonly ended: AttemptEnded | undefined;
  readonly stopCause?: StopCause | undefined;
  readonly evidence: Evidence;
  /** What its caps on writing say. */
  readonly writes?: CapJudgement | undefined;
  readonly attempt: number;
  readonly past: PastOf;
  /** The rung of a ladder that is judged. */
  readonly stage?: StagePlan | undefined;
  /** The count of the rung that did not earn `promote`: the ladder ends there without failing. */
  readonly prunedAt?: number | undefined;
}

export interface Promotion {
  readonly earned: boolean;
  readonly checks: readonly Check[];
  readonly reasons: readonly string[];
  /** Why it could not be decided at all. */
  readonly broken?: string;
}

/** What the end of the process alone says. */
interface EndJudgement {
  readonly verdict: Verdict;
  readonly reason: string | undefined;
}

export function judgeTask(input: JudgeInput): Judgement {
  const { task, evidence, stage, prunedAt, past } = input;
  const sims = input.ended?.sims;
  const end = judgeEnd(input);
  const capped = input.writes?.reasons ?? [];
  const measured = measure(task, evidence);
  const base = { outcome: input.outcome, metrics: measured.values, labels: evidence.labels };
  if (end.verdict === 'skipped' && capped.length === 0) {
    return { ...base, verdict: 'skipped', reasons: reasonsOf(end.reason), checks: [], skippedByExit: true };
  }
  const thresholds = [...task.thresholds, ...(stage?.thresholds ?? [])];
  const held = hold(thresholds, measured, { past, sims });
  const promotion =
    prunedAt === undefined || !stage ? undefined : earnsPromotion(stage, { evidence, past, sims });
  const checks = [...held.checks, ...(promotion?.checks ?? [])];
  // What a command did not print because it failed or was cut off is a consequence, never a further cause.
  const unmeasured =
    end.verdict === 'passed'
      ? unique([...measured.reasons, ...held.unmeasured, ...reasonsOf(promotion?.broken)])
      : [];
  const required = missed(checks, 'require');
  const wanted = [...missed(checks, 'want'), ...held.unwanted];
  const hard = worst(worseOf(end.verdict, input.writes?.verdict), unmeasured, required, wanted);
  const verdict = softened(task, hard);
  const wasBroken = hard === 'broken' && verdict === 'soft-failed';
  // What was only wanted and is missed ends no ladder; that it was pruned has to be known all the same.
  const isPruned = prunedAt !== undefined && (hard === 'passed' || hard === 'soft-failed');
  const misses = end.verdict === 'broken' ? [] : [...unmeasured, ...required, ...wanted];
  const pruned = isPruned ? [prunedText(prunedAt, promotion)] : [];
  const reasons = [...reasonsOf(end.reason), ...capped, ...misses, ...pruned, ...cutRemark(input.ended)];
  return {
    ...base,
    verdict,
    reasons,
    checks,
    ...(isPruned && { prunedAt }),
    ...(wasBroken && { wasBroken }),
  };
}

/** A task that could not be started at all, before any attempt. */
export function judgeUnstarted(task: TaskPlan, reason: string): Judgement {
  const verdict = softened(task, 'broken');
  const wasBroken = verdict === 'soft-failed';
  const base = { outcome: 'not-started', metrics: {}, labels: {}, reasons: [reason], checks: [] } as const;
  return { ...base, verdict, ...(wasBroken && { wasBroken }) };
}

/** What thresholds are held against. */
interface Against {
  readonly past: PastOf;
  /** What the simulations of the rung left, where gate-run ran them itself. */
  readonly sims: SimsEvidence | undefined;
}

/** Whether a rung that passed is good enough for the next one. Thresholds were judged before; this decides cost, not worth. */
export function earnsPromotion(
  stage: StagePlan,
  { evidence, past, sims }: Against & { readonly evidence: Evidence },
): Promotion {
  const checks: Check[] = [];
  for (const threshold of stage.promote) {
    const { metric } = threshold;
    const [unfair] = notHeld(threshold, { past: past(metric), sims });
    if (unfair) return { earned: false, checks, reasons: [unfair.why] };
    const reading = sims ? simsReading(sims, metric) : evidence.metrics[metric];
    if (reading === undefined || 'unread' in reading) {
      const broken = reading?.detail ?? `metric \`${metric}\` was not read`;
      return { earned: false, checks, reasons: [broken], broken };
    }
    checks.push(...checksOf(threshold, reading.value, { past: past(metric), sims, level: 'promote' }));
  }
  const reasons = missed(checks, 'promote');
  return { earned: reasons.length === 0, checks, reasons };
}

export function isGreen(verdict: Verdict): boolean {
  return verdict === 'passed';
}

/** `excused`: a skip that the config itself decided. */
export function satisfiesNeed(verdict: Verdict, excused: boolean): boolean {
  return verdict === 'passed' || verdict === 'soft-failed' || (verdict === 'skipped' && excused);
}

function judgeEnd({ task, outcome, ended, stopCause }: JudgeInput): EndJudgement {
  if (outcome === undefined || ended === undefined)
    return { verdict: 'broken', reason: 'there is nothing to judge: no attempt was made' };
  if (outcome !== 'exited')
    return { verdict: 'broken', reason: endText({ task, outcome, ended, stopCause }) };
  if (ended.log === 'emptied') {
    return {
      verdict: 'broken',
      reason: 'it emptied its own log (`> /dev/stderr` or `/dev/stdout` truncates it) — write `>&2`',
    };
  }
  const fault = ended.sims && rungFault(ended.sims);
  if (fault !== undefined) return { verdict: 'broken', reason: fault };
  const code = 'code' in ended.end ? ended.end.code : undefined;
  const rule = code === undefined ? undefined : ruleFor(code, task.exits);
  if (rule) return byRule(rule, ended);
  // The owner of the attempt is judged by its exit code; who judges its evidence again is not.
  if (code === 0 || task.judges !== undefined) return { verdict: 'passed', reason: undefined };
  return { verdict: task.kind === 'step' ? 'broken' : 'failed', reason: exitText(ended) };
}

function byRule(rule: ExitRule, ended: AttemptEnded): EndJudgement {
  const reason = `${exitText(ended)}, which \`exits\` calls ${rule.means}`;
  if (rule.means === 'passed') return { verdict: 'passed', reason: undefined };
  return { verdict: rule.means === 'limited' ? 'broken' : rule.means, reason };
}

function cutRemark(ended: AttemptEnded | undefined): readonly string[] {
  return ended?.log === 'cut' ? ['its log was cut at `log-limit`: head and tail are kept'] : [];
}

interface Measured {
  readonly values: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
}

/** A number outside its bounds is no measurement: it must not become anybody's best. */
function measure(task: TaskPlan, evidence: Evidence): Measured {
  const values: Record<string, number> = {};
  const reasons: string[] = [];
  for (const { name, bounds } of task.metrics) {
    const reading = evidence.metrics[name];
    if (name === RETRY_AT && (reading === undefined || 'unread' in reading)) continue;
    if (reading === undefined) reasons.push(`metric \`${name}\` was not read`);
    else if ('unread' in reading) reasons.push(reading.detail);
    else if (!Number.isFinite(reading.value))
      reasons.push(`metric \`${name}\` is ${reading.value}, not a finite number`);
    else if (bounds && (reading.value < bounds[0] || reading.value > bounds[1])) {
      reasons.push(
        `metric \`${name}\` is ${numberText(reading.value)}, outside its bounds ${bounds[0]} to ${bounds[1]}`,
      );
    } else values[name] = reading.value;
  }
  return { values, reasons };
}

function hold(thresholds: readonly ThresholdPlan[], measured: Measured, { past, sims }: Against): Held {
  const checks: Check[] = [];
  const unmeasured: string[] = [];
  const unfair: NotHeld[] = [];
  for (const threshold of thresholds) {
    const { metric } = threshold;
    unfair.push(...notHeld(threshold, { past: past(metric), sims }));
    const reading = sims ? simsReading(sims, metric) : readingIn(measured, metric);
    if (reading !== undefined && 'value' in reading)
      checks.push(...checksOf(threshold, reading.value, { past: past(metric), sims }));
    else if (measured.reasons.length === 0)
      unmeasured.push(reading?.detail ?? `metric \`${metric}\` was not read`);
  }
  const whys = (level: NotHeld['level']) => unfair.filter((one) => one.level === level).map(({ why }) => why);
  // Beside a threshold that is missed, it does not matter any more.
  if (missed(checks, 'require').length > 0) return { checks, unmeasured, unwanted: [] };
  return { checks, unmeasured: [...unmeasured, ...whys('require')], unwanted: whys('want') };
}

interface Held {
  readonly checks: readonly Check[];
  /** What is required and cannot be judged. */
  readonly unmeasured: readonly string[];
  /** What is wanted and cannot be judged: nobody may take it for held. */
  readonly unwanted: readonly string[];
}

function readingIn({ values }: Measured, metric: string): Reading | undefined {
  const value = Object.hasOwn(values, metric) ? values[metric] : undefined;
  return value === undefined ? undefined : { value };
}

function missed(checks: readonly Check[], level: Check['level']): readonly string[] {
  return checks.filter((check) => check.level === level && !check.held).map(checkText);
}

function worst(
  end: Verdict,
  unmeasured: readonly string[],
  required: readonly string[],
  wanted: readonly string[],
): Verdict {
  if (end === 'broken' || unmeasured.length > 0) return 'broken';
  if (end === 'failed' || required.length > 0) return 'failed';
  return wanted.length > 0 ? 'soft-failed' : 'passed';
}

/** A task that wrote more than it may has failed, whatever its own end says. */
function worseOf(end: Verdict, writes: CapJudgement['verdict'] = 'passed'): Verdict {
  if (end === 'broken' || writes === 'broken') return 'broken';
  return writes === 'failed' ? writes : end;
}

function softened(task: TaskPlan, verdict: Verdict): Verdict {
  if (task.mode !== 'soft') return verdict;
  if (verdict === 'failed') return 'soft-failed';
  return verdict === 'broken' && task.onBroken === 'soft' ? 'soft-failed' : verdict;
}

function prunedText(prunedAt: number, promotion: Promotion | undefined): string {
  const why = promotion?.reasons ?? [];
  return `pruned at ${prunedAt}${why.length > 0 ? `: ${why.join(', ')}` : ''}`;
}

function reasonsOf(reason: string | undefined): readonly string[] {
  return reason === undefined ? [] : [reason];
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
