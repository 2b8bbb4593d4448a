// Random loops: modes, pauses, ends and marks around a random plan's phases. Each has a bound, so that every night ends.

import type { HookPlan, Plan } from '../core/plan/plan.ts';
import type { Condition, CountMeasure, ExpressionPlan, Measure } from '../core/plan/ends-plan.ts';
import type { RestRule, TaskPlan } from '../core/plan/plan.ts';
import type { Variable } from '../core/plan/ends-plan.ts';
import type { Dice } from './random.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** However a night is drawn, its run is over after so long. */
export const LONGEST_NIGHT_MS: number = 10 * HOUR;
const MOST_CYCLES = 8;
/** Where only time bounds a night, pauses are so long that it stays readable. */
const LEAST_LONG_PAUSE_MS = 40 * MINUTE;

type Around = Pick<Plan, 'loop' | 'ends' | 'marks' | 'hooks' | 'objective' | 'champion'>;

/** The next instant of the calendar that simulated plans name. */
export function nextHalfHour(wall: number): number {
  return (Math.floor(wall / (30 * MINUTE)) + 1) * 30 * MINUTE;
}

export function randomAround(dice: Dice, tasks: readonly TaskPlan[], mode: Plan['loop']['mode']): Around {
  const isLong = dice.chance(0.15);
  const loop = { ...randomLoop(dice, isLong), mode };
  const bound = isLong ? [] : [counted('cycles', '>=', dice.whole(1, MOST_CYCLES))];
  const runtime = counted(
    'runtime',
    '>=',
    dice.chance(0.15) ? dice.whole(SECOND, 3 * HOUR) : LONGEST_NIGHT_MS,
  );
  const more = dice.chance(0.2)
    ? [counted(dice.pick(['tokens', 'cost'] as const), '>', dice.whole(10, 300))]
    : [];
  const ends = {
    target: dice.chance(0.35) ? [aboutMetric(dice, tasks, dice.whole(40, 99))] : [],
    budget: [...bound, ...more, runtime],
    giveUp: dice.chance(0.8) ? randomGiveUp(dice) : [],
    halfOpen: dice.chance(0.75)
      ? { afterMs: dice.pick([SECOND, MINUTE, 30 * MINUTE]), times: dice.whole(1, 2) }
      : undefined,
    ...(dice.chance(0.25) && { when: randomExpression(dice, tasks) }),
  };
  const marks = dice.chance(0.4) ? randomMarks(dice, tasks) : [];
  return {
    loop,
    ends,
    marks,
    ...randomBest(dice, tasks),
    ...(dice.chance(0.3) && { hooks: randomHooks(dice) }),
  };
}

/** What the search looks for, over a gate of the cycle; now and then something is kept that is not there. */
function randomBest(dice: Dice, tasks: readonly TaskPlan[]): Pick<Plan, 'objective' | 'champion'> {
  const scored = tasks.filter(
    ({ id, metrics }) => id.endsWith('-cycle') && metrics.some(({ name }) => name === 'score'),
  );
  if (scored.length === 0 || !dice.chance(0.6)) return {};
  const task = dice.pick(scored);
  const objective = {
    metric: 'score',
    task: task.id,
    name: 'score',
    key: `${task.id}.score`,
    better: dice.pick(['higher', 'higher', 'lower'] as const),
    minDelta: dice.pick([0, 0, 5]),
    count: task.stages.at(-1)?.count,
    measuredBy: dice.pick(['one', 'one', 'one', 'other']),
    ...(task.sims && {
      pairing: { base: task.sims.base, confidence: task.sims.stopEarly?.confidence ?? 0.95 },
    }),
  };
  const keep = dice.chance(0.15) ? [{ from: 'tree', path: 'gone' } as const] : [];
  const isConfirmed = task.sims !== undefined && dice.chance(0.7);
  const confirm = { every: dice.whole(1, 3), seeds: dice.pick([2, 20, 120]) };
  const robustness = { batches: 3, bands: [] };
  return { objective, champion: { keep, robustness, ...(isConfirmed && { confirm }) } };
}

const HOOKS = ['before-cycle', 'after-cycle', 'on-failure', 'on-question', 'on-champion', 'on-exit'] as const;

function randomHooks(dice: Dice): readonly HookPlan[] {
  const command = { kind: 'argv', argv: ['hook'] } as const;
  const env = { pass: undefined, set: {} };
  const all = HOOKS.map((on) => ({ on, command, env, timeoutMs: dice.pick([100, 1000, 5000]) }));
  const some = all.filter(() => dice.chance(0.6));
  return some.length === 0 ? all : some;
}

/** The same loop with other settings: what an operator changes between two lives. */
export function changedPlan(dice: Dice, plan: Plan): Plan {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const mode = dice.chance(0.7) ? plan.loop.mode : dice.pick(['once', 'iterations', 'continuous'] as const);
  const { hooks: _hooks, objective: _objective, champion: _champion, ...rest } = plan;
  return { ...rest, ...randomAround(dice, tasks, mode), id: `${plan.id}-${dice.whole(0, 1e6)}` };
}

function randomLoop(dice: Dice, isLong: boolean): Omit<Plan['loop'], 'mode'> {
  const pauses = isLong
    ? [LEAST_LONG_PAUSE_MS, HOUR, 2 * HOUR]
    : [0, 10, 5 * SECOND, 10 * MINUTE, dice.whole(1, HOUR)];
  const rules: readonly RestRule[] = ['backoff', 'sleep', 'reset', dice.pick(pauses)];
  const rest: Record<string, RestRule> = {
    passed: 'sleep',
    oom: isLong ? 'backoff' : 5000,
    limited: 'reset',
  };
  for (const word of ['failed', 'broken', 'timed-out', 'killed', 'oom', 'limited', 'passed'])
    if (dice.chance(0.1)) rest[word] = dice.pick(rules);
  const fromMs = dice.pick(isLong ? pauses : [0, 30 * SECOND, MINUTE, dice.whole(1, HOUR)]);
  return {
    sleepMs: dice.pick(pauses),
    cron: dice.chance(isLong ? 0 : 0.15) ? { expression: '*/30 * * * *', timezone: 'UTC' } : undefined,
    rest,
    backoff: {
      fromMs,
      factor: dice.pick([1, 1.5, 2, 3]),
      maxMs: dice.pick([fromMs, 4 * fromMs, Math.max(fromMs, HOUR)]),
      jitter: dice.chance(0.5),
    },
    stopFile: '/state/stop',
    overlap: 'skip',
  };
}

function randomGiveUp(dice: Dice): readonly Condition[] {
  const conditions = [
    counted('failures-in-a-row', '>=', dice.whole(1, 4)),
    counted('failures-in-a-row', '>=', dice.whole(1, 2)),
    counted('broken-in-a-row', '>=', dice.whole(1, 3)),
    counted('oom-in-a-row', '>=', 2),
    counted('same-error', '>=', 2),
    counted('no-progress', '>=', dice.whole(1, 2)),
    counted('no-progress', '>=', 3),
    counted('same-error', '>=', dice.whole(2, 3)),
    { ...counted('failure-rate', '>', 0.5), over: dice.whole(2, 4) },
    { ...counted('cycles-per-hour', '<', dice.whole(1, 20)), over: 3 },
  ];
  return [...new Set([dice.pick(conditions), dice.pick(conditions)])];
}

/** Over what only cycles change, so that it is due at their ends alone. */
function randomExpression(dice: Dice, tasks: readonly TaskPlan[]): ExpressionPlan {
  const { name: of, measure } = aboutMetric(dice, tasks, 0, 'value');
  const score: Variable = { name: 'score', of, measure, over: undefined, type: 'double' };
  const rate: Variable = {
    name: 'failure_rate_over_2',
    of: 'failure-rate',
    measure: { kind: 'failure-rate' },
    over: 2,
    type: 'double',
  };
  const texts: readonly (readonly [text: string, reads: readonly Variable[]])[] = [
    [`cycles >= ${dice.whole(2, 4)} && score < ${dice.whole(20, 80)}.0`, [count('cycles'), score]],
    [`!(score < ${dice.whole(40, 90)}.0) || failures_in_a_row > 2`, [score, count('failures-in-a-row')]],
    [`failure_rate_over_2 > 0.4 ? cycles > 2 : score > 70.0`, [rate, count('cycles'), score]],
    [`cycles % 3 == 0 && cycles / broken_in_a_row <= 3`, [count('cycles'), count('broken-in-a-row')]],
  ];
  const [text, reads] = dice.pick(texts);
  return { text, reads };
}

function count(of: 'cycles' | 'failures-in-a-row' | 'broken-in-a-row'): Variable {
  return { name: of.replaceAll('-', '_'), of, measure: { kind: of }, over: undefined, type: 'int' };
}

function randomMarks(dice: Dice, tasks: readonly TaskPlan[]): Plan['marks'] {
  const all = (): Condition[] => [counted('cycles', '>=', dice.whole(1, 4))];
  const over = dice.whole(2, 4);
  const flat = { ...aboutMetric(dice, tasks, dice.whole(5, 40), 'sd'), operator: '<' as const, over };
  const many = {
    ...about({ kind: 'distinct', label: 'idea' }, '>=', dice.whole(2, 4)),
    name: 'idea.distinct',
  };
  return [
    { id: 'far', level: 'info', all: all(), any: [] },
    { id: 'flat', level: 'warning', all: [], any: [flat, many] },
    { id: 'late', level: 'critical', all: [counted('runtime', '>', dice.whole(MINUTE, HOUR))], any: [] },
    { id: 'good', level: 'info', all: [aboutMetric(dice, tasks, dice.whole(50, 95), 'mean')], any: [many] },
  ];
}

function aboutMetric(
  dice: Dice,
  tasks: readonly TaskPlan[],
  value: number,
  statistic: 'value' | 'sd' | 'mean' = dice.chance(0.8) ? 'value' : 'mean',
): Condition {
  const scored = tasks.filter((task) => task.metrics.some(({ name }) => name === 'score'));
  const task = scored.length > 0 ? dice.pick(scored) : undefined;
  const isRung = task !== undefined && task.stages.length > 0 && dice.chance(0.3);
  const key = `${task?.id ?? 'nobody'}.${isRung ? '10.' : ''}score`;
  const over = statistic === 'value' ? undefined : dice.whole(2, 3);
  return { ...about({ kind: 'metric', key, statistic, better: 'higher' }, '>', value), over, name: key };
}

export function counted(kind: CountMeasure, operator: Condition['operator'], value: number): Condition {
  return { ...about({ kind }, operator, value), name: kind };
}

function about(measure: Measure, operator: Condition['operator'], value: number): Condition {
  return { name: '', measure, operator, value, over: undefined, text: `${operator} ${value}` };
}
