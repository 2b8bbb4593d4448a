// How long a run may need to end once it was asked to: what a service manager has to wait before it kills.

import type { HookPlan, PhasePlan, Plan, TaskPlan } from '../plan/plan.ts';
import { outlivesStop } from '../cycle/halt.ts';

/** For the ledger's last syncs, reports and whatever the machine is busy with. */
const SLACK_MS = 30_000;

/** Milliseconds; Infinity where something that cleans up has no limit of its own. */
export function stopBudgetMs({ stopWithinMs, phases, hooks = [] }: Plan): number {
  const tasks = phases.flatMap((phase) => phase.tasks.filter(isIn));
  const graceMs = Math.max(0, ...tasks.map((task) => task.killAfterMs));
  const cleaningMs = phases.filter(outlivesStop).reduce((sum, phase) => sum + phaseMs(phase), 0);
  return stopWithinMs + graceMs + cleaningMs + hooksMs(hooks) + SLACK_MS;
}

/** Behind a stop one may still be begun as long as that waits, and the one at the end always. */
function hooksMs(hooks: readonly HookPlan[]): number {
  const atExit = hooks.find(({ on }) => on === 'on-exit')?.timeoutMs ?? 0;
  return Math.max(0, ...hooks.map(({ timeoutMs }) => timeoutMs)) + atExit;
}

function phaseMs({ timeoutMs, tasks }: PhasePlan): number {
  const oneByOne = tasks.filter(isIn).reduce((sum, task) => sum + taskMs(task), 0);
  if (timeoutMs === 'never') return oneByOne;
  return Math.min(oneByOne, timeoutMs + Math.max(0, ...tasks.map((task) => task.killAfterMs)));
}

function taskMs({ timeoutMs, stages, killAfterMs, retry }: TaskPlan): number {
  const limits = stages.length === 0 ? [timeoutMs] : stages.map((stage) => stage.timeoutMs);
  const onceMs = limits.reduce<number>((sum, ms) => sum + (ms === 'never' ? Infinity : ms) + killAfterMs, 0);
  let pausesMs = 0;
  for (let at = 0; at < retry.limit; at++) pausesMs += retry.delayMs * retry.factor ** at;
  return onceMs * (retry.limit + 1) + pausesMs * limits.length;
}

function isIn({ leftOut }: TaskPlan): boolean {
  return leftOut === undefined;
}
