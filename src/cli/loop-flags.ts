// The flags of runs with more than one cycle. What a file could not say is refused here, under the name that was typed.

import type { Problem } from '../core/config/problem.ts';
import { durationFault, parseCount, parseDuration } from '../core/config/quantity.ts';
import { NO_FLAGS, type Flags } from '../core/plan/flags.ts';
import { flagProblem, pairOf, seconds, type FlagValues } from './flag-values.ts';

/** Each of them makes a run of more than one cycle. */
export const LOOPING = [
  'continuous',
  'iterations',
  'cycles',
  'max-iterations',
  'max-runtime',
  'target',
] as const;

export function loopFlags(values: FlagValues, problems: Problem[]): Partial<Flags> {
  const one = (name: string) => values.get(name)?.at(-1);
  const maxFailures = one('max-failures');
  if (maxFailures !== undefined && maxFailures !== 'never' && !isCount(maxFailures)) {
    const mend = `${COUNT_MEND}; \`never\` switches it off`;
    problems.push(flagProblem('--max-failures', `\`${maxFailures}\` is no number of failures`, mend));
  }
  for (const name of DURATIONS) sayNoDuration(name, one(name), problems);
  const targets = (values.get('target') ?? []).map((pair) =>
    pairOf(pair, ['--target', 'NAME=VALUE'], problems),
  );
  const texts = {
    continuous: values.has('continuous') || undefined,
    iterations: iterationsOf(values, problems),
    maxRuntime: seconds(one('max-runtime')),
    targets: targets.length === 0 ? undefined : targets,
    sleep: seconds(one('sleep')),
    maxFailures,
    maxBackoff: seconds(one('max-backoff')),
    stopFile: one('stop-file'),
    overlap: overlapOf(values, problems),
  };
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
}

/** `--replace` is a shorter word for one of the values. */
function overlapOf(values: FlagValues, problems: Problem[]): string | undefined {
  const written = values.get('overlap')?.at(-1);
  if (!values.has('replace')) return written;
  if (written !== undefined && written !== 'replace')
    problems.push(
      flagProblem('--replace', `and \`--overlap ${written}\` are two wishes`, 'keep one of them'),
    );
  return 'replace';
}

/** One number under three names. */
function iterationsOf(values: FlagValues, problems: Problem[]): string | undefined {
  const given = ITERATIONS.flatMap((name) => {
    const value = values.get(name)?.at(-1);
    return value === undefined ? [] : [{ name, value }];
  });
  const [first, ...others] = given;
  for (const { name, value } of given) {
    if (isCount(value)) continue;
    const mend = value === 'never' ? '`--continuous` has no number of cycles' : COUNT_MEND;
    problems.push(flagProblem(`--${name}`, `\`${value}\` is no number of cycles`, mend));
  }
  for (const { name, value } of others) {
    if (first === undefined || value === first.value) continue;
    const message = `says \`${value}\`, and --${first.name} says \`${first.value}\``;
    problems.push(flagProblem(`--${name}`, message, 'keep one of them'));
  }
  return first?.value;
}

function isCount(value: string): boolean {
  return (parseCount(value) ?? 0) > 0;
}

const ITERATIONS = ['iterations', 'cycles', 'max-iterations'] as const;
const DURATIONS = ['max-runtime', 'sleep', 'max-backoff'] as const;
const COUNT_MEND = 'digits only, from 1 to 1000000000: no sign, no leading zero, no exponent';

function sayNoDuration(
  name: (typeof DURATIONS)[number],
  value: string | undefined,
  problems: Problem[],
): void {
  if (value === undefined || (value === 'never' && name === 'max-runtime')) return;
  const parsed = /^0\d/.test(value) ? undefined : parseDuration(seconds(value) ?? '');
  if (typeof parsed !== 'number')
    problems.push(
      flagProblem(
        `--${name}`,
        `\`${value}\` ${durationFault(seconds(value) ?? '')}`,
        'write 90, 90s, 5m or 1h30m',
      ),
    );
  else if (parsed === 0 && name !== 'sleep') {
    const mend = name === 'max-runtime' ? 'leave it out where there should be none' : 'write at least 1s';
    problems.push(flagProblem(`--${name}`, 'a limit of zero', mend));
  }
}

/** Without another wish it is the loop that `--continuous` would be. */
export function looping(flags: Flags = NO_FLAGS): Flags {
  const { continuous, iterations, maxRuntime, targets } = flags;
  const isLoop = [continuous, iterations, maxRuntime, targets].some((flag) => flag !== undefined);
  return isLoop ? flags : { ...flags, continuous: true };
}
