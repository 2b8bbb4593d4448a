// `npm run bench`: measures gate-run, floors and peers in the same rounds; prints a table, writes out/bench.json and RESULTS.md.
// `--small` for CI (RESULTS.md stays), `--only W1,W3`, `--rounds N`, `--peers FOLDER` to keep fetched peers, `--no-write`,
// `--hold` to end with 1 where a target is missed.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBench, type Bench, type Sample } from './measure.ts';
import { openPeers } from './peers.ts';
import {
  figuresOf,
  markdownOf,
  rowsOf,
  tableOf,
  type Column,
  type Machine,
  type Results,
  type Row,
} from './report.ts';
import type { Contestant } from './contestants.ts';
import { workloads, type Workload } from './workloads.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

const { values: flags } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    peers: { type: 'string' },
    'no-write': { type: 'boolean', default: false },
    hold: { type: 'boolean', default: false },
  },
});

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-bench-'));
  try {
    const bench = openBench(folder);
    if (!bench.hasC) console.log('no C compiler (cc): floors are plain Node, memory and CPU stay unknown');
    const peers = openPeers(flags.peers === undefined ? folder : resolve(flags.peers));
    const all = workloads({ bench, peers, gateRun: join(root, 'bin/gate-run.js'), isSmall: flags.small });
    const wanted = all.filter((one) => flags.only === undefined || flags.only.split(',').includes(one.id));
    const rows = wanted.flatMap((one) => measureAll(bench, one));
    const results: Results = {
      machine: machineOf(bench),
      peers: peers.map(({ name, program, version }) => ({ name, version, isThere: program !== undefined })),
      rows,
      titles: Object.fromEntries(wanted.map((one) => [one.id, one.title])),
    };
    console.log(tableOf(results));
    write(results);
    if (flags.hold) for (const line of figuresOf(results)) console.log(`figure: ${line}`);
    if (flags.hold && rows.some(({ isMissed }) => isMissed)) return 1;
    return rows.some((row) => row.contestant.startsWith('gate-run') && row.problem !== undefined) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Turn {
  readonly one: Contestant;
  readonly samples: (Sample | undefined)[];
  problem: string | undefined;
}

/** Each round runs everyone once, starting with another one each time; the first round warms up and does not count. */
function measureAll(bench: Bench, workload: Workload): readonly Row[] {
  const contestants = [workload.floor, ...workload.others];
  const rounds = Number(flags.rounds ?? workload.rounds);
  const columns: readonly Turn[] = contestants.map((one) => ({ one, samples: [], problem: undefined }));
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < columns.length; turn += 1) {
      const column = columns[(turn + Math.max(round, 0)) % columns.length];
      if (column === undefined) continue;
      const isDue = round < 0 ? column.one.every === 1 : round % column.one.every === 0;
      const measured = isDue && column.problem === undefined ? measureOne(bench, column.one) : undefined;
      if (typeof measured === 'string') column.problem = measured;
      if (round >= 0) column.samples[round] = typeof measured === 'string' ? undefined : measured;
    }
  }
  const done: readonly Column[] = columns.map(({ one, samples, problem }) => ({
    name: one.name,
    samples,
    problem,
  }));
  return rowsOf(workload, done);
}

/** A contestant that fails is out of its workload: its times would be those of something else. */
function measureOne(bench: Bench, contestant: Contestant): Sample | string {
  contestant.prepare?.();
  const sample = bench.measure(contestant.command);
  if (typeof sample === 'string') return sample;
  if (sample.exit !== 0) return `failed with exit ${sample.exit}`;
  return contestant.check?.() ?? sample;
}

function machineOf(bench: Bench): Machine {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
    commit,
    floor: bench.hasC
      ? 'a C program that only starts processes, `node -e 0`, `> file`'
      : 'plain Node (no C compiler)',
  };
}

function write(results: Results): void {
  if (flags['no-write']) return;
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(join(root, 'out/bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  if (flags.small || flags.only !== undefined) return;
  const path = join(root, 'bench/reasons.json');
  const reasons: Record<string, string> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  writeFileSync(join(root, 'bench/RESULTS.md'), markdownOf(results, reasons));
}

process.exitCode = main();
