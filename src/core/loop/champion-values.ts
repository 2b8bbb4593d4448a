// How the numbers are looked up that a champion stands for beside the one it was crowned with.

import { isComplete } from '../judge/sims.ts';
import { simsReading } from '../judge/sim-metrics.ts';
import type { ChampionFacts } from './champion-event.ts';

/** Undefined: it was not measured, or nobody asked for it when it was crowned. */
export function valueOfChampion(champion: ChampionFacts, key: string): number | undefined {
  return champion.metrics[key] ?? ofItsRung(champion, key);
}

/** The same where another mean is held to it: none of a rung in which a simulation failed, as with `best` and `last`. */
export function valueToMeet(champion: ChampionFacts | undefined, key: string): number | undefined {
  if (!champion || champion.incomplete?.includes(key)) return undefined;
  const kept = champion.metrics[key];
  if (kept !== undefined) return kept;
  return champion.sims && isComplete(champion.sims) ? ofItsRung(champion, key) : undefined;
}

/** A config may come to ask for a statistic after it was crowned: those of its own rung are all there. */
function ofItsRung({ key: own, sims, count }: ChampionFacts, key: string): number | undefined {
  if (!sims || count === undefined) return undefined;
  const task = own.slice(0, own.indexOf('.'));
  const front = [`${task}.${count}.`, `${task}.`].find((one) => key.startsWith(one));
  const name = front === undefined ? '' : key.slice(front.length);
  if (name === '' || /^\d/.test(name)) return undefined;
  const reading = simsReading(sims, name);
  return 'value' in reading ? reading.value : undefined;
}
