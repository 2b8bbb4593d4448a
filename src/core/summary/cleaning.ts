// Whether a stop waits for what cleans up. Only a forced stop ends that; the time that a stop leaves counts for all else.

import { outlivesStop } from '../cycle/halt.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';

export function isCleaningUp({ phases }: Pick<Plan, 'phases'>, { open }: Pick<Progress, 'open'>): boolean {
  if (open === undefined || open.turn === 'end') return open !== undefined;
  const cleaning = new Set(phases.filter(outlivesStop).flatMap(({ tasks }) => tasks.map(({ id }) => id)));
  const running = [...open.running];
  return running.length > 0 && running.every((id) => cleaning.has(id));
}
