// Keeps champions in the state directory of a loop.

import { championKeeper, type ChampionKeeper } from '../engine/champion.ts';
import { sumOfBytes } from '../system/digest.ts';
import { realDisk } from '../system/files.ts';
import type { Loop } from './load.ts';

export function championsOf({ plan, folder, paths }: Loop): ChampionKeeper {
  const { stateDir, cycles } = paths;
  return championKeeper({ disk: realDisk(), plan, folder, stateDir, cycles, digest: sumOfBytes });
}
