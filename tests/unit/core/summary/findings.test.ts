// Places that tools name in their output, found line by line.

import { expect, test } from 'vitest';
import { findings } from '../../../../src/core/summary/findings.ts';

const PLACES: readonly (readonly [tool: string, output: string, place: string, message: string])[] = [
  ['tsc', "src/a.ts(12,5): error TS2322: Type 'x'", 'src/a.ts:12:5', "error TS2322: Type 'x'"],
  ['tsc --pretty', 'src/a.ts:12:5 - error TS2322: no', 'src/a.ts:12:5', 'error TS2322: no'],
  ['gcc', 'lib/d.c:4:2: error: expected', 'lib/d.c:4:2', 'error: expected'],
  ['pytest', 'tests/test_a.py:12: AssertionError', 'tests/test_a.py:12', 'AssertionError'],
  ['eslint', '/r/b.ts\n  3:7  error  Unexpected any  no-any', '/r/b.ts:3:7', 'error  Unexpected any  no-any'],
  ['vitest', 'AssertionError: 1\n ❯ tests/c.test.ts:8:15', 'tests/c.test.ts:8:15', 'AssertionError: 1'],
  ['vitest', 'Error: no\n ❯ Object.run tests/d.test.ts:1:2', 'tests/d.test.ts:1:2', 'Error: no'],
  ['oxlint', '  x no-any: error\n   ,-[src/e.ts:1:1]', 'src/e.ts:1:1', 'x no-any: error'],
  ['rustc', 'error[E0308]: mismatched\n  --> src/main.rs:3:5', 'src/main.rs:3:5', 'error[E0308]: mismatched'],
  ['node', 'Error: boom\n    at run (file:///r/f.mjs:7:9)', '/r/f.mjs:7:9', 'Error: boom'],
];

for (const [tool, output, place, message] of PLACES) {
  test(`[B16] the place that ${tool} names is found with its message`, () => {
    const [found, ...more] = findings(output);
    const column = found?.column === undefined ? '' : `:${found.column}`;
    expect(`${found?.file}:${found?.line}${column}`).toBe(place);
    expect(found?.message).toBe(message);
    expect(more).toEqual([]);
  });
}

test('places in code that nobody can mend here are left out, and each line of a file counts once', () => {
  const text = [
    'node_modules/x/y.ts(1,1): error: theirs',
    'src/a.ts(2,1): error: ours',
    'src/a.ts(2,9): error: ours again',
  ];
  expect(findings(text.join('\n')).map((found) => found.message)).toEqual(['error: ours']);
});

test('what only looks like a place is none', () => {
  expect(findings('at 12:30:05 the build of v1.2:3 began\nhttp://localhost:80/ is up\nok 3:4')).toEqual([]);
});

test('a task that finds thousands of places gives fifty', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `src/a.ts(${index + 1},1): error: bad`);
  expect(findings(lines.join('\n'))).toHaveLength(50);
});

test('a line of a megabyte is read in no time', () => {
  const began = process.hrtime.bigint();
  findings(`${'a.b:'.repeat(250_000)}\n${' '.repeat(1_000_000)}x\n${'at ('.repeat(250_000)}`);
  expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(1000);
});

test('a line that begins a place again and again is read in no time', () => {
  const began = process.hrtime.bigint();
  for (const start of ['❯ ', '❯ a.b ', ',-[', '╭─[a.b', 'at (']) {
    const line = start.repeat(Math.floor(65_536 / start.length));
    expect(findings(`error: first\n${line}`)).toEqual([]);
  }
  expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(4000);
});

test('a host with its port is no file, whatever is said of it', () => {
  const text = 'example.com:443: connection refused\napi.my-host.io:8080 - error\nnode.com.ts:4: error: bad';
  expect(findings(text).map(({ file }) => file)).toEqual(['node.com.ts']);
});
