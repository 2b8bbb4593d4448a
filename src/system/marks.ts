// Which attempt a process belongs to: gate-run's own variables in its environment, which its children inherit.

import { readFileSync } from 'node:fs';
import { RUNG_VARIABLE } from '../core/plan/sims-order.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The names whose values together tell one attempt from another; of a rung's simulations each has a count of its own. */
const MARKS = ['GATE_RUN', 'GATE_CYCLE', 'GATE_TASK', 'GATE_ATTEMPT'] as const;

/** The mark of an attempt's environment; undefined when it carries none. */
export function markOf(env: Environment): string | undefined {
  if (env['GATE_RUN'] === undefined || env['GATE_TASK'] === undefined) return undefined;
  const rung = env[RUNG_VARIABLE] ?? env['GATE_COUNT'] ?? '';
  return `${MARKS.map((name) => `${name}=${env[name] ?? ''}`).join(' ')} rung=${rung}`;
}

/** The environment of a process of this run, or of one of its family; undefined: it is dead, somebody else's, or of another run. */
export function marksIn(pid: number, run: string, isFamily = false): Environment | undefined {
  const text = environOf(pid);
  if (!text.includes(`GATE_RUN=${run}${isFamily ? '-' : '\0'}`)) return undefined;
  const env: Record<string, string> = {};
  for (const pair of text.split('\0')) {
    const at = pair.indexOf('=');
    if (at > 0) env[pair.slice(0, at)] = pair.slice(at + 1);
  }
  const name = env['GATE_RUN'] ?? '';
  return name === run || (isFamily && name.startsWith(`${run}-`)) ? env : undefined;
}

/** Of a dead process, or of somebody else's, it is empty. */
function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
