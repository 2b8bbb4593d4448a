// Settings written in several places, lowest first: what holds, and where it was written. It knows no key by name.

import type { Path, Problem } from '../config/problem.ts';
import { isMap } from '../is-map.ts';
import type { Source } from './plan.ts';

export type Values = Readonly<Record<string, unknown>>;

export interface Layer {
  readonly source: Source;
  readonly value: Values;
  /** Where the layer stands in its file. */
  readonly path: Path;
  /** The gate file, flag or variable; undefined: the config. */
  readonly file?: string;
}

/**
 * Maps merge, lists and scalars replace; the last layer wins. One layer alone is handed back as it is.
 * The caller names the shape: every layer was checked against it, but texts from flags may stand where it has numbers.
 */
export function merged<Shape extends object>(layers: readonly Layer[]): Partial<Shape> {
  let result: Values | undefined;
  for (const layer of layers) result = result === undefined ? layer.value : merge(result, layer.value, '');
  const whole = result ?? {};
  return hasShape<Shape>(whole) ? whole : {};
}

/** True by what core/config checked before: merging maps of one shape gives that shape again. */
function hasShape<Shape extends object>(_value: Values): _value is Partial<Shape> & Values {
  return true;
}

const READER_KEYS: ReadonlySet<string> = new Set(
  [
    'regex',
    'count',
    'json',
    'at',
    'junit',
    'istanbul',
    'lcov',
    'cobertura',
    'sarif',
    'field',
    'folder',
    'in',
  ], // one definition together
);

function merge(low: Values, high: Values, parent: string): Values {
  const result: Record<string, unknown> = { ...low };
  for (const key of Object.keys(high)) {
    const [below, above] = [low[key], high[key]];
    if (above === undefined) continue;
    const mayMerge = isMap(below) && isMap(above) && !(parent === '' && key === 'prove');
    result[key] = mayMerge ? mergeMaps(below, above, { key, parent }) : above;
  }
  return result;
}

/** A metric or label that names a reader replaces the whole reader below it, since a metric has exactly one. */
function mergeMaps(below: Values, above: Values, { key, parent }: { key: string; parent: string }): Values {
  const isReader = parent === 'metrics' || parent === 'labels';
  if (!isReader || !Object.keys(above).some((name) => READER_KEYS.has(name))) return merge(below, above, key);
  const kept = Object.entries(below).filter(([name]) => !READER_KEYS.has(name));
  return { ...Object.fromEntries(kept), ...above };
}

/** A checked map of the config as plain values. */
export function valuesOf(value: object): Values {
  return isMap(value) ? value : {};
}

/** The place of the highest layer that holds `path`, or as much of it as any layer holds. */
export function placeIn(layers: readonly Layer[], path: Path): Pick<Problem, 'file' | 'path'> {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length);
    for (let at = layers.length - 1; at >= 0; at -= 1) {
      const layer = layers[at];
      if (layer && holds(layer.value, part)) return placeOf(layer, part);
    }
  }
  return {};
}

function placeOf({ file, path }: Layer, part: Path): Pick<Problem, 'file' | 'path'> {
  if (file?.startsWith('-') || file?.startsWith('GATE_RUN_')) return { file };
  return { ...(file === undefined ? {} : { file }), path: [...path, ...part] };
}

function holds(value: unknown, path: Path): boolean {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return false;
    here = Reflect.get(here, step);
  }
  return here !== undefined;
}
