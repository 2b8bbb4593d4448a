// What would become of a task that may be answered, as things stand; for `plan` and `explain`. Nothing is decided by it.

import { namesIn } from '../plan/fill.ts';
import type { TaskPlan } from '../plan/plan.ts';
import type { KeyParts } from './key.ts';

export interface Foretold {
  readonly task: string;
  /** `unknown`: that hangs on something which only a cycle knows. */
  readonly would: 'be-answered' | 'run' | 'unknown';
  /** Of the answer there is. */
  readonly keptAt?: string;
  readonly from?: string;
  readonly savedMs?: number;
  /** Why it would run, or cannot be told; all of it. Empty where it was never answered. */
  readonly why: readonly string[];
  readonly key?: ForetoldKey;
}

export interface ForetoldKey extends Omit<KeyParts, 'files' | 'version' | 'task'> {
  readonly sum: string;
  readonly files: readonly { readonly path: string; readonly sum: string; readonly bytes: number }[];
}

/** Of what a task is told, this is the same in every cycle. */
const STEADY = /^(?:goal|profile|phase|task|attempt|state\.dir|gate-run\..+|vars\..+)$/;
const STEADY_VARIABLE = /^GATE_(?:GOAL|PHASE|TASK|ATTEMPT|STATE|VAR_\w+)$/;
const VARIABLE = /\bGATE_[A-Z0-9_]+/g;

/** What in the task's words has another value in each cycle: then it is hardly ever answered. */
export function changingName({ command, env, cwd, stdin }: TaskPlan): string | undefined {
  const words = command?.kind === 'argv' ? command.argv : [command?.script ?? ''];
  const texts = [...words, ...Object.values(env.set), cwd ?? '', stdin ?? ''];
  const name = texts.flatMap(namesIn).find((one) => !STEADY.test(one));
  if (name !== undefined) return `{{${name}}}`;
  return words
    .flatMap((word) => word.match(VARIABLE) ?? [])
    .find((variable) => !STEADY_VARIABLE.test(variable));
}
