// A gate now beside the same gate before the loop: the values it may be held to, and whether a failure was there already.

import type { PlanIndex } from '../cycle/plan-index.ts';
import { dayOf } from '../day.ts';
import type { Check, Judgement } from '../judge/evidence.ts';
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
  readonly judgement: Pick<Judgement, 'verdict' | 'checks'>;
  readonly fingerprint: string | undefined;
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
function whyNew({ progress, task, judgement, rung }: Failure, gate: GateBaseline): string | undefined {
  const state = stateOf(gate);
  if (!gate.runs.includes('failed')) return `new: ${state} in the baseline of ${dayOf(gate.at)}`;
  const repaired = progress.passes.get(task.id)?.cycle ?? 0;
  // A flaky gate passes now and then, which repairs nothing.
  if (state === 'red' && repaired > gate.cycle) return `new: it passed in cycle ${repaired}`;
  const worse = judgement.checks.find(
    (check) => check.level === 'require' && !check.held && isWorse(check, gate, rung),
  );
  return worse && `new: ${worse.metric} is worse than in the baseline of ${dayOf(gate.at)}`;
}

/** Further from its limit than any run of the baseline was; with nothing to compare with, not. */
function isWorse({ metric, threshold, value }: Check, gate: GateBaseline, rung: number | undefined): boolean {
  const noise = noiseIn(gate, rung === undefined ? metric : `${rung}.${metric}`);
  if (!noise) return false;
  if (threshold.startsWith('>')) return value < noise.min;
  if (threshold.startsWith('<')) return value > noise.max;
  return value < noise.min || value > noise.max;
}

function noiseIn(gate: GateBaseline | undefined, name: string): Noise | undefined {
  return gate && Object.hasOwn(gate.metrics, name) ? gate.metrics[name] : undefined;
}
