// The environment of tasks: what passes of gate-run's own, and whether a secret can reach a child through it.

import type { Secret } from '../core/judge/redact.ts';
import { listing, passing } from '../core/plan/passing.ts';
import type { Order } from '../ports.ts';
import { outerMarks } from './marks.ts';

export type Environment = Readonly<Record<string, string>>;

export interface Hiding {
  readonly isHidden: (name: string) => boolean;
  readonly secrets: readonly Secret[];
}

/** What a child is started with. A variable of the config that holds a secret passes only where it, or the secret, is listed. */
export function environments(
  env: NodeJS.ProcessEnv,
  { isHidden, secrets }: Hiding,
): (order: Pick<Order, 'pass' | 'env'>) => Environment {
  const passes = passingParts(env, isHidden);
  const outer = outerMarks(env);
  return ({ pass, env: own }) => ({ ...passes(pass), ...withheld(own, pass ?? [], secrets), ...outer });
}

function withheld(own: Environment, pass: readonly string[], secrets: readonly Secret[]): Environment {
  if (secrets.length === 0) return own;
  const isListed = listing(pass);
  const isShown = ([name, value]: readonly [string, string]): boolean =>
    !OF_THE_CONFIG.test(name) ||
    isListed(name) ||
    !secrets.some((secret) => value.includes(secret.value) && !isListed(secret.name));
  return Object.fromEntries(Object.entries(own).filter(isShown));
}

/** Set for every child from values that may come from anywhere. */
const OF_THE_CONFIG = /^GATE_(?:VAR_.*|GOAL)$/;

/** Gives the passing part for a `pass` list, made once for each distinct list. */
function passingParts(
  env: NodeJS.ProcessEnv,
  isHidden: (name: string) => boolean,
): (pass: readonly string[] | undefined) => Environment {
  const made = new Map<string, Environment>();
  return (pass) => {
    const key = pass === undefined ? '' : JSON.stringify(pass);
    const found = made.get(key);
    if (found !== undefined) return found;
    const passes = passing(pass, isHidden);
    const part = Object.fromEntries(
      Object.entries(env).filter(
        (pair): pair is [string, string] => pair[1] !== undefined && passes(pair[0]),
      ),
    );
    made.set(key, part);
    return part;
  };
}
