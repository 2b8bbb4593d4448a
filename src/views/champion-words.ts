// The champion in words, the same wherever it is told.

import { numberText } from '../core/judge/number.ts';
import type { ChampionConfirmed, ChampionEvent } from '../core/loop/champion-event.ts';
import type { ChampionProgress } from '../core/loop/champion-progress.ts';
import type { Progress } from '../core/loop/progress.ts';
import { countText } from '../core/summary/amounts.ts';
import { unreachable } from '../core/unreachable.ts';

/** `champion of cycle 41: edge 412.3`. */
export function championText({
  cycle,
  metric,
  value,
}: Pick<ChampionProgress, 'cycle' | 'metric' | 'value'>): string {
  return `champion of ${bestText({ cycle, metric, value })}`;
}

/** `cycle 41: edge 412.3`. */
export function bestText({
  cycle,
  metric,
  value,
}: Pick<ChampionProgress, 'cycle' | 'metric' | 'value'>): string {
  return `cycle ${cycle}: ${metric} ${numberText(value)}`;
}

/** Undefined: what follows will say it. */
export function championLine(event: ChampionEvent, { champion }: Progress): string | undefined {
  switch (event.type) {
    case 'champion.chosen':
      return undefined;
    case 'champion.kept': {
      if (event.failed !== undefined)
        return `! cycle ${event.cycle} would be the champion, and its files could not be kept: ${event.failed}`;
      if (!champion) return undefined;
      const than = champion.before
        ? `, before ${numberText(champion.before.value)} of cycle ${champion.before.cycle}`
        : '';
      const files = event.files === 0 ? '' : `; ${countText(event.files, 'file')} kept`;
      return `new ${championText(champion)}${than}${files}`;
    }
    case 'champion.set-aside':
      return `! the champion is set aside: ${event.why}`;
    case 'champion.confirmed':
      return confirmedLine(event);
    case 'champion.restored':
      return `${championText(event)}, restored by hand`;
    default:
      return unreachable(event);
  }
}

function confirmedLine({
  cycle,
  verdict,
  why,
}: Pick<ChampionConfirmed, 'cycle' | 'verdict' | 'why'>): string {
  const of = `the champion of cycle ${cycle}`;
  if (verdict === 'held') return `${of} holds: ${why}`;
  return verdict === 'lucky' ? `! ${of} was crowned by luck: ${why}` : `! ${of} is not confirmed: ${why}`;
}

/** Behind whatever names the champion; empty where nothing is to be said. */
export function luckText(lucky: string | null): string {
  return lucky === null ? '' : `, a lucky crown: ${lucky}`;
}
