import { expect, test } from 'vitest';
import { nightProgress } from '../../../src/cli/rehearsal-progress.ts';

/** A thousand nights of `nightMs` each, and what was written after which of them. */
function told(isTerminal: boolean, nightMs: number, nights = 1000): string[] {
  let now = 0;
  const written: string[] = [];
  const progress = nightProgress({
    nights,
    isTerminal,
    mono: () => now,
    write: (text) => written.push(`${now / 1000}s ${JSON.stringify(text)}`),
  });
  for (let done = 1; done <= nights; done += 1) {
    now += nightMs;
    progress.after(done);
  }
  progress.close();
  return written;
}

test('where nobody looks there is a line each ten seconds, with what is left', () => {
  const lines = told(false, 200);
  expect(lines).toHaveLength(19);
  expect(lines[0]).toBe('10s "rehearsing: 50 of 1000 nights, about 3m10s left\\n"');
  expect(lines.at(-1)).toBe('190s "rehearsing: 950 of 1000 nights, about 10s left\\n"');
});

test('on a terminal it is one line, written over twice a second and gone at the end', () => {
  const lines = told(true, 200);
  expect(lines[0]).toBe('2s "\\r\\u001b[Krehearsing: 10 of 1000 nights, about 3m18s left"');
  expect(lines[1]).toContain('2.6s');
  expect(lines.at(-1)).toBe('200s "\\r\\u001b[K"');
  expect(lines.every((line) => !line.includes('\\n'))).toBe(true);
});

test('a short rehearsal says nothing', () => {
  expect([told(true, 1), told(false, 9)]).toEqual([[], []]);
});
