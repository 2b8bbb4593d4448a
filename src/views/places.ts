// The places that a task's output names, with paths from the root of the checkout, as CI servers want them.

import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import { joinPath } from '../core/plan/path.ts';
import { findings } from '../core/summary/findings.ts';
import type { Finding } from '../core/summary/findings.ts';
import { harmless, outputOf } from './sink.ts';

export interface Checkout {
  /** Absolute folder of the checkout; reports want paths from there. */
  readonly workspace: string;
  /** Absolute folder of the config, where tools are started whose task has no `cwd`. */
  readonly folder: string;
}

export type ReadTail = (log: string) => string;

const TAIL_CHARACTERS = 32_768;

export interface PlaceOptions extends Checkout {
  readonly readTail: ReadTail;
}

/** Those of a task, worked out from where its tool was started. */
export function placesOf(
  task: TaskSummary,
  { tasks }: Pick<PlanIndex, 'tasks'>,
  options: PlaceOptions,
): readonly Finding[] {
  const cwd = tasks.get(task.id)?.cwd;
  // A folder that is known only in a cycle is not known here.
  const folder = cwd === undefined || cwd.includes('{{') ? options.folder : joinPath(options.folder, cwd);
  const place = { workspace: options.workspace, folder };
  return named(task, options.readTail).map((one) => ({ ...one, file: fromCheckout(one.file, place) }));
}

/** From the end of its log, or where that is gone from what its failure was summed up by. */
function named(task: TaskSummary, readTail: ReadTail): readonly Finding[] {
  const tail = task.log === undefined ? '' : outputOf(readTail(task.log)).slice(-TAIL_CHARACTERS);
  const found = findings(harmless(tail, false));
  return found.length > 0 ? found : findings(harmless(task.excerpt ?? '', false));
}

/** Tools print paths absolute or from where they were started. One outside of the checkout is absolute. */
export function fromCheckout(file: string, { workspace, folder }: Checkout): string {
  const whole = joinPath(folder, file);
  const root = workspace.endsWith('/') ? workspace : `${workspace}/`;
  return whole.startsWith(root) ? whole.slice(root.length) : whole;
}
