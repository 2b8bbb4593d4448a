// What `status` and the report say of gates over their history: what fails softly and since when, which are not steady,
// and which days are near on which a soft gate becomes strict.

import { daysLeft, leftText } from '../day.ts';
import { flakinessOf, type Flakiness } from '../loop/gate-fold.ts';
import type { DebtProgress, Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';

/** From here on a day that turns a gate strict is worth a warning. */
export const NEAR_DAYS = 14;

export interface DebtStatus {
  readonly task: string;
  /** The first cycle of the present streak, and when it ended, ISO 8601. */
  readonly since: number;
  readonly sinceAt: string;
  /** Cycles of the streak in which the gate ran. */
  readonly cycles: number;
  readonly reason: string;
  /** Soft through this day; null: no day says so. */
  readonly softUntil: string | null;
  readonly quarantined: string | null;
}

/** Over the last runs of a gate, at most 100. */
export interface FlakyStatus extends Flakiness {
  readonly task: string;
}

export interface DateStatus {
  readonly task: string;
  readonly key: 'soft-until' | 'quarantine-until';
  readonly day: string;
  /** Whole days to the end of that day in UTC: 0 on the day itself, negative behind it. */
  readonly daysLeft: number;
}

/** The oldest first. */
export function debtsOf({ gates }: Progress): readonly DebtStatus[] {
  return [...gates]
    .flatMap(([task, { debt }]) => (debt ? [debtOf(task, debt)] : []))
    .toSorted((one, other) => one.since - other.since);
}

function debtOf(task: string, debt: DebtProgress): DebtStatus {
  const { since, sinceAt, cycles, reason, softUntil = null, quarantined = null } = debt;
  return { task, since, sinceAt, cycles, reason, softUntil, quarantined };
}

/** The least steady first; gates that always passed at once, or always failed, are none. */
export function flakyOf({ gates }: Progress): readonly FlakyStatus[] {
  return [...gates]
    .map(([task, gate]) => ({ task, ...flakinessOf(gate) }))
    .filter(({ rate }) => rate > 0)
    .toSorted((one, other) => other.rate - one.rate);
}

/** Days that are near or over; the nearest first. `wall`: epoch milliseconds. */
export function datesOf(plan: Plan | undefined, wall: number): readonly DateStatus[] {
  const today = new Date(wall).toISOString();
  const dates = (plan?.phases ?? []).flatMap(({ tasks }) =>
    tasks.flatMap(({ id: task, softness }): DateStatus[] => {
      const { until, quarantineUntil } = softness ?? {};
      return [
        ...(until === undefined ? [] : [dateOf({ task, key: 'soft-until', day: until }, today)]),
        ...(quarantineUntil === undefined
          ? []
          : [dateOf({ task, key: 'quarantine-until', day: quarantineUntil }, today)]),
      ];
    }),
  );
  return dates
    .filter((one) => one.daysLeft <= NEAR_DAYS)
    .toSorted((one, other) => one.daysLeft - other.daysLeft);
}

function dateOf(one: Omit<DateStatus, 'daysLeft'>, today: string): DateStatus {
  return { ...one, daysLeft: daysLeft(one.day, today) };
}

/** `` `soft-until` of lint is 2026-12-31 (5 days left): strict from the next day on ``. */
export function dateText({ task, key, day, daysLeft: left }: DateStatus): string {
  const then = left < 0 ? 'it is strict again' : 'strict from the next day on';
  return `\`${key}\` of ${task} is ${day} (${leftText(left)}): ${then}`;
}
