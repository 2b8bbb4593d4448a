import { describe, expect, test } from 'vitest';
import { errorOf, singleLine } from '../../../src/core/questions/error.ts';
import { fingerprintOf, lasting, type FailureFacts } from '../../../src/core/questions/fingerprint.ts';

const FACTS: FailureFacts = { task: 'lint', outcome: 'exited', reasons: ['exit 1'], excerpt: 'a.ts: bad' };

const of = (changes: Partial<FailureFacts>) => fingerprintOf({ ...FACTS, ...changes });

describe('a fingerprint', () => {
  test('is eight hex digits', () => {
    expect(fingerprintOf(FACTS)).toMatch(/^[0-9a-f]{8}$/);
    expect(of({ excerpt: undefined })).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each([
    ['lines', 'a.ts(3,14): error TS2304', 'a.ts(117,2): error TS2304'],
    ['times', 'failed at 2026-02-10T06:30:00.123Z', 'failed at 2026-11-20 23:00:59+01:00'],
    ['clocks', '[06:30:01] oops', '[23:59:59.999] oops'],
    ['durations', 'no answer after 12.3 s', 'no answer after 980 ms'],
    ['counts', '3 of 17 failed', '12 of 400 failed'],
    ['addresses', 'segfault at 0x7ffe12ab', 'segfault at 0x0'],
    ['commits', 'at commit 7c1f03aa', 'at commit 12ab34cd56ef'],
    ['ids', 'job 123e4567-e89b-12d3-a456-426614174000', 'job 00000000-0000-0000-0000-00000000abcd'],
    ['temporary folders', "ENOENT '/tmp/run-aB3x/out.json'", "ENOENT '/tmp/run-zzz/out.json'"],
    ['mac temporary folders', 'in /private/var/folders/ab/cd12/T/x', 'in /private/var/folders/zz/q/Y/x'],
    ['exponents', 'loss 1.5e-7', 'loss 2'],
    ['spaces', 'a  b', 'a b'],
  ])('stays over %s', (_name, one, other) => {
    expect(lasting(one)).toBe(lasting(other));
    expect(of({ excerpt: one })).toBe(of({ excerpt: other }));
  });

  test('differs by task, rung, outcome and what is said', () => {
    const all = [
      {},
      { task: 'types' },
      { rung: 100 },
      { outcome: 'killed' },
      { reasons: ['x'] },
      { excerpt: 'b.ts: bad' },
    ] as const;
    expect(new Set(all.map(of)).size).toBe(all.length);
  });

  test('words that only look like numbers stay apart', () => {
    expect(lasting('cannot find feed')).not.toBe(lasting('cannot find beef'));
    expect(lasting('cannot find decade')).not.toBe(lasting('cannot find facade'));
  });

  test('a code of an error is no number', () => {
    expect(lasting('error TS2304: x')).not.toBe(lasting('error TS2551: x'));
    expect(lasting('error[E0425]')).not.toBe(lasting('error[E0308]'));
  });

  test('a long error is the same one when its numbers grow', () => {
    const long = (number: number) => `${`at ${number} of x `.repeat(20)}${'y'.repeat(600)}`;
    expect(of({ excerpt: long(9) })).toBe(of({ excerpt: long(1000) }));
  });

  test('a missed threshold is the same question whatever was printed last', () => {
    const missed = { reasons: ['lines 77.5, not >= 80 (2.5 short)'] };
    const later = { reasons: ['lines 61, not >= 80 (19 short)'] };
    expect(of({ ...missed, excerpt: 'done in a hurry' })).toBe(of({ ...later, excerpt: 'all well' }));
  });
});

describe('the one line of an error', () => {
  test('an exit code alone says little: the output speaks', () => {
    expect(errorOf({ outcome: 'exited', reasons: ['exit 1', 'more'], excerpt: 'a.ts: bad' })).toBe(
      'exit 1: a.ts: bad',
    );
    expect(errorOf({ outcome: 'timed-out', reasons: ['timed out after 3 s'], excerpt: 'waiting' })).toBe(
      'timed out after 3 s: waiting',
    );
  });

  test('a metric that is missing is the error itself', () => {
    const reasons = ['metric `edge` was not found in the output'];
    expect(errorOf({ outcome: 'exited', reasons, excerpt: 'done' })).toBe(reasons[0]);
    expect(errorOf({ outcome: 'exited', reasons: [] })).toBe('no reason is known');
  });

  test('it is one line of at most 500 characters', () => {
    expect(singleLine(' a\r\n\tb\u2028c\u0000 ')).toBe('a b c');
    expect(singleLine('x'.repeat(900))).toHaveLength(500);
    expect(singleLine('😀'.repeat(400)).isWellFormed()).toBe(true);
  });
});
