// A threshold held against a value. Values are compared as they are; only a limit that was computed is rid of binary dust.

import type { Noise } from '../baseline/event.ts';
import type { Comparison, ThresholdPlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Check } from './evidence.ts';
import { isComplete, isCutShort, type SimsEvidence } from './sims.ts';
import { isMean, SIMS_FAILED, SIMS_N } from './sim-metrics.ts';

export interface Past {
  readonly last?: number;
  /** The highest or the lowest, as the metric's `better` says. */
  readonly best?: number;
  /** The mean of its runs. */
  readonly baseline?: number;
  readonly noise?: Noise;
  /** Of the champion's cycle. */
  readonly champion?: number;
}

export type PastOf = (metric: string) => Past | undefined;

/** Digits that a sum of two decimals keeps in a double: 0.1 + 0.2 becomes 0.3 again. */
const SUM_DIGITS = 15;

interface Beside {
  readonly past: Past | undefined;
  /** What the simulations of the rung left, where gate-run ran them itself. */
  readonly sims?: SimsEvidence | undefined;
  readonly level?: 'promote';
}

/**
 * `require` and `want` are each a check of their own; in a stage's `promote` both are asked for. What a rung cannot be held to makes no
 * check: `notHeld` says so.
 */
export function checksOf(
  threshold: ThresholdPlan,
  value: number,
  { past, sims, level }: Beside,
): readonly Check[] {
  const { metric, require, want, failOnMissing } = threshold;
  const n = sims && metric !== SIMS_FAILED && metric !== SIMS_N ? sims.done : undefined;
  const measured = { metric, value, past, ...(n !== undefined && { n }) };
  const isFair = (one: Comparison) => whyNotHeld(metric, one, { past, sims }) === undefined;
  const checks: Check[] = [];
  if (require && isFair(require))
    checks.push(checkOf({ ...measured, failOnMissing }, require, level ?? 'require'));
  if (want && isFair(want))
    checks.push(checkOf({ ...measured, failOnMissing: false }, want, level ?? 'want'));
  return checks;
}

export interface NotHeld {
  readonly level: 'require' | 'want';
  readonly why: string;
}

/** What of a threshold cannot be judged on this rung. */
export function notHeld({ metric, require, want }: ThresholdPlan, beside: Beside): readonly NotHeld[] {
  const whys = (level: NotHeld['level'], comparison: Comparison | undefined): readonly NotHeld[] => {
    const why = comparison && whyNotHeld(metric, comparison, beside);
    return why === undefined ? [] : [{ level, why }];
  };
  return [...whys('require', require), ...whys('want', want)];
}

/**
 * Earlier values are means of whole rungs, and means of different n are never compared; of a rung that was ended early nothing but its mean was
 * decided, so neither its lowest value nor its failures say anything about the whole.
 */
function whyNotHeld(metric: string, comparison: Comparison, { past, sims }: Beside): string | undefined {
  if (!sims) return undefined;
  const { done, failed, planned } = sims;
  const refused = `${metric} ${thresholdText(comparison)} cannot be judged`;
  const isCompared = comparison.reference !== 'value' && limitOf(comparison, past) !== undefined;
  if (isCompared && !isComplete(sims))
    return `${refused}: it compares with whole rungs, and ${done} of ${planned} simulations gave a value`;
  if (isCutShort(sims) && !isMean(sims, metric))
    return `${refused}: it takes the whole rung, and ${done + failed} of ${planned} simulations were run`;
  return undefined;
}

interface Measured {
  readonly metric: string;
  readonly value: number;
  readonly past: Past | undefined;
  readonly n?: number;
  readonly failOnMissing: boolean;
}

function checkOf(measured: Measured, comparison: Comparison, level: Check['level']): Check {
  const { metric, value, past, n, failOnMissing } = measured;
  const many = n === undefined ? {} : { n };
  const threshold = thresholdText(comparison);
  const limit = limitOf(comparison, past);
  if (limit === undefined) {
    const held = !failOnMissing;
    return { metric, value, threshold, limit, headroom: undefined, level, held, first: true, ...many };
  }
  const headroom = headroomOf(comparison.operator, value, limit);
  const noise = comparison.reference === 'baseline' ? past?.noise?.sd : undefined;
  return {
    metric,
    value,
    threshold,
    limit,
    headroom,
    level,
    held: isHeld(comparison.operator, value, limit),
    first: false,
    ...(noise !== undefined && { noise }),
    ...many,
  };
}

export function thresholdText({ operator, reference, offset, inSd }: Comparison): string {
  if (reference === 'value') return `${operator} ${offset}`;
  if (offset === 0) return `${operator} ${reference}`;
  return `${operator} ${reference} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}${inSd ? 'sd' : ''}`;
}

function limitOf(
  { reference, offset: written, inSd }: Comparison,
  past: Past | undefined,
): number | undefined {
  // What noise there is, one run alone does not tell.
  const offset = inSd ? written * (past?.noise?.sd ?? Number.NaN) : written;
  if (reference === 'value') return offset;
  const base = past?.[reference];
  if (base === undefined || Number.isNaN(offset)) return undefined;
  return offset === 0 ? base : Number((base + offset).toPrecision(SUM_DIGITS));
}

export function isHeld(operator: Comparison['operator'], value: number, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
    case '>=':
      return value >= limit;
    case '>':
      return value > limit;
    default:
      return unreachable(operator);
  }
}

/** Room left, negative by how much it was missed; for `!=` there is no such room. */
function headroomOf(operator: Comparison['operator'], value: number, limit: number): number | undefined {
  if (operator === '!=') return undefined;
  if (operator === '==') return -Math.abs(value - limit) + 0;
  return operator === '<' || operator === '<=' ? limit - value : value - limit;
}
