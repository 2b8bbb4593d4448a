// One attempt, resolved: a task of the plan and the facts of the hour → everything needed to start it. It starts nothing.

import type { AttemptRef } from '../cycle/event.ts';
import { crc32Text } from '../crc32.ts';
import { logName } from '../loop/names.ts';
import { beforeName } from '../writes/cut.ts';
import { valueOfChampion } from '../loop/champion-values.ts';
import type { ChampionProgress } from '../loop/champion-progress.ts';
import type { Rival } from '../loop/rival.ts';
import type { Order, TreeOrder } from '../../ports.ts';
import { championNames } from './champion-names.ts';
import { fillArgv } from './command.ts';
import { headerOf, shownCommand } from './order-text.ts';
import { fill, namesIn, variableName } from './fill.ts';
import { isolationIn, unseenPath, valuesInside } from './inside.ts';
import { metricNames, statisticKeys } from './metric-use.ts';
import { joinPath } from './path.ts';
import type { CommandPlan, Plan, SourcePlan, TaskPlan } from './plan.ts';
import { limitsOf } from './resources.ts';
import {
  makeSimsOrder,
  RUNG_VARIABLE,
  type SimsFacts,
  type SimsOrder,
  type SimsProcess,
} from './sims-order.ts';
import { unfoldedOnly, type WritesPlan } from './writes.ts';

/** What is known when an attempt starts; paths are absolute. */
export interface OrderFacts {
  /** The config's folder. */
  readonly folder: string;
  readonly stateDir: string;
  /** The Node and the script that run gate-run itself. */
  readonly node: string;
  readonly bin: string;
  readonly run: string;
  readonly cycle: number;
  readonly cycleDir: string;
  /** For the first line of the log. */
  readonly startedAt: string;
  /** By `task.metric`. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The last log of a task in this cycle. */
  readonly logOf: (task: string) => string | undefined;
  /** The best so far. */
  readonly champion?: ChampionProgress | undefined;
  /** The champion, on the rung on which it is challenged seed by seed. */
  readonly rival?: Rival;
  /** Attempts of the task in this turn before this one, on any rung; absent: none. */
  readonly attemptsBefore?: number;
  /** Of a rung whose simulations gate-run runs itself; absent: they run one by one. */
  readonly sims?: SimsFacts;
}

export interface OrderInput {
  readonly plan: Plan;
  readonly task: TaskPlan;
  readonly ref: AttemptRef;
  /** The tasks that judge this one's evidence. */
  readonly judges: readonly TaskPlan[];
  readonly facts: OrderFacts;
}

/** A name without a value becomes the empty text; `missingNames` tells beforehand. */
export function makeOrder(input: OrderInput): Order {
  const { task, ref, judges, facts } = input;
  if (task.command === undefined) throw new Error(`bug: ${task.id} has no command`);
  const values = taskValues(input);
  const cwd = task.cwd === undefined ? facts.folder : joinPath(facts.folder, fill(task.cwd, values));
  const sims = simsOf(input, values);
  // What its simulations say is read of each of them.
  const readers = sims
    ? []
    : [task, ...judges].filter((one) => one.metrics.length > 0 || one.labels.length > 0);
  const read = readers.map((one) => evidenceOf(one, { cwd, folder: facts.folder, values }));
  const shown = shownCommand(task, values);
  const limits = limitsOf(task.resources);
  const isolation = task.isolation && isolationIn(facts.folder, task.isolation);
  const inside = valuesInside(isolation, values);
  return {
    ref,
    command: commandFor(task.command, inside),
    cwd,
    stdin: task.stdin === undefined ? undefined : joinPath(cwd, fill(task.stdin, values)),
    env: taskEnv(input, inside),
    pass: task.env.pass,
    log: `${facts.cycleDir}/${logName(task, ref.rung, ref.attempt)}`,
    shown,
    header: headerOf(input, shown),
    logLimitBytes: task.logLimitBytes,
    quietAfterMs: quietAfter(task),
    killAfterMs: task.killAfterMs,
    ...(isolation && { isolation }),
    ...(task.network !== undefined && { network: task.network }),
    ...(limits && { limits }),
    read,
    apart: [...read, ...(sims ? [task] : [])].some((one) =>
      [...one.metrics, ...one.labels].some(({ source }) => isApart(source)),
    ),
    ...(sims && { sims }),
    ...(task.writes && { tree: treeOf(input, task.writes) }),
  };
}

function treeOf({ plan, task, facts }: OrderInput, writes: WritesPlan): TreeOrder {
  const { files: _files, lines, only, onViolation } = writes;
  return {
    folder: facts.folder,
    except: plan.tree?.except ?? [],
    only: only && unfoldedOnly(only),
    lines,
    mayUndo: onViolation === 'restore',
    isFirst: (facts.attemptsBefore ?? 0) === 0,
    keep: `${facts.cycleDir}/${beforeName(task)}`,
    list: `${facts.cycleDir}/${task.phase}.${task.id}.writes.jsonl`,
  };
}

/** Undefined for all but a rung whose simulations gate-run runs itself. */
function simsOf(input: OrderInput, values: (name: string) => string | undefined): SimsOrder | undefined {
  const { task, ref, facts } = input;
  if (task.sims === undefined || ref.rung === undefined) return undefined;
  return makeSimsOrder({
    task,
    sims: task.sims,
    rung: ref.rung,
    attempt: ref.attempt,
    facts: facts.sims ?? { lanes: 1 },
    rival: facts.rival,
    cycleDir: facts.cycleDir,
    values,
    resolve: (own) => simulation(input, own),
  });
}

/** One process of a rung: the task with a seed of its own. */
function simulation(input: OrderInput, values: (name: string) => string | undefined): SimsProcess {
  const { task, facts } = input;
  if (task.command === undefined) throw new Error(`bug: ${task.id} has no command`);
  const cwd = task.cwd === undefined ? facts.folder : joinPath(facts.folder, fill(task.cwd, values));
  return {
    command: commandFor(task.command, values),
    cwd,
    stdin: task.stdin === undefined ? undefined : joinPath(cwd, fill(task.stdin, values)),
    env: { ...taskEnv(input, values), GATE_COUNT: values('count') ?? '' },
    metrics: evidenceOf(task, { cwd, folder: facts.folder, values }).metrics,
  };
}

/** Why the task could not find what it is given. */
export function unseenIn(input: OrderInput): string | undefined {
  const { task, facts } = input;
  return task.isolation && unseenPath(task, { folder: facts.folder, values: taskValues(input) });
}

/** Names in the task's texts that have no value now, such as the metric of a task that was skipped. */
export function missingNames(input: OrderInput): readonly string[] {
  const values = taskValues(input);
  return textsOf(input.task)
    .flatMap(namesIn)
    .filter((name) => values(name) === undefined);
}

/** Whether the task reads `{{cycle.file}}`, so that it has to be written before the task starts. */
export function readsCycleFile(task: TaskPlan): boolean {
  return textsOf(task).some((text) => namesIn(text).includes('cycle.file'));
}

/** JSON of the cycle so far. */
export function cycleFile(cycleDir: string): string {
  return `${cycleDir}/cycle.json`;
}

/** Equal in every attempt of a cycle, another one in the next cycle, the same when that cycle is run again elsewhere. */
export function cycleSeed(plan: Pick<Plan, 'name'>, cycle: number): number {
  return crc32Text(`${plan.name} ${cycle}`);
}

export function taskValues({ plan, task, ref, facts }: OrderInput): (name: string) => string | undefined {
  const plain: Readonly<Record<string, string | undefined>> = {
    goal: plan.goal,
    profile: plan.profile,
    cycle: String(facts.cycle),
    'cycle.dir': facts.cycleDir,
    'cycle.file': cycleFile(facts.cycleDir),
    run: facts.run,
    phase: task.phase,
    task: task.id,
    attempt: String(ref.attempt),
    seed: String(cycleSeed(plan, facts.cycle)),
    count: ref.rung === undefined ? undefined : String(ref.rung),
    'state.dir': facts.stateDir,
    ...championNames(facts.champion, facts.stateDir).values,
    'gate-run.node': facts.node,
    'gate-run.bin': facts.bin,
  };
  return (name) => {
    if (Object.hasOwn(plain, name)) return plain[name];
    if (name.startsWith('vars.')) return own(plan.vars, name.slice('vars.'.length));
    if (name.startsWith('tasks.')) return facts.logOf(name.slice('tasks.'.length, -'.log'.length));
    if (name.startsWith('champion.'))
      return textOf(championValue(plan, facts, name.slice('champion.'.length)));
    if (!name.startsWith('metrics.')) return undefined;
    const key = shared(plan).metrics.get(name.slice('metrics.'.length));
    const value = key === undefined ? undefined : facts.metrics.get(key);
    return textOf(value);
  };
}

function championValue(plan: Plan, { champion }: OrderFacts, name: string): number | undefined {
  const key = shared(plan).metrics.get(name);
  return key === undefined || !champion ? undefined : valueOfChampion(champion, key);
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** What `env: set` says, and above it the `GATE_…` of gate-run's own. */
export function taskEnv(
  { plan, task, ref, facts }: OrderInput,
  values: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(task.env.set)) env[name] = fill(value, values);
  Object.assign(env, shared(plan).env);
  env['GATE_RUN'] = facts.run;
  env['GATE_CYCLE'] = String(facts.cycle);
  env['GATE_CYCLE_DIR'] = facts.cycleDir;
  env['GATE_PHASE'] = task.phase;
  env['GATE_TASK'] = task.id;
  env['GATE_ATTEMPT'] = String(ref.attempt);
  env['GATE_SEED'] = values('seed') ?? '';
  if (ref.rung !== undefined) env['GATE_COUNT'] = String(ref.rung);
  if (ref.rung !== undefined && task.sims) env[RUNG_VARIABLE] = String(ref.rung);
  env['GATE_STATE'] = facts.stateDir;
  if (facts.champion) Object.assign(env, championEnv(plan, facts.champion, facts.stateDir));
  if (facts.metrics.size === 0) return env;
  for (const [variable, key] of shared(plan).metricVariables) {
    const value = facts.metrics.get(key);
    if (value !== undefined) env[variable] = String(value);
  }
  return env;
}

function championEnv(
  plan: Plan,
  champion: ChampionProgress,
  stateDir: string,
): Readonly<Record<string, string>> {
  const measured = shared(plan).metricVariables.flatMap(([variable, key]): [string, string][] => {
    const value = champion.metrics[key];
    return value === undefined ? [] : [[variable.replace(/^GATE_METRIC_/, 'GATE_CHAMPION_'), String(value)]];
  });
  return { ...Object.fromEntries(measured), ...championNames(champion, stateDir).env };
}

interface Shared {
  /** By every name a metric may be called, the key it is kept by. */
  readonly metrics: ReadonlyMap<string, string | undefined>;
  /** The same for the environment, where a name has a key. */
  readonly metricVariables: readonly (readonly [variable: string, key: string])[];
  /** The variables that are the same for every task. */
  readonly env: Readonly<Record<string, string>>;
}

/** Worked out once a plan, since a cycle may start thousands of attempts. */
const known = new WeakMap<Plan, Shared>();

function shared(plan: Plan): Shared {
  const before = known.get(plan);
  if (before) return before;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(plan.vars)) env[variableName('GATE_VAR_', name)] = value;
  if (plan.goal !== undefined) env['GATE_GOAL'] = plan.goal;
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const named = metricNames(tasks);
  const metrics = new Map([...statisticKeys(tasks), ...named]);
  // Statistics have names and no variables: a dozen for each metric and rung would be no help to anybody.
  const metricVariables = [...named].flatMap(([name, key]): readonly (readonly [string, string])[] =>
    key === undefined ? [] : [[variableName('GATE_METRIC_', name), key]],
  );
  const made = { metrics, metricVariables, env };
  known.set(plan, made);
  return made;
}

/** Vars and goal, as tasks and hooks see them. */
export function planEnv(plan: Plan): Readonly<Record<string, string>> {
  return shared(plan).env;
}

function commandFor(command: CommandPlan, values: (name: string) => string | undefined): Order['command'] {
  if (command.kind === 'shell') return { shell: command.shell, script: command.script };
  return { argv: fillArgv(command.argv, values) };
}

function quietAfter({ stall }: TaskPlan): readonly number[] {
  return [stall.warnMs, stall.killMs].filter((limit) => limit !== 'never');
}

type Evidence = Order['read'][number];

/** Files are named from the task's folder, as the task itself names them; a judge with a `cwd` names them from there. */
function evidenceOf(
  { id, metrics, labels, cwd: written, softness, isMeasured }: TaskPlan,
  { cwd, folder, values }: { cwd: string; folder: string; values: (name: string) => string | undefined },
): Evidence {
  const from = written === undefined ? cwd : joinPath(folder, fill(written, values));
  const resolved = <Held extends { readonly source: SourcePlan }>(held: Held): Held => {
    const { source } = held;
    if (!('file' in source.in)) return held;
    const file = fill(source.in.file, values);
    return { ...held, source: { ...source, in: { file: from === cwd ? file : joinPath(from, file) } } };
  };
  const isNamed = (softness?.failOn === 'new' || isMeasured === true) && { isNamed: true as const };
  return { task: id, metrics: metrics.map(resolved), labels: labels.map(resolved), ...isNamed };
}

function isApart(source: SourcePlan): boolean {
  return 'stream' in source.in && source.in.stream !== 'output';
}

/** Whatever of a task is filled in when it starts. */
export function textsOf({ command, stdin, cwd, env, metrics, labels }: TaskPlan): readonly string[] {
  const files = [...metrics, ...labels].flatMap(({ source }) =>
    'file' in source.in ? [source.in.file] : [],
  );
  const argv = command?.kind === 'argv' ? command.argv : [];
  return [...argv, ...Object.values(env.set), ...files, ...[stdin, cwd].filter((text) => text !== undefined)];
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
