// What attempts used, wherever somebody looks for it: while they run, in the cycle's folder, in the ledger, in the morning.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsIn, ledgerFiles } from './kills/ledger.ts';
import { begin, folderWith, gateRun, loop, until } from './rig.ts';

const MB = 1_048_576;

/** Holds 150 MB for three seconds, then little until it is let go. */
const HEAVY = `
let held = Buffer.alloc(150 * 1048576, 1);
const { existsSync, writeFileSync } = require('node:fs');
setTimeout(() => {
  held = undefined;
  gc();
  writeFileSync('light', '');
  setInterval(() => existsSync('go') && process.exit(0), 20);
}, 3000);
`;

test('[A19] the most memory of a task is in status while it runs, and in ledger, history, explain and report behind it', async () => {
  const folder = folderWith({
    ...loop(`heavy: { run: [node, --expose-gc, heavy.cjs] }\nquick: { run: 'true' }`),
    'heavy.cjs': HEAVY,
  });
  const { ended } = begin(folder);
  await until('it has let go of its memory', () => folder.has('light'));
  const status = await gateRun(folder, ['status', '--json']);
  const { usage } = JSON.parse(status.stdout).open.running[0];
  expect(usage.memoryBytes).toBeLessThan(150 * MB);
  expect(usage.peakBytes).toBeGreaterThan(150 * MB);
  expect((await gateRun(folder, ['status'])).stdout).toMatch(
    /1 process, [\d.]+ MiB of memory \([12]\d\d\.\d MiB at most\), .+ of CPU time/,
  );
  folder.write('go', '');
  expect((await ended).code).toBe(0);

  const events = eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
  const attempt = events.find(({ type, task }) => type === 'attempt.ended' && task === 'heavy');
  expect(attempt?.['peakBytes']).toBeGreaterThan(150 * MB);
  expect(attempt?.['cpuMs']).toBeGreaterThan(0);
  // Too short to be looked at: that is not the same as none.
  const quick = events.find(({ type, task }) => type === 'attempt.ended' && task === 'quick');
  expect(Object.keys(quick ?? {})).not.toContain('peakBytes');

  const history = JSON.parse((await gateRun(folder, ['history', '--json'])).stdout);
  expect(history[0].tasks.map(({ peakBytes }: { peakBytes?: number }) => peakBytes)).toEqual([
    attempt?.['peakBytes'],
    undefined,
  ]);
  expect((await gateRun(folder, ['explain', '--cycle', '1'])).stdout).toMatch(
    /attempt 1 from .+: exit 0, after .+, no output, [12]\d\d\.\d MiB of memory at most, .+ of CPU time\n/,
  );
  expect((await gateRun(folder, ['report'])).code).toBe(0);
  expect(folder.read('.gate-run/report.md')).toMatch(
    /\| heavy \| check \|.+\| [12]\d\d\.\d MiB \(cycle 1\) \|/,
  );

  const looks = folder.read('.gate-run/cycles/000001/check.heavy.1.usage.jsonl').trimEnd().split('\n');
  expect(JSON.parse(looks.at(-1) ?? '')).toMatchObject({ processes: 1, peakBytes: attempt?.['peakBytes'] });
});
