// What `plan` and `explain` say of the cache. Loaded only where a task may be answered.

import { changingName, type Foretold } from '../core/cache/foretold.ts';
import { whyNoAnswer, type Today } from '../core/cache/would-pass.ts';
import { EMPTY } from '../core/loop/evolve.ts';
import { readState } from '../engine/read.ts';
import { makersOf } from '../core/cache/inputs.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';
import { cacheOrder } from '../engine/caching.ts';
import type { CacheOrder } from '../ports.ts';
import { foretell, type Seen } from '../system/cache/foretell.ts';
import { realDisk } from '../system/files.ts';
import type { Loop } from './load.ts';
import { cacheOptions } from './open-cache.ts';

/** By task, of those that may be answered and are not left out. */
export async function foretoldOf(
  loop: Loop,
  env: NodeJS.ProcessEnv,
  bin: string,
): Promise<ReadonlyMap<string, Foretold>> {
  const { plan } = loop;
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const asked = tasks.filter((task) => task.cache && task.leftOut === undefined);
  const told = new Map<string, Foretold>();
  const orders: CacheOrder[] = [];
  for (const task of asked) {
    const name = changingName(task);
    const order = name === undefined ? orderOf(loop, task, bin) : undefined;
    if (order) orders.push(order);
    else told.set(task.id, unknown(task, `\`${name}\` has another value in each cycle`));
  }
  const seen = await foretell(cacheOptions(loop, env), orders);
  const today = seen.some(({ answer }) => answer) ? todayOf(loop) : undefined;
  for (const one of seen) told.set(one.told.task, today ? judged(one, today) : one.told);
  // In the order of the plan, so that what hangs on another task is told behind it.
  return new Map(asked.map((task) => [task.id, withMakers(plan, task, told)]));
}

/** A ledger that cannot be read knows of no earlier values. */
function todayOf({ plan, paths }: Loop): Today {
  const state = readState(realDisk(), paths);
  return { plan, progress: 'progress' in state ? state.progress : EMPTY, wall: Date.now() };
}

/** What would not pass by the limits of today runs instead. */
function judged({ told, answer }: Seen, today: Today): Foretold {
  const why = answer && whyNoAnswer(today, answer);
  if (why === undefined) return told;
  const { task, key } = told;
  return { task, would: 'run', why: [why], ...(key && { key }) };
}

function withMakers(plan: Plan, task: TaskPlan, told: Map<string, Foretold>): Foretold {
  const found = told.get(task.id) ?? unknown(task, 'nobody knows');
  const maker = makersOf(plan, task).find(({ id }) => told.get(id)?.would !== 'be-answered');
  if (!maker) return found;
  const hangs = { ...found, would: 'unknown', why: [`that hangs on what ${maker.id} leaves`] } as const;
  told.set(task.id, hangs);
  return hangs;
}

function unknown({ id }: TaskPlan, why: string): Foretold {
  return { task: id, would: 'unknown', why: [why] };
}

/** What only a cycle knows is nowhere in the words of a task that comes here. */
function orderOf({ plan, folder, paths }: Loop, task: TaskPlan, bin: string): CacheOrder | undefined {
  const facts = {
    folder,
    stateDir: paths.stateDir,
    node: process.execPath,
    bin,
    run: '',
    cycle: 0,
    cycleDir: paths.cycles,
    startedAt: '',
    metrics: new Map<string, number>(),
    logOf: () => undefined,
  };
  const judges = plan.phases.flatMap(({ tasks }) => tasks.filter((one) => one.judges === task.id));
  return cacheOrder(
    { plan, task, ref: { task: task.id, attempt: 1 }, judges, facts },
    { running: new Set() },
  );
}
