// What an attempt left, gathered once its group is empty, into the one fact that ends it. Judging is done elsewhere.

import type { AttemptEnded, AttemptRef } from '../core/cycle/event.ts';
import type { Evidence, ProcessEnd, StopCause } from '../core/judge/evidence.ts';
import { crc32 } from '../core/crc32.ts';
import type { Secret } from '../core/judge/redact.ts';
import type { SeenUsage } from '../core/usage/forensics.ts';
import { excerptOf, heapMessage } from '../core/judge/excerpt.ts';
import { missedAmong } from '../core/judge/missed.ts';
import type { Clock, Order } from '../ports.ts';
import type { Environment } from './environment.ts';
import { gather, OUTPUT_TAIL_BYTES, readsOutput, type Output, type Outputs } from './evidence.ts';
import { aftermath } from './aftermath.ts';
import { isBelowFloor } from './floor.ts';
import type { Before } from './freshness.ts';
import type { GroupEnd } from './group.ts';
import { closeLog, measure, removeLog, tailOf, type AttemptLog, type LogShelf } from './log.ts';
import { markOf } from './marks.ts';
import { maskFrom, TOKEN_BYTES } from './mask.ts';
import type { Streams } from './streams.ts';
import { endStrays } from './strays.ts';
import { noteUncovered } from './uncovered.ts';

export interface Settling {
  readonly order: Order;
  readonly env: Environment;
  readonly wasSignalled: boolean;
  readonly stopped: StopCause | undefined;
  readonly storage: string | undefined;
  /** Hidden variables that are there and were not given to it. */
  withheld(): readonly string[];
  ref(): AttemptRef;
}

export interface Remains {
  readonly end: ProcessEnd;
  readonly group: GroupEnd;
  readonly clock: Clock;
  readonly logs: LogShelf;
  /** Undefined when not even the log could be opened. */
  readonly streams: Streams | undefined;
  readonly before: Before | undefined;
  readonly durationMs: number;
  /** Kills for want of memory that are known to be its own. */
  readonly oomKills: number;
  /** Whom it was kept from reaching. */
  readonly refused?: readonly string[];
  /** Undefined: nobody looked. */
  readonly usage: SeenUsage | undefined;
  /** How much memory could be had. */
  readonly limitBytes: () => number | undefined;
  readonly secrets: readonly Secret[];
}

/** Of the output, what the line for people is looked for in. */
const EXCERPT_TAIL_BYTES = 65_536;
/** Below it our own checksum is done before zlib would be loaded. */
const ZLIB_FROM_BYTES = 262_144;
/** A log that filled the disk gives half of itself back, so that the run can still write down how it ended. */
const GIVE_BACK_FROM_BYTES = 16_384;

export async function settle(attempt: Settling, remains: Remains): Promise<AttemptEnded> {
  const { streams, durationMs, oomKills } = remains;
  const base = { type: 'attempt.ended', ...attempt.ref(), command: attempt.order.shown } as const;
  if (streams === undefined) return { ...base, end: remains.end, durationMs, bytes: 0, log: 'none' };
  for (const pump of streams.pumps) await pump.finish();
  if (attempt.wasSignalled) endEscaped(attempt.env);
  const outputs = measured(streams);
  const end = endOf(attempt, remains.end);
  const excused = isClean(end) && !attempt.wasSignalled && oomKills === 0;
  const isRead = !excused || readsOutput(attempt.order);
  const isCovered = streams.pumps.length > 0 && streams.pumps.every((pump) => pump.isWhole);
  if (!isCovered) coverTokens(outputs, attempt.order, isRead);
  const evidence = await evidenceOf(attempt.order, end, outputs, remains);
  const log = excused ? undefined : wordsOf(outputs, attempt.withheld());
  const left = remains.group.leftBehind + remains.group.unkillable;
  const sum = await sumOf(outputs);
  const bytes = outputs.stdout.measured.bytes + (outputs.stderr?.measured.bytes ?? 0);
  const after = await aftermath({
    ...remains,
    ref: attempt.ref(),
    at: new Date(remains.clock.now().wall).toISOString(),
    command: attempt.order.shown,
    end,
    wasSignalled: attempt.wasSignalled,
    stopped: attempt.stopped,
    hasHeapMessage: log?.heapMessage === true,
    bytes,
    tail: () => tailText(outputs),
    log: attempt.order.log,
  });
  const kept = await keep(attempt.order, end, outputs, {
    logs: remains.logs,
    mayVanish: excused && left === 0,
  });
  return {
    ...base,
    end,
    durationMs,
    bytes,
    ...(sum !== undefined && { sum }),
    ...(oomKills > 0 && { oomKills }),
    ...after,
    ...log,
    ...(kept !== undefined && { log: kept }),
    ...(remains.group.leftBehind > 0 && { leftBehind: remains.group.leftBehind }),
    ...(remains.refused?.length && { refused: remains.refused }),
    ...(evidence !== undefined && { evidence }),
  };
}

/** Proof of what was judged: a log that was changed afterwards no longer fits. zlib is loaded only where it pays. */
async function sumOf({ stdout, stderr }: Outputs): Promise<string | undefined> {
  const all = stderr === undefined ? [stdout] : [stdout, stderr];
  const bytes = all.reduce((total, { measured }) => total + measured.bytes, 0);
  if (bytes === 0 || bytes > OUTPUT_TAIL_BYTES) return undefined;
  const crc = bytes < ZLIB_FROM_BYTES ? crc32 : (await import('node:zlib')).crc32;
  let sum = 0;
  for (const { log, measured } of all) sum = crc(tailOf(log, measured, measured.bytes), sum);
  return sum.toString(16).padStart(8, '0');
}

/** Before anything is read of it. Of a long log only what is read here: nobody waits for the rest. */
function coverTokens({ stdout, stderr }: Outputs, order: Order, isRead: boolean): void {
  for (const { log, measured } of stderr === undefined ? [stdout] : [stdout, stderr]) {
    const { bytes, emptied } = measured;
    if (bytes === 0) continue;
    const start = emptied ? 0 : log.header.length;
    const isLong = bytes > OUTPUT_TAIL_BYTES;
    if (isLong) noteUncovered(log.path);
    const tail = (readsOutput(order) ? OUTPUT_TAIL_BYTES : EXCERPT_TAIL_BYTES) + TOKEN_BYTES;
    if (!isLong) maskFrom(log, start);
    else if (isRead) maskFrom(log, start + Math.max(0, bytes - tail));
  }
}

/** Of an attempt that was ended by force, those that had left its group as well. */
function endEscaped(env: Environment): void {
  const run = env['GATE_RUN'];
  const own = markOf(env);
  if (run !== undefined && own !== undefined) endStrays({ run, alive: (mark) => mark !== own, quick: true });
}

function measured({ log, errorLog }: Streams): Outputs {
  return { stdout: outputOf(log), stderr: errorLog === undefined ? undefined : outputOf(errorLog) };
}

function outputOf(log: AttemptLog): Output {
  return { log, measured: measure(log) };
}

/** On a full disk output may be lost while the command ends well; so no end is believed there. */
function endOf({ storage, order }: Settling, end: ProcessEnd): ProcessEnd {
  if ('notStarted' in end) return end;
  if (storage !== undefined) return { storage };
  return isBelowFloor(order.log) ? { storage: 'ENOSPC' } : end;
}

function isClean(end: ProcessEnd): boolean {
  return 'code' in end && end.code === 0;
}

async function evidenceOf(
  order: Order,
  end: ProcessEnd,
  outputs: Outputs,
  { before, clock }: Remains,
): Promise<Record<string, Evidence> | undefined> {
  if (order.read.length === 0 || before === undefined || 'notStarted' in end || 'storage' in end)
    return undefined;
  return gather(order, outputs, before, clock.now());
}

/** stderr last: it is where a person looks first. */
function tailText({ stdout, stderr }: Outputs): string {
  return [stdout, stderr]
    .map((one) => (one ? tailOf(one.log, one.measured, EXCERPT_TAIL_BYTES).toString('utf8') : ''))
    .join('');
}

/** stderr first: it is where tools say what went wrong. */
function wordsOf(
  { stdout, stderr }: Outputs,
  withheld: readonly string[],
): Pick<AttemptEnded, 'excerpt' | 'heapMessage' | 'withheld'> {
  const texts = [stderr, stdout].map((output) =>
    output === undefined ? '' : tailOf(output.log, output.measured, EXCERPT_TAIL_BYTES).toString('utf8'),
  );
  const excerpt = texts.map(excerptOf).find((found) => found !== undefined);
  const missed = missedAmong(withheld, texts);
  return {
    ...(excerpt !== undefined && { excerpt }),
    ...(texts.some(heapMessage) && { heapMessage: true }),
    ...(missed.length > 0 && { withheld: missed }),
  };
}

/** Closes the logs, bounds them, and lets silent ones of attempts that went well vanish. */
async function keep(
  order: Order,
  end: ProcessEnd,
  { stdout, stderr }: Outputs,
  { logs, mayVanish }: { readonly logs: LogShelf; readonly mayVanish: boolean },
): Promise<AttemptEnded['log']> {
  const all = stderr === undefined ? [stdout] : [stdout, stderr];
  if (mayVanish && all.every(({ measured }) => measured.bytes === 0 && !measured.emptied)) {
    if (stdout.measured.removed) closeLog(stdout.log);
    else logs.shelve(stdout.log);
    if (stderr !== undefined) removeLog(stderr.log);
    return 'none';
  }
  let wasCut = false;
  for (const { log, measured } of all) {
    closeLog(log);
    const bound = boundOf(order, end, measured.bytes);
    if (measured.bytes <= bound) continue;
    // Loaded on call: few logs outgrow their bound, and its library costs every start more than a millisecond.
    const { cutLog } = await import('./cut.ts');
    wasCut = (await cutLog(log.path, bound)) || wasCut;
  }
  if (all.some(({ measured }) => measured.emptied)) return 'emptied';
  if (stdout.measured.removed) return 'none';
  return wasCut ? 'cut' : undefined;
}

function boundOf({ logLimitBytes }: Order, end: ProcessEnd, bytes: number): number {
  const givesBack = 'storage' in end && bytes > GIVE_BACK_FROM_BYTES;
  return givesBack ? Math.min(logLimitBytes, Math.floor(bytes / 2)) : logLimitBytes;
}
