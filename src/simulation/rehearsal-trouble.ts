// The kinds of trouble that a rehearsed night may hold, and when those come that concern the machine. Outcomes of tasks are drawn elsewhere.

import { unreachable } from '../core/unreachable.ts';
import { Dice } from './random.ts';

export const FAULTS = [
  'failures',
  'hangs',
  'limits',
  'oom',
  'full-disk',
  'crash',
  'clock',
  'suspend',
] as const;

export type FaultKind = (typeof FAULTS)[number];

/** What happens to the machine, by the time since the night began. */
export type Disturbance =
  | { readonly kind: 'crash'; readonly atMs: number; readonly tears: boolean; readonly backAfterMs: number }
  | { readonly kind: 'full-disk'; readonly atMs: number; readonly backAfterMs: number }
  | { readonly kind: 'clock'; readonly atMs: number; readonly byMs: number }
  | { readonly kind: 'suspend'; readonly atMs: number; readonly forMs: number };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Mean time between two of a kind. */
const EVERY_MS = { crash: 5 * HOUR_MS, 'full-disk': 15 * HOUR_MS, clock: 6 * HOUR_MS, suspend: 8 * HOUR_MS };
/** Of one kind in one night. */
const MOST_OF_A_KIND = 8;

/** In order of time; the same seed draws the same ones, whichever kinds are asked for beside them. */
export function disturbances(
  seed: number,
  nightMs: number,
  faults: ReadonlySet<FaultKind>,
): readonly Disturbance[] {
  const all: Disturbance[] = [];
  for (const kind of ['crash', 'full-disk', 'clock', 'suspend'] as const) {
    if (!faults.has(kind)) continue;
    const dice = new Dice(seed, kind);
    let atMs = 0;
    for (let count = 0; count < MOST_OF_A_KIND; count += 1) {
      atMs += Math.round(-Math.log(1 - dice.next()) * EVERY_MS[kind]);
      if (atMs >= nightMs) break;
      all.push(disturbance(kind, atMs, dice));
    }
  }
  return all.toSorted((one, other) => one.atMs - other.atMs);
}

function disturbance(kind: Disturbance['kind'], atMs: number, dice: Dice): Disturbance {
  switch (kind) {
    case 'crash':
      return { kind, atMs, tears: dice.chance(0.4), backAfterMs: dice.whole(10 * SECOND_MS, 10 * MINUTE_MS) };
    case 'full-disk':
      return { kind, atMs, backAfterMs: dice.whole(5 * MINUTE_MS, HOUR_MS) };
    case 'clock':
      return { kind, atMs, byMs: (dice.chance(0.5) ? -1 : 1) * dice.whole(MINUTE_MS, 2 * HOUR_MS) };
    case 'suspend':
      return { kind, atMs, forMs: dice.whole(10 * MINUTE_MS, 2 * HOUR_MS) };
    default:
      return unreachable(kind);
  }
}
