// Who the processes of an attempt are. By process group: a walk over the names in /proc, in which a process of nobody here is looked
// at once in a while only.

import { processIds } from '../group.ts';
import { processFacts, type ProcessFacts } from '../proc.ts';

export interface Member extends ProcessFacts {
  readonly pid: number;
}

/** Asked for all at once, because one walk answers. Who has no process is not in the answer; undefined: this system does not tell. */
export type RollCall = (
  groups: ReadonlyMap<number, readonly number[]>,
) => ReadonlyMap<number, readonly Member[]> | undefined;

/** A process changes its group hardly ever, and a number comes round again only behind all others: for so many looks it is believed. */
const LOOKS_BELIEVED = 10;

export function groupRoll(): RollCall {
  const others = new Set<number>();
  let looks = 0;
  return (groups) => {
    const pids = processIds();
    if (pids === undefined) return undefined;
    if (looks % LOOKS_BELIEVED === 0) others.clear();
    looks += 1;
    const owners = new Map(
      [...groups].flatMap(([owner, own]) => own.map((group) => [group, owner] as const)),
    );
    const found = new Map<number, Member[]>();
    for (const pid of pids) {
      const facts = others.has(pid) ? undefined : processFacts(pid);
      if (facts === undefined) continue;
      const owner = owners.get(facts.group);
      if (owner === undefined) others.add(pid);
      else if (found.get(owner)?.push({ pid, ...facts }) === undefined) found.set(owner, [{ pid, ...facts }]);
    }
    return found;
  };
}
