// Plays nights by seed: `node scripts/simulate.ts --seeds 100 [--from 7]`, or one of them aloud with `--seed 7`.

import { parseArgs } from 'node:util';
import { playNight, type Night } from './simulate/night.ts';
import { Statistics } from './simulate/statistics.ts';

/** From here on every thing that the nights should hold has to have been there. */
const ENOUGH_SEEDS = 1000;
const MOST_SEEDS = 10_000_000;
const ANY_SEED = { least: 0, most: 2 ** 52 };
const MOST_SHOWN = 10;

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } },
});

process.exitCode =
  values.seed === undefined ? await playMany() : await playAloud(whole('--seed', values.seed, ANY_SEED));

async function playMany(): Promise<number> {
  const seeds = whole('--seeds', values.seeds ?? '100', { least: 1, most: MOST_SEEDS });
  const from = whole('--from', values.from ?? '0', ANY_SEED);
  const statistics = new Statistics();
  const failing: Night[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const night = await played(seed);
    statistics.add(night);
    if (night.broken.length > 0) failing.push(night);
  }
  for (const night of failing.slice(0, MOST_SHOWN)) {
    console.log(`seed ${night.seed}: ${night.broken[0]}\n  replay: npm run sim -- --seed ${night.seed}`);
  }
  console.log(statistics.text);
  const missing = seeds >= ENOUGH_SEEDS ? statistics.missing : [];
  if (missing.length > 0) console.log(`not held often enough: ${missing.join(', ')}`);
  console.log(`seeds: ${seeds} from ${from}\nfailing seeds: ${failing.length + missing.length}`);
  return failing.length + missing.length > 0 ? 1 : 0;
}

/** The same seed must leave the same trace; what the second night says beyond the first is itself a fault. */
async function played(seed: number): Promise<Night> {
  const night = await playNight(seed);
  const again = await playNight(seed);
  const isSame = JSON.stringify(night.events) === JSON.stringify(again.events);
  return isSame ? night : { ...night, broken: [...night.broken, 'the same seed left another trace'] };
}

async function playAloud(seed: number): Promise<number> {
  const night = await played(seed);
  console.log(JSON.stringify(night.plan, undefined, 1));
  for (const { mono, ...event } of night.events)
    console.log(`${String(mono).padStart(7)} ${JSON.stringify(event)}`);
  console.log(`lives: ${JSON.stringify(night.lives)}`);
  for (const broken of night.broken) console.log(`broken: ${broken}`);
  console.log(`failing seeds: ${night.broken.length > 0 ? 1 : 0}`);
  return night.broken.length > 0 ? 1 : 0;
}

function whole(flag: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  console.error(`${flag} takes a whole number from ${least} to ${most}, not \`${text}\``);
  return process.exit(2);
}
