// docs/cli.md: commands, flags and exit codes, from the tables that the command line itself is read with.

import {
  COMMANDS,
  FLAGS,
  LATER_COMMANDS,
  LATER_FLAGS,
  type CommandRow,
  type FlagRow,
} from '../../src/cli/flag-table.ts';
import { COMMAND_FLAGS } from '../../src/cli/command-flags.ts';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { VARIABLES } from '../../src/core/plan/overrides.ts';
import { code, row } from './markdown.ts';

const MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.passed, 'every strict gate of the last cycle passed, or the target is met'],
  [EXIT.failed, 'a strict gate failed; with `--fail-on soft` also when a soft one did'],
  [EXIT.usage, 'the command line or the config has a problem; nothing was started'],
  [EXIT.broken, 'something could not be started or measured, or the phases at the start did not pass'],
  [EXIT.gaveUp, 'the run was given up, by a rule of `exit.give-up`'],
  [EXIT.budget, 'a budget was spent, and the target that is written was not met'],
  [
    EXIT.stopped,
    'stopped by the stop file, SIGTERM, SIGQUIT, Ctrl-C, or SIGHUP on a terminal; running tasks were given time to end',
  ],
  [EXIT.locked, 'another run holds the state directory; with `--locked-ok` it is 0'],
  [EXIT.storage, 'the disk failed, the ledger is damaged, or the answer could not be written'],
  [
    EXIT.integrity,
    'a protected file changed, or is not as the run before left it and nobody has accepted that',
  ],
  [EXIT.bug, 'a mistake in gate-run itself'],
  [EXIT.node, 'this Node is too old; nothing was loaded'],
  [
    EXIT.interrupt,
    'a second signal ended the running tasks at once; the first was Ctrl-C, SIGHUP or SIGQUIT',
  ],
  [EXIT.terminate, 'a second signal ended the running tasks at once; the first was SIGTERM'],
];

const VARIABLES_SHOWN = [...VARIABLES, ['GATE_RUN_VAR_NAME', 'vars.name'] as const];

export function cliPage(): string {
  const commands = COMMANDS.map((one) => row(code(commandWords(one)), one.about));
  const flags = FLAGS.map((one) => row(code(flagWords(one)), one.about));
  const exits = MEANINGS.map(([exit, meaning]) => row(String(exit), meaning));
  return `${[
    '# The command line',
    '',
    '`gate-run [command] [flags]`. Without a command, or with names of tasks alone, it is `run`.',
    'Written by `node scripts/reference.ts` from `src/cli/flag-table.ts`, `src/cli/command-flags.ts` and `src/core/loop/run-end.ts`.',
    '',
    'See [commands](#commands), [flags of one command](#flags-of-one-command), [flags](#flags), [exit codes](#exit-codes)',
    'and what is [not built yet](#not-built-yet).',
    '',
    '## Commands',
    '',
    ...table(['command', 'does'], commands),
    '',
    '## Flags of one command',
    '',
    ...table(['command', 'flag', 'does'], ownRows()),
    '',
    '## Flags',
    '',
    'A flag that sets a key of the config goes before `GATE_RUN_*` variables, the profile, the file and the default.',
    'A value is written behind a space or `=`. `--` ends the flags.',
    '',
    ...table(['flag', 'does'], flags),
    '',
    '## Variables',
    '',
    'Each sets one key, above the file and its profiles and below the flags. An empty one counts as unset; a bare number of a',
    'duration means seconds. The flags alone decide whether one cycle follows another.',
    '',
    ...table(
      ['variable', 'sets'],
      VARIABLES_SHOWN.map(([name, key]) => row(code(name), code(key))),
    ),
    '',
    '## Exit codes',
    '',
    'Where several would do: a failed disk goes first, then the end of the run (target, stop, budget, giving up), then 3, then 1.',
    '',
    ...table(['code', 'means'], exits),
    '',
    '## Not built yet',
    '',
    'These words are kept for later versions. Using one is a problem that says so, exit 2.',
    '',
    `Commands: ${[...LATER_COMMANDS].map(code).join(', ')}.`,
    '',
    `Flags: ${[...LATER_FLAGS].map((name) => code(`--${name}`)).join(', ')}.`,
  ].join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly string[]): readonly string[] {
  return [row(...head), `|${'---|'.repeat(head.length)}`, ...rows];
}

function ownRows(): readonly string[] {
  return Object.entries(COMMAND_FLAGS).flatMap(([command, flags]) =>
    flags.map((one) => row(code(command), code(flagWords(one)), one.about)),
  );
}

function commandWords({ name, args }: CommandRow): string {
  return args === undefined ? name : `${name} ${args}`;
}

function flagWords({ name, short, value = '', many }: FlagRow): string {
  const dashes = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const behind = value.startsWith('[') ? `[=${value.slice(1, -1)}]` : value === '' ? '' : ` ${value}`;
  return `${dashes}${behind}${many === true ? ' …' : ''}`;
}
