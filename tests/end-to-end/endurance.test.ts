// W8 in small: some thousand cycles of the built command in one run. Its full size is `npm run prove`.

import { expect, test } from 'vitest';
import { figuresOf, lineOf, missed, W8 } from '../../bench/endurance/figures.ts';
import { endure } from '../../bench/endurance/live.ts';
import { csvOf, rowsOf, svgOf } from '../../bench/endurance/plot.ts';
import { grown, lineOfSimulated, simulate } from '../../bench/endurance/simulated.ts';

const CYCLES = 2000;
const LONGEST_MS = 240_000;
/**
 * So short a run is not yet at its level, and other tests run beside it on every core, which syncs feel more than spawns do: what may
 * not grow is bounded all the same.
 */
const SMALL = { ...W8, rssGrowthMb: 8, timeGrowth: 2, beyondSpawns: 8 };

test(
  'a run of thousands of cycles does not grow, and a cycle costs little beyond its spawn',
  { timeout: LONGEST_MS },
  async () => {
    const endured = await endure(CYCLES);
    const figures = figuresOf(endured);
    console.log(`figure: ${lineOf(endured, figures)}`);
    expect(missed(endured, figures, SMALL)).toEqual([]);
    const rows = rowsOf(endured);
    expect(rows.length).toBe(100);
    expect(csvOf(rows).split('\n').length).toBe(rows.length + 2);
    expect(svgOf(rows, 'a run')).not.toContain('NaN');
  },
);

test('twenty thousand simulated cycles cost what the first ones cost, in time and in memory', async () => {
  const done = await simulate(20_000);
  console.log(`figure: ${lineOfSimulated(done)}`);
  expect(grown(done)).toEqual([]);
});
