// What the commands print with `--json`, in every state that they know, held to the schemas that ship.

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const RICH = loop(
  `red: { run: 'echo "lines 71"; echo "idea: left"; exit 1', mode: soft, labels: { idea: { regex: "idea: (?<value>.*)" } } }
lines: { run: 'echo "lines 83"', metrics: { lines: { regex: "lines (?<value>\\\\d+)", better: higher, bounds: [0, 100], unit: "%" } }, thresholds: { lines: { require: ">= 80", want: ">= best" } } }
sims: { run: 'echo "edge 5"', metrics: { edge: { regex: "edge (?<value>\\\\d+)", better: higher } }, stages: [{ count: 10, promote: { edge: "> 1" } }, { count: 100, timeout: never }] }
told: { run: 'echo 12 > tokens', metrics: { tokens: { count: '1', in: tokens } } }
read: { run: 'true', mode: soft, when: { exists: lcov.info }, metrics: { a: { lcov: lcov.info }, b: { cobertura: c.xml, field: branches }, c: { sarif: s.json, field: errors }, d: { istanbul: i.json } } }
report: { run: 'true', metrics: { tests: { junit: report.xml, field: tests } }, when: { exists: report.xml, changed: ["src/**"], command: sh, every: 1, failed: [red] }, needs: [] }
limit: { run: 'exit 75', exits: { limited: 75 }, mode: soft, retry: { limit: 1, when: [exit.75] }, env: { pass: [PATH], set: { A: "1" } }, stdin: loop.config.yaml }
last: { run: 'test ! -e fails', needs: [lines] }`,
  `goal: find it
hooks: { on-exit: { run: "true; true", env: { pass: [PATH] } }, after-cycle: ["true"] }
notify: [{ heartbeat: alive.json }]
exit: { when: "runtime > duration('20h') || edge_sd_over_3 > 500", target: { edge: "> 9", "lines.best": 99 }, budget: { cycles: 3, tokens: 2M, runtime: 1h }, give-up: { failures-in-a-row: 4, half-open: { after: 1m } } }
objective: { metric: edge, min-delta: 0.5 }
champion: { keep: [loop.config.yaml] }
marks: { far: { level: warning, all: { cycles: 2 } }, flat: { any: { edge.sd: "< 2 over 2", idea.distinct: 3 } } }
loop: { cron: "*/30 * * * *", timezone: UTC, rest: { failed: 2s } }
state: { archive: { after: 1d, to: packed }, snapshots: { every: 9 } }
reporters: [plain, { junit: junit.xml }, { tap: r.tap }, { sarif: r.sarif }, { code-quality: q.json }, { gitlab: auto }, { buildkite: auto }, { report: { file: out/r.md, top: 3, by: [idea] } }]
protect: [{ append-only: grows }]
redact: ["*_TOKEN"]`,
);

async function answer(folder: Folder, name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await gateRun(folder, [name, ...args, '--json']);
  fits(name, stdout, args);
  return stdout;
}

function fits(name: string, stdout: string, args: readonly string[] = []): void {
  const schema: z.ZodType | undefined = ANSWERS[name];
  expect(schema?.safeParse(JSON.parse(stdout)).error, `${name} ${args.join(' ')}: ${stdout}`).toBeUndefined();
}

const LOOKING = ['status', 'history', 'logs', 'questions', 'report', 'verify'] as const;

test('every answer fits its schema: before a run, in one, in a rest, stopped, killed, over', async () => {
  const folder = folderWith(RICH);
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({ state: 'none' });
  for (const name of ['history', 'questions', 'report', 'verify']) await answer(folder, name);
  const first = begin(folder, ['--continuous', '--sleep', '60s', '--target', 'edge=9']);
  await until(
    'the loop rests',
    () =>
      folder.has('.gate-run/history.jsonl') &&
      folder.read('.gate-run/history.jsonl').includes('rest.started'),
  );
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({
    state: 'resting',
    rest: { cause: 'sleep' },
  });
  expect(JSON.parse(await answer(folder, 'history'))).toHaveLength(1);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({ state: 'crashed' });
  await answer(folder, 'stop');
  await answer(folder, 'stop', '--undo');
  folder.write('fails', '');
  const { stdout } = await gateRun(folder, ['--iterations', '2', '--sleep', '0', '--json']);
  fits('output', stdout);
  for (const name of LOOKING) await answer(folder, name);
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({ state: 'ended', exit: 5 });
  await answer(folder, 'explain', 'exit');
  for (const flags of [[], ['--max-failures', '1'], ['--set', 'exit.budget.cycles=99']])
    await answer(folder, 'replay', ...flags);
  const history = folder.read('.gate-run/history.jsonl').split('\n');
  folder.write('.gate-run/history.jsonl', history.toSpliced(1, 1).join('\n'));
  expect(JSON.parse(await answer(folder, 'verify'))).toMatchObject({ isWhole: false });
});

test('a status fits its schema while tasks run and while a stop waits for them', async () => {
  const folder = folderWith(loop(`waits: { run: 'echo >> began; while [ ! -e go ]; do sleep 0.02; done' }`));
  const running = begin(folder, ['--continuous']);
  await until('the task runs', () => folder.has('began'));
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({ state: 'running', open: { cycle: 1 } });
  await answer(folder, 'logs');
  expect(JSON.parse(await answer(folder, 'stop')).seenAt).not.toBeNull();
  expect(JSON.parse(await answer(folder, 'status'))).toMatchObject({ state: 'stopping' });
  folder.write('go', '');
  await running.ended;
});

test('what would run, and what would go wrong, fits its schema', async () => {
  const folder = folderWith(RICH);
  await answer(folder, 'plan', '--continuous', '--jobs', '3');
  await answer(folder, 'plan', 'lines');
  for (const task of ['red', 'sims', 'report', 'limit']) await answer(folder, 'explain', task);
  await answer(folder, 'explain', 'exit');
  await answer(folder, 'check');
  await answer(folder, 'rehearse', '--nights', '4', '--seed', '7');
  const broken = folderWith({
    'loop.config.yaml': 'version: 1\nname: x\nphases: { p: { gates: { a: { runn: b } } } }\n',
  });
  for (const name of ['plan', 'check', 'rehearse'])
    expect(JSON.parse(await answer(broken, name)).exit).toBe(2);
});

test('the plans of all examples fit the schema', async () => {
  const examples = new URL('../../examples/', import.meta.url).pathname;
  const folder = folderWith();
  for (const name of readdirSync(examples)) {
    for (const what of ['plan', 'check'] as const) {
      const { stdout } = await gateRun(folder, [what, '--json'], { from: `${examples}${name}` });
      fits(what, stdout, [name]);
      expect(JSON.parse(stdout).exit, `${name}: ${stdout}`).toBe(0);
    }
  }
});

test('each of them is printed by `gate-run schema`, and a field too many or too few is told', async () => {
  const folder = folderWith();
  for (const name of Object.keys(ANSWERS)) {
    const { code, stdout } = await gateRun(folder, ['schema', name]);
    expect([name, code]).toEqual([name, 0]);
    expect(JSON.parse(stdout)).toHaveProperty('description');
  }
  const status: unknown = JSON.parse(await answer(folderWith(RICH), 'status'));
  const schema = ANSWERS['status'];
  expect(schema?.safeParse({ ...Object(status), more: 1 }).success).toBe(false);
  expect(schema?.safeParse({ ...Object(status), why: undefined }).success).toBe(false);
});
