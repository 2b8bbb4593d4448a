// The text of `--help`, made from the same tables that the command line is read with.

import { COMMANDS, FLAGS, type FlagRow } from './flag-table.ts';

const INDENT = 28;

/** Ends with a newline. */
export function help(): string {
  const commands = COMMANDS.map(({ name, args, about }) =>
    line(args === undefined ? name : `${name} ${args}`, about),
  );
  const flags = FLAGS.map((row) => line(spelling(row), row.about));
  return [
    'gate-run [command] [flags]    carry out loop.config.yaml: phases, steps, gates',
    '',
    'Commands (without one: run)',
    ...commands,
    '',
    'Flags',
    ...flags,
    '',
    'Exit codes: 0 passed, 1 a strict gate failed, 2 usage or config problem, 3 broken or could not be measured,',
    '4 gave up, 5 budget spent and target not met, 6 stopped, 7 another run holds the lock, 8 storage failed or the ledger',
    'is damaged, 70 a bug, 78 Node too old, 130 or 143 forced by a second signal.',
    '',
  ].join('\n');
}

function line(left: string, about: string): string {
  const isLong = left.length > INDENT - 4;
  return `  ${isLong ? `${left}\n${' '.repeat(INDENT)}` : left.padEnd(INDENT - 2)}${about}`;
}

function spelling({ name, short, value }: FlagRow): string {
  const dashes = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (value === undefined) return dashes;
  return value.startsWith('[') ? `${dashes}[=${value.slice(1, -1)}]` : `${dashes} ${value}`;
}
