// Every trap that LANGUAGE names, met by the built command: its own words and its mend, exit 2, nothing started.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop } from './rig.ts';

interface Trap {
  readonly written: string;
  readonly says: string;
  readonly mend: string;
}

const METRIC = 'metrics: { lines: { count: x } }';

/** Keys of a gate. */
const IN_A_GATE: readonly Trap[] = [
  {
    written: `run: make\n${METRIC}\nthresholds:\n  lines: > 5`,
    says: 'without quotes `> 5` is a block of text in YAML, not a comparison',
    mend: 'quote it: "> 5"',
  },
  {
    written: `run: make\n${METRIC}\nthresholds: { lines: >= 80 }`,
    says: 'without quotes `>= 80` is a block of text in YAML, not a comparison',
    mend: 'quote it: ">= 80"',
  },
  {
    written: `run: make\n${METRIC}\nthresholds: { lines: != 5 }`,
    says: 'without quotes `!=` is a tag in YAML, and the comparison is lost',
    mend: 'quote it: "!= 5"',
  },
  {
    written: 'run: make\nwhen: { changed: [*.ts] }',
    says: 'without quotes a leading `*` is an alias in YAML, and aliases are not read here',
    mend: 'quote it: "*.ts"',
  },
  {
    written: 'run: {{vars.tool}} --fast',
    says: 'at the start of a value, `{{` needs quotes around the whole value',
    mend: 'quote it: "{{vars.tool}} --fast"',
  },
  {
    written: 'run: make\nenv: { set: { A: x-{{vars.a}} } }',
    says: 'inside `{ }` and `[ ]`, `{{` needs quotes around the whole value',
    mend: 'quote it: "x-{{vars.a}}"',
  },
  {
    written: 'run: [make, {{count}}]',
    says: 'inside `{ }` and `[ ]`, `{{` needs quotes around the whole value',
    mend: 'quote it: "{{count}}"',
  },
  {
    written: 'run: true',
    says: 'expected a command: text, or a list of words, not `true`',
    mend: 'unquoted, `true` is a boolean; as a command write run: "true"',
  },
  {
    written: 'run: ! grep x file',
    says: 'without quotes `!` is a tag in YAML, and the command loses it',
    mend: 'quote it: "! grep x file"',
  },
  {
    written: 'run: [ -f x ] && make',
    says: 'without quotes `[` starts a list in YAML, not a test',
    mend: 'quote it: "[ -f x ] && make"',
  },
  {
    written: 'run: &x make',
    says: 'without quotes `&` is an anchor in YAML, and the command loses it',
    mend: 'quote it: "&x make"',
  },
  {
    written: 'run: echo a: b',
    says: 'without quotes `: ` makes a map of the command',
    mend: 'quote it: "echo a: b"',
  },
  {
    written: 'run: echo a #b',
    says: 'without quotes ` #` ends the command',
    mend: 'quote the command; or, if it is a comment, put two spaces before the `#`',
  },
  {
    written: 'run: make\nmetrics: { lines: { regex: "(?<value>\\d+)" } }',
    says: '`\\d` is no escape that double quotes know',
    mend: 'use single quotes: inside them a backslash is just a backslash',
  },
  {
    written: 'run: [echo, yes]',
    says: 'an unquoted `yes` is a boolean to many YAML readers',
    mend: 'write `true`, or quote it if it is text: "yes"',
  },
  {
    written: 'run: make\nneeds: [no]',
    says: 'an unquoted `no` is a boolean to many YAML readers',
    mend: 'write `false`, or quote it if it is text: "no"',
  },
  {
    written: 'run: make\ntimeout: 5m\ntimeout: 6m',
    says: 'duplicate key `timeout`, first on line 8',
    mend: 'keep one of them',
  },
  {
    written: 'run: make\ntimeout: !!str 5m',
    says: 'tags are not read in a config',
    mend: 'remove it, or quote the value',
  },
  {
    written: 'run: make\nenv: &e { set: { A: b } }',
    says: 'anchors are not read in a config',
    mend: 'remove it; `defaults` and `vars` are for what repeats',
  },
  {
    written: 'run: make\nenv: *e',
    says: 'without quotes a leading `*` is an alias in YAML, and aliases are not read here',
    mend: 'quote it: "*e"',
  },
  {
    written: 'run: make\n<<: x',
    says: '`<<` merges nothing here',
    mend: 'write the keys out, or use `defaults`',
  },
  { written: 'run: make\ntimeout:', says: '`timeout` has no value', mend: 'give it one, or remove the key' },
  {
    written: 'run: make\ncontinue-on-error: true',
    says: 'unknown key `continue-on-error`',
    mend: 'write `mode: soft`',
  },
  {
    written: 'run: make\nallow_failure: true',
    says: 'unknown key `allow_failure`',
    mend: 'write `mode: soft`',
  },
  { written: 'run: make\nsoft_fail: true', says: 'unknown key `soft_fail`', mend: 'write `mode: soft`' },
  { written: 'run: make\nif: always()', says: 'unknown key `if`', mend: 'write `when`' },
  { written: 'run: make\ndepends_on: [a]', says: 'unknown key `depends_on`', mend: 'write `needs`' },
  {
    written: 'run: echo "{{vars.x}}"',
    says: '`{{` in a command that a shell runs',
    mend: 'write `"$GATE_VAR_X"`, or make `run` a list of words',
  },
];

/** Whole lines under `gates:`. */
const OF_A_GATE: readonly Trap[] = [
  {
    written: 'g: { run: echo a, b, timeout: 5m }',
    says: 'inside `{ }` a comma ends the command',
    mend: 'quote it: "echo a, b"',
  },
  { written: '1st: { run: make }', says: 'the id `1st` does not start with a letter', mend: 'call it `st`' },
];

/** Keys of the file. */
const AT_THE_TOP: readonly Trap[] = [
  {
    written: 'on: push',
    says: 'an unquoted key `on` is no word to many YAML readers',
    mend: 'gate-run has no triggers: a person, cron or CI starts it',
  },
  {
    written: '%YAML 1.1',
    says: 'a `%` directive is not read here',
    mend: 'remove it',
  },
];

function title({ written }: Trap): string {
  return written.split('\n').at(-1) ?? '';
}

async function meets({ says, mend }: Trap, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = folderWith(files);
  const ran = await gateRun(folder);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
  expect(ran.stderr).toContain(says);
  expect(ran.stderr).toContain(mend);
  expect(ran.stderr).toMatch(/^loop\.config\.yaml:\d+:\d+ {2}/);
  expect(folder.list()).toEqual(['loop.config.yaml']);
}

for (const trap of IN_A_GATE) {
  test(`[B10] in a gate: ${title(trap)}`, () =>
    meets(trap, loop(`g:\n${trap.written.replaceAll(/^/gm, '  ')}`)));
}

for (const trap of OF_A_GATE) {
  test(`[B10] a gate: ${title(trap)}`, () => meets(trap, loop(trap.written)));
}

for (const trap of AT_THE_TOP) {
  test(`[B10] in the file: ${title(trap)}`, () => {
    const { 'loop.config.yaml': text = '' } = loop('g: { run: make }');
    const isDirective = trap.written.startsWith('%');
    const whole = isDirective ? `${trap.written}\n---\n${text}` : `${text}${trap.written}\n`;
    return meets(trap, { 'loop.config.yaml': whole });
  });
}
