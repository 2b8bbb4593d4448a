import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerptOf, heapMessage, stripAnsi, withoutControls } from '../../../src/core/judge/excerpt.ts';

describe('the excerpt of an output', () => {
  test.each([
    [
      'tsc',
      "src/a.ts(3,1): error TS2304: Cannot find name 'x'.\nFound 1 error.\n",
      "src/a.ts(3,1): error TS2304: Cannot find name 'x'.",
    ],
    [
      'python',
      'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no edge\n',
      'ValueError: no edge',
    ],
    [
      'node',
      'node:internal\n    throw err;\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find x\n    at file.js:1\n\nNode.js v24\n',
      'Error [ERR_MODULE_NOT_FOUND]: Cannot find x',
    ],
    [
      'npm echoes the cause',
      'x.js:1 SyntaxError: bad\nnpm error code 1\nnpm error path /x\n',
      'x.js:1 SyntaxError: bad',
    ],
    [
      'make echoes the cause',
      'ld: undefined reference to `f`\nmake: *** [all] Error 1\n',
      'ld: undefined reference to `f`',
    ],
    [
      'rust',
      'warning: unused\nerror[E0425]: cannot find value\nerror: aborting\n',
      'error[E0425]: cannot find value',
    ],
    ['vitest', ' ✓ a\n FAIL  a.test.ts > works\nTests 1 failed\n', 'FAIL  a.test.ts > works'],
    [
      'what is harmless is not it',
      'checked 5 files, 0 errors\nlint: failed for b.ts\n',
      'lint: failed for b.ts',
    ],
    ['no telling line: the last one', 'one\ntwo\n\n   \n', 'two'],
    [
      'the advice below a message is not the message',
      'gate-run: another run holds this state: process 5\n  nothing was started; look at it\n',
      'gate-run: another run holds this state: process 5',
    ],
    ['an indented line below a heading', 'Results:\n  3 of 5 hold\n', '3 of 5 hold'],
    ['an indented line below a number', 'seconds: 5\n  slowest: a.ts\n', 'slowest: a.ts'],
    ['only harmless lines', '0 errors\n', '0 errors'],
    ['a progress bar', 'a\n 10%\r 50%\rdone so far\r\n', 'done so far'],
    ['colours', '\u001B[31merror\u001B[0m: bad\u0007\tthing\n', 'error: bad thing'],
  ])('%s', (_name, tail, expected) => {
    expect(excerptOf(tail)).toBe(expected);
  });

  test('nothing said is nothing', () => {
    expect(excerptOf('')).toBeUndefined();
    expect(excerptOf('\n \u001B[0m\n')).toBeUndefined();
  });

  test('a line of a megabyte is cut at 500 characters, never inside a character', () => {
    expect(excerptOf(`error: ${'x'.repeat(1_000_000)}`)).toHaveLength(500);
    const excerpt = excerptOf(`error: ${'😀'.repeat(400)}`) ?? '';
    expect(excerpt.isWellFormed()).toBe(true);
    expect(excerpt.length).toBeLessThanOrEqual(500);
  });

  test('of a line that is too long its end is looked at too, and is the last thing that was said', () => {
    const dots = '.'.repeat(3_000);
    expect(excerptOf(`${dots} error: no space left`)).toMatch(/^…\.+ error: no space left$/);
    expect(excerptOf(`a\n${dots}done`)).toMatch(/^…\.{396}done$/);
    expect(excerptOf(`error: ${dots} no more`)).toMatch(/^error: \.{492}…$/);
    expect(excerptOf(`${'😀'.repeat(3_000)}x`)?.isWellFormed()).toBe(true);
  });

  test('over any text it is one clean, bounded line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (tail) => {
        const excerpt = excerptOf(tail) ?? '.';
        expect(excerpt.trim()).not.toBe('');
        expect(excerpt.length).toBeLessThanOrEqual(500);
        expect(/\p{Cc}/u.test(excerpt)).toBe(false);
      }),
    );
  });
});

describe('[B4] escape sequences', () => {
  test.each([
    ['\u001B[1;31mred\u001B[0m', 'red'],
    ['\u001B]0;title\u0007text', 'text'],
    ['\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\', 'link'],
    ['\u001B(Btext\u001B7', 'text'],
    ['\u001BPq#0\u001B\\text', 'text'],
    ['\u009B31mtext', 'text'],
    ['\u001B]never closed\nnext line', '\nnext line'],
    ['plain', 'plain'],
  ])('%j is shown as %j', (text, plain) => {
    expect(stripAnsi(text)).toBe(plain);
  });

  test('none is left, and it is fast on a text of nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\u001B', '[', ']', '0', ';', 'm', '\u0007', '\\', 'P', '\n', 'x')),
        (parts) => {
          expect(stripAnsi(parts.join(''))).not.toContain('\u001B');
        },
      ),
    );
    const start = process.hrtime.bigint();
    stripAnsi('\u001B]'.repeat(500_000) + '\u001B[0;'.repeat(500_000));
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(2);
  });

  test('controls go, tabs and newlines stay', () => {
    expect(withoutControls('a\u0000b\tc\nd\u007F\u202E')).toBe('ab\tc\nd');
  });
});

test('the heap message of JavaScript is recognised', () => {
  expect(
    heapMessage('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n'),
  ).toBe(true);
  expect(heapMessage('Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated')).toBe(true);
  expect(heapMessage('out of memory')).toBe(false);
});
