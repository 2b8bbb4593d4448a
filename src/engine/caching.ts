// Asks the cache for a task, and hands over what an attempt left. What may be kept or answered is decided in core/cache/keeping.ts.

import { keptEnd, type TaskSought } from '../core/cache/event.ts';
import { whyNotKept } from '../core/cache/keeping.ts';
import { draftKey } from '../core/cache/key.ts';
import type { TaskJudged } from '../core/cycle/event.ts';
import { taskOf, type PlanIndex } from '../core/cycle/plan-index.ts';
import type { CycleProgress } from '../core/cycle/progress.ts';
import type { Recorded } from '../core/loop/event.ts';
import { turnName } from '../core/loop/words.ts';
import { makeOrder, missingNames, type OrderInput } from '../core/plan/order.ts';
import type { Cache, CacheOrder, Inbox, Order } from '../ports.ts';
import type { Caching } from './perform.ts';

/** Loaded only for plans with a task that may be answered; `world.cache` of a run. */
export function caching(cache: Cache, inbox: Inbox): Caching {
  return {
    seek: (input, cycle, event) => seek({ cache, inbox }, { input, cycle, event }),
    judged: (index, event, cycle) => keepOf(cache, index, event, cycle),
    disturbed: (starting) => cache.disturbed(starting),
  };
}

interface Sought {
  readonly input: OrderInput;
  readonly cycle: CycleProgress;
  readonly event: Recorded<TaskSought>;
}

/** With a hole in the command's words the task runs, which says so. */
function seek({ cache, inbox }: { readonly cache: Cache; readonly inbox: Inbox }, sought: Sought): void {
  const wanted = cacheOrder(sought.input, sought.cycle);
  if (wanted) cache.seek(wanted);
  else inbox.put({ type: 'task.missed', task: sought.event.task, why: [] });
}

/** Undefined where the task is not cached, or a name in its words has no value now. */
export function cacheOrder(
  input: OrderInput,
  { running }: Pick<CycleProgress, 'running'>,
): CacheOrder | undefined {
  const { cache, outputs = [] } = input.task;
  if (!cache || missingNames(input).length > 0) return undefined;
  const order = makeOrder(input);
  return {
    order,
    draft: draftKey(input),
    plan: { ...cache, inputs: [...cache.inputs, ...readUnnamed(order, input.facts.folder)] },
    outputs,
    isQuiet: running.size === 0,
  };
}

/** What it reads on stdin is an input, named or not. */
function readUnnamed({ stdin }: Order, folder: string): readonly string[] {
  if (stdin === undefined) return [];
  return [stdin.startsWith(`${folder}/`) ? stdin.slice(folder.length + 1) : stdin];
}

function keepOf(cache: Cache, index: PlanIndex, event: Recorded<TaskJudged>, cycle: CycleProgress): void {
  const plan = taskOf(index, event.task);
  const task = cycle.tasks.get(event.task);
  if (!plan.cache || !task?.ended || event.cached) return;
  if (whyNotKept(plan, task, event) !== undefined) {
    cache.forget(event.task);
    return;
  }
  cache.keep({
    task: task.id,
    ended: keptEnd(task.ended),
    at: event.at,
    from: `${turnName(cycle.turn, cycle.cycle)} of run ${event.run}`,
  });
}
