// The judge's words for people: durations, what an outcome was, a threshold beside its value.

import type { AttemptEnded } from '../cycle/event.ts';
import type { TaskPlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Check, Outcome, StopCause } from './evidence.ts';
import { numberText } from './number.ts';
import { signalOf } from './outcome.ts';

/** `12.3 s`, `10m 3s`, `2h 5m`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${numberText(Math.round(ms / 100) / 10)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

export interface EndFacts {
  readonly task: TaskPlan;
  readonly outcome: Outcome;
  readonly ended: AttemptEnded;
  readonly stopCause: StopCause | undefined;
}

/** Why an attempt that did not simply exit ended, as a reason. */
export function endText({ task, outcome, ended, stopCause }: EndFacts): string {
  const after = durationText(ended.durationMs);
  switch (outcome) {
    case 'exited':
      return exitText(ended);
    case 'limited':
      return `met a limit (${exitText(ended)})`;
    case 'timed-out':
      return `timed out after ${after}${limitText(stopCause)}`;
    case 'stalled':
      return `stalled: no output, no activity and no CPU time for ${quietText(task)}`;
    case 'killed':
      return `killed by ${signalOf(ended) ?? 'a signal'} after ${after}, not by gate-run`;
    case 'oom':
      return `out of memory: the kernel killed ${ended.oomKills ?? 1} of its processes`;
    case 'heap-limit':
      return 'reached its JavaScript heap limit — raise it with NODE_OPTIONS=--max-old-space-size=MIB';
    case 'cpu-limit':
      return `used up its CPU time (${signalOf(ended) ?? 'SIGXCPU'})`;
    case 'file-limit':
      return `wrote a file above its size limit (${signalOf(ended) ?? 'SIGXFSZ'})`;
    case 'not-started':
      return notStartedText(ended);
    case 'cancelled':
      return `cancelled after ${after}`;
    case 'interrupted':
      return 'interrupted: gate-run itself was ended while it ran';
    case 'storage-failed':
      return `its output could not be stored${'storage' in ended.end ? `: ${ended.end.storage}` : ''}`;
    default:
      return unreachable(outcome);
  }
}

/** `exit 1`. */
export function exitText(ended: AttemptEnded): string {
  return 'code' in ended.end ? `exit ${ended.end.code}` : 'no exit code';
}

/**
 * `lines 83.1 >= 80 (3.1 above)`, `warnings 41 of 50 (9 left)`, `edge 510.8 >= best - 0.2 = 510.6 (0.2 above)`, and of
 * simulations `edge 381.2 > 300 (81.2 above, n 1000)`.
 */
export function checkText(check: Check): string {
  const { metric, threshold, limit, headroom, held, first } = check;
  const many = check.n === undefined ? '' : `, n ${check.n}`;
  const alone = many === '' ? '' : ` (${many.slice(2)})`;
  if (first)
    return `${metric} ${numberText(check.value)} ${threshold} (${held ? 'first' : 'nothing to compare with'}${many})`;
  if (limit === undefined || headroom === undefined)
    return `${metric} ${numberText(check.value)} ${threshold}${alone}`;
  const [value, bound] = toldApart(check.value, limit);
  const shown = numberText(limit) === threshold.replace(/^\S+ /, '') ? threshold : `${threshold} = ${bound}`;
  const room = numberText(Math.abs(headroom));
  const noise = check.noise === undefined ? '' : `, noise ± ${numberText(check.noise)}`;
  if (threshold.startsWith('>')) {
    return `${metric} ${value}${held ? '' : ', not'} ${shown} (${room} ${held ? 'above' : 'short'}${noise}${many})`;
  }
  if (threshold.startsWith('<')) {
    const against = /^<= -?\d/.test(shown) ? `of ${bound}` : shown;
    const joined = held || against.startsWith('of') ? ` ${against}` : `, not ${against}`;
    return `${metric} ${value}${joined} (${room} ${held ? 'left' : 'over'}${noise}${many})`;
  }
  return `${metric} ${value}${held ? '' : ', not'} ${shown}${alone}`;
}

/** Rounded alike they would seem equal, and a missed threshold met. */
function toldApart(value: number, limit: number): readonly [string, string] {
  const texts = [numberText(value), numberText(limit)] as const;
  return value !== limit && texts[0] === texts[1] ? [String(value), String(limit)] : texts;
}

function limitText(cause: StopCause | undefined): string {
  if (cause === 'phase-timeout') return ", at its phase's time limit";
  return cause === 'cycle-timeout' ? ", at the cycle's time limit" : '';
}

function quietText(task: TaskPlan): string {
  return task.stall.killMs === 'never' ? 'too long' : durationText(task.stall.killMs);
}

function notStartedText({ end }: AttemptEnded): string {
  if ('notStarted' in end) return `could not be started: ${end.detail}`;
  const code = 'code' in end ? end.code : undefined;
  return `could not be started: the command was ${code === 126 ? 'not executable' : 'not found'} (exit ${code})`;
}
