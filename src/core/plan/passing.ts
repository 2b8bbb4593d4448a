// Which variables of gate-run's own environment pass to a child: all but hidden ones, or those that `env.pass` lists.

import { compileGlob, isGlob } from '../glob.ts';

/** Names that one attempt is told and that would be lies in another, when gate-run itself runs inside a task. */
const OF_ONE_ATTEMPT =
  /^GATE_(?:RUN|CYCLE|CYCLE_DIR|PHASE|TASK|ATTEMPT|SEED|COUNT|RUNG|STATE|GOAL|VAR_.*|METRIC_.*|CHAMPION_.*)$/;

/** In a list it stands for what would pass without one: nobody hands on every secret by writing a star. */
const ALL_USUAL = '*';

type Test = (name: string) => boolean;

export function passing(pass: readonly string[] | undefined, isHidden: Test): Test {
  const passesByDefault = (name: string): boolean => !isHidden(name) && !OF_ONE_ATTEMPT.test(name);
  if (pass === undefined) return passesByDefault;
  const isListed = listing(pass);
  const hasAll = pass.includes(ALL_USUAL);
  return (name) => isListed(name) || (hasAll && passesByDefault(name));
}

/** What the list itself names. */
export function listing(pass: readonly string[]): Test {
  const names = new Set(pass.filter((name) => !isGlob(name)));
  const globs = pass.filter((name) => isGlob(name) && name !== ALL_USUAL).map(compileGlob);
  return (name) => names.has(name) || globs.some((test) => test(name));
}

/** Hidden variables that are there and do not pass, sorted. */
export function withheldNames(
  env: Readonly<Record<string, string | undefined>>,
  pass: readonly string[] | undefined,
  isHidden: Test,
): readonly string[] {
  const passes = passing(pass, isHidden);
  return Object.keys(env)
    .filter((name) => Boolean(env[name]) && isHidden(name) && !passes(name))
    .toSorted();
}
