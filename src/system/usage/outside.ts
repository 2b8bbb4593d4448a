// What the processes of each running task use up now, for somebody who did not start them: found by the marks in their environment.

import { processIds } from '../group.ts';
import { marksIn } from '../marks.ts';
import { processFacts } from '../proc.ts';
import { cpuMsOf, memoryBytesOf } from './amounts.ts';

export interface Usage {
  readonly processes: number;
  /** Resident memory, pages that are shared counted once for each of them. */
  readonly memoryBytes: number;
  /** CPU time of those that live, and of the children that they have waited for. */
  readonly cpuMs: number;
}

/** By task; undefined where there is no /proc. */
export function usageByTask(run: string, stateDir: string): ReadonlyMap<string, Usage> | undefined {
  const used = new Map<string, Usage>();
  const pids = processIds();
  for (const pid of pids ?? []) {
    const env = marksIn(pid, run);
    const facts = env?.['GATE_STATE'] === stateDir ? processFacts(pid) : undefined;
    const task = env?.['GATE_TASK'];
    if (facts === undefined || task === undefined) continue;
    const sum = used.get(task) ?? { processes: 0, memoryBytes: 0, cpuMs: 0 };
    used.set(task, {
      processes: sum.processes + 1,
      memoryBytes: sum.memoryBytes + memoryBytesOf(facts),
      cpuMs: sum.cpuMs + cpuMsOf(facts),
    });
  }
  return pids && used;
}
