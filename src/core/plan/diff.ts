// Two plans compared: every value that decides work, judgement and ends, by a dotted name that people find again in their config.

import { formatDuration } from '../config/quantity.ts';
import { lasting } from './fingerprint.ts';
import type { Plan } from './plan.ts';

/** By name; what is absent has its default. */
export type FlatPlan = Readonly<Record<string, string>>;

export interface Difference {
  readonly key: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly now: string | null;
}

/** Equal for plans with the same id, and different for others. */
export function flat(plan: Plan): FlatPlan {
  const { id: _id, sources: _sources, warnings: _warnings, phases, ...top } = plan;
  const values = new Map<string, string>();
  flatten('', lasting(top), values);
  values.set('phases', phases.map((phase) => phase.id).join(', '));
  for (const { tasks, title: _title, ...phase } of phases) {
    flatten(`phases.${phase.id}`, { ...phase, tasks: tasks.map((task) => task.id) }, values);
    for (const task of tasks) flatten(`${task.kind}s.${task.id}`, task, values);
  }
  return Object.fromEntries(values);
}

export function differences(before: FlatPlan, now: FlatPlan): readonly Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys]
    .filter((key) => before[key] !== now[key])
    .map((key) => ({ key, before: before[key] ?? null, now: now[key] ?? null }));
}

/** Deeper than any plan is. */
const DEEPEST = 12;

function flatten(name: string, value: unknown, values: Map<string, string>, depth: number = 0): void {
  if (value === undefined || value === null) return;
  const isList = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  if (typeof value !== 'object' || isList || depth === DEEPEST) {
    const text = isList ? value.join(', ') : valueText(name, value);
    if (text !== '') values.set(written(name), text);
    return;
  }
  for (const [key, one] of Object.entries(value)) {
    const own = isNamed(one) ? one.name : key;
    flatten(name === '' ? own : `${name}.${own}`, one, values, depth + 1);
  }
}

/** Of a list of metrics or conditions: the name says more than the place. */
function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

function valueText(name: string, value: unknown): string {
  return typeof value === 'number' && name.endsWith('Ms') ? formatDuration(value) : String(value);
}

/** `loop.sleepMs` as people write it: `loop.sleep`. */
function written(name: string): string {
  return name.replaceAll(/Ms\b/g, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
