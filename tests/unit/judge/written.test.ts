// What is written in a form reads back as what was written, reader by reader: for any names, any counts, any numbers.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/core/judge/evidence.ts';
import { extractMetric } from '../../../src/core/judge/extract.ts';
import type { SeedOutcome } from '../../../src/core/judge/line.ts';
import { readReport } from '../../../src/core/judge/reports.ts';
import { readValues, valuesText } from '../../../src/core/judge/sims-file.ts';
import type { SourcePlan } from '../../../src/core/plan/plan.ts';
import { metric } from './parts.ts';

const OUTPUT = { stream: 'output' } as const;
const FILE = { file: 'out/report' } as const;

function read(source: SourcePlan, text: string): Reading {
  return extractMetric(metric('edge', { source }), text, { report: readReport });
}

function report(reader: 'junit' | 'lcov' | 'cobertura' | 'istanbul' | 'sarif', text: string) {
  return (field: string, folder?: string) => read({ reader, field, folder, in: FILE }, text);
}

/** As a ledger can hold it: there is no negative zero in JSON. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** Whatever a tool may print between the lines that matter; a letter before keeps it from being one of them. */
const noise = fc
  .string({ maxLength: 30 })
  .map((text) => `# ${text.replaceAll(/\p{Cc}|[\u2028\u2029]/gu, ' ')}`);
const noisy = fc.array(noise, { maxLength: 4 });
const count = fc.nat({ max: 12 });
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
/** Paths that differ, in two folders. */
const paths = fc.uniqueArray(fc.tuple(fc.constantFrom('src', 'lib'), word), {
  selector: ([folder, name]) => `${folder}/${name}`,
  minLength: 1,
  maxLength: 5,
});

function pct(covered: number, total: number): Reading | undefined {
  return total === 0 ? undefined : { value: (100 * covered) / total };
}

/** A share of nothing is unknown; everything else reads as it was written. */
function expectCounts(of: (part: string) => Reading, covered: number, total: number): void {
  expect(of('covered')).toEqual({ value: covered });
  expect(of('total')).toEqual({ value: total });
  const share = pct(covered, total);
  if (share) expect(of('pct')).toEqual(share);
  else expect(of('pct')).toMatchObject({ unread: 'missing' });
}

describe('texts', () => {
  test('regex: the last number that was printed, with all its digits', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noisy, number), { minLength: 1, maxLength: 6 }), (said) => {
        const text = said.flatMap(([before, value]) => [...before, `Edge: ${value}`]).join('\n');
        expect(
          read({ reader: 'regex', pattern: String.raw`^Edge: (?<value>\S+)$`, in: OUTPUT }, text),
        ).toEqual({
          value: said.at(-1)?.[1],
        });
      }),
    );
  });

  test('count: as many as were printed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, fc.boolean()), { maxLength: 30 }), (lines) => {
        const text = lines.map(([line, isWarning]) => (isWarning ? `warning: ${line}` : line)).join('\n');
        expect(read({ reader: 'count', pattern: '^warning: ', in: OUTPUT }, text)).toEqual({
          value: lines.filter(([, isWarning]) => isWarning).length,
        });
      }),
    );
  });

  test('json: the number under any path of any keys', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), number, (keys, value) => {
        const json = keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value);
        const at = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(read({ reader: 'json', at, in: FILE }, JSON.stringify(json))).toEqual({ value });
      }),
    );
  });

  test('a line of a simulation: its field, and that of the last line', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noisy, number), { minLength: 1, maxLength: 4 }), word, (said, field) => {
        const text = said
          .flatMap(([before, value], seed) => [...before, JSON.stringify({ seed, [field]: value })])
          .join('\n');
        fc.pre(field !== 'seed');
        expect(read({ reader: 'line', field, in: OUTPUT }, text)).toEqual({ value: said.at(-1)?.[1] });
      }),
    );
  });

  test('the values of each seed: every simulation, done or failed', () => {
    const outcome: fc.Arbitrary<SeedOutcome> = fc.oneof(
      fc.record({
        values: fc.dictionary(
          word.filter((name) => name !== 'seed' && name !== 'failed'),
          number,
          { noNullPrototype: true },
        ),
      }),
      fc.record({ failed: fc.string() }),
    );
    const outcomes = fc.uniqueArray(fc.tuple(fc.nat(), outcome), {
      selector: ([seed]) => seed,
      maxLength: 20,
    });
    fc.assert(
      fc.property(outcomes, (all) => {
        const text = valuesText(new Map(all));
        expect(readValues(text)).toEqual(new Map(all));
        // Half a line is none of ours, whatever it would be read as.
        const cut = text.slice(0, -2);
        if (cut !== '') expect(readValues(cut)).toBeUndefined();
      }),
    );
  });
});

describe('reports', () => {
  test('junit: every case, in suites of any depth', () => {
    const ends = ['passed', 'failure', 'error', 'skipped'] as const;
    const test1 = fc.record({
      name: fc.string(),
      end: fc.constantFrom(...ends),
      time: fc.nat({ max: 9999 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(test1, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        (suites) => {
          const inner = suites.map(
            (cases) => `<testsuite name="s">${cases.map(caseXml).join('')}</testsuite>`,
          );
          const nested = inner.reduceRight(
            (text, suite) => suite.replace('</testsuite>', () => `${text}</testsuite>`),
            '',
          );
          const all = suites.flat();
          const of = (end: (typeof ends)[number]) => all.filter((one) => one.end === end).length;
          for (const text of [`<testsuites>${inner.join('\n')}</testsuites>`, nested]) {
            const field = report('junit', text);
            expect(['tests', 'passed', 'failures', 'errors', 'skipped'].map((name) => field(name))).toEqual(
              [all.length, of('passed'), of('failure'), of('error'), of('skipped')].map((value) => ({
                value,
              })),
            );
            const time = field('time');
            const sum = all.reduce((total, one) => total + one.time / 1000, 0);
            expect('value' in time ? time.value : Number.NaN).toBeCloseTo(sum, 6);
          }
        },
      ),
    );
  });

  test('lcov: lines, functions and branches, of all files and of one folder', () => {
    const file = fc.record({ lines: fc.array(count), functions: fc.array(count), branches: fc.array(count) });
    fc.assert(
      fc.property(paths, fc.infiniteStream(file), (names, files) => {
        const all = names.map(([folder, name]) => ({ folder, name, ...next(files) }));
        const text = all.map(({ folder, name, lines, functions, branches }) =>
          [
            'TN:',
            `SF:${folder}/${name}`,
            ...functions.flatMap((hits, at) => [`FN:${at + 1},f${at}`, `FNDA:${hits},f${at}`]),
            ...branches.map((hits, at) => `BRDA:1,0,${at},${hits === 0 ? '-' : hits}`),
            ...lines.map((hits, at) => `DA:${at + 1},${hits}`),
            'end_of_record',
          ].join('\n'),
        );
        for (const folder of [undefined, ...new Set(all.map((one) => one.folder))]) {
          const under = all.filter((one) => folder === undefined || one.folder === folder);
          for (const kind of ['lines', 'functions', 'branches'] as const) {
            const hits = under.flatMap((one) => one[kind]);
            const field = report('lcov', text.join('\n'));
            expectCounts(
              (part) => field(`${kind}.${part}`, folder),
              hits.filter((one) => one > 0).length,
              hits.length,
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('cobertura: lines and branches, of all files and of one folder', () => {
    const line = fc.record({ hits: count, branches: fc.option(fc.tuple(count, count)) });
    fc.assert(
      fc.property(
        paths,
        fc.infiniteStream(fc.array(line, { minLength: 1, maxLength: 6 })),
        (names, files) => {
          const all = names.map(([folder, name]) => ({ folder, name, lines: next(files) }));
          const classes = all.map(({ folder, name, lines }) => {
            const text = lines.map(({ hits, branches }, at) => {
              const [one = 0, other = 0] = branches ?? [];
              const [covered, total] = [Math.min(one, other), Math.max(one, other)];
              const share = branches ? ` branch="true" condition-coverage="0% (${covered}/${total})"` : '';
              return `<line number="${at + 1}" hits="${hits}"${share}/>`;
            });
            return `<class filename="${folder}/${name}"><lines>${text.join('')}</lines></class>`;
          });
          const field = report(
            'cobertura',
            `<coverage><packages><package><classes>${classes.join('')}</classes></package></packages></coverage>`,
          );
          for (const folder of ['src', 'lib']) {
            const lines = all.filter((one) => one.folder === folder).flatMap((one) => one.lines);
            if (lines.length === 0) continue;
            expectCounts(
              (part) => field(`lines.${part}`, folder),
              lines.filter(({ hits }) => hits > 0).length,
              lines.length,
            );
            const pairs = lines.map(({ branches }): readonly [number, number] => branches ?? [0, 0]);
            const covered = pairs.reduce((sum, [one, other]) => sum + Math.min(one, other), 0);
            const total = pairs.reduce((sum, [one, other]) => sum + Math.max(one, other), 0);
            expectCounts((part) => field(`branches.${part}`, folder), covered, total);
          }
          const lines = all.flatMap((one) => one.lines);
          expectCounts(
            (part) => field(`lines.${part}`),
            lines.filter(({ hits }) => hits > 0).length,
            lines.length,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('istanbul: the total as it is stated, and a folder as the sum of its files', () => {
    const counts = fc
      .tuple(count, count)
      .map(([one, other]) => ({ covered: Math.min(one, other), total: Math.max(one, other) }));
    fc.assert(
      fc.property(paths, fc.infiniteStream(counts), counts, (names, each, total) => {
        const all = names.map(([folder, name]) => ({ folder, name, counts: next(each) }));
        const entries = all.map((one) => [`/w/${one.folder}/${one.name}`, { lines: one.counts }]);
        const field = report(
          'istanbul',
          JSON.stringify({ total: { lines: total }, ...Object.fromEntries(entries) }),
        );
        expectCounts((part) => field(`lines.${part}`), total.covered, total.total);
        for (const folder of new Set(all.map((one) => one.folder))) {
          const under = all.filter((one) => one.folder === folder).map((one) => one.counts);
          const sum = (key: 'covered' | 'total') => under.reduce((most, one) => most + one[key], 0);
          expectCounts((part) => field(`lines.${part}`, folder), sum('covered'), sum('total'));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('sarif: results by their level, without those that somebody suppressed', () => {
    const result = fc.record({
      level: fc.constantFrom('error', 'warning', 'note', 'none', undefined),
      isSuppressed: fc.boolean(),
      text: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(result, { maxLength: 8 }), { minLength: 1, maxLength: 3 }), (runs) => {
        const log = {
          version: '2.1.0',
          runs: runs.map((results) => ({
            tool: { driver: { name: 'lint' } },
            results: results.map(({ level, isSuppressed, text }) => ({
              ...(level !== undefined && { level }),
              message: { text },
              ...(isSuppressed && { suppressions: [{ kind: 'inSource' }] }),
            })),
          })),
        };
        const field = report('sarif', JSON.stringify(log));
        const open = runs.flat().filter(({ isSuppressed }) => !isSuppressed);
        // Without a level it is a warning.
        const of = (level: string) => open.filter((one) => (one.level ?? 'warning') === level).length;
        expect(['results', 'errors', 'warnings', 'notes'].map((name) => field(name))).toEqual(
          [open.length - of('none'), of('error'), of('warning'), of('note')].map((value) => ({ value })),
        );
      }),
    );
  });
});

function caseXml({
  name,
  end,
  time,
}: {
  readonly name: string;
  readonly end: string;
  readonly time: number;
}): string {
  const text = name.replaceAll(/[^\t\n\r\u0020-\ud7ff]/g, '?');
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const inner = end === 'passed' ? '' : `<${end} message="${escaped}"/>`;
  return `<testcase name="${escaped}" time="${time / 1000}">${inner}</testcase>`;
}

function next<T>(stream: fc.Stream<T>): T {
  const { value, done } = stream.next();
  if (done) throw new Error('the stream has an end');
  return value;
}
