// What must hold of confirmations in a ledger: none is missed, none comes too early, no seed is used twice, and each says what it measured.
// Said with a model of its own, so it calls nothing of the core's.

import type { ChampionConfirmed, ChampionFacts, FreshSeeds } from '../core/loop/champion-event.ts';
import type { CycleEnded, CycleStarted } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';

/** Crashes in a row after which a confirmation is given up for now. */
const MOST_CUTS = 3;

interface Owed {
  readonly fresh: FreshSeeds;
  readonly ran: number;
  /** Undefined: it was cut off too often. */
  readonly mean: number | undefined;
}

export class ConfirmWitness {
  /** By champion: the number under which it was confirmed last. */
  readonly #last = new Map<number, number>();
  #usedTo = 0;
  #cuts = 0;
  #open: { readonly fresh: FreshSeeds; readonly ran: number } | undefined;
  #owed: Owed | undefined;

  /** A turn begins: what should have been said, or begun, before it. */
  passes(
    plan: Plan,
    champion: ChampionFacts | undefined,
    { turn, cycle }: CycleStarted,
    before: number,
  ): string[] {
    const broken = this.unsaid(plan, champion);
    this.#owed = undefined;
    if (turn === 'cycle' && this.#isDue(plan, champion, before))
      broken.push(
        `cycle ${cycle} began, and the champion of cycle ${champion?.cycle} was due to be confirmed`,
      );
    return broken;
  }

  unsaid({ objective }: Plan, champion: ChampionFacts | undefined): string[] {
    const of = this.#owed?.fresh.champion;
    return objective && of !== undefined && of === champion?.cycle
      ? [`nobody said how the confirmation of cycle ${of} went`]
      : [];
  }

  begins(plan: Plan, champion: ChampionFacts | undefined, event: CycleStarted, before: number): string[] {
    const { confirm: fresh, cycle } = event;
    if (!fresh || !champion) return [`confirmation ${cycle} of nobody`];
    const broken: string[] = [];
    if (!this.#isDue(plan, champion, before)) broken.push(`confirmation ${cycle} was not due`);
    if (fresh.champion !== champion.cycle) broken.push(`confirmation ${cycle} is of cycle ${fresh.champion}`);
    if (fresh.count !== plan.champion?.confirm?.seeds)
      broken.push(`confirmation ${cycle} of ${fresh.count} seeds`);
    const { base = 0, planned = 0 } = champion.sims ?? {};
    if (fresh.base < this.#usedTo || fresh.base < base + planned)
      broken.push(`confirmation ${cycle} uses seed ${fresh.base} again`);
    if (this.#open?.fresh.champion !== fresh.champion) this.#cuts = 0;
    this.#usedTo = fresh.base + fresh.count;
    this.#open = { fresh, ran: cycle };
    return broken;
  }

  ended({ verdict, tasks }: CycleEnded): void {
    if (!this.#open) return;
    const { fresh } = this.#open;
    if (verdict === 'stopped') this.#cuts = 0;
    if (verdict === 'interrupted') this.#cuts += 1;
    if (verdict === 'stopped' || (verdict === 'interrupted' && this.#cuts < MOST_CUTS)) return;
    const sims = verdict === 'passed' ? tasks[0]?.sims?.[fresh.count] : undefined;
    const isComplete = sims !== undefined && sims.done === sims.planned && sims.base === fresh.base;
    this.#owed = { ...this.#open, mean: isComplete ? sims.metrics['score']?.mean : undefined };
  }

  confirmed(event: ChampionConfirmed): string[] {
    const owed = this.#owed;
    this.#owed = undefined;
    this.#cuts = 0;
    this.#last.set(event.cycle, event.ran);
    if (owed?.ran !== event.ran || owed.fresh.base !== event.base)
      return [`confirmation ${event.ran} was told, and was not`];
    if (event.verdict !== 'unknown' && event.value !== owed.mean)
      return [`confirmation ${event.ran} measured ${owed.mean}, and said ${event.value}`];
    if (event.verdict === 'unknown' && owed.mean !== undefined && (event.shortfall?.lower ?? 0) > 0)
      return [`confirmation ${event.ran} measured ${owed.mean}, and said nothing`];
    return [];
  }

  #isDue(
    { champion: planned, objective, phases }: Plan,
    champion: ChampionFacts | undefined,
    cycle: number,
  ): boolean {
    const { confirm } = planned ?? {};
    if (!confirm || !objective?.pairing || !champion?.sims) return false;
    const gate = phases.flatMap(({ tasks }) => tasks).find(({ id }) => id === objective.task);
    if (!gate || gate.leftOut !== undefined) return false;
    return cycle - Math.max(champion.cycle, this.#last.get(champion.cycle) ?? 0) >= confirm.every;
  }
}
