// What `explain exit` answers: every condition of a plan as the run so far stands to it, and the measures that there are.

import { ruleText } from '../loop/ending.ts';
import { valuesOf } from '../loop/expression.ts';
import { measured } from '../loop/measure.ts';
import type { Progress } from '../loop/progress.ts';
import type { Evaluate } from '../loop/request.ts';
import { allMeasured } from '../loop/values.ts';
import { variablesOf } from '../plan/expression.ts';
import { measuresOf } from '../plan/measures.ts';
import type { Plan } from '../plan/plan.ts';
import type { Variable } from '../plan/ends-plan.ts';
import { conditionsOf, unitOf, type ConditionsStatus, type Unit } from './conditions.ts';

export interface ExitsStatus {
  /** The run whose values these are; null: there was none yet, so nothing is known. */
  readonly run: string | null;
  /** Null without a run: `written` says them all the same. */
  readonly conditions: ConditionsStatus | null;
  readonly written: Readonly<Record<'target' | 'budget' | 'giveUp', readonly string[]>>;
  readonly when: WhenStatus | null;
  readonly variables: readonly VariableStatus[];
}

export interface WhenStatus {
  readonly text: string;
  /** Null: something that it reads is not known, so nobody can say; then it does not hold. */
  readonly holds: boolean | null;
  readonly reads: Readonly<Record<string, number | null>>;
}

export interface VariableStatus {
  /** As `exit.when` names it. */
  readonly name: string;
  /** As the other conditions name it. */
  readonly measure: string;
  readonly type: Variable['type'];
  readonly unit: Unit;
  /** Null: not known; a run keeps what its own conditions look at. */
  readonly value: number | null;
  /** May be followed by `_over_N`. */
  readonly looksBack: boolean;
}

/** `mono`: monotonic time; of a run that stands still, that of its last event. */
export function exitsOf(
  plan: Plan,
  { progress, mono, evaluate }: { progress: Progress; mono: number; evaluate: Evaluate | undefined },
): ExitsStatus {
  const { ends, marks, phases } = plan;
  const last = new Map(progress.last?.tasks.flatMap(allMeasured));
  const value = ({ measure, over }: Variable) => {
    const known = measured({ measure, over }, progress, mono).value;
    const isLast = measure.kind === 'metric' && measure.statistic === 'value';
    return known ?? (isLast ? last.get(measure.key) : undefined) ?? null;
  };
  return {
    run: progress.run?.id ?? null,
    conditions: conditionsOf(progress, mono, { ends, marks }),
    written: {
      target: ends.target.map(ruleText),
      budget: ends.budget.map(ruleText),
      giveUp: ends.giveUp.map(ruleText),
    },
    when: whenOf(plan, { progress, mono, evaluate }),
    variables: [...variablesOf(measuresOf(phases, true, plan.objective !== undefined)).values()].flatMap(
      ([first, second]) =>
        // One name for two measures is no name.
        first && !second
          ? [
              {
                name: first.name,
                measure: first.of,
                type: first.type,
                unit: unitOf(first.measure),
                value: value(first),
                looksBack: first.looksBack,
              },
            ]
          : [],
    ),
  };
}

function whenOf(
  { ends: { when } }: Plan,
  { progress, mono, evaluate }: { progress: Progress; mono: number; evaluate: Evaluate | undefined },
): WhenStatus | null {
  if (!when) return null;
  const values = valuesOf(when, progress, mono);
  const holds = progress.run ? (evaluate?.(when, values) ?? null) : null;
  return {
    text: when.text,
    holds,
    reads: Object.fromEntries(when.reads.map(({ name }) => [name, values.get(name) ?? null])),
  };
}
