// One attempt while it lives: starts its command, tells the watch about it, brings its group to an end, reports that once.

import type { AttemptEnded, AttemptRef } from '../core/cycle/event.ts';
import type { ProcessEnd, StopCause } from '../core/judge/evidence.ts';
import { signalOf } from '../core/judge/outcome.ts';
import type { Secret } from '../core/judge/redact.ts';
import type { Clock, Inbox, Order } from '../ports.ts';
import type { Environment } from './environment.ts';
import { evidenceFiles } from './evidence.ts';
import { errorCode, UNKNOWN_CODE } from './files.ts';
import { lookBefore, type Before } from './freshness.ts';
import type { GroupEnd } from './group.ts';
import { launch, type Launch, type NotStarted } from './launch.ts';
import { sizeOf, type LogShelf } from './log.ts';
import type { FifoShelf } from './pump.ts';
import type { OomLook, OomWatch } from './oom.ts';
import { smallestOf } from './memory-limit.ts';
import { settle } from './settle.ts';
import { openStreams, type Streams } from './streams.ts';
import type { Limits } from './limits/no-limits.ts';
import { endUnit, knownBy, type TaskUnit } from './units/unit.ts';
import type { Units } from './units/units.ts';
import type { Measuring, Sampler } from './usage/sampler.ts';
import type { Watch, Watched } from './watch.ts';

/** What all attempts of a run share. */
export interface Workshop {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  readonly logs: LogShelf;
  readonly fifos: FifoShelf;
  readonly watch: Watch;
  readonly oom: OomWatch;
  readonly usage: Sampler;
  readonly units: Units;
  readonly limits: Limits;
  /** /dev/null, opened once. */
  readonly nothing: number;
  readonly environmentOf: (order: Pick<Order, 'pass' | 'env'>) => Environment;
  /** Hidden variables that are there and do not pass. */
  readonly withheldFrom: (order: Pick<Order, 'pass'>) => readonly string[];
}

const OUTGROWN = 'EFBIG';
/** After KILL the kernel may hold a process for longer than anybody should wait. */
const UNREAPED_MS = 5_000;
/**
 * Signals that ask a whole terminal or service to stop. An end by one of them that gate-run did not send is told so much later: the stop
 * that it belongs to may be on its way to gate-run still, and has to be there first.
 */
export const STOP_SIGNALS: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);
const HOLD_BACK_MS = 50;
const EMPTY: GroupEnd = { leftBehind: 0, unkillable: 0 };

export class Attempt implements Watched {
  readonly order: Order;
  readonly env: Environment;
  readonly #shop: Workshop;
  readonly #over: () => void;
  #streams: Streams | undefined;
  #before: Before | undefined;
  #startedMono = 0;
  #leaderIsGone = false;
  #oomLook: OomLook | undefined;
  #measuring: Measuring | undefined;
  #wasKilled = false;
  #unit: TaskUnit | undefined;
  /** How it was to end, last; one that came before the start is heard behind what the start needs. */
  #wish: 'SIGTERM' | 'SIGKILL' | undefined;
  /** The leader's process id; 0 before the start. */
  group = 0;
  /** gate-run itself made it end. */
  wasSignalled = false;
  /** Why that was, where somebody decided it. */
  stopped: StopCause | undefined;
  /** Why its output could not be kept. */
  storage: string | undefined;

  /** `over` is called once, as soon as the last fact is in the inbox, also when nothing could be started. */
  constructor(shop: Workshop, order: Order, over: () => void) {
    this.#shop = shop;
    this.#over = over;
    this.order = order;
    this.env = shop.environmentOf(order);
  }

  start(): void {
    const { clock } = this.#shop;
    this.#startedMono = clock.now().mono;
    const streams = this.#openStreams();
    if (!('stdio' in streams)) {
      void this.#end(streams, EMPTY);
      return;
    }
    this.#streams = streams;
    this.#before = lookBefore(evidenceFiles(this.order), () => clock.now());
    this.#startedMono = clock.now().mono;
    this.#oomLook = this.#shop.oom.begin();
    const unit = this.#shop.limits.hold(this.#shop.units.unit(this.order), this.order.limits);
    this.#unit = unit;
    const prepared = unit.prepare?.();
    if (prepared) void prepared.then((why) => this.#prepared(unit, streams, why));
    else this.#launch(unit, streams);
  }

  /** A stop may have come meanwhile. */
  #prepared(unit: TaskUnit, streams: Streams, why: NotStarted | undefined): void {
    if (why === undefined && this.#wish === undefined) {
      this.#startedMono = this.#shop.clock.now().mono;
      this.#launch(unit, streams);
      return;
    }
    streams.started();
    this.wasSignalled = this.#wish !== undefined;
    void this.#end(why ?? { signal: this.#wish ?? 'SIGTERM' }, EMPTY);
  }

  #launch(unit: TaskUnit, streams: Streams): void {
    const { watch, usage } = this.#shop;
    const wanted: Launch = {
      order: this.order,
      env: this.env,
      stdio: streams.stdio,
      exited: (end) => this.#leaderExited(end),
      refused: (why) => void this.#end(why, EMPTY),
    };
    const pid = unit.start(wanted, launch);
    streams.started();
    if (pid === undefined) return;
    this.group = pid;
    watch.add(this);
    this.#measuring = usage.begin({ log: this.order.log, known: () => knownBy(unit, [pid]), isSteady: true });
  }

  /** Silent when it is over already. */
  signal(signal: 'SIGTERM' | 'SIGKILL', cause?: StopCause): void {
    this.#wish = signal;
    this.stopped ??= cause;
    if (this.group === 0) return;
    // What it came to is to be seen while it is there.
    if (!this.wasSignalled) this.#measuring?.look();
    this.wasSignalled = true;
    this.#unit?.signal(this.group, signal);
    if (signal !== 'SIGKILL') return;
    this.#wasKilled = true;
    this.#doNotWaitForever();
  }

  size(): number {
    const streams = this.#streams;
    if (streams === undefined) return 0;
    return sizeOf(streams.log) + (streams.errorLog === undefined ? 0 : sizeOf(streams.errorLog));
  }

  groups(): readonly number[] {
    return this.#unit?.groups?.(this.group) ?? [this.group];
  }

  quiet(quietMs: number): void {
    this.#shop.inbox.put({ type: 'attempt.quiet', ...this.ref(), quietMs });
  }

  overflow(code: string): void {
    if (this.storage !== undefined) return;
    this.storage = code;
    this.signal('SIGKILL');
  }

  withheld(): readonly string[] {
    return this.#shop.withheldFrom(this.order);
  }

  ref(): AttemptRef {
    const { task, rung, attempt } = this.order.ref;
    return { task, ...(rung !== undefined && { rung }), attempt };
  }

  #openStreams(): Streams | ProcessEnd {
    const { logs, fifos, nothing, secrets } = this.#shop;
    return openStreams(this.order, {
      logs,
      fifos,
      nothing,
      // All of them: a task can read from a file or a process what it was not given.
      secrets,
      failed: (code) => this.overflow(code),
    });
  }

  /** An attempt ends with its group, not with its leader; the leader's code decides all the same. */
  #leaderExited(end: ProcessEnd): void {
    if (this.#leaderIsGone) return;
    this.#leaderIsGone = true;
    const { group } = this;
    const unit = this.#unit;
    if (!unit || unit.isGone(group)) {
      void this.#end(end, EMPTY);
      return;
    }
    const { killAfterMs } = this.order;
    const { clock } = this.#shop;
    void endUnit(unit, group, { killAfterMs, clock }).then((ended) => this.#end(end, ended));
  }

  #doNotWaitForever(): void {
    const timer = setTimeout(() => this.#leaderExited({ signal: 'SIGKILL' }), UNREAPED_MS);
    timer.unref();
  }

  async #end(end: ProcessEnd, group: GroupEnd): Promise<void> {
    const { inbox, clock, logs, watch, oom, secrets } = this.#shop;
    watch.remove(this);
    // From here on nothing of it is there to be signalled, and its number may soon be somebody else's.
    this.group = 0;
    const counted = this.#unit?.oomKills();
    const refused = this.#unit?.refused?.() ?? [];
    this.#unit?.close();
    const durationMs = Math.round(clock.now().mono - this.#startedMono);
    const usage = this.#measuring?.end();
    const isSuspect = !this.#wasKilled && signalOf({ end }) === 'SIGKILL';
    const oomKills = this.#oomLook?.(isSuspect, counted) ?? 0;
    const leftBehind = group.leftBehind + (this.#unit?.leftBehind() ?? 0);
    const ended = await settle(this, {
      end,
      group: { ...group, leftBehind },
      clock,
      logs,
      streams: this.#streams,
      before: this.#before,
      durationMs,
      oomKills,
      refused,
      usage,
      limitBytes: () => smallestOf(this.order.limits?.memoryBytes, oom.limitBytes()),
      secrets,
    }).catch((error: unknown) => this.#unsettled(error, durationMs));
    if (!this.wasSignalled && STOP_SIGNALS.has(signalOf(ended) ?? '')) await signalsHeard();
    inbox.put(ended);
    // One attempt that outgrew its own bound is its own fault; a disk that takes nothing more ends the run.
    if ('storage' in ended.end && ended.end.storage !== OUTGROWN) {
      inbox.put({ type: 'stop.seen', by: 'storage', now: true });
    }
    this.#over();
  }

  /** The disk failed while the evidence was read: that is an end too. What is no system error is a mistake of ours, and goes on up. */
  #unsettled(error: unknown, durationMs: number): AttemptEnded {
    const storage = errorCode(error);
    if (storage === UNKNOWN_CODE) throw error;
    return { type: 'attempt.ended', ...this.ref(), end: { storage }, durationMs, bytes: 0 };
  }
}

/** Behind a timer Node looks for signals once more before it runs what is immediate: one that came while it was busy goes first. */
export async function signalsHeard(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, HOLD_BACK_MS));
  await new Promise((resolve) => setImmediate(resolve));
}
