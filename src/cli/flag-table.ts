// Every flag of the command line: what it takes, what it sets, and whether it is built. Help and completion are read from it.

export interface FlagRow {
  readonly name: string;
  readonly short?: string;
  /** The word for its value in the help; absent: it takes none. */
  readonly value?: string;
  readonly many?: true;
  readonly about: string;
}

export const FLAGS: readonly FlagRow[] = [
  { name: 'config', short: 'c', value: 'FILE', about: 'the config to use instead of searching for one' },
  { name: 'folder', short: 'C', value: 'FOLDER', about: 'start there instead of here' },
  { name: 'jobs', short: 'j', value: 'N', about: 'tasks at once' },
  { name: 'profile', value: 'NAME', about: 'the profile in force' },
  { name: 'mode', value: 'NAME', about: 'the same as --profile' },
  { name: 'goal', value: 'TEXT', about: 'the goal, for prompts, questions and reports' },
  {
    name: 'continuous',
    about: 'cycle after cycle; carries on the last run if that has no end or was stopped',
  },
  { name: 'iterations', value: 'N', about: 'a run of its own with so many cycles' },
  { name: 'cycles', value: 'N', about: 'the same as --iterations' },
  { name: 'max-iterations', value: 'N', about: 'the same as --iterations' },
  {
    name: 'max-runtime',
    value: 'TIME',
    about: 'cycle after cycle for so long at most; a bare number means seconds',
  },
  {
    name: 'target',
    value: 'NAME=VALUE',
    many: true,
    about: 'cycle after cycle until this holds; also --target-NAME VALUE',
  },
  { name: 'sleep', value: 'TIME', about: 'pause after a passing cycle; a bare number means seconds' },
  {
    name: 'max-failures',
    value: 'N',
    about: 'give up after so many failures in a row; `never` switches it off',
  },
  { name: 'max-backoff', value: 'TIME', about: 'longest pause after a cycle that did not pass' },
  { name: 'cap-writes', value: 'N', about: 'most files that a task with `writes` may change' },
  { name: 'stop-file', value: 'PATH', about: 'anything at this path is a stop' },
  {
    name: 'overlap',
    value: 'skip|queue|replace',
    about: 'while another run is under way: exit 7, wait for its end, or end it and take its place',
  },
  { name: 'replace', about: 'the same as --overlap replace' },
  { name: 'detach', about: 'start in the background; prints run id, pid and log once the run is under way' },
  {
    name: 'accept-config',
    about: 'carry a run on although its config has changed; take protected files as they are now',
  },
  { name: 'timeout', value: 'TIME', about: 'limit of a whole cycle; a bare number means seconds' },
  { name: 'set', value: 'KEY=VALUE', many: true, about: 'set any key of the config' },
  { name: 'skip', value: 'IDS', many: true, about: 'leave these tasks out' },
  { name: 'only', value: 'IDS', many: true, about: 'leave all other tasks out' },
  { name: 'phase', value: 'IDS', many: true, about: 'leave all other phases out' },
  { name: 'failed', about: 'only the tasks that were not green in the last cycle, and what they need' },
  { name: 'since', value: 'REF', about: 'what `when: changed` compares with' },
  {
    name: 'reporter',
    value: 'NAME=FILE',
    many: true,
    about: 'add a reporter, such as plain, github, gitlab, report=FILE, junit=FILE, tap=FILE, sarif=FILE',
  },
  { name: 'json', value: '[lines]', about: 'stdout is one JSON object, or the events as lines' },
  { name: 'fail-on', value: 'any|soft', about: 'exit 1 also for a failed cycle anywhere, or a soft failure' },
  { name: 'clean-state', about: 'set the old state aside first, and begin anew with cycle 1' },
  { name: 'locked-ok', about: 'exit 0 instead of 7 when another run holds the lock' },
  { name: 'quiet', short: 'q', about: 'only what went wrong, and the last line' },
  { name: 'verbose', short: 'v', about: 'output of every task, also of those that passed' },
  { name: 'color', value: 'always|never|auto', about: 'colours' },
  { name: 'help', short: 'h', about: 'this text' },
  { name: 'version', about: 'the version' },
];

/** In the contract, and not built yet: using one is a problem that says so. */
export const LATER_FLAGS: ReadonlySet<string> = new Set(['activity']);

export interface CommandRow {
  readonly name: string;
  readonly args?: string;
  readonly about: string;
}

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'run',
    args: '[TASK…]',
    about: 'one cycle, or a loop; or the named tasks and what they need, beside a living loop',
  },
  { name: 'plan', about: 'what would run, what would be skipped and why, each value and its source' },
  {
    name: 'explain',
    args: 'TASK|exit|--cycle N',
    about: 'one task of the plan, what ends a run, or what happened in a cycle, each whole',
  },
  { name: 'check', about: 'every problem of the config and of the gate files' },
  {
    name: 'schema',
    args: '[loop|gate|output|COMMAND]',
    about: 'the JSON Schemas of the files, and of what `--json` prints',
  },
  { name: 'doctor', about: 'whether a run could do its work here, and what to mend where not' },
  { name: 'init', about: 'a first config from what the folder holds' },
  { name: 'status', about: 'what is going on, or how it ended' },
  { name: 'history', about: 'the cycles so far' },
  { name: 'logs', args: '[CYCLE] [TASK]', about: 'output of a task' },
  { name: 'report', about: 'what came of the run, as Markdown and as one HTML file' },
  { name: 'questions', about: 'open failures, written down' },
  {
    name: 'cache',
    args: '[status|clean]',
    about: 'how many answers are kept and how much room they take, or none any more',
  },
  {
    name: 'baseline',
    args: '[show [GATE…]|clear]',
    about: 'run every gate a few times before the loop, and record how it stood; or show or clear that',
  },
  {
    name: 'ratchet',
    args: '[NAME…]',
    about: 'the room that each threshold leaves; --pin writes tighter limits into the config',
  },
  {
    name: 'champion',
    args: '[show|history|restore N|robustness]',
    about: 'the best cycle so far, and those before; bring one back; measure it on other seeds',
  },
  { name: 'verify', about: 'whether the ledger is what was written, line by line; changes nothing' },
  { name: 'backup', args: '[FILE]', about: 'the state in one file, also while a run is under way' },
  { name: 'restore', args: 'FILE', about: 'the state as a backup has it; what was there is set aside' },
  { name: 'stop', args: '[--now|--undo]', about: 'ask the run to stop, or take that back' },
  { name: 'resume', about: 'take the stop back and carry the run on, with the flags that it began with' },
  {
    name: 'schedule',
    args: '[--cron [EXPRESSION]] [--systemd]',
    about: 'a crontab line or units of systemd for this loop and the flags given',
  },
  {
    name: 'completion',
    args: '[bash|zsh|fish]',
    about: 'the script that completes commands, flags and tasks in a shell',
  },
  {
    name: 'replay',
    args: '[LEDGER]',
    about: 'this config, with --set and other flags, over a recorded ledger: where it would have stopped',
  },
  { name: 'rehearse', about: 'this config through simulated nights; starts nothing, writes nowhere' },
];

/** Used by gates of the library, not by people. */
export const INNER_COMMANDS: ReadonlySet<string> = new Set(['files']);

export const LATER_COMMANDS: ReadonlySet<string> = new Set(['monitor', 'classify']);
