// The same floors in plain Node, for a machine without a C compiler; results then say so.

import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [mode, ...rest] = process.argv.slice(2);

function many(count, jobs, [command, ...args]) {
  return new Promise((resolve) => {
    let started = 0;
    let ended = 0;
    const next = () => {
      started += 1;
      spawn(command, args, { stdio: 'ignore' }).once('exit', () => {
        ended += 1;
        if (started < count) next();
        else if (ended === count) resolve();
      });
    };
    for (let i = 0; i < Math.min(jobs, count); i += 1) next();
  });
}

function print(bytes) {
  const block = Buffer.from(`${'abcdefghijklmnopqrstuvwxyz'.repeat(3).slice(0, 63)}\n`.repeat(1024));
  for (let left = bytes; left > 0;) left -= writeSync(1, block, 0, Math.min(left, block.length));
}

function simulate(seed, count) {
  for (let at = seed; at < seed + count; at += 1) {
    const from = process.cpuUsage();
    for (let spent = { user: 0, system: 0 }; spent.user + spent.system < 2000;)
      spent = process.cpuUsage(from);
    writeSync(1, `${JSON.stringify({ seed: at, edge: 300 + (at % 7) })}\n`);
  }
}

if (mode === 'simulate') simulate(Number(rest[0]), Number(rest[1]));
if (mode === 'answer')
  createInterface({ input: process.stdin }).on('line', (line) => simulate(JSON.parse(line).seed, 1));
if (mode === 'many') await many(Number(rest[0]), Number(rest[1]), rest.slice(2));
if (mode === 'layers') {
  for (let layer = 0; layer < Number(rest[0]); layer += 1)
    await many(Number(rest[1]), Number(rest[2]), rest.slice(3));
}
if (mode === 'print') print(Number(rest[0]));
