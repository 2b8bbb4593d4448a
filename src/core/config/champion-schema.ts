// What a config may say of the best that a loop has found: `objective` and `champion`.

import * as z from 'zod';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';
import type { ChampionConfig, ConfirmConfig, ObjectiveConfig, RobustnessConfig } from './champion.ts';

const objectiveShape = z.strictObject(
  {
    metric: leaf.text.describe('The metric that says which cycle is best; it names `better`.'),
    'min-delta': leaf.scalar
      .exactOptional()
      .describe(
        'By how much a cycle has to be better than the champion; default 0, and a tie is no champion.',
      ),
  },
  leaf.EXPECTED.map,
);
export const objective: z.ZodType<ObjectiveConfig> = objectiveShape.meta({
  id: 'Objective',
  description: 'What the loop is looking for: the best value of one metric.',
});

const robustnessShape = z.strictObject(
  {
    batches: leaf.wholeNumber
      .exactOptional()
      .describe('How often the champion is measured, each time on other seeds; default 3.'),
    bands: z
      .record(z.string(), leaf.number, leaf.EXPECTED.map)
      .exactOptional()
      .describe('Names for how far the batches may lie apart, each with the spread that it stays below.'),
  },
  leaf.EXPECTED.map,
);
const robustness: z.ZodType<RobustnessConfig> = robustnessShape.meta({
  id: 'Robustness',
  description: 'How `gate-run champion robustness` measures the champion again.',
});

const confirmShape = z.strictObject(
  {
    every: leaf.wholeNumber.describe('Cycles after which a champion is measured again.'),
    seeds: leaf.wholeNumber
      .exactOptional()
      .describe('Fresh seeds of each confirmation, at least 2; default: as many as the top rung has.'),
  },
  leaf.EXPECTED.map,
);
const confirm: z.ZodType<ConfirmConfig> = confirmShape.meta({
  id: 'Confirm',
  description:
    'How an ageing champion is measured again while the loop runs, on seeds that it was not chosen on.',
});

const championShape = z.strictObject(
  {
    keep: leaf.texts
      .exactOptional()
      .describe(
        'Files and folders of the best cycle that are kept: from `{{cycle.dir}}/`, or the work tree.',
      ),
    confirm: confirm
      .exactOptional()
      .describe('How an ageing champion is measured again while the loop runs.'),
    robustness: robustness
      .exactOptional()
      .describe('How `gate-run champion robustness` measures the champion again.'),
  },
  leaf.EXPECTED.map,
);
export const champion: z.ZodType<ChampionConfig> = championShape.meta({
  id: 'Champion',
  description: 'What is kept of the best cycle, and how it is held to its word.',
});

const held: [
  Same<z.infer<typeof objectiveShape>, ObjectiveConfig>,
  Same<z.infer<typeof championShape>, ChampionConfig>,
  Same<z.infer<typeof confirmShape>, ConfirmConfig>,
  Same<z.infer<typeof robustnessShape>, RobustnessConfig>,
] = [true, true, true, true];
void held;
