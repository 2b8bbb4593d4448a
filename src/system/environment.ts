// The environment of tasks: what passes of gate-run's own, and whether a secret can reach a child through it.

import { compileGlob, compileGlobs, isGlob } from '../core/glob.ts';
import type { Secret } from '../core/judge/redact.ts';
import type { Order } from '../ports.ts';

export type Environment = Readonly<Record<string, string>>;

/** Names that one attempt is told and that would be lies in another, when gate-run itself runs inside a task. */
const OF_ONE_ATTEMPT =
  /^GATE_(?:RUN|CYCLE|CYCLE_DIR|PHASE|TASK|ATTEMPT|SEED|COUNT|RUNG|STATE|GOAL|VAR_.*|METRIC_.*|CHAMPION_.*)$/;

/** What a child is started with. A variable of the config that holds a secret passes only where it, or the secret, is listed. */
export function environments(
  env: NodeJS.ProcessEnv,
  { redact, secrets }: { readonly redact: readonly string[]; readonly secrets: readonly Secret[] },
): (order: Pick<Order, 'pass' | 'env'>) => Environment {
  const passes = passing(env, redact);
  return ({ pass, env: own }) => ({ ...passes(pass), ...withheld(own, pass ?? [], secrets) });
}

function withheld(own: Environment, pass: readonly string[], secrets: readonly Secret[]): Environment {
  if (secrets.length === 0) return own;
  const isListed = passesListed(pass);
  const isShown = ([name, value]: readonly [string, string]): boolean =>
    !OF_THE_CONFIG.test(name) ||
    isListed(name) ||
    !secrets.some((secret) => value.includes(secret.value) && !isListed(secret.name));
  return Object.fromEntries(Object.entries(own).filter(isShown));
}

/** Set for every child from values that may come from anywhere. */
const OF_THE_CONFIG = /^GATE_(?:VAR_.*|GOAL)$/;

/** Gives the passing part for a `pass` list, made once for each distinct list. `redact` names what passes only when listed. */
function passing(
  env: NodeJS.ProcessEnv,
  redact: readonly string[],
): (pass: readonly string[] | undefined) => Environment {
  const made = new Map<string, Environment>();
  return (pass) => {
    const key = pass === undefined ? '' : JSON.stringify(pass);
    const found = made.get(key);
    if (found !== undefined) return found;
    const passes = pass === undefined ? passesByDefault(redact) : passesListed(pass);
    const part = Object.fromEntries(
      Object.entries(env).filter(
        (pair): pair is [string, string] => pair[1] !== undefined && passes(pair[0]),
      ),
    );
    made.set(key, part);
    return part;
  };
}

function passesByDefault(redact: readonly string[]): (name: string) => boolean {
  const isWithheld = compileGlobs(redact);
  return (name) => !isWithheld(name) && !OF_ONE_ATTEMPT.test(name);
}

function passesListed(pass: readonly string[]): (name: string) => boolean {
  const names = new Set(pass.filter((name) => !isGlob(name)));
  const globs = pass.filter(isGlob).map(compileGlob);
  return (name) => names.has(name) || globs.some((test) => test(name));
}
