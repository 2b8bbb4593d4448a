// What tells plans apart: a checksum over everything that changes what a run does, and over nothing else: `overlap` is a matter
// of the start alone, and one that takes a run's place must find the plan that it was begun with.

import { crc32Text } from '../crc32.ts';
import { NO_ENV } from './environment.ts';
import { DEFAULT_STALL, NO_RETRY } from './limits.ts';
import type { Plan, TaskPlan } from './plan.ts';
import { ALWAYS } from './when.ts';

/**
 * The parts are written in one order always, so that equal plans are equal texts. Of a task only what is not the default is written:
 * of a thousand tasks that is a tenth of the text. `usualJobs`: nobody wrote how many tasks run at once, so the machine decides; a
 * start on another one would else find another plan, and could not carry the run on.
 */
export function fingerprint(
  whole: Omit<Plan, 'id' | 'sources' | 'warnings'>,
  usualJobs: number | undefined,
): string {
  const { phases, ...rest } = whole;
  const top = { ...rest, loop: { ...rest.loop, overlap: undefined } };
  const jobsOf = (jobs: number) => (jobs === usualJobs ? undefined : jobs);
  const parts = phases.map(({ tasks, ...phase }) => [
    { ...phase, jobs: jobsOf(phase.jobs) },
    tasks.map(written),
  ]);
  return crc32Text(JSON.stringify([{ ...top, jobs: jobsOf(top.jobs) }, parts]))
    .toString(16)
    .padStart(8, '0');
}

const PLAIN: ReadonlySet<unknown> = new Set([NO_ENV, NO_RETRY, DEFAULT_STALL, ALWAYS, undefined]);

/** By position: `readTask` writes the keys of every task in one order. */
function written(task: TaskPlan): readonly unknown[] {
  const parts: unknown[] = [];
  Object.values(task).forEach((value: unknown, at) => {
    if (PLAIN.has(value) || (Array.isArray(value) && value.length === 0)) return;
    parts.push(at, value);
  });
  return parts;
}
