// What must hold of champions in a ledger: crowned only by what passed and was better, never missed, never without its files.
// Said with a model of its own, so it calls nothing of the core's.

import type {
  ChampionChosen,
  ChampionFacts,
  ChampionKept,
  ChampionSetAside,
} from '../core/loop/champion-event.ts';
import type { CycleEnded, CycleStarted } from '../core/loop/event.ts';
import type { ObjectivePlan } from '../core/plan/champion-plan.ts';
import type { Plan } from '../core/plan/plan.ts';
import { ConfirmWitness } from './confirm-invariants.ts';
import { measuredIn } from './loop-measures.ts';

interface Candidate {
  readonly cycle: number;
  readonly plan: string;
  readonly value: number;
  /** Of simulations: whether it won pair by pair, as the world's own statistics have it. */
  readonly wins: boolean;
}

export class ChampionWitness {
  champion: ChampionFacts | undefined;
  readonly confirms: ConfirmWitness = new ConfirmWitness();
  #chosen: ChampionFacts | undefined;
  /** The last cycle, where it passed and measured its objective. */
  #may: Candidate | undefined;

  ended(event: CycleEnded, plan: Plan): void {
    const { cycle, turn, verdict, tasks } = event;
    if (turn === 'confirm') this.confirms.ended(event);
    if (turn !== 'cycle') return;
    const { objective } = plan;
    const own = tasks.filter((task) => task.id === objective?.task && task.verdict === 'passed');
    const value = objective && new Map(measuredIn(own)).get(objective.key);
    const wins = own[0]?.sims?.[objective?.count ?? 0]?.paired?.wins === true;
    const isIt = verdict === 'passed' && value !== undefined;
    this.#may = isIt ? { cycle, plan: plan.id, value, wins } : undefined;
  }

  /** A turn begins, or a run ends, which a crowning and what a confirmation says go before. `last`: the number before. */
  passes(plan: Plan, started?: CycleStarted, last: number = 0): readonly string[] {
    const { champion, confirms } = this;
    const unsaid = started ? confirms.passes(plan, champion, started, last) : confirms.unsaid(plan, champion);
    const missed = this.#due(plan) ? [`cycle ${this.#may?.cycle} was better, and nobody crowned it`] : [];
    if (started) this.#may = undefined;
    return [...missed, ...unsaid];
  }

  confirming(plan: Plan, event: CycleStarted, last: number): readonly string[] {
    return this.confirms.begins(plan, this.champion, event, last);
  }

  chosen(event: ChampionChosen, plan: Plan): readonly string[] {
    const isDue = this.#due(plan) && this.#may?.cycle === event.cycle && this.#may.value === event.value;
    const before = this.champion;
    this.#chosen = event;
    const broken = isDue ? [] : [`cycle ${event.cycle} was crowned, and should not have been`];
    const isRise =
      !before ||
      plan.objective?.pairing !== undefined ||
      (event.better === 'lower' ? event.value < before.value : event.value > before.value);
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
    const { value, wins } = this.#may;
    if (objective.pairing) return wins;
    const gain = objective.better === 'lower' ? champion.value - value : value - champion.value;
    return gain > 0 && gain >= objective.minDelta;
  }
}

function isComparable(
  { key, better, count, measuredBy, pairing }: ObjectivePlan,
  of: ChampionFacts,
): boolean {
  if (of.sims?.base !== pairing?.base) return false;
  return of.key === key && of.better === better && of.count === count && of.measuredBy === measuredBy;
}
