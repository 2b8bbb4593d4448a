import { expect, test } from 'vitest';
import { HeadStream } from '../../../src/views/head-stream.ts';

/** Logs that grow, as text. */
function scene() {
  const logs = new Map<string, string>();
  const shown: string[] = [];
  const read = (log: string, offset: number) => {
    const text = (logs.get(log) ?? '').slice(offset);
    return { text, next: offset + text.length };
  };
  const stream = new HeadStream(read, (text) => shown.push(text));
  const grow = (log: string, text: string) => logs.set(log, (logs.get(log) ?? '') + text);
  return { stream, shown, grow };
}

test('[B2] the head of the queue is shown line by line as it comes, without its header', () => {
  const { stream, shown, grow } = scene();
  grow('a', '# gate-run 2026 header\none\ntw');
  stream.begin('a');
  stream.look();
  grow('a', 'o\nthree\n');
  stream.look();
  expect(shown).toEqual(['one\n', 'two\nthree\n']);
});

test('[B2] [B3] what ends meanwhile waits, then stands whole behind the head; no byte twice', () => {
  const { stream, shown, grow } = scene();
  grow('a', '# gate-run header\nfirst\n');
  stream.begin('a');
  stream.look();
  stream.whole('b', () => shown.push('all of b\n'));
  grow('a', 'last, without an end');
  stream.end('a');
  stream.whole('a', () => shown.push('a again'));
  expect(shown).toEqual(['first\n', 'last, without an end\n', 'all of b\n']);
});

test('[B2] with nothing being shown, a finished task is shown at once', () => {
  const { stream, shown } = scene();
  stream.whole('b', () => shown.push('all of b\n'));
  expect(shown).toEqual(['all of b\n']);
});

test('[G17] a line without an end is not held whole, and its end and what is behind it are shown', () => {
  const shown: string[] = [];
  const piece = 'x'.repeat(1_000_000);
  const longest = 200;
  const stream = new HeadStream(
    (_, offset) => ({
      text: offset < longest - 1 ? piece : offset < longest ? `${piece} end` : '\nbehind\n',
      next: Math.min(offset + 1, longest + 1),
    }),
    (text) => shown.push(text),
  );
  stream.begin('log');
  for (let look = 0; look < longest; look += 1) stream.look();
  expect(shown).toEqual([]);
  stream.end('log');
  expect(shown.join('').length).toBeLessThan(piece.length);
  expect(shown.join('')).toMatch(/^x+ end\nbehind\n/);
});
