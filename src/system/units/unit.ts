// What holds the processes of one attempt, whatever layer it is: they are born in it, reached through it, and counted by it.

import type { Layer } from '../../core/plan/isolation.ts';
import type { Clock } from '../../ports.ts';
import { end, type GroupEnd } from '../group.ts';
import type { Known } from '../usage/roll.ts';
import type { Launch, NotStarted } from '../launch.ts';

/** As much of a start as a layer has to know; what it is started with stays its caller's matter. */
export interface Wanted extends Pick<Launch, 'order' | 'by' | 'also' | 'env' | 'exited' | 'refused'> {
  /** Files through which it enters groups by itself: a root that cannot be written to has to leave it these. */
  readonly entries?: readonly string[];
}

export interface TaskUnit {
  readonly layer: Layer;
  /** Before the start, where a layer needs time for it; told is why there can be none. */
  prepare?(): Promise<NotStarted | undefined>;
  /** What `how` starts is born inside. Undefined where it cannot be; then `refused` was told why. */
  start<W extends Wanted, Result>(wanted: W, how: (wanted: W) => Result): Result | undefined;
  /** TERM asks all of it, KILL ends all of it. `leader`: the group that it was started as; 0: there is none. */
  signal(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** The same for one of several commands that share the unit. */
  signalOne(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** The cheap question: a yes is certain. */
  isGone(leader: number): boolean;
  isEmpty(leader: number): boolean;
  /** Process ids, in our own numbering. */
  members(leader: number): readonly number[];
  /** Kills for want of memory by a counter of its own; undefined: it has none. */
  oomKills(): number | undefined;
  /** Process groups, where they are others than the leader's. */
  groups?(leader: number): readonly number[];
  /** How many were still there behind a leader, where the layer has ended them by itself. */
  leftBehind(): number;
  /** Whom a layer with a list kept from being reached, the first few. */
  refused?(): readonly string[];
  /** What is inside knows processes by other numbers than we do. */
  readonly hasOwnNumbers: boolean;
  /** Nothing of it is alive, or nothing more can be done about it. */
  close(): void;
}

/** Of a process group the members take a walk over all processes; so it is told by its number. */
export function knownBy(unit: TaskUnit, leaders: readonly number[]): Known {
  if (unit.layer === 'group') return { groups: leaders };
  // A control group is one for all leaders, a namespace is one for each.
  return { pids: unit.layer === 'cgroup' ? unit.members(0) : leaders.flatMap((one) => unit.members(one)) };
}

/** Brings whatever a unit still holds to its end, behind its leader. */
export function endUnit(
  unit: TaskUnit,
  leader: number,
  { killAfterMs, clock }: { readonly killAfterMs: number; readonly clock: Clock },
): Promise<GroupEnd> {
  const ending = {
    isEmpty: () => unit.isEmpty(leader),
    count: () => unit.members(leader).length,
    signal: (signal: 'SIGTERM' | 'SIGKILL') => unit.signal(leader, signal),
  };
  return end(ending, killAfterMs, clock);
}
