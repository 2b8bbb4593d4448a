// What commands are told of the champion: `{{champion.dir}}`, `{{champion.value}}`, and the same as variables.

import type { ChampionProgress } from '../loop/champion-progress.ts';
import { cycleFolder } from '../loop/names.ts';

export interface ChampionNames {
  /** By name, without a champion none; the folder is absolute. */
  readonly values: Readonly<Record<string, string>>;
  /** Variables; none without a champion, so that a task can ask whether there is one. */
  readonly env: Readonly<Record<string, string>>;
}

const NONE: ChampionNames = { values: {}, env: {} };

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
  const [cycle, value] = [String(champion.cycle), String(champion.value)];
  return {
    values: { 'champion.dir': dir, 'champion.cycle': cycle, 'champion.value': value },
    env: { GATE_CHAMPION_DIR: dir, GATE_CHAMPION_CYCLE: cycle, GATE_CHAMPION_VALUE: value },
  };
}
