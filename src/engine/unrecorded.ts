// A recorder for ad hoc runs: it makes the folder that logs go to, and keeps nothing.

import { cycleFolder } from '../core/loop/names.ts';
import type { Disk } from '../ports.ts';
import type { Recorder } from './ledger.ts';

export function unrecorded(disk: Disk, cycles: string): Recorder {
  return {
    isDue: false,
    append: (event) => {
      if (event.type !== 'cycle.started') return undefined;
      return disk.makeFolder(`${cycles}/${cycleFolder(event.cycle, event.turn)}`);
    },
    before: async () => undefined,
    settle: async () => undefined,
    close: () => undefined,
  };
}
