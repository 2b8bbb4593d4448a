// The plan that measures a champion again: its gate alone, on the top rung, on seeds that it was not chosen on.

import { NO_EXIT } from './loop.ts';
import type { ObjectivePlan } from './champion-plan.ts';
import type { Plan, TaskPlan } from './plan.ts';
import type { SimsPlan } from './sims-plan.ts';

/** Undefined: nothing can be run again. `nth`: from 1; the champion itself was measured on the seeds before the first. */
export function againPlan(plan: Plan, objective: ObjectivePlan, nth: number): Plan | undefined {
  const phase = plan.phases.find(({ tasks }) => tasks.some(({ id }) => id === objective.task));
  const task = phase?.tasks.find(({ id }) => id === objective.task);
  if (!phase || task?.command === undefined) return undefined;
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
    phases: [{ ...phase, always: false, tasks: [alone(task, baseOf(objective, nth))] }],
  };
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
    softness: undefined,
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
