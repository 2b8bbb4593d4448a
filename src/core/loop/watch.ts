// What the fold has to keep so that the conditions of a plan can be answered, and the limits that people are told at the start.

import { formatDuration } from '../config/quantity.ts';
import type { Plan } from '../plan/plan.ts';
import type { Condition } from '../plan/ends-plan.ts';
import { ruleText } from './ending.ts';
import type { Conditions, Watch } from './event.ts';
import { USUAL_SPAN } from './measure.ts';

export function watchOf({ loop, ends, marks, hooks }: Plan): Watch {
  const conditions: readonly Condition[] = [
    ...ends.target,
    ...ends.budget,
    ...ends.giveUp,
    ...marks.flatMap(({ all, any }) => [...all, ...any]),
  ];
  const metrics: Record<string, number> = {};
  const labels = new Set<string>();
  let cycles = USUAL_SPAN;
  for (const { measure, over = USUAL_SPAN } of [...conditions, ...(ends.when?.reads ?? [])]) {
    if (measure.kind === 'metric')
      metrics[measure.key] = Math.max(metrics[measure.key] ?? 0, over, USUAL_SPAN);
    else if (measure.kind === 'distinct') labels.add(measure.label);
    else cycles = Math.max(cycles, over);
  }
  // One more: a rate over so many cycles begins where the cycle before them ended.
  const given: Conditions = loop.mode === 'once' ? { marks } : { ends, marks };
  const isLean = loop.mode === 'once' && marks.length === 0;
  return {
    cycles: cycles + 1,
    metrics,
    labels: [...labels],
    ...(hooks && { hooks: hooks.map(({ on }) => on) }),
    ...(!isLean && { conditions: given }),
  };
}

/** By name, in the order in which people want to read them. */
export function limitsOf(plan: Plan): Readonly<Record<string, string>> {
  const { loop, ends } = plan;
  const isLoop = loop.mode !== 'once';
  return {
    ...(!isLoop && { cycles: '1' }),
    ...(ends.target.length > 0 && isLoop && { target: ends.target.map(ruleText).join(' and ') }),
    ...(ends.budget.length > 0 && isLoop && { budget: anyOf(ends.budget) }),
    ...(ends.when && isLoop && { when: ends.when.text }),
    ...(ends.giveUp.length > 0 && isLoop && { 'give up': anyOf(ends.giveUp) }),
    ...(isLoop && pauseOf(loop)),
    cycle: formatDuration(plan.cycleTimeoutMs),
    'stop within': formatDuration(plan.stopWithinMs),
    jobs: String(plan.jobs),
  };
}

/** The pause after a passing cycle. */
function pauseOf({ rest: { passed }, cron, sleepMs }: Plan['loop']): Readonly<Record<string, string>> {
  if (typeof passed === 'number') return { sleep: formatDuration(passed) };
  return cron ? { calendar: `${cron.expression} (${cron.timezone})` } : { sleep: formatDuration(sleepMs) };
}

function anyOf(conditions: readonly Condition[]): string {
  return conditions.map(ruleText).join(' or ');
}
