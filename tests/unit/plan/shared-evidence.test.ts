import { describe, expect, test } from 'vitest';
import { complaints, oneGate, planOf } from './planning.ts';

const gates = (text: string): string => `phases:\n  check:\n    gates:\n${text.replace(/^/gm, '      ')}\n`;

const warnings = (text: string): readonly string[] =>
  planOf(gates(text)).warnings.map(({ path, message }) => `${path?.join('.') ?? ''}: ${message}`);

describe('streams', () => {
  const keys = (s: string, e: string) =>
    oneGate(`run: "true"\nmetrics: { s: { regex: '(?<value>x)'${s} }, e: { count: y${e} } }`);

  test.each([
    ['', ', in: stderr', 's', 'stderr'],
    [', in: output', ', in: stderr', 's.in', 'stderr'],
    ['', ', in: stdout', 's', 'stdout'],
  ])('[A8] the output%s beside a metric%s is a problem with its mend', (s, e, place, stream) => {
    expect(complaints(keys(s, e))).toEqual([
      `phases.check.gates.a.metrics.${place}: \`s\` reads both streams in the order they came, and \`e\` reads ${stream} alone: one run cannot keep both (say \`in: stdout\` for it as well, or \`in: stderr\`)`,
    ]);
  });

  test.each([
    ['', ''],
    [', in: stdout', ', in: stderr'],
    ['', ', in: some.txt'],
  ])('two metrics%s and%s get on', (s, e) => {
    expect(complaints(keys(s, e))).toEqual([]);
  });

  test('[A8] it counts for labels, and for a gate that judges the task', () => {
    const text = `a: { run: "true", labels: { s: { regex: '(?<value>x)' } } }
b: { judges: a, metrics: { e: { count: y, in: stderr } } }
c: { run: "true", metrics: { f: { count: y } } }`;
    expect(complaints(gates(text))).toEqual([
      expect.stringMatching(/^phases\.check\.gates\.a\.labels\.s: `s` .* `e` of `b` reads stderr alone/),
    ]);
  });
});

describe('files', () => {
  const reads = (file: string) => `metrics: { m: { junit: ${file}, field: failures } }`;

  test('two gates side by side that are judged by one file get a warning', () => {
    const found = warnings(
      `a: { run: "true", ${reads('x.xml')} }\nb: { run: "true", ${reads('./x.xml')} }\nc: { run: "true", ${reads('y.xml')} }`,
    );
    expect(found).toEqual([
      expect.stringMatching(
        /^phases\.check\.gates\.b\.metrics\.m\.junit: `b` and `a` run side by side .* `\.\/x\.xml`/,
      ),
    ]);
  });

  test.each([
    ['one judges the other', `b: { judges: a, ${reads('x.xml')} }`],
    ['one needs the other', `b: { run: "true", needs: [a], ${reads('x.xml')} }`],
    [
      'one needs the other by way of a third',
      `b: { run: "true", needs: [c], ${reads('x.xml')} }\nc: { run: "true", needs: [a] }`,
    ],
    ['they stand in folders of their own', `b: { run: "true", cwd: sub, ${reads('x.xml')} }`],
  ])('not where %s', (_, more) => {
    expect(warnings(`a: { run: "true", ${reads('x.xml')} }\n${more}`)).toEqual([]);
  });

  test('not where the file bears the name of its task', () => {
    expect(
      warnings(
        `a: { run: "true", ${reads('"{{task}}.xml"')} }\nb: { run: "true", ${reads('"{{task}}.xml"')} }`,
      ),
    ).toEqual([]);
  });

  test('a circle of needs, told elsewhere, is no reason to hang', () => {
    const text = `a: { run: "true", needs: [b], ${reads('x.xml')} }\nb: { run: "true", needs: [a], ${reads('x.xml')} }`;
    expect(complaints(gates(text))).toHaveLength(1);
  });
});
