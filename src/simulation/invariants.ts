// What must hold of any ledger, whatever happened: said again here in the simplest words, not by calling the core.

import type { Recorded } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import { answersAreGenuine } from './cache-invariants.ts';
import { greenOnlyWhenGreen, passedByEvidence, redIsRed } from './green-invariants.ts';
import { LoopWitness, type Told } from './loop-invariants.ts';
import { sharedWithoutHarm } from './resource-invariants.ts';
import { noSeedTwice } from './rung-invariants.ts';
import { writesAreCapped, writersRunAlone } from './writes-invariants.ts';
import { cleaningUpHappens, nothingAfterStop, struckIsNotJudged } from './stop-invariants.ts';

/**
 * Every broken promise, as a sentence; empty when all hold. `lost`: numbers that a power cut took before they were synced.
 * Each speaks of a ledger's beginning up to some event, so that holding at the end it has held after every event.
 */
export function brokenPromises(
  plan: Plan,
  events: readonly Recorded[],
  lost: ReadonlySet<number>,
  told: Told = {},
): readonly string[] {
  const witness = new LoopWitness(plan, told);
  for (const event of events) witness.see(event);
  return [
    ...witness.broken,
    ...inSequence(events, lost),
    ...turnsAreWhole(events),
    ...attemptsEndOnce(events),
    ...judgedOnce(events),
    ...sharedWithoutHarm(plan, events),
    ...noSeedTwice(events),
    ...nothingAfterStop(plan, events),
    ...struckIsNotJudged(events),
    ...needsHold(plan, events),
    ...greenOnlyWhenGreen(plan, events),
    ...killOnlyAfterGrace(plan, events),
    ...redIsRed(plan, events),
    ...passedByEvidence(plan, events),
    ...answersAreGenuine(plan, events),
    ...writersRunAlone(plan, events),
    ...writesAreCapped(plan, events),
    ...finishRunningStartsNothing(plan, events),
    ...cleaningUpHappens(plan, events),
  ];
}

function inSequence(events: readonly Recorded[], lost: ReadonlySet<number>): string[] {
  const broken: string[] = [];
  let last = 0;
  for (const { seq } of events) {
    if (seq <= last) broken.push(`seq ${seq} stands behind ${last}`);
    for (let gone = last + 1; gone < seq; gone += 1)
      if (!lost.has(gone)) broken.push(`seq ${gone} is missing`);
    last = seq;
  }
  return broken;
}

function turnsAreWhole(events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  let open: string | undefined;
  const used = new Set<string>();
  for (const event of events) {
    if (event.type === 'cycle.started') {
      const key = `${event.cycle} ${event.turn}`;
      if (open !== undefined) broken.push(`cycle ${key} began inside ${open}`);
      if (used.has(key) && event.turn === 'cycle') broken.push(`cycle ${key} began twice`);
      used.add(key);
      open = key;
    }
    if (event.type === 'cycle.ended') {
      if (open !== `${event.cycle} ${event.turn}`)
        broken.push(`cycle ${event.cycle} ended, open was ${open}`);
      open = undefined;
    }
  }
  return broken;
}

function attemptsEndOnce(events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const open = new Set<string>();
  for (const event of events) {
    if (event.type === 'attempt.started') {
      if (open.has(event.task)) broken.push(`${event.task} began while it ran`);
      open.add(event.task);
    }
    if (event.type === 'attempt.ended' && !open.delete(event.task))
      broken.push(`${event.task} ended without a start`);
    if (event.type === 'cycle.ended' && open.size > 0)
      broken.push(`cycle ${event.cycle} ended while ${[...open].join(', ')} ran`);
  }
  return broken;
}

function judgedOnce(events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  let settled = new Set<string>();
  for (const event of events) {
    if (event.type === 'cycle.started') settled = new Set();
    if (event.type !== 'task.judged' && event.type !== 'task.skipped') continue;
    if (settled.has(event.task)) broken.push(`${event.task} was settled twice in one cycle`);
    settled.add(event.task);
  }
  return broken;
}

/** Nothing starts whose need failed, was broken, or was not excused. In a confirmation a gate stands alone. */
function needsHold(plan: Plan, events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const tasks = new Map(plan.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task] as const)));
  let good = new Set<string>();
  for (const event of events) {
    if (event.type === 'cycle.started') good = new Set(event.turn === 'confirm' ? tasks.keys() : []);
    if (event.type === 'task.judged' && event.verdict !== 'failed' && event.verdict !== 'broken')
      good.add(event.task);
    if (event.type === 'task.skipped' && event.excused) good.add(event.task);
    if (event.type !== 'attempt.started') continue;
    const missing = tasks.get(event.task)?.needs.find((need) => !good.has(need));
    if (missing !== undefined) broken.push(`${event.task} started without ${missing}`);
  }
  return broken;
}

function killOnlyAfterGrace(plan: Plan, events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const grace = new Map(
    plan.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task.killAfterMs] as const)),
  );
  const asked = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'attempt.started') asked.delete(event.task);
    if (event.type !== 'attempt.stopping') continue;
    const before = asked.get(event.task);
    if (event.signal === 'TERM') asked.set(event.task, event.mono);
    else if (before === undefined) broken.push(`${event.task} was killed without TERM`);
    else if (event.mono - before < (grace.get(event.task) ?? 0) - 1)
      broken.push(`${event.task} was killed too soon`);
  }
  return broken;
}

/** Behind a strict failure a phase that only lets what runs end begins no further task. */
function finishRunningStartsNothing(plan: Plan, events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const phaseOf = new Map(
    plan.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, { phase, task }] as const)),
  );
  let red = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'cycle.started') red = new Map();
    if (event.type === 'task.judged' && (event.verdict === 'failed' || event.verdict === 'broken')) {
      const at = phaseOf.get(event.task);
      if (at?.task.mode === 'strict') red.set(at.phase.id, event.task);
    }
    if (event.type !== 'attempt.started' || event.attempt > 1) continue;
    const at = phaseOf.get(event.task);
    const isFirst = event.rung === undefined || event.rung === at?.task.stages[0]?.count;
    const cause = at && at.phase.policy !== 'keep-going' ? red.get(at.phase.id) : undefined;
    if (cause !== undefined && isFirst) broken.push(`${event.task} began after ${cause} failed`);
  }
  return broken;
}
