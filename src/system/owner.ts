// Whether the process that `owner.json` names still lives. It opens no lock, so that looking can never keep a start waiting.

import { hostname } from 'node:os';
import { readOwner } from './lock.ts';
import { bootId, isAlive } from './proc.ts';

/** Undefined when it runs on another host, or this system cannot tell. */
export function isHeld(stateDir: string): boolean | undefined {
  const owner = readOwner(stateDir);
  if (!owner) return false;
  if (owner.host !== hostname()) return undefined;
  const boot = bootId();
  if (owner.bootId !== undefined && boot !== undefined && owner.bootId !== boot) return false;
  return isAlive(owner.pid, owner.startTicks);
}
