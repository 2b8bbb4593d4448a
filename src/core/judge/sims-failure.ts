// Why one simulation failed, by the end of its process: words for people, and the words of `retry.when`.

import type { AttemptEnded } from '../cycle/event.ts';
import type { ExitRule } from '../plan/plan.ts';
import type { ProcessEnd } from './evidence.ts';
import { outcomeOf, ruleFor, signalOf } from './outcome.ts';
import { exitText } from './words.ts';

export interface SimsFailure {
  readonly why: string;
  /** `exit`, `exit.3`, `signal`, `timeout`, `oom`, `answer`: what `retry.when` may name. */
  readonly causes: readonly string[];
}

export interface SimulationEnd {
  readonly end: ProcessEnd;
  /** Its own time limit ended it. */
  readonly timedOut: string | undefined;
  readonly oomKills: number;
  readonly heapMessage: boolean;
}

/** Undefined where its end says nothing against it. */
export function failureOf(ended: SimulationEnd, exits: readonly ExitRule[]): SimsFailure | undefined {
  const { end, timedOut, oomKills, heapMessage } = ended;
  if (oomKills > 0) return { why: 'out of memory: the kernel killed it', causes: ['oom'] };
  if (timedOut !== undefined) return { why: `not done within ${timedOut}`, causes: ['timeout'] };
  const fact: AttemptEnded = {
    type: 'attempt.ended',
    task: '',
    attempt: 1,
    end,
    durationMs: 0,
    bytes: 0,
    heapMessage,
  };
  const outcome = outcomeOf(fact, undefined, exits);
  if (outcome === 'exited' || outcome === 'limited') return byCode(fact, exits);
  if (outcome === 'not-started') {
    const detail = 'notStarted' in end ? end.detail : `${exitText(fact)}: a command was not found`;
    return { why: detail, causes: [] };
  }
  if (outcome === 'heap-limit') return { why: 'reached its JavaScript heap limit', causes: ['signal'] };
  return { why: `killed by ${signalOf(fact) ?? 'a signal'}`, causes: ['signal'] };
}

/** Somebody who does not say what was asked. */
export function noAnswer(why: string): SimsFailure {
  return { why, causes: ['answer'] };
}

function byCode(ended: AttemptEnded, exits: readonly ExitRule[]): SimsFailure | undefined {
  const code = 'code' in ended.end ? ended.end.code : 0;
  const means = ruleFor(code, exits)?.means ?? (code === 0 ? 'passed' : 'failed');
  return means === 'passed' ? undefined : { why: exitText(ended), causes: ['exit', `exit.${code}`] };
}
