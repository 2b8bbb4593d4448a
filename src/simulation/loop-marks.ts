// What must hold where a mark is due or announced.

import type { LoopWitness } from './loop-invariants.ts';
import { isHeld } from './loop-measures.ts';
import type { RunModel } from './loop-model.ts';

/** Nothing but an end of its own, or a cycle, may come where a mark is due. */
export function marksAreSaid(witness: LoopWitness, run: RunModel, mono: number): void {
  if (run.verdict === undefined) return;
  const sight = { tally: run.tally, best: witness.best, runtimeMs: run.runtime(mono - witness.slackMs) };
  for (const { id, all, any } of run.plan.marks) {
    const isDue =
      all.every((one) => isHeld(one, sight)) && (any.length === 0 || any.some((one) => isHeld(one, sight)));
    if (isDue && !run.marks.has(id)) witness.say(`mark ${id} was reached and not announced`);
  }
}

export function marked(witness: LoopWitness, id: string, mono: number): void {
  const { run } = witness;
  if (!run) return;
  const mark = run.plan.marks.find((one) => one.id === id);
  const sight = { tally: run.tally, best: witness.best, runtimeMs: run.runtime(mono) };
  const isHeldNow =
    mark?.all.every((one) => isHeld(one, sight)) &&
    (mark.any.length === 0 || mark.any.some((one) => isHeld(one, sight)));
  if (!isHeldNow || run.verdict === undefined) witness.say(`mark ${id} was announced and does not hold`);
  if (run.marks.has(id)) witness.say(`mark ${id} was announced twice in ${run.id}`);
  run.marks.add(id);
}
