// Plans from configs written in place, for the tests of this folder.

import { parse } from 'yaml';
import type { ConfigFile } from '../../../src/core/config/config.ts';
import type { Problem } from '../../../src/core/config/problem.ts';
import { expressions } from '../../../src/core/expression.ts';
import { NO_FLAGS, type Flags } from '../../../src/core/plan/flags.ts';
import { makePlan, type PlanInput } from '../../../src/core/plan/make.ts';
import type { Plan, TaskPlan } from '../../../src/core/plan/plan.ts';
import type { MachineFacts } from '../../../src/core/plan/resources.ts';

export interface Circumstances {
  readonly flags?: Partial<Flags>;
  readonly env?: PlanInput['env'];
  readonly gates?: PlanInput['gates'];
  readonly gateNames?: () => readonly string[];
  readonly cores?: number;
  readonly machine?: MachineFacts;
}

/** Everything but `version` and `name`, which no test of a plan is about. */
export function configOf(text: string): ConfigFile {
  return { version: 1, name: 'sample', ...parse(text) };
}

export function resultOf(config: ConfigFile | string, at: Circumstances = {}): ReturnType<typeof makePlan> {
  return makePlan({
    config: typeof config === 'string' ? configOf(config) : config,
    gates: at.gates ?? new Map(),
    ...(at.gateNames && { gateNames: at.gateNames }),
    flags: { ...NO_FLAGS, ...at.flags },
    env: at.env ?? {},
    cores: at.cores ?? 4,
    ...(at.machine && { machine: () => at.machine ?? { memoryBytes: undefined, cores: 1, pids: undefined } }),
    expressions,
  });
}

export function planOf(config: ConfigFile | string, at: Circumstances = {}): Plan {
  const result = resultOf(config, at);
  if (result.problems) throw new Error(`no plan: ${result.problems.map(shown).join('; ')}`);
  return result.value;
}

export function problemsOf(config: ConfigFile | string, at: Circumstances = {}): readonly Problem[] {
  return resultOf(config, at).problems ?? [];
}

/** `phases.check.gates.a.timeout: message (mend)`. */
export function complaints(config: ConfigFile | string, at: Circumstances = {}): readonly string[] {
  return problemsOf(config, at).map(shown);
}

export function taskOf(plan: Plan, id: string): TaskPlan {
  const task = plan.phases.flatMap((phase) => phase.tasks).find((one) => one.id === id);
  if (!task) throw new Error(`no task ${id}`);
  return task;
}

/** The plan of a config with one gate `a`, written as the keys of that gate. */
export function gateOf(keys: string, at: Circumstances = {}): TaskPlan {
  return taskOf(planOf(oneGate(keys), at), 'a');
}

export function oneGate(keys: string): string {
  const lines = keys.split('\n').map((line) => `        ${line}`);
  return `phases:\n  check:\n    gates:\n      a:\n${lines.join('\n')}\n`;
}

export function rules(plan: Plan): Readonly<Record<string, string>> {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  return Object.fromEntries(tasks.map((task) => [task.id, task.leftOut ?? 'in']));
}

function shown({ file, path, message, mend }: Problem): string {
  const place = [file, path?.join('.')].filter((part) => part !== undefined).join(':');
  return `${place}: ${message}${mend === undefined ? '' : ` (${mend})`}`;
}
