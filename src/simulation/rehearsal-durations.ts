// How long each task usually takes in a rehearsed night: drawn, and short enough that a cycle fits into its limits.

import type { PhasePlan, Plan } from '../core/plan/plan.ts';
import { Dice } from './random.ts';

const SHORTEST_MS = 1000;
const LONGEST_MS = 600_000;
/** A cycle or a phase that usually takes more than this share of its limit would be no config that anybody keeps. */
const ROOM = 0.4;

/** By task, in milliseconds. */
export function usualDurations(plan: Plan, seed: number): ReadonlyMap<string, number> {
  const drawn = new Map<string, number>();
  for (const { tasks } of plan.phases) {
    for (const task of tasks) {
      const limits = [task.timeoutMs, ...task.stages.map(({ timeoutMs }) => timeoutMs)];
      const most = Math.min(LONGEST_MS, ...limits.map((limit) => (limit === 'never' ? Infinity : limit / 4)));
      const least = Math.min(SHORTEST_MS, most);
      const share = new Dice(seed, `duration ${task.id}`).next();
      drawn.set(task.id, (least * (most / least) ** share) / Math.max(1, task.stages.length));
    }
  }
  for (const phase of plan.phases) shorten(drawn, [phase], phase.timeoutMs);
  shorten(drawn, plan.phases, plan.cycleTimeoutMs);
  return drawn;
}

function shorten(drawn: Map<string, number>, phases: readonly PhasePlan[], limitMs: number | 'never'): void {
  if (limitMs === 'never') return;
  const tasks = phases.flatMap((phase) => phase.tasks);
  const sum = tasks.reduce(
    (total, { id, stages }) => total + (drawn.get(id) ?? 0) * Math.max(1, stages.length),
    0,
  );
  const factor = (limitMs * ROOM) / sum;
  if (factor >= 1) return;
  for (const { id } of tasks) drawn.set(id, (drawn.get(id) ?? 0) * factor);
}
