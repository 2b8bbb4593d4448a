// Whether an attempt is followed by another one, and after what delay. One rule over all causes; a stop is none of them.

import type { AttemptEnded } from '../cycle/event.ts';
import type { ExitRule, RetryPlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Outcome } from './evidence.ts';
import { ruleFor } from './outcome.ts';
import type { SimsEvidence } from './sims.ts';

/** However the factor grows: a longer wait belongs between cycles, where a stop ends it and a status shows it. */
export const RETRY_DELAY_LIMIT_MS: number = 60 * 60 * 1000;

export function mayRetry(
  retry: RetryPlan,
  outcome: Outcome,
  ended: AttemptEnded,
  attempt: number,
  exits: readonly ExitRule[],
): boolean {
  if (attempt > retry.limit) return false;
  if (outcome === 'exited' && ended.sims) return mayRetrySims(retry, ended.sims);
  const cause = causeOf(outcome, ended, exits);
  if (cause === undefined) return false;
  if (retry.when.length === 0) return true;
  const code = 'code' in ended.end ? `exit.${ended.end.code}` : undefined;
  return retry.when.some((word) => word === cause || word === code);
}

/** Another attempt runs the seeds again that failed, and only those. */
function mayRetrySims({ when }: RetryPlan, sims: SimsEvidence): boolean {
  if (sims.failed <= sims.mayFail) return false;
  return when.length === 0 || when.some((word) => sims.causes?.includes(word) === true);
}

/** Before the attempt that follows `attempt`. */
export function retryDelayMs(retry: RetryPlan, attempt: number): number {
  return Math.min(RETRY_DELAY_LIMIT_MS, retry.delayMs * retry.factor ** (attempt - 1));
}

/** The word of `retry.when` for an end; undefined where trying again could not help or was not wished for. */
function causeOf(outcome: Outcome, ended: AttemptEnded, exits: readonly ExitRule[]): string | undefined {
  switch (outcome) {
    case 'timed-out':
      return 'timeout';
    case 'stalled':
      return 'stall';
    case 'oom':
      return 'oom';
    case 'killed':
    case 'heap-limit':
    case 'cpu-limit':
    case 'file-limit':
      return 'signal';
    case 'exited':
      return isUnwelcome(ended, exits) ? 'exit' : undefined;
    case 'not-started':
      // A command that is not there stays away; only a machine short of processes may have some a moment later.
      return 'notStarted' in ended.end && ended.end.notStarted === 'no-resources'
        ? 'no-resources'
        : undefined;
    case 'limited':
    case 'cancelled':
    case 'interrupted':
    case 'storage-failed':
      return undefined;
    default:
      return unreachable(outcome);
  }
}

function isUnwelcome({ end }: AttemptEnded, exits: readonly ExitRule[]): boolean {
  if (!('code' in end)) return false;
  const means = ruleFor(end.code, exits)?.means ?? (end.code === 0 ? 'passed' : 'failed');
  return means === 'failed' || means === 'broken';
}
