// How much room the thresholds leave, for people.

import { numberText } from '../core/judge/number.ts';
import { paintFor, type Paint } from './sink.ts';

export interface RatchetRow {
  readonly name: string;
  readonly threshold: string;
  readonly now: number | null;
  readonly cycle: number | null;
  readonly slack: number | null;
  readonly noise: number | null;
  readonly pin: { readonly text: string } | null;
  readonly why: string | null;
  readonly written: boolean;
  readonly byHand: string | null;
}

export function ratchetText(rows: readonly RatchetRow[], color: boolean): string {
  const paint = paintFor({ color });
  if (rows.length === 0) return 'no threshold has a limit that could be pinned\n';
  const isOpen = rows.some(({ pin, written, byHand }) => pin !== null && !written && byHand === null);
  const lines = rows.map((row) => rowText(row, paint));
  return `${[...lines, ...(isOpen ? ['write them with: gate-run ratchet --pin'] : [])].join('\n')}\n`;
}

function rowText(row: RatchetRow, paint: Paint): string {
  const { name, threshold, now, cycle, slack } = row;
  const value = now === null ? '' : `  now ${numberText(now)}${cycle === null ? '' : ` (cycle ${cycle})`}`;
  const room = slack === null ? '' : `, ${numberText(Math.abs(slack))} ${slack < 0 ? 'over' : 'of slack'}`;
  return `${name}  ${threshold}${value}${room}  ${deedText(row, paint)}`;
}

function deedText({ pin, why, written, byHand, noise }: RatchetRow, paint: Paint): string {
  if (pin === null) return paint.dim(why ?? '');
  const kept =
    noise === null
      ? ' (noise unknown: no baseline of two runs)'
      : noise === 0
        ? ''
        : ` (${numberText(noise)} left for noise)`;
  if (written) return paint.good(`pinned: ${pin.text}${kept}`);
  if (byHand !== null) return paint.soft(`not written, ${why ?? ''}; by hand: ${byHand}`);
  return `pin: ${pin.text}${kept}`;
}
