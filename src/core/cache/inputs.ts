// Which globs have to match a file before anything runs. What another task says that it leaves may come later.

import { fixedFolder, isGlob } from '../glob.ts';
import type { Path, Problem } from '../config/problem.ts';
import type { Plan, TaskPlan } from '../plan/plan.ts';

/** One glob with those that take away from it. */
export interface Expected {
  readonly task: TaskPlan;
  readonly glob: string;
  readonly globs: readonly string[];
}

export function expectedInputs({ phases }: Plan): readonly Expected[] {
  const tasks = phases.flatMap((phase) => phase.tasks);
  const made = tasks.flatMap(({ outputs = [] }) => outputs.filter((glob) => !glob.startsWith('!')));
  return tasks.flatMap((task) => {
    if (!task.cache || task.leftOut !== undefined) return [];
    const { inputs } = task.cache;
    const without = inputs.filter((glob) => glob.startsWith('!'));
    return inputs
      .filter((glob) => !glob.startsWith('!') && !made.some((one) => mayShare(one, glob)))
      .map((glob) => ({ task, glob, globs: [glob, ...without] }));
  });
}

/** Tasks that say they leave what this one depends on. */
export function makersOf({ phases }: Plan, { id, cache }: TaskPlan): readonly TaskPlan[] {
  const inputs = (cache?.inputs ?? []).filter((glob) => !glob.startsWith('!'));
  return phases
    .flatMap((phase) => phase.tasks)
    .filter((task) => task.id !== id && task.leftOut === undefined)
    .filter(({ outputs = [] }) =>
      outputs.some((one) => !one.startsWith('!') && inputs.some((glob) => mayShare(one, glob))),
    );
}

/** A glob that matches nothing would never change, and its task be answered for ever. */
export function emptyInput({ task, glob }: Expected): Problem {
  const path: Path = ['phases', task.phase, `${task.kind}s`, task.id, 'inputs'];
  return {
    path,
    on: 'key',
    message: `\`${glob}\` of \`inputs\` matches no file, so nothing that changes there would ever be seen`,
    mend: 'correct it, take it out, or name it in `outputs` of the task that makes those files',
  };
}

/** One place lies below the other, or is it. */
function mayShare(output: string, input: string): boolean {
  const [one, other] = [placeOf(output), placeOf(input)];
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`) || other === '';
}

function placeOf(glob: string): string {
  return isGlob(glob) ? fixedFolder(glob) : glob.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
}
