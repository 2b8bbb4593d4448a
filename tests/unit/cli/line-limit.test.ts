import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineLimit } from '../../../src/cli/line-limit.ts';
import { startIn } from '../../../src/cli/pour.ts';

const MOST = 10;
const ENDING = 4;

function printed(pieces: readonly string[]): string {
  const limit = new LineLimit(MOST, ENDING);
  return pieces.map((piece) => limit.push(piece)).join('') + limit.end();
}

function bounded(line: string): string {
  const left = line.length - MOST - ENDING;
  if (left <= 0) return line;
  return `${line.slice(0, MOST)}… [gate-run: ${left} characters of this line are left out] …${line.slice(-ENDING)}`;
}

test('lines that are short enough are what they were', () => {
  expect(printed(['0123456789\n', '\n', 'x', 'y\n'])).toBe('0123456789\n\nxy\n');
  expect(printed(['0123456789abcd\nx'])).toBe('0123456789abcd\nx');
});

test('a line that is too long keeps its beginning and its end, and says how much is between', () => {
  const cut = '0123456789… [gate-run: 3 characters of this line are left out] …defg';
  expect(printed(['a\n0123456789abcdefg\nb\n'])).toBe(`a\n${cut}\nb\n`);
  expect(printed(['0123456789abcdefg'])).toBe(cut);
});

test('[G17] wherever the pieces of a text fall, each line comes out alike, and none is longer than it may be', () => {
  const line = fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 30 })), (lines, sizes) => {
      const text = lines.join('\n');
      const pieces: string[] = [];
      let at = 0;
      for (const size of sizes) pieces.push(text.slice(at, (at += size)));
      pieces.push(text.slice(at));
      expect(printed(pieces)).toBe(lines.map(bounded).join('\n'));
    }),
  );
});

test('the last lines of an end that does not hold so many begin with a mark', () => {
  const end = Buffer.from('rest of a line\nwhole\n');
  expect(startIn(end, 1)).toEqual({ at: 15, mark: '' });
  expect(startIn(end, 2)).toMatchObject({ at: 0, mark: expect.stringContaining('beginning of this line') });
});
