// What early stopping promises, held against what was measured.

import { intervalOf, type Cell } from './measure.ts';

const AGREEMENT = 0.99;
const SAVED = 0.7;
const FAR = -0.5;
/** A share is above what is allowed when chance makes it so once in a thousand times: many cells are looked at. */
const SIGNIFICANT_Z = 3.09;
/** From so many repetitions on, agreement is held as it was measured. */
const MANY = 10_000;
/** Of the skewed shape for which Student's test itself is not exact, only what the top rung does with the bound is held. */
const INEXACT = 'log-normal-mirrored';

/** Every promise that the cells break, in words; empty where all hold. */
export function missed(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap((cell) => missedBy(cell));
}

function missedBy(cell: Cell): readonly string[] {
  const { repetitions, confidence, effect, asks, agreed, policyAgreed, promoted, crowned, saved } = cell;
  const where = `${cell.shape} ${effect} (${asks})`;
  const words: string[] = [];
  const held = [
    ...(cell.shape === INEXACT ? [] : [['agreement', agreed] as const]),
    ['agreement of the policy', policyAgreed] as const,
  ];
  for (const [name, count] of held) {
    const most = repetitions >= MANY ? count / repetitions : intervalOf(count, repetitions, SIGNIFICANT_Z)[1];
    if (most < AGREEMENT) words.push(`${where}: ${name} ${percent(count / repetitions)}, less than 99 %`);
  }
  if (asks === 'lower' && effect === 0 && cell.shape !== INEXACT) {
    for (const [name, count] of [
      ['false promotions', promoted],
      ['false crowns', crowned],
    ] as const)
      if (isAbove(count, repetitions, 1 - confidence))
        words.push(`${where}: ${name} ${percent(count / repetitions)}, more than ${percent(1 - confidence)}`);
  }
  if (asks === 'lower' && effect <= FAR && saved / repetitions < SAVED)
    words.push(`${where}: saved ${percent(saved / repetitions)}, less than 70 %`);
  return words;
}

/** Whether a share is larger than `allowed` by more than chance explains. */
export function isAbove(count: number, of: number, allowed: number): boolean {
  return intervalOf(count, of, SIGNIFICANT_Z)[0] > allowed;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
