import { expect, test } from 'vitest';
import { cutEverywhere } from '../../scripts/simulate/crash-points.ts';
import { playNight } from '../../scripts/simulate/night.ts';
import { playStretch } from '../../scripts/simulate/play.ts';
import { brokenPromises } from '../../src/simulation/invariants.ts';
import { NO_FAULTS, SimulatedDisk } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { gate, phase, plan, step } from '../unit/plan-builder.ts';
import { readLedger } from './ledger.ts';
import { play, type Scene } from './scene.ts';

/** Always the same ones, so that a red test stays red. */
const SEEDS = 100;
/** Never the same ones, so that a bug has to be caught by what the nights hold and not by what a seed happened to hold. */
const FRESH_SEEDS = 100;
const LATEST_START = 2 ** 40;

async function brokenFrom(from: number, seeds: number): Promise<readonly string[]> {
  const { failing } = await playStretch({ from, seeds, step: 1 });
  return failing.slice(0, 5).map(({ seed, broken }) => `seed ${seed}: ${broken}`);
}

test('[G5] [G6] [G7] [G8] [G15] [G19] [A14] nights of crashes, power cuts, failing disks, stops and limits keep every promise', async () => {
  expect(await brokenFrom(1, SEEDS)).toEqual([]);
}, 120_000);

test('[G5] [G15] 100 seeds from a random start keep every promise', async () => {
  expect(await brokenFrom(Math.floor(Math.random() * LATEST_START), FRESH_SEEDS)).toEqual([]);
}, 120_000);

test('[G5] [G7] [G8] six small loops, cut off at each of their operations, end well after another start', async () => {
  let points = 0;
  for await (const scene of cutEverywhere()) {
    points += scene.points;
    expect(scene.broken.slice(0, 3), scene.scene).toEqual([]);
  }
  expect(points).toBeGreaterThan(400);
}, 60_000);

test('the same seed leaves the same trace', async () => {
  for (const seed of [3, 77, 4711]) {
    const [one, other] = [await playNight(seed), await playNight(seed)];
    expect(JSON.stringify(one.events)).toBe(JSON.stringify(other.events));
  }
});

const RETRY = { limit: 1, when: [], delayMs: 5, factor: 1 };
const SMALL = plan(
  [
    phase('one', [step('s'), gate('g', { retry: RETRY }), gate('soft', { mode: 'soft' })]),
    phase('two', [gate('last', { needs: ['g'] })], { number: 2, always: true }),
  ],
  { jobs: 2 },
);
const ACTS: Scene['acts'] = {
  'g.1': { end: { code: 1 } },
  'g.2': { end: { code: 0 } },
  soft: { end: { code: 1 } },
};

test.each(['kill', 'power'] as const)(
  '[G5] a crash (%s) at each operation of a small cycle loses nothing that was leaned on',
  async (kind) => {
    const calm = await play(SMALL, { acts: ACTS });
    const operations = calm.disk.operations;
    expect(operations).toBeGreaterThan(20);
    for (let at = 1; at <= operations; at += 1) {
      for (const torn of [1, 2, 3]) {
        const disk = new SimulatedDisk(new Dice(at * 10 + torn));
        expect((await play(SMALL, { acts: ACTS, disk, faults: { ...NO_FAULTS, crashAt: at } })).failure).toBe(
          'crash',
        );
        const lost = kind === 'power' ? lostBy(disk) : new Set<number>();
        const after = await play(SMALL, { acts: ACTS, disk, run: 'run-2' });
        expect(after.verdicts, `crash at ${at}`).toEqual(calm.verdicts);
        expect(brokenPromises(SMALL, readLedger(disk, SMALL), lost), `crash at ${at}`).toEqual([]);
      }
    }
  },
);

/** Far more than the small cycle has. */
const MOST_SYNCS = 20;

/** Cuts the power; the numbers that went with it. A killed process loses none. */
function lostBy(disk: SimulatedDisk): ReadonlySet<number> {
  const before = readLedger(disk, SMALL).map((event) => event.seq);
  disk.cutPower();
  const kept = new Set(readLedger(disk, SMALL).map((event) => event.seq));
  return new Set(before.filter((seq) => !kept.has(seq)));
}

test('[G5] [G6] a sync that gave its pages up, another start and a power cut at each of its operations lose nothing that was leaned on', async () => {
  const { operations } = (await play(SMALL, { acts: ACTS })).disk;
  for (let sync = 1; sync <= MOST_SYNCS; sync += 1) {
    const faults = { ...NO_FAULTS, syncFailsAt: sync, syncDrops: true };
    const { failure } = await play(SMALL, { acts: ACTS, faults });
    if (failure === undefined) return expect(sync).toBeGreaterThan(3);
    for (let at = 1; at <= operations; at += 1) {
      const disk = new SimulatedDisk(new Dice(at, `sync ${sync}`));
      await play(SMALL, { acts: ACTS, disk, faults });
      await play(SMALL, { acts: ACTS, disk, run: 'run-2', faults: { ...NO_FAULTS, crashAt: at } });
      const lost = lostBy(disk);
      const after = await play(SMALL, { acts: ACTS, disk, run: 'run-3' });
      const where = `sync ${sync}, crash at ${at}`;
      expect(after.verdicts['last'], where).toBe('passed');
      expect(brokenPromises(SMALL, readLedger(disk, SMALL), lost), where).toEqual([]);
    }
  }
  throw new Error(`a small cycle has more than ${MOST_SYNCS} syncs`);
});
