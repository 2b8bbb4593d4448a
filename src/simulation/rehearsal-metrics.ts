// Numbers that a metric might read: near the limits it is held to, slowly better from cycle to cycle. It judges nothing.

import { metricKey } from '../core/loop/names.ts';
import type { Comparison, MetricPlan, Plan, TaskPlan, ThresholdPlan } from '../core/plan/plan.ts';
import type { Condition } from '../core/plan/ends-plan.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Dice } from './random.ts';

/** A number that a value is compared with, and how. */
interface Limit {
  readonly operator: Comparison['operator'];
  readonly value: number;
}

interface Place {
  readonly plan: Plan;
  readonly task: TaskPlan;
  readonly rung: number | undefined;
  readonly metric: MetricPlan;
  /** Of this night. */
  readonly dice: Dice;
}

/** Of the span between the first value and the last one, how much a value is off its course. */
const NOISE = 0.06;
/** Cycles after which two thirds of the way are done. */
const PACE = { fastest: 3, slowest: 25 };
/** Of the way to the goal, how far beyond it a night tends: five nights in six would reach it, given the time. */
const OVERSHOOT = { least: 0.2, most: 1.2 };
const DECIMALS = 2;
/** Cycles for which a value that has to shrink each time does not reach zero. */
const MOST_STEPS = 2000;
const TOKENS = { least: 2000, most: 60_000 };
const CENTS = { least: 2, most: 80 };

export class MetricCourse {
  readonly #required: readonly Limit[];
  readonly #from: number;
  readonly #to: number;
  readonly #cycles: number;
  readonly #noise: number;
  /** By how much each cycle has to be better than all before it, with its sign; 0: it need not. */
  readonly #step: number;
  readonly #isWhole: boolean;
  readonly #bounds: readonly [number, number];
  readonly #meaning: 'tokens' | 'cost' | 'retry-at' | undefined;

  constructor({ plan, task, rung, metric, dice }: Place) {
    const thresholds = thresholdsOf(task, rung).filter((one) => one.metric === metric.name);
    const comparisons = thresholds.flatMap(({ require, want }) => [require, want].filter(isThere));
    const fixed = comparisons.filter(({ reference }) => reference === 'value');
    const wanted = [...fixed.map(limitOf), ...conditionsOn(plan, task, rung, metric.name)];
    this.#required = thresholds.flatMap(({ require }) =>
      require?.reference === 'value' ? [limitOf(require)] : [],
    );
    const isHigher =
      metric.better === undefined
        ? (wanted[0]?.operator.startsWith('>') ?? true)
        : metric.better === 'higher';
    const values = wanted.filter(({ operator }) => operator !== '!=').map(({ value }) => value);
    const goal = isHigher ? Math.max(...values) : Math.min(...values);
    const [from, to] = values.length === 0 ? [50, 100] : courseTo(goal, isHigher, this.#required, dice);
    this.#from = from;
    this.#to = to;
    this.#cycles = dice.whole(PACE.fastest, PACE.slowest);
    this.#isWhole = ['count', 'junit', 'sarif'].includes(metric.source.reader);
    const relative = comparisons.filter(({ reference }) => reference !== 'value');
    this.#step = Math.max(0, ...relative.map((one) => stepOf(one, this.#beyondLimit))) * (isHigher ? 1 : -1);
    this.#noise = Math.min(
      NOISE * Math.abs(to - from),
      ...relative.map(({ offset }) => Math.abs(offset) / 2),
    );
    const least = values.length > 0 && Math.min(...values) < 0 ? -Infinity : 0;
    this.#bounds = metric.bounds ?? [least, Infinity];
    this.#meaning = wanted.length === 0 ? meaningOf(metric.name) : undefined;
  }

  /** Whether any value misses a threshold that the gate is held to. */
  get canMiss(): boolean {
    return this.#required.length > 0 || this.#step !== 0;
  }

  value(cycle: number, dice: Dice, isMissed: boolean): number {
    if (this.#meaning === 'tokens') return dice.whole(TOKENS.least, TOKENS.most);
    if (this.#meaning === 'cost') return dice.whole(CENTS.least, CENTS.most) / 100;
    if (this.#meaning === 'retry-at') return 0;
    if (this.#step !== 0) return this.#growing(isMissed ? 0 : cycle);
    const way = 1 - Math.exp(-cycle / this.#cycles);
    const course = this.#from + (this.#to - this.#from) * way + this.#noise * (2 * dice.next() - 1);
    const value = isMissed
      ? this.#beyond(dice)
      : this.#required.reduce((at, one) => this.#held(at, one), course);
    const [least, most] = this.#bounds;
    return Math.min(most, Math.max(least, this.#rounded(value)));
  }

  /** Better in every cycle, without an end; what shrinks begins high enough for that. */
  #growing(cycle: number): number {
    const from = this.#step > 0 ? this.#from : this.#from - MOST_STEPS * this.#step;
    return this.#rounded(from + cycle * this.#step);
  }

  /** The least by which a value is more than another one. */
  get #beyondLimit(): number {
    return this.#isWhole ? 1 : 10 ** -DECIMALS;
  }

  #held(value: number, { operator, value: limit }: Limit): number {
    const beyond = this.#beyondLimit;
    switch (operator) {
      case '>=':
        return Math.max(value, limit);
      case '>':
        return Math.max(value, limit + beyond);
      case '<=':
        return Math.min(value, limit);
      case '<':
        return Math.min(value, limit - beyond);
      case '==':
        return limit;
      case '!=':
        return value === limit ? limit + beyond : value;
      default:
        return unreachable(operator);
    }
  }

  /** On the wrong side of the first limit, by little. */
  #beyond(dice: Dice): number {
    const [first] = this.#required;
    if (!first) return this.#from;
    if (first.operator === '!=') return first.value;
    const step = Math.max(1, Math.abs(first.value) * 0.2) * (0.1 + 0.9 * dice.next());
    return first.operator.startsWith('>') ? first.value - step : first.value + step;
  }

  #rounded(value: number): number {
    return this.#isWhole ? Math.round(value) : Number(value.toFixed(DECIMALS));
  }
}

/** What `> last` or `>= best + 2` asks of each cycle anew. */
function stepOf({ operator, offset }: Comparison, beyond: number): number {
  const ahead = operator.startsWith('<') ? -offset : offset;
  return operator === '>' || operator === '<' ? Math.max(0, ahead + beyond) : Math.max(0, ahead);
}

/** From what must hold at once to about the goal: on some nights it is reached, on some it is not. */
function courseTo(
  goal: number,
  isHigher: boolean,
  required: readonly Limit[],
  dice: Dice,
): readonly [number, number] {
  const held = required.map(({ value }) => value);
  const usual = Math.max(1, Math.abs(goal) * 0.3);
  const tightest = isHigher ? Math.max(...held) : Math.min(...held);
  const from = held.length > 0 && tightest !== goal ? tightest : isHigher ? goal - usual : goal + usual;
  const span = goal - from;
  return [from, goal + span * (OVERSHOOT.most * dice.next() - OVERSHOOT.least)];
}

function thresholdsOf(task: TaskPlan, rung: number | undefined): readonly ThresholdPlan[] {
  const stage = task.stages.find(({ count }) => count === rung);
  const promote = (stage?.promote ?? []).map(({ require, want, ...rest }) => ({
    ...rest,
    require: undefined,
    want: require ?? want,
  }));
  return [...task.thresholds, ...(stage?.thresholds ?? []), ...promote];
}

/** Of targets, budgets, giving up and marks; a ladder's bare metric is its top rung. */
function conditionsOn(
  { ends, marks }: Plan,
  task: TaskPlan,
  rung: number | undefined,
  metric: string,
): readonly Limit[] {
  const keys = new Set([metricKey(task.id, metric, rung)]);
  if (rung === task.stages.at(-1)?.count) keys.add(metricKey(task.id, metric));
  const isOn = ({ measure }: Condition) =>
    measure.kind === 'metric' && measure.statistic !== 'sd' && keys.has(measure.key);
  const all = [...ends.target, ...ends.budget, ...marks.flatMap((mark) => [...mark.all, ...mark.any])];
  return all.filter(isOn).map(({ operator, value }) => ({ operator, value }));
}

function limitOf({ operator, offset }: Comparison): Limit {
  return { operator, value: offset };
}

function isThere(comparison: Comparison | undefined): comparison is Comparison {
  return comparison !== undefined;
}

function meaningOf(name: string): 'tokens' | 'cost' | 'retry-at' | undefined {
  return name === 'tokens' || name === 'cost' || name === 'retry-at' ? name : undefined;
}
