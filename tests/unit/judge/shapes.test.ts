import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { cutAt } from '../../../src/core/cut-text.ts';
import { makeRedactor, type Secret } from '../../../src/core/judge/redact.ts';
import { redactText } from '../../../src/core/judge/redact-text.ts';
import { ShapeMask } from '../../../src/core/judge/shape-mask.ts';
import { INNOCENT, TOKENS } from './tokens.ts';

function redacted(text: string, cuts: readonly number[], secrets: readonly Secret[] = []): string {
  const redactor = makeRedactor(secrets);
  const pieces = chunks(text, cuts).map((chunk) => Buffer.from(redactor.push(chunk)));
  return Buffer.concat([...pieces, redactor.end()]).toString();
}

/** As a log is covered on disk. */
function masked(text: string, cuts: readonly number[]): string {
  const bytes = Buffer.from(text);
  const mask = new ShapeMask((at, cover) => bytes.set(cover, at));
  for (const chunk of chunks(text, cuts)) mask.push(Buffer.from(chunk));
  mask.end();
  return bytes.toString();
}

/** Each chunk is memory of its own that is lost behind it, as that of a socket is. */
function chunks(text: string, cuts: readonly number[]): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, at) => Uint8Array.from(bytes.subarray(places[at], place)));
}

/** More of them in `npm run prove`. */
const RUNS = Number(process.env['PROVE_SPLITS'] ?? 300);

/** For the figure: texts, and borders that they were cut at. */
const tally = { texts: 0, borders: 0 };

afterAll(() => console.log(`figure: ${tally.texts} texts cut at ${tally.borders} places, 0 leaks`));

const everywhere = (text: string) => Array.from({ length: Buffer.byteLength(text) }, (_, at) => at);

describe('[B19] what looks like a token', () => {
  test.each(TOKENS)('%s: %.24s', (name, token) => {
    const mark = `***${name}***`;
    for (const [before, behind] of [
      ['', ''],
      ['key=', ';'],
      ['"', '"\n'],
      ['\u001B[32m', '\u001B[0m'],
      [String.raw`a\n`, ' '],
      ['-', '\n-----\n'],
      ['ghp_ sk- eyJ ', ' AKIA'],
      ['-----BEGIN ', '.'],
    ] as const) {
      const text = before + token + behind;
      const expected = `${before}${mark}${behind}`.replace('jwt***.', 'jwt***');
      expect(redactText(text, [])).toBe(expected);
      expect(redacted(text, everywhere(text))).toBe(expected);
    }
  });

  test.each(TOKENS)('%s: %.24s cut short', (name, token) => {
    const text = `key=${token};`;
    // The longest beginning of any shape, and so much that it may be any word.
    const told = name === 'private-key' ? token.indexOf('MII') + 7 : 11 + 7;
    for (let place = 0; place <= text.length; place += 1) {
      const left = redactText(cutAt(text, place), []);
      expect(left).not.toContain(token.slice(0, told + 1));
      expect(left).toContain('key='.slice(0, place));
    }
  });

  test.each(INNOCENT.filter((text) => !text.includes('KEY') && !text.includes('CERT')))(
    'stays as it is beside a cut: %.40s',
    (text) => {
      expect(redactText(`${text}…`, [])).toBe(`${text}…`);
    },
  );

  test.each(TOKENS)('%s: %.24s at every cut', (name, token) => {
    const text = `before ${token} behind`;
    const covered = masked(text, everywhere(text));
    tally.texts += 1;
    tally.borders += Buffer.byteLength(text);
    for (const cut of everywhere(text)) {
      expect(redacted(text, [cut])).toBe(`before ***${name}*** behind`);
      expect(masked(text, [cut])).toBe(covered);
    }
    expect(covered).toMatch(/^before \*\*\*[a-z-]+\*\*\*[*\r\n]* behind$/);
    expect(covered).toHaveLength(text.length);
    expect(covered.split('\n').map(({ length }) => length)).toEqual(
      text.split('\n').map(({ length }) => length),
    );
  });

  test.each(INNOCENT.map((text) => [text]))('is not %s', (text) => {
    expect(redactText(text, [])).toBe(text);
    expect(redacted(text, everywhere(text))).toBe(text);
    expect(masked(text, [])).toBe(text);
  });

  test('a key that never ends takes no more than a key with it', () => {
    const [, token = ''] = TOKENS.find(([name]) => name === 'private-key') ?? [];
    const text = `${token.slice(0, 400)}\n${'an ordinary line\n'.repeat(5000)}`;
    const left = redactText(text, []);
    expect(left.startsWith('***private-key***')).toBe(true);
    expect(text.length - left.length).toBeLessThan(17_000);
  });

  test('values go first, so that a token that is known bears the name of its variable', () => {
    const [, token = ''] = TOKENS[0] ?? [];
    const secrets = [{ name: 'GH_TOKEN', value: token }];
    const text = `${token} ${token}x ${TOKENS[6]?.[1] ?? ''}`;
    for (const cut of everywhere(text))
      expect(redacted(text, [cut], secrets)).toBe('***GH_TOKEN*** ***GH_TOKEN***x ***gitlab-token***');
  });
});

describe('[G16] 0 leaks, wherever the chunks end', () => {
  const junk = fc.string({
    unit: fc.constantFrom('a', 'Z', '1', '_', '-', '.', ' ', '\n', '\\', 'g', 'e', 's', 'k', 'ü'),
  });
  const tokens = fc.constantFrom(...TOKENS.map(([, token]) => token).filter(({ length }) => length < 500));
  const halves = tokens.chain((token) => fc.nat({ max: token.length }).map((to) => token.slice(0, to)));
  const parts = fc.array(fc.oneof(junk, tokens, halves), { maxLength: 8 });
  /** Of several lines, one inside another, one over another, one that looks like a token. */
  const VALUES = [
    'hunter2-hunter2',
    'hunter2-hunter2-more',
    'ter2-hunter2-mo',
    'line one\nsecond line',
    'ghp_value-of-mine',
  ];
  const secrets = VALUES.map((value, at) => ({ name: `S${at}`, value }));
  const known = fc.constantFrom(
    ...VALUES,
    ...VALUES.map((value) => value.slice(1)),
    ...VALUES.map((value) => value.slice(0, -1)),
  );

  test('of tokens: every cut gives the same, the file keeps its length, and nothing is left', () => {
    fc.assert(
      fc.property(parts, fc.array(fc.nat({ max: 900 }), { maxLength: 12 }), (all, cuts) => {
        const text = all.join('');
        tally.texts += 1;
        tally.borders += Buffer.byteLength(text);
        const whole = redacted(text, []);
        expect(redacted(text, cuts)).toBe(whole);
        expect(redacted(text, everywhere(text))).toBe(whole);
        expect(redactText(text, [])).toBe(whole);
        const covered = masked(text, cuts);
        expect(covered).toBe(masked(text, []));
        expect(Buffer.byteLength(covered)).toBe(Buffer.byteLength(text));
        for (const left of [whole, covered]) expect(left).not.toMatch(LEFT);
      }),
      { numRuns: RUNS },
    );
  });

  test('of values and tokens together', () => {
    const mixed = fc.array(fc.oneof(junk, tokens, known), { maxLength: 8 });
    fc.assert(
      fc.property(mixed, fc.array(fc.nat({ max: 900 }), { maxLength: 12 }), (all, cuts) => {
        const text = all.join('');
        tally.texts += 1;
        tally.borders += Buffer.byteLength(text);
        const whole = redacted(text, [], secrets);
        expect(redacted(text, cuts, secrets)).toBe(whole);
        expect(redacted(text, everywhere(text), secrets)).toBe(whole);
        expect(redactText(text, secrets)).toBe(whole);
        expect(whole).not.toMatch(LEFT);
        for (const value of VALUES) expect(whole).not.toContain(value);
      }),
      { numRuns: RUNS },
    );
  });
});

/** The shapes once more, as one would look for them by hand. */
const LEFT = new RegExp(
  [
    'gh[pousr]_\\w{36}',
    'github_pat_\\w{82}',
    'gl(?:pat|dt|rt|ft|soat)-[\\w-]{20}',
    'A[KS]IA[A-Z2-7]{16}',
    'xox[bp]-\\d{10}-',
    'sk-(?:ant|proj|svcacct)-[\\w-]{40}',
    'npm_[a-zA-Z0-9]{36}',
    'AIza[\\w-]{35}',
    'eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ',
  ].join('|'),
);
