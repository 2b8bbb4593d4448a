// Between two starts of a night somebody records a baseline, behind whatever the ledger holds; a kill may fall into that.

import { definitionOf } from '../../src/core/baseline/definition.ts';
import type { BaselineGate } from '../../src/core/baseline/event.ts';
import { indexPlan } from '../../src/core/cycle/plan-index.ts';
import type { Recorded } from '../../src/core/loop/event.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { appendAside } from '../../src/engine/append.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { Crash, NO_FAULTS, type SimulatedDisk } from '../../src/simulation/disk.ts';
import type { Dice } from '../../src/simulation/random.ts';
import { PATHS, type Lived } from './life.ts';

export interface Measuring {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly mayDie: boolean;
  readonly wall: number;
  readonly mono: number;
}

/** Operations on the disk within which the kill falls, if one does: about as many as it takes. */
const OPERATIONS = 12;

export async function measured(disk: SimulatedDisk, measuring: Measuring): Promise<Lived> {
  const { dice, wall, mono } = measuring;
  const clock = new VirtualClock(wall, mono);
  const recorded: Recorded[] = [];
  const lived = (end: Lived['end'], live?: Lived['live']): Lived => {
    const writing = end === 'crash' ? disk.writing : undefined;
    return { recorded, live, end, writing, running: [], wall, mono, stalledMs: 0, broken: [] };
  };
  const crashAt = measuring.mayDie && dice.chance(0.5) ? dice.whole(1, OPERATIONS) : undefined;
  disk.start(NO_FAULTS);
  disk.makeFolder(PATHS.cycles);
  disk.start({ ...NO_FAULTS, ...(crashAt !== undefined && { crashAt }) });
  try {
    const see = (event: Recorded) => void recorded.push(event);
    const startedAt = new Date(wall).toISOString();
    const end = await appendAside(
      { disk, clock, paths: PATHS, run: 'baseline', see },
      {
        type: 'baseline.recorded',
        plan: measuring.plan.id,
        times: 1,
        startedAt,
        durationMs: 0,
        gates: gatesOf(measuring),
      },
    );
    if ('damaged' in end) return lived('damaged');
    return 'seq' in end ? lived('over', end) : lived('storage');
  } catch (error) {
    if (error instanceof Crash) return lived('crash');
    throw error;
  }
}

function gatesOf({ plan, dice }: Measuring): Readonly<Record<string, BaselineGate>> {
  const index = indexPlan(plan);
  const gates = [...index.tasks.values()].filter(({ kind }) => kind === 'gate');
  return Object.fromEntries(
    gates.map((task) => {
      const runs = [dice.pick(['passed', 'failed', 'broken'] as const)];
      return [
        task.id,
        { ...definitionOf(index, task), runs, late: 0, metrics: {}, fingerprints: [], reasons: [] },
      ] as const;
    }),
  );
}
