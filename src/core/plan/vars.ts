// The names whose values are known before anything runs: `vars.*`, `goal` and `profile`.

import type { ConfigFile, Scalar, VariableConfig } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import { CLASH_MEND, clashes, RUNTIME_NAMES } from './fill.ts';
import type { Environment } from './overrides.ts';
import type { Source } from './plan.ts';
import { Reader } from './reader.ts';
import type { Names } from './reader.ts';
import type { Settings } from './settings.ts';

export interface Fixed {
  /** Those with a value, by name, sorted. */
  readonly vars: Readonly<Record<string, string>>;
  readonly goal: string | undefined;
  readonly values: ReadonlyMap<string, string | undefined>;
  readonly sources: Readonly<Record<string, Source>>;
}

/** A var may name the profile, the goal may name vars; nothing names what comes after it, so there is no circle. */
export function fixedValues(settings: Settings, env: Environment, problems: Problem[]): Fixed {
  const values = new Map<string, string | undefined>([['profile', settings.profile]]);
  const reader = new Reader(settings.layers, plainNames(values), problems);
  const vars: [string, string][] = [];
  const sources: Record<string, Source> = {};
  const written: NonNullable<ConfigFile['vars']> = settings.top.vars ?? {};
  const found = new Map<string, string | undefined>();
  for (const { name, first, variable } of clashes('GATE_VAR_', Object.keys(written).toSorted())) {
    const message = `\`vars.${first}\` and \`vars.${name}\` would both be ${variable}`;
    reader.say(['vars', name], message, { on: 'key', mend: CLASH_MEND });
  }
  for (const name of Object.keys(written).toSorted()) {
    const held = written[name];
    if (held === undefined) continue;
    const [value, source] = variableValue(held, env);
    // Only what stands in a file is a template; what comes from the environment is taken as it is.
    const filled = value === undefined || source === 'variable' ? value : reader.text(value, ['vars', name]);
    found.set(`vars.${name}`, filled === undefined ? undefined : String(filled));
    if (filled !== undefined) vars.push([name, String(filled)]);
    if (source !== undefined) sources[`vars.${name}`] = source;
  }
  for (const [name, value] of found) values.set(name, value);
  const { goal: template } = settings.top;
  const goal = template === undefined ? undefined : reader.text(template, ['goal']);
  values.set('goal', goal);
  return { vars: Object.fromEntries(vars), goal, values, sources };
}

/** Names for values outside tasks, where nothing is known of a running cycle. */
export function plainNames(fixed: Names['fixed']): Names {
  return {
    fixed,
    mayLack: false,
    later: (name) => Object.hasOwn(RUNTIME_NAMES, name),
    all: () => [...fixed.keys()],
  };
}

function variableValue(
  held: Scalar | VariableConfig,
  env: Environment,
): readonly [value: Scalar | undefined, source: Source | undefined] {
  if (typeof held !== 'object') return [held, undefined];
  const value = env[held.env];
  return value ? [value, 'variable'] : [held.default, undefined];
}
