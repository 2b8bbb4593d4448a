import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandText, fillArgv, hidesFailure, readCommand } from '../../../src/core/plan/command.ts';
import type { CommandPlan } from '../../../src/core/plan/plan.ts';

function commandOf(run: string | readonly (string | number)[], shell: 'sh' | 'bash' = 'sh'): CommandPlan {
  const read = readCommand(run, shell);
  if ('wrong' in read) throw new Error(read.wrong);
  return read.command;
}

describe('a string without shell characters starts without a shell', () => {
  test.each([
    ['tsc --noEmit', ['tsc', '--noEmit']],
    ['  npm   run\t-s lint ', ['npm', 'run', '-s', 'lint']],
    ['echo hello', ['echo', 'hello']],
    ['test -f x', ['test', '-f', 'x']],
    ['true', ['true']],
    ['make CC=gcc all', ['make', 'CC=gcc', 'all']],
    ['tool --a={{vars.a}} {{ count }}', ['tool', '--a={{vars.a}}', '{{ count }}']],
    ['{{vars.tool}} x', ['{{vars.tool}}', 'x']],
    ['cd{{vars.x}} y', ['cd{{vars.x}}', 'y']],
    ['{{ vars.x }}cd y', ['{{ vars.x }}cd', 'y']],
    ['npm test\n', ['npm', 'test']],
    ['docker build -t a:b@1,2%3+4 .', ['docker', 'build', '-t', 'a:b@1,2%3+4', '.']],
  ])('%j', (run, argv) => {
    expect(commandOf(run)).toEqual({ kind: 'argv', argv });
  });
});

describe('a string with a shell character, a keyword, an assignment or a builtin goes through the shell', () => {
  const characters = Array.from('#;"\'*?[]&|<>(){}$`\\^~!', (character) => `a ${character}b`);
  test.each([
    ...characters,
    'a\nb',
    'A=1 b',
    'cd x',
    'export A',
    'exit 3',
    'set -e',
    '. ./env',
    'if true',
    'while true',
    'for x in y',
    'time make',
    'eval x',
    ': nothing',
    'wait 1',
  ])('%j', (run) => {
    expect(commandOf(run)).toEqual({ kind: 'shell', shell: 'sh', script: run });
    expect(commandOf(run, 'bash')).toEqual({ kind: 'shell', shell: 'bash', script: run });
  });
});

describe('a list is argv, whatever its words hold', () => {
  test.each([
    [
      ['a b', 'c;d', '$(e)'],
      ['a b', 'c;d', '$(e)'],
    ],
    [
      ['sleep', 5],
      ['sleep', '5'],
    ],
    [
      ['cd', ''],
      ['cd', ''],
    ],
  ])('%j', (run, argv) => {
    expect(commandOf(run)).toEqual({ kind: 'argv', argv });
  });
});

test('nothing to run is a problem', () => {
  for (const run of ['', '  \n', [], ['', 'x'], [' ']])
    expect(readCommand(run, 'sh')).toHaveProperty('wrong');
});

describe('`{{` in a command that a shell runs is a problem, and the mend names the variable', () => {
  test.each([
    ['echo "{{seed}}"', '"$GATE_SEED"'],
    ['a | b {{cycle.dir}}', '"$GATE_CYCLE_DIR"'],
    ['a; b {{vars.max-draw}}', '"$GATE_VAR_MAX_DRAW"'],
    ['cd {{goal}}', '"$GATE_GOAL"'],
    ['a > {{metrics.edge}}', '"$GATE_METRIC_EDGE"'],
    ['a > {{profile}}', 'list of words'],
    ['A={{seed}} b', '"$GATE_SEED"'],
    ["docker ps --format '{{", 'script of its own'],
  ])('%j', (run, mend) => {
    expect(readCommand(run, 'sh')).toEqual({
      wrong: expect.stringContaining('`{{`'),
      mend: expect.stringContaining(mend),
    });
  });
});

/** Texts that a person with bad intentions, or a careless tool, would hand over as a value. */
const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '$(touch /tmp/x)',
    '`id`',
    '; rm -rf /',
    '" && x "',
    "' || '",
    'a b c',
    '\n',
    '\r\n',
    '\t',
    '',
    ' ',
    '{{seed}}',
    '{{vars.a}}',
    '}}',
    '{{',
    '$&',
    '$1',
    "$'",
    '$`',
    '$$',
    '|',
    '>',
    '*',
    '~',
    '!',
    '#',
    'cd',
    'if',
    'A=1',
    '\\',
    '\0',
    '--flag',
    '\u2028',
    '$HOME',
  ),
);

describe('no value ever becomes shell text, nor is it split', () => {
  const part = fc.constantFrom(
    'a',
    '--x=',
    '{{vars.v}}',
    '{{goal}}',
    '{{ seed }}',
    ' ',
    '  ',
    '/',
    '-',
    '"',
    ';',
    '$(',
    '|',
    '\n',
    'cd',
  );
  const templates = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));

  test('a string is a shell script without any placeholder, or words that stay as many as they were', () => {
    fc.assert(
      fc.property(templates, hostile, (run, value) => {
        const read = readCommand(run, 'sh');
        if ('wrong' in read) return;
        if (read.command.kind === 'shell') {
          expect(read.command.script).not.toContain('{{');
          return;
        }
        const { argv } = read.command;
        const filled = fillArgv(argv, () => value);
        expect(filled).toHaveLength(argv.length);
        argv.forEach((word, at) => {
          expect(filled[at]).toBe(word.split(/\{\{[^{}]*\}\}/).join(value));
        });
      }),
      { numRuns: 3000 },
    );
  });

  test('whether a shell runs it is decided by the text as written, whatever the values are', () => {
    fc.assert(
      fc.property(templates, (run) => {
        const bare = run.replace(/\{\{[^{}]*\}\}/g, 'x').trim();
        const read = readCommand(run, 'sh');
        const needsShell = /["';$(|\n]/.test(bare) || /^cd( |$)/.test(bare);
        if ('command' in read) expect(read.command.kind).toBe(needsShell ? 'shell' : 'argv');
        else expect(needsShell || bare === '').toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('a word of a list takes a value whole', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        expect(fillArgv(['a', 'x{{vars.v}}y', '{{goal}}'], () => value)).toEqual(['a', `x${value}y`, value]);
      }),
    );
  });
});

describe('a pipe hides the failure of what stands before its end', () => {
  test.each([
    ['a | b', true],
    ['a|b', true],
    ['a |& b', true],
    ['a || b', false],
    ["grep 'x|y' f; a", false],
    ['grep "x|y" f; a', false],
    ['a \\| b', false],
    ['a # b | c', false],
    ['a || b | c', true],
  ])('%j: %j', (run, hides) => {
    expect(hidesFailure(commandOf(run))).toBe(hides);
    expect(hidesFailure(commandOf(run, 'bash'))).toBe(false);
  });
});

test('a command is shown as a person would type it', () => {
  expect(commandText({ kind: 'argv', argv: ['a', "it's", 'x y', '{{count}}', ''] })).toBe(
    String.raw`a 'it'\''s' 'x y' {{count}} ''`,
  );
  expect(commandText({ kind: 'shell', shell: 'sh', script: 'a | b' })).toBe('a | b');
});
