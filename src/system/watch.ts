// One shared, coarse look at all attempts under way: how long each was quiet, how large its log is, how full the disk.
// It reports and warns; what a silence means is decided elsewhere.

import type { Clock, Order } from '../ports.ts';
import { isBelowFloor } from './floor.ts';
import { living } from './group.ts';

/** What the watch has to know of an attempt. */
export interface Watched {
  readonly order: Order;
  readonly group: number;
  /** All of its groups, where it is more than one. */
  readonly groups?: () => readonly number[];
  /** Bytes written so far, by all its streams. */
  size(): number;
  quiet(quietMs: number): void;
  /** The attempt has to end: its log or the disk is beyond its bound. */
  overflow(code: 'EFBIG' | 'ENOSPC'): void;
}

export interface Watch {
  add(attempt: Watched): void;
  remove(attempt: Watched): void;
}

/** Logs are looked at this often at least; more often only where a silence is to be noticed sooner. */
const LONGEST_LOOK_MS = 1_000;
const SHORTEST_LOOK_MS = 25;
/** A silence is noticed within this share of its length. */
const LOOKS_PER_SILENCE = 10;
/** CPU time is asked for (a walk over /proc) this many times per silence. */
const SAMPLES_PER_SILENCE = 60;
/** A log may outgrow its bound so far while the attempt runs; it is cut at the end. */
const OVERFLOW_FACTOR = 4;
/** A gap of this size between two looks is a standstill of the machine, no silence of the attempt. */
const STANDSTILL_MS = 5_000;

interface Silence {
  since: number;
  size: number;
  /** CPU ticks of the group when last asked; undefined before the first time. */
  ticks: number | undefined;
  sampledAt: number;
  /** How many of `quietAfterMs` were reported since the last sign of life. */
  reported: number;
}

export function watchAttempts(clock: Clock): Watch {
  const watched = new Map<Watched, Silence>();
  let timer: NodeJS.Timeout | undefined;
  let everyMs = LONGEST_LOOK_MS;
  let lookedAt = 0;
  const look = (): void => {
    const now = clock.now().mono;
    const standstill = now - lookedAt - everyMs;
    lookedAt = now;
    if (standstill > STANDSTILL_MS) for (const silence of watched.values()) silence.since += standstill;
    lookAtSilences(watched, now);
    lookAtDisks(watched);
    if (watched.size === 0) rearm(0);
  };
  const rearm = (ms: number): void => {
    clearInterval(timer);
    timer = ms === 0 ? undefined : setInterval(look, ms);
    timer?.unref();
    everyMs = ms;
    lookedAt = clock.now().mono;
  };
  return {
    add: (attempt) => {
      const { mono } = clock.now();
      watched.set(attempt, {
        since: mono,
        size: attempt.size(),
        ticks: undefined,
        sampledAt: mono,
        reported: 0,
      });
      const wantedMs = lookEvery(attempt.order);
      if (timer === undefined || wantedMs < everyMs) rearm(wantedMs);
    },
    // The timer itself goes at its next look: setting it anew for each of a thousand short attempts would cost more.
    remove: (attempt) => watched.delete(attempt),
  };
}

function lookEvery(order: Order): number {
  const shortest = Math.min(...order.quietAfterMs, Infinity);
  return Math.max(SHORTEST_LOOK_MS, Math.min(LONGEST_LOOK_MS, shortest / LOOKS_PER_SILENCE));
}

function lookAtSilences(watched: ReadonlyMap<Watched, Silence>, now: number): void {
  const toSample: [Watched, Silence][] = [];
  for (const [attempt, silence] of watched) {
    const size = attempt.size();
    if (size !== silence.size) {
      restart(silence, now);
      silence.size = size;
    } else if (now - silence.sampledAt >= sampleEvery(attempt.order)) toSample.push([attempt, silence]);
  }
  if (toSample.length > 0) sampleCpu(toSample, now);
  for (const [attempt, silence] of watched) reportSilence(attempt, silence, now);
}

function sampleEvery({ quietAfterMs }: Order): number {
  return Math.min(...quietAfterMs, Infinity) / SAMPLES_PER_SILENCE;
}

/** One walk over /proc answers for all. Any change in a group's CPU time or members is a sign of life. */
function sampleCpu(toSample: readonly [Watched, Silence][], now: number): void {
  const ticks = new Map<number, number>();
  for (const one of living() ?? []) ticks.set(one.group, (ticks.get(one.group) ?? 0) + one.ticks);
  for (const [attempt, silence] of toSample) {
    const groups = attempt.groups?.() ?? [attempt.group];
    const found = groups.reduce((sum, group) => sum + (ticks.get(group) ?? 0), 0);
    if (silence.ticks !== undefined && silence.ticks !== found) restart(silence, now);
    silence.ticks = found;
    silence.sampledAt = now;
  }
}

function restart(silence: Silence, now: number): void {
  silence.since = now;
  silence.reported = 0;
}

function reportSilence(attempt: Watched, silence: Silence, now: number): void {
  const quietMs = Math.round(now - silence.since);
  const passed = attempt.order.quietAfterMs.filter((limit) => quietMs >= limit).length;
  if (passed > silence.reported) {
    silence.reported = passed;
    attempt.quiet(quietMs);
  }
}

function lookAtDisks(watched: ReadonlyMap<Watched, Silence>): void {
  const asked = new Map<string, boolean>();
  for (const [attempt, { size }] of watched) {
    const { log, logLimitBytes } = attempt.order;
    const folder = log.slice(0, log.lastIndexOf('/'));
    const isFull = asked.get(folder) ?? isBelowFloor(log);
    asked.set(folder, isFull);
    if (isFull) attempt.overflow('ENOSPC');
    else if (size > logLimitBytes * OVERFLOW_FACTOR) attempt.overflow('EFBIG');
  }
}
