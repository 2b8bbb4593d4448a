// Whether the process that `owner.json` names still lives. It opens no lock, so that looking can never keep a start waiting.

import { hostname } from 'node:os';
import { readOwner, type Owner } from './lock.ts';
import { bootId, processFacts } from './proc.ts';

/** Undefined when it runs on another host, or this system cannot tell. */
export function isHeld(stateDir: string): boolean | undefined {
  const owner = readOwner(stateDir);
  if (!owner) return false;
  if (owner.host !== hostname()) return undefined;
  const boot = bootId();
  if (owner.bootId !== undefined && boot !== undefined && owner.bootId !== boot) return false;
  return isSameProcess(owner);
}

/** The number alone is not enough: after a crash it may belong to somebody else. */
function isSameProcess({ pid, startTicks }: Owner): boolean | undefined {
  const found = processFacts(pid);
  if (found === undefined) return processFacts('self') === undefined ? undefined : false;
  return startTicks === undefined || startTicks === found.startTicks;
}
