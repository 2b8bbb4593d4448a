// Thresholds that speak of a champion where nothing is ever crowned: they would hold for ever, and nobody would know.

import type { Path } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { OBJECTIVE_MEND } from './fill.ts';
import { placeIn } from './layer.ts';
import type { PhasePlan, TaskPlan, ThresholdPlan } from './plan.ts';

export function sayUncrowned({ tasks, problems }: Draft, phases: readonly PhasePlan[]): void {
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

function thresholdsOf(task: TaskPlan): readonly (readonly [Path, readonly ThresholdPlan[]])[] {
  const rungs = task.stages.flatMap(({ thresholds, promote }, index) => [
    [['stages', index, 'thresholds'], thresholds] as const,
    [['stages', index, 'promote'], promote] as const,
  ]);
  return [[['thresholds'], task.thresholds], ...rungs];
}
