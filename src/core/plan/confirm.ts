// `champion.confirm` as written → when an ageing champion is measured again and on how many fresh seeds. What could never be measured
// again is a problem here, and no surprise after twenty cycles.

import type { ConfirmConfig } from '../config/champion.ts';
import type { Path } from '../config/problem.ts';
import type { ConfirmPlan, KeptPath, ObjectivePlan } from './champion-plan.ts';
import { textsOf } from './order.ts';
import { namesIn } from './fill.ts';
import type { TaskPlan } from './plan.ts';
import type { Reader } from './reader.ts';

const AT: Path = ['champion', 'confirm'];
const MOST_CYCLES = 1_000_000_000;
/** One value has no spread, and without a spread nothing can be said of a mean. */
const FEWEST_SEEDS = 2;
const MOST_SEEDS = 1_000_000_000;
const KEEP_MEND =
  'write the candidate to a file of its cycle and keep that: `keep: ["{{cycle.dir}}/strategy.json"]`';

export interface ConfirmPlace {
  readonly reader: Reader;
  /** Undefined after a problem with it. */
  readonly objective: ObjectivePlan | undefined;
  /** The gate that measures it. */
  readonly task: TaskPlan | undefined;
  readonly keep: readonly KeptPath[];
  /** Whether anything was written there, faulty or not. */
  readonly isKeeping: boolean;
}

export function readConfirm(
  { every, seeds }: ConfirmConfig,
  { reader, objective, task, keep, isKeeping }: ConfirmPlace,
): ConfirmPlan {
  const otherwise = objective?.count ?? FEWEST_SEEDS;
  const plan = {
    every: reader.count(every, [...AT, 'every'], { from: 1, to: MOST_CYCLES, otherwise: 1 }),
    seeds: reader.count(seeds, [...AT, 'seeds'], { from: FEWEST_SEEDS, to: MOST_SEEDS, otherwise }),
  };
  if (!objective || !task) return plan;
  const refuse = (message: string, mend: string) => reader.say(AT, message, { on: 'key', mend });
  if (!objective.pairing) {
    const message = `\`confirm\` runs fresh seeds, and gate-run knows no seed of \`${task.id}\`, which runs its simulations itself (form (a))`;
    refuse(message, 'write the ladder in form (b): `per: seed`, `per: batch` or `per: worker`');
  } else if (otherwise < FEWEST_SEEDS)
    refuse('one seed on the top rung has no spread, so nothing can be said of others', 'raise its `count`');
  const tree = keep.find(({ from }) => from === 'tree');
  if (!isKeeping) refuse('`confirm` without `keep`: nothing of a champion is left to run again', KEEP_MEND);
  else if (tree) {
    const message = `\`confirm\` would have to put \`${tree.path}\` back into the work tree, where something else stands by then`;
    refuse(message, KEEP_MEND);
  }
  const passing = textsOf(task).flatMap(namesIn).find(isOfItsCycle);
  if (passing !== undefined) {
    const message = `\`${task.id}\` reads \`{{${passing}}}\`, which is there in its own cycle alone, and \`confirm\` runs it in another one`;
    refuse(message, 'read it from a file that is kept');
  }
  return plan;
}

/** What other tasks of the same cycle left. */
function isOfItsCycle(name: string): boolean {
  return name === 'cycle.file' || name.startsWith('metrics.') || name.startsWith('tasks.');
}
