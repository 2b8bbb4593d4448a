// What is planted to prove that a gate can fail, the surest first. It touches no file.

import type { ProveConfig } from '../config/prove-schema.ts';
import { leadsOut } from '../config/prove-rules.ts';
import { unfold } from '../glob.ts';
import { fill, namesIn } from '../plan/fill.ts';
import type { Plan, TaskPlan } from '../plan/plan.ts';
import { proveText } from '../plan/prove-text.ts';

export interface Planting {
  /** `said`: by `prove`, so that whoever passes on it cannot fail. Of the others a pass says nothing. */
  readonly kind: 'said' | 'emptied' | 'silent';
  /** For people: `appends to src/**`. */
  readonly text: string;
  readonly write: Readonly<Record<string, string>>;
  readonly append: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** Globs of files that are emptied. */
  readonly empty: readonly string[];
  /** Files are written or appended to; else a gate that cannot judge any more has noticed that something is missing. */
  readonly addsText: boolean;
  /** Parameters are set, so that something is planted although no file is. */
  readonly setsParameters: boolean;
}

/** Why there is nothing to plant, as the end of a sentence. */
export interface Unplantable {
  readonly unplantable: string;
}

const NOTHING: Omit<Planting, 'kind' | 'text'> = {
  write: {},
  append: {},
  remove: [],
  empty: [],
  addsText: false,
  setsParameters: false,
};

/**
 * What `prove` says, and nothing else; without it: every file of `inputs` emptied, then the command left out where numbers are read
 * from what it leaves. A gate that judges another task plants what is planted for that one.
 */
export function plantingsOf(plan: Plan, task: TaskPlan): readonly Planting[] | Unplantable {
  const judged = plan.phases.flatMap(({ tasks }) => tasks).find(({ id }) => id === task.judges);
  const said = task.prove ?? judged?.prove;
  if (said) return saidIn(plan, said);
  const inputs = task.cache?.inputs ?? judged?.cache?.inputs ?? [];
  const reads = task.metrics.length > 0;
  const tries: Planting[] = [];
  if (inputs.length > 0)
    tries.push({ ...NOTHING, kind: 'emptied', text: 'its `inputs` emptied', empty: inputs });
  if (reads)
    tries.push({ ...NOTHING, kind: 'silent', text: 'a command that does nothing in the place of its own' });
  return tries.length > 0 ? tries : { unplantable: 'no known-bad input: say `prove`' };
}

function saidIn(plan: Plan, said: ProveConfig): readonly Planting[] | Unplantable {
  const { write = {}, append = {}, remove = [], with: given = {} } = said;
  const named = [...Object.keys(write), ...Object.keys(append), ...remove];
  for (const name of named) {
    const filled = filledIn(plan, name);
    if (filled === undefined)
      return { unplantable: `\`${name}\` is known only while a cycle runs: say \`prove\`` };
    if (leadsOut(filled)) return { unplantable: `\`${filled}\` leads out of the folder: say \`prove\`` };
  }
  const at = (name: string) => filledIn(plan, name) ?? name;
  const placed = (contents: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(contents).map(([name, text]) => [at(name), text]));
  return [
    {
      kind: 'said',
      text: proveText({ ...said, write: placed(write), append: placed(append), remove: remove.map(at) }),
      write: Object.fromEntries(Object.entries(placed(write)).map(([name, text]) => [fileFor(name), text])),
      append: placed(append),
      remove: remove.map(at),
      empty: [],
      addsText: named.length > remove.length,
      setsParameters: Object.keys(given).length > 0,
    },
  ];
}

/** With what the plan knows; undefined: only a cycle knows it. */
function filledIn({ vars, goal, profile }: Plan, text: string): string | undefined {
  const known = new Map(Object.entries(vars).map(([name, value]) => [`vars.${name}`, value]));
  if (goal !== undefined) known.set('goal', goal);
  if (profile !== undefined) known.set('profile', profile);
  return namesIn(text).every((name) => known.has(name)) ? fill(text, (name) => known.get(name)) : undefined;
}

/** The name that stands for every wildcard. */
const PLANTED = 'gate-run-planted';

/** A path that the glob matches: `docs/**` has `docs/gate-run-planted`, `src/*.ts` has `src/gate-run-planted.ts`. */
export function fileFor(glob: string): string {
  const [first = glob] = unfold(glob);
  const parts = first
    .split('/')
    .filter((part, at, all) => part !== '.' && (part !== '**' || at === all.length - 1));
  return parts.map((part) => part.replaceAll(/\*+/g, PLANTED).replaceAll('?', 'x')).join('/');
}
