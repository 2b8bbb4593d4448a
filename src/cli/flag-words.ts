// The flags that shaped a plan, as the words that say the same: kept with a run, so that `resume` need not be told them again.

import type { Flags } from '../core/plan/flags.ts';
import { hiddenNames } from '../core/plan/hidden-names.ts';
import { shellWord } from '../core/service/words.ts';

/** What stands where a secret stood, here and wherever redaction has been. */
const MARK = '***';

/** `redact`: as the config says it; values of hidden names are not kept. Empty where `--failed` chose the tasks: the same words would choose others now. */
export function flagWords(flags: Flags, redact: readonly string[] = []): readonly string[] {
  if (flags.failed !== undefined) return [];
  const { profile, goal, jobs, timeout, iterations, maxRuntime, sleep, maxFailures, maxBackoff } = flags;
  const { isHidden } = hiddenNames(redact);
  const kept = ([key, value]: readonly [string, string]) => {
    const name = key.slice(key.lastIndexOf('.') + 1);
    const hides = isHidden(name) || isHidden(name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_'));
    return `${key}=${hides ? `${MARK}${name}${MARK}` : value}`;
  };
  return [
    ...(flags.continuous === true ? ['--continuous'] : []),
    ...word('--iterations', iterations),
    ...word('--max-runtime', maxRuntime),
    ...(flags.targets ?? []).flatMap((target) => ['--target', target.join('=')]),
    ...word('--profile', profile),
    ...word('--goal', goal),
    ...word('--jobs', jobs),
    ...word('--timeout', timeout),
    ...word('--sleep', sleep),
    ...word('--max-failures', maxFailures),
    ...word('--max-backoff', maxBackoff),
    ...word('--cap-writes', flags.capWrites),
    ...word('--stop-file', flags.stopFile),
    // Taking a place is done once; whoever carries that run on later does not mean it again.
    ...word('--overlap', flags.overlap === 'replace' ? undefined : flags.overlap),
    ...word('--since', flags.since),
    ...word('--fail-on', flags.failOn),
    ...flags.set.flatMap((pair) => ['--set', kept(pair)]),
    ...list('--skip', flags.skip),
    ...list('--only', flags.only),
    ...list('--phase', flags.phases),
    ...flags.reporters.flatMap((reporter) => ['--reporter', reporter]),
  ];
}

/** Whether a value is not among them any more. */
export function lacksSecret(words: readonly string[]): boolean {
  return words.some((one) => one.includes(MARK));
}

/** For people, who may copy it into a shell. */
export function shellText(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** With `=`, because a value may look like a flag. */
function word(name: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}

function list(name: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [name, values.join(',')];
}
