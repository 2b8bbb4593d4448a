// The whole ledger of a simulated disk: history and every cycle's file, by their one sequence.

import type { Recorded } from '../../src/core/loop/event.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { eventsFile, readLines } from '../../src/engine/read.ts';
import type { Disk } from '../../src/ports.ts';

export function readLedger(disk: Disk, { state }: Plan): readonly Recorded[] {
  const lines = (file: string) => {
    const read = readLines(disk, file);
    if (!('events' in read)) throw new Error(`${file} is damaged: ${JSON.stringify(read)}`);
    return read.events;
  };
  const history = lines(state.history);
  const turns = history.filter((event) => event.type === 'cycle.started');
  const paths = { history: state.history, cycles: state.cycles };
  return [...history, ...turns.flatMap((turn) => lines(eventsFile(paths, turn)))].toSorted(
    (one, other) => one.seq - other.seq,
  );
}
