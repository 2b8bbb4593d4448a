// Starts `true` and syncs a line, some dozen times for each line on stdin; answers with the milliseconds of one of each.

import { spawn } from 'node:child_process';
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const TIMES = 40;
const LINE = Buffer.alloc(300, 'x');
const file = openSync(process.argv[2], 'a');

function start() {
  return new Promise((resolve) => {
    // As gate-run starts a task: a session of its own, descriptors instead of pipes.
    spawn('true', [], { stdio: ['ignore', file, file], detached: true }).once('exit', resolve);
  });
}

async function timed(deed) {
  const from = performance.now();
  for (let i = 0; i < TIMES; i += 1) await deed();
  return (performance.now() - from) / TIMES;
}

function sync() {
  writeSync(file, LINE);
  fdatasyncSync(file);
}

for await (const _ of createInterface({ input: process.stdin })) {
  const spawnMs = await timed(start);
  const syncMs = await timed(sync);
  process.stdout.write(`${spawnMs.toFixed(4)} ${syncMs.toFixed(4)}\n`);
}
