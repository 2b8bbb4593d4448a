// `overlap: replace`: a start that asks the run under way to end, as a stop would, and takes its place. The lock alone decides when:
// a holder that does not hear is left alone, since whoever pushes a living run aside has two.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { StopSeen } from '../core/loop/event.ts';
import { readState, type Damage } from '../engine/read.ts';
import { planChanged, type PlanChanged } from '../engine/run.ts';
import type { Failure } from '../ports.ts';
import { realDisk } from '../system/files.ts';
import { ask, dropWish, readWish } from '../system/hand-over.ts';
import { newRun, type Held, type Lock } from '../system/lock.ts';
import type { Arguments } from './args.ts';
import type { Loop } from './load.ts';
import { waitForLock, type WaitWishes, type Waiting } from './queue.ts';
import { sayAsking } from './say.ts';
import type { Terminal } from './terminal.ts';

/** A run looks five times a second; one that has not heard by then stands still, or cannot see this folder. */
const ANSWER_WITHIN_MS = 10_000;

interface Start {
  readonly loop: Loop;
  readonly args: Arguments;
  readonly terminal: Terminal;
}

export async function takePlace(
  wishes: WaitWishes,
  { loop, args, terminal }: Start,
): Promise<Lock | Held | Failure | StopSeen | Damage | PlanChanged> {
  const refusal = args.cleanState ? undefined : notCarriedOn(loop, args);
  if (refusal) return refusal;
  const { stateDir } = wishes;
  const self = newRun();
  const lock = await waitForLock(wishes, terminal, {
    say: (held) => sayAsking(terminal, held),
    look: asking(stateDir, self),
  });
  // Behind the lock no wish concerns anybody any more; without it, only our own is ours to drop.
  if ('release' in lock || readWish(stateDir)?.by === self) dropWish(stateDir);
  return lock;
}

/** What this start could not carry on goes on undisturbed. */
function notCarriedOn({ plan, paths }: Loop, args: Arguments): Damage | Failure | PlanChanged | undefined {
  const state = readState(realDisk(), paths);
  return 'progress' in state ? planChanged(indexPlan(plan), args, state.progress) : state;
}

/** Asks each holder once; gives up when a later start asks the same one, or when nobody answers. */
function asking(stateDir: string, self: string): NonNullable<Waiting['look']> {
  let asked: string | undefined;
  let silentSince: number | undefined;
  return (held, mono) => {
    const { start: holder, givesWayTo } = held.heldBy ?? {};
    const isNew = holder !== asked;
    silentSince = isNew ? mono : (silentSince ?? mono);
    asked = holder;
    if (holder !== undefined) {
      const wish = readWish(stateDir);
      const isOurs = wish?.to === holder && wish.by === self;
      if (!isNew && wish?.to === holder && !isOurs) return { ...held, refused: 'overtaken' };
      const failed = isOurs ? undefined : ask(stateDir, { to: holder, by: self });
      if (failed) return failed;
      if (givesWayTo === self) return undefined;
    }
    if (mono - silentSince < ANSWER_WITHIN_MS) return undefined;
    return { ...held, refused: holder === undefined ? 'nameless' : 'unanswered', waitedMs: ANSWER_WITHIN_MS };
  };
}
