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
  ['GATE_RUN_TIMEOUT', 'loop.timeout'],
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
  'log-limit',
  'cwd',
  'stdin',
  'shell',
  'env.set.*',
] as const;
const GATE_KEYS = [...TASK_KEYS, 'mode', 'on-broken', 'with.*', 'thresholds.*'] as const;
const HOMES = { steps: TASK_KEYS, gates: GATE_KEYS, defaults: GATE_KEYS };

const KEYS: readonly string[] = [
  'goal',
  'profile',
  'jobs',
  'vars.*',
  'loop.timeout',
  'loop.stop-within',
  'questions.file',
  'questions.ask',
  'state.dir',
  'state.history',
  'state.latest',
  'state.logs',
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
    ['--timeout', 'loop.timeout', flags.timeout],
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
  ['timeout', 'stop-within', 'stall', 'warn', 'kill', 'kill-after', 'delay'], // last parts of keys
);
const OWN_NAMES = /^vars$|^with$|^set$|^thresholds$/;

/** Outside the file a bare number means seconds where a duration is due. */
function nested(parts: readonly string[], written: string): Values {
  const isDuration =
    DURATIONS.has(parts.at(-1) ?? '') && !parts.slice(0, -1).some((part) => OWN_NAMES.test(part));
  let value: Values | string = isDuration && /^\d+$/.test(written) ? `${written}s` : written;
  // Built from entries, so that a name such as `__proto__` becomes a key and nothing else.
  for (const part of parts.toReversed()) value = Object.fromEntries([[part, value]]);
  return typeof value === 'string' ? {} : value;
}
