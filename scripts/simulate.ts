// Plays nights by seed: `node scripts/simulate.ts --seeds 100 [--from 7]`, one of them aloud with `--seed 7`, or with
// `--exhaustive` small scenes that are cut off at each of their operations.

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { cutEverywhere } from './simulate/crash-points.ts';
import { playStretch, shrunk, type Played, type Stretch } from './simulate/play.ts';
import { added, missingIn, NO_COUNTS, textOf } from './simulate/statistics.ts';

/** From here on every thing that the nights should hold has to have been there. */
const ENOUGH_SEEDS = 1000;
const MOST_SEEDS = 10_000_000;
const ANY_SEED = { least: 0, most: 2 ** 52 };
const MOST_SHOWN = 10;
/** Below it a thread costs more than it saves. */
const WORTH_A_THREAD = 100;
const MOST_THREADS = 16;
/** Events in front of the end that are enough to see what led to it. */
const LAST_SHOWN = 25;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    exhaustive: { type: 'boolean' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.seed !== undefined) return playAloud(whole('--seed', values.seed, ANY_SEED));
  if (values.exhaustive === true) return playExhaustively();
  return playMany();
}

async function playMany(): Promise<number> {
  const seeds = whole('--seeds', values.seeds ?? '100', { least: 1, most: MOST_SEEDS });
  const from = whole('--from', values.from ?? '0', ANY_SEED);
  const threads = seeds < WORTH_A_THREAD ? 1 : Math.max(1, Math.min(MOST_THREADS, availableParallelism()));
  const parts = Array.from({ length: threads }, (_, at) => ({
    from: from + at,
    seeds: seeds - at,
    step: threads,
  }));
  const played = await Promise.all(parts.map((part) => (threads === 1 ? playStretch(part) : inThread(part))));
  const failing = played.flatMap((one) => one.failing).toSorted((one, other) => one.seed - other.seed);
  for (const { seed, broken } of failing.slice(0, MOST_SHOWN))
    console.log(`seed ${seed}: ${broken}\n  replay: npm run sim -- --seed ${seed}`);
  const [first] = failing;
  if (first) await showSmall(first.seed);
  const counts = played.reduce((sum, one) => added(sum, one.counts), NO_COUNTS);
  console.log(textOf(counts));
  const missing = seeds >= ENOUGH_SEEDS ? missingIn(counts) : [];
  if (missing.length > 0) console.log(`not held often enough: ${missing.join(', ')}`);
  console.log(`seeds: ${seeds} from ${from}\nfailing seeds: ${failing.length + missing.length}`);
  return failing.length + missing.length > 0 ? 1 : 0;
}

function inThread(stretch: Stretch): Promise<Played> {
  const worker = new Worker(new URL('simulate/worker.ts', import.meta.url), { workerData: stretch });
  return new Promise((resolve, reject) => {
    worker.once('message', (played: Played) => resolve(played));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} and said nothing`)));
  });
}

/** What stays broken with as few kinds of trouble as possible, and what came last before the end. */
async function showSmall(seed: number): Promise<void> {
  const { night, without } = await shrunk(seed);
  console.log(
    `seed ${seed} at commit ${commit()}, made smaller by leaving out ${without.join(', ') || 'nothing'}`,
  );
  console.log(`  troubles: ${[...night.swarm].join(', ') || 'none'}`);
  console.log(
    `  lives: ${night.lives.map(({ end, during }) => (during ? `${end} at ${during}` : end)).join(', ')}`,
  );
  for (const broken of night.broken) console.log(`  broken: ${broken}`);
  const left = night.events.length - LAST_SHOWN;
  if (left > 0) console.log(`  … ${left} events before`);
  for (const event of night.events.slice(-LAST_SHOWN)) console.log(`  ${lineOf(event)}`);
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function lineOf({ mono, ...event }: { readonly mono: number }): string {
  return `${String(mono).padStart(9)} ${JSON.stringify(event)}`;
}

async function playAloud(seed: number): Promise<number> {
  const { failing } = await playStretch({ from: seed, seeds: 1, step: 1 });
  const { night } = await shrunk(seed);
  console.log(JSON.stringify(night.plan, undefined, 1));
  for (const event of night.events) console.log(lineOf(event));
  console.log(`lives: ${JSON.stringify(night.lives)}`);
  if (failing.length > 0) await showSmall(seed);
  console.log(`failing seeds: ${failing.length}`);
  return failing.length;
}

async function playExhaustively(): Promise<number> {
  let failing = 0;
  for await (const { scene, points, broken } of cutEverywhere()) {
    console.log(`${scene}: cut at ${points} points, ${broken.length} broken`);
    for (const one of broken.slice(0, MOST_SHOWN)) console.log(`  ${one}`);
    failing += broken.length;
  }
  console.log(`failing points: ${failing}`);
  return failing > 0 ? 1 : 0;
}

function whole(flag: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  console.error(`${flag} takes a whole number from ${least} to ${most}, not \`${text}\``);
  return process.exit(2);
}
