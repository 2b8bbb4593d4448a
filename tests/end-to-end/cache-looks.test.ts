// When the cache looks: nothing that was seen before somebody wrote may stand for what is there now.

import { expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

interface Task {
  readonly id: string;
  readonly verdict: string;
  readonly cached: object | null;
}

async function cachedIn(folder: Folder, args: readonly string[] = []): Promise<readonly string[]> {
  const { stdout } = await gateRun(folder, ['--json', ...args]);
  const { tasks }: { tasks: readonly Task[] } = JSON.parse(stdout);
  return tasks.flatMap(({ id, cached }) => (cached === null ? [] : [id]));
}

test('a look that was had while a task ran is not believed once that task has ended', async () => {
  const folder = folderWith({
    'src/a.txt': 'one\n',
    'gen/x': 'old\n',
    next: 'old\n',
    ...loop(
      `
slow: { run: "true", inputs: ["src/**"], versions: ["sh -c 'sleep 0.4; echo 1'"], cache: true }
near: { run: "true", inputs: ["gen/**"], cache: true }
make: { run: 'sleep 0.9; cp next gen/x' }
uses: { run: 'cat gen/x >> seen', needs: [make, near], inputs: ["gen/**"], cache: true }
`,
      'jobs: 4',
    ),
  });
  expect(await cachedIn(folder)).toEqual([]);
  folder.write('next', 'new\n');
  // It waits its turn behind a slow tool, and so looks at what `make` has not written yet.
  expect(await cachedIn(folder)).toEqual(['slow', 'near']);
  expect(folder.read('seen')).toBe('old\nnew\n');
});

test('a start that waits for another run looks again when its turn has come', async () => {
  const folder = folderWith({
    'gen/x': 'old\n',
    ...loop(
      `
uses: { run: 'ls gen >> seen', inputs: ["gen/**"], cache: true }
make: { run: 'test ! -e slow || { rm slow; sleep 0.8; touch gen/new; }', needs: [uses] }
`,
      'loop: { overlap: queue }',
    ),
  });
  expect(await cachedIn(folder)).toEqual([]);
  folder.write('slow', '');
  const first = begin(folder);
  await until('the first run is at work', () => !folder.has('slow'));
  expect(await cachedIn(folder)).toEqual([]);
  expect((await first.ended).code).toBe(0);
  expect(folder.read('seen')).toBe('x\nnew\nx\n');
});

test('a tool that is replaced while the loop runs is asked for its version again', async () => {
  const folder = folderWith({
    'src/a.txt': 'one\n',
    'loop.config.yaml': `version: 1
name: story
loop: { sleep: 0s }
phases:
  work:
    steps:
      upgrade: { run: 'echo x >> tool' }
    gates:
      count: { run: 'echo x >> ran', inputs: ["src/**"], versions: ["cat tool"], cache: true }
`,
  });
  await gateRun(folder, ['--iterations', '3']);
  expect(folder.read('ran')).toBe('x\nx\nx\n');
});
