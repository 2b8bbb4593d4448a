// Whether an expression holds now. It is evaluated elsewhere: a start loads that library only where a plan has one.

import type { ExpressionPlan } from '../plan/ends-plan.ts';
import { measured } from './measure.ts';
import type { Progress } from './progress.ts';
import type { Evaluate } from './request.ts';

/** In a rest nothing happens but time, so an expression over run time is asked at least so often. */
export const EXPRESSION_LOOK_MS = 60_000;

/** Undefined: what it reads is not known, so nobody can say. */
export function isTrue(
  expression: ExpressionPlan,
  evaluate: Evaluate | undefined,
  progress: Progress,
  mono: number,
): boolean | undefined {
  if (!evaluate) throw new Error('bug: a plan with an expression and nobody to evaluate it');
  return evaluate(expression, valuesOf(expression, progress, mono));
}

/** What is not known is not there. */
export function valuesOf(
  { reads }: ExpressionPlan,
  progress: Progress,
  mono: number,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const variable of reads) {
    const { value } = measured(variable, progress, mono);
    if (value !== undefined) values.set(variable.name, value);
  }
  return values;
}

export function readsTheClock(expression: ExpressionPlan | undefined): boolean {
  return expression?.reads.some(({ measure }) => measure.kind === 'runtime') === true;
}
