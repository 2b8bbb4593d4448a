import { expect, test } from 'vitest';
import { locate } from '../../../src/core/config/locate.ts';
import { lineAndColumn, MAX_SHOWN, placesOf, renderProblems } from '../../../src/core/config/render.ts';

const TEXT = 'version: 1\nphases:\n  p:\n    gates:\n      g: { run: make }\n';
const TEXTS = new Map([['f.yaml', TEXT]]);
const PLAIN = { color: false };

test('[B10] a problem that knows only its path is drawn under the key, or under the value', () => {
  const path = ['phases', 'p', 'gates', 'g', 'run'];
  expect(renderProblems([{ file: 'f.yaml', path, on: 'key', message: 'a' }], TEXTS, PLAIN)).toBe(
    'f.yaml:5:12  a\n  5 │       g: { run: make }\n    │            ^^^\n',
  );
  expect(renderProblems([{ file: 'f.yaml', path, message: 'a', mend: 'b' }], TEXTS, PLAIN)).toBe(
    'f.yaml:5:17  a\n  5 │       g: { run: make }\n    │                 ^^^^\n  b\n',
  );
});

test('[B10] a path that is not written down is drawn at the nearest thing above it', () => {
  expect(locate(TEXT, ['phases', 'p', 'gates', 'g', 'timeout'], 'value')).toEqual([41, 42]);
  expect(locate(TEXT, [], 'value')).toEqual([0, 0]);
  expect(locate('', ['a'], 'key')).toEqual([0, 0]);
});

test('a problem without a text is told by its path, one of a flag by its flag', () => {
  const problems = [
    { file: 'c.ts', path: ['phases', 'p', 0], message: 'a', mend: 'b' },
    { file: '--jobs', message: 'c' },
    { message: 'd' },
  ];
  expect(renderProblems(problems, new Map(), PLAIN)).toBe('c.ts  phases.p.0: a\n  b\n\n--jobs  c\n\nd\n');
});

test('[B10] problems are shown by place, file by file', () => {
  const problems = [
    { file: 'f.yaml', range: [40, 41] as const, message: 'third' },
    { file: 'other.yaml', message: 'last' },
    { file: 'f.yaml', range: [0, 7] as const, message: 'first' },
  ];
  const screen = renderProblems(problems, TEXTS, PLAIN);
  expect(screen.match(/first|third|last/g)).toEqual(['first', 'third', 'last']);
});

test('beyond a limit problems are only counted', () => {
  const problems = Array.from({ length: MAX_SHOWN + 37 }, (_, at) => ({ message: `a${at}` }));
  expect(renderProblems(problems, new Map(), PLAIN).endsWith('\n\nand 37 more\n')).toBe(true);
});

test('what is wrong in the same way all over a file is shown three times and then counted', () => {
  const anchored = Array.from({ length: 87 }, (_, at) => `  t${at}: &a${at}`);
  const text = ['a:', ...anchored, 'b: 1', ''].join('\n');
  const alike = anchored.map((line) => {
    const at = text.indexOf(line) + line.indexOf('&');
    return { file: 'f', range: [at, at + 2] as const, message: 'anchors are not read', mend: 'remove it' };
  });
  const other = { file: 'f', range: [text.indexOf('b:'), text.indexOf('b:') + 1] as const, message: 'b' };
  const screen = renderProblems([...alike, other], new Map([['f', text]]), PLAIN);
  expect(screen).toMatchInlineSnapshot(`
    "f:2:7  anchors are not read
      2 │   t0: &a0
        │       ^^
      remove it

    f:3:7  anchors are not read
      3 │   t1: &a1
        │       ^^
      remove it

    f:4:7  anchors are not read
      4 │   t2: &a2
        │       ^^
      remove it
      and 84 more like it, on lines 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 …

    f:89:1  b
     89 │ b: 1
        │ ^
    "
  `);
});

test('no problem is an empty screen', () => {
  expect(renderProblems([], new Map(), PLAIN)).toBe('');
});

test('a tab, a wide letter and an emoji keep the caret under the mistake', () => {
  const text = '\t漢字🙂é: x\n';
  const at = text.indexOf('x');
  expect(
    renderProblems([{ file: 'f', range: [at, at + 1], message: 'a' }], new Map([['f', text]]), PLAIN),
  ).toBe(`f:1:${at + 1}  a\n  1 │   漢字🙂é: x\n    │            ^\n`);
});

test('of a long line the part around the mistake is shown', () => {
  const text = `${'a'.repeat(500)}X${'b'.repeat(500)}`;
  const [, line = '', marks = ''] = renderProblems(
    [{ file: 'f', range: [500, 501], message: 'm' }],
    new Map([['f', text]]),
    PLAIN,
  ).split('\n');
  expect(line.length).toBeLessThan(115);
  expect(line.charAt(marks.indexOf('^'))).toBe('X');
});

test('control characters of a file never reach the terminal', () => {
  const text = 'a: \u001B[2Jx\n';
  expect(
    renderProblems([{ file: 'f', range: [0, 1], message: 'm' }], new Map([['f', text]]), PLAIN),
  ).not.toContain('\u001B');
});

test('colours are only added when they are wished for', () => {
  const problem = { file: 'f.yaml', range: [0, 7] as const, message: 'm', mend: 'n' };
  const colored = renderProblems([problem], TEXTS, { color: true });
  expect(colored).toContain('\u001B[31m');
  // oxlint-disable-next-line no-control-regex
  expect(colored.replaceAll(/\u001B\[\d+m/g, '')).toBe(renderProblems([problem], TEXTS, PLAIN));
});

test('lines and columns count from 1', () => {
  expect(lineAndColumn('ab\ncd', 0)).toEqual({ line: 1, column: 1 });
  expect(lineAndColumn('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
  expect(lineAndColumn('\uFEFFab', 1)).toEqual({ line: 1, column: 1 });
});

test('programs get the same places without frames', () => {
  expect(
    placesOf([{ file: 'f.yaml', path: ['phases', 'p'], on: 'key', message: 'm', mend: 'n' }], TEXTS),
  ).toEqual([{ file: 'f.yaml', line: 3, column: 3, path: 'phases.p', message: 'm', mend: 'n' }]);
});
