// What must hold of champions in a ledger: crowned only by what passed and was better, never missed, never without its files.
// Said with a model of its own, so it calls nothing of the core's.

import type {
  ChampionChosen,
  ChampionFacts,
  ChampionKept,
  ChampionSetAside,
} from '../core/loop/champion-event.ts';
import type { CycleEnded } from '../core/loop/event.ts';
import type { ObjectivePlan } from '../core/plan/champion-plan.ts';
import type { Plan } from '../core/plan/plan.ts';
import { measuredIn } from './loop-measures.ts';

export class ChampionWitness {
  champion: ChampionFacts | undefined;
  #chosen: ChampionFacts | undefined;
  /** The last cycle, where it passed and measured its objective. */
  #may: { readonly cycle: number; readonly plan: string; readonly value: number } | undefined;

  ended({ cycle, turn, verdict, tasks }: CycleEnded, plan: Plan): void {
    if (turn !== 'cycle') return;
    const { objective } = plan;
    const own = tasks.filter((task) => task.id === objective?.task && task.verdict === 'passed');
    const value = objective && new Map(measuredIn(own)).get(objective.key);
    this.#may = verdict === 'passed' && value !== undefined ? { cycle, plan: plan.id, value } : undefined;
  }

  /** Something begins or ends that a crowning goes before. */
  passes(plan: Plan, isStarting: boolean): readonly string[] {
    const missed = this.#due(plan) ? [`cycle ${this.#may?.cycle} was better, and nobody crowned it`] : [];
    if (isStarting) this.#may = undefined;
    return missed;
  }

  chosen(event: ChampionChosen, plan: Plan): readonly string[] {
    const isDue = this.#due(plan) && this.#may?.cycle === event.cycle && this.#may.value === event.value;
    const before = this.champion;
    this.#chosen = event;
    const broken = isDue ? [] : [`cycle ${event.cycle} was crowned, and should not have been`];
    const isRise =
      !before || (event.better === 'lower' ? event.value < before.value : event.value > before.value);
    return isRise ? broken : [...broken, `cycle ${event.cycle} took the place of a better one`];
  }

  /** Whether there is a new champion. */
  kept(event: ChampionKept): boolean {
    const isCrowned = event.failed === undefined && this.#chosen?.cycle === event.cycle;
    if (isCrowned) this.champion = this.#chosen;
    this.#chosen = undefined;
    this.#may = undefined;
    return isCrowned;
  }

  setAside(event: ChampionSetAside, plan: Plan): readonly string[] {
    const { champion } = this;
    const isAlike = champion && plan.objective && isComparable(plan.objective, champion);
    this.champion = undefined;
    return isAlike ? [`the champion of cycle ${event.cycle} was set aside: ${event.why}`] : [];
  }

  #due({ id, objective }: Plan): boolean {
    const { champion } = this;
    if (!objective || this.#may?.plan !== id) return false;
    if (!champion || !isComparable(objective, champion)) return true;
    const { value } = this.#may;
    const gain = objective.better === 'lower' ? champion.value - value : value - champion.value;
    return gain > 0 && gain >= objective.minDelta;
  }
}

function isComparable({ key, better, count, measuredBy }: ObjectivePlan, of: ChampionFacts): boolean {
  return of.key === key && of.better === better && of.count === count && of.measuredBy === measuredBy;
}
