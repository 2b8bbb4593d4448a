// `env` of a task: what passes of gate-run's own environment, and what is set.

import type { EnvConfig } from '../config/config.ts';
import type { HiddenNames } from './hidden-names.ts';
import type { EnvPlan } from './plan.ts';
import type { Reader } from './reader.ts';
import { refuseShort } from './redact.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OWN_NAMES: ReadonlySet<string> = new Set(
  [
    '',
    '_CYCLE',
    '_CYCLE_DIR',
    '_PHASE',
    '_TASK',
    '_ATTEMPT',
    '_SEED',
    '_COUNT',
    '_STATE',
    '_GOAL',
    '_RUN',
    '_OUTER',
  ].map((end) => `GATE${end}`),
);
export const NO_ENV: EnvPlan = { pass: undefined, set: {} };

export function readEnv(
  written: EnvConfig | undefined,
  { reader, hidden }: { readonly reader: Reader; readonly hidden: HiddenNames },
): EnvPlan {
  if (written === undefined) return NO_ENV;
  const pass = written.pass?.map((name, at) => reader.text(name, ['env', 'pass', at]) ?? '');
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(written.set ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const path = ['env', 'set', name];
    if (!NAME.test(name)) reader.say(path, `\`${name}\` is no name of a variable`, { on: 'key' });
    if (OWN_NAMES.has(name) || /^GATE_(VAR|METRIC)_/.test(name)) {
      reader.say(path, `\`${name}\` is set by gate-run itself`, { on: 'key', mend: 'take another name' });
    }
    set[name] = reader.template(value, path);
  }
  refuseShort(set, hidden, reader);
  return { pass, set };
}
