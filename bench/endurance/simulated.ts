// A run of no-op cycles by the engine in the simulated world: nothing but its own work and its own memory are left.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import type { ConfigFile } from '../../src/core/config/config.ts';
import { NO_FLAGS } from '../../src/core/plan/flags.ts';
import { makePlan } from '../../src/core/plan/make.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { FactInbox } from '../../src/engine/inbox.ts';
import { run } from '../../src/engine/run.ts';
import type { Appender, Disk, Order, Processes, View } from '../../src/ports.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { median } from './figures.ts';
import { configOf } from './live.ts';

export interface Stage {
  readonly cycle: number;
  readonly heapMb: number;
  readonly cycleMs: number;
}

export interface Simulated {
  readonly cycles: number;
  readonly counted: number;
  readonly seconds: number;
  readonly stages: readonly Stage[];
}

const STAGES = 20;
/** Of the heap and of the time, from the first quarter to the last. */
const HEAP_GROWTH_MB = 1;
const TIME_GROWTH = 1.25;
/** Of so few cycles a stage is over in some milliseconds, and one collection more or less is seen in it. */
const FEW_CYCLES = 100_000;
const TIME_GROWTH_OF_FEW = 2;

export async function simulate(cycles: number): Promise<Simulated> {
  const plan = planOf(cycles);
  const clock = new VirtualClock();
  const inbox = new FactInbox(() => clock.wake());
  const stages: Stage[] = [];
  const from = performance.now();
  const end = await run({
    plan,
    request: { run: 'run-1', version: '0.0.0', failOn: undefined },
    world: { clock, inbox, disk: forgetful(), processes: endingAtOnce(clock, inbox) },
    paths: { history: '/loop/history.jsonl', cycles: '/loop/cycles', stateDir: '/loop' },
    surroundings: {
      folder: '/loop',
      stateDir: '/loop',
      cycles: '/loop/cycles',
      node: 'node',
      bin: 'gate-run',
    },
    views: [watching(stages, Math.max(1, Math.floor(cycles / STAGES)))],
  });
  const counted = 'progress' in end ? (end.progress.run?.cycles ?? 0) : 0;
  return { cycles, counted, seconds: (performance.now() - from) / 1000, stages };
}

/** In words; empty when nothing grows. The first stage warms up. */
export function grown({ cycles, counted, stages }: Simulated): readonly string[] {
  const { heap, time } = course(stages);
  const growth = cycles < FEW_CYCLES ? TIME_GROWTH_OF_FEW : TIME_GROWTH;
  return [
    ...(counted === cycles ? [] : [`${counted} cycles were counted, wanted ${cycles}`]),
    ...(heap.late - heap.early <= HEAP_GROWTH_MB
      ? []
      : [`the heap went from ${heap.early} to ${heap.late} MB`]),
    ...(time.late <= time.early * growth ? [] : [`a cycle went from ${time.early} to ${time.late} ms`]),
  ];
}

/** One line: what `npm run prove` shows. */
export function lineOfSimulated({ cycles, seconds, stages }: Simulated): string {
  const { heap, time } = course(stages);
  return (
    `${cycles} simulated cycles in ${seconds.toFixed(0)} s: ${time.early.toFixed(3)} ms of CPU a cycle early, ${time.late.toFixed(3)} late; ` +
    `heap after collection ${heap.early.toFixed(1)} MB early, ${heap.late.toFixed(1)} late`
  );
}

function course(stages: readonly Stage[]) {
  const quarter = Math.ceil((stages.length - 1) / 4);
  const middles = (of: (stage: Stage) => number) => ({
    early: median(stages.slice(1, 1 + quarter).map(of)),
    late: median(stages.slice(-quarter).map(of)),
  });
  return { heap: middles(({ heapMb }) => heapMb), time: middles(({ cycleMs }) => cycleMs) };
}

function planOf(cycles: number): Plan {
  const config: ConfigFile = parse(configOf(cycles));
  const flags = { ...NO_FLAGS, continuous: true };
  const made = makePlan({ config, gates: new Map(), flags, env: {}, cores: 2 });
  if (made.problems) throw new Error(`no plan: ${made.problems.map(({ message }) => message).join('; ')}`);
  return made.value;
}

function watching(stages: Stage[], every: number): View {
  const collect = collector();
  let since = process.cpuUsage();
  let cycles = 0;
  return {
    see: ({ type }) => {
      if (type !== 'cycle.ended') return;
      cycles += 1;
      if (cycles % every !== 0) return;
      // CPU time: whatever else the machine does is no growth of ours.
      const { user, system } = process.cpuUsage(since);
      const cycleMs = (user + system) / 1000 / every;
      collect();
      stages.push({ cycle: cycles, cycleMs, heapMb: process.memoryUsage().heapUsed / 2 ** 20 });
      since = process.cpuUsage();
    },
    close: () => undefined,
  };
}

/** Node gives the call away only under a flag, which may be set late. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  return () => {
    if (typeof found === 'function') found();
  };
}

function endingAtOnce(clock: VirtualClock, inbox: FactInbox): Processes {
  return {
    start: ({ ref }: Order) =>
      clock.in(1, () => {
        inbox.put({ type: 'attempt.ended', ...ref, end: { code: 0 }, durationMs: 1, bytes: 0, log: 'none' });
      }),
    signal: () => undefined,
    undo: () => undefined,
    forget: () => undefined,
    ask: () => undefined,
  };
}

/** Takes everything and keeps nothing: a disk in memory would be all that grows. */
function forgetful(): Disk {
  return {
    append: appender,
    read: () => undefined,
    readFrom: () => undefined,
    size: () => undefined,
    list: () => [],
    look: () => undefined,
    point: () => undefined,
    makeFolder: () => undefined,
    truncate: () => undefined,
    replace: () => undefined,
    rename: () => undefined,
    remove: () => undefined,
    syncFolder: () => undefined,
    removeFolder: () => undefined,
    weigh: () => 0,
  };
}

function appender(path: string): Appender {
  return {
    path,
    write: (bytes) => bytes.length,
    sync: () => undefined,
    syncLater: async () => undefined,
    close: () => undefined,
  };
}
