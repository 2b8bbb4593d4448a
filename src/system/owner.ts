// Whether the process that `owner.json` names still lives. It opens no lock, so that looking can never keep a start waiting.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { readOwner, type Owner } from './lock.ts';

/** Undefined when it runs on another host, or this system cannot tell. */
export function isHeld(stateDir: string): boolean | undefined {
  const owner = readOwner(stateDir);
  if (!owner) return false;
  if (owner.host !== hostname()) return undefined;
  const bootId = textOf('/proc/sys/kernel/random/boot_id')?.trim();
  if (owner.bootId !== undefined && bootId !== undefined && owner.bootId !== bootId) return false;
  return isSameProcess(owner);
}

/** The number alone is not enough: after a crash it may belong to somebody else. */
function isSameProcess({ pid, startTicks }: Owner): boolean | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return textOf('/proc/self/stat') === undefined ? undefined : false;
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TICKS_FIELD]);
  return startTicks === undefined || startTicks === ticks;
}

/** Counted behind the command's name; see proc(5). */
const START_TICKS_FIELD = 19;

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
