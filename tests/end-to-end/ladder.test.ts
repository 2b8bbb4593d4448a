// A ladder whose simulations gate-run runs, when gate-run itself is killed while its workers are at work.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changedFiles, eventsIn, faultsOf, ledgerFiles } from './kills/ledger.ts';
import { marked } from './kills/start.ts';
import { begin, folderWith, gateRun, loop, until } from './rig.ts';

const PLANNED = 40;
/** Seeds from this one on hang in the first life: the rung below is whole by then, and this one is not. */
const FIRST_HUNG = 15;

/** One that nothing but a signal ends: neither the end of its input nor its own work, once it hangs. */
const WORKER = `
import { appendFileSync, existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const isArmed = existsSync('armed');
if (isArmed) {
  setInterval(() => undefined, 1000);
  spawn('sleep', ['61.5'], { detached: true, stdio: 'ignore' });
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { seed } = JSON.parse(line);
  appendFileSync(process.env.GATE_CYCLE + '.seeds', seed + '\\n');
  if (isArmed && seed >= ${FIRST_HUNG}) appendFileSync('hung', seed + '\\n');
  else console.log(JSON.stringify({ seed, edge: 300 + (seed % 7) }));
});
`;

const GATE = `sims:
  run: [node, worker.mjs]
  per: worker
  metrics: { edge: { better: higher } }
  stages: [{ count: 10 }, { count: ${PLANNED} }]`;

test('[G5] [A14] killed while the workers of a rung run: the next start ends them and whatever they started, and runs the rung anew', async () => {
  const folder = folderWith({ ...loop(GATE, 'jobs: 2'), 'worker.mjs': WORKER, armed: '' });
  const state = join(folder.path, '.gate-run');
  const seedsOf = (cycle: number) =>
    readFileSync(join(folder.path, `${cycle}.seeds`), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
  const { child, ended } = begin(folder);
  await until('both workers hang', () => folder.has('hung') && folder.read('hung').split('\n').length === 3);
  child.kill('SIGKILL');
  await ended;
  expect(marked(`GATE_STATE=${state}`).length).toBeGreaterThanOrEqual(4);
  const cut = ledgerFiles(state);
  rmSync(join(folder.path, 'armed'));

  const { code, stdout, stderr } = await gateRun(folder);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  expect(marked(`GATE_STATE=${state}`)).toEqual([]);
  const after = ledgerFiles(state);
  expect(changedFiles(cut, after)).toEqual([]);
  expect(faultsOf(after, true)).toEqual([]);
  const events = eventsIn(after);
  const resumed = events.find(({ type }) => type === 'run.resumed');
  if (!resumed) throw new Error('the run was not carried on');
  expect(resumed.interrupted).toEqual(['sims#1']);
  const all = Array.from({ length: PLANNED }, (_, seed) => seed);
  expect(seedsOf(1).toSorted((one, other) => one - other)).toEqual(all.slice(0, FIRST_HUNG + 2));
  expect(seedsOf(2).toSorted((one, other) => one - other)).toEqual(all);
  const anew = events.filter(({ type, seq, sims }) => type === 'attempt.ended' && sims && seq > resumed.seq);
  expect(anew).toMatchObject([
    { rung: 10, sims: { done: 10, failed: 0, reused: 0 } },
    { rung: PLANNED, sims: { done: PLANNED, failed: 0, reused: 10 } },
  ]);
});
