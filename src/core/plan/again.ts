// The plan that measures a champion again: its gate alone, on the top rung, on seeds that it was not chosen on.

import { NO_EXIT } from './loop.ts';
import type { ObjectivePlan } from './champion-plan.ts';
import type { FreshSeeds } from '../loop/champion-event.ts';
import type { PhasePlan, Plan, StagePlan, TaskPlan } from './plan.ts';
import type { SimsPlan } from './sims-plan.ts';

/** Undefined: nothing can be run again. `nth`: from 1; the champion itself was measured on the seeds before the first. */
export function againPlan(plan: Plan, objective: ObjectivePlan, nth: number): Plan | undefined {
  const phase = aloneIn(plan, objective, (task) => alone(task, baseOf(objective, nth)));
  if (!phase) return undefined;
  const { objective: _objective, champion: _champion, hooks: _hooks, notify: _notify, ...rest } = plan;
  return {
    ...rest,
    // What a command draws from its seed differs with the name too.
    name: `${plan.name}, batch ${nth}`,
    loop: { ...plan.loop, mode: 'once' },
    ends: NO_EXIT,
    marks: [],
    reporters: [],
    failOn: undefined,
    phases: [phase],
  };
}

/** What a confirmation runs between two cycles of the loop, under the loop's own limits; without a task where nothing can be run again. */
export function confirmPlan(plan: Plan, { base, count }: Pick<FreshSeeds, 'base' | 'count'>): Plan {
  const { objective, champion: _champion, ...rest } = plan;
  const phase = objective && aloneIn(plan, objective, (task) => ofSeeds(alone(task, base), count));
  return { ...rest, phases: phase ? [phase] : [] };
}

function aloneIn(
  { phases }: Plan,
  { task: id }: ObjectivePlan,
  changed: (task: TaskPlan) => TaskPlan,
): PhasePlan | undefined {
  const phase = phases.find(({ tasks }) => tasks.some((one) => one.id === id));
  const task = phase?.tasks.find((one) => one.id === id);
  if (!phase || task?.command === undefined) return undefined;
  return { ...phase, always: false, tasks: [changed(task)] };
}

/** More seeds than the top rung has may take as much longer. */
function ofSeeds(task: TaskPlan, count: number): TaskPlan {
  const longer = (stage: StagePlan) =>
    stage.timeoutMs === 'never'
      ? stage.timeoutMs
      : Math.ceil(stage.timeoutMs * Math.max(1, count / stage.count));
  return { ...task, stages: task.stages.map((stage) => ({ ...stage, count, timeoutMs: longer(stage) })) };
}

/** The first seed of a batch; undefined: the command draws its own. */
export function baseOf({ pairing, count }: ObjectivePlan, nth: number): number | undefined {
  return pairing && count !== undefined ? pairing.base + nth * count : undefined;
}

/** What it is held to was asked when it was crowned; here only its value is. */
function alone(task: TaskPlan, base: number | undefined): TaskPlan {
  const { sims, stages } = task;
  return {
    ...task,
    mode: 'strict',
    onBroken: 'broken',
    softness: undefined,
    cache: undefined,
    needs: [],
    when: { every: undefined, passed: [], failed: [], asks: [] },
    thresholds: [],
    stages: stages.slice(-1).map((stage) => ({ ...stage, thresholds: [], promote: [] })),
    ...(sims && base !== undefined && { sims: wholeRung(sims, base) }),
  };
}

/** A mean of a part would be no batch. */
function wholeRung({ stopEarly: _early, ...sims }: SimsPlan, base: number): SimsPlan {
  return { ...sims, base };
}
