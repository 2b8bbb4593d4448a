// Whether a gate still is the one that a baseline was recorded of: checksums over what it measures and over its limits.

import { crc32Text } from '../crc32.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import type { Plan, TaskPlan } from '../plan/plan.ts';

export interface Definition {
  readonly measures: string;
  readonly limits: string;
}

/** Of a task that judges another one, with what that one measures. */
export function definitionOf(index: Pick<PlanIndex, 'plan' | 'tasks'>, task: TaskPlan): Definition {
  const known = memo.get(task);
  if (known) return known;
  const judged = task.judges === undefined ? undefined : index.tasks.get(task.judges);
  const measures = JSON.stringify([measured(task), judged && measured(judged)]);
  const limits = JSON.stringify([
    task.thresholds,
    task.stages.map(({ thresholds, promote }) => [thresholds, promote]),
  ]);
  const made = { measures: sum([measures, mentioned(index.plan, measures)]), limits: sum([limits]) };
  memo.set(task, made);
  return made;
}

const memo = new WeakMap<TaskPlan, Definition>();

/** All but what says when, how long, how often and how strictly; a key that is new is among it until somebody says otherwise. */
function measured(task: TaskPlan): Readonly<Record<string, unknown>> {
  const beside = {
    phase: undefined,
    number: undefined,
    needs: undefined,
    mode: undefined,
    onBroken: undefined,
    leftOut: undefined,
    when: undefined,
    timeoutMs: undefined,
    stall: undefined,
    killAfterMs: undefined,
    retry: undefined,
    labels: undefined,
    thresholds: undefined,
    logLimitBytes: undefined,
    softness: undefined,
    cache: undefined,
    // An image is a part of what is measured, a layer of this machine is not.
    isolation: task.isolation?.container,
    writes: undefined,
    prove: undefined,
  };
  return { ...task, ...beside, stages: task.stages.map(({ count }) => count) };
}

/** The values of variables that a command may see: they are filled in only when it is started. */
function mentioned({ vars, goal, profile }: Plan, text: string): unknown {
  const names = [...text.matchAll(/\{\{\s*vars\.([^{}\s]+)\s*\}\}/g)].map(([, name = '']) => name);
  const seen = text.includes('GATE_VAR_') ? Object.keys(vars) : names;
  return [
    seen.map((name) => [name, Object.hasOwn(vars, name) ? vars[name] : undefined]),
    /\{\{\s*goal\s*\}\}|GATE_GOAL/.test(text) ? goal : undefined,
    /\{\{\s*profile\s*\}\}/.test(text) ? profile : undefined,
  ];
}

function sum(parts: readonly unknown[]): string {
  return crc32Text(JSON.stringify(parts)).toString(16).padStart(8, '0');
}
