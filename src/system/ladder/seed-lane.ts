// One lane of a rung with a process for each seed, or for a batch of them: take seeds, run them, read what they say, and again.

import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import { heapMessage } from '../../core/judge/excerpt.ts';
import { failureOf, noAnswer, type SimsFailure } from '../../core/judge/sims-failure.ts';
import { durationText } from '../../core/judge/words.ts';
import type { SimsProcess } from '../../core/plan/sims-order.ts';
import { signalOf } from '../../core/judge/outcome.ts';
import { STOP_SIGNALS, signalsHeard } from '../attempt.ts';
import { errorCode } from '../files.ts';
import { lookBefore } from '../freshness.ts';
import { openInput } from '../launch.ts';
import type { Room } from './room.ts';
import { outcomesOf, type Outputs, type Said } from './answers.ts';
import { closeScratch, openScratch, redacted, tailText, type Scratch } from './scratch.ts';
import { direct, openStarter, type Starter } from './starter.ts';
import { Simulation, type Ended } from './simulation.ts';

const EXCERPT_TAIL_BYTES = 65_536;

export async function seedLane(room: Room): Promise<void> {
  const { batch, lanes, planned } = room.sims;
  const starter = openStarter(Math.ceil(planned / batch / lanes), room.order.log, room.unit);
  while (!room.isOver) {
    const seeds = room.rung.take(batch);
    const [first] = seeds;
    if (first === undefined) break;
    await runProcess(room, { starter, seeds, process: room.sims.process(first, seeds.length) });
  }
  room.spent(starter.cpuMs);
  await starter.close();
}

interface Turn {
  readonly starter: Starter;
  readonly seeds: readonly number[];
  readonly process: SimsProcess;
}

async function runProcess(room: Room, turn: Turn): Promise<void> {
  const { seeds, process } = turn;
  const raw = openOutputs(room);
  if (raw === undefined) return;
  const before = lookBefore(filesOf(process), () => room.shop.clock.now());
  const ended = await runOut(room, turn, raw);
  if (ended === undefined) return;
  const outputs = cleanOf(room, raw);
  if (outputs === undefined) return;
  try {
    await take(room, { seeds, process, outputs, before, ...ended });
  } catch (error) {
    room.refuse({ storage: errorCode(error) });
  }
  for (const scratch of listOf(outputs)) closeScratch(scratch);
}

/** Undefined where it could not be started, for a reason that the next one would meet as well. */
async function runOut(
  room: Room,
  { starter, seeds, process }: Turn,
  outputs: Outputs,
): Promise<RunOut | undefined> {
  const { shop, sims, order } = room;
  const input = process.stdin === undefined ? shop.nothing : openInput(process.stdin);
  if (typeof input !== 'number') {
    room.refuse(input);
    return closed(outputs);
  }
  const { stdout, stderr } = outputs;
  const by = process.stdin === undefined ? starter : direct(room.unit);
  if (by !== starter) room.spent(by.cpuMs);
  let isLost = false;
  const lost = (): void => {
    isLost = true;
  };
  const simulation = new Simulation({ ...shop, killAfterMs: order.killAfterMs, unit: room.unit }, (told) => {
    const stdio = [input, stdout.fd, stderr?.fd ?? stdout.fd] as const;
    const wanted = { order: process, env: room.environmentOf(process), stdio, ...told };
    return by.start(wanted, lost);
  });
  if (input !== shop.nothing) closeSync(input);
  room.live.set(simulation, listOf(outputs));
  const limit =
    sims.timeoutMs === 'never'
      ? undefined
      : setTimeout(() => simulation.finish('timeout'), sims.timeoutMs * seeds.length);
  const ended = await simulation.over;
  clearTimeout(limit);
  room.took(simulation, ended);
  if (!('notStarted' in ended.end)) return { ended, isLost };
  room.refuse(ended.end);
  return closed(outputs);
}

interface RunOut {
  readonly ended: Ended;
  /** By the fault of whatever started it. */
  readonly isLost: boolean;
}

type Over = Said & RunOut;

/** What it said becomes outcomes, and stands in the log. */
async function take(room: Room, over: Over): Promise<void> {
  const { seeds, outputs, ended, isLost } = over;
  if (STOP_SIGNALS.has(signalOf({ end: ended.end }) ?? '') && ended.because === undefined)
    await signalsHeard();
  const isVoid = room.isStopped || ended.because === 'decided' || room.refusal !== undefined;
  const words = tailText(outputs.stderr ?? outputs.stdout, EXCERPT_TAIL_BYTES);
  const failure = isVoid ? undefined : failureIn(room, over, words);
  const tell = (what: string): void => {
    const named = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
    const parts = listOf(outputs).map((scratch) => ({ scratch, from: 0 }));
    room.log.tell(`${named}: ${what}, ${durationText(ended.durationMs)}`, parts);
  };
  if (isVoid) {
    tell('ended before it was done');
    return;
  }
  if (isLost && ended.because === undefined) {
    tell('to be run again, the process that starts simulations is gone');
    for (const seed of seeds) room.rung.giveBack(seed);
    return;
  }
  const outcomes = await outcomesOf(room, over, failure);
  const failed = [...outcomes.values()].find((outcome) => 'failed' in outcome);
  tell(failed ? `failed, ${failed.failed}` : 'done');
  for (const [seed, outcome] of outcomes) room.settle(seed, outcome, failure ?? noAnswer(''), words);
  for (const seed of seeds) if (!outcomes.has(seed)) room.rung.giveBack(seed);
}

function failureIn({ sims }: Room, { ended, seeds }: Over, words: string): SimsFailure | undefined {
  if (ended.because === 'output') return noAnswer('its output outgrew `log-limit`');
  const limitMs = sims.timeoutMs === 'never' ? 0 : sims.timeoutMs * seeds.length;
  const timedOut = ended.because === 'timeout' ? durationText(limitMs) : undefined;
  const { end, oomKills } = ended;
  return failureOf({ end, timedOut, oomKills, heapMessage: heapMessage(words) }, sims.exits);
}

function filesOf({ metrics, cwd }: SimsProcess): readonly string[] {
  return metrics.flatMap(({ source }) => ('file' in source.in ? [resolve(cwd, source.in.file)] : []));
}

function openOutputs(room: Room): Outputs | undefined {
  const stdout = openScratch(room.order.log);
  if ('failed' in stdout) {
    room.refuse({ storage: stdout.failed });
    return undefined;
  }
  const stderr = room.order.apart ? openScratch(room.order.log) : undefined;
  if (!stderr || !('failed' in stderr)) return { stdout, stderr };
  closeScratch(stdout);
  room.refuse({ storage: stderr.failed });
  return undefined;
}

function cleanOf(room: Room, { stdout, stderr }: Outputs): Outputs | undefined {
  const { secrets } = room.shop;
  const out = redacted(stdout, room.order.log, secrets);
  const error = stderr && redacted(stderr, room.order.log, secrets);
  const failed = [out, error].find((one) => one !== undefined && 'failed' in one);
  if (failed && 'failed' in failed) room.refuse({ storage: failed.failed });
  if ('failed' in out || (error && 'failed' in error)) return undefined;
  return { stdout: out, stderr: error };
}

function listOf({ stdout, stderr }: Outputs): readonly Scratch[] {
  return stderr ? [stdout, stderr] : [stdout];
}

function closed(outputs: Outputs): undefined {
  for (const scratch of listOf(outputs)) closeScratch(scratch);
  return undefined;
}
