// What must hold where a later start takes a run up, and whether the fold came to the same as the model.

import type { Recorded, RunResumed } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Condition } from '../core/plan/ends-plan.ts';
import type { LoopWitness } from './loop-invariants.ts';
import type { RunModel } from './loop-model.ts';
import { LATEST_MS } from './loop-pauses.ts';

/** A start found a run without an end, or a stopped one that may go on. */
export function takeUp(witness: LoopWitness, event: Recorded<RunResumed>): void {
  const { run, running } = witness;
  if (!run) return witness.say(`${event.by} took up a run that is not there`);
  const plan = witness.planOf(event.plan);
  const mayGoOn = run.mode === 'continuous' && plan.loop.mode === 'continuous';
  if (run.end && (run.end.reason !== 'stopped' || !mayGoOn))
    witness.say(`${event.by} took up ${run.id}, which had ended (${run.end.reason})`);
  if (event.goesOn !== mayGoOn)
    witness.say(`${event.by} carries ${run.id} on: ${event.goesOn}, due was ${mayGoOn}`);
  if (event.by === run.holder) witness.say(`${event.by} took up ${run.id} twice`);
  const cut = [...running].map(([task, attempt]) => `${task}#${attempt}`).toSorted();
  const named = event.interrupted.toSorted();
  if (named.join() !== cut.join())
    witness.say(`run.resumed ${event.seq} names ${named.join()} as cut off, running were ${cut.join()}`);
  if (witness.open && run.plan.id !== plan.id) witness.isSamePlan = false;
  run.earlierMs = run.runtime(witness.mono);
  if (event.earlierMs !== run.earlierMs)
    witness.say(
      `run.resumed ${event.seq} says that the run took ${event.earlierMs} ms, it took ${run.earlierMs}`,
    );
  run.bornMono = event.mono;
  run.holder = event.by;
  run.isClosing = !event.goesOn;
  run.hasStorageFailed = false;
  if (!event.goesOn) return;
  witness.startsInARow += 1;
  if (event.accepted || run.plan.id !== plan.id) run.refused = undefined;
  if (run.plan.id !== plan.id) forget(run);
  run.plan = plan;
  run.stop = undefined;
  run.end = undefined;
  run.endVerdict = undefined;
  if (run.startVerdict !== 'passed') run.startVerdict = undefined;
  goOnResting(run, { before: witness.mono, mono: event.mono, wall: Date.parse(event.at) });
}

/** What no condition of the plan so far asked about was not kept, and the next plan knows nothing of it. */
function forget({ tally, plan: { ends, marks } }: RunModel): void {
  const conditions: readonly Pick<Condition, 'measure'>[] = [
    ...(ends.when?.reads ?? []),
    ...ends.target,
    ...ends.budget,
    ...ends.giveUp,
    ...marks.flatMap(({ all, any }) => [...all, ...any]),
  ];
  const keys = new Set(conditions.map(({ measure }) => (measure.kind === 'metric' ? measure.key : '')));
  const labels = new Set(conditions.map(({ measure }) => (measure.kind === 'distinct' ? measure.label : '')));
  for (const key of tally.values.keys()) if (!keys.has(key)) tally.values.delete(key);
  for (const name of tally.labels.keys()) if (!labels.has(name)) tally.labels.delete(name);
}

/** For what is left of the pause: by the clock of the life before as far as that is known, and by the calendar since then. */
function goOnResting(run: RunModel, at: { before: number; mono: number; wall: number }): void {
  const { pause } = run;
  if (!pause) return;
  const known = pause.leftMs - Math.max(0, at.before - pause.fromMono);
  pause.leftMs = Math.max(0, Math.min(known, pause.until - at.wall));
  pause.fromMono = at.mono;
  pause.dueMono = at.mono + pause.leftMs + (pause.by === 'mono' ? 0 : LATEST_MS);
}

/** Every count that the core's fold and the model do not share. */
export function disagreements(witness: LoopWitness, progress: Progress): readonly string[] {
  const { run } = witness;
  const fold = progress.run;
  if (!run || !fold) return run || fold ? ['the fold and the model do not know the same run'] : [];
  const { tally } = run;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['run', run.id, fold.id],
    ['plan', run.plan.id, fold.isClosing ? run.plan.id : fold.plan],
    ['cycle', witness.cycle, progress.cycle],
    ['starts in a row', witness.startsInARow, progress.startsInARow],
    ['failures in a row of all runs', witness.failuresInARow, progress.failuresInARow],
    ['cycles', tally.counted.length, fold.cycles],
    ['cycles that failed', tally.counted.filter(({ isFailed }) => isFailed).length, fold.failed],
    ['failures in a row', tally.failures, fold.streaks.failures],
    ['broken in a row', tally.broken, fold.streaks.broken],
    ['out of memory in a row', tally.oom, fold.streaks.oom],
    ['limited in a row', tally.limited, fold.streaks.limited],
    ['the same error in a row', tally.sameError, fold.streaks.sameError],
    ['champions', tally.accepted, fold.accepted],
    ['cycles up to the last champion', tally.crownedAt, fold.crownedAt],
    ['tokens', tally.spent.tokens.sum, fold.tokens.sum],
    ['cost', tally.spent.cost.sum, fold.cost.sum],
    ['tries', run.tries, fold.trials],
    ['marks', [...run.marks].toSorted().join(), [...fold.marks.keys()].toSorted().join()],
    ['time of earlier lives', run.earlierMs, fold.earlierMs],
    ['a pause under way', run.pause !== undefined, fold.rest !== undefined],
    ['an end', run.end?.exit, fold.ended?.exit],
  ];
  return pairs.flatMap(([what, model, core]) =>
    model === core ? [] : [`${what}: ${String(core)} by the fold, ${String(model)} by the model`],
  );
}
