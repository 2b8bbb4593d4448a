import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedLines, lineCount } from '../../../src/core/writes/lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const between = (before: string, after: string, most = 1000) =>
  changedLines(bytes(before), bytes(after), most);

describe('changed lines', () => {
  test.each([
    ['', '', 0],
    ['a\n', 'a\n', 0],
    ['', 'a\nb\n', 2],
    ['a\nb', '', 2],
    ['a\nb\nc\n', 'a\nx\nc\n', 2],
    ['a\nb\nc\n', 'b\nc\na\n', 2],
    // The last newline belongs to its line, as git has it.
    ['a', 'a\n', 2],
    ['a\n\n', 'a\n', 1],
  ])('from %j to %j are %i', (before, after, count) => {
    expect(between(before, after)).toBe(count);
    expect(between(after, before)).toBe(count);
  });

  test('are told no further than one too many', () => {
    expect(between('', 'x\n'.repeat(50), 9)).toBe(10);
    expect(between('', 'x\n'.repeat(9), 9)).toBe(9);
    expect(between('', 'x\n', 0)).toBe(1);
  });

  test('are as few as the longest common part allows, whatever the texts', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [one, other] = [before, after].map((all) => all.split('\n').slice(0, -1));
        expect(between(before, after)).toBe(
          (one?.length ?? 0) + (other?.length ?? 0) - 2 * common(one ?? [], other ?? []),
        );
      }),
    );
  });

  test('of bytes that are no text are counted all the same', () => {
    expect(changedLines(new Uint8Array([0, 10, 255]), new Uint8Array([0, 10, 254]), 9)).toBe(2);
    expect(lineCount(new Uint8Array([10, 10, 1]))).toBe(3);
  });

  test('of two large versions that have nothing in common end in time, with all of both', () => {
    const numbers = (from: number) => Array.from({ length: 30_000 }, (_, at) => `${from + at}\n`).join('');
    const since = performance.now();
    expect(between(numbers(0), numbers(1_000_000), 100_000)).toBe(60_000);
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});

/** The textbook's table. */
function common(one: readonly string[], other: readonly string[]): number {
  const table = Array.from({ length: one.length + 1 }, () =>
    Array.from({ length: other.length + 1 }, () => 0),
  );
  for (let row = 1; row <= one.length; row += 1)
    for (let column = 1; column <= other.length; column += 1)
      table[row]![column] =
        one[row - 1] === other[column - 1]
          ? table[row - 1]![column - 1]! + 1
          : Math.max(table[row - 1]![column]!, table[row]![column - 1]!);
  return table[one.length]![other.length]!;
}
