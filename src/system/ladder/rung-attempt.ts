// The attempt of a rung whose simulations gate-run runs itself: lanes side by side, one log, one fact at the end.

import type { AttemptEnded } from '../../core/cycle/event.ts';
import type { ProcessEnd, StopCause } from '../../core/judge/evidence.ts';
import { redactText } from '../../core/judge/redact-text.ts';
import { watchRung } from '../../core/judge/rung-watch.ts';
import { Rung, type RungGlance } from '../../core/judge/rung.ts';
import type { SimsEvidence } from '../../core/judge/sims.ts';
import type { SimsOrder } from '../../core/plan/sims-order.ts';
import type { SeenUsage } from '../../core/usage/forensics.ts';
import type { Order } from '../../ports.ts';
import type { Workshop } from '../attempt.ts';
import type { Environment } from '../environment.ts';
import { errorCode, UNKNOWN_CODE } from '../files.ts';
import { isBelowFloor } from '../floor.ts';
import type { AttemptLog } from '../log.ts';
import { smallestOf } from '../memory-limit.ts';
import { settle } from '../settle.ts';
import { endUnit, knownBy } from '../units/unit.ts';
import type { Watched } from '../watch.ts';
import { Room, sizeOf } from './room.ts';
import { RungLog } from './rung-log.ts';
import { seedLane } from './seed-lane.ts';
import { knownBefore, writeValues } from './values.ts';
import { workerLane } from './worker-lane.ts';

export class RungAttempt implements Watched {
  readonly order: Order;
  readonly env: Environment;
  readonly group: number = 0;
  readonly #shop: Workshop;
  readonly #sims: SimsOrder;
  readonly #over: () => void;
  #startedMono = 0;
  #room: Room | undefined;
  #usage: SeenUsage | undefined;
  #refused: readonly string[] = [];
  /** gate-run itself made it end. */
  wasSignalled = false;
  /** Why that was. */
  stopped: StopCause | undefined;
  #signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM';
  /** Why its output could not be kept. */
  storage: string | undefined;

  /** `over` is called once, as soon as the last fact is in the inbox. */
  constructor(shop: Workshop, order: Order & { readonly sims: SimsOrder }, over: () => void) {
    this.#shop = shop;
    this.#sims = order.sims;
    this.#over = over;
    this.order = order;
    this.env = shop.environmentOf(order);
  }

  async start(): Promise<void> {
    const { clock, logs, watch, usage, secrets } = this.#shop;
    this.#startedMono = clock.now().mono;
    const header = redactText(this.order.header, secrets);
    const log = isBelowFloor(this.order.log) ? 'ENOSPC' : logs.open(this.order.log, header, false);
    if (log === 'ENOSPC' || 'failed' in log) {
      this.storage = log === 'ENOSPC' ? log : log.failed;
      await this.#end(undefined, undefined);
      return;
    }
    const room = this.#enter(log);
    this.#room = room;
    watch.add(this);
    const measuring = usage.begin({
      log: this.order.log,
      known: () => knownBy(room.unit, this.#leaders()),
      isSteady: this.#sims.per === 'worker',
    });
    const lane = this.#sims.per === 'worker' ? workerLane : seedLane;
    const lanes = Math.min(this.#sims.lanes, this.#sims.planned);
    await Promise.all(Array.from({ length: lanes }, () => lane(room)));
    watch.remove(this);
    await this.#empty(room);
    this.#usage = measuring.end();
    await this.#end(room, log);
  }

  signal(signal: 'SIGTERM' | 'SIGKILL', cause?: StopCause): void {
    this.wasSignalled = true;
    this.stopped ??= cause;
    this.#signal = signal;
    const room = this.#room;
    if (!room) return;
    room.isStopped = true;
    for (const simulation of room.live.keys()) simulation.signal(signal);
  }

  groups(): readonly number[] {
    return this.#leaders().flatMap((leader) => this.#room?.unit.groups?.(leader) ?? [leader]);
  }

  #leaders(): readonly number[] {
    return [...(this.#room?.live.keys() ?? [])].map(({ group }) => group);
  }

  /** Not only bytes: whatever is done is a sign of life. */
  size(): number {
    const live = [...(this.#room?.live.values() ?? [])].reduce(
      (sum, scratches) => sum + sizeOf(scratches),
      0,
    );
    return live + (this.#room?.signs ?? 0);
  }

  quiet(quietMs: number): void {
    this.#shop.inbox.put({ type: 'attempt.quiet', ...this.ref(), quietMs });
  }

  /** Too much output is the fault of one simulation, and ends that one; a full disk ends them all. */
  overflow(code: string): void {
    if (code === 'EFBIG') {
      this.#room?.endLoudest();
      return;
    }
    this.storage ??= code;
    this.#room?.refuse({ storage: this.storage });
  }

  ref(): Pick<AttemptEnded, 'task' | 'rung' | 'attempt'> {
    const { task, rung, attempt } = this.order.ref;
    return { task, ...(rung !== undefined && { rung }), attempt };
  }

  glance(): RungGlance | undefined {
    return this.#room?.rung.glance();
  }

  /** What its simulations left behind, beyond their own groups. */
  async #empty(room: Room): Promise<void> {
    const { unit } = room;
    if (!unit.isGone(0)) {
      const { killAfterMs } = this.order;
      const { leftBehind, unkillable } = await endUnit(unit, 0, { killAfterMs, clock: this.#shop.clock });
      room.leftBehind += leftBehind;
      room.unkillable += unkillable;
    }
    // Of all that it has started, each simulation counted once.
    room.oomKills = unit.oomKills() ?? room.oomKills;
    room.leftBehind += unit.leftBehind();
    this.#refused = unit.refused?.() ?? [];
    unit.close();
  }

  #enter(log: AttemptLog): Room {
    const sims = this.#sims;
    const { base, planned, mayFail, metrics, confidence, isTop, rival } = sims;
    const known = knownBefore(sims);
    if (known === 'changed') {
      const what = `${sims.file} is not as the rung before left it, so its seeds are run again`;
      this.#shop.inbox.put({ type: 'noted', what });
    }
    const rung = new Rung({
      base,
      planned,
      mayFail,
      metrics,
      confidence,
      endsAbove: !isTop,
      known: known === 'changed' ? new Map() : known,
      watch: confidence === undefined ? undefined : watchRung({ ...sims, confidence }),
      rival,
    });
    const unit = this.#shop.limits.hold(this.#shop.units.unit(this.order), this.order.limits);
    const { secrets } = this.#shop;
    const rungLog = new RungLog(log, {
      limitBytes: this.order.logLimitBytes,
      planned,
      failed: (code) => this.overflow(code),
      redact: (text) => redactText(text, secrets),
    });
    const room = new Room({ order: this.order, sims, shop: this.#shop, rung, log: rungLog, unit });
    room.isStopped = this.wasSignalled;
    return room;
  }

  withheld(): readonly string[] {
    return this.#shop.withheldFrom(this.order);
  }

  async #end(room: Room | undefined, log: AttemptLog | undefined): Promise<void> {
    const { inbox } = this.#shop;
    const sims = room && this.#evidence(room);
    const ended = await this.#settled(room, log, sims);
    inbox.put(ended);
    if ('storage' in ended.end) inbox.put({ type: 'stop.seen', by: 'storage', now: true });
    this.#over();
  }

  #evidence(room: Room): SimsEvidence | undefined {
    const known = room.rung.known();
    if (known.size === 0) return room.rung.evidence();
    const values = writeValues(this.#sims.file, known);
    if (!('failed' in values)) return { ...room.rung.evidence(), values };
    this.storage ??= values.failed;
    return undefined;
  }

  async #settled(
    room: Room | undefined,
    log: AttemptLog | undefined,
    sims: SimsEvidence | undefined,
  ): Promise<AttemptEnded> {
    const { clock, logs, oom, secrets } = this.#shop;
    const hasFailed = sims !== undefined && sims.failed > sims.mayFail;
    const durationMs = Math.round(clock.now().mono - this.#startedMono);
    const end = this.#processEnd(room);
    const streams = log && { ...NO_STREAMS, log };
    const group = { leftBehind: room?.leftBehind ?? 0, unkillable: room?.unkillable ?? 0 };
    // Of those among the others that may fail, nobody has to be told.
    const oomKills = hasFailed ? (room?.oomKills ?? 0) : 0;
    const usage = this.#usage;
    const limitBytes = () => smallestOf(this.order.limits?.memoryBytes, oom.limitBytes());
    const seen = { durationMs, oomKills, refused: this.#refused, usage, limitBytes, secrets };
    const remains = { end, group, clock, logs, streams, before: undefined, ...seen };
    const ended = await settle(this, remains).catch((error: unknown) => this.#unsettled(error, durationMs));
    const excerpt = room?.excerpt ?? ended.excerpt;
    const cpuMs = this.#sims.per === 'worker' ? ended.cpuMs : room?.cpuMs;
    return {
      ...ended,
      ...(sims && { sims }),
      ...(cpuMs !== undefined && { cpuMs }),
      ...(excerpt !== undefined && (hasFailed || ended.excerpt !== undefined) && { excerpt }),
    };
  }

  #processEnd(room: Room | undefined): ProcessEnd {
    if (this.storage !== undefined) return { storage: this.storage };
    if (room?.refusal) return room.refusal;
    return this.wasSignalled && room?.rung.end() === undefined ? { signal: this.#signal } : { code: 0 };
  }

  #unsettled(error: unknown, durationMs: number): AttemptEnded {
    const storage = errorCode(error);
    if (storage === UNKNOWN_CODE) throw error;
    return { type: 'attempt.ended', ...this.ref(), end: { storage }, durationMs, bytes: 0 };
  }
}

const NO_STREAMS = {
  stdio: [0, 0, 0],
  errorLog: undefined,
  pumps: [],
  started: () => undefined,
} as const;
