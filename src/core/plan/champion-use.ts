// What speaks of a champion where nothing is ever crowned: thresholds that would hold for ever, a hook and notices that would never come.

import type { Path } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { OBJECTIVE_MEND } from './fill.ts';
import { placeIn } from './layer.ts';
import type { PhasePlan, TaskPlan, ThresholdPlan } from './plan.ts';

export function sayUncrowned(draft: Draft, phases: readonly PhasePlan[]): void {
  const { tasks, problems } = draft;
  sayUntold(draft);
  for (const task of phases.flatMap((phase) => phase.tasks)) {
    const layers = tasks.get(task.id)?.layers ?? [];
    for (const [path, thresholds] of thresholdsOf(task)) {
      for (const { metric, require, want } of thresholds) {
        if (require?.reference !== 'champion' && want?.reference !== 'champion') continue;
        const message = `\`${metric}\` is held to the champion, and without \`objective\` nothing is crowned`;
        problems.push({ ...placeIn(layers, [...path, metric]), message, mend: OBJECTIVE_MEND });
      }
    }
  }
}

function sayUntold({ settings: { top, layers }, problems }: Draft): void {
  const say = (path: Path, what: string, on: 'key' | 'value') => {
    const message = `${what}, and without \`objective\` nothing is crowned`;
    problems.push({ ...placeIn(layers, path), on, message, mend: OBJECTIVE_MEND });
  };
  if (top.hooks?.['on-champion'] !== undefined)
    say(['hooks', 'on-champion'], '`on-champion` waits for a champion', 'key');
  for (const [at, { for: kinds = [] }] of (top.notify ?? []).entries()) {
    const nth = kinds.indexOf('champion');
    if (nth >= 0) say(['notify', at, 'for', nth], '`champion` is told of a champion', 'value');
  }
}

function thresholdsOf(task: TaskPlan): readonly (readonly [Path, readonly ThresholdPlan[]])[] {
  const rungs = task.stages.flatMap(({ thresholds, promote }, index) => [
    [['stages', index, 'thresholds'], thresholds] as const,
    [['stages', index, 'promote'], promote] as const,
  ]);
  return [[['thresholds'], task.thresholds], ...rungs];
}
