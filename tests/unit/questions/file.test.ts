import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuestionProgress } from '../../../src/core/loop/progress.ts';
import { captureText } from '../../../src/core/questions/capture.ts';
import { mergeQuestions, stateText } from '../../../src/core/questions/file.ts';

const AT = '2026-02-10T06:30:00.000Z';
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (merged: Uint8Array) => Buffer.from(merged).toString();

function question(fingerprint: string, changes: Partial<QuestionProgress> = {}): QuestionProgress {
  return {
    fingerprint,
    task: 'lint',
    text: captureText({ ask: 'X', at: AT, step: `1.1:${fingerprint}`, error: 'bad', context: 'cycle 1' }),
    openedAt: AT,
    seen: 1,
    lastAt: AT,
    lastCycle: 1,
    closedAt: undefined,
    ...changes,
  };
}

const ONE = question('00000001');
const TWO = question('00000002');
const entry = (one: QuestionProgress) => `${one.text}\n${stateText(one)}\n`;

describe('the questions file', () => {
  test('an entry is the five lines and its state', () => {
    expect(text(mergeQuestions(bytes(''), [ONE]))).toBe(
      `${ONE.text}\n<!-- gate-run 00000001 seen 1 last 2026-02-10T06:30:00Z open -->\n`,
    );
  });

  test('a repeat changes the state comment and nothing else', () => {
    const before = text(mergeQuestions(bytes('# Ours\n\n'), [ONE, TWO]));
    const after = text(
      mergeQuestions(bytes(before), [
        { ...ONE, seen: 3, lastAt: '2026-02-10T09:12:41.5Z', text: 'other' },
        TWO,
      ]),
    );
    expect(after).toBe(
      before.replace(
        '00000001 seen 1 last 2026-02-10T06:30:00Z',
        '00000001 seen 3 last 2026-02-10T09:12:41Z',
      ),
    );
  });

  test('an answered question is closed, and opened again in the same entry', () => {
    const open = mergeQuestions(bytes(''), [ONE]);
    const closed = mergeQuestions(open, [{ ...ONE, closedAt: AT }]);
    expect(text(closed)).toBe(text(open).replace(' open -->', ' closed -->'));
    expect(text(mergeQuestions(closed, [{ ...ONE, seen: 2 }]))).toBe(text(open).replace('seen 1', 'seen 2'));
  });

  test('a closed entry that somebody took out stays out', () => {
    expect(text(mergeQuestions(bytes('notes\n'), [{ ...ONE, closedAt: AT }]))).toBe('notes\n');
  });

  test.each([
    ['no final newline', 'notes', 'notes\n\n'],
    ['one newline', 'notes\n', 'notes\n\n'],
    ['a blank line', 'notes\n\n', 'notes\n\n'],
    ['only a newline', '\n', '\n'],
  ])('a new entry keeps its distance: %s', (_name, before, kept) => {
    expect(text(mergeQuestions(bytes(before), [ONE, TWO]))).toBe(`${kept}${entry(ONE)}\n${entry(TWO)}`);
  });

  test('a file with CRLF gets CRLF', () => {
    expect(text(mergeQuestions(bytes('a\r\nb\r\n'), [ONE]))).toBe(
      `a\r\nb\r\n\r\n${entry(ONE).replaceAll('\n', '\r\n')}`,
    );
    expect(text(mergeQuestions(bytes('a\r\nb'), [ONE]))).toBe(
      `a\r\nb\r\n\r\n${entry(ONE).replaceAll('\n', '\r\n')}`,
    );
  });

  test('answers written inside and behind an entry stay, and so do bytes that are no text', () => {
    const state = stateText(ONE);
    const before = Buffer.concat([
      Buffer.from(`${ONE.text}\n  My answer: `),
      Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xe9]),
      Buffer.from(`\r\n  ${state} solved by Ann\nend`),
    ]);
    const after = Buffer.from(mergeQuestions(new Uint8Array(before), [{ ...ONE, seen: 9 }]));
    expect(after.toString('latin1')).toBe(before.toString('latin1').replace('seen 1', 'seen 9'));
  });

  test('a state comment inside a line is somebody quoting, and a strange one is not ours', () => {
    const before = `see \`${stateText(ONE)}\`\n<!-- gate-run 00000001 -->\n<!-- gate-run zz seen 1 last x open -->\n`;
    const after = text(mergeQuestions(bytes(before), [{ ...ONE, seen: 2 }]));
    expect(after.startsWith(before)).toBe(true);
    expect(after.endsWith(`\n${entry({ ...ONE, seen: 2 })}`)).toBe(true);
  });

  test('entries of other folds are left alone', () => {
    const before = entry(TWO);
    expect(text(mergeQuestions(bytes(before), [ONE])).startsWith(before)).toBe(true);
    expect(text(mergeQuestions(bytes(before), []))).toBe(before);
  });

  const questions = fc.uniqueArray(
    fc.record({
      fingerprint: fc.integer({ min: 0, max: 5 }).map((number) => String(number).padStart(8, '0')),
      seen: fc.integer({ min: 1, max: 99 }),
      isClosed: fc.boolean(),
    }),
    { selector: (one) => one.fingerprint },
  );
  const folds = questions.map((all) =>
    all.map(({ fingerprint, seen, isClosed }) =>
      question(fingerprint, { seen, closedAt: isClosed ? AT : undefined }),
    ),
  );
  const files = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          '\n',
          '\r\n',
          '\r',
          ' ',
          '<!-- gate-run ',
          ' -->',
          '00000001',
          ' seen 1 last x open',
          entry(ONE),
          entry(TWO),
        ),
      )
      .map((parts) => bytes(parts.join(''))),
  );

  test('writing twice is writing once', () => {
    fc.assert(
      fc.property(files, folds, (before, fold) => {
        const once = mergeQuestions(before, fold);
        expect(mergeQuestions(once, fold)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('every byte outside of known state comments stays, in its order', () => {
    const state = /^([ \t]*)<!-- gate-run ([0-9a-f]{8}) seen \d+ last \S+ (?:open|closed) -->/gm;
    fc.assert(
      fc.property(files, folds, (before, fold) => {
        const known = new Set(fold.map((one) => one.fingerprint));
        const people = (file: Uint8Array) =>
          Buffer.from(file)
            .toString('latin1')
            .replace(state, (whole, blank: string, fingerprint: string) =>
              known.has(fingerprint) ? blank : whole,
            );
        expect(people(mergeQuestions(before, fold)).startsWith(people(before))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('there is one entry for each open question, with the state of the fold', () => {
    fc.assert(
      fc.property(folds, folds, (earlier, fold) => {
        const file = text(mergeQuestions(mergeQuestions(bytes('people\n'), earlier), fold));
        for (const one of fold.filter((each) => each.closedAt === undefined)) {
          expect(file.split(`gate-run ${one.fingerprint} `)).toHaveLength(2);
          expect(file).toContain(stateText(one));
        }
      }),
    );
  });
});
