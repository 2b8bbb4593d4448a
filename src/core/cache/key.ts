// What an answer depends on, as text: equal texts, equal answers. Thresholds, exits and bounds are not among it, since a verdict
// is made anew from the kept evidence; nor are run, cycle and attempt, but where the command itself is given them.

import { fillArgv } from '../plan/command.ts';
import { fill } from '../plan/fill.ts';
import { taskEnv, taskValues, type OrderInput } from '../plan/order.ts';
import type { TaskPlan } from '../plan/plan.ts';
import { limitsOf } from '../plan/resources.ts';

/** Raised when what is kept, or what a key is made of, means something else than before. */
export const CACHE_VERSION = 1;

/** Values of variables are sums here, since any of them may be a secret. */
export interface KeyParts {
  readonly version: number;
  readonly platform: string;
  readonly task: string;
  /** As started; what comes from `vars` stays a name. */
  readonly command: string;
  /** Readers of metrics and labels, folders, `env.pass`, the globs themselves. */
  readonly definition: string;
  readonly env: Readonly<Record<string, string>>;
  /** By command, what it printed. */
  readonly versions: Readonly<Record<string, string>>;
  /** Sum of all paths and contents. */
  readonly files: string;
}

/** What task and surroundings add to a key; values of variables still as they are. */
export interface KeyDraft extends Pick<KeyParts, 'task' | 'command' | 'definition'> {
  /** Undefined: not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Variables that are not set for the task have no value here: what passes to it of gate-run's own the world knows. */
export function draftKey(input: OrderInput): KeyDraft {
  const { plan, task, judges } = input;
  const values = taskValues(input);
  // Vars may come from the environment: in words they stay names, and their values are summed below.
  const shown = (name: string) => (name.startsWith('vars.') ? `{{${name}}}` : values(name));
  const { command } = task;
  const words =
    command?.kind === 'argv' ? fillArgv(command.argv, shown) : [command?.shell ?? '', command?.script ?? ''];
  const given = taskEnv(input, values);
  const mentioned = words.flatMap((word) => word.match(OWN_VARIABLE) ?? []);
  const named = [...(task.cache?.env ?? []), ...mentioned, ...Object.keys(task.env.set)];
  const env = Object.fromEntries(
    [...new Set([...named, ...Object.keys(plan.vars).map((name) => `vars.${name}`)])]
      .toSorted()
      .map((name) => [name, name.startsWith('vars.') ? plan.vars[name.slice('vars.'.length)] : given[name]]),
  );
  const limits = limitsOf(task.resources);
  const definition = [
    task.cache?.inputs.toSorted(),
    task.outputs?.toSorted(),
    task.cache?.versions.map(({ text }) => text).toSorted(),
    task.env.pass,
    plan.redact,
    textsOf([task.cwd, task.stdin], shown),
    [task, ...judges].map(readersOf),
    // What passes in 8 GiB may not pass in 1; who else runs beside it says nothing of it.
    ...(limits ? [limits] : []),
    // Nor what passes in one image, or beside a network, in another one or without.
    ...(task.isolation?.container ? [task.isolation.container, task.network] : []),
  ];
  return { task: task.id, command: JSON.stringify(words), definition: JSON.stringify(definition), env };
}

/** What gate-run sets for a task and a script may read: it counts where the command names it. */
const OWN_VARIABLE = /\bGATE_[A-Z0-9_]+/g;

/** Files as written: an answer's evidence was read already. */
function readersOf({ id, cwd, metrics, labels }: TaskPlan): readonly unknown[] {
  return [id, cwd, metrics.map(({ name, source }) => [name, source]), labels];
}

function textsOf(
  texts: readonly (string | undefined)[],
  shown: (name: string) => string | undefined,
): readonly (string | undefined)[] {
  return texts.map((text) => (text === undefined ? undefined : fill(text, shown)));
}

/** The text that is summed: its parts in one order, whatever order they came in. */
export function keyText(parts: KeyParts): string {
  const { version, platform, task, command, definition, files } = parts;
  return JSON.stringify([
    version,
    platform,
    task,
    command,
    definition,
    pairs(parts.env),
    pairs(parts.versions),
    files,
  ]);
}

function pairs(map: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(map).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Undefined: the text is of another time, and says nothing that could be compared. */
export function partsIn(text: string): KeyParts | undefined {
  const read = parsed(text);
  if (!Array.isArray(read) || read[0] !== CACHE_VERSION) return undefined;
  const [, platform, task, command, definition, env, versions, files]: readonly unknown[] = read;
  return {
    version: CACHE_VERSION,
    platform: String(platform),
    task: String(task),
    command: String(command),
    definition: String(definition),
    env: Object.fromEntries(pairsIn(env)),
    versions: Object.fromEntries(pairsIn(versions)),
    files: String(files),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pairsIn(value: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair: unknown) =>
    Array.isArray(pair) ? [[String(pair[0]), String(pair[1])] as const] : [],
  );
}
