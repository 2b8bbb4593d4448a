// The environment of tasks: what passes of gate-run's own, and whether a secret can reach a child through it.

import { compileGlob, compileGlobs, isGlob } from '../core/glob.ts';

export type Environment = Readonly<Record<string, string>>;

/** Names that one attempt is told and that would be lies in another, when gate-run itself runs inside a task. */
const OF_ONE_ATTEMPT =
  /^GATE_(?:RUN|CYCLE|CYCLE_DIR|PHASE|TASK|ATTEMPT|SEED|COUNT|STATE|GOAL|VAR_.*|METRIC_.*)$/;

/** Gives the passing part for a `pass` list, made once for each distinct list. `redact` names what passes only when listed. */
export function passing(
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
