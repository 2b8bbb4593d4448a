// Values of flags as they were typed, by the flag's name, and what is said of one that cannot be meant.

import type { Problem } from '../core/config/problem.ts';

export type FlagValues = Map<string, string[]>;

export function flagProblem(flag: string, message: string, mend?: string): Problem {
  return mend === undefined ? { file: flag, message } : { file: flag, message, mend };
}

/** `KEY=VALUE` in its two parts. */
export function pairOf(
  pair: string,
  [flag, form]: readonly [flag: string, form: string],
  problems: Problem[],
): readonly [string, string] {
  const equals = pair.indexOf('=');
  if (equals < 1) problems.push(flagProblem(flag, `takes ${form}, not \`${pair}\``));
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** On the command line a bare number means seconds, as in the scripts that people come from. */
export function seconds(value: string | undefined): string | undefined {
  return value !== undefined && /^\d+$/.test(value) ? `${value}s` : value;
}
