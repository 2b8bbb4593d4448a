// What the parts of making a plan share while it is made: the settings, every task's id and layers, the problems so far.

import type { ConfigFile } from '../config/config.ts';
import { GATE_KEYS } from '../config/gate-keys.ts';
import type { Path, Problem } from '../config/problem.ts';
import type { UsedGate } from './gate-file.ts';
import { RUNTIME_NAMES } from './fill.ts';
import type { Flags } from './flags.ts';
import type { HiddenNames } from './hidden-names.ts';
import { isMap } from '../is-map.ts';
import { valuesOf } from './layer.ts';
import type { Layer } from './layer.ts';
import { isGlob, matcherOf, unknownWord } from './names.ts';
import type { Environment } from './overrides.ts';
import type { Source } from './plan.ts';
import type { Names } from './reader.ts';
import type { MachineFacts } from './resources.ts';
import type { Settings } from './settings.ts';
import type { Fixed } from './vars.ts';

export interface Draft {
  readonly config: ConfigFile;
  readonly settings: Settings;
  readonly fixed: Fixed;
  readonly gates: ReadonlyMap<string, UsedGate>;
  readonly gateNames: () => readonly string[];
  readonly unreadable: ReadonlySet<string>;
  readonly flags: Flags;
  /** What the machine has; undefined where it does not matter yet. */
  readonly machine: (() => MachineFacts) | undefined;
  readonly env: Environment;
  readonly hidden: HiddenNames;
  readonly tasks: ReadonlyMap<string, Found>;
  readonly ids: readonly string[];
  readonly problems: Problem[];
  readonly warnings: Problem[];
  /** By dotted key, as `--set` takes it. */
  readonly sources: Record<string, Source>;
  /** The few kinds of names that tasks have, by kind. */
  readonly names: Map<string, Names>;
  /** Names of metrics that texts mention, checked once all metrics are known. */
  readonly metricUses: { readonly name: string; readonly place: Pick<Problem, 'file' | 'path'> }[];
}

/** A task as the file has it, with everything that is laid over it but its gate file. */
export interface Found {
  readonly id: string;
  readonly kind: 'step' | 'gate';
  readonly phase: string;
  readonly number: string;
  readonly path: Path;
  /** Lowest first: defaults, the task itself, the profile's globs, the profile's id, flags. */
  readonly layers: readonly Layer[];
}

/**
 * Every task of the file. What is nearer to the person wins: gate file < `defaults` (file, then profile) < the task's own keys <
 * the profile's `steps` and `gates` (globs in order, then the exact id) < flags.
 */
export function findTasks(
  config: ConfigFile,
  settings: Settings,
  problems: Problem[],
): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  const gateDefaults = settings.layers.flatMap(defaultsOf);
  const lower = { step: gateDefaults.map(withoutJudging), gate: gateDefaults };
  const upper = { step: overlaysOf(settings.layers, 'steps'), gate: overlaysOf(settings.layers, 'gates') };
  Object.entries(config.phases).forEach(([phase, { steps = {}, gates = {} }], phaseAt) => {
    let number = 0;
    for (const [kind, tasks] of [['step', steps] as const, ['gate', gates] as const]) {
      for (const [id, task] of Object.entries(tasks)) {
        number += 1;
        const path: Path = ['phases', phase, kind === 'step' ? 'steps' : 'gates', id];
        const first = found.get(id);
        if (first) {
          problems.push({
            path,
            on: 'key',
            message: `a task \`${id}\` stands in \`${first.phase}\` already`,
          });
          continue;
        }
        const own: Layer = { source: 'file', path, value: valuesOf(task) };
        const layers =
          lower[kind].length === 0 && upper[kind].length === 0
            ? [own]
            : [...lower[kind], own, ...overlaysFor(id, upper[kind])];
        found.set(id, { id, kind, phase, number: `${phaseAt + 1}.${number}`, path, layers });
      }
    }
  });
  for (const kind of ['step', 'gate'] as const) {
    for (const { word, layer } of upper[kind]) sayUnknown(word, { kind, layer, found, problems });
  }
  return found;
}

function defaultsOf({ value, path, ...layer }: Layer): readonly Layer[] {
  const { defaults } = value;
  return isMap(defaults) ? [{ ...layer, value: defaults, path: [...path, 'defaults'] }] : [];
}

/** A gate may be called `defaults` too, and then stands under `gates`. */
export function isFromDefaults({ path }: Layer): boolean {
  return path.at(-1) === 'defaults' && path.at(-2) !== 'gates' && path.at(-2) !== 'steps';
}

/** What `defaults` say to gates alone; a step may read metrics and labels, and only says so itself. */
const FOR_GATES: ReadonlySet<string> = new Set([...GATE_KEYS, 'metrics', 'labels']);

function withoutJudging(layer: Layer): Layer {
  const kept = Object.entries(layer.value).filter(([key]) => !FOR_GATES.has(key));
  return { ...layer, value: Object.fromEntries(kept) };
}

interface Overlay {
  readonly word: string;
  readonly matches: (id: string) => boolean;
  readonly layer: Layer;
}

/** Globs before exact ids within one layer, so that the exact id wins. */
function overlaysOf(layers: readonly Layer[], home: 'steps' | 'gates'): readonly Overlay[] {
  return layers.flatMap(({ value, path, ...layer }) => {
    const held = value[home];
    if (!isMap(held)) return [];
    const overlays = Object.entries(held).flatMap(([word, keys]): readonly Overlay[] =>
      isMap(keys)
        ? [{ word, matches: matcherOf(word), layer: { ...layer, value: keys, path: [...path, home, word] } }]
        : [],
    );
    return [...overlays.filter(({ word }) => isGlob(word)), ...overlays.filter(({ word }) => !isGlob(word))];
  });
}

function overlaysFor(id: string, overlays: readonly Overlay[]): readonly Layer[] {
  return overlays.filter((overlay) => overlay.matches(id)).map((overlay) => overlay.layer);
}

function sayUnknown(
  word: string,
  {
    kind,
    layer,
    found,
    problems,
  }: { kind: Found['kind']; layer: Layer; found: ReadonlyMap<string, Found>; problems: Problem[] },
): void {
  const candidates = [...found.values()].filter((task) => task.kind === kind).map((task) => task.id);
  if (candidates.some(matcherOf(word))) return;
  const place = layer.file === undefined ? { path: layer.path, on: 'key' as const } : { file: layer.file };
  const other = found.get(word);
  const message = other ? `\`${word}\` is a ${other.kind}` : unknownWord(kind, word, candidates);
  problems.push({ ...place, message, ...(other ? { mend: `write it under \`${other.kind}s\`` } : {}) });
}

/** The names that a text of a task may hold. In a task that is left out, a value may be missing. */
export function taskNames(draft: Draft, { isLadder, isOut }: { isLadder: boolean; isOut: boolean }): Names {
  const key = `${isLadder} ${isOut}`;
  const before = draft.names.get(key);
  if (before) return before;
  const names: Names = {
    fixed: draft.fixed.values,
    mayLack: isOut,
    later(name, place) {
      if (name === 'count') return isLadder;
      if (name.startsWith('champion.') && draft.settings.top.objective === undefined) return false;
      if (Object.hasOwn(RUNTIME_NAMES, name)) return true;
      if (name.startsWith('champion.')) {
        draft.metricUses.push({ name: name.slice('champion.'.length), place: place() });
        return true;
      }
      if (name.startsWith('metrics.')) {
        draft.metricUses.push({ name: name.slice('metrics.'.length), place: place() });
        return true;
      }
      const task = /^tasks\.([^.]+)\.log$/.exec(name)?.[1];
      return task !== undefined && draft.tasks.has(task);
    },
    all: () => [
      ...draft.fixed.values.keys(),
      ...Object.keys(RUNTIME_NAMES).filter(
        (name) => !name.startsWith('champion.') || draft.settings.top.objective !== undefined,
      ),
      ...draft.ids.map((id) => `tasks.${id}.log`),
    ],
  };
  draft.names.set(key, names);
  return names;
}

/** `phases` of the settings: flags may set some of their keys. */
export function phaseLayers(draft: Draft, id: string): readonly Layer[] {
  const config = draft.config.phases[id];
  const own: Layer = { source: 'file', path: ['phases', id], value: config ? valuesOf(config) : {} };
  const over = draft.settings.layers.flatMap(({ value, ...layer }) => {
    const held = isMap(value['phases']) ? value['phases'][id] : undefined;
    return isMap(held) ? [{ ...layer, value: held }] : [];
  });
  return over.length === 0 ? [own] : [own, ...over];
}

/** A gate that was not found may bring any metric. */
export function knowsAllGates({ tasks, gates }: Draft): boolean {
  const layers = [...tasks.values()].flatMap((task) => task.layers);
  return layers.every(({ value: { uses } }) => typeof uses !== 'string' || gates.has(uses));
}
