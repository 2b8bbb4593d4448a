// Flags that one command reads for itself, for help, completion and the reference page. The command itself knows how to read them.

import type { FlagRow } from './flag-table.ts';

/** By command. A value in brackets may be left out. */
export const COMMAND_FLAGS: Readonly<Record<string, readonly FlagRow[]>> = {
  plan: [{ name: 'diff', about: 'only what differs from the plan of the last run' }],
  explain: [
    {
      name: 'cycle',
      value: 'N',
      about: 'what happened in this cycle, attempt by attempt, in the place of a task',
    },
  ],
  check: [
    {
      name: 'lock',
      value: 'FILE',
      about: 'also look whether the lock file of npm is whole for every platform; `auto` finds it',
    },
  ],
  doctor: [
    {
      name: 'prove',
      about:
        'in the place of that: plant something bad in a copy of the folder, and name every gate that cannot fail',
    },
  ],
  champion: [
    { name: 'batches', value: 'N', about: 'of `robustness`: so many batches of seeds; 3 without it' },
  ],
  baseline: [{ name: 'times', short: 'n', value: 'N', about: 'runs of each gate; 3 without it' }],
  ratchet: [{ name: 'pin', about: 'write the tighter limits into the config, and nothing else' }],
  init: [{ name: 'print', about: 'show the config on stdout and write nothing' }],
  status: [
    { name: 'running', about: 'say nothing; exit 0 while a run is under way, else 1' },
    { name: 'watch', value: 'SECONDS', about: 'show it again and again, until Ctrl-C' },
  ],
  history: [
    { name: 'last', value: 'N', about: 'as many cycles; 20 without it, and of a table all' },
    { name: 'verdict', value: 'WORDS', about: 'only cycles with one of these verdicts' },
    {
      name: 'outcome',
      value: 'WORDS',
      about: 'only cycles in which a task ended so: oom, timed-out, stalled …',
    },
    { name: 'sort', value: 'METRIC', about: 'the best by this metric first, of all cycles' },
    { name: 'show', value: 'NAMES', about: 'also these labels and metrics of each cycle' },
    { name: 'follow', about: 'go on with each cycle that ends, until the run has ended' },
    { name: 'csv', about: 'a table with a header line; without --show with every metric and label' },
  ],
  logs: [
    { name: 'tail', value: 'N', about: 'only the last lines' },
    {
      name: 'follow',
      about: 'go on until the task has ended; without a task, all that is printed until the run has ended',
    },
    { name: 'stderr', about: 'the file of stderr, where a task keeps it apart' },
  ],
  questions: [
    { name: 'open', about: 'leave closed questions out' },
    { name: 'closed', about: 'leave open questions out' },
    {
      name: 'sort',
      value: 'ORDER',
      about: '`age`, the oldest first, as without it; or `count`, the most seen first',
    },
  ],
  schedule: [
    {
      name: 'cron',
      value: '[EXPRESSION]',
      about: 'a line for crontab; without an expression the calendar of the config',
    },
    {
      name: 'systemd',
      about: 'a unit for the loop that stays; with `--cron` one for each start, and its timer',
    },
    { name: 'user', about: 'units for `systemctl --user`' },
    { name: 'to', value: 'FOLDER', about: 'write the units there instead of printing them' },
  ],
  report: [
    {
      name: 'last',
      value: 'N',
      about: 'the newest cycles, whichever runs they belong to; without it the last run',
    },
    {
      name: 'by',
      value: 'LABEL',
      about: 'a table of what each value of this label came to; several with commas',
    },
    { name: 'top', value: 'N', about: 'rows of a table; 10 without it' },
    {
      name: 'file',
      value: 'FILE',
      about: 'where to; ends with .md or .html, and the other one is written beside it',
    },
  ],
  stop: [
    { name: 'now', about: 'running tasks are ended at once' },
    { name: 'undo', about: 'take the stop file away' },
  ],
  replay: [{ name: 'run', value: 'ID', about: 'this run; without it the last loop' }],
  restore: [
    {
      name: 'force',
      about: 'also in the place of a state that has more than the backup, or is damaged; it is set aside',
    },
  ],
  rehearse: [
    { name: 'nights', value: 'N', about: 'as many nights; 10 without it' },
    { name: 'seed', value: 'N', about: 'what outcomes and trouble are drawn from; 1 without it' },
    {
      name: 'faults',
      value: 'KINDS',
      about:
        'only these kinds of trouble: failures, hangs, limits, oom, full-disk, crash, clock, suspend; or `all`, or `none`',
    },
    {
      name: 'script',
      value: 'FILE',
      about: 'outcomes by cycle and task from a JSON file, in the place of drawn ones',
    },
  ],
};
