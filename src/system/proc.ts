// What /proc says of a process, and of this boot. Undefined where there is no /proc, or no such process.

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** As the kernel keeps it: the file's, at most 15 characters, or what the process calls itself. */
  readonly name: string;
  /** Resident memory, in pages; those that are shared count for each of them. */
  readonly pages: number;
  /** CPU time of itself and of the children it has reaped. */
  readonly ticks: number;
  /** When it was started, since boot: with `bootId` it tells a reused number. */
  readonly startTicks: number;
}

export function processFacts(pid: number | 'self'): ProcessFacts | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in brackets may hold anything, also brackets and spaces; the fields begin behind the last one. See proc(5).
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? 0);
  return {
    state: fields[0] ?? 'X',
    parent: number(1),
    group: number(2),
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    pages: number(21),
    ticks: number(11) + number(12) + number(13) + number(14),
    startTicks: number(19),
  };
}

/** Of all its threads; undefined where the kernel does not tell, or there is no such process. */
export function childrenOf(pid: number): readonly number[] | undefined {
  const found: number[] = [];
  for (const thread of threadsOf(pid)) {
    const text = textOf(`/proc/${pid}/task/${thread}/children`);
    if (text === undefined && thread === String(pid)) return undefined;
    found.push(...(text ?? '').split(' ').filter(Boolean).map(Number));
  }
  return found;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [String(pid)];
  }
}

/** The number alone may be somebody else's by now. Undefined where this system cannot tell. */
export function isAlive(pid: number, startTicks: number | undefined): boolean | undefined {
  const found = processFacts(pid);
  if (found === undefined) return processFacts('self') === undefined ? undefined : false;
  // A dead one that its parent has not asked after stands there still, and holds nothing.
  if (found.state === 'Z' || found.state === 'X') return false;
  return startTicks === undefined || startTicks === found.startTicks;
}

export function bootId(): string | undefined {
  return textOf('/proc/sys/kernel/random/boot_id')?.trim();
}

export function textOf(path: string): string | undefined {
  // The stack of an expected error costs more than the call itself.
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = depth;
  }
}
