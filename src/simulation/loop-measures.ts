// What a condition measures, counted again from the lines of a ledger: the core is checked with it, so it calls none of it.

import type { CycleEnded, Spent, TaskSummary } from '../core/loop/event.ts';
import type { Condition, ExpressionPlan, Measure } from '../core/plan/ends-plan.ts';
import { unreachable } from '../core/unreachable.ts';

const HOUR_MS = 3_600_000;
const SPAN = 10;

/** What one run has measured so far. */
export class Tally {
  /** Finished cycles that used up one of the budget, with the time the run had been under way. */
  readonly counted: { readonly isFailed: boolean; readonly runMs: number }[] = [];
  readonly values: Map<string, number[]> = new Map();
  readonly labels: Map<string, Set<string>> = new Map();
  failures = 0;
  broken = 0;
  oom = 0;
  limited = 0;
  sameError = 0;
  still: number | undefined;
  accepted = 0;
  /** How many cycles were counted when the last champion was crowned. */
  crownedAt = 0;
  fingerprint: string | undefined;
  readonly spent: { tokens: Spent; cost: Spent } = { tokens: NOTHING, cost: NOTHING };

  /** A cycle that was not interrupted; `runMs`: how long the run has been under way. */
  add(ended: CycleEnded, runMs: number): void {
    const { verdict } = ended;
    if (verdict === 'passed' || verdict === 'failed' || verdict === 'broken' || verdict === 'integrity')
      this.counted.push({ isFailed: verdict !== 'passed', runMs });
    this.#count(ended);
    this.#move(ended);
    if (verdict === 'integrity') return;
    for (const [key, value] of measuredIn(ended.tasks)) pushed(this.values, key).push(value);
    for (const [name, text] of ended.tasks.flatMap((task) => Object.entries(task.labels))) {
      const texts = this.labels.get(name) ?? new Set();
      this.labels.set(name, texts.add(text));
    }
  }

  crown(): void {
    this.accepted += 1;
    this.crownedAt = this.counted.length;
  }

  /** What any turn of the run has used, however it ended. */
  use({ tokens, cost }: Pick<CycleEnded, 'tokens' | 'cost'>): void {
    this.spent.tokens = sum(this.spent.tokens, tokens);
    this.spent.cost = sum(this.spent.cost, cost);
  }

  #move({ verdict, receipts }: CycleEnded): void {
    if (receipts === undefined || verdict === 'limited' || verdict === 'stopped') return;
    if (receipts.moved.length > 0) this.still = 0;
    else if (receipts.failed === undefined) this.still = (this.still ?? 0) + 1;
  }

  #count({ verdict, cause, tasks }: CycleEnded): void {
    if (verdict === 'limited') this.limited += 1;
    if (verdict !== 'passed' && verdict !== 'failed' && verdict !== 'broken') return;
    const isBroken = verdict === 'broken';
    const said = tasks.find(({ id }) => id === cause)?.fingerprint;
    const isAgain = isBroken && said !== undefined && said === this.fingerprint;
    this.failures = verdict === 'passed' ? 0 : this.failures + 1;
    this.broken = isBroken ? this.broken + 1 : 0;
    this.oom = isBroken && tasks.some(({ outcome }) => outcome === 'oom') ? this.oom + 1 : 0;
    this.sameError = !isBroken || said === undefined ? 0 : isAgain ? this.sameError + 1 : 1;
    this.fingerprint = isBroken ? said : undefined;
    this.limited = 0;
  }
}

const NOTHING: Spent = { sum: 0, told: 0, silent: 0 };

function sum(before: Spent, more: Spent = NOTHING): Spent {
  return {
    sum: before.sum + more.sum,
    told: before.told + more.told,
    silent: before.silent + more.silent,
  };
}

function pushed(values: Map<string, number[]>, key: string): number[] {
  const list = values.get(key) ?? [];
  values.set(key, list);
  return list;
}

/** Values that count, by their keys: none of a task that is broken or did not run, and of a ladder only its top rung bare. */
export function measuredIn(tasks: readonly TaskSummary[]): readonly (readonly [string, number])[] {
  return tasks.flatMap((task) => {
    if (task.verdict === 'broken' || task.verdict === 'skipped' || task.wasBroken === true) return [];
    // A rung that was decided before its end measured nothing that anybody may compare.
    const isPart = (rung: string | number) => {
      const sims = task.sims?.[rung];
      return sims !== undefined && sims.done + sims.failed !== sims.planned;
    };
    const whole = Object.entries(task.rungs ?? {}).filter(([rung]) => !isPart(rung));
    const rungs = whole.flatMap(([rung, metrics]) =>
      Object.entries(metrics).map(([name, value]) => [`${task.id}.${rung}.${name}`, value] as const),
    );
    const isLadder = task.rung !== undefined;
    const reachedTop =
      task.prunedAt === undefined &&
      (task.verdict === 'passed' || (task.verdict === 'soft-failed' && task.mode === 'strict'));
    if (isLadder && (!reachedTop || isPart(task.rung))) return rungs;
    return [
      ...rungs,
      ...Object.entries(task.metrics).map(([name, value]) => [`${task.id}.${name}`, value] as const),
    ];
  });
}

export interface Sight {
  readonly tally: Tally;
  readonly runtimeMs: number;
  /** By key: the highest and the lowest value of all tasks that passed, over the life of the directory. */
  readonly best: ReadonlyMap<string, { readonly highest: number; readonly lowest: number }>;
}

export function isHeld(condition: Condition, sight: Sight): boolean {
  const value = valueOf(condition, sight);
  return value !== undefined && isTrue(value, condition);
}

/** What an expression reads, as far as it is known. */
export function valuesRead({ reads }: ExpressionPlan, sight: Sight): ReadonlyMap<string, number> {
  const known = reads.map((variable) => [variable.name, valueOf(variable, sight)] as const);
  return new Map(known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

export function isTrue(value: number, { operator, value: limit }: Condition): boolean {
  if (operator === '==') return value === limit;
  if (operator === '!=') return value !== limit;
  if (operator === '<' || operator === '<=') return operator === '<' ? value < limit : value <= limit;
  return operator === '>' ? value > limit : value >= limit;
}

function valueOf({ measure, over }: Pick<Condition, 'measure' | 'over'>, sight: Sight): number | undefined {
  const { tally } = sight;
  switch (measure.kind) {
    case 'metric':
      return ofMetric(measure, over ?? SPAN, sight);
    case 'distinct':
      return tally.labels.get(measure.label)?.size ?? 0;
    case 'cycles':
      return tally.counted.length;
    case 'runtime':
      return sight.runtimeMs;
    case 'failure-rate':
      return failureRate(tally, over);
    case 'cycles-per-hour':
      return perHour(tally, over);
    case 'failures-in-a-row':
      return tally.failures;
    case 'broken-in-a-row':
      return tally.broken;
    case 'oom-in-a-row':
      return tally.oom;
    case 'same-error':
      return tally.sameError;
    case 'no-progress':
      return tally.still;
    case 'accepted':
      return tally.accepted;
    case 'since-champion':
      return tally.counted.length - tally.crownedAt;
    case 'tokens':
    case 'cost':
      return used(tally.spent[measure.kind]);
    default:
      return unreachable(measure);
  }
}

function ofMetric(
  { key, statistic, better }: Extract<Measure, { kind: 'metric' }>,
  over: number,
  { tally, best }: Sight,
): number | undefined {
  const all = tally.values.get(key) ?? [];
  if (statistic === 'value') return all.at(-1);
  if (statistic === 'best') return best.get(key)?.[better === 'lower' ? 'lowest' : 'highest'];
  if (all.length < over || over < 2) return undefined;
  const span = all.slice(all.length - over);
  const center = span.reduce((total, value) => total + value, 0) / over;
  if (statistic === 'mean') return center;
  return Math.sqrt(span.reduce((total, value) => total + (value - center) ** 2, 0) / (over - 1));
}

function failureRate({ counted }: Tally, over: number | undefined): number | undefined {
  const span = over === undefined ? counted : counted.slice(-over);
  if (span.length === 0 || (over !== undefined && span.length < over)) return undefined;
  return span.filter(({ isFailed }) => isFailed).length / span.length;
}

function perHour({ counted }: Tally, over: number | undefined): number | undefined {
  const count = over ?? counted.length;
  const last = counted.at(-1);
  if (!last || count > counted.length) return undefined;
  const from = count === counted.length ? 0 : (counted.at(-1 - count)?.runMs ?? 0);
  return last.runMs > from ? (count * HOUR_MS) / (last.runMs - from) : undefined;
}

/** Whoever did not say is taken to have used what the others did on average. */
function used({ sum: total, told, silent }: Spent): number | undefined {
  if (told === 0) return undefined;
  return silent === 0 ? total : (total * (told + silent)) / told;
}
