import { describe, expect, test } from 'vitest';
import { presence, type Match } from '../../src/core/presence.ts';

const files = (...found: readonly Match[]) => ({
  matching: (pattern: string) =>
    found.filter(({ path }) => path === pattern || path.endsWith(pattern.replace('*', ''))),
});
const ask = { exist: [], absent: [], newerThan: undefined };
const at = (path: string, changedMs = 0): Match => ({ path, changedMs });

describe('files that must exist', () => {
  test('are all there', () => {
    const { matching } = files(at('a'), at('b'));
    expect(presence({ ...ask, exist: ['a', 'b'] }, matching)).toEqual({
      holds: true,
      lines: ['there: a', 'there: b'],
    });
  });

  test('are named one by one when they are not', () => {
    const { matching } = files(at('a'));
    expect(presence({ ...ask, exist: ['a', 'b', '*.gz'] }, matching)).toEqual({
      holds: false,
      lines: ['there: a', 'missing: b', 'missing: *.gz'],
    });
  });

  test('[B20] from before the cycle are stale, however many there are', () => {
    const { matching } = files(at('one.gz', 1000), at('two.gz', 4000));
    expect(presence({ ...ask, exist: ['*.gz'], newerThan: 10_000 }, matching)).toEqual({
      holds: false,
      lines: ['stale: two.gz (*.gz), last changed 6.0 s too early'],
    });
  });

  test('are fresh when one of them is, even by a tick of the coarse clock of the disk', () => {
    const { matching } = files(at('one.gz', 1000), at('two.gz', 9996));
    expect(presence({ ...ask, exist: ['*.gz'], newerThan: 10_000 }, matching).holds).toBe(true);
  });
});

describe('files that must not exist', () => {
  test('do not', () => {
    expect(presence({ ...ask, absent: ['*.orig'] }, () => [])).toEqual({
      holds: true,
      lines: ['absent: *.orig', '0 present'],
    });
  });

  test('are named, and counted where they are too many to name', () => {
    const many = Array.from({ length: 25 }, (_, index) => at(`src/${index}.bak`));
    const { holds, lines } = presence({ ...ask, absent: ['*.bak'] }, files(...many).matching);
    expect(holds).toBe(false);
    expect(lines).toHaveLength(22);
    expect(lines.slice(-2)).toEqual(['and 5 more of *.bak', '25 present']);
  });
});
