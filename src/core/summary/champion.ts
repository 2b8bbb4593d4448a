// The champion as `champion`, `status` and the reports tell it.

import { whyNotComparable } from '../loop/crown.ts';
import type { ChampionChosen, ChampionKept } from '../loop/champion-event.ts';
import type { Recorded } from '../loop/event.ts';
import type { Progress } from '../loop/progress.ts';
import type { SimsEvidence } from '../judge/sims.ts';
import type { Plan } from '../plan/plan.ts';

export interface ChampionStatus {
  readonly cycle: number;
  readonly metric: string;
  readonly value: number;
  readonly better: 'higher' | 'lower';
  /** Of the top rung it was measured on; null: no ladder. */
  readonly count: number | null;
  /** When it was crowned. */
  readonly at: string;
  /** Cycles that have begun since. */
  readonly age: number;
  /** The champion whose place it took; null: it was the first. */
  readonly before: { readonly cycle: number; readonly value: number } | null;
  /** How its last confirmation on fresh seeds went; null: there was none. */
  readonly confirmed: ConfirmedStatus | null;
  /** The confirmation that called it lucky; null: none did. */
  readonly lucky: string | null;
}

interface ConfirmedStatus {
  /** The number that it ran under, as `logs` takes it. */
  readonly ran: number;
  readonly at: string;
  readonly verdict: 'held' | 'lucky' | 'unknown';
  readonly seeds: number;
  readonly value: number | null;
  readonly why: string;
}

export function luckOf({ champion, confirming }: Pick<Progress, 'champion' | 'confirming'>): string | null {
  return (champion && confirming.results.get(champion.cycle)?.lucky) ?? null;
}

export function championStatus(progress: Progress): ChampionStatus | null {
  const { champion, cycle: now, confirming } = progress;
  if (!champion) return null;
  const { cycle, metric, value, better, count, at, before } = champion;
  const age = Math.max(0, now - cycle);
  const last = confirming.results.get(cycle);
  const confirmed = last && {
    ran: last.ran,
    at: last.at,
    verdict: last.verdict,
    seeds: last.count,
    value: last.value ?? null,
    why: last.why,
  };
  return {
    cycle,
    metric,
    value,
    better,
    count: count ?? null,
    at,
    age,
    before: before ?? null,
    confirmed: confirmed ?? null,
    lucky: luckOf(progress),
  };
}

export interface ChampionShow {
  readonly schemaVersion: 1;
  readonly exit: number;
  readonly champion: (ChampionStatus & ChampionEvidence) | null;
  /** What is wrong with what is kept of it, or why the config cannot be compared with it any more; null: nothing. */
  readonly trouble: string | null;
}

interface ChampionEvidence {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly sims: SimsEvidence | null;
  readonly plan: string;
  readonly measuredBy: string;
}

export interface ShowFacts {
  readonly plan: Plan | undefined;
  readonly progress: Progress;
  readonly folder: (cycle: number) => string;
  readonly damage: string | undefined;
  readonly exit: number;
}

export function championShow({ plan, progress, folder, damage, exit }: ShowFacts): ChampionShow {
  const { champion } = progress;
  const brief = championStatus(progress);
  if (!champion || !brief) return { schemaVersion: 1, exit, champion: null, trouble: null };
  const { cycle, files, bytes, metrics, labels, sims, plan: by, measuredBy } = champion;
  const evidence = { folder: folder(cycle), files, bytes, metrics, labels, sims: sims ?? null };
  const trouble = damage ?? (plan?.objective && whyNotComparable(plan.objective, champion)) ?? null;
  return { schemaVersion: 1, exit, champion: { ...brief, ...evidence, plan: by, measuredBy }, trouble };
}

/** One thing that happened to champions, for `champion history`. */
export interface ChampionRow {
  readonly at: string;
  readonly run: string;
  readonly cycle: number;
  readonly what: 'crowned' | 'not kept' | 'set aside' | 'restored' | 'held' | 'lucky' | 'unknown';
  readonly metric: string | null;
  readonly value: number | null;
  readonly why: string;
  /** Whether its files can be restored. */
  readonly isKept: boolean;
}

/** Sees the champions' events of a ledger in their order. */
export class ChampionRows {
  readonly rows: ChampionRow[] = [];
  readonly #isKept: (cycle: number) => boolean;
  readonly #sums = new Map<number, string>();
  #chosen: Recorded<ChampionChosen> | undefined;

  constructor(isKept: (cycle: number) => boolean) {
    this.#isKept = isKept;
  }

  see(event: Recorded): void {
    if (event.type === 'champion.chosen') this.#chosen = event;
    if (event.type === 'champion.kept') this.#kept(event);
    if (event.type === 'champion.set-aside')
      this.#add(event, { what: 'set aside', metric: null, value: null, why: event.why });
    if (event.type === 'champion.confirmed')
      this.#add(event, {
        what: event.verdict,
        metric: event.metric,
        value: event.value ?? null,
        why: event.why,
      });
    if (event.type === 'champion.restored')
      this.#add(event, { what: 'restored', metric: event.metric, value: event.value, why: 'by hand' });
  }

  /** Of the record of a cycle that was crowned. */
  sumOf(cycle: number): string | undefined {
    return this.#sums.get(cycle);
  }

  #kept(event: Recorded<ChampionKept>): void {
    const of = this.#chosen?.cycle === event.cycle ? this.#chosen : undefined;
    if (event.sum !== undefined) this.#sums.set(event.cycle, event.sum);
    this.#add(event, {
      what: event.failed === undefined ? 'crowned' : 'not kept',
      metric: of?.metric ?? null,
      value: of?.value ?? null,
      why: event.failed ?? of?.why ?? '',
    });
  }

  #add(
    { at, run, cycle }: Pick<Recorded, 'at' | 'run'> & { readonly cycle: number },
    row: Pick<ChampionRow, 'what' | 'metric' | 'value' | 'why'>,
  ): void {
    this.rows.push({ at, run, cycle, ...row, isKept: this.#isKept(cycle) });
  }
}
