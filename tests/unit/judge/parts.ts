// Tasks and ends for the judge's tests, with nothing said that a test does not care about.

import type { AttemptEnded } from '../../../src/core/cycle/event.ts';
import type { Evidence, Judgement, Outcome, Reading, StopCause } from '../../../src/core/judge/evidence.ts';
import { judgeTask, type JudgeInput } from '../../../src/core/judge/judge.ts';
import { outcomeOf } from '../../../src/core/judge/outcome.ts';
import type {
  Comparison,
  MetricPlan,
  SourcePlan,
  StagePlan,
  TaskPlan,
  ThresholdPlan,
} from '../../../src/core/plan/plan.ts';
import { gate } from '../plan-builder.ts';

export function task(changes: Partial<TaskPlan> = {}): TaskPlan {
  const stall = { warnMs: 300_000, killMs: 900_000 };
  return gate('lint', { phase: 'build', number: '1.1', stall, ...changes });
}

export function ended(end: AttemptEnded['end'], changes: Partial<AttemptEnded> = {}): AttemptEnded {
  return { type: 'attempt.ended', task: 'lint', attempt: 1, end, durationMs: 12_300, bytes: 100, ...changes };
}

export function metric(name: string, changes: Partial<MetricPlan> = {}): MetricPlan {
  const source: SourcePlan = {
    reader: 'regex',
    pattern: String.raw`${name}: (?<value>\S+)`,
    in: { stream: 'output' },
  };
  return { name, source, better: undefined, bounds: undefined, unit: undefined, ...changes };
}

export function threshold(name: string, changes: Partial<ThresholdPlan> = {}): ThresholdPlan {
  return { metric: name, require: undefined, want: undefined, failOnMissing: false, ...changes };
}

export function compare(text: string): Comparison {
  const [, operator = '', reference, sign = '', distance = '0', number] =
    /^(\S+) (?:(best|last)(?: ([+-]) (\S+))?|(\S+))$/.exec(text) ?? [];
  if (!isOperator(operator)) throw new Error(`no comparison: ${text}`);
  const against = reference === 'best' || reference === 'last' ? reference : 'value';
  return { text, operator, reference: against, offset: Number(number ?? `${sign}${distance}`) };
}

export function stage(count: number, changes: Partial<StagePlan> = {}): StagePlan {
  return { count, timeoutMs: 60_000, thresholds: [], promote: [], ...changes };
}

export function evidence(values: Readonly<Record<string, number | Reading>> = {}): Evidence {
  const readings = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'number' ? { value } : value,
  ]);
  return { metrics: Object.fromEntries(readings), labels: {} };
}

interface Case extends Partial<Omit<JudgeInput, 'task' | 'ended' | 'outcome'>> {
  readonly task?: Partial<TaskPlan>;
  readonly end?: AttemptEnded['end'];
  readonly facts?: Partial<AttemptEnded>;
  readonly stopCause?: StopCause;
}

/** Judges as the engine does: the outcome comes from the end. */
export function judge({ task: changes, end = { code: 0 }, facts, stopCause, ...more }: Case = {}): Judgement {
  const plan = task(changes);
  const fact = ended(end, facts);
  const outcome: Outcome = outcomeOf(fact, stopCause, plan.exits);
  return judgeTask({
    task: plan,
    outcome,
    ended: fact,
    stopCause,
    evidence: evidence(),
    attempt: 1,
    past: () => undefined,
    ...more,
  });
}

function isOperator(text: string): text is Comparison['operator'] {
  return ['<', '<=', '==', '!=', '>=', '>'].includes(text);
}
