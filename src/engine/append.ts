// One event behind everything that the ledger holds, outside of any run: durable when it returns, or not there.

import type { Event, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import { evolve } from '../core/loop/evolve.ts';
import type { Clock, Disk, Failure } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';
import type { Damage } from './read.ts';
import { resume } from './resume.ts';

export interface Appending {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly paths: LedgerPaths;
  /** Under whose name it stands where the ledger knows no run yet. */
  readonly run: string;
  /** Told what is in the file by now. */
  readonly see?: (event: Recorded) => void;
}

/** Whoever calls holds the lock. `event` holds no secret any more. */
export async function appendAside(
  { disk, clock, paths, run, see }: Appending,
  event: Event,
): Promise<Progress | Failure | Damage> {
  const resumed = resume(disk, paths);
  if (!('ledger' in resumed)) return resumed;
  const { ledger, recovered } = resumed;
  let { progress } = resumed;
  for (const one of [...recovered, event]) {
    const { wall, mono } = clock.now();
    const stamp = {
      v: 1,
      seq: progress.seq + 1,
      type: one.type,
      at: new Date(wall).toISOString(),
      mono: Math.round(mono),
      run: progress.run?.id ?? run,
    } as const;
    const recorded: Recorded = Object.assign(stamp, one);
    const failure = ledger.append(recorded);
    if (failure) {
      ledger.close();
      return failure;
    }
    progress = evolve(progress, recorded);
    see?.(recorded);
  }
  const failure = await ledger.settle();
  ledger.close();
  return failure ?? progress;
}
