// What the nights held, so that nobody has to believe that they held it. Counts alone, so that threads can send them.

import type { SimsEvidence } from '../../src/core/judge/sims.ts';
import type { Recorded } from '../../src/core/loop/event.ts';
import { struckIn } from '../../src/simulation/stop-invariants.ts';
import { FAULT_KINDS } from './faults.ts';
import { KINDS } from './kinds.ts';
import type { Night } from './night.ts';

/** At least this share of the seeds has to hold each thing, or the seeds prove little about it. */
export const LEAST_SHARE = 0.05;
/** And this share each thing that many others have to come together for. */
const LEAST_RARE_SHARE = 0.001;

/** A crash at one kind of event out of twenty is rare: only so many nights hold them all for certain. */
const ENOUGH_FOR_CUTS = 10_000;

type Holds = (night: Night) => boolean;

const THINGS: Readonly<Record<string, Holds>> = {
  retries: ({ events }) => events.some((event) => event.type === 'attempt.started' && event.attempt > 1),
  'weights that others wait for': ({ plan }) =>
    tasks(plan).some(({ resources }) => (resources?.weight ?? 1) > 1),
  'locks that are taken': ({ events }) => events.some(({ type }) => type === 'task.locked'),
  'writes that are capped': ({ events }) =>
    events.some((event) => event.type === 'attempt.ended' && event.writes !== undefined),
  needs: ({ plan }) => tasks(plan).some((task) => task.needs.length > 0),
  'soft failures': ({ events }) =>
    events.some((event) => event.type === 'task.judged' && event.verdict === 'soft-failed'),
  timeouts: stopping('timeout'),
  ladders: ({ events }) => events.some((event) => event.type === 'attempt.started' && (event.rung ?? 0) > 10),
  'simulations of a rung': ({ events }) =>
    events.some((event) => event.type === 'attempt.ended' && event.sims !== undefined),
  'finish-running': ({ plan }) => plan.phases.some((phase) => phase.policy === 'finish-running'),
  'keep-going': ({ plan }) => plan.phases.some((phase) => phase.policy === 'keep-going'),
  kill: ({ plan }) => plan.phases.some((phase) => phase.policy === 'kill'),
  always: ({ plan }) => plan.phases.some((phase) => phase.always),
  stops: ({ events }) => events.some((event) => event.type === 'stop.seen'),
  crashes: ended('crash'),
  'power cuts': ended('power'),
  'failed storage': ended('storage'),
  'three cycles': ({ events }) => events.filter(({ type }) => type === 'cycle.ended').length >= 3,
  'carried on': ({ events }) => events.some((event) => event.type === 'run.resumed' && event.goesOn),
  baselines: ({ events }) => events.some((event) => event.type === 'baseline.recorded'),
  closed: ({ events }) => events.some((event) => event.type === 'run.resumed' && !event.goesOn),
  ...Object.fromEntries(
    (['once', 'iterations', 'continuous'] as const).map((mode): [string, Holds] => [
      mode,
      ({ plan }) => plan.loop.mode === mode,
    ]),
  ),
};

const RARE_THINGS: Readonly<Record<string, Holds>> = {
  'simulations taken over': rungs(({ reused }) => reused > 0),
  'failed simulations': rungs(({ failed, mayFail }) => failed > 0 && failed <= mayFail),
  'rungs that were decided early': rungs(({ early }) => early !== undefined),
  stalls: stopping('stall'),
  refusals: ended('refused'),
  'found damage': ended('damaged'),
  'out of memory twice': ({ events }) => rowOf(events, ({ oomKills }) => oomKills),
  ...eventThings('the rest', 'rest.started', (event) => event.type === 'rest.started' && event.cause, [
    'sleep',
    'schedule',
    'backoff',
    'limit',
    'rule',
    'half-open',
  ]),
  ...eventThings('the end', 'run.ended', (event) => event.type === 'run.ended' && event.reason, [
    'finished',
    'integrity',
    'target',
    'budget',
    'gave-up',
    'stopped',
    'start-failed',
    'interrupted',
    'storage-failed',
  ]),
  ...Object.fromEntries(
    [
      'failures-in-a-row',
      'broken-in-a-row',
      'oom-in-a-row',
      'same-error',
      'no-progress',
      'failure-rate',
      'cycles',
      'runtime',
      'tokens',
      'when',
    ].map((measure): [string, Holds] => [
      `ended by ${measure}`,
      ({ events }) =>
        events.some((event) => event.type === 'run.ended' && event.rule?.startsWith(`${measure} `)),
    ]),
  ),
  'locks that somebody else had': ({ events }) => events.some(({ type }) => type === 'task.waiting'),
  'locks that could not be had': ({ events }) =>
    events.some(
      (event) =>
        event.type === 'task.judged' && event.reasons.some((reason) => reason.includes('could not be had')),
    ),
  'writes that were put back': undone((left) => left === 0),
  'writes that could not all be put back': undone((left) => left > 0),
  'hooks that were ended': ({ events }) => events.some(({ type }) => type === 'hook.stopping'),
  'told of the end': ({ events }) => events.some((event) => event.type === 'hook.started' && event.ending),
  'struck tasks': ({ events }) => struckIn(events).size > 0,
  'protected files': ({ plan }) => plan.protect !== undefined,
  marks: ({ events }) => events.some(({ type }) => type === 'mark.reached'),
  champions: ({ events }) => events.some(({ type }) => type === 'champion.kept'),
  'champions that took a place': ({ events }) =>
    events.some((event) => event.type === 'champion.chosen' && event.before),
  'champions set aside': ({ events }) => events.some(({ type }) => type === 'champion.set-aside'),
  ...eventThings(
    'confirmations that found a champion',
    'champion.confirmed',
    (event) => event.type === 'champion.confirmed' && event.verdict,
    ['held', 'lucky', 'unknown'],
  ),
  'champions that could not be kept': ({ events }) =>
    events.some((event) => event.type === 'champion.kept' && event.failed !== undefined),
};

export interface Counts {
  readonly nights: number;
  readonly held: Readonly<Record<string, number>>;
  readonly cut: Readonly<Record<string, number>>;
}

export const NO_COUNTS: Counts = { nights: 0, held: {}, cut: {} };

export function countsOf(night: Night): Counts {
  const held: Record<string, number> = {};
  for (const [thing, holds] of Object.entries({ ...THINGS, ...RARE_THINGS }))
    if (holds(night)) held[thing] = 1;
  for (const kind of night.swarm) held[`fault ${kind}`] = 1;
  if (night.isLiveness) held['liveness'] = 1;
  const cut: Record<string, number> = {};
  for (const { during } of night.lives) if (during !== undefined) cut[during] = (cut[during] ?? 0) + 1;
  return { nights: 1, held, cut };
}

export function added(one: Counts, other: Counts): Counts {
  const sum = (left: Counts['held'], right: Counts['held']) => {
    const both: Record<string, number> = { ...left };
    for (const [key, count] of Object.entries(right)) both[key] = (both[key] ?? 0) + count;
    return both;
  };
  return { nights: one.nights + other.nights, held: sum(one.held, other.held), cut: sum(one.cut, other.cut) };
}

export function textOf({ nights, held, cut }: Counts): string {
  const share = (thing: string) => `${thing} ${(((held[thing] ?? 0) / nights) * 100).toFixed(1)} %`;
  const cuts = KINDS.map((kind) => `${kind} ${cut[kind] ?? 0}`);
  return [
    `seeds that held: ${['liveness', ...Object.keys(THINGS)].map(share).join(', ')}`,
    `and more rarely: ${Object.keys(RARE_THINGS).map(share).join(', ')}`,
    `kinds of trouble: ${FAULT_KINDS.map((kind) => share(`fault ${kind}`).slice('fault '.length)).join(', ')}`,
    `events cut by a crash: ${cuts.join(', ')}`,
  ].join('\n');
}

/** What the seeds did not hold often enough; only worth asking after a thousand of them. */
export function missingIn({ nights, held, cut }: Counts): readonly string[] {
  const rarer = (share: number) => (thing: string) => (held[thing] ?? 0) < nights * share;
  return [
    ...Object.keys(THINGS).filter(rarer(LEAST_SHARE)),
    ...Object.keys(RARE_THINGS).filter(rarer(LEAST_RARE_SHARE)),
    ...FAULT_KINDS.map((kind) => `fault ${kind}`).filter(rarer(LEAST_SHARE)),
    ...KINDS.filter((kind) => nights >= ENOUGH_FOR_CUTS && cut[kind] === undefined).map(
      (kind) => `a crash at ${kind}`,
    ),
  ];
}

function tasks(plan: Night['plan']) {
  return plan.phases.flatMap((phase) => phase.tasks);
}

function stopping(cause: string): Holds {
  return ({ events }) => events.some((event) => event.type === 'attempt.stopping' && event.cause === cause);
}

function ended(end: Night['lives'][number]['end']): Holds {
  return ({ lives }) => lives.some((life) => life.end === end);
}

function eventThings(
  name: string,
  type: Recorded['type'],
  word: (event: Recorded) => string | false,
  words: readonly string[],
): Readonly<Record<string, Holds>> {
  return Object.fromEntries(
    words.map((one): [string, Holds] => [
      `${name} ${one}`,
      ({ events }) => events.some((event) => event.type === type && word(event) === one),
    ]),
  );
}

function undone(holds: (left: number) => boolean): Holds {
  return ({ events }) =>
    events.some((event) => event.type === 'attempt.undone' && holds(event.left?.length ?? 0));
}

/** Two cycles in a row in which the kernel killed. */
function rowOf(
  events: Night['events'],
  kills: (event: { oomKills?: number }) => number | undefined,
): boolean {
  const cycles = new Set<number>();
  let cycle = 0;
  for (const event of events) {
    if (event.type === 'cycle.started') ({ cycle } = event);
    if (event.type === 'attempt.ended' && (kills(event) ?? 0) > 0) cycles.add(cycle);
  }
  return [...cycles].some((one) => cycles.has(one + 1));
}

function rungs(holds: (sims: SimsEvidence) => boolean): Holds {
  return ({ events }) =>
    events.some((event) => event.type === 'attempt.ended' && event.sims !== undefined && holds(event.sims));
}
