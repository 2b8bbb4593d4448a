// Patterns that no text should meet, against the real search: each ends, as a reading that says what to do.

import { describe, expect, test } from 'vitest';
import { readCount } from '../../src/core/judge/count.ts';
import { lastValue, PATTERN_LIMIT_MS, readRegex } from '../../src/core/judge/regex.ts';
import { boundedSearch } from '../../src/system/search.ts';
import { benches, metric, reads } from './attempts.ts';

const OUTPUT = { stream: 'output' } as const;
const bench = benches();

describe('a pattern', () => {
  const search = boundedSearch(300);

  test('that would search for ever is ended at its limit', () => {
    const started = performance.now();
    const sought = { pattern: '^(a+)+(?<value>\\d)$', text: `${'a'.repeat(52)}!`, search };
    const readings = [readRegex(sought, 'the output'), readCount(sought), lastValue(sought, 'the output')];
    for (const reading of readings) {
      const detail: unknown = expect.stringContaining('longer than 10 s');
      expect(reading).toMatchObject({ unread: 'unreadable', detail });
    }
    expect(performance.now() - started).toBeLessThan(PATTERN_LIMIT_MS);
  });

  test('behind one that was ended is read as ever', () => {
    readCount({ pattern: '(a+)+b', text: 'a'.repeat(60), search });
    expect(readRegex({ pattern: 'edge (?<value>\\d+)', text: 'edge 5', search }, 'the output')).toEqual({
      value: 5,
    });
  });

  test('that the engine itself gives up is unreadable, whatever stands around it', async () => {
    const here = bench();
    const ended = await here.run('head -c 12000000 /dev/zero | tr "\\0" a; echo; echo edge 5', {
      read: reads('t1', [
        metric('deep', { reader: 'regex', pattern: '(?:a|b)*c(?<value>\\d+)', in: OUTPUT }),
        metric('often', { reader: 'count', pattern: '(?:a|b)*c', in: OUTPUT }),
        metric('edge', { reader: 'regex', pattern: 'edge (?<value>\\d+)', in: OUTPUT }),
      ]),
    });
    const { deep, often, edge } = ended.evidence?.['t1']?.metrics ?? {};
    const detail: unknown = expect.stringContaining('too much for');
    expect(deep).toMatchObject({ unread: 'unreadable', detail });
    expect(often).toMatchObject({ unread: 'unreadable' });
    expect(edge).toEqual({ value: 5 });
  });

  test('that would search the output of an attempt for ever leaves the attempt an end', async () => {
    const here = bench();
    const ended = await here.run(`printf '%052d!\\n' 0`, {
      read: reads('t1', [metric('slow', { reader: 'regex', pattern: '^(0+)+(?<value>x)$', in: OUTPUT })]),
    });
    expect(ended.evidence?.['t1']?.metrics['slow']).toMatchObject({ unread: 'unreadable' });
  }, 30_000);
});
