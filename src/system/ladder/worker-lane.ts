// One lane of a rung with a worker: ask, take the answer, ask again; another worker where one died or cannot be believed any more.

import type { Heard } from '../../core/judge/conversation.ts';
import { noAnswer } from '../../core/judge/sims-failure.ts';
import { durationText } from '../../core/judge/words.ts';
import { errorCode } from '../files.ts';
import type { Room } from './room.ts';
import { bytesOf, closeScratch, openScratch, redactedFrom, tailText, type Scratch } from './scratch.ts';
import { Worker, type Reply } from './worker.ts';

const EXCERPT_TAIL_BYTES = 65_536;

export async function workerLane(room: Room): Promise<void> {
  while (!room.isOver) {
    const errors = openScratch(room.order.log);
    if ('failed' in errors) {
      room.refuse({ storage: errors.failed });
      return;
    }
    const isDone = await employ(room, errors);
    closeScratch(errors);
    if (isDone) return;
  }
}

/** As long as it can be believed. Whether every seed is taken. */
async function employ(room: Room, errors: Scratch): Promise<boolean> {
  const { rung, sims, shop } = room;
  let worker: Worker | undefined;
  let seen = 0;
  try {
    for (;;) {
      const [seed] = room.isOver ? [] : rung.take(1);
      if (seed === undefined) return true;
      worker ??= new Worker(room, sims.process(sims.base, sims.planned), errors);
      const startedMono = shop.clock.now().mono;
      const reply = await worker.ask(seed);
      take(room, { seed, reply, errors, from: seen, tookMs: shop.clock.now().mono - startedMono });
      seen = bytesOf(errors);
      if (!worker.isUsable) return false;
    }
  } catch (error) {
    room.refuse({ storage: errorCode(error) });
    return true;
  } finally {
    await worker?.leave();
    const late = worker?.afterwards?.heard.before;
    if (late && !room.isStopped) fail(room, late, worker?.afterwards?.line ?? '');
  }
}

interface Taken {
  readonly seed: number;
  readonly reply: Reply;
  readonly errors: Scratch;
  /** Where in the errors its own begin. */
  readonly from: number;
  readonly tookMs: number;
}

function take(room: Room, { seed, reply, errors, from, tookMs }: Taken): void {
  const { heard, line, failure, isVoid } = reply;
  const { answer } = heard;
  const said = line === '' ? undefined : line;
  const tell = (what: string): void => tellWith(room, errors, from, { what, said });
  if (isVoid || room.refusal) {
    tell(`seed ${seed}: ended before it was done`);
    return;
  }
  const took = durationText(tookMs);
  if (heard.before) fail(room, heard.before, line);
  if (answer) {
    const hasFailed = 'failed' in answer;
    tell(`seed ${seed}: ${hasFailed ? `failed, ${answer.failed}` : 'done'}, ${took}`);
    const words = hasFailed ? `${tailText(errors, EXCERPT_TAIL_BYTES)}\n${line}` : '';
    room.settle(seed, answer, failure ?? noAnswer(''), words);
  } else room.rung.giveBack(seed);
}

/** What was taken for an answer was none. */
function fail(room: Room, { seed, failed }: NonNullable<Heard['before']>, line: string): void {
  room.log.tell(`seed ${seed}: failed after all, ${failed}`, [], line);
  room.settle(seed, { failed }, noAnswer(failed), line);
}

function tellWith(
  room: Room,
  errors: Scratch,
  from: number,
  { what, said }: { readonly what: string; readonly said: string | undefined },
): void {
  const { secrets } = room.shop;
  if (bytesOf(errors) <= from) {
    room.log.tell(what, [{ scratch: errors, from }], said);
    return;
  }
  const clean = redactedFrom(errors, from, { log: room.order.log, secrets });
  if ('failed' in clean) {
    room.refuse({ storage: clean.failed });
    return;
  }
  room.log.tell(what, [{ scratch: clean, from: 0 }], said);
  closeScratch(clean);
}
