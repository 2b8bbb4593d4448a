// What the files of a state directory are called.

import type { TaskPlan } from '../plan/plan.ts';
import type { Turn } from './event.ts';

const DIGITS = 6;

/** `000041`, and `000041-start`, `000041-confirm` or `000041-end` for the turns around cycles. */
export function cycleFolder(cycle: number, turn: Turn): string {
  const number = String(cycle).padStart(DIGITS, '0');
  return turn === 'cycle' ? number : `${number}-${turn}`;
}

/** `prove.sims.1000.1.log`: phase, task, rung of a ladder, attempt. */
export function logName(
  task: Pick<TaskPlan, 'phase' | 'id'>,
  rung: number | undefined,
  attempt: number,
): string {
  return `${task.phase}.${task.id}.${rung === undefined ? '' : `${rung}.`}${attempt}.log`;
}

/** What an attempt's processes used, beside its log. */
export function usageName(log: string): string {
  return log.replace(/(?:\.log)?$/, '.usage.jsonl');
}

/** What an attempt that ended badly left, beside its log. */
export function forensicsName(log: string): string {
  return log.replace(/(?:\.log)?$/, '.forensics.json');
}

/** `prove.sims.sims.jsonl`: what the simulations of a gate said, seed by seed, on all rungs of a cycle. */
export function simsName({ phase, id }: Pick<TaskPlan, 'phase' | 'id'>): string {
  return `${phase}.${id}.sims.jsonl`;
}

/** `sims.edge`, and `sims.100.edge` for one rung of a ladder. */
export function metricKey(task: string, metric: string, rung?: number | string): string {
  return rung === undefined ? `${task}.${metric}` : `${task}.${rung}.${metric}`;
}
