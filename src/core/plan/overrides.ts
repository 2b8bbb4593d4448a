// What may be set outside the file: variables `GATE_RUN_…` and flags, as layers above it. Anything else named so is a slip.
// `GATE_RUN` itself is none of them: it is the id of the run that a nested gate-run finds itself in.

import { nearest } from '../config/nearest.ts';
import type { Problem } from '../config/problem.ts';
import { variableName } from './fill.ts';
import type { Flags } from './flags.ts';
import type { Layer, Values } from './layer.ts';
import { unknownWord } from './names.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The whole list, beside `GATE_RUN_VAR_NAME`, which sets `vars.name`. An empty variable counts as unset. */
export const VARIABLES: readonly (readonly [name: string, key: string])[] = [
  ['GATE_RUN_PROFILE', 'profile'],
  ['GATE_RUN_GOAL', 'goal'],
  ['GATE_RUN_JOBS', 'jobs'],
  ['GATE_RUN_SLEEP', 'loop.sleep'],
  ['GATE_RUN_TIMEOUT', 'loop.timeout'],
  ['GATE_RUN_MAX_BACKOFF', 'loop.backoff.max'],
  ['GATE_RUN_MAX_FAILURES', 'exit.give-up.failures-in-a-row'],
  ['GATE_RUN_MAX_RUNTIME', 'exit.budget.runtime'],
  ['GATE_RUN_STOP_FILE', 'loop.stop-file'],
  ['GATE_RUN_OVERLAP', 'loop.overlap'],
  ['GATE_RUN_STOP_WITHIN', 'loop.stop-within'],
  ['GATE_RUN_STATE_DIR', 'state.dir'],
];

/** Keys that `--set` knows; `*` is a name of the person's own. Lists cannot be written in one word, so none is here. */
const TASK_KEYS = [
  'timeout',
  'stall',
  'stall.warn',
  'stall.kill',
  'kill-after',
  'retry.limit',
  'retry.delay',
  'retry.factor',
  'isolation',
  'isolation.layer',
  'isolation.fallback',
  'isolation.engine',
  'isolation.image',
  'isolation.user',
  'network',
  'network.name',
  'log-limit',
  'cwd',
  'stdin',
  'shell',
  'env.set.*',
  'resources.memory',
  'resources.cpus',
  'resources.pids',
  'resources.open-files',
  'resources.file-size',
  'resources.cpu-time',
  'resources.lock',
  'resources.weight',
  'writes.files',
  'writes.lines',
  'writes.on-violation',
] as const;
const GATE_KEYS = [
  ...TASK_KEYS,
  'mode',
  'on-broken',
  'fail-on',
  'soft-until',
  'quarantine-until',
  'with.*',
  'thresholds.*',
] as const;
const HOMES = { steps: TASK_KEYS, gates: GATE_KEYS, defaults: GATE_KEYS };

const KEYS: readonly string[] = [
  'goal',
  'profile',
  'jobs',
  'vars.*',
  'loop.sleep',
  'loop.cron',
  'loop.timezone',
  'loop.rest.*',
  'loop.backoff.from',
  'loop.backoff.factor',
  'loop.backoff.max',
  'loop.backoff.jitter',
  'loop.timeout',
  'loop.stop-file',
  'loop.stop-within',
  'loop.overlap',
  'exit.target.*',
  'exit.budget.*',
  'exit.give-up.half-open.after',
  'exit.give-up.half-open.times',
  'exit.give-up.*',
  'exit.when',
  'objective.metric',
  'objective.min-delta',
  'champion.confirm.every',
  'champion.confirm.seeds',
  'champion.robustness.batches',
  'marks.*.level',
  'marks.*.all.*',
  'marks.*.any.*',
  'questions.file',
  'questions.ask',
  'state.dir',
  'state.history',
  'state.latest',
  'state.logs',
  'state.keep.cycles',
  'state.keep.age',
  'state.keep.size',
  'state.archive.after',
  'state.archive.to',
  'state.snapshots.every',
  'state.snapshots.keep',
  'phases.*.jobs',
  'phases.*.timeout',
  'phases.*.policy',
  ...HOMES.steps.map((key) => `steps.*.${key}`),
  ...HOMES.gates.map((key) => `gates.*.${key}`),
  ...HOMES.defaults.map((key) => `defaults.${key}`),
];

/** Lowest first: variables, then `--set` in the order given, then the flags with a name of their own. */
export function overridesOf(
  flags: Flags,
  env: Environment,
  vars: readonly string[],
  problems: Problem[],
): readonly Layer[] {
  const layers: Layer[] = [];
  const variables = variablesFor(vars);
  sayUnknownVariables(env, variables, problems);
  for (const [name, key] of variables) {
    const value = env[name];
    if (value)
      layers.push({ source: 'variable', file: name, path: [], value: nested(key.split('.'), value) });
  }
  for (const [key, value] of flags.set) {
    const parts = partsOf(key);
    if (parts) layers.push({ source: 'flag', file: `--set ${key}`, path: [], value: nested(parts, value) });
    else problems.push(unknownKey(key));
  }
  for (const [flag, key, value] of namedFlags(flags)) {
    if (value !== undefined)
      layers.push({ source: 'flag', file: flag, path: [], value: nested(key.split('.'), value) });
  }
  for (const [metric, value] of flags.targets ?? []) {
    const parts = ['exit', 'target', metric];
    layers.push({ source: 'flag', file: `--target ${metric}`, path: [], value: nested(parts, value) });
  }
  return layers;
}

const PREFIX = 'GATE_RUN_';

/** A run inside another has the variables of the outer one, which may mean nothing to its config. */
function sayUnknownVariables(
  env: Environment,
  variables: readonly (readonly [name: string, key: string])[],
  problems: Problem[],
): void {
  if (env['GATE_RUN']) return;
  const known = variables.map(([name]) => name.slice(PREFIX.length));
  for (const file of Object.keys(env)) {
    const word = file.slice(PREFIX.length);
    if (!file.startsWith(PREFIX) || !env[file] || known.includes(word)) continue;
    const near = nearest(word, known);
    if (near !== undefined) {
      problems.push({ file, message: `unknown variable — did you mean \`${PREFIX}${near}\`?` });
    } else if (!word.startsWith('VAR_')) {
      // Several loops may share one environment, so a var that nothing here is called like may be another one's.
      const mend = `known are ${VARIABLES.map(([name]) => name).join(', ')} and ${PREFIX}VAR_NAME`;
      problems.push({ file, message: 'unknown variable', mend });
    }
  }
}

function variablesFor(vars: readonly string[]): readonly (readonly [string, string])[] {
  if (vars.length === 0) return VARIABLES;
  return [
    ...VARIABLES,
    ...vars.map((name) => [variableName('GATE_RUN_VAR_', name), `vars.${name}`] as const),
  ];
}

function namedFlags(
  flags: Flags,
): readonly (readonly [flag: string, key: string, value: string | undefined])[] {
  return [
    ['--profile', 'profile', flags.profile],
    ['--goal', 'goal', flags.goal],
    ['--jobs', 'jobs', flags.jobs],
    ['--sleep', 'loop.sleep', flags.sleep],
    ['--timeout', 'loop.timeout', flags.timeout],
    ['--max-backoff', 'loop.backoff.max', flags.maxBackoff],
    ['--iterations', 'exit.budget.cycles', flags.iterations],
    ['--max-runtime', 'exit.budget.runtime', flags.maxRuntime],
    ['--max-failures', 'exit.give-up.failures-in-a-row', flags.maxFailures],
    ['--stop-file', 'loop.stop-file', flags.stopFile],
    ['--overlap', 'loop.overlap', flags.overlap],
    ['--stop-within', 'loop.stop-within', flags.stopWithin],
  ];
}

/** The key in parts; what stands for the last `*` may hold dots itself (`thresholds.folder.lines`). */
function partsOf(key: string): readonly string[] | undefined {
  const words = key.split('.');
  for (const known of KEYS) {
    const parts = known.split('.');
    const isOpen = parts.at(-1) === '*';
    if (words.length < parts.length || (!isOpen && words.length > parts.length)) continue;
    const held = isOpen
      ? [...words.slice(0, parts.length - 1), words.slice(parts.length - 1).join('.')]
      : words;
    if (held.every((word, at) => word !== '' && (parts[at] === '*' || parts[at] === word))) return held;
  }
  return undefined;
}

function unknownKey(key: string): Problem {
  const file = `--set ${key}`;
  const task = /^(?:(steps|gates)\.[^.]+|defaults)\.(.+)$/.exec(key);
  if (task) {
    const known = HOMES[task[1] === 'steps' ? 'steps' : 'gates'];
    const message = unknownWord('key', task[2] ?? '', known);
    return { file, message, mend: `of a task --set knows ${known.join(', ')}` };
  }
  const mend = 'write the key as `plan` shows it; lists and commands are set in the file or a profile';
  return { file, message: unknownWord('key', key, KEYS), mend };
}

const DURATIONS: ReadonlySet<string> = new Set(
  ['timeout', 'stop-within', 'stall', 'warn', 'kill', 'kill-after', 'delay', 'cpu-time'], // last parts of keys of tasks
);
const OWN_NAMES = /^vars$|^with$|^set$|^thresholds$/;
const RUN_DURATIONS =
  /^(?:loop\.(?:sleep|timeout|stop-within|backoff\.(?:from|max)|rest\..*)|exit\.(?:target|budget|give-up)\.runtime|exit\.give-up\.half-open\.after|marks\.[^.]+\.(?:all|any)\.runtime|state\.keep\.age|state\.archive\.after)$/;

function isDuration(parts: readonly string[]): boolean {
  const [home = ''] = parts;
  if (RUN_KEYS.has(home)) return RUN_DURATIONS.test(parts.join('.'));
  return DURATIONS.has(parts.at(-1) ?? '') && !parts.slice(0, -1).some((part) => OWN_NAMES.test(part));
}

const RUN_KEYS: ReadonlySet<string> = new Set(['loop', 'exit', 'marks', 'state']);

/** Outside the file a bare number means seconds where a duration is due. */
function nested(parts: readonly string[], written: string): Values {
  let value: Values | string = isDuration(parts) && /^\d+$/.test(written) ? `${written}s` : written;
  // Built from entries, so that a name such as `__proto__` becomes a key and nothing else.
  for (const part of parts.toReversed()) value = Object.fromEntries([[part, value]]);
  return typeof value === 'string' ? {} : value;
}
