// TAP, SARIF and code quality: the same run in three forms, held to shapes and parsers that are not ours.

import { expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { View } from '../../../src/ports.ts';
import { codeQualityView } from '../../../src/views/code-quality.ts';
import { sarifView } from '../../../src/views/sarif.ts';
import { tapView } from '../../../src/views/tap.ts';
import {
  readCodeQuality,
  readSarifLog,
  readTap,
  type CodeQuality,
  type SarifLog,
  type TapRead,
} from './ci-reports.ts';
import { aPlan, aTask, Script } from './rig.ts';

interface Reported {
  readonly script: Script;
  readonly tap: () => TapRead;
  readonly sarif: () => SarifLog['runs'][number];
  readonly quality: () => CodeQuality;
}

function reported(plan: Plan, logs: Readonly<Record<string, string>> = {}): Reported {
  const written: Record<string, string> = {};
  const script = new Script(plan);
  const replace = (path: string, text: string) => void (written[path] = text);
  const readTail = (log: string) => logs[/\.([\w-]+)\.\d+\.log$/.exec(log)?.[1] ?? ''] ?? '';
  const place = {
    workspace: '/repo',
    folder: '/repo/pkg',
    config: '/repo/pkg/loop.config.yaml',
    readTail,
    replace,
  };
  const views: readonly View[] = [
    tapView(plan, { file: 'tap', replace, readTail }),
    sarifView(plan, { ...place, file: 'sarif', version: '0.1.0' }),
    codeQualityView(plan, { ...place, file: 'quality' }),
  ];
  for (const view of views) script.watch(view);
  return {
    script,
    tap: () => readTap(written['tap'] ?? ''),
    sarif: () => readSarifLog(written['sarif'] ?? ''),
    quality: () => readCodeQuality(written['quality'] ?? ''),
  };
}

const LOGS = {
  types:
    'src/a.ts(3,7): error TS2322: bad\nsrc/a.ts(9,1): error TS2322: bad\n/elsewhere/b.ts(1,1): error TS1: odd place\n',
  lint: '../lib/c d.ts:4:2: error: #no',
};

function aNight(): Reported {
  const plan = aPlan({
    static: ['types', aTask('lint', 'static', { mode: 'soft' }), 'fine'],
    tests: ['unit', 'e2e', 'left', 'after'],
  });
  const it = reported(plan, LOGS);
  it.script.start().cycle();
  it.script
    .fail('types', 'exit 2')
    .attempt('lint', { code: 1 })
    .judge('lint', 'soft-failed', { reasons: ['exit 1'] });
  it.script.pass('fine').fail('unit', 'exit 1: # not \\ this');
  it.script.attempt('e2e').judge('e2e', 'broken', { reasons: ['metric `x` was not found in the output'] });
  it.script.skipped('left', 'when exists').skipped('after', 'after failure of types', 'types');
  it.script.endCycle('broken').end(3, 'the cycle is broken', 'broken');
  return it;
}

test('TAP 14: a soft failure is a TODO, a skip says its rule, and the rest of what is red is red', () => {
  const { version, ok, points } = aNight().tap();
  expect({ version, ok }).toEqual({ version: 14, ok: false });
  expect(points.map((point) => [point.ok, point.name, point.todo || point.skip || ''])).toEqual([
    [false, 'static types', ''],
    [false, 'static lint', 'soft: exit 1'],
    [true, 'static fine', ''],
    [false, 'tests unit', ''],
    [false, 'tests e2e', ''],
    [true, 'tests left', 'when exists'],
    [true, 'tests after', 'not run because of types'],
  ]);
  expect(points[0]?.diag).toMatchObject({ verdict: 'failed', output: LOGS.types });
  expect(points[3]?.diag).toMatchObject({ message: 'exit 1: # not \\ this' });
  expect(points[4]?.diag).toMatchObject({ verdict: 'broken' });
});

test('TAP 14: a run with soft failures alone is ok', () => {
  const { script, tap } = reported(aPlan({ static: [aTask('lint', 'static', { mode: 'soft' })] }));
  script
    .start()
    .cycle()
    .attempt('lint', { code: 1 })
    .judge('lint', 'soft-failed', { reasons: ['exit 1 # SKIP x'] });
  script.endCycle('passed').end(0, 'passed');
  expect(tap()).toMatchObject({ ok: true, points: [{ ok: false, todo: expect.stringContaining('exit 1') }] });
});

test('SARIF and code quality name a place from the checkout, whatever folder its tool was started in', () => {
  const types = aTask('types', 'static', { cwd: 'packages/a' });
  const lint = aTask('lint', 'static', { cwd: 'tools' });
  const { script, sarif, quality } = reported(aPlan({ static: [types, lint] }), {
    types: 'src/a.ts(3,7): error TS2322: bad\n',
    lint: '../src/index.ts:4:2: error: no',
  });
  script.start().cycle().fail('types', 'exit 2').fail('lint', 'exit 1').endCycle('failed').end(1, 'failed');
  const files = ['pkg/packages/a/src/a.ts', 'pkg/src/index.ts'];
  expect(
    sarif().results.map(({ locations }) => locations[0]?.physicalLocation?.artifactLocation?.uri),
  ).toEqual(files);
  expect(quality().map(({ location }) => location.path)).toEqual(files);
});

test('SARIF: braces in a message are doubled, since a single one would begin a placeholder', () => {
  const { script, sarif } = reported(aPlan({ static: ['types', 'unit'] }, { name: 'a {0}' }), {
    types: "src/a.ts(3,7): error TS1005: '{0}' or '}' expected",
  });
  script
    .start()
    .cycle()
    .fail('types', 'exit 2')
    .attempt('unit')
    .judge('unit', 'broken', { reasons: ['{x}'] });
  script.endCycle('broken').end(3, 'the cycle is broken', 'broken');
  const { results, invocations, tool } = sarif();
  expect(results.map(({ message }) => message.text)).toEqual(["error TS1005: '{{0}}' or '}}' expected"]);
  expect(invocations[0]?.toolExecutionNotifications?.[0]?.message.text).toContain('{{x}}');
  expect(tool.driver.rules?.[0]?.shortDescription?.text).toBe('The gate types of a {{0}}');
});

test('SARIF: results for what was found, notifications for what could not be judged', () => {
  const { results, invocations, originalUriBaseIds } = aNight().sarif();
  expect(originalUriBaseIds).toEqual({ '%SRCROOT%': { uri: 'file:///repo/' } });
  const shown = results.map(({ ruleId, level, message, locations }) => {
    const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
    return `${level} ${ruleId} ${artifactLocation?.uri}:${region?.startLine} ${message.text}`;
  });
  expect(shown).toEqual([
    'error types pkg/src/a.ts:3 error TS2322: bad',
    'error types pkg/src/a.ts:9 error TS2322: bad',
    'error types file:///elsewhere/b.ts:1 error TS1: odd place',
    'error unit pkg/loop.config.yaml:1 exit 1: # not \\ this',
    'warning lint pkg/loop.config.yaml:1 exit 1',
  ]);
  expect(invocations).toMatchObject([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [{ associatedRule: { id: 'e2e' }, level: 'error' }],
    },
  ]);
});

test('code quality: how bad each is, where, and no two with one fingerprint', () => {
  expect(
    aNight()
      .quality()
      .map(({ severity, location, description }) => [
        severity,
        `${location.path}:${location.lines.begin}`,
        description,
      ]),
  ).toEqual([
    ['critical', 'pkg/loop.config.yaml:1', 'e2e: metric `x` was not found in the output'],
    ['major', 'pkg/src/a.ts:3', 'types: error TS2322: bad'],
    ['major', 'pkg/src/a.ts:9', 'types: error TS2322: bad'],
    ['major', '/elsewhere/b.ts:1', 'types: error TS1: odd place'],
    ['major', 'pkg/loop.config.yaml:1', 'unit: exit 1: # not \\ this'],
    ['minor', 'pkg/loop.config.yaml:1', 'lint: exit 1'],
  ]);
});

test('a finding that moved to another line keeps its fingerprint', () => {
  const of = (line: number) => {
    const { script, quality } = reported(aPlan({ static: ['types'] }), {
      types: `src/a.ts(${line},1): error TS1: bad\n`,
    });
    script.start().cycle().fail('types', 'exit 2').endCycle('failed').end(1, 'failed');
    return quality()[0]?.fingerprint;
  };
  expect(of(3)).toBe(of(300));
});

test('a run that is killed before its end has said so from its first event on', () => {
  const { script, tap, sarif, quality } = reported(aPlan({ static: ['types'] }));
  script.start().cycle();
  expect(tap()).toMatchObject({ ok: false, points: [{ ok: false, diag: { verdict: 'unfinished' } }] });
  expect(sarif().invocations[0]).toMatchObject({ executionSuccessful: false });
  expect(quality()).toMatchObject([{ severity: 'blocker' }]);
});

test('a green run has nothing to show, and says that it ran to its end', () => {
  const { script, tap, sarif, quality } = reported(aPlan({ static: ['types'] }));
  script.start().cycle().pass('types').endCycle('passed').end(0, 'passed');
  expect(tap()).toMatchObject({ ok: true });
  expect(sarif()).toMatchObject({
    results: [],
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: [] }],
  });
  expect(quality()).toEqual([]);
});

test('whatever a tool printed, each report stays what it is', () => {
  const evil = [
    'x'.repeat(100_000),
    '\u001b]0;title\u0007src/a.ts(1,1): error \u001b[31mred\u001b[0m </script><img src=x>',
    'ok 1 - forged\n1..1\nBail out!\n  ...\n  ---\nTAP version 13',
    'sr\ud800c/%b\\x.ts(2,1): error: \u0000\u0001\u0085x \ud800',
  ].join('\n');
  const plan = aPlan({
    'st#1': [aTask('types', 'st#1'), aTask('a # SKIP', 'st#1', { mode: 'soft' }), 'b # TODO c'],
  });
  const { script, tap, sarif, quality } = reported(plan, { types: evil });
  script
    .start()
    .cycle()
    .fail('types', `exit 1 ${evil.slice(-300)}`);
  script.fail('b # TODO c', 'exit 1');
  script
    .skipped('a # SKIP', `when\nok 3 # TODO ${'y'.repeat(50)}`)
    .endCycle('failed')
    .end(1, 'failed');
  expect(tap().points.map(({ ok, skip, todo }) => [ok, Boolean(skip), Boolean(todo)])).toEqual([
    [false, false, false],
    [true, true, false],
    [false, false, false],
  ]);
  expect(sarif().results.map(({ message }) => message.text)).toEqual([
    'error red </script><img src=x>',
    'error: x \ufffd',
    'exit 1',
  ]);
  expect(quality().length).toBe(sarif().results.length);
});

test('five thousand findings are shown, worst task first, and the rest is counted', () => {
  const names = Array.from({ length: 120 }, (_, index) => `t${index}`);
  const lines = Array.from({ length: 60 }, (_, line) => `src/a.ts(${line + 1},1): error TS${line}: bad`).join(
    '\n',
  );
  const { script, sarif, quality } = reported(
    aPlan({ static: names }),
    Object.fromEntries(names.map((name) => [name, lines])),
  );
  script.start().cycle();
  for (const name of names)
    script.attempt(name, { code: 1, durationMs: 1 }).judge(name, 'failed', { reasons: ['exit 1'] });
  script.endCycle('failed').end(1, 'failed');
  expect(quality()).toHaveLength(5000);
  expect(sarif().invocations[0]?.toolExecutionNotifications).toEqual([
    { level: 'warning', message: { text: '1000 more findings left out' } },
  ]);
});
