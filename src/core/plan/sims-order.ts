// What the world has to know to run the simulations of one rung: how many, which seeds, and what each of them is started as.

import type { Order } from '../../ports.ts';
import type { RungQuestion } from '../judge/rung-watch.ts';
import { simsName } from '../loop/names.ts';
import type { Rival } from '../loop/rival.ts';
import { joinPath } from './path.ts';
import type { Comparison, ExitRule, MetricPlan, StagePlan, TaskPlan, ThresholdPlan } from './plan.ts';
import { mayFail, type SimsPlan } from './sims-plan.ts';

export interface SimsOrder {
  readonly per: SimsPlan['per'];
  /** Seeds of one process. */
  readonly batch: number;
  readonly base: number;
  readonly planned: number;
  readonly mayFail: number;
  /** Processes at once. */
  readonly lanes: number;
  readonly confidence: number | undefined;
  readonly isTop: boolean;
  /** For one simulation. */
  readonly timeoutMs: number | 'never';
  readonly exits: readonly ExitRule[];
  /** What each simulation has to say. */
  readonly metrics: readonly MetricPlan[];
  /** Empty without `stop-early`. */
  readonly questions: readonly RungQuestion[];
  /** `promote` asks something that only all of its simulations can answer: it is not earned early. */
  readonly hasMore: boolean;
  /** A threshold asks what only a whole rung can answer, such as `edge.min` or `best`: it ends early where a requirement is missed, and for nothing less. */
  readonly needsWhole: boolean;
  /** The champion, on the top rung. */
  readonly rival: Rival | undefined;
  /** Where the values of each seed are kept, for all rungs of this cycle. */
  readonly file: string;
  /** CRC-32 of that file as the attempt before recorded it; undefined: there was none. */
  readonly fileCrc: string | undefined;
  /** Seeds that failed before are run again. */
  readonly isRetry: boolean;
  /** The process that is to run `count` seeds from `seed` on. */
  readonly process: (seed: number, count: number) => SimsProcess;
}

export interface SimsProcess extends Pick<Order, 'command' | 'cwd' | 'stdin' | 'env'> {
  /** With the names of its files filled in. */
  readonly metrics: readonly MetricPlan[];
}

type Values = (name: string) => string | undefined;

/** What is known when a rung starts. */
export interface SimsFacts {
  readonly lanes: number;
  readonly fileCrc?: string | undefined;
}

export interface SimsInput {
  readonly task: TaskPlan;
  readonly sims: SimsPlan;
  readonly rung: number;
  readonly attempt: number;
  readonly facts: SimsFacts;
  readonly rival: Rival | undefined;
  readonly cycleDir: string;
  readonly values: Values;
  /** Resolves the task with these values. */
  readonly resolve: (values: Values) => SimsProcess;
}

/** The variable that tells a rung from another one in the environment, where `GATE_COUNT` is a matter of each process. */
export const RUNG_VARIABLE = 'GATE_RUNG';

export function makeSimsOrder(input: SimsInput): SimsOrder {
  const { task, sims, rung, attempt, facts, rival, cycleDir, values, resolve } = input;
  const stage = task.stages.find(({ count }) => count === rung);
  const isTop = stage === task.stages.at(-1);
  return {
    per: sims.per,
    batch: sims.batch,
    base: sims.base,
    planned: rung,
    mayFail: mayFail(sims, rung),
    lanes: facts.lanes,
    confidence: sims.stopEarly?.confidence,
    isTop,
    // The rung's own limit ends the whole attempt, so nothing has to be timed twice.
    timeoutMs: sims.timeoutMs ?? 'never',
    exits: task.exits,
    metrics: task.metrics,
    ...questionsOf(task, stage, sims),
    rival: isTop ? rival : undefined,
    file: joinPath(cycleDir, simsName(task)),
    fileCrc: facts.fileCrc,
    isRetry: attempt > 1,
    process: (seed, count) =>
      resolve((name) => (name === 'seed' ? String(seed) : name === 'count' ? String(count) : values(name))),
  };
}

type Role = RungQuestion['role'];

/** What a rung is asked that its running mean can answer: whether it lies above or below a number. */
function questionsOf(
  task: TaskPlan,
  stage: StagePlan | undefined,
  { stopEarly }: SimsPlan,
): Pick<SimsOrder, 'questions' | 'hasMore' | 'needsWhole'> {
  if (stopEarly === undefined) return { questions: [], hasMore: false, needsWhole: false };
  const { metrics, thresholds } = task;
  const held = [...thresholds, ...(stage?.thresholds ?? [])].flatMap((one) =>
    questionsIn(one, metrics, { require: 'require', want: 'want' }),
  );
  const promote = (stage?.promote ?? []).flatMap((one) =>
    questionsIn(one, metrics, { require: 'promote', want: 'promote' }),
  );
  return {
    questions: [...held, ...promote].filter((question) => question !== undefined),
    needsWhole: held.includes(undefined),
    hasMore: promote.includes(undefined),
  };
}

/** Whether `stop-early` changes nothing: every rung is asked what only a whole one can answer, and requires nothing of its mean. */
export function neverEndsEarly(task: TaskPlan): boolean {
  const { sims, stages } = task;
  if (!sims?.stopEarly) return false;
  return stages.every((stage) => {
    const { questions, needsWhole } = questionsOf(task, stage, sims);
    return needsWhole && !questions.some(({ role }) => role === 'require');
  });
}

/** Undefined for what a running mean cannot answer. */
function questionsIn(
  { metric, require, want }: ThresholdPlan,
  metrics: readonly MetricPlan[],
  roles: { readonly require: Role; readonly want: Role },
): readonly (RungQuestion | undefined)[] {
  return [
    ...(require ? [questionOf(metric, require, metrics, roles.require)] : []),
    ...(want ? [questionOf(metric, want, metrics, roles.want)] : []),
  ];
}

function questionOf(
  metric: string,
  { reference, operator, offset }: Comparison,
  metrics: readonly MetricPlan[],
  role: Role,
): RungQuestion | undefined {
  const mean = metrics.find(({ name }) => name === metric || `${name}.mean` === metric)?.name;
  if (reference !== 'value' || mean === undefined || operator === '==' || operator === '!=') return undefined;
  const better = operator.startsWith('>') ? 'higher' : 'lower';
  return { metric: mean, limit: offset, better, text: `${metric} ${operator} ${offset}`, role };
}
