// One start of the real engine in the simulated world, from its first read to its end, whatever that is.

import { expressions } from '../../src/core/expression.ts';
import type { Event, Recorded } from '../../src/core/loop/event.ts';
import type { Progress } from '../../src/core/loop/progress.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { crc32 } from '../../src/core/crc32.ts';
import { championKeeper } from '../../src/engine/champion.ts';
import { FactInbox } from '../../src/engine/inbox.ts';
import { readState } from '../../src/engine/read.ts';
import { run } from '../../src/engine/run.ts';
import type { View } from '../../src/ports.ts';
import { ScriptedCache, type Answers } from '../../src/simulation/cache.ts';
import { caching } from '../../src/engine/caching.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { Crash, NO_FAULTS, type DiskFaults, type SimulatedDisk } from '../../src/simulation/disk.ts';
import { ScriptedGuard } from '../../src/simulation/guard.ts';
import { ScriptedWorkTree } from '../../src/simulation/work-tree.ts';
import { ScriptedHooks } from '../../src/simulation/hooks.ts';
import { MEMORY_BYTES, ScriptedLocks } from '../../src/simulation/locks.ts';
import { nextHalfHour } from '../../src/simulation/loop-plans.ts';
import { ScriptedProcesses } from '../../src/simulation/processes.ts';
import { Dice } from '../../src/simulation/random.ts';
import { valuesAgree } from '../../src/simulation/rung-invariants.ts';
import { troubledDisk } from '../../src/simulation/troubled-disk.ts';
import { Aim, aimedSwarm } from './aims.ts';
import { moodsOf, type FaultKind, type Swarm } from './faults.ts';
import { disturb, StopFile } from './operators.ts';
import { difference, shown } from './shown.ts';

export const PATHS = {
  history: '/state/history.jsonl',
  cycles: '/state/cycles',
  stateDir: '/state',
  build: 'simulated',
} as const;

const SEGMENT_BYTES = 20_000;
/** Looks at protected files of which one finds a change, in nights that know it. */
const MOST_TAMPERING = 0.1;

export interface LifeWish {
  readonly seed: number;
  readonly life: number;
  readonly plan: Plan;
  readonly acceptConfig: boolean;
  readonly faults: DiskFaults;
  readonly isCalm: boolean;
  readonly swarm: Swarm;
  /** The one trouble that this life is for. */
  readonly aim?: FaultKind | undefined;
  readonly trouble: number;
  readonly isFickle: boolean;
  readonly isHopeless?: boolean;
  /** What earlier lives kept; absent: the night has no cache. */
  readonly answers?: Answers;
  readonly wall: number;
  readonly mono: number;
}

export type LifeEnd = 'over' | 'crash' | 'power' | 'storage' | 'refused' | 'damaged';

export interface Lived {
  readonly recorded: readonly Recorded[];
  readonly live: Progress | undefined;
  readonly end: Exclude<LifeEnd, 'power'>;
  /** The bytes that were being written when a crash fell. */
  readonly writing: Uint8Array | undefined;
  /** Attempts that ran when it ended. */
  readonly running: readonly string[];
  readonly wall: number;
  readonly mono: number;
  /** Time in which the process stood still. */
  readonly stalledMs: number;
  readonly broken: readonly string[];
}

export async function live(disk: SimulatedDisk, wish: LifeWish): Promise<Lived> {
  const { seed, life, plan, faults, isCalm, trouble, isFickle } = wish;
  const swarm: Swarm = isCalm ? new Set() : aimedSwarm(wish.swarm, wish.aim);
  const broken: string[] = [];
  const clock = new VirtualClock(wish.wall, wish.mono);
  const inbox = new FactInbox(() => clock.wake());
  const noise = new Dice(seed, `noise ${life}`);
  const moods = moodsOf(wish.swarm);
  const slow = swarm.has('slow-disk') ? { dice: noise, clock, share: 0.02, longestMs: 60_000 } : undefined;
  const readOnlyFrom = swarm.has('read-only') && noise.chance(0.15) ? noise.whole(1, 200) : undefined;
  const troubled = troubledDisk(disk, { slow, readOnlyFrom });
  const processes = new ScriptedProcesses({
    seed,
    clock,
    inbox,
    trouble,
    isFickle,
    moods,
    isHopeless: wish.isHopeless ?? false,
    disk: troubled,
    noise,
  });
  const hooks = new ScriptedHooks(clock, inbox, new Dice(seed, `hooks ${life}`));
  const workTree = new ScriptedWorkTree(clock, inbox, new Dice(seed, `tree ${life}`));
  const share = swarm.has('tampering') ? MOST_TAMPERING : 0;
  const guard = new ScriptedGuard(clock, inbox, { dice: new Dice(seed, `guard ${life}`), share });
  const locks = new ScriptedLocks({
    clock,
    inbox,
    dice: new Dice(seed, `locks ${life}`),
    share: isCalm ? 0.1 : 0.3,
  });
  const dice = new Dice(seed, `cache ${life}`);
  const { answers } = wish;
  const cache = answers && caching(new ScriptedCache({ clock, inbox, dice, answers }), inbox);
  const strike = (signal: string, code: number) => processes.strike(signal, code);
  const witness = new Witness();
  const throws = swarm.has('bad-view') && (faults.crashOn === 'noted' || noise.chance(0.5));
  const aiming = new Aim({ clock, inbox, swarm, dice: new Dice(seed, `aim ${life}`), strike });
  const views = throws ? [witness, aiming, throwing(noise)] : [witness, aiming];
  const stopFile = new StopFile(clock, inbox);
  const aim = faults.crashOn;
  disturb({ clock, inbox, noise, aim, swarm, stopFile, kill: die, strike });
  if (swarm.has('onlooker')) clock.in(noise.whole(0, 60_000), () => broken.push(...seenBy(disk, witness)));
  const lived = (end: Lived['end']): Lived => ({
    recorded: witness.recorded,
    live: witness.live,
    end,
    writing: end === 'crash' ? disk.writing : undefined,
    running: processes.running,
    wall: clock.now().wall,
    mono: clock.now().mono,
    stalledMs: clock.stalledMs,
    broken: [...broken, ...locks.broken, ...stopFile.missedBy(plan, witness.recorded, clock.stalledMs)],
  });
  disk.start(NO_FAULTS);
  disk.makeFolder(PATHS.cycles);
  disk.start(faults);
  const champions = championKeeper({
    disk: troubled,
    plan,
    folder: '/loop',
    stateDir: PATHS.stateDir,
    cycles: PATHS.cycles,
    digest: (bytes) => String(crc32(bytes)),
  });
  const isRotating = seed % 3 === 0;
  try {
    const end = await run({
      plan,
      request: {
        run: `run-${life}`,
        version: '0.0.0',
        failOn: plan.failOn,
        acceptConfig: wish.acceptConfig,
        machine: { memoryBytes: MEMORY_BYTES },
        nextFire: nextHalfHour,
        evaluate: expressions.holds,
      },
      world: {
        clock,
        disk: troubled,
        processes,
        inbox,
        hooks,
        guard,
        workTree,
        locks,
        champions,
        ...(cache && { cache }),
      },
      paths: PATHS,
      surroundings: {
        folder: '/loop',
        node: 'node',
        bin: 'gate-run',
        stateDir: '/state',
        cycles: PATHS.cycles,
      },
      views,
      lookForStop: () => stopFile.look(),
      ...(isRotating && { segmentBytes: SEGMENT_BYTES }),
    });
    broken.push(...valuesAgree(disk, PATHS.cycles, witness.recorded));
    if (processes.most > plan.jobs) broken.push(`${processes.most} processes at once, ${plan.jobs} allowed`);
    if ('progress' in end && !end.failure && processes.running.length > 0)
      broken.push('a run ended while its attempts ran');
    if ('damaged' in end) return lived('damaged');
    if ('changedSince' in end) return lived('refused');
    return lived('progress' in end && end.failure === undefined ? 'over' : 'storage');
  } catch (error) {
    if (error instanceof Crash) return lived('crash');
    broken.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return lived('over');
  }
}

function die(): never {
  throw new Crash();
}

/** Whoever reads the ledger beside the living run sees the very state that the run has. */
function seenBy(disk: SimulatedDisk, { live: known, isBehind }: Witness): readonly string[] {
  const state = readState(disk, PATHS);
  if (!('progress' in state)) return [`an onlooker found ${JSON.stringify(state)}`];
  if (known === undefined || isBehind || state.torn.length > 0) return [];
  if (shown(state.progress) === shown(known)) return [];
  return [`an onlooker saw another state than the run has: ${difference(state.progress, known)}`];
}

/** Sees what the engine acknowledges. */
class Witness implements View {
  readonly recorded: Recorded[] = [];
  live: Progress | undefined;
  /** The storage failed: what the engine knows is no longer what the files hold. */
  isBehind = false;

  see(event: Recorded, progress: Progress): void {
    if (event.type === 'storage.failed') {
      this.isBehind = true;
      return;
    }
    this.recorded.push(event);
    this.live = progress;
  }

  close(): void {}
}

/** Views do fail; a night's run must not. */
function throwing(noise: Dice): View {
  const on: Event['type'] = noise.pick(['cycle.started', 'cycle.ended', 'run.ended', 'attempt.ended']);
  return {
    see({ type }) {
      if (type === on) throw new Error('a view that fails');
    },
    close() {},
  };
}
