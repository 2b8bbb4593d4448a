// All nights of a rehearsal together: how they ended, what never came near, and what the person should think about.

import type { Plan } from '../plan/plan.ts';
import type { Nearness, RehearsedNight } from './rehearsal.ts';

export interface Rehearsal {
  readonly name: string;
  readonly mode: Plan['loop']['mode'];
  readonly seed: number;
  readonly nightMs: number;
  readonly faults: readonly string[];
  /** The outcomes came from a script, not from the seed. */
  readonly isScripted: boolean;
  readonly limits: Readonly<Record<string, string>>;
  readonly nights: readonly RehearsedNight[];
  readonly summary: RehearsalSummary;
}

export interface RehearsalSummary {
  /** The most frequent first. */
  readonly ends: readonly EndCount[];
  /** Conditions that in no night came near, each with the nearest value of all nights. */
  readonly farAway: readonly Nearness[];
  readonly warnings: readonly string[];
  readonly isSound: boolean;
}

export interface EndCount {
  /** `target`, `gave-up` … or `lasted`, `cut`, `hurt`. */
  readonly end: string;
  readonly rule: string | null;
  readonly exit: number | null;
  readonly nights: number;
}

/** Half of the way is near. */
const NEAR = 0.5;
/** From this share of the nights on a rule that ended them is worth a word. */
const OFTEN = 0.5;

export function rehearsalSummary(plan: Plan, nights: readonly RehearsedNight[]): RehearsalSummary {
  return {
    ends: endsOf(nights),
    farAway: farAway(nights),
    warnings: warningsOf(plan, nights),
    isSound: nights.every(
      ({ end, hurt }) => (end.how === 'ended' || end.how === 'lasted') && hurt.length === 0,
    ),
  };
}

function endsOf(nights: readonly RehearsedNight[]): readonly EndCount[] {
  const counts = new Map<string, EndCount>();
  for (const { end } of nights) {
    const count =
      end.how === 'ended'
        ? { end: end.reason, rule: end.rule, exit: end.exit }
        : { end: end.how, rule: null, exit: null };
    const key = JSON.stringify(count);
    counts.set(key, { ...count, nights: (counts.get(key)?.nights ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((one, other) => other.nights - one.nights);
}

/** The nearest of all nights for each condition. */
function nearest(nights: readonly RehearsedNight[]): readonly Nearness[] {
  const [first, ...others] = nights;
  return (first?.conditions ?? []).map((condition, at) =>
    others
      .map((night) => night.conditions[at])
      .reduce<Nearness>((best, one) => (one && isNearer(one, best) ? one : best), condition),
  );
}

function isNearer(one: Nearness, other: Nearness): boolean {
  return other.value === null || (one.value !== null && one.share > other.share);
}

function farAway(nights: readonly RehearsedNight[]): readonly Nearness[] {
  return nearest(nights).filter(({ value, share }) => value === null || share < NEAR);
}

function warningsOf(plan: Plan, nights: readonly RehearsedNight[]): readonly string[] {
  const all = nights.length;
  const ended = (reason: string) =>
    nights.filter(({ end }) => end.how === 'ended' && end.reason === reason).length;
  const warnings: string[] = [];
  if (plan.ends.target.length > 0 && ended('target') === 0) warnings.push('no night reached the target');
  const gaveUp = ended('gave-up');
  if (gaveUp > 0 && gaveUp >= all * OFTEN) warnings.push(`${gaveUp} of ${all} nights were given up`);
  const isBlind = (kind: string) =>
    nearest(nights).some((one) => one.use === 'budget' && one.kind === kind && one.value === null);
  for (const kind of ['tokens', 'cost']) {
    if (isBlind(kind)) warnings.push(`the budget of ${kind} cannot hold: no task reads a metric \`${kind}\``);
  }
  const cut = nights.filter(({ end }) => end.how === 'cut').length;
  if (cut > 0) warnings.push(`${cut} of ${all} nights did so much that the rehearsal cut them short`);
  const idle = nights.filter(({ cycles }) => (cycles.passed ?? 0) === 0).length;
  if (idle > 0) warnings.push(`in ${idle} of ${all} nights no cycle passed`);
  if (all > 0 && nights.every(({ cycles }) => Object.keys(cycles).length === 0))
    warnings.push(
      'in no night a cycle came to its end: does anything end what hangs, does the calendar ever fire?',
    );
  return warnings;
}
