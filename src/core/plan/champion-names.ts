// What commands are told of the champion: `{{champion.dir}}`, `{{champion.edge}}`, and the same as variables.

import type { ChampionProgress } from '../loop/champion-progress.ts';
import { cycleFolder } from '../loop/names.ts';

export interface ChampionNames {
  /** Absolute; undefined: there is no champion. */
  readonly dir: string | undefined;
  /** Variables; none without a champion, so that a task can ask whether there is one. */
  readonly env: Readonly<Record<string, string>>;
}

const NONE: ChampionNames = { dir: undefined, env: {} };

/** The folder of all champions. */
export function championsFolder(stateDir: string): string {
  return `${stateDir}/champion`;
}

/** The folder of one, whole or not there. */
export function championFolder(stateDir: string, cycle: number): string {
  return `${championsFolder(stateDir)}/${cycleFolder(cycle, 'cycle')}`;
}

export function championNames(champion: ChampionProgress | undefined, stateDir: string): ChampionNames {
  if (!champion) return NONE;
  const dir = championFolder(stateDir, champion.cycle);
  const env = {
    GATE_CHAMPION_DIR: dir,
    GATE_CHAMPION_CYCLE: String(champion.cycle),
    GATE_CHAMPION_VALUE: String(champion.value),
  };
  return { dir, env };
}
