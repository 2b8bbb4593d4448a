// What GitHub Actions is told: commands that cannot be forged by output, ten at most, and a summary it accepts.

import { expect, test } from 'vitest';
import { githubFold, githubView } from '../../../src/views/github.ts';
import type { GithubOptions } from '../../../src/views/github.ts';
import { plainView } from '../../../src/views/plain.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { aLoop, aPlan, aTask, Screen, Script } from './rig.ts';

interface Annotated {
  readonly script: Script;
  readonly screen: Screen;
  readonly summary: { text: string };
}

function annotated(
  plan: Plan,
  logs: Readonly<Record<string, string>> = {},
  more: Partial<GithubOptions> = {},
): Annotated {
  const screen = new Screen();
  const summary = { text: '' };
  const script = new Script(plan);
  const readTail = (log: string) => logs[/\.([\w-]+)\.\d+\.log$/.exec(log)?.[1] ?? ''] ?? '';
  const append = (text: string) => (summary.text += text);
  script.watch(
    githubView(plan, screen, {
      workspace: '/repo',
      folder: '/repo/pkg',
      readTail,
      summary: { sizeBytes: () => 0, append },
      ...more,
    }),
  );
  return { script, screen, summary };
}

test('[B16] places that tools name become annotations, from the root of the checkout', () => {
  const { script, screen } = annotated(aPlan({ static: ['types', 'lint', 'unit', 'gcc', 'oxlint'] }), {
    types: "src/a.ts(12,5): error TS2322: Type 'x' is not assignable to type 'y'.\n",
    lint: '/repo/pkg/src/b.ts\n  3:7  error  Unexpected any  no-explicit-any\n',
    unit: 'AssertionError: expected 1 to be 2\n ❯ tests/c.test.ts:8:15\n    at node:internal/x.js:1:2\n',
    gcc: 'lib/d.c:4:2: error: expected `;` before `}`\n',
    oxlint: '  x eslint(no-debugger): error, remove it\n   ,-[src/e.ts:1:1]\n',
  });
  script.start().cycle();
  for (const id of ['types', 'lint', 'unit', 'gcc', 'oxlint']) script.fail(id, 'exit 1');
  script.endCycle('failed').end(1, 'the cycle failed');
  expect(screen.lines).toEqual([
    "::error file=pkg/src/a.ts,line=12,col=5,title=types failed::error TS2322: Type 'x' is not assignable to type 'y'.",
    '::error file=pkg/src/b.ts,line=3,col=7,title=lint failed::error  Unexpected any  no-explicit-any',
    '::error file=pkg/tests/c.test.ts,line=8,col=15,title=unit failed::AssertionError: expected 1 to be 2',
    '::error file=pkg/lib/d.c,line=4,col=2,title=gcc failed::error: expected `;` before `}`',
    '::error file=pkg/src/e.ts,line=1,col=1,title=oxlint failed::x eslint(no-debugger): error, remove it',
  ]);
});

const CWD_LOGS = {
  types: "src/a.ts(12,5): error TS2322: Type 'x'\n",
  tool: '../src/b.ts(1,2): error: up\n../../../c.ts(3,4): error: out\n',
  cycle: 'src/d.ts(5,6): error: where\n',
};

test('[B16] a place is worked out from the folder in which its tool was started', () => {
  const [types, tool] = [{ cwd: 'packages/a' }, { cwd: 'tools' }];
  const { script, screen } = annotated(
    aPlan({
      static: [
        aTask('types', 'static', types),
        aTask('tool', 'static', tool),
        aTask('cycle', 'static', { cwd: '{{cycle.dir}}' }),
      ],
    }),
    CWD_LOGS,
  );
  script.start().cycle().fail('types', 'exit 2').fail('tool', 'exit 1').fail('cycle', 'exit 1');
  script.endCycle('failed').end(1, 'the cycle failed');
  const files = screen.lines.map((line) => /file=([^,]*).*title=(\w+)/.exec(line)?.slice(1).join(' '));
  expect(files).toEqual([
    'pkg/packages/a/src/a.ts types',
    'pkg/src/b.ts tool',
    'pkg/src/d.ts cycle',
    '/c.ts tool',
  ]);
});

test('[B16] at most ten annotations, every gate before the second place of one, and what was left out is said', () => {
  const many = Array.from({ length: 30 }, (_, line) => `src/a.ts(${line + 1},1): error TS1: bad`).join('\n');
  const soft = aTask('soft', 'static', { mode: 'soft' });
  const { script, screen } = annotated(aPlan({ static: [soft, 'types', 'other'] }), { types: many });
  script
    .start()
    .cycle()
    .attempt('soft', { code: 1 })
    .judge('soft', 'soft-failed', { reasons: ['exit 1'] });
  script.fail('types', 'exit 2').fail('other', 'exit 3').endCycle('failed').end(1, 'the cycle failed');
  expect(screen.lines.slice(0, 3)).toEqual([
    '::error file=pkg/src/a.ts,line=1,col=1,title=types failed::error TS1: bad',
    '::error title=other failed::exit 3',
    '::warning title=soft soft-failed::exit 1',
  ]);
  expect(screen.lines.filter((line) => line.startsWith('::'))).toHaveLength(10);
  expect(screen.lines.at(-1)).toBe(
    '22 more findings left out: GitHub shows 10 annotations of a step; the step summary names every gate',
  );
});

test('a message with newlines, percent signs and colons cannot end its command or add a property', () => {
  const { script, screen } = annotated(aPlan({ static: ['types'] }));
  script.start().cycle().fail('types', '100%\n::error::forged').endCycle('failed').end(1, 'the cycle failed');
  expect(screen.lines).toEqual(['::error title=types failed::100%25 ::error::forged']);
});

test('the title of a group is one line whatever it holds', () => {
  expect(githubFold('token-1').open('a\r\n::error::b')).toBe(
    '::group::a%0D%0A::error::b\n::stop-commands::token-1\n',
  );
});

test('output of a task stands between group and stop-commands, so that it cannot speak to the runner', () => {
  const plan = aPlan({ static: ['types'] });
  const screen = new Screen();
  const script = new Script(plan);
  script.watch(
    plainView(plan, screen, { mono: () => script.mono, readTail: forged, fold: githubFold('token-1') }),
  );
  script.start().cycle().fail('types', 'exit 1');
  expect(screen.lines.slice(3)).toEqual([
    '::group::output of types (.gate-run/cycles/000001/static.types.1.log)',
    '::stop-commands::token-1',
    '::set-env name=PATH::/evil',
    '::token-1::',
    '::endgroup::',
  ]);
});

test('with -v a running task is not followed on GitHub: its output waits for its fold', () => {
  const plan = aPlan({ static: ['types'] });
  const screen = new Screen();
  const script = new Script(plan);
  const view = plainView(plan, screen, {
    mono: () => script.mono,
    readTail: forged,
    readFrom: (_, offset) => ({ text: forged().slice(offset), next: forged().length }),
    detail: 'whole',
    fold: githubFold('token-1'),
  });
  script.watch(view);
  script.start().cycle().record({ type: 'attempt.started', task: 'types', attempt: 1 });
  view.tick(script.mono);
  expect(screen.text).not.toContain('::set-env');
  script.record({
    type: 'attempt.ended',
    task: 'types',
    attempt: 1,
    end: { code: 0 },
    durationMs: 1200,
    bytes: 10,
  });
  script.judge('types', 'passed');
  expect(screen.lines.slice(-5)).toEqual([
    '::group::output of types (.gate-run/cycles/000001/static.types.1.log)',
    '::stop-commands::token-1',
    '::set-env name=PATH::/evil',
    '::token-1::',
    '::endgroup::',
  ]);
});

test('a line that quotes a task outside of a fold holds no command of the older form', () => {
  const plan = aLoop({ static: ['types'] });
  const screen = new Screen();
  const script = new Script(plan);
  const fold = githubFold('token-1');
  script.watch(plainView(plan, screen, { mono: () => script.mono, readTail: () => '', fold }));
  script.start().cycle().fail('types', 'exit 1: ##[stop-commands]x ###[error]y').endCycle('failed');
  expect(screen.text).not.toContain('##[');
  expect(screen.text).toContain('exit 1: ## [stop-commands]x ### [error]y');
});

test('[B16] the step summary has the table, the question of each failure, and the soft ones in their own state', () => {
  const soft = aTask('lint', 'static', { mode: 'soft' });
  const { script, summary } = annotated(aPlan({ static: ['types', soft, 'unit'] }));
  script.start().cycle().fail('types', 'a | b < c', { fingerprint: 'f1' });
  script
    .attempt('lint', { code: 1 })
    .judge('lint', 'soft-failed', { reasons: ['exit 1'] })
    .pass('unit');
  script.endCycle('failed');
  const text = 'Question for ChatGPT @codex 2026-02-10T06:30:00Z:\n```\nWhat now?';
  script.record({ type: 'question.opened', fingerprint: 'f1', task: 'types', cycle: 1, text });
  script.end(1, 'the cycle failed');
  expect(summary.text.split('\n')).toEqual([
    '### gate-run: cycle 1 failed in 3.6 s: 1 passed, 1 soft-failed, 1 failed',
    '',
    '| | task | time | |',
    '|---|---|---|---|',
    String.raw`| ✗ | types | 1.2 s | a \| b < c |`,
    '| ~ | lint | 1.2 s | soft-failed: exit 1 |',
    '| ✓ | unit | 1.2 s |  |',
    '',
    '#### ✗ types',
    '',
    '````text',
    'Question for ChatGPT @codex 2026-02-10T06:30:00Z:',
    '```',
    'What now?',
    '````',
    '',
    '#### ~ lint',
    '',
    '```text',
    'soft-failed: exit 1',
    '```',
    '',
    '',
  ]);
});

test('[B16] a summary of a thousand long failures stays under 900 KiB, with what the step has written already', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `t${index}`);
  const used = 200 * 1024;
  const summary = { text: '' };
  const append = (text: string) => (summary.text += text);
  const { script } = annotated(aPlan({ tests: ids }), {}, { summary: { sizeBytes: () => used, append } });
  script.start().cycle();
  for (const id of ids) script.attempt(id, { code: 1 }).judge(id, 'failed', { reasons: ['é'.repeat(400)] });
  script.endCycle('failed').end(1, 'the cycle failed');
  expect(Buffer.byteLength(summary.text) + used).toBeLessThanOrEqual(900 * 1024);
  expect(summary.text).toMatch(/_\d+ parts left out: /);
});

test('a green run writes no annotation', () => {
  const { script, screen, summary } = annotated(aPlan({ tests: ['unit'] }));
  script.start().cycle().pass('unit').endCycle('passed').end(0, 'the cycle passed');
  expect(screen.text).toBe('');
  expect(summary.text).toContain('cycle 1 passed');
});

function forged(): string {
  return '::set-env name=PATH::/evil\n';
}
