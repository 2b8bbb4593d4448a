// What a run found, one entry for each place that a task named, worst task first, for the reports that CI servers show beside the code.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { crc32Text } from '../core/crc32.ts';
import { lasting } from '../core/questions/fingerprint.ts';
import { rowsOf } from '../core/summary/rows.ts';
import { attention } from '../core/summary/summary.ts';
import { fromCheckout, placesOf } from './places.ts';
import type { PlaceOptions } from './places.ts';
import { harmless } from './sink.ts';
import * as words from './words.ts';

export interface Found {
  readonly task: string;
  readonly verdict: 'failed' | 'broken' | 'soft-failed' | 'unfinished';
  readonly message: string;
  /** From the checkout's root, or absolute. */
  readonly file: string;
  /** Undefined where no tool named a place: then the file is the config, which has the task. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The same for the same thing found again, whatever line it has moved to; no two of one run are equal. */
  readonly fingerprint: string;
}

export interface FoundOptions extends PlaceOptions {
  /** The config's own path, as messages name it. */
  readonly config: string;
}

export interface AllFound {
  readonly found: readonly Found[];
  /** Above the limit. */
  readonly leftOut: number;
}

/** CI servers show a few thousand at most, and nobody reads so many. */
const FOUND_LIMIT = 5000;

export type Find = (done: readonly TaskSummary[], progress: Progress) => AllFound;

/** Each log is looked through once, however often the report is written anew. */
export function finderOf(plan: Plan, options: FoundOptions): Find {
  const config = fromCheckout(options.config, options);
  const index = indexPlan(plan);
  let known: ReadonlyMap<string, readonly Unnumbered[]> = new Map();
  return (done, progress) => {
    const ofTasks = attention(done).map((task) => {
      const of = known.get(task.log ?? '') ?? ofTask(task, { config, index, options });
      return { log: task.log, of };
    });
    known = new Map(ofTasks.flatMap(({ log, of }) => (log === undefined ? [] : [[log, of] as const])));
    const all = [...ofTasks.flatMap(({ of }) => of), ...unfinished(plan, { done, progress, config })];
    const seen = new Map<string, number>();
    const found = all.slice(0, FOUND_LIMIT).map((one) => numbered(one, seen));
    return { found, leftOut: all.length - found.length };
  };
}

/** With a fingerprint that others of the same words in the same file share. */
type Unnumbered = Found;

interface Looking {
  /** From the checkout's root. */
  readonly config: string;
  readonly index: PlanIndex;
  readonly options: FoundOptions;
}

function unfinished(
  plan: Plan,
  { done, progress, config }: { done: readonly TaskSummary[]; progress: Progress; config: string },
): readonly Unnumbered[] {
  const rows = rowsOf(plan, done, progress).filter((row) => row.task === undefined && row.isDue);
  const about = { verdict: 'unfinished', message: words.UNFINISHED } as const;
  return rows.map((row) => printed({ ...about, task: row.plan.id, ...wholeFile(config) }));
}

function ofTask(task: TaskSummary, { config, index, options }: Looking): readonly Unnumbered[] {
  const { verdict } = task;
  if (verdict === 'passed' || verdict === 'skipped') return [];
  const about = { task: task.id, verdict } as const;
  const error = harmless(words.errorText(task), false);
  const places = placesOf(task, index, options);
  if (places.length === 0) return [printed({ ...about, message: error, ...wholeFile(config) })];
  return places.map(({ file, line, column, message }) =>
    printed({
      ...about,
      message: message === '' ? error : message,
      file,
      line,
      column,
    }),
  );
}

function wholeFile(file: string): Pick<Found, 'file' | 'line' | 'column'> {
  return { file, line: undefined, column: undefined };
}

function printed(one: Omit<Found, 'fingerprint'>): Unnumbered {
  const { task } = one;
  // Half of a surrogate pair is no text to most readers of JSON.
  const [file, message] = [one.file.toWellFormed(), one.message.toWellFormed()];
  return {
    ...one,
    file,
    message,
    fingerprint: `${hex(crc32Text(`${task}\n${file}`))}${hex(crc32Text(lasting(message)))}`,
  };
}

/** How often it has been there already makes each the only one of its kind. */
function numbered(one: Unnumbered, seen: Map<string, number>): Found {
  const times = seen.get(one.fingerprint) ?? 0;
  seen.set(one.fingerprint, times + 1);
  return { ...one, fingerprint: `${one.fingerprint}${hex(times)}` };
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
