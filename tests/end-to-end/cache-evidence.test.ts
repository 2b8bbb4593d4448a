// What a cached verdict stands on: what was measured when the task ran, and nothing that lies about today.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

interface Task {
  readonly verdict: string;
  readonly cached: object | null;
  readonly metrics: Readonly<Record<string, number>>;
}

async function tasksOf(folder: Folder, env: Readonly<Record<string, string>> = {}): Promise<readonly Task[]> {
  const { stdout } = await gateRun(folder, ['--json'], { env });
  const { tasks }: { tasks: readonly Task[] } = JSON.parse(stdout);
  return tasks;
}

const LINES = 'metrics: { lines: { json: coverage.json, at: /lines } }, thresholds: { lines: ">= 80" }';

test('[B20] a report that was changed, lost or forged since the task ran says nothing: its kept evidence does', async () => {
  const folder = folderWith({
    'src/a': 'one\n',
    ...loop(`
tests: { run: 'echo "{\\"lines\\": 90}" > coverage.json', inputs: ["src/**"], cache: true, ${LINES} }
coverage: { judges: tests, metrics: { branches: { json: coverage.json, at: /lines } } }
`),
  });
  expect(await tasksOf(folder)).toMatchObject([{ cached: null, metrics: { lines: 90 } }, { cached: null }]);
  for (const spoil of [
    () => folder.write('coverage.json', '{"lines": 10}'),
    () => folder.write('coverage.json', 'no json'),
    () => rmSync(join(folder.path, 'coverage.json')),
  ]) {
    spoil();
    const [tests, coverage] = await tasksOf(folder);
    expect(tests?.cached, 'answered').not.toBeNull();
    expect([tests?.verdict, tests?.metrics]).toEqual(['passed', { lines: 90 }]);
    expect([coverage?.verdict, coverage?.metrics]).toEqual(['passed', { branches: 90 }]);
  }
});

test("[B20] yesterday's report makes no answer: a task that did not write it is broken each time", async () => {
  const folder = folderWith({
    'src/a': 'one\n',
    'coverage.json': '{"lines": 90}',
    ...loop(`tests: { run: 'echo x >> ran', inputs: ["src/**"], cache: true, ${LINES} }`),
  });
  for (let nth = 1; nth <= 2; nth += 1)
    expect(await tasksOf(folder)).toMatchObject([{ verdict: 'broken', cached: null }]);
  expect(folder.read('ran')).toBe('x\nx\n');
});

test('a secret that a task prints stands in no answer, no label and no restored log', async () => {
  const folder = folderWith({
    'src/a': 'one\n',
    ...loop(
      `prints: { run: 'echo "token $MY_TOKEN"', inputs: ["src/**"], env: { pass: [PATH, MY_TOKEN] }, labels: { token: { regex: "token (?<value>.*)" } }, cache: true }`,
      'redact: ["MY_TOKEN"]',
    ),
  });
  const env = { MY_TOKEN: 'hunter2-hunter2' };
  await tasksOf(folder, env);
  expect((await tasksOf(folder, env))[0]?.cached).not.toBeNull();
  const state = join(folder.path, '.gate-run');
  const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const holding = files.filter((one) => readFileSync(join(one.parentPath, one.name)).includes('hunter2'));
  expect(holding.map(({ name }) => name)).toEqual([]);
});
