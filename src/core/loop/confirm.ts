// When the champion is measured again on fresh seeds, and what that says of it. It dethrones nobody: challengers meet it on the seeds of its
// crowning as before.

import { numberText } from '../judge/number.ts';
import { shortfallOf } from '../judge/shortfall.ts';
import { isComplete, type SimsEvidence } from '../judge/sims.ts';
import type { ObjectivePlan } from '../plan/champion-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { ChampionConfirmed } from './champion-event.ts';
import type { CycleEnded, CycleStarted } from './event.ts';
import { whyNotComparable } from './crown.ts';
import { MOST_CUTS } from './confirm-progress.ts';
import type { Progress } from './progress.ts';

/** Seeds are numbers that every language can hold. */
const LAST_SEED = Number.MAX_SAFE_INTEGER;

/** Undefined: no confirmation is due. */
export function confirmationDue(plan: Plan, progress: Progress): CycleStarted | undefined {
  const { objective, champion: { confirm } = {} } = plan;
  const { champion, confirming, cycle, lastTurn } = progress;
  if (!objective?.pairing || !confirm || !champion?.sims || whyNotComparable(objective, champion))
    return undefined;
  if (!hasGate(plan, objective)) return undefined;
  const since = Math.max(champion.cycle, confirming.results.get(champion.cycle)?.ran ?? 0);
  if (cycle - since < confirm.every) return undefined;
  const { sims } = champion;
  // What is cut off has used its seeds up: nobody knows how much of them somebody has seen.
  const base = Math.max(
    sims.base + sims.planned,
    objective.pairing.base + (objective.count ?? 0),
    confirming.usedTo,
  );
  if (base + confirm.seeds > LAST_SEED) return undefined;
  // Behind phases at the end others may follow, and they would take the number once more.
  const isFree = confirming.ran !== cycle && lastTurn?.turn !== 'end';
  return {
    type: 'cycle.started',
    cycle: isFree ? cycle : cycle + 1,
    turn: 'confirm',
    confirm: { champion: champion.cycle, base, count: confirm.seeds },
  };
}

/** Where it is left out of the plan nothing can be measured again. */
function hasGate({ phases }: Plan, { task: id }: ObjectivePlan): boolean {
  return phases.some(({ tasks }) => tasks.some((task) => task.id === id && task.leftOut === undefined));
}

/** Directly behind a confirmation, or behind the last crash that cut one off. */
export function nextConfirmed({ objective }: Plan, progress: Progress): ChampionConfirmed | undefined {
  const { champion, confirming } = progress;
  const { fresh, ended, cuts } = confirming;
  if (!objective || !champion || fresh?.champion !== champion.cycle) return undefined;
  const { base, count } = fresh;
  const { metric, value: crowned, cycle } = champion;
  const facts = {
    type: 'champion.confirmed',
    cycle,
    ran: confirming.ran,
    base,
    count,
    metric,
    crowned,
  } as const;
  if (!ended) {
    if (cuts < MOST_CUTS) return undefined;
    const why = `gate-run was ended in ${cuts} confirmations in a row`;
    return { ...facts, verdict: 'unknown', why: unknownText(metric, why) };
  }
  const sims = ended.tasks[0]?.sims?.[count];
  const before = champion.sims?.metrics[objective.name];
  const now = sims?.metrics[objective.name];
  const unmeasured = whyUnmeasured(ended, sims);
  if (unmeasured !== undefined || !before || !now)
    return { ...facts, verdict: 'unknown', why: unknownText(metric, unmeasured ?? 'it has no values') };
  const nth = confirming.results.get(cycle)?.nth ?? 0;
  const confidence = confidenceOf(objective.pairing?.confidence ?? before.confidence, nth + 1);
  const shortfall = shortfallOf(before, now, { better: champion.better, confidence });
  if (shortfall.lower === undefined && shortfall.mean > 0)
    return { ...facts, verdict: 'unknown', why: unknownText(metric, TOO_ALIKE) };
  const verdict = shortfall.isReal ? 'lucky' : 'held';
  const shown = `${metric} ${numberText(now.mean)} on ${count} fresh seeds, crowned with ${numberText(crowned)}`;
  const least = shortfall.isReal ? `: worse by at least ${numberText(shortfall.lower ?? 0)}` : '';
  return { ...facts, verdict, value: now.mean, shortfall, why: `${shown}${least}` };
}

const TOO_ALIKE = 'values so few or so alike say nothing of the ones to come';

/**
 * However often a sound champion is confirmed, it is called lucky with a chance of 1 − `confidence` at most: the nth confirmation may use up
 * (1 − confidence) / n(n + 1) of that, and these shares add up to the whole (the union bound, with the telescoping series of 1/n(n + 1)).
 */
export function confidenceOf(confidence: number, nth: number): number {
  return 1 - (1 - confidence) / (nth * (nth + 1));
}

function unknownText(metric: string, why: string): string {
  return `\`${metric}\` could not be measured again: ${why}`;
}

/** A mean over what is left of a rung is none. */
function whyUnmeasured({ verdict, tasks }: CycleEnded, sims: SimsEvidence | undefined): string | undefined {
  const [task] = tasks;
  if (verdict === 'integrity') return 'a protected file changed';
  if (!task || task.verdict !== 'passed' || !sims)
    return task?.reasons[0] ?? 'its gate has no command of its own';
  if (isComplete(sims)) return undefined;
  const first = sims.firstFailed ? `, the first of them at seed ${sims.firstFailed.seed}` : '';
  return `${sims.failed} of ${sims.planned} simulations failed${first}`;
}
