// lcov, Cobertura and SARIF, as real tools write them, and as files look that nobody should believe.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/core/judge/evidence.ts';
import { readReport } from '../../../src/core/judge/reports.ts';
import type { ReportSource } from '../../../src/core/judge/reports.ts';
import {
  COBERTURA_ISTANBUL,
  COBERTURA_PYTHON,
  COBERTURA_SOURCES,
  LCOV_PYTHON,
  LCOV_VITEST,
  SARIF_CODEQL,
  SARIF_RUFF,
} from './reports.ts';

const ROOT = '/tmp/my-parser';

function read(reader: ReportSource['reader'], field: string, text: string, folder?: string): Reading {
  return readReport({ reader, field, folder, in: { file: 'out/report' } }, text, { root: ROOT });
}
const lcov = (field: string, text: string, folder?: string) => read('lcov', field, text, folder);
const cobertura = (field: string, text: string, folder?: string) => read('cobertura', field, text, folder);
const sarif = (field: string, text: string) => read('sarif', field, text);
const unread = (reading: Reading) => ('unread' in reading ? reading.unread : `value ${reading.value}`);

describe('lcov', () => {
  test.each([
    ['lines.covered', 7],
    ['lines.total', 9],
    ['lines.pct', (100 * 7) / 9],
    ['functions.covered', 2],
    ['functions.total', 3],
    ['branches.pct', 50],
  ])('of coverage.py: %s is %d', (field, value) => {
    expect(lcov(field, LCOV_PYTHON)).toStrictEqual({ value });
  });

  test('of vitest: a folder alone', () => {
    expect(lcov('lines.pct', LCOV_VITEST)).toStrictEqual({ value: 75 });
    expect(lcov('lines.covered', LCOV_VITEST, './src/core/')).toStrictEqual({ value: 2 });
    expect(lcov('functions.pct', LCOV_VITEST, 'src/core')).toStrictEqual({ value: 100 });
    expect(lcov('lines.pct', LCOV_VITEST, 'src/gone')).toMatchObject({ unread: 'missing' });
  });

  test('a file that two tests recorded counts once, and what one of them covered is covered', () => {
    const one = 'TN:a\nSF:/tmp/my-parser/src/a.c\nDA:1,1\nDA:2,0\nFNDA:0,f\nend_of_record\n';
    const other = 'TN:b\nSF:/tmp/my-parser/src/a.c\nDA:1,0\nDA:2,3\nDA:3,0\nFNDA:2,f\nend_of_record\n';
    expect(lcov('lines.covered', one + other, 'src')).toStrictEqual({ value: 2 });
    expect(lcov('lines.total', one + other)).toStrictEqual({ value: 3 });
    expect(lcov('functions.pct', one + other)).toStrictEqual({ value: 100 });
  });

  test('without lines of its own a record is believed in its sums; lcov 2 names its functions otherwise', () => {
    expect(lcov('lines.pct', 'SF:a.c\nLF:4\nLH:1\nend_of_record\n')).toStrictEqual({ value: 25 });
    const second =
      '# made by hand\nSF:a.c\nFNL:0,1,3\nFNA:0,2,f\nFNL:1,5,6\nFNA:1,0,g<int, char>\nend_of_record\r\n';
    expect(lcov('functions.covered', second)).toStrictEqual({ value: 1 });
  });

  test.each([
    ['', 'missing'],
    ['SF:a.c\nDA:1,1\n', 'unreadable'],
    ['SF:a.c\nDA:1,1\nSF:b.c\nend_of_record\n', 'unreadable'],
    ['SF:a.c\nDA:1\nend_of_record\n', 'unreadable'],
    ['SF:a.c\nLH:many\nend_of_record\n', 'unreadable'],
    ['SF:a.c\nwhat is this\nend_of_record\n', 'unreadable'],
    ['{"total": 1}', 'unreadable'],
    ['SF:a.c\nend_of_record\n', 'missing'],
  ])('[A8] `%j` is %s, never zero', (text, expected) => {
    expect(unread(lcov('lines.pct', text))).toBe(expected);
  });

  test('a hundred thousand lines of one file are read in no time', () => {
    const lines = Array.from({ length: 100_000 }, (_, at) => `DA:${at + 1},${at % 2}`).join('\n');
    const started = performance.now();
    expect(lcov('lines.pct', `SF:a.c\n${lines}\nend_of_record\n`)).toStrictEqual({ value: 50 });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('cobertura', () => {
  test.each([
    ['lines.covered', 7],
    ['lines.total', 9],
    ['branches.pct', 50],
  ])('of coverage.py: %s is %d', (field, value) => {
    expect(cobertura(field, COBERTURA_PYTHON)).toStrictEqual({ value });
  });

  test('a folder is found through the source that its files are named from', () => {
    expect(cobertura('lines.pct', COBERTURA_PYTHON, 'src/core')).toStrictEqual({ value: 75 });
    expect(cobertura('branches.total', COBERTURA_PYTHON, 'src/core')).toStrictEqual({ value: 2 });
    expect(cobertura('lines.pct', COBERTURA_PYTHON, 'src')).toStrictEqual({ value: (100 * 7) / 9 });
    expect(cobertura('lines.pct', COBERTURA_PYTHON, 'lib')).toMatchObject({ unread: 'missing' });
    expect(cobertura('lines.pct', COBERTURA_ISTANBUL, 'src/core')).toStrictEqual({ value: (100 * 2) / 3 });
  });

  test('of several sources: a folder is read where every file surely lies in it or not, and is unknown else', () => {
    const both = COBERTURA_SOURCES;
    expect(cobertura('lines.covered', both)).toStrictEqual({ value: 2 });
    expect(cobertura('lines.pct', both, 'src')).toStrictEqual({ value: 100 / 3 });
    expect(cobertura('lines.pct', both, 'src/b')).toMatchObject({ unread: 'missing' });
    expect(cobertura('lines.pct', both, 'src/a')).toMatchObject({ unread: 'missing' });
    expect(cobertura('lines.pct', both, 'lib')).toMatchObject({ unread: 'missing' });
    const whole = both.replaceAll(
      /filename="([xy])\.py"/g,
      (_, name) => `filename="${ROOT}/src/${name === 'x' ? 'a' : 'b'}/${name}.py"`,
    );
    expect(cobertura('lines.pct', whole, 'src/b')).toStrictEqual({ value: 0 });
    const twice = COBERTURA_PYTHON.replace(/<source>.*<\/source>/, '$&$&');
    expect(cobertura('lines.pct', twice, 'src/core')).toStrictEqual({ value: 75 });
  });

  test('without sums of its own a report is counted; a rate alone is believed for its percentage only', () => {
    const counted = COBERTURA_PYTHON.replaceAll(/ (?:lines|branches)-(?:valid|covered)="\d+"/g, '');
    expect(cobertura('lines.total', counted)).toStrictEqual({ value: 9 });
    const rate =
      '<coverage line-rate="0.5"><packages><package><classes><class filename="a.c"/></classes></package></packages></coverage>';
    expect(cobertura('lines.pct', rate)).toStrictEqual({ value: 50 });
    expect(cobertura('lines.total', rate)).toMatchObject({ unread: 'missing' });
  });

  test.each([
    ['', 'missing'],
    ['<coverage lines-valid="1"', 'unreadable'],
    ['<testsuites/>', 'unreadable'],
    ['<coverage line-rate="1"/>', 'missing'],
    ['<coverage lines-valid="0" lines-covered="0" line-rate="1"/>', 'missing'],
    ['<!DOCTYPE x [<!ENTITY a "b">]><coverage>&a;</coverage>', 'unreadable'],
  ])('[A8] `%s` is %s, never a percentage', (text, expected) => {
    expect(unread(cobertura('lines.pct', text))).toBe(expected);
  });
});

describe('sarif', () => {
  test.each([
    ['results', 4],
    ['errors', 4],
    ['warnings', 0],
  ])('of ruff: %s is %d', (field, value) => {
    expect(sarif(field, SARIF_RUFF)).toStrictEqual({ value });
  });

  const ERROR = { defaultConfiguration: { level: 'error' } };
  const log = (run: object): string => JSON.stringify({ version: '2.1.0', runs: [{ tool: {}, ...run }] });

  test('a level is its own, its rule’s, or a warning; what is suppressed, absent or no failure is not counted', () => {
    const rules = [{ id: 'quiet', defaultConfiguration: { level: 'note' } }];
    const text = log({
      tool: { driver: { rules } },
      results: [
        { ruleId: 'quiet' },
        { ruleIndex: 0, level: 'error' },
        {},
        { kind: 'pass' },
        { level: 'none' },
        { level: 'error', suppressions: [{ kind: 'inSource' }] },
        { level: 'error', suppressions: [{ kind: 'external', status: 'rejected' }] },
        { level: 'error', baselineState: 'absent' },
      ],
    });
    expect(sarif('results', text)).toStrictEqual({ value: 4 });
    expect(sarif('errors', text)).toStrictEqual({ value: 2 });
    expect(sarif('warnings', text)).toStrictEqual({ value: 1 });
    expect(sarif('notes', text)).toStrictEqual({ value: 1 });
  });

  test('a rule is sought in the part of the tool that the result names', () => {
    expect(sarif('errors', SARIF_CODEQL)).toStrictEqual({ value: 1 });
    expect(sarif('warnings', SARIF_CODEQL)).toStrictEqual({ value: 1 });
    const extensions = [{ name: 'more', guid: 'g-1', rules: [{ id: 'loud', guid: 'r-1', ...ERROR }] }];
    const tool = { driver: { name: 'tool', rules: [{ id: 'loud' }] }, extensions };
    const errors = (result: object) => sarif('errors', log({ tool, results: [result] }));
    expect(errors({ ruleId: 'loud' })).toStrictEqual({ value: 0 });
    for (const toolComponent of [{ index: 0 }, { guid: 'g-1' }, { name: 'more' }]) {
      expect(errors({ ruleId: 'loud', rule: { toolComponent } })).toStrictEqual({ value: 1 });
      expect(errors({ rule: { guid: 'r-1', toolComponent } })).toStrictEqual({ value: 1 });
    }
  });

  test.each([
    [{ ruleId: 'gone' }],
    [{ ruleIndex: 7 }],
    [{ rule: { index: 7 } }],
    [{ rule: { guid: 'gone' } }],
    [{ ruleId: 'loud', rule: { toolComponent: { index: 3 } } }],
    [{ ruleId: 'loud', rule: { toolComponent: { name: 'gone' } } }],
  ])('[A8] a result without a level whose rule %j is not there makes the count unknown', (result) => {
    const tool = { driver: { name: 'tool', rules: [{ id: 'loud', ...ERROR }] } };
    const text = (more: object) => log({ tool, results: [{ ...result, ...more }] });
    expect(sarif('errors', text({}))).toMatchObject({ unread: 'unreadable' });
    expect(sarif('results', text({}))).toMatchObject({ unread: 'unreadable' });
    expect(sarif('errors', text({ level: 'error' }))).toStrictEqual({ value: 1 });
    expect(sarif('errors', text({ suppressions: [{ kind: 'inSource' }] }))).toStrictEqual({ value: 0 });
  });

  test.each([
    ['', 'missing'],
    ['{', 'unreadable'],
    ['[]', 'unreadable'],
    ['{"version":"1.0.0","runs":[{"results":[]}]}', 'unreadable'],
    ['{"version":"2.1.0","runs":[]}', 'missing'],
    [log({}), 'unreadable'],
    [log({ results: null }), 'unreadable'],
    [log({ results: [], invocations: [{ executionSuccessful: false }] }), 'unreadable'],
  ])('[A8] `%s` is %s, never zero', (text, expected) => {
    expect(unread(sarif('results', text))).toBe(expected);
  });
});

test('any text is a finite number or says why not, in every reader', () => {
  const readers = [
    (text: string) => lcov('lines.pct', text),
    (text: string) => cobertura('lines.pct', text),
    (text: string) => sarif('results', text),
  ];
  const cut = fc
    .constantFrom(LCOV_PYTHON, COBERTURA_PYTHON, SARIF_RUFF)
    .chain((text) => fc.integer({ min: 0, max: text.length }).map((end) => text.slice(0, end)));
  fc.assert(
    fc.property(fc.oneof(fc.string(), cut), (text) => {
      for (const reader of readers) {
        const reading = reader(text);
        expect('unread' in reading ? reading.detail : Number.isFinite(reading.value)).toBeTruthy();
      }
    }),
  );
});
