// What bounds an attempt: time, silence, retries, the size of its log, and what its exit codes mean.

import { nearest } from '../config/nearest.ts';
import type { RetryConfig, TaskConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { parseCount } from '../config/quantity.ts';
import type { ExitRule, RetryPlan, TaskPlan } from './plan.ts';
import type { Reader } from './reader.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const GIB = 1024 ** 3;

export const DEFAULTS: {
  readonly taskTimeoutMs: number;
  readonly cycleTimeoutMs: number;
  readonly stopWithinMs: number;
  readonly stallWarnMs: number;
  readonly stallKillMs: number;
  readonly killAfterMs: number;
  readonly logLimitBytes: number;
} = {
  taskTimeoutMs: 10 * MINUTE_MS,
  cycleTimeoutMs: 60 * MINUTE_MS,
  stopWithinMs: 5 * MINUTE_MS,
  stallWarnMs: 5 * MINUTE_MS,
  stallKillMs: 15 * MINUTE_MS,
  killAfterMs: 10 * SECOND_MS,
  logLimitBytes: GIB,
};

const MAX_RETRIES = 100;
const MAX_FACTOR = 100;
const MAX_EXIT_CODE = 255;

type Stall = TaskPlan['stall'];
export const DEFAULT_STALL: Stall = { warnMs: DEFAULTS.stallWarnMs, killMs: DEFAULTS.stallKillMs };

/** A bare duration kills, and warns at half; a limit given alone draws the other one with it. */
export function readStall(written: TaskConfig['stall'], reader: Reader): Stall {
  if (written === undefined) return DEFAULT_STALL;
  if (typeof written === 'string') {
    const killMs = reader.limit(written, ['stall'], DEFAULTS.stallKillMs);
    return { warnMs: half(killMs), killMs };
  }
  const killMs = reader.limit(written.kill, ['stall', 'kill'], DEFAULTS.stallKillMs);
  const usualWarn = isBefore(DEFAULTS.stallWarnMs, killMs) ? DEFAULTS.stallWarnMs : half(killMs);
  const warnMs = reader.limit(written.warn, ['stall', 'warn'], usualWarn);
  if (written.kill === undefined && !isBefore(warnMs, killMs) && warnMs !== 'never') {
    return { warnMs, killMs: warnMs * 2 };
  }
  if (written.warn !== undefined && warnMs !== 'never' && !isBefore(warnMs, killMs)) {
    reader.say(['stall', 'warn'], 'the warning would come after the kill');
  }
  return { warnMs, killMs };
}

export const NO_RETRY: RetryPlan = { limit: 0, when: [], delayMs: 0, factor: 1 };
const CAUSES = ['timeout', 'stall', 'oom', 'signal', 'exit'] as const;

export function readRetry(written: Partial<RetryConfig> | undefined, reader: Reader): RetryPlan {
  if (written === undefined) return NO_RETRY;
  if (written.limit === undefined)
    reader.say(['retry'], 'a retry without `limit`', { mend: 'write `limit: 2`' });
  const limit = reader.count(written.limit, ['retry', 'limit'], { from: 0, to: MAX_RETRIES, otherwise: 0 });
  const delayMs = reader.duration(written.delay, ['retry', 'delay'], 0);
  const when = (written.when ?? []).map((cause, at) => readCause(cause, ['retry', 'when', at], reader));
  return { limit, when, delayMs, factor: readFactor(written.factor, ['retry', 'factor'], reader) ?? 1 };
}

function readCause(written: string, path: Path, reader: Reader): string {
  const cause = reader.text(written, path) ?? 'exit';
  if (CAUSES.some((known) => known === cause)) return cause;
  if (cause.startsWith('exit.')) {
    const code = parseCount(cause.slice('exit.'.length));
    if (code !== undefined && code > 0 && code <= MAX_EXIT_CODE) return cause;
    reader.say(path, `\`${cause}\` is no exit code`, {
      mend: `write \`exit.1\` to \`exit.${MAX_EXIT_CODE}\``,
    });
    return cause;
  }
  if (cause === 'network') {
    reader.say(path, 'the cause `network` is not built yet');
    return cause;
  }
  const near = nearest(cause, CAUSES);
  const hint =
    near === undefined ? `causes are ${CAUSES.join(', ')} and exit.N` : `did you mean \`${near}\`?`;
  reader.say(path, `unknown cause \`${cause}\` — ${hint}`);
  return cause;
}

/** By how much each further pause is longer. */
export function readFactor(
  written: number | string | undefined,
  path: Path,
  reader: Reader,
): number | undefined {
  const text = written === undefined ? undefined : reader.text(written, path);
  if (text === undefined) return undefined;
  const factor = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (factor >= 1 && factor <= MAX_FACTOR) return factor;
  reader.say(path, `\`${text}\` is no factor`, { mend: `write a number from 1 to ${MAX_FACTOR}` });
  return undefined;
}

export function readExits(written: TaskConfig['exits'], reader: Reader): readonly ExitRule[] {
  if (written === undefined) return [];
  const meant = new Map<number, string>();
  return Object.entries(written).flatMap(([means, codes]) => {
    const rule = { codes: typeof codes === 'number' ? [codes] : codes, means };
    if (!isMeaning(means)) {
      reader.say(['exits', means], `unknown verdict \`${means}\` — known are ${MEANINGS.join(', ')}`, {
        on: 'key',
      });
      return [];
    }
    for (const code of rule.codes) {
      const before = meant.get(code);
      if (before !== undefined) reader.say(['exits', means], `exit code ${code} is \`${before}\` already`);
      if (!(Number.isInteger(code) && code >= 0 && code <= MAX_EXIT_CODE)) {
        reader.say(['exits', means], `\`${code}\` is no exit code`, {
          mend: `codes go from 0 to ${MAX_EXIT_CODE}`,
        });
      }
      meant.set(code, means);
    }
    return [{ codes: rule.codes, means }];
  });
}

const MEANINGS = ['passed', 'failed', 'broken', 'skipped', 'limited'] as const;

function isMeaning(word: string): word is ExitRule['means'] {
  return MEANINGS.some((known) => known === word);
}

function half(limitMs: number | 'never'): number | 'never' {
  return limitMs === 'never' ? 'never' : Math.floor(limitMs / 2);
}

function isBefore(first: number | 'never', second: number | 'never'): boolean {
  return second === 'never' ? first !== 'never' : first !== 'never' && first < second;
}
