// The layers of the config: file, profile, variables, flags, lowest first; and what holds at the top once they are merged.

import type { ConfigFile, ProfileConfig } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import type { Flags } from './flags.ts';
import { isMap } from '../is-map.ts';
import { merged, placeIn, valuesOf } from './layer.ts';
import type { Layer } from './layer.ts';
import { unknownWord } from './names.ts';
import { overridesOf } from './overrides.ts';
import type { Environment } from './overrides.ts';
import type { Source } from './plan.ts';

export interface Settings {
  /** The top-level keys merged; `phases` and `profiles` are in no layer. */
  readonly top: Partial<Omit<ConfigFile, 'phases' | 'profiles'>>;
  readonly layers: readonly Layer[];
  readonly profile: string | undefined;
  readonly profileConfig: ProfileConfig | undefined;
  /** Where each top-level setting that somebody wrote comes from; by dotted key. */
  readonly sources: Readonly<Record<string, Source>>;
}

export function settle(
  config: ConfigFile,
  { flags, env }: { flags: Flags; env: Environment },
  problems: Problem[],
): Settings {
  const { phases: _phases, profiles = {}, ...file } = config;
  const written: Layer = { source: 'file', path: [], value: file };
  const overrides = overridesOf(flags, env, varsOf(config), problems);
  const wanted = merged<ConfigFile>([written, ...overrides]).profile;
  const found = wanted !== undefined && Object.hasOwn(profiles, wanted) ? profiles[wanted] : undefined;
  if (wanted !== undefined && found === undefined) {
    const message = unknownWord('profile', wanted, Object.keys(profiles));
    problems.push({ ...placeIn([written, ...overrides], ['profile']), message });
  }
  const layers = [written, ...profileLayer(wanted, found), ...overrides];
  return {
    top: merged(layers),
    layers,
    profile: found && wanted,
    profileConfig: found,
    sources: sourcesOf(layers),
  };
}

/** The profile in force is chosen before its own keys count, so a `profile` inside it says nothing. */
function profileLayer(name: string | undefined, found: ProfileConfig | undefined): readonly Layer[] {
  if (name === undefined || found === undefined) return [];
  const { profile: _profile, ...value } = found;
  return [{ source: 'profile', path: ['profiles', name], value: valuesOf(value) }];
}

function varsOf(config: ConfigFile): readonly string[] {
  const names = new Set(Object.keys(config.vars ?? {}));
  for (const profile of Object.values(config.profiles ?? {})) {
    for (const name of Object.keys(profile.vars ?? {})) names.add(name);
  }
  return [...names];
}

/** Kept elsewhere: what tasks inherit is shown at each task, and the rest is no setting. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  'version',
  'name',
  'defaults',
  'steps',
  'gates',
  'skip',
  'only',
]);

function sourcesOf(layers: readonly Layer[]): Readonly<Record<string, Source>> {
  const sources: Record<string, Source> = {};
  for (const { source, value } of layers) {
    for (const [key, setting] of Object.entries(value)) {
      if (NOT_SHOWN.has(key) || setting === undefined) continue;
      for (const part of keysOf(key, setting)) sources[part] = source;
    }
  }
  return sources;
}

/** Maps of settings that are each set apart from the others. */
const MAPS: ReadonlySet<string> = new Set([
  'loop.rest',
  'loop.backoff',
  'exit.target',
  'exit.budget',
  'exit.give-up',
  'champion.confirm',
  'champion.robustness',
  'state.keep',
  'state.archive',
  'state.snapshots',
]);

function keysOf(key: string, setting: unknown): readonly string[] {
  if (!isMap(setting)) return [key];
  return Object.entries(setting).flatMap(([part, inner]) => {
    const whole = `${key}.${part}`;
    return MAPS.has(whole) && isMap(inner) ? Object.keys(inner).map((name) => `${whole}.${name}`) : [whole];
  });
}
