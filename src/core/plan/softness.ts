// How long a gate is treated softly, and what of its failures: `soft-until`, `quarantine-until`, `fail-on: new`.
// A turn is judged by the day on which it began, so that a replay of the ledger comes to the same verdicts.

import { dayOf, isDay } from '../day.ts';
import type { TaskConfig } from '../config/config.ts';
import { readChoice } from './choice.ts';
import type { TaskPlan } from './plan.ts';
import type { Reader } from './reader.ts';

export interface SoftnessPlan {
  /** Soft through this day (UTC), strict from the next one on. */
  readonly until?: string;
  /** A flaky gate that counts as soft through this day (UTC). */
  readonly quarantineUntil?: string;
  /** `new`: what was red in the baseline is soft-failed. */
  readonly failOn?: 'new';
}

/** Undefined where nothing of it is written. */
export function readSoftness(config: Partial<TaskConfig>, reader: Reader): SoftnessPlan | undefined {
  const until = dayAt(config['soft-until'], 'soft-until', reader);
  const quarantineUntil = dayAt(config['quarantine-until'], 'quarantine-until', reader);
  const isNew =
    config['fail-on'] !== undefined && readChoice(config['fail-on'], ['new'], 'fail-on', reader) === 'new';
  if (until === undefined && quarantineUntil === undefined && !isNew) return undefined;
  return {
    ...(until !== undefined && { until }),
    ...(quarantineUntil !== undefined && { quarantineUntil }),
    ...(isNew && { failOn: 'new' }),
  };
}

/** A day from a flag or filled in was checked by nobody yet. */
function dayAt(written: string | undefined, key: string, reader: Reader): string | undefined {
  const text = written === undefined ? undefined : reader.text(written, [key]);
  if (text === undefined || isDay(text)) return text;
  reader.say([key], `\`${text}\` is no day`, { mend: 'write it as `2026-12-31`' });
  return undefined;
}

/** The task as it is judged in a turn that began at `startedAt` (ISO 8601): the same one where no day plays a part. */
export function asOf(task: TaskPlan, startedAt: string): TaskPlan {
  const { softness } = task;
  if (softness?.until === undefined && softness?.quarantineUntil === undefined) return task;
  const mode = modeOn(task, dayOf(startedAt));
  return mode === task.mode ? task : { ...task, mode };
}

function modeOn(task: TaskPlan, day: string): TaskPlan['mode'] {
  if (isQuarantined(task, day)) return 'soft';
  const until = task.softness?.until;
  return until !== undefined && day > until ? 'strict' : task.mode;
}

function isQuarantined({ softness }: TaskPlan, day: string): boolean {
  return softness?.quarantineUntil !== undefined && day <= softness.quarantineUntil;
}

/** Why the gate is soft in that turn, where a day says so. */
export function softBy(task: TaskPlan, startedAt: string): { quarantined?: string; softUntil?: string } {
  const { softness } = task;
  if (softness === undefined) return {};
  const day = dayOf(startedAt);
  if (softness.quarantineUntil !== undefined && isQuarantined(task, day))
    return { quarantined: softness.quarantineUntil };
  if (softness.until !== undefined && task.mode === 'soft' && day <= softness.until)
    return { softUntil: softness.until };
  return {};
}

/** Beside the reasons of a gate that is not green: what a day has to do with its verdict. */
export function softnessText(task: TaskPlan, startedAt: string): string | undefined {
  const { quarantined, softUntil } = softBy(task, startedAt);
  if (quarantined !== undefined) return `quarantined until ${quarantined}`;
  if (softUntil !== undefined) return `soft until ${softUntil}`;
  const { softness, mode } = task;
  const over = mode === 'soft' ? softness?.until : softness?.quarantineUntil;
  return over === undefined
    ? undefined
    : `strict again: ${mode === 'soft' ? 'soft' : 'quarantined'} until ${over}`;
}
