// Who the processes of an attempt are: what its unit holds, or where that cannot say so cheaply, its process groups. Those take a walk
// over the names in /proc, in which a process of nobody here is looked at once.

import { processIds } from '../group.ts';
import { processFacts, type ProcessFacts } from '../proc.ts';

export interface Member extends ProcessFacts {
  readonly pid: number;
}

/** By what they are known. */
export type Known = { readonly pids: readonly number[] } | { readonly groups: readonly number[] };

/** Asked for all at once, because one walk answers. Who has no process is not in the answer; undefined: this system does not tell. */
export type RollCall = (
  all: ReadonlyMap<number, Known>,
) => ReadonlyMap<number, readonly Member[]> | undefined;

export function callRoll(): RollCall {
  /** Of nobody here. Nobody comes into the group of an attempt from outside, so each is looked at once. */
  let others: ReadonlySet<number> = new Set();
  return (all) => {
    const found = new Map<number, Member[]>();
    const owners = new Map<number, number>();
    for (const [owner, known] of all) {
      if ('groups' in known) for (const group of known.groups) owners.set(group, owner);
      else found.set(owner, known.pids.flatMap(memberAt));
    }
    if (owners.size === 0) return found;
    const pids = processIds();
    if (pids === undefined) return undefined;
    const still = new Set<number>();
    for (const pid of pids) {
      const isOther = others.has(pid);
      if (isOther) still.add(pid);
      const [one] = isOther ? [] : memberAt(pid);
      if (one === undefined) continue;
      const owner = owners.get(one.group);
      if (owner === undefined) still.add(pid);
      else if (found.get(owner)?.push(one) === undefined) found.set(owner, [one]);
    }
    // A number that was free in between may be anybody's.
    others = still;
    return found;
  };
}

function memberAt(pid: number): readonly Member[] {
  const facts = processFacts(pid);
  return facts === undefined ? [] : [{ pid, ...facts }];
}
