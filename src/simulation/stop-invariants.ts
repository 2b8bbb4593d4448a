// What must hold of a ledger once somebody wants its run to stop.

import type { AttemptEnded } from '../core/cycle/event.ts';
import type { Recorded } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';

/** After a stop only `always` phases and those at the end may start; after a forced one nothing. */
export function nothingAfterStop(plan: Plan, events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const mayFollow = new Set(
    plan.phases
      .filter((phase) => phase.always || phase.at === 'end')
      .flatMap((phase) => phase.tasks.map(({ id }) => id)),
  );
  let stop = 'none' as 'none' | 'asked' | 'forced';
  for (const event of events) {
    if (event.type === 'run.started' || event.type === 'run.resumed') stop = 'none';
    if (event.type === 'stop.seen') stop = event.now || stop === 'forced' ? 'forced' : 'asked';
    if (event.type !== 'attempt.started' || stop === 'none') continue;
    if (stop === 'forced' || !mayFollow.has(event.task)) broken.push(`${event.task} started after a stop`);
  }
  return broken;
}

/** Of the signals that ask for a stop, the codes with which a shell passes them on. */
const SIGNALS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  131: 'SIGQUIT',
  143: 'SIGTERM',
};

/** Attempts that ended by the very signal of the stop under way, without any doing of gate-run. */
export function struckIn(events: readonly Recorded[]): ReadonlySet<Recorded> {
  const found = new Set<Recorded>();
  const signals = new Set<string>();
  const ending = new Set<string>();
  for (const event of events) {
    if (event.type === 'run.started' || event.type === 'run.resumed') signals.clear();
    if (event.type === 'stop.seen' && event.signal !== undefined) signals.add(event.signal);
    if (event.type === 'attempt.started') ending.delete(event.task);
    if (event.type === 'attempt.stopping') ending.add(event.task);
    if (event.type !== 'attempt.ended' || ending.has(event.task)) continue;
    if (signals.has(signalIn(event.end) ?? '')) found.add(event);
  }
  return found;
}

function signalIn(end: AttemptEnded['end']): string | undefined {
  if ('signal' in end) return end.signal;
  return 'code' in end ? SIGNALS[end.code] : undefined;
}

/** They are neither judged nor made again. */
export function struckIsNotJudged(events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const struck = struckIn(events);
  let tasks = new Set<string>();
  for (const event of events) {
    if (event.type === 'cycle.started') tasks = new Set();
    if (event.type === 'attempt.ended' && struck.has(event)) tasks.add(event.task);
    if ((event.type === 'task.judged' || event.type === 'attempt.started') && tasks.has(event.task))
      broken.push(`${event.type} of ${event.task}, though the stop had ended it`);
  }
  return broken;
}

/** After a graceful stop what cleans up runs, or is left out for a reason of its own; only the stop's signal itself can cut it. A confirmation cleans nothing up. */
export function cleaningUpHappens(plan: Plan, events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const cleaners = new Set(
    plan.phases
      .filter(({ always, at }) => always || at === 'end')
      .flatMap(({ tasks }) => tasks.map(({ id }) => id)),
  );
  const struck = struckIn(events);
  let isForced = false;
  let isConfirming = false;
  let cut: string[] = [];
  let hit = new Set<string>();
  for (const event of events) {
    if (event.type === 'run.started' || event.type === 'run.resumed') isForced = false;
    if (event.type === 'cycle.started') [isConfirming, cut, hit] = [event.turn === 'confirm', [], new Set()];
    if (event.type === 'stop.seen' && event.now) isForced = true;
    if (event.type === 'attempt.ended' && struck.has(event)) hit.add(event.task);
    const mayBeCut = isForced || isConfirming;
    if (event.type === 'task.skipped' && event.rule === 'stopped' && !mayBeCut && cleaners.has(event.task))
      cut.push(event.task);
    // Of an interrupted turn the power may have taken the second wish, and left what came of it.
    if (event.type === 'cycle.ended' && event.verdict !== 'interrupted')
      broken.push(...cut.filter((id) => !hit.has(id)).map((id) => `${id} was skipped by a graceful stop`));
  }
  return broken;
}
