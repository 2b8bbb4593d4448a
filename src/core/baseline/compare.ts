// A gate now beside the same gate before the loop: the values it may be held to, and whether a failure was there already.

import type { PlanIndex } from '../cycle/plan-index.ts';
import { dayOf } from '../day.ts';
import type { Check, Evidence, Judgement } from '../judge/evidence.ts';
import { newAmong } from '../judge/identities.ts';
import type { Progress } from '../loop/progress.ts';
import type { TaskPlan } from '../plan/plan.ts';
import { definitionOf } from './definition.ts';
import { stateOf, type Noise } from './event.ts';
import type { GateBaseline } from './fold.ts';

/** What the newest baseline measured of what the gate measures now; other limits change no value. `name`: `edge`, `100.edge`. */
export function noiseOf(
  index: PlanIndex,
  { baselines }: Progress,
  task: TaskPlan,
  name: string,
): Noise | undefined {
  const known = baselines.get(task.id);
  if (!known) return undefined;
  const { measures } = definitionOf(index, task);
  return noiseIn(
    known.find((gate) => gate.measures === measures),
    name,
  );
}

/** The newest one of exactly this definition; the newest of another one is `aside`. */
export function baselineFor(
  index: Pick<PlanIndex, 'plan' | 'tasks'>,
  { baselines }: Pick<Progress, 'baselines'>,
  task: TaskPlan,
): { readonly gate?: GateBaseline; readonly aside?: GateBaseline } {
  const known = baselines.get(task.id) ?? [];
  const [newest] = known;
  if (!newest) return {};
  const { measures, limits } = definitionOf(index, task);
  const gate = known.find((one) => one.measures === measures && one.limits === limits);
  return gate ? { gate } : { aside: newest };
}

export interface Failure {
  readonly index: PlanIndex;
  readonly progress: Progress;
  readonly task: TaskPlan;
  readonly judgement: Pick<Judgement, 'verdict' | 'checks' | 'metrics'>;
  readonly fingerprint: string | undefined;
  /** Of its own attempt; undefined: it had none, or judges another one's. */
  readonly exitCode: number | undefined;
  /** What was read, by metric. */
  readonly readings: Evidence['metrics'];
  readonly rung: number | undefined;
}

/** How a failure stands to the baseline: `known` was red before the loop; every other one is new. Both say why. */
export type Standing = { readonly known: string } | { readonly fresh: string };

/** Undefined: the task has not failed, or was not to be compared and there is nothing to say. */
export function standingOf(failure: Failure): Standing | undefined {
  const { index, progress, task, judgement } = failure;
  const isAsked = task.softness?.failOn === 'new';
  if (!isAsked && !progress.baselines.has(task.id)) return undefined;
  // A strict gate fails softly by a missed `want` alone, which is no red.
  const isRed =
    judgement.verdict === 'failed' || (judgement.verdict === 'soft-failed' && task.mode === 'soft');
  if (!isRed) return undefined;
  const { gate, aside } = baselineFor(index, progress, task);
  if (gate) return compared(failure, gate);
  if (!isAsked) return undefined;
  return {
    fresh: aside
      ? `new: the gate is another one than in the baseline of ${dayOf(aside.at)}`
      : 'new: there is no baseline of this gate',
  };
}

function compared(failure: Failure, gate: GateBaseline): Standing {
  const { fingerprint } = failure;
  const news = whyNew(failure, gate);
  if (news !== undefined) return { fresh: news };
  const isOther = fingerprint !== undefined && !gate.fingerprints.includes(fingerprint);
  return {
    known: `red in the baseline of ${dayOf(gate.at)}${isOther ? ', where it said something else' : ''}`,
  };
}

/** Undefined: it was there before the loop. */
function whyNew(failure: Failure, gate: GateBaseline): string | undefined {
  const { progress, task } = failure;
  const state = stateOf(gate);
  if (!gate.runs.includes('failed')) return `new: ${state} in the baseline of ${dayOf(gate.at)}`;
  const repaired = progress.passes.get(task.id)?.cycle ?? 0;
  // A flaky gate passes now and then, which repairs nothing.
  if (state === 'red' && repaired > gate.cycle) return `new: it passed in cycle ${repaired}`;
  const other = otherWay(failure, gate) ?? worseLimit(failure, gate) ?? newFinding(failure, gate);
  return other && `new: ${other} in the baseline of ${dayOf(gate.at)}`;
}

/** It ended otherwise, or left less: a crash behind an exit code that findings have too tells nothing of what it found. */
function otherWay({ task, judgement, exitCode, rung }: Failure, gate: GateBaseline): string | undefined {
  const { exits } = gate;
  if (exits && exitCode !== undefined && exitCode !== 0 && !exits.includes(exitCode))
    return `exit ${exitCode} is new, it was ${exits.map((code) => `exit ${code}`).join(' or ')}`;
  const judged = gate.runs.filter((verdict) => verdict === 'passed' || verdict === 'failed').length;
  const unread = task.metrics.find(
    ({ name }) =>
      !Object.hasOwn(judgement.metrics, name) && (noiseIn(gate, keyOn(rung, name))?.n ?? 0) >= judged,
  );
  return unread && `it left no ${unread.name}, and ${unread.name} was read`;
}

/** A limit that is missed by more than in any run of the baseline, or of which those left no value. */
function worseLimit({ task, judgement, rung }: Failure, gate: GateBaseline): string | undefined {
  const missed = judgement.checks.filter(({ level, held }) => level === 'require' && !held);
  // A rung that no run has come to was out of reach before, and the gate is better than it was.
  const isReached =
    rung === undefined ||
    rung === task.stages[0]?.count ||
    Object.keys(gate.metrics).some((key) => key.startsWith(`${rung}.`));
  for (const check of missed) {
    // Means of different n are never compared, and what cannot be compared excuses nothing.
    if (check.n !== undefined && check.n !== rung)
      return `${check.metric} of ${check.n} of ${rung} simulations cannot be compared with what it was`;
    const noise = noiseIn(gate, keyOn(rung, check.metric));
    if (noise ? isWorse(check, noise) : isReached)
      return noise ? `${check.metric} is worse than` : `${check.metric} was not read`;
  }
  return undefined;
}

/** One that is mended and one that has come are as many as before. */
function newFinding({ readings }: Failure, { found = {} }: GateBaseline): string | undefined {
  for (const [metric, before] of Object.entries(found)) {
    const now = readings[metric];
    const count = now && 'value' in now && now.found ? newAmong(now.found, before) : 0;
    if (count > 0) return `${count} of the ${metric} ${count === 1 ? 'was' : 'were'} not there`;
  }
  return undefined;
}

/** Further from its limit than any run of the baseline was. */
function isWorse({ threshold, value, limit }: Check, noise: Noise): boolean {
  if (threshold.startsWith('>')) return value < noise.min;
  if (threshold.startsWith('<')) return value > noise.max;
  if (!threshold.startsWith('==') || limit === undefined) return value < noise.min || value > noise.max;
  return Math.abs(value - limit) > Math.max(Math.abs(noise.min - limit), Math.abs(noise.max - limit));
}

function keyOn(rung: number | undefined, metric: string): string {
  return rung === undefined ? metric : `${rung}.${metric}`;
}

function noiseIn(gate: GateBaseline | undefined, name: string): Noise | undefined {
  return gate && Object.hasOwn(gate.metrics, name) ? gate.metrics[name] : undefined;
}
