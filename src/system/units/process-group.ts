// The layer that is always there.

import { isEmpty, isGone, living, signalGroup } from '../group.ts';
import { stepOutside } from './cgroups.ts';
import type { TaskUnit } from './unit.ts';

/** A process group. What leaves it is known by the marks in its environment only (strays.ts). */
export const GROUP: TaskUnit = {
  layer: 'group',
  start: (wanted, how) => {
    stepOutside();
    return how(wanted);
  },
  signal: (leader, signal) => {
    if (leader !== 0) signalGroup(leader, signal);
  },
  signalOne: signalGroup,
  isGone: (leader) => leader === 0 || isGone(leader),
  isEmpty: (leader) => leader === 0 || isEmpty(leader),
  members: (leader) => (living() ?? []).filter((one) => one.group === leader).map(({ pid }) => pid),
  leftBehind: () => 0,
  hasOwnNumbers: false,
  oomKills: () => undefined,
  close: () => undefined,
};
