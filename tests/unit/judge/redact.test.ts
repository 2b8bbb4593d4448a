import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAt } from '../../../src/core/cut-text.ts';
import { makeRedactor, secretsOf, type Secret } from '../../../src/core/judge/redact.ts';
import { redactText } from '../../../src/core/judge/redact-text.ts';

/** Text in, text out, cut into chunks at the given places. */
function redacted(text: string, secrets: readonly Secret[], cuts: readonly number[] = []): string {
  const redactor = makeRedactor(secrets);
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
  const pieces: Uint8Array[] = [];
  for (const [index, place] of places.entries())
    pieces.push(redactor.push(bytes.subarray(place, places[index + 1] ?? place)));
  pieces.push(redactor.end());
  return Buffer.concat(pieces).toString();
}

const secret = (value: string, name = 'TOKEN'): Secret => ({ name, value });

describe('redaction', () => {
  test.each([
    ['a value', 'key=hunter22!', [secret('hunter22')], 'key=***TOKEN***!'],
    ['one beside itself', 'hunter22hunter22', [secret('hunter22')], '***TOKEN******TOKEN***'],
    ['the longer of two', 'abcdef12', [secret('abcdef', 'SHORT'), secret('abcdef12', 'LONG')], '***LONG***'],
    [
      'the shorter where the longer ends otherwise',
      'abcdef1x',
      [secret('abcdef', 'SHORT'), secret('abcdef12', 'LONG')],
      '***SHORT***1x',
    ],
    [
      'two that overlap: no byte of either stays',
      '<abcdefghi>',
      [secret('abcdef', 'A'), secret('defghi', 'B')],
      '<***A***>',
    ],
    ['one inside another', '<xabcdefx>', [secret('abcdef', 'A'), secret('xabcdefx', 'B')], '<***B***>'],
    ['one over itself', '<aaaaaaaaaa>', [secret('aaaaaa', 'A')], '<***A***>'],
    ['letters of several bytes', 'grüß-gött!', [secret('grüß-gött')], '***TOKEN***!'],
    ['an end that only began like one', 'the hunter2', [secret('hunter22')], 'the hunter2'],
    ['too short to be a secret', 'abcde', [secret('abcde')], 'abcde'],
    ['nothing to seek', 'hunter22', [], 'hunter22'],
    ['beside an empty one', 'hunter22', [secret('', 'EMPTY'), secret('hunter22')], '***TOKEN***'],
  ])('%s', (_name, text, secrets, expected) => {
    for (let cut = 0; cut <= Buffer.byteLength(text); cut += 1)
      expect(redacted(text, secrets, [cut])).toBe(expected);
    expect(
      redacted(
        text,
        secrets,
        Array.from({ length: Buffer.byteLength(text) }, (_, at) => at),
      ),
    ).toBe(expected);
  });

  test('a marker never tells the value by its name', () => {
    expect(redacted('hunter22', [secret('hunter22', 'hunter22')])).toBe('***');
  });

  test('[B19] however a text is cut, the result is the same and no secret is left', () => {
    const letters = fc.constantFrom('a', 'b', 'c');
    const values = fc.array(fc.string({ unit: letters, minLength: 6, maxLength: 9 }), {
      minLength: 1,
      maxLength: 4,
    });
    const texts = (all: readonly string[]) =>
      fc.array(fc.oneof(fc.string({ unit: letters, maxLength: 8 }), fc.constantFrom(...all)), {
        maxLength: 8,
      });
    const cases = values.chain((all) =>
      fc.tuple(fc.constant(all), texts(all), fc.array(fc.nat({ max: 80 }))),
    );
    fc.assert(
      fc.property(cases, ([all, parts, cuts]) => {
        const text = parts.join('');
        const secrets = all.map((value, index) => secret(value, `S${index}`));
        const whole = redacted(text, secrets);
        expect(
          redacted(
            text,
            secrets,
            cuts.filter((cut) => cut <= text.length),
          ),
        ).toBe(whole);
        expect(redactText(text, secrets)).toBe(whole);
        for (const value of all) expect(whole).not.toContain(value);
        // What is left is what no occurrence covers.
        expect(whole.replaceAll(/\*\*\*S\d\*\*\*/g, '')).toBe(uncovered(text, all));
      }),
      { numRuns: 3000 },
    );
  });

  test('bytes that are no text survive', () => {
    const redactor = makeRedactor([secret('hunter22')]);
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    expect(Buffer.concat([redactor.push(bytes), redactor.end()])).toEqual(Buffer.from(bytes));
  });

  test('a redactor can be used for one stream after another', () => {
    const redactor = makeRedactor([secret('aaaaaa')]);
    const stream = (text: string) =>
      Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString();
    expect(stream('aaaaaaa')).toBe('***TOKEN***');
    expect(stream('bcdefg')).toBe('bcdefg');
  });

  test('a text without any secret comes back as it is, a mark at its start too', () => {
    expect(redactText('\uFEFFplain', [secret('hunter22')])).toBe('\uFEFFplain');
    expect(redactText('\uFEFFhunter22', [secret('hunter22')])).toBe('\uFEFF***TOKEN***');
  });

  test('[B19] where a text was cut, neither half of a value is left', () => {
    const value = 'hunter22-of-Mars';
    const secrets = [secret('of-Mars/other', 'OTHER'), secret(value)];
    const text = `a key=${value}, and more`;
    const pieces = Array.from({ length: value.length - 5 }, (_, at) => value.slice(at, at + 6));
    for (let place = 0; place <= text.length; place += 1) {
      const head = redactText(cutAt(text, place), secrets);
      const tail = redactText(`\`…${text.slice(place)}\``, secrets);
      for (const piece of pieces) expect(head + tail).not.toContain(piece);
    }
    expect(redactText(cutAt(text, 14), secrets)).toBe('a key=***TOKEN***…');
    expect(redactText('…of-Mars, and more', secrets)).toBe('…***TOKEN***, and more');
  });

  test('[B19] where a character was cut in two, or many cuts stand in a row, a half is a half', () => {
    const secrets = [secret('pass😀word-of-Mars')];
    expect(redactText(`other ${cutAt('pass😀word', 5)} key`, secrets)).toBe('other pass… key');
    expect(redactText('…word-of-Mars…pass😀wo…', secrets)).toBe('…***TOKEN***…***TOKEN***…');
  });

  test('[B19] what a screen shows nothing of keeps no value together', () => {
    for (const within of ['\u001B[31m', '\u0000', '\u2066', '\u200B', '\uFFFE', '\u001B]0;title\u0007'])
      expect(redactText(`key hunt${within}er22 \u001B[0m`, [secret('hunter22')])).toBe('key ***TOKEN*** ');
    const colours = '\u001B[31mred\u001B[0m 1 %\r99 %\r\n';
    expect(redactText(colours, [secret('hunter22')])).toBe(colours);
    expect(redactText(`${colours}hunt\u0000er22\n${colours}`, [secret('hunter22')])).toBe(
      `${colours}***TOKEN***\n${colours}`,
    );
  });

  test('what is no end of a value stays beside a cut', () => {
    const innocent = 'the hunt… of hunter22 or so… Mars';
    expect(redactText(innocent, [secret('hunter22-of-Mars')])).toBe(innocent);
  });

  test('eight secrets cost little: more than 50 MB in a second', () => {
    const redactor = makeRedactor(Array.from({ length: 8 }, (_, at) => secret(`value-number-${at}`)));
    const chunk = Buffer.from(
      'an ordinary line of an ordinary log, with numbers 12 and values\n'.repeat(1000),
    );
    const start = process.hrtime.bigint();
    let bytes = 0;
    while (bytes < 50_000_000) bytes += redactor.push(chunk).length;
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(1);
  });
});

describe('the secrets of an environment', () => {
  test('are the values whose names match; what is too short is told', () => {
    const env = {
      API_TOKEN: 'abcdef',
      OTHER: 'value-of-other',
      PIN_TOKEN: '1234',
      EMPTY_TOKEN: '',
      GONE_TOKEN: undefined,
    };
    expect(secretsOf(env, (name) => name.endsWith('_TOKEN'))).toEqual({
      secrets: [{ name: 'API_TOKEN', value: 'abcdef' }],
      tooShort: ['PIN_TOKEN'],
    });
    expect(secretsOf(env, () => false)).toEqual({ secrets: [], tooShort: [] });
  });

  test('a value of several lines is also sought line by line', () => {
    const { secrets } = secretsOf({ KEY: 'first-line\r\nx\r\n  second-line \n' }, () => true);
    expect(redactText('second-line and first-line and x', secrets)).toBe('***KEY*** and ***KEY*** and x');
  });

  test('a value is also sought as JSON, a shell and one line write it', () => {
    const { secrets } = secretsOf({ A_TOKEN: 'a "b\\c"\td\'e' }, (name) => name === 'A_TOKEN');
    for (const written of ['a "b\\c"\td\'e', 'a \\"b\\\\c\\"\\td\'e', "a \"b\\c\"\td'\\''e", 'a "b\\c" d\'e'])
      expect(redactText(`<${written}>`, secrets)).toBe('<***A_TOKEN***>');
    expect(secretsOf({ A_TOKEN: 'hunter22' }, () => true).secrets).toHaveLength(1);
    expect(secretsOf({ PIN: "a'b1c" }, () => true)).toEqual({ secrets: [], tooShort: ['PIN'] });
  });

  test('a value bears the name that came first', () => {
    expect(secretsOf({ A_KEY: 'same-value', B_KEY: 'same-value' }, () => true).secrets).toEqual([
      { name: 'A_KEY', value: 'same-value' },
    ]);
  });
});

/** The slow and certain way. */
function uncovered(text: string, values: readonly string[]): string {
  const isCovered = Array.from({ length: text.length }, () => false);
  for (const value of values) {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
      isCovered.fill(true, at, at + value.length);
  }
  return Array.from(text)
    .filter((_, at) => !isCovered[at])
    .join('');
}
