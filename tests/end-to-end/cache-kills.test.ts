// kill -9 at any moment of a run that asks, restores and keeps: an answer is whole or not there, and never one of another input.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop } from './rig.ts';

const GATES = 6;
const KILLS = 24;
/** A start and its first answers take about as long. */
const LONGEST_MS = 450;

/** The same on every machine, and spread over the whole of a run. */
function* spread(): Generator<number> {
  for (let nth = 1; ; nth += 1) yield Math.floor(((nth * 0.618_034) % 1) * LONGEST_MS);
}

test('after many kills every output is that of its input, and nothing half made is left', async () => {
  const gates = Array.from(
    { length: GATES },
    (_, nth) =>
      `g${nth}: { run: 'mkdir -p out/${nth}/deep; cp src/a out/${nth}/deep/a; cp src/big out/${nth}/big; cat src/a', inputs: ["src/**"], outputs: ["out/${nth}/**"], cache: true }`,
  ).join('\n');
  const folder = folderWith({ 'src/a': '0\n', 'src/big': '', ...loop(gates, 'jobs: 3') });
  const big = (content: string) => content.repeat(200_000);
  const delays = spread();
  for (let nth = 0; nth < KILLS; nth += 1) {
    const content = String(nth % 3);
    folder.write('src/a', `${content}\n`);
    folder.write('src/big', big(content));
    const run = begin(folder);
    const timer = setTimeout(() => run.child.kill('SIGKILL'), delays.next().value ?? 0);
    await run.ended;
    clearTimeout(timer);
    if (nth % 4 !== 3) continue;
    const { code, stdout } = await gateRun(folder, ['--json']);
    const { tasks }: { tasks: readonly { verdict: string; log: string }[] } = JSON.parse(stdout);
    expect([code, ...new Set(tasks.map(({ verdict }) => verdict))]).toEqual([0, 'passed']);
    for (let gate = 0; gate < GATES; gate += 1) {
      expect(folder.list(`out/${gate}`), `gate ${gate} after kill ${nth}`).toEqual(['big', 'deep']);
      expect(folder.list(`out/${gate}/deep`)).toEqual(['a']);
      expect(folder.read(`out/${gate}/deep/a`)).toBe(`${content}\n`);
      expect(folder.read(`out/${gate}/big`) === big(content)).toBe(true);
    }
    for (const { log } of tasks)
      expect(folder.read(log).split('\n').slice(1).join('\n')).toBe(`${content}\n`);
  }
  // What was half written when it was killed has no name that anybody reads, and goes with the next pruning.
  const { code } = await gateRun(folder, ['cache', 'clean']);
  expect(code).toBe(0);
  expect(readdirSync(join(folder.path, '.gate-run/cache'))).toEqual(['.gitignore']);
}, 120_000);
