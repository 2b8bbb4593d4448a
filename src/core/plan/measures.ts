// What a condition may measure, by the names that people write: counts of the run, metrics and labels of its tasks.

import type { Path } from '../config/problem.ts';
import type { Unit } from './amount.ts';
import { betterOf as betterOfName, splitName } from '../judge/sim-metrics.ts';
import { OBJECTIVE_MEND } from './fill.ts';
import { metricNames, statisticKeys } from './metric-use.ts';
import { unknownWord } from './names.ts';
import type { MetricPlan, PhasePlan, TaskPlan } from './plan.ts';
import type { CountMeasure, Measure } from './ends-plan.ts';
import type { Reader } from './reader.ts';

export interface Resolved {
  readonly measure: Measure;
  readonly unit: Unit;
  readonly better: MetricPlan['better'];
}

export interface Measures {
  /** Undefined after a problem, and where the name cannot be known. */
  readonly find: (name: string, path: Path, reader: Reader) => Resolved | undefined;
  /** The same without a word. */
  readonly peek: (name: string) => Resolved | undefined;
  /** All that can be measured. */
  readonly names: () => readonly string[];
}

const COUNTS: Readonly<Record<CountMeasure, Unit>> = {
  cycles: 'count',
  runtime: 'duration',
  tokens: 'tokens',
  cost: 'money',
  'failure-rate': 'share',
  'cycles-per-hour': 'rate',
  'failures-in-a-row': 'count',
  'broken-in-a-row': 'count',
  'oom-in-a-row': 'count',
  'same-error': 'count',
  'no-progress': 'count',
  accepted: 'count',
  'since-champion': 'count',
};
/** Unknown for ever where nothing is crowned. */
const OF_CHAMPIONS: ReadonlySet<string> = new Set(['accepted', 'since-champion']);
const STATISTICS = ['best', 'sd', 'mean'] as const;
const DISTINCT = '.distinct';
/** More names would be no help. */
const NAMES_SHOWN = 24;

interface Fault {
  readonly message: string;
  readonly mend?: string;
}

/** `isWhole`: whether every task's metrics are known, so that an unknown name is a mistake. `seeks`: whether there is an objective. */
export function measuresOf(phases: readonly PhasePlan[], isWhole: boolean, seeks: boolean): Measures {
  const tasks = phases.flatMap((phase) => phase.tasks);
  const keys = new Map([
    ...[...statisticKeys(tasks)].filter(([name]) => !isOverCycles(name)),
    ...metricNames(tasks),
  ]);
  const labels = labelsOf(tasks);
  const inCycles = phases.filter(({ at }) => at === 'cycle').flatMap((phase) => phase.tasks);
  const known: Known = {
    tasks,
    keys,
    labels,
    cycleTasks: new Set(inCycles),
    cycleLabels: labelsOf(inCycles),
    seeks,
  };
  const resolved = new Map<string, Resolved | Fault>();
  const resolve = (name: string): Resolved | Fault => {
    const before = resolved.get(name) ?? resolveName(name, known);
    resolved.set(name, before);
    return before;
  };
  return {
    names: () => {
      const metrics = [...keys.keys()].flatMap((key) => [key, ...STATISTICS.map((one) => `${key}.${one}`)]);
      const all = [...Object.keys(COUNTS), ...metrics, ...[...labels].map((label) => label + DISTINCT)];
      return all.filter((name) => 'measure' in resolve(name));
    },
    peek: (name) => {
      const found = resolve(name);
      return 'measure' in found ? found : undefined;
    },
    find: (name, path, reader) => {
      const found = resolve(name);
      if ('measure' in found) return found;
      const { message, mend } = found;
      if (isWhole || !message.startsWith('unknown '))
        reader.say(path, message, { on: 'key', ...(mend !== undefined && { mend }) });
      return undefined;
    },
  };
}

/** `edge.sd` and `edge.mean` of a condition look back over cycles, whatever the metric is. */
function isOverCycles(name: string): boolean {
  const statistic = splitName(name)?.statistic;
  return statistic === 'sd' || statistic === 'mean';
}

interface Known {
  readonly tasks: readonly TaskPlan[];
  readonly keys: ReadonlyMap<string, string | undefined>;
  readonly labels: ReadonlySet<string>;
  /** Conditions look at cycles, not at the phases around them. */
  readonly cycleTasks: ReadonlySet<TaskPlan>;
  readonly cycleLabels: ReadonlySet<string>;
  readonly seeks: boolean;
}

function labelsOf(tasks: readonly TaskPlan[]): ReadonlySet<string> {
  return new Set(tasks.flatMap((task) => task.labels.map(({ name }) => name)));
}

const IN_A_CYCLE = 'move its task to a phase of the cycle';

function resolveName(name: string, known: Known): Resolved | Fault {
  if (OF_CHAMPIONS.has(name) && !known.seeks) {
    const message = `\`${name}\` counts champions, and without \`objective\` nothing is crowned`;
    return { message, mend: OBJECTIVE_MEND };
  }
  if (isCount(name)) return { measure: { kind: name }, unit: COUNTS[name], better: undefined };
  if (known.keys.has(name)) return metricOf(name, 'value', known);
  const statistic = STATISTICS.find((word) => name.endsWith(`.${word}`));
  const of = statistic === undefined ? name : name.slice(0, -statistic.length - 1);
  if (statistic !== undefined && known.keys.has(of)) return metricOf(of, statistic, known);
  const label = name.endsWith(DISTINCT) ? name.slice(0, -DISTINCT.length) : undefined;
  if (label !== undefined && known.labels.has(label)) {
    if (!known.cycleLabels.has(label))
      return { message: `the label \`${label}\` is read in no cycle`, mend: IN_A_CYCLE };
    return { measure: { kind: 'distinct', label }, unit: 'count', better: undefined };
  }
  // By the name that is not there, so that a mistake where it should be is not told twice.
  if (statistic !== undefined) return unknownOf('metric', of, [...known.keys.keys()]);
  if (label !== undefined) return unknownOf('label', label, [...known.labels]);
  return unknown(name, known);
}

function metricOf(
  name: string,
  statistic: 'value' | (typeof STATISTICS)[number],
  { tasks, keys, cycleTasks }: Known,
): Resolved | Fault {
  const key = keys.get(name);
  if (key === undefined) {
    const owners = tasks.filter((task) => keys.has(`${task.id}.${name}`));
    const mend = `write ${owners.map(({ id }) => `\`${id}.${name}\``).join(' or ')}`;
    return { message: `several tasks have a metric \`${name}\``, mend };
  }
  const owner = tasks.find(({ id }) => key.startsWith(`${id}.`));
  if (owner && !cycleTasks.has(owner))
    return { message: `the metric \`${name}\` is measured in no cycle`, mend: IN_A_CYCLE };
  const better = owner && betterOf(key, owner);
  if (statistic === 'best' && better === undefined) {
    const mend = 'say `better: higher` or `better: lower` on the metric';
    return { message: `\`best\` of \`${name}\` is not defined`, mend };
  }
  const isValue = statistic === 'value' || statistic === 'best';
  const measure = { kind: 'metric', key, statistic, better } as const;
  return { measure, unit: 'number', better: isValue ? better : undefined };
}

function unknown(name: string, { keys, labels }: Known): Fault {
  const counted = [...labels].map((label) => label + DISTINCT);
  const known = [...Object.keys(COUNTS), ...keys.keys(), ...counted];
  return unknownOf('measure', name, known);
}

function unknownOf(what: 'measure' | 'metric' | 'label', name: string, known: readonly string[]): Fault {
  const message = unknownWord(what, name, known);
  if (message.includes('did you mean')) return { message };
  const mend =
    known.length === 0 ? `no task has a ${what}` : `known are ${known.slice(0, NAMES_SHOWN).join(', ')}`;
  return { message, mend };
}

/** Which way is better for a metric that progress keeps under this key. */
function betterOf(key: string, { id, metrics }: TaskPlan): MetricPlan['better'] {
  return betterOfName(key.slice(id.length + 1).replace(/^\d+\./, ''), metrics);
}

function isCount(name: string): name is CountMeasure {
  return Object.hasOwn(COUNTS, name);
}
