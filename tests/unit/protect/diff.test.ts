import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/core/protect/diff.ts';

function diff(before: string, after: string, lines = 40): readonly string[] {
  return unifiedDiff('gates/edge.yaml', before, after, { lines }).split('\n');
}

test('a changed threshold stands between the lines around it, under its place', () => {
  expect(diff('a\nb\nc\nedge > 300\nd\ne\nf\n', 'a\nb\nc\nedge > 0\nd\ne\nf\n')).toEqual([
    '--- gates/edge.yaml (noted)',
    '+++ gates/edge.yaml (now)',
    '@@ -2 +2 @@',
    ' b',
    ' c',
    '-edge > 300',
    '+edge > 0',
    ' d',
    ' e',
  ]);
});

test('two places are two parts', () => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const after = before.with(1, 'one').with(15, 'fifteen');
  const heads = diff(before.join('\n'), after.join('\n')).filter((line) => line.startsWith('@@'));
  expect(heads).toEqual(['@@ -1 +1 @@', '@@ -14 +14 @@']);
});

test('a newline at the end is a difference, and nothing is none', () => {
  expect(diff('a\n', 'a')).toContain('+a (no newline at the end)');
  expect(unifiedDiff('f', 'a\n', 'a\n', { lines: 9 })).toBe('');
  expect(diff('', 'new\n')).toContain('+new');
});

test('what does not fit is counted, and a long line is cut', () => {
  const many = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
  const shown = diff('', many, 10);
  expect(shown).toHaveLength(10);
  expect(shown.at(-1)).toBe('… 94 more lines');
  expect(Math.max(...diff('', 'x'.repeat(100_000)).map((line) => line.length))).toBeLessThan(250);
});

test('two large texts with nothing in common are told in no time', () => {
  const text = (mark: string) => Array.from({ length: 50_000 }, (_, at) => `${mark} ${at}`).join('\n');
  const from = performance.now();
  expect(diff(text('a'), text('b'))).toHaveLength(40);
  expect(performance.now() - from).toBeLessThan(2000);
});

test('the lines that are taken away and added make the one text of the other', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => `${lines.join('\n')}\n`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diff(before, after, 1000).filter((line) => !/^(?:---|\+\+\+) gates|^@@/.test(line));
      const side = (mark: string) =>
        lines.filter((line) => line[0] === ' ' || line[0] === mark).map((line) => line.slice(1));
      const kept = (whole: string, part: readonly string[]) => {
        const all = whole.split('\n').slice(0, -1);
        let from = 0;
        return part.every((line) => (from = all.indexOf(line, from) + 1) > 0);
      };
      const count = (whole: string) => whole.split('\n').length - 1;
      expect(kept(before, side('-'))).toBe(true);
      expect(kept(after, side('+'))).toBe(true);
      const grows = side('+').length - side('-').length;
      expect(grows).toBe(before === after ? 0 : count(after) - count(before));
    }),
  );
});
