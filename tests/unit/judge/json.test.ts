import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { parseJson, readJson } from '../../../src/core/judge/json.ts';

const SOON_MS = 1_000;
const LONG = 'a'.repeat(30_000_000);

describe('numbers that JSON does not know', () => {
  test.each([
    ['[NaN,Infinity,-Infinity]', ['NaN', 'Infinity', '-Infinity']],
    ['{"a NaN":"Infinity","b":[ NaN ]}', { 'a NaN': 'Infinity', b: ['NaN'] }],
    ['["\\" NaN","\\\\",NaN,"\\\\\\" -Infinity"]', ['" NaN', '\\', 'NaN', '\\" -Infinity']],
  ])('[A8] %s keeps its texts, and they are called what they are', (text, json) => {
    expect(parseJson(text, 'm.json')).toEqual({ json });
  });

  test.each(['[NaNs]', '[1NaN]', '[--Infinity]', '[NaN NaN]', '[NaN,"', '[NaN,"\\', '[NaN,"\\"', 'Inf'])(
    '[A8] %s is no JSON',
    (text) => {
      expect(parseJson(text, 'm.json')).toMatchObject({ unread: 'unreadable' });
    },
  );

  test('[A8] a text without its end, of escapes alone, is called unreadable at once', () => {
    const started = performance.now();
    expect(readJson('/0', `NaN "${'\\"'.repeat(200_000)}`, 'm.json')).toMatchObject({ unread: 'unreadable' });
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  });

  test('[A8] a text of 30 MB beside one is read at once', () => {
    const started = performance.now();
    expect(readJson('/0', `[NaN,"${LONG}"]`, 'm.json')).toMatchObject({ unread: 'not-finite' });
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  });
});
