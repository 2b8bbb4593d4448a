// The real processes: tasks through one lean door, conditions, and the end of whatever a run has started.

import { openSync } from 'node:fs';
import type { AttemptRef } from '../core/cycle/event.ts';
import type { Ask } from '../core/plan/plan.ts';
import type { StopCause } from '../core/judge/evidence.ts';
import type { Secret } from '../core/judge/redact.ts';
import type { RungGlance } from '../core/judge/rung.ts';
import { withheldNames } from '../core/plan/passing.ts';
import type { SimsOrder } from '../core/plan/sims-order.ts';
import type { Clock, Inbox, Order, Processes } from '../ports.ts';
import { Attempt, type Workshop } from './attempt.ts';
import { environments, type Environment } from './environment.ts';
import type { RungAttempt } from './ladder/rung-attempt.ts';
import { logShelf } from './log.ts';
import { markOf } from './marks.ts';
import { fifoShelf } from './pump.ts';
import { watchOom } from './oom.ts';
import { endStrays } from './strays.ts';
import { NO_LIMITS, type Limits } from './limits/no-limits.ts';
import type { Units } from './units/units.ts';
import { sampleUsage } from './usage/sampler.ts';
import { watchAttempts } from './watch.ts';
import type { TreeKeeper } from './writes/keeper.ts';
import type { WatchedAttempt } from './writes/watched.ts';

export interface ProcessOptions {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Values that must not reach a log. */
  readonly secrets: readonly Secret[];
  /** Names that do not pass to tasks unless `pass` lists them. */
  readonly isHidden: (name: string) => boolean;
  /** The config's folder: conditions are relative to it. */
  readonly folder: string;
  readonly units: Units;
  /** Absent: no task has limits. */
  readonly limits?: Limits;
}

export interface RealProcesses extends Processes {
  /** How a rung under way stands; undefined for every other attempt. */
  glance(ref: AttemptRef): RungGlance | undefined;
  /** A hook of this run is started: what it leaves behind is looked for as well. */
  startsBeside(run: string): void;
  /** Ends what escaped from attempts that are over. How many had escaped. */
  endEscaped(): number;
  /** Ends at once whatever still runs or has escaped, and removes what was kept for a next attempt. How many had escaped. */
  close(): number;
}

/** An attempt, or a rung with many simulations, while it lives. */
interface UnderWay {
  readonly env: Environment;
  readonly group: number;
  start(): unknown;
  signal(signal: 'SIGTERM' | 'SIGKILL', cause?: StopCause): void;
  glance?(): RungGlance | undefined;
}

/** A run no longer than this cannot have used up all process ids; so younger ones than its first are all that count. */
const SHORT_RUN_MS = 500;
/** While attempts run, those that escaped from finished ones are looked for this often. */
const STRAY_LOOK_MS = 10_000;

export function realProcesses(options: ProcessOptions): RealProcesses {
  const { inbox, clock } = options;
  const running = new Map<string, UnderWay>();
  const first = { pid: 0, mono: 0, run: '' };
  const shop = workshop(options);
  let keeper: TreeKeeper | undefined;
  // Loaded on call: few tasks have `writes`.
  const trees = async (): Promise<TreeKeeper> => {
    const { TreeKeeper } = await import('./writes/keeper.ts');
    keeper ??= new TreeKeeper(shop);
    return keeper;
  };
  let lookedAt = clock.now().mono;
  /** Nothing was started since the last thorough look. */
  let isSearched = false;
  let hasBeside = false;
  const endEscaped = (all: boolean): number => {
    if (first.run === '' || isSearched) return 0;
    isSearched = all && running.size === 0;
    const alive = new Set([...running.values()].map(({ env }) => markOf(env)));
    const isShort = !hasBeside && clock.now().mono - first.mono < SHORT_RUN_MS;
    return endStrays({
      run: first.run,
      alive: (mark) => alive.has(mark),
      from: isShort ? first.pid : 0,
      quick: isShort || !all,
    });
  };
  const lookForEscaped = (): void => {
    const { mono } = clock.now();
    if (mono - lookedAt < STRAY_LOOK_MS) return;
    lookedAt = mono;
    endEscaped(false);
  };
  return {
    start: (order) => {
      const key = keyOf(order.ref);
      const over = (): void => {
        running.delete(key);
        lookForEscaped();
      };
      const make = (inner: Workshop, done: () => void): UnderWay =>
        hasSims(order) ? lateRung(inner, order, done) : new Attempt(inner, order, done);
      const attempt = order.tree ? lateWatched({ shop, order, over, make, trees }) : make(shop, over);
      running.set(key, attempt);
      isSearched = false;
      attempt.start();
      if (first.pid !== 0) return;
      first.pid = attempt.group || process.pid;
      first.mono = clock.now().mono;
      first.run = attempt.env['GATE_RUN'] ?? '';
    },
    undo: (ref) => void trees().then((keeper) => keeper.undo(ref)),
    forget: (task) => keeper?.forget(task),
    signal: (ref, signal, cause) =>
      running.get(keyOf(ref))?.signal(signal === 'TERM' ? 'SIGTERM' : 'SIGKILL', cause),
    ask: (task, asks, seen) => void tell(task, asks, seen, options, inbox),
    glance: (ref) => running.get(keyOf(ref))?.glance?.(),
    startsBeside: (run) => {
      hasBeside = true;
      isSearched = false;
      if (first.run === '') first.run = run;
    },
    endEscaped: () => endEscaped(true),
    close: () => {
      for (const attempt of running.values()) attempt.signal('SIGKILL');
      const escaped = endEscaped(true);
      keeper?.close();
      shop.logs.clear();
      shop.fifos.clear();
      return escaped;
    },
  };
}

type SimsAttempt = Order & { readonly sims: SimsOrder };

function hasSims(order: Order): order is SimsAttempt {
  return order.sims !== undefined;
}

/** Loaded on call: few plans have a ladder whose simulations gate-run runs itself. */
function lateRung(shop: Workshop, order: SimsAttempt, over: () => void): UnderWay {
  let rung: RungAttempt | undefined;
  let signalled:
    | { readonly signal: 'SIGTERM' | 'SIGKILL'; readonly cause: StopCause | undefined }
    | undefined;
  return {
    env: shop.environmentOf(order),
    group: 0,
    start: async () => {
      const { RungAttempt } = await import('./ladder/rung-attempt.ts');
      rung = new RungAttempt(shop, order, over);
      if (signalled) rung.signal(signalled.signal, signalled.cause);
      await rung.start();
    },
    signal: (signal, cause) => {
      signalled = { signal, cause };
      rung?.signal(signal, cause);
    },
    glance: () => rung?.glance(),
  };
}

interface LateWatched {
  readonly shop: Workshop;
  readonly order: Order;
  readonly over: () => void;
  readonly make: (shop: Workshop, over: () => void) => UnderWay;
  readonly trees: () => Promise<TreeKeeper>;
}

function lateWatched({ shop, order, over, make, trees }: LateWatched): UnderWay {
  let watched: WatchedAttempt | undefined;
  let inner: UnderWay | undefined;
  let signalled: 'SIGTERM' | 'SIGKILL' | undefined;
  return {
    env: shop.environmentOf(order),
    get group() {
      return inner?.group ?? 0;
    },
    start: async () => {
      const { tree } = order;
      if (!tree) return;
      const [keeper, { WatchedAttempt }] = await Promise.all([trees(), import('./writes/watched.ts')]);
      watched = new WatchedAttempt({
        shop,
        order,
        tree,
        keeper,
        over,
        make: (inbox, done) => {
          inner = make({ ...shop, inbox }, done);
          return inner;
        },
      });
      // Before its command: it only has to know that it must not begin.
      if (signalled) watched.signal(signalled, undefined);
      await watched.start();
    },
    signal: (signal, cause) => {
      signalled = signal;
      watched?.signal(signal, cause);
    },
    glance: () => inner?.glance?.(),
  };
}

function workshop({
  inbox,
  clock,
  env,
  secrets,
  isHidden,
  units,
  limits = NO_LIMITS,
}: ProcessOptions): Workshop {
  return {
    inbox,
    clock,
    secrets,
    logs: logShelf(),
    fifos: fifoShelf(),
    watch: watchAttempts(clock),
    oom: watchOom(),
    usage: sampleUsage({ clock, secrets }),
    units,
    limits,
    nothing: openSync('/dev/null', 'r'),
    environmentOf: environments(env, { isHidden, secrets }),
    withheldFrom: ({ pass }) => withheldNames(env, pass, isHidden),
  };
}

async function tell(
  task: string,
  asks: readonly Ask[],
  seen: string | undefined,
  { folder, env }: ProcessOptions,
  inbox: Inbox,
): Promise<void> {
  try {
    // Loaded on call: few tasks have conditions, and summing files needs a library of its own.
    const { answer } = await import('./asks.ts');
    inbox.put(await answer(task, asks, { folder, path: env['PATH'], seen }));
  } catch {
    // A condition that cannot be asked must not keep a task from running.
    inbox.put({ type: 'task.answered', task });
  }
}

function keyOf({ task, rung, attempt }: AttemptRef): string {
  return `${task} ${rung ?? ''} ${attempt}`;
}
