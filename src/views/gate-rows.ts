// What `status` says of gates over their history: soft failures and their age, gates that are not steady, days that are near.

import { dayOf } from '../core/day.ts';
import { numberText } from '../core/judge/number.ts';
import { durationText } from '../core/judge/words.ts';
import { countText, listText } from '../core/summary/amounts.ts';
import { dateText, type DebtStatus, type FlakyStatus } from '../core/summary/gates.ts';
import { memoryText } from '../core/summary/memory.ts';
import type { Status } from '../core/summary/status.ts';
import type { Paint } from './sink.ts';

/** More are in `status --json` and in the report. */
const MOST_SHOWN = 8;
const DAY_MS = 86_400_000;
const PERCENT = 100;

type Row = readonly [string, string];

export function gateRows(
  { debts, flaky, memory, dates, baseline, last }: Status,
  { paint, wall }: { readonly paint: Paint; readonly wall: number },
): readonly Row[] {
  return [
    ...shown(
      'debt',
      debts.filter((one) => isWorthSaying(one, last)),
      (one) => `${one.task}  ${debtText(one, wall)}`,
    ),
    ...shown('flaky', flaky, (one) => `${one.task}  ${flakyText(one)}`),
    ...shown('memory', memory, (one) => `${one.task}  ${memoryText(one)}`),
    ...shown('day', dates, dateText),
    ...(baseline ? [['baseline', baselineText(baseline)] as const] : []),
  ].map(([name, text]): Row => [name, paint.soft(text)]);
}

/** `3 gates on 2026-11-29; not green then: lint; set aside, because they have changed: e2e`. */
function baselineText({ at, gates, red, aside }: NonNullable<Status['baseline']>): string {
  const parts = [
    `${countText(gates, 'gate')} on ${dayOf(at)}`,
    ...(red.length > 0 ? [`not green then: ${listText(red, MOST_SHOWN)}`] : []),
    ...(aside.length > 0 ? [`set aside, because they have changed: ${listText(aside, MOST_SHOWN)}`] : []),
  ];
  return parts.join('; ');
}

/** That it failed softly in the last cycle is said there. */
function isWorthSaying({ cycles, since, softUntil, quarantined }: DebtStatus, last: Status['last']): boolean {
  return cycles > 1 || softUntil !== null || quarantined !== null || since !== last?.cycle;
}

function shown<One>(name: string, all: readonly One[], textOf: (one: One) => string): Row[] {
  const rows = all.slice(0, MOST_SHOWN).map((one): Row => [name, textOf(one)]);
  const more = all.length - rows.length;
  return more > 0 ? [...rows, [name, `${more} more, see status --json`]] : rows;
}

/** `3 cycles in a row, since cycle 38 (2h 5m); quarantined until 2026-12-31`. */
export function debtText(
  { cycles, since, sinceAt, softUntil, quarantined }: DebtStatus,
  wall: number,
): string {
  const until =
    quarantined !== null
      ? `; quarantined until ${quarantined}`
      : softUntil === null
        ? ''
        : `; soft until ${softUntil}`;
  const age = ageText(wall - Date.parse(sinceAt));
  return `soft-failed ${countText(cycles, 'cycle')} in a row, since cycle ${since} (${age} ago)${until}`;
}

/** `4 of its last 50 runs (8 %): 3 passed late, 1 judged otherwise over the same work tree`. */
export function flakyText({ runs, late, flips, rate }: FlakyStatus): string {
  const parts = [
    ...(late > 0 ? [`${late} passed on a later attempt`] : []),
    ...(flips > 0 ? [`${flips} judged otherwise over the same work tree`] : []),
  ];
  const share = numberText(Math.round(rate * PERCENT * 10) / 10);
  return `${Math.round(rate * runs)} of its last ${countText(runs, 'run')} (${share} %): ${parts.join(', ')}`;
}

function ageText(ms: number): string {
  return ms >= 2 * DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : durationText(Math.max(0, ms));
}
