// What the processes of each running task use up now, for somebody who did not start them: found by the marks in their environment.

import { processIds } from './group.ts';
import { marksIn } from './marks.ts';
import { processFacts, textOf } from './proc.ts';

export interface Usage {
  readonly processes: number;
  /** Resident memory, pages that are shared counted once for each of them. */
  readonly memoryBytes: number;
  /** CPU time of those that live, and of the children that they have waited for. */
  readonly cpuMs: number;
}

/** Linux tells processor time to every program in hundredths of a second, whatever the kernel counts in. See proc(5), sysconf(3). */
const TICK_MS = 10;
const KIB = 1024;

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
      memoryBytes: sum.memoryBytes + residentBytes(pid),
      cpuMs: sum.cpuMs + facts.ticks * TICK_MS,
    });
  }
  return pids && used;
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * KIB;
}
