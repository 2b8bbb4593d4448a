// A scripted scene: a plan, what each attempt does, and the events that the real engine made of it.

import type { Condition } from '../../src/core/plan/ends-plan.ts';
import { expressions } from '../../src/core/expression.ts';
import type { AttemptRef } from '../../src/core/cycle/event.ts';
import type { CycleEnded, Event, Machine, Recorded } from '../../src/core/loop/event.ts';
import type { ProcessEnd, Reading } from '../../src/core/judge/evidence.ts';
import type { SeedOutcome } from '../../src/core/judge/line.ts';
import type { SimsEvidence } from '../../src/core/judge/sims.ts';
import type { SimsOrder } from '../../src/core/plan/sims-order.ts';
import type { AttemptUndone, Writes } from '../../src/core/writes/event.ts';
import type { Progress } from '../../src/core/loop/progress.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { crc32 } from '../../src/core/crc32.ts';
import { championKeeper, type ChampionKeeper } from '../../src/engine/champion.ts';
import { FactInbox } from '../../src/engine/inbox.ts';
import { run, type RunParts } from '../../src/engine/run.ts';
import type { Guard, Hooks, Locks, Order, Processes, WorkTree } from '../../src/ports.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { Crash, NO_FAULTS, SimulatedDisk, type DiskFaults } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { Rungs } from '../../src/simulation/rungs.ts';

export interface Act {
  /** By default exit 0. */
  readonly end?: ProcessEnd;
  /** By default 100; 'never': only a signal ends it. */
  readonly afterMs?: number | 'never';
  /** By default it dies 10 ms after TERM; 'ignored': only KILL ends it. */
  readonly term?: number | 'ignored';
  readonly quietAtMs?: readonly number[];
  readonly score?: number | Reading;
  /** What each simulation says as `score`, where gate-run runs them itself; 'fails': nothing. */
  readonly seeds?: (seed: number) => number | 'fails';
  /** Readings of other metrics, by name. */
  readonly readings?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** What it leaves in the folder of its cycle. */
  readonly writes?: Readonly<Record<string, string>>;
  readonly oomKills?: number;
  /** What it changed of the tree, where its task has `writes`; absent: nobody looked. */
  readonly wrote?: Writes;
}

export interface Scene {
  /** How long each hook takes; it hears no signal. */
  readonly hookMs?: number;
  /** By task, by `task/cycle`, by `task@folder` of its turn, by `task.attempt`, or by `task.rung.attempt`; the most exact one counts. */
  readonly acts?: Readonly<Record<string, Act>>;
  readonly unmet?: Readonly<Record<string, string>>;
  /** Facts from outside, by the millisecond in which they come. */
  readonly facts?: readonly (readonly [atMs: number, fact: Event])[];
  readonly disk?: SimulatedDisk;
  readonly faults?: DiskFaults;
  readonly run?: string;
  readonly acceptConfig?: boolean;
  /** Looks after protected files; without one nothing of them ever changes. */
  readonly guard?: (inbox: FactInbox) => Guard;
  readonly workTree?: (inbox: FactInbox) => WorkTree;
  /** Who gives locks; without it every task has them at once. */
  readonly locks?: (inbox: FactInbox, clock: VirtualClock) => Locks;
  /** What the start found of the machine. */
  readonly machine?: Machine;
  /** What comes of putting back what a task wrote; by default all of it is. */
  readonly undone?: Pick<AttemptUndone, 'files' | 'left'>;
  readonly nextFire?: (wall: number) => number;
  /** When this life begins. */
  readonly wall?: number;
  /** When the wall clock is set, and by how much. */
  readonly walls?: readonly (readonly [atMs: number, byMs: number])[];
}

export interface Played {
  readonly events: readonly Recorded[];
  readonly disk: SimulatedDisk;
  readonly clock: VirtualClock;
  readonly exit: number | undefined;
  readonly failure: string | undefined;
  readonly progress: Progress | undefined;
  /** `task`, `task#2`, `task@100` in the order in which they were started. */
  readonly started: readonly string[];
  /** By task. */
  readonly verdicts: Readonly<Record<string, string>>;
  readonly cycle: CycleEnded | undefined;
}

export async function play(plan: Plan, scene: Scene = {}): Promise<Played> {
  const clock = new VirtualClock(scene.wall);
  const inbox = new FactInbox(() => clock.wake());
  const disk = scene.disk ?? new SimulatedDisk(new Dice(1));
  disk.start(NO_FAULTS);
  disk.makeFolder(plan.state.cycles);
  disk.start(scene.faults ?? NO_FAULTS);
  for (const [at, fact] of scene.facts ?? []) clock.in(at, () => inbox.put(fact));
  for (const [at, by] of scene.walls ?? []) clock.in(at, () => clock.setWall(by));
  const events: Recorded[] = [];
  const hooks: Hooks = {
    start: ({ nth, hook }) => {
      const durationMs = scene.hookMs ?? 10;
      clock.in(durationMs, () =>
        inbox.put({ type: 'hook.ended', nth, hook, how: 'exited', code: 0, durationMs }),
      );
    },
    stop: () => undefined,
  };
  const end = await runUntilCrash({
    plan,
    request: {
      run: scene.run ?? 'run-1',
      version: '0.0.0',
      failOn: plan.failOn,
      ...(scene.acceptConfig !== undefined && { acceptConfig: scene.acceptConfig }),
      ...(scene.nextFire && { nextFire: scene.nextFire }),
      ...(scene.machine && { machine: scene.machine }),
      evaluate: expressions.holds,
    },
    world: {
      clock,
      disk,
      inbox,
      processes: new ActedProcesses({ clock, inbox, scene, disk }),
      hooks,
      champions: keeperOn(disk, plan),
      ...(scene.guard && { guard: scene.guard(inbox) }),
      ...(scene.locks && { locks: scene.locks(inbox, clock) }),
      ...(scene.workTree && { workTree: scene.workTree(inbox) }),
    },
    paths: { history: plan.state.history, cycles: plan.state.cycles },
    surroundings: {
      folder: '/loop',
      stateDir: plan.state.dir,
      cycles: plan.state.cycles,
      node: 'node',
      bin: 'gate-run',
    },
    views: [{ see: (event) => void events.push(event), close: () => undefined }],
  });
  const cycle = events.findLast(
    (event): event is Recorded<CycleEnded> => event.type === 'cycle.ended' && event.turn === 'cycle',
  );
  const progress = 'progress' in end ? end.progress : undefined;
  return {
    events,
    disk,
    clock,
    progress,
    exit: progress?.run?.ended?.exit,
    failure:
      'failure' in end
        ? end.failure?.failed
        : 'changedSince' in end
          ? `changed since ${end.changedSince}`
          : 'failed' in end
            ? end.failed
            : 'damaged' in end
              ? 'damaged'
              : undefined,
    started: events.flatMap((event) => (event.type === 'attempt.started' ? [nameOf(event)] : [])),
    verdicts: Object.fromEntries((cycle?.tasks ?? []).map((task) => [task.id, task.verdict])),
    cycle,
  };
}

/** A crash is an end of the life like any other; what was recorded so far has been seen. */
async function runUntilCrash(parts: RunParts): Promise<Awaited<ReturnType<typeof run>>> {
  try {
    return await run(parts);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { failed: 'crash', what: 'the process is gone' };
  }
}

function nameOf({ task, rung, attempt }: AttemptRef): string {
  return `${task}${rung === undefined ? '' : `@${rung}`}${attempt > 1 ? `#${attempt}` : ''}`;
}

function keeperOn(disk: SimulatedDisk, plan: Plan): ChampionKeeper {
  const { dir: stateDir, cycles } = plan.state;
  return championKeeper({
    disk,
    plan,
    folder: '/loop',
    stateDir,
    cycles,
    digest: (bytes) => String(crc32(bytes)),
  });
}

class ActedProcesses implements Processes {
  readonly #clock: VirtualClock;
  readonly #inbox: FactInbox;
  readonly #scene: Scene;
  readonly #disk: SimulatedDisk;
  readonly #living = new Map<string, { order: Order; act: Act; at: number }>();

  constructor({
    clock,
    inbox,
    scene,
    disk,
  }: {
    clock: VirtualClock;
    inbox: FactInbox;
    scene: Scene;
    disk: SimulatedDisk;
  }) {
    this.#clock = clock;
    this.#inbox = inbox;
    this.#scene = scene;
    this.#disk = disk;
  }

  start(order: Order): void {
    const { task, rung, attempt } = order.ref;
    const acts = this.#scene.acts ?? {};
    const cycle = order.env['GATE_CYCLE'];
    const folder = order.log.split('/').at(-2);
    const named = [
      `${task}@${folder}`,
      `${task}.${rung}.${attempt}`,
      `${task}.${attempt}`,
      `${task}/${cycle}`,
      task,
    ];
    const act = named.map((name) => acts[name]).find((one) => one !== undefined) ?? {};
    this.#living.set(task, { order, act, at: this.#clock.now().mono });
    if (act.afterMs !== 'never') this.#end(order, act.end ?? { code: 0 }, act.afterMs ?? 100);
    for (const quietMs of act.quietAtMs ?? []) {
      this.#clock.in(quietMs, () => this.#inbox.put({ type: 'attempt.quiet', ...order.ref, quietMs }));
    }
  }

  signal({ task }: AttemptRef, signal: 'TERM' | 'KILL'): void {
    const living = this.#living.get(task);
    if (!living) return;
    const term = living.act.term ?? 10;
    if (signal === 'KILL') this.#end(living.order, { signal: 'SIGKILL' }, 1);
    else if (term !== 'ignored') this.#end(living.order, { signal: 'SIGTERM' }, term);
  }

  undo(ref: AttemptRef): void {
    const { files, left } = this.#scene.undone ?? { files: 1 };
    this.#clock.in(20, () => {
      this.#inbox.put({ type: 'attempt.undone', ...ref, files, ...(left && { left }) });
    });
  }

  forget(): void {
    // Nothing is kept of a tree that is not there.
  }

  ask(task: string): void {
    const unmet = this.#scene.unmet?.[task];
    this.#clock.in(1, () =>
      this.#inbox.put({ type: 'task.answered', task, ...(unmet !== undefined && { unmet }) }),
    );
  }

  #sims(sims: SimsOrder, { seeds = () => 0 }: Act): SimsEvidence {
    const outcomeOf = (seed: number): SeedOutcome => {
      const score = seeds(seed);
      return score === 'fails' ? { failed: 'it said nothing' } : { values: { score } };
    };
    const played = new Rungs(this.#disk).play({ sims, outcomeOf, most: sims.planned });
    if ('storage' in played) throw new Error('the values of a scene could not be kept');
    return played;
  }

  #end(order: Order, end: ProcessEnd, afterMs: number): void {
    this.#clock.in(afterMs, () => {
      const living = this.#living.get(order.ref.task);
      if (living?.order !== order) return;
      this.#living.delete(order.ref.task);
      const { score, wrote, writes = {} } = living.act;
      const folder = order.log.slice(0, order.log.lastIndexOf('/'));
      for (const [name, text] of Object.entries(writes))
        this.#disk.replace(
          name.startsWith('/') ? name : `${folder}/${name}`,
          new TextEncoder().encode(text),
          true,
        );
      const reading = typeof score === 'number' ? { value: score } : score;
      const { readings = {}, labels = {}, oomKills } = living.act;
      const told = Object.fromEntries(Object.entries(readings).map(([name, value]) => [name, { value }]));
      const metrics = { ...told, ...(reading !== undefined && { score: reading }) };
      const evidence = Object.fromEntries(order.read.map(({ task }) => [task, { metrics, labels }]));
      this.#inbox.put({
        type: 'attempt.ended',
        ...order.ref,
        end,
        durationMs: this.#clock.now().mono - living.at,
        bytes: 0,
        ...(oomKills !== undefined && { oomKills }),
        ...(order.tree && wrote && { writes: wrote }),
        ...(order.sims ? { sims: this.#sims(order.sims, living.act) } : { evidence }),
      });
    });
  }
}

/** A budget of so many cycles. */
export function afterCycles(cycles: number): Condition {
  return {
    name: 'cycles',
    measure: { kind: 'cycles' },
    operator: '>=',
    value: cycles,
    over: undefined,
    text: `>= ${cycles}`,
  };
}
