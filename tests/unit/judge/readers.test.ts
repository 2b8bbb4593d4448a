import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/core/judge/evidence.ts';
import { extractLabel, extractMetric, needsReports, readEvidence } from '../../../src/core/judge/extract.ts';
import { readIstanbul } from '../../../src/core/judge/istanbul.ts';
import { readReport } from '../../../src/core/judge/reports.ts';
import { numberFrom, numberText } from '../../../src/core/judge/number.ts';
import type { SourcePlan } from '../../../src/core/plan/plan.ts';
import { metric } from './parts.ts';

const OUTPUT = { stream: 'output' } as const;
const FILE = { file: 'out/report' } as const;

function read(source: SourcePlan, text: string): Reading {
  return extractMetric(metric('edge', { source }), text, { report: readReport });
}

const regex = (pattern: string, text: string) => read({ reader: 'regex', pattern, in: OUTPUT }, text);
const count = (pattern: string, text: string) => read({ reader: 'count', pattern, in: OUTPUT }, text);
const json = (at: string, text: string) => read({ reader: 'json', at, in: FILE }, text);
const junit = (field: string, text: string) =>
  read({ reader: 'junit', field, folder: undefined, in: FILE }, text);

const unread = (reading: Reading) => ('unread' in reading ? reading.unread : `value ${reading.value}`);

describe('a number', () => {
  test.each([
    ['12', 12],
    [' -3.50 ', -3.5],
    ['+.5', 0.5],
    ['527.', 527],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['007', 7],
    ['-0', 0],
  ])('%s is %d', (text, value) => {
    expect(numberFrom(text, 'the output')).toStrictEqual({ value });
  });

  test.each([
    ['', 'missing'],
    ['   ', 'missing'],
    ['1,234', 'unreadable'],
    ['12abc', 'unreadable'],
    ['0x10', 'unreadable'],
    ['12 13', 'unreadable'],
    ['.', 'unreadable'],
    ['1.2.3', 'unreadable'],
    ['1_000', 'unreadable'],
    ['83%', 'unreadable'],
    ['NaN', 'not-finite'],
    ['-nan', 'not-finite'],
    ['Infinity', 'not-finite'],
    ['-inf', 'not-finite'],
    ['1e999', 'not-finite'],
  ])('[A8] `%s` is %s', (text, expected) => {
    expect(unread(numberFrom(text, 'the output'))).toBe(expected);
  });

  test('whatever is shown reads as about the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), (value) => {
        const shown = Number(numberText(value));
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.max(1e-6, Math.abs(value) * 1e-5));
      }),
    );
  });

  test('any text is a finite number or says why not', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reading = numberFrom(text, 'the output');
        expect('unread' in reading || Number.isFinite(reading.value)).toBe(true);
      }),
    );
  });
});

describe('regex', () => {
  test('takes the last match, line by line', () => {
    expect(regex(String.raw`^Edge: (?<value>-?[\d.]+)$`, 'Edge: 1\nEdge: 527.3\r\nother\n')).toEqual({
      value: 527.3,
    });
  });

  test('colours are no part of the text', () => {
    expect(
      regex(String.raw`Edge: (?<value>[\d.]+)`, '\u001B[1mEdge:\u001B[0m \u001B[32m12\u001B[39m\n'),
    ).toEqual({ value: 12 });
  });

  test('no match is missing, and says where', () => {
    expect(regex('Edge: (?<value>.*)', 'nothing')).toEqual({
      unread: 'missing',
      detail: 'metric `edge` was not found in the output',
    });
  });

  test('[A8] the last match decides, also when it is NaN', () => {
    expect(unread(regex('Edge: (?<value>.*)', 'Edge: 5\nEdge: NaN'))).toBe('not-finite');
    expect(unread(regex('Edge: (?<value>x)?', 'Edge: x\nEdge: '))).toBe('missing');
  });

  test('a pattern that does not compile is unreadable', () => {
    expect(unread(regex('(?<value>', 'x'))).toBe('unreadable');
  });

  test('sixteen megabytes are read in well under a second', () => {
    const text = `${'some line of output with numbers 12 34\n'.repeat(430_000)}Edge: 7\n`;
    const start = process.hrtime.bigint();
    expect(regex(String.raw`^Edge: (?<value>\d+)$`, text)).toEqual({ value: 7 });
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(3);
  });
});

describe('count', () => {
  test('counts matches, and none is zero', () => {
    expect(count('^warning', 'warning a\nwarning b\n  warning c')).toEqual({ value: 2 });
    expect(count('^warning', '')).toEqual({ value: 0 });
    expect(count('^', 'a\nb')).toEqual({ value: 2 });
    expect(unread(count('(', ''))).toBe('unreadable');
  });
});

describe('json', () => {
  test.each([
    ['/a/0/b~1c', '{"a":[{"b/c":5}]}', 5],
    ['/m~0n', '{"m~n":-0}', 0],
    ['', '7', 7],
    ['/', '{"":1}', 1],
    ['/x', '\uFEFF{"x":"83.1"}', 83.1],
  ])('%s of %s is %d', (at, text, value) => {
    expect(json(at, text)).toStrictEqual({ value });
  });

  test.each([
    ['/a', '{}', 'missing'],
    ['/a', '{"a":null}', 'missing'],
    ['/a', '', 'missing'],
    ['/toString', '{}', 'missing'],
    ['/length', '[1]', 'missing'],
    ['/01', '[1,2]', 'missing'],
    ['/a/b', '{"a":5}', 'missing'],
    ['a', '{"a":5}', 'missing'],
    ['/a', '{"a":true}', 'unreadable'],
    ['/a', '{"a":[]}', 'unreadable'],
    ['/a', '{"a":{}}', 'unreadable'],
    ['/a', '{"a":"12abc"}', 'unreadable'],
    ['/a', '{"a":5', 'unreadable'],
    ['/a', '{"a":1e999}', 'not-finite'],
    ['/a', '{"a":NaN}', 'not-finite'],
    ['/a', '{"b":"NaN \\" NaN", "a": -Infinity}', 'not-finite'],
  ])('[A8] %s of %s is %s', (at, text, expected) => {
    expect(unread(json(at, text))).toBe(expected);
  });
});

describe('junit', () => {
  const nested = `<?xml version="1.0"?>
    <testsuites name="all" time="12.5">
      <testsuite name="a" tests="3" failures="1">
        <testsuite name="inner" tests="1"><testcase name="i" time="1"/></testsuite>
        <testcase name="one" time="2"/>
        <testcase name="two"><failure message="&lt;no&gt;">trace<![CDATA[ <x> ]]></failure><failure/></testcase>
      </testsuite>
      <testsuite name="b"><testcase name="three"><skipped/></testcase><testcase name="four"><error/></testcase></testsuite>
    </testsuites>`;

  test.each([
    ['tests', 5],
    ['failures', 1],
    ['errors', 1],
    ['skipped', 1],
    ['passed', 2],
    ['time', 12.5],
  ])('%s of nested suites is %d', (field, value) => {
    expect(junit(field, nested)).toEqual({ value });
  });

  test('one suite as the root, its time from its cases', () => {
    const text = '<testsuite><testcase time="1.5"/><testcase time="2"/></testsuite>';
    expect(junit('tests', text)).toEqual({ value: 2 });
    expect(junit('time', text)).toEqual({ value: 3.5 });
    expect(unread(junit('time', '<testsuite/>'))).toBe('missing');
  });

  test('a file without cases is believed by its attributes, each level once', () => {
    const text =
      '<testsuites tests="9" failures="2"><testsuite tests="4" failures="1" skipped="1"/><testsuite tests="5" errors="1" skipped="1"/></testsuites>';
    expect(['tests', 'failures', 'errors', 'skipped', 'passed'].map((field) => junit(field, text))).toEqual(
      [9, 2, 1, 2, 4].map((value) => ({ value })),
    );
  });

  test('failures that a suite states and no case shows still count', () => {
    expect(junit('errors', '<testsuite tests="1" errors="1"><testcase/></testsuite>')).toEqual({ value: 1 });
  });

  test('failures that an inner suite states still count when the outer one states fewer', () => {
    const text =
      '<testsuites failures="0" errors="4"><testsuite failures="3" errors="1" tests="3"/></testsuites>';
    expect(junit('failures', text)).toEqual({ value: 3 });
    expect(junit('errors', text)).toEqual({ value: 4 });
  });

  test.each(['tests', 'failures', 'errors', 'skipped', 'passed', 'time'])(
    '[A8] without a case or a stated number %s is missing, not zero',
    (field) => {
      expect(unread(junit(field, '<testsuites><testsuite/></testsuites>'))).toBe('missing');
    },
  );

  test('[A8] a suite that states its tests alone has not said that none failed', () => {
    expect(junit('tests', '<testsuite tests="3"/>')).toEqual({ value: 3 });
    expect(unread(junit('failures', '<testsuite tests="3"/>'))).toBe('missing');
    expect(unread(junit('passed', '<testsuite tests="3"/>'))).toBe('missing');
  });

  test('a test that was not run is skipped, not passed', () => {
    expect(
      junit('passed', '<testsuite><testcase status="notrun"/><testcase status="run"/></testsuite>'),
    ).toEqual({ value: 1 });
  });

  test.each([
    ['', 'missing'],
    ['<testsuite><testcase/>', 'unreadable'],
    ['<html/>', 'unreadable'],
    ['not xml', 'unreadable'],
    ['<testsuite>&bomb;</testsuite>', 'unreadable'],
    ['<html><testsuite/></html>', 'unreadable'],
  ])('%s is %s', (text, expected) => {
    expect(unread(junit('tests', text))).toBe(expected);
  });

  test('an unknown field is missing', () => {
    expect(unread(junit('assertions', nested))).toBe('missing');
  });
});

describe('istanbul', () => {
  const counts = (covered: number, total: number) => ({
    total,
    covered,
    skipped: 0,
    pct: total === 0 ? 'Unknown' : 50,
  });
  const entry = (covered: number, total: number) => ({
    lines: counts(covered, total),
    branches: counts(covered, total),
  });
  const summary = (files: Record<string, object>) => JSON.stringify({ total: entry(1, 3), ...files });
  const at = (field: string, text: string, folder?: string, root?: string) =>
    readIstanbul({ field, folder, root }, text, 'coverage-summary.json');

  test('a field of the total is exact, not rounded by the tool', () => {
    expect(at('lines.pct', summary({}))).toEqual({ value: 100 / 3 });
    expect(at('lines.covered', summary({}))).toEqual({ value: 1 });
    expect(at('branches.total', summary({}))).toEqual({ value: 3 });
  });

  test.each([
    ['relative paths', 'src/core/a.ts', 'src/core/b/c.ts', 'src/corelib/d.ts', undefined],
    [
      'absolute paths',
      '/home/me/p/src/core/a.ts',
      '/home/me/p/src/core/b/c.ts',
      '/home/me/p/src/corelib/d.ts',
      undefined,
    ],
    [
      'a root given',
      '/src/core/p/src/core/a.ts',
      '/src/core/p/src/core/b/c.ts',
      '/src/core/p/src/x.ts',
      '/src/core/p',
    ],
    [
      'a root of the same name',
      '/src/core/p/src/core/a.ts',
      '/src/core/p/src/core/b/c.ts',
      '/src/core/p/src/x.ts',
      undefined,
    ],
    [
      'backslashes',
      String.raw`C:\p\src\core\a.ts`,
      String.raw`C:\p\src\core\b\c.ts`,
      String.raw`C:\p\src\x.ts`,
      undefined,
    ],
  ])('a folder sums its files: %s', (_name, one, two, other, root) => {
    const text = summary({ [one]: entry(9, 10), [two]: entry(0, 30), [other]: entry(100, 100) });
    expect(at('lines.pct', text, 'src/core', root)).toEqual({ value: 22.5 });
    expect(at('lines.total', text, './src/core/', root)).toEqual({ value: 40 });
  });

  test('the folder itself may hold every file, or be the root', () => {
    const text = summary({ '/p/src/core/judge/a.ts': entry(1, 2), '/p/src/core/judge/b.ts': entry(1, 2) });
    expect(at('lines.pct', text, 'src/core')).toEqual({ value: 50 });
    expect(at('lines.pct', text, '.', '/p')).toEqual({ value: 50 });
    expect(at('lines.pct', text, '/p/src')).toEqual({ value: 50 });
    expect(unread(at('lines.pct', text, '/p/sr'))).toBe('missing');
  });

  test.each([
    ['lines.pct', '{"total":{"lines":{"total":0,"covered":0,"skipped":0,"pct":100}}}', undefined, 'missing'],
    ['lines.pct', '{"total":{}}', undefined, 'missing'],
    ['lines', '{}', undefined, 'missing'],
    ['lines.best', '{}', undefined, 'missing'],
    ['lines.pct', '[]', undefined, 'unreadable'],
    ['lines.pct', '{', undefined, 'unreadable'],
    ['lines.pct', '', undefined, 'missing'],
    ['lines.pct', '{"/p/src/a.ts":{"lines":{"total":1,"covered":1}}}', 'src/core', 'missing'],
    ['lines.pct', '{"/p/src/a.ts":{}}', 'src', 'unreadable'],
    ['lines.pct', '{"/p/src/a.ts":{"lines":{"total":0,"covered":0}}}', 'src', 'missing'],
  ])('%s of %s under %s is %s', (field, text, folder, expected) => {
    expect(unread(at(field, text, folder))).toBe(expected);
  });
});

describe('the evidence of a task', () => {
  const strategy = {
    name: 'strategy',
    source: { reader: 'regex', pattern: 'uses (?<value>.*)', in: OUTPUT },
  } as const;

  test('metrics and labels are read from the texts that the world brings', () => {
    const wanted = {
      metrics: [metric('edge'), metric('other', { source: { reader: 'json', at: '/a', in: FILE } })],
      labels: [strategy],
    };
    const stale = { unread: 'stale', detail: 'out/report is older than the attempt' } as const;
    const found = readEvidence(wanted, (from) =>
      'file' in from ? stale : 'edge: 5\nuses \u001B[1mmomentum\u001B[0m\u0007 \n',
    );
    expect(found).toEqual({
      metrics: {
        edge: { value: 5 },
        other: { unread: 'stale', detail: 'metric `other`: out/report is older than the attempt' },
      },
      labels: { strategy: 'momentum' },
    });
  });

  test('a label that is not there is left out', () => {
    expect(readEvidence({ metrics: [], labels: [strategy] }, () => '').labels).toEqual({});
    expect(
      readEvidence({ metrics: [], labels: [strategy] }, () => ({ unread: 'missing', detail: '' })).labels,
    ).toEqual({});
  });

  test('a label is bounded, and every reader can tell one', () => {
    expect(extractLabel(strategy, `uses ${'x'.repeat(2000)}`)).toHaveLength(501);
    const label = (source: SourcePlan, text: string) =>
      extractLabel({ name: 'x', source }, text, { report: readReport });
    expect(label({ reader: 'json', at: '/a', in: FILE }, '{"a":true}')).toBe('true');
    expect(label({ reader: 'json', at: '/a', in: FILE }, '{"a":"b"}')).toBe('b');
    expect(label({ reader: 'json', at: '/a', in: FILE }, '{"a":[]}')).toBeUndefined();
    expect(label({ reader: 'count', pattern: 'a', in: OUTPUT }, 'aa')).toBe('2');
    expect(
      label({ reader: 'junit', field: 'tests', folder: undefined, in: FILE }, '<testsuite tests="0"/>'),
    ).toBe('0');
  });

  test('only a junit source asks for the reader that loads a library', () => {
    const source = { reader: 'junit', field: 'tests', folder: undefined, in: FILE } as const;
    expect(needsReports({ metrics: [metric('edge')], labels: [] })).toBe(false);
    expect(needsReports({ metrics: [metric('tests', { source })], labels: [] })).toBe(true);
    expect(() => extractMetric(metric('tests', { source }), '<testsuite/>')).toThrow('bug');
  });
});
