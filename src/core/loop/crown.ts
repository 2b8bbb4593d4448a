// Whether the cycle that has just ended is the best so far. Decided between turns, before anything leans on it; a candidate that
// does not win has failed at nothing.

import { numberText } from '../judge/number.ts';
import { isWhole, type SimsEvidence } from '../judge/sims.ts';
import type { PairedStatistics } from '../judge/statistics.ts';
import type { ObjectivePlan } from '../plan/champion-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { ChampionChosen, ChampionFacts, ChampionSetAside } from './champion-event.ts';
import { keptOf } from './champion-kept.ts';
import type { CycleEnded, TaskSummary } from './event.ts';
import type { Progress } from './progress.ts';
import { valuesMeasured } from './values.ts';

export interface Weighed {
  /** Undefined: its objective was not measured, or not on the whole top rung. */
  readonly value: number | undefined;
  readonly wins: boolean;
  /** One sentence for people. */
  readonly why: string;
}

/** Undefined: nothing is crowned, and nothing is in the way of that. */
export function nextCrown(
  plan: Plan,
  { champion, challenger, last }: Progress,
): ChampionChosen | ChampionSetAside | undefined {
  const { objective } = plan;
  if (!objective) return undefined;
  const stale = champion && whyNotComparable(objective, champion);
  if (champion && stale !== undefined)
    return { type: 'champion.set-aside', cycle: champion.cycle, why: stale };
  if (!last || challenger?.cycle !== last.cycle || challenger.plan !== plan.id) return undefined;
  const { value, wins, why } = weighed(objective, last, champion);
  if (value === undefined || !wins) return undefined;
  const sims = simsOf(objective, taskOf(objective, last));
  const sound = last.tasks.filter(isSound);
  return {
    type: 'champion.chosen',
    cycle: last.cycle,
    metric: objective.metric,
    key: objective.key,
    better: objective.better,
    value,
    ...(objective.count !== undefined && { count: objective.count }),
    ...(sims && { sims }),
    measuredBy: objective.measuredBy,
    ...(last.receipts?.tree !== undefined && { tree: last.receipts.tree }),
    plan: plan.id,
    ...keptOf(plan, sound),
    labels: Object.assign({}, ...sound.map(({ labels }) => labels)),
    ...(champion && { before: { cycle: champion.cycle, value: champion.value } }),
    why,
  };
}

/** Of a cycle that passed: how it stands against the champion. Values of other counts were set aside before. */
export function weighed(
  objective: ObjectivePlan,
  last: Pick<CycleEnded, 'tasks'>,
  champion: ChampionFacts | undefined,
): Weighed {
  const { metric, minDelta } = objective;
  const task = taskOf(objective, last);
  const sims = simsOf(objective, task);
  if (champion && sims?.early?.of === 'champion' && !isWhole(sims))
    return { value: undefined, wins: false, why: earlyText(objective, sims, champion) };
  const value = task && isSound(task) ? new Map(valuesMeasured(task)).get(objective.key) : undefined;
  if (value === undefined || (objective.pairing && !sims))
    return { value: undefined, wins: false, why: `\`${metric}\` was not measured to the end` };
  const shown = `${metric} ${numberText(value)}`;
  if (!champion) return { value, wins: true, why: `${shown}: the first that could be crowned` };
  if (objective.pairing) return { value, ...inPairs(shown, sims?.paired, champion) };
  const ahead = leadOf(objective, value, champion.value);
  const by = minDelta === 0 ? '' : ` by at least ${numberText(minDelta)}`;
  const wins = ahead > 0 && ahead >= minDelta;
  return { value, wins, why: `${shown}: ${wins ? '' : 'not '}better than ${thanText(champion)}${by}` };
}

/** Means are never compared alone: without pairs there is no winner. */
function inPairs(
  shown: string,
  paired: PairedStatistics | undefined,
  champion: ChampionFacts,
): Omit<Weighed, 'value'> {
  const than = thanText(champion);
  if (paired?.mean === undefined)
    return { wins: false, why: `${shown}: not compared seed by seed with ${than}` };
  const { n, lost, mean, lower, minDelta, confidence, wins } = paired;
  const least =
    lower === undefined
      ? 'which so few, or ones so alike, may be by chance'
      : `at least ${numberText(lower)} with ${PERCENT * confidence} % confidence`;
  const asked = minDelta === 0 ? 'more than 0' : `more than ${numberText(minDelta)}`;
  const gain = `on ${n} seeds${lostText(lost)} the gain is ${numberText(mean)}, ${least}, where ${asked} is asked for`;
  return { wins, why: `${shown}: ${wins ? '' : 'not '}better than ${than}: ${gain}` };
}

function lostText(lost: number | undefined): string {
  if (lost === undefined) return '';
  return ` (${lost} of them failed, and ${lost === 1 ? 'counts' : 'count'} as the lowest gain)`;
}

const PERCENT = 100;

function earlyText({ metric }: ObjectivePlan, { early }: SimsEvidence, champion: ChampionFacts): string {
  return `\`${metric}\` is not better than ${thanText(champion)}: decided after ${early?.at} seeds`;
}

/** What is in the way of comparing; undefined: nothing. */
export function whyNotComparable(objective: ObjectivePlan, champion: ChampionFacts): string | undefined {
  const was = `the champion of cycle ${champion.cycle}`;
  if (champion.key !== objective.key)
    return `${was} was one of \`${champion.key}\`, and the objective is \`${objective.key}\` now`;
  if (champion.better !== objective.better)
    return `${was} was the ${champion.better === 'higher' ? 'highest' : 'lowest'}, and ${objective.better} is better now`;
  if (champion.count !== objective.count)
    return `${was} was measured ${countText(champion.count)}, and the top rung is ${countText(objective.count)} now`;
  if (champion.sims?.base !== objective.pairing?.base)
    return `${was} was measured ${seedsText(champion.sims?.base)}, and the objective is ${seedsText(objective.pairing?.base)} now`;
  if (champion.measuredBy !== objective.measuredBy)
    return `${was} was measured by something else than what \`${objective.task}\` is now`;
  return undefined;
}

/** Positive: better. Rid of binary dust, so that 0.1 + 0.2 is ahead of 0.1 by 0.2. */
export function leadOf({ better }: Pick<ObjectivePlan, 'better'>, value: number, before: number): number {
  const ahead = better === 'higher' ? value - before : before - value;
  return Number(ahead.toPrecision(LEAD_DIGITS));
}

const LEAD_DIGITS = 12;

function thanText({ cycle, value }: ChampionFacts): string {
  return `the champion of cycle ${cycle} with ${numberText(value)}`;
}

function countText(count: number | undefined): string {
  return count === undefined ? 'without a count' : `at count ${count}`;
}

function seedsText(base: number | undefined): string {
  return base === undefined ? 'by simulations of its own command' : `on seeds from ${base} on`;
}

function taskOf({ task }: ObjectivePlan, { tasks }: Pick<CycleEnded, 'tasks'>): TaskSummary | undefined {
  return tasks.find(({ id }) => id === task);
}

/** Of the top rung. */
function simsOf({ pairing, count }: ObjectivePlan, task: TaskSummary | undefined): SimsEvidence | undefined {
  return pairing && count !== undefined ? task?.sims?.[count] : undefined;
}

/** A softened failure measures nothing that others are held to. */
function isSound({ verdict }: TaskSummary): boolean {
  return verdict === 'passed';
}
