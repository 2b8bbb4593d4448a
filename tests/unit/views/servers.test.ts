// What GitLab and Buildkite are told besides reports.

import { expect, test } from 'vitest';
import type { MetricPlan } from '../../../src/core/plan/plan.ts';
import { buildkiteView, type Annotation } from '../../../src/views/buildkite.ts';
import { gitlabFold, gitlabView } from '../../../src/views/gitlab.ts';
import { aPlan, aTask, Screen, Script } from './rig.ts';

const METRIC = { better: undefined, bounds: undefined, unit: undefined };
const coverage = (name: string, field: string, folder?: string): MetricPlan => ({
  ...METRIC,
  name,
  source: { reader: 'lcov', field, folder, in: { file: 'lcov.info' } },
});

function coverageLines(metrics: readonly MetricPlan[], values: Readonly<Record<string, number>>): string {
  const screen = new Screen();
  const script = new Script(aPlan({ prove: ['types', aTask('tests', 'prove', { metrics })] }));
  script.watch(gitlabView(script.plan, screen));
  script.start().cycle().pass('types').pass('tests', { metrics: values }).endCycle('passed').end(0, 'passed');
  script.close();
  return screen.text;
}

test('the coverage line is what the regex of a GitLab job reads, once, and never rounded up', () => {
  const text = coverageLines([coverage('core', 'lines.pct', 'src/core'), coverage('lines', 'lines.pct')], {
    core: 10,
    lines: 99.999,
  });
  expect(text).toBe('gate-run coverage: 99.99% of lines (tests)\n');
  expect(/gate-run coverage: (\d+(?:\.\d+)?)%/.exec(text)?.[1]).toBe('99.99');
});

test('without line coverage of everything there is no coverage line', () => {
  expect(
    coverageLines([coverage('core', 'lines.pct', 'src/core'), coverage('b', 'branches.pct')], {
      core: 10,
      b: 3,
    }),
  ).toBe('');
  expect(coverageLines([coverage('lines', 'lines.pct')], {})).toBe('');
});

test('output folds in sections of GitLab with names of their own, and a title cannot end its own', () => {
  const fold = gitlabFold(() => 1_770_000_000);
  expect(fold.open('output of a\u001b[0Ksection_end\r\nb')).toBe(
    '\u001b[0Ksection_start:1770000000:gate_run_1[collapsed=true]\r\u001b[0Koutput of asection_end b\n',
  );
  expect(fold.close()).toBe('\u001b[0Ksection_end:1770000000:gate_run_1\r\u001b[0K\n');
  expect(fold.open('next')).toContain(':gate_run_2[');
});

async function annotated(play: (script: Script) => unknown, logs = ''): Promise<readonly Annotation[]> {
  const given: Annotation[] = [];
  const script = new Script(aPlan({ check: ['types', aTask('lint', 'check', { mode: 'soft' })] }));
  const annotate = (annotation: Annotation) => Promise.resolve(void given.push(annotation));
  const view = buildkiteView(script.plan, {
    workspace: '/repo',
    folder: '/repo',
    readTail: () => logs,
    step: 'gates',
    annotate,
  });
  script.watch(view);
  play(script);
  await view.close(script.progress);
  await view.close(script.progress);
  return given;
}

test('Buildkite gets one annotation: one line when all is green', async () => {
  expect(
    await annotated((script) => script.start().cycle().pass('types').pass('lint').endCycle('passed')),
  ).toEqual([
    { style: 'success', context: 'gate-run gates', body: 'gate-run: cycle 1 passed in 2.4 s: 2 passed\n' },
  ]);
});

test('[B16] Buildkite gets ten places at most, and hears how many were left out', async () => {
  const many = Array.from(
    { length: 14 },
    (_, line) => `src/a.ts(${line + 1},1): error TS1: <b>bad</b> | x`,
  ).join('\n');
  const [annotation] = await annotated(
    (script) => script.start().cycle().fail('types', 'exit 2').pass('lint').endCycle('failed'),
    many,
  );
  expect(annotation?.style).toBe('error');
  expect(annotation?.body.match(/^- ✗ types: src\/a\.ts:/gm)).toHaveLength(10);
  expect(annotation?.body).toContain('- 4 more findings left out\n');
  expect(annotation?.body).not.toContain('<b>');
});

test('what a task says in an annotation stays text: no image, no link, and no end of a cell', async () => {
  const says = '![x](https://evil.test/p.png) [a](https://evil.test) a\\|b <img src=x>';
  const [annotation] = await annotated(
    (script) => script.start().cycle().fail('types', says).pass('lint').endCycle('failed'),
    `src/a.ts(1,1): error TS1: ${says}`,
  );
  const row = annotation?.body.split('\n').find((line) => line.startsWith('| ✗ |'));
  const shown = String.raw`!\[x\](https://evil.test/p.png) \[a\](https://evil.test) a\\\|b &lt;img src=x>`;
  expect(row).toBe(`| ✗ | types | 1.2 s | ${shown} |`);
  expect(annotation?.body).toContain(`- ✗ types: src/a.ts:1 error TS1: ${shown}\n`);
});

test('Buildkite: soft is a warning, stopped is information, and no run is no annotation', async () => {
  const soft = (script: Script) =>
    script
      .start()
      .cycle()
      .pass('types')
      .attempt('lint', { code: 1 })
      .judge('lint', 'soft-failed', { reasons: ['exit 1'] })
      .endCycle('passed');
  expect(await annotated(soft)).toMatchObject([{ style: 'warning' }]);
  expect(await annotated((script) => script.start().cycle().endCycle('stopped'))).toMatchObject([
    { style: 'info' },
  ]);
  expect(await annotated((script) => script)).toEqual([]);
});

test('[B16] an annotation stays below what Buildkite takes', async () => {
  const reason = `exit 1 ${'€'.repeat(100_000)}`;
  const given = await annotated((script) => {
    script.start();
    for (let cycle = 1; cycle <= 1; cycle += 1) script.cycle(cycle).fail('types', reason).endCycle('failed');
  });
  expect(new TextEncoder().encode(given[0]?.body).length).toBeLessThan(900 * 1024);
});
