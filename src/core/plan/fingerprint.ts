// What tells plans apart: a checksum over everything that decides work, judgement and ends, and over nothing else.

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
export function fingerprint(whole: Whole, usualJobs: number | undefined): string {
  const { phases, ...top } = whole;
  const jobsOf = (jobs: number) => (jobs === usualJobs ? undefined : jobs);
  const parts = phases.map(({ tasks, ...phase }) => [
    { ...phase, title: undefined, jobs: jobsOf(phase.jobs) },
    tasks.map(written),
  ]);
  return crc32Text(JSON.stringify([{ ...lasting(top), jobs: jobsOf(top.jobs) }, parts]))
    .toString(16)
    .padStart(8, '0');
}

type Whole = Omit<Plan, 'id' | 'sources' | 'warnings'>;

/** Without what is only shown, kept or asked before a run: a night is carried on also where a report was added to it. */
export function lasting(top: Omit<Whole, 'phases'>): Readonly<Record<string, unknown>> {
  return {
    ...top,
    marks: undefined,
    reporters: undefined,
    keep: undefined,
    hooks: undefined,
    notify: undefined,
    receipts: undefined,
    tree: undefined,
    archive: undefined,
    snapshots: undefined,
    cache: undefined,
    loop: { ...top.loop, overlap: undefined },
    questions: { ...top.questions, ask: undefined },
    state: { ...top.state, latest: undefined },
  };
}

const PLAIN: ReadonlySet<unknown> = new Set([NO_ENV, NO_RETRY, DEFAULT_STALL, ALWAYS, undefined]);

/** By position: `readTask` writes the keys of every task in one order. */
function written(task: TaskPlan): readonly unknown[] {
  const parts: unknown[] = [];
  Object.entries(task).forEach(([key, value]: readonly [string, unknown], at) => {
    if (key === 'prove' || PLAIN.has(value) || (Array.isArray(value) && value.length === 0)) return;
    parts.push(at, value);
  });
  return parts;
}
