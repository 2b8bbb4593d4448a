// argv → what is wanted. Light: it is on the way to the first task. Unknown words are problems, never guesses.

import { nearest } from '../core/config/nearest.ts';
import type { Problem } from '../core/config/problem.ts';
import type { Flags } from '../core/plan/flags.ts';
import { COMMANDS, FLAGS, INNER_COMMANDS, LATER_COMMANDS, LATER_FLAGS, type FlagRow } from './flag-table.ts';
import { flagProblem, pairOf, seconds, type FlagValues } from './flag-values.ts';
import { LOOPING, loopFlags } from './loop-flags.ts';

export interface Arguments {
  readonly command: string;
  /** What stands behind the command's name, flags of the commands themselves included. */
  readonly rest: readonly string[];
  readonly flags: Flags;
  readonly config: string | undefined;
  readonly folder: string | undefined;
  readonly json: 'object' | 'lines' | undefined;
  readonly color: 'always' | 'never' | 'auto';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly failedOnly: boolean;
  readonly lockedOk: boolean;
  /** The old state is set aside first. */
  readonly cleanState: boolean;
  /** Carry a run on although its plan has changed. */
  readonly acceptConfig: boolean;
  readonly detach: boolean;
  /** The flags as they were typed, for who starts gate-run with them again. */
  readonly given: readonly GivenFlag[];
  readonly help: boolean;
  readonly version: boolean;
}

export interface GivenFlag {
  readonly name: string;
  readonly words: readonly string[];
}

type Values = FlagValues;

const BY_NAME = new Map(FLAGS.map((row) => [row.name, row]));
const BY_SHORT = new Map(
  FLAGS.flatMap((row) => (row.short === undefined ? [] : [[row.short, row] as const])),
);
const KNOWN_COMMANDS = new Set([...COMMANDS.map((row) => row.name), ...INNER_COMMANDS]);
/** Commands that read flags of their own; what is unknown here is theirs to judge. */
const OWN_FLAGS = new Set([
  'plan',
  'explain',
  'history',
  'report',
  'logs',
  'files',
  'init',
  'schema',
  'status',
  'questions',
  'check',
  'stop',
  'rehearse',
  'replay',
  'backup',
  'restore',
  'schedule',
  'doctor',
  'completion',
  'baseline',
  'ratchet',
  'champion',
]);

export function parseArguments(
  argv: readonly string[],
): Arguments | { readonly problems: readonly Problem[] } {
  const values: Values = new Map();
  const words: string[] = [];
  const problems: Problem[] = [];
  const given: GivenFlag[] = [];
  let command: string | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (command === undefined && KNOWN_COMMANDS.has(word)) command = word;
      else if (command === undefined && LATER_COMMANDS.has(word))
        problems.push(flagProblem(word, 'this command is not built yet', HELP_LISTS));
      else words.push(word);
      command ??= 'run';
      continue;
    }
    const more = takeFlag({
      argv,
      at,
      values,
      words,
      problems,
      isOwn: command !== undefined && OWN_FLAGS.has(command),
    });
    const { row } = split(word);
    if (row) given.push({ name: row.name, words: argv.slice(at, at + 1 + more) });
    at += more;
  }
  return problems.length > 0 ? { problems } : checked(command ?? 'run', words, { values, given });
}

interface Taking {
  readonly argv: readonly string[];
  readonly at: number;
  readonly values: Values;
  readonly words: string[];
  readonly problems: Problem[];
  readonly isOwn: boolean;
}

/** How many further words the flag took. */
function takeFlag({ argv, at, values, words, problems, isOwn }: Taking): number {
  const word = argv[at] ?? '';
  const { row, value, name, metric } = split(word);
  if (!row) {
    if (isOwn) words.push(word);
    else problems.push(unknownFlag(name));
    return 0;
  }
  const isOptional = row.value?.startsWith('[') ?? false;
  if (row.value === undefined && value !== undefined)
    problems.push(flagProblem(name, `takes no value, not \`${value}\``));
  if (row.value === undefined || isOptional || (value !== undefined && value !== '')) {
    add(values, row, ofMetric(metric, value ?? ''), problems);
    return 0;
  }
  const next = value === undefined ? argv[at + 1] : undefined;
  if (next === undefined || next === '' || (next.startsWith('-') && next.length > 1 && !/^-\d/.test(next))) {
    problems.push(flagProblem(name, `needs a value: \`${name} ${row.value}\``));
    return next === '' ? 1 : 0;
  }
  add(values, row, ofMetric(metric, next), problems);
  return 1;
}

interface Split {
  readonly row: FlagRow | undefined;
  readonly value: string | undefined;
  readonly name: string;
  /** Of `--target-edge 450`. */
  readonly metric?: string;
}

const TARGET_OF = '--target-';

function split(word: string): Split {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const metric = name.startsWith(TARGET_OF) ? name.slice(TARGET_OF.length) : '';
  if (metric !== '') return { row: BY_NAME.get('target'), value, name, metric };
  if (word.startsWith('--')) return { row: BY_NAME.get(name.slice(2)), value, name };
  const row = BY_SHORT.get(word.slice(1, 2));
  const glued = word.slice(2).replace(/^=/, '');
  return { row, value: glued === '' ? undefined : glued, name: word.slice(0, 2) };
}

function ofMetric(metric: string | undefined, value: string): string {
  return metric === undefined ? value : `${metric}=${value}`;
}

function add(values: Values, row: FlagRow, value: string, problems: Problem[]): void {
  const known = values.get(row.name) ?? [];
  if (known.length > 0 && !row.many && known[0] !== value) {
    problems.push(
      flagProblem(`--${row.name}`, `given twice, as \`${known[0]}\` and as \`${value}\``, 'keep one of them'),
    );
  }
  values.set(row.name, [...known, value]);
}

function unknownFlag(name: string): Problem {
  const bare = name.replace(/^-+/, '');
  if (LATER_FLAGS.has(bare)) return flagProblem(name, 'this flag is not built yet', HELP_LISTS);
  const near = nearest(bare, [...BY_NAME.keys()]);
  return near === undefined
    ? flagProblem(name, 'unknown flag', HELP_LISTS)
    : flagProblem(name, `unknown flag — did you mean \`--${near}\`?`);
}

const HELP_LISTS = '`gate-run --help` lists all that this version knows';

function checked(
  command: string,
  rest: readonly string[],
  { values, given }: { readonly values: Values; readonly given: readonly GivenFlag[] },
): Arguments | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const one = (name: string) => values.get(name)?.at(-1);
  const choice = <T extends string>(name: string, choices: readonly T[]): T | undefined => {
    const value = one(name);
    if (value === undefined) return undefined;
    const known = choices.find((word) => word === value);
    if (known === undefined)
      problems.push(
        flagProblem(
          `--${name}`,
          `takes ${choices.filter((word) => word !== '').join(', ')}, not \`${value}\``,
        ),
      );
    return known;
  };
  const json = choice('json', ['', 'lines']);
  const color = choice('color', ['always', 'never', 'auto']) ?? 'auto';
  const failOn = choice('fail-on', ['any', 'soft']);
  if (values.has('failed') && command !== 'run')
    problems.push(flagProblem('--failed', '--failed goes with `run`'));
  if (values.has('clean-state') && (command !== 'run' || rest.length > 0 || values.has('failed')))
    problems.push(
      flagProblem(
        '--clean-state',
        'goes with `run`, without names of tasks and without --failed',
        'leave it out',
      ),
    );
  if (values.has('detach') && command !== 'run' && command !== 'resume')
    problems.push(flagProblem('--detach', '--detach goes with `run` and `resume`'));
  const flags = flagsOf({ command, rest, values, failOn, problems });
  const looping = BESIDE_NO_NAMES.find((name) => values.has(name));
  if (looping !== undefined && flags.tasks.length > 0)
    problems.push(
      flagProblem(`--${looping}`, 'named tasks run once, beside a loop', 'leave the names or the flag out'),
    );
  if (problems.length > 0) return { problems };
  return {
    command,
    rest,
    flags,
    config: one('config'),
    folder: one('folder'),
    json: json === 'lines' ? 'lines' : json === '' ? 'object' : undefined,
    color,
    quiet: values.has('quiet'),
    verbose: values.has('verbose'),
    failedOnly: values.has('failed'),
    lockedOk: values.has('locked-ok'),
    cleanState: values.has('clean-state'),
    acceptConfig: values.has('accept-config'),
    detach: values.has('detach'),
    given,
    help: values.has('help'),
    version: values.has('version'),
  };
}

/** What only a run under the lock can have. */
const BESIDE_NO_NAMES = [...LOOPING, 'replace', 'detach'];

interface Raw {
  readonly command: string;
  readonly rest: readonly string[];
  readonly values: Values;
  readonly failOn: 'any' | 'soft' | undefined;
  readonly problems: Problem[];
}

function flagsOf({ command, rest, values, failOn, problems }: Raw): Flags {
  const one = (name: string) => values.get(name)?.at(-1);
  const many = (name: string) =>
    (values.get(name) ?? []).flatMap((value) => value.split(',')).filter((id) => id !== '');
  const set = (values.get('set') ?? []).map((pair) => pairOf(pair, ['--set', 'KEY=VALUE'], problems));
  const profile = one('profile') ?? one('mode');
  const texts = {
    profile,
    goal: one('goal'),
    jobs: one('jobs'),
    timeout: seconds(one('timeout')),
    capWrites: one('cap-writes'),
    ...loopFlags(values, problems),
    since: one('since'),
    failOn,
  };
  const given = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
  return {
    ...given,
    set,
    skip: many('skip'),
    only: many('only'),
    phases: many('phase'),
    tasks: command === 'run' ? rest : [],
    ...(command === 'run' && { commands: [...KNOWN_COMMANDS] }),
    reporters: values.get('reporter') ?? [],
  };
}
