// A value out of a TypeScript or JavaScript config, brought to what YAML could have said.

import { describe } from './describe.ts';
import type { Path, Problem } from './problem.ts';
import { MAX_DEPTH, MAX_NODES } from './limits.ts';

/** A copy made of maps, lists, texts, numbers and booleans; a key set to undefined counts as absent. */
export function plainValue(value: unknown): {
  readonly value: unknown;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  let nodes = 0;
  const copy = (at: unknown, path: Path): unknown => {
    nodes += 1;
    if (nodes > MAX_NODES || path.length > MAX_DEPTH) {
      if (problems.length === 0) {
        const message = `the config is endless: more than ${MAX_NODES} values or ${MAX_DEPTH} levels`;
        problems.push({ message, mend: 'look for an object that holds itself' });
      }
      return undefined;
    }
    if (Array.isArray(at)) return at.map((item: unknown, index) => copy(item, [...path, index]));
    if (typeof at === 'string' || typeof at === 'boolean' || typeof at === 'number') return at;
    if (at !== null && typeof at === 'object' && isPlainObject(at)) {
      const entries = Object.entries(at).filter(([key, inner]) => inner !== undefined && key !== '__proto__');
      return Object.fromEntries(entries.map(([key, inner]) => [key, copy(inner, [...path, key])]));
    }
    const message = `expected a plain value, not ${describe(at)}`;
    problems.push({
      path,
      on: 'value',
      message,
      mend: 'only maps, lists, texts, numbers and booleans can stand here',
    });
    return undefined;
  };
  const copied = copy(value, []);
  return { value: copied, problems };
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
