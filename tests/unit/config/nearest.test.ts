import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../../src/core/config/nearest.ts';

const KEYS = ['timeout', 'title', 'needs', 'kill-after', 'log-limit', 'run'];

test.each([
  ['tymeout', 'timeout'],
  ['timeuot', 'timeout'],
  ['timeouts', 'timeout'],
  ['killAfter', 'kill-after'],
  ['kill_after', 'kill-after'],
  ['LOG-LIMIT', 'log-limit'],
  ['need', 'needs'],
  ['rnu', 'run'],
])('`%s` is taken for `%s`', (word, expected) => {
  expect(nearest(word, KEYS)).toBe(expected);
});

test.each(['colour', 'x', '', 'continue-on-error', 'y'.repeat(100_000)])(
  'a word far from every key is taken for none: %#',
  (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
  },
);

test('a swap of two neighbouring letters is one slip', () => {
  expect(nearest('ifle', ['life', 'file'])).toBe('file');
});

test('what is found is always one of the candidates', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, candidates) => {
      const found = nearest(word, candidates);
      expect(found === undefined || candidates.includes(found)).toBe(true);
    }),
  );
});
