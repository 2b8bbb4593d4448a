// A threshold held against a value. Values are compared as they are; only a limit that was computed is rid of binary dust.

import type { Comparison, ThresholdPlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Check } from './evidence.ts';

export interface Past {
  readonly last: number;
  /** The highest or the lowest, as the metric's `better` says. */
  readonly best: number;
}

export type PastOf = (metric: string) => Past | undefined;

/** Digits that a sum of two decimals keeps in a double: 0.1 + 0.2 becomes 0.3 again. */
const SUM_DIGITS = 15;

/** `require` and `want` are each a check of their own; in a stage's `promote` both are asked for. */
export function checksOf(
  threshold: ThresholdPlan,
  value: number,
  past: Past | undefined,
  level?: 'promote',
): readonly Check[] {
  const { metric, require, want, failOnMissing } = threshold;
  const checks: Check[] = [];
  if (require) checks.push(checkOf({ metric, value, past, failOnMissing }, require, level ?? 'require'));
  if (want) checks.push(checkOf({ metric, value, past, failOnMissing: false }, want, level ?? 'want'));
  return checks;
}

interface Measured {
  readonly metric: string;
  readonly value: number;
  readonly past: Past | undefined;
  readonly failOnMissing: boolean;
}

function checkOf(measured: Measured, comparison: Comparison, level: Check['level']): Check {
  const { metric, value, past, failOnMissing } = measured;
  const threshold = thresholdText(comparison);
  const limit = limitOf(comparison, past);
  if (limit === undefined) {
    return { metric, value, threshold, limit, headroom: undefined, level, held: !failOnMissing, first: true };
  }
  const headroom = headroomOf(comparison.operator, value, limit);
  return {
    metric,
    value,
    threshold,
    limit,
    headroom,
    level,
    held: isHeld(comparison.operator, value, limit),
    first: false,
  };
}

function thresholdText({ operator, reference, offset }: Comparison): string {
  if (reference === 'value') return `${operator} ${offset}`;
  if (offset === 0) return `${operator} ${reference}`;
  return `${operator} ${reference} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
}

function limitOf({ reference, offset }: Comparison, past: Past | undefined): number | undefined {
  if (reference === 'value') return offset;
  const base = past?.[reference];
  if (base === undefined) return undefined;
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
