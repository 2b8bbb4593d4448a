// What there is to say about one rehearsed night, gathered from its events as they come. It decides nothing and keeps no event.

import type { CycleEnded, CycleVerdict, MarkReached, Recorded, RestCause, RunEnded } from '../loop/event.ts';
import { measured } from '../loop/measure.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import type { Condition } from '../plan/ends-plan.ts';
import { unreachable } from '../unreachable.ts';

export interface RehearsedNight {
  readonly night: number;
  readonly end: NightEnd;
  /** Since the night began, milliseconds of its own time. */
  readonly atMs: number;
  /** Finished cycles, interrupted ones among them. */
  readonly cycles: Readonly<Partial<Record<CycleVerdict, number>>>;
  readonly attempts: number;
  readonly rests: readonly RestSum[];
  readonly starts: readonly Restart[];
  readonly marks: readonly {
    readonly mark: string;
    readonly level: MarkReached['level'];
    readonly cycle: number;
    readonly atMs: number;
  }[];
  /** How near each condition came, in the order of the plan. */
  readonly conditions: readonly Nearness[];
  readonly clockSteps: number;
  readonly suspendedMs: number;
  /** Broken promises, as sentences; empty when all is well. */
  readonly hurt: readonly string[];
}

export type NightEnd =
  | {
      readonly how: 'ended';
      readonly reason: RunEnded['reason'];
      readonly rule: string | null;
      readonly exit: number;
      readonly why: string;
    }
  /** The night was over before any rule ended the run. */
  | { readonly how: 'lasted' }
  /** More happened than a rehearsal plays. */
  | { readonly how: 'cut'; readonly limit: string }
  | { readonly how: 'hurt' };

export interface RestSum {
  readonly cause: RestCause;
  readonly count: number;
  readonly ms: number;
}

/** A life of the night after the first, and what it found. */
export interface Restart {
  readonly why: 'crash' | 'full disk';
  /** When the life before it was over. */
  readonly goneAtMs: number;
  readonly backAtMs: number;
  readonly found: 'nothing' | 'carried on' | 'closed';
  /** Attempts that were cut off. */
  readonly interrupted: number;
  /** Bytes of torn lines that were set aside. */
  readonly tornBytes: number;
}

export interface Nearness {
  readonly use: 'target' | 'budget' | 'give up' | 'mark';
  /** As people wrote it. */
  readonly rule: string;
  readonly kind: Condition['measure']['kind'];
  readonly limit: number;
  /** The value that came nearest; null: it was never known. */
  readonly value: number | null;
  /** 1: it held; 0: as far away as can be. */
  readonly share: number;
}

export class NightFacts {
  readonly #conditions: Watched[];
  readonly #cycles: Partial<Record<CycleVerdict, number>> = {};
  readonly #rests = new Map<RestCause, { count: number; ms: number }>();
  readonly #starts: Restart[] = [];
  readonly #marks: { mark: string; level: MarkReached['level']; cycle: number; atMs: number }[] = [];
  #resting: { readonly cause: RestCause; readonly fromMs: number } | undefined;
  #attempts = 0;
  #ended: RunEnded | undefined;

  constructor({ ends, marks }: Plan) {
    this.#conditions = [
      ...watched('target', ends.target),
      ...watched('budget', ends.budget),
      ...watched('give up', ends.giveUp),
      ...marks.flatMap((mark) => watched('mark', [...mark.all, ...mark.any])),
    ];
  }

  see(event: Recorded, progress: Progress, atMs: number): void {
    if (event.type === 'attempt.started') this.#attempts += 1;
    if (event.type === 'cycle.ended') this.#cycleEnded(event, progress);
    if (event.type === 'rest.started') this.#resting = { cause: event.cause, fromMs: atMs };
    if (event.type === 'rest.ended' || event.type === 'run.ended') this.#rested(atMs);
    if (event.type === 'recovered') this.#found({ tornBytes: event.bytes });
    if (event.type === 'mark.reached')
      this.#marks.push({ mark: event.mark, level: event.level, cycle: event.cycle, atMs });
    if (event.type === 'run.resumed') {
      const found = event.goesOn ? 'carried on' : 'closed';
      this.#found({ found, interrupted: event.interrupted.length });
    }
    if (event.type === 'run.ended' && event.reason !== 'interrupted') this.#ended = event;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get cycles(): number {
    return Object.values(this.#cycles).reduce((sum, count) => sum + count, 0);
  }

  /** The end of the run; not that of one that was only closed. */
  get ended(): RunEnded | undefined {
    return this.#ended;
  }

  restarted(why: Restart['why'], goneAtMs: number, backAtMs: number): void {
    this.#starts.push({ why, goneAtMs, backAtMs, found: 'nothing', interrupted: 0, tornBytes: 0 });
  }

  whole(
    night: Pick<RehearsedNight, 'night' | 'end' | 'atMs' | 'hurt' | 'clockSteps' | 'suspendedMs'>,
  ): RehearsedNight {
    this.#rested(night.atMs);
    const rests = Array.from(this.#rests, ([cause, sum]) => ({ cause, ...sum }));
    return {
      ...night,
      cycles: this.#cycles,
      attempts: this.#attempts,
      rests: rests.toSorted((one, other) => other.ms - one.ms),
      starts: this.#starts,
      marks: this.#marks,
      conditions: this.#conditions.map(({ use, condition, value, share }) => ({
        use,
        rule: `${condition.name} ${condition.text}`,
        kind: condition.measure.kind,
        limit: condition.value,
        value: value ?? null,
        share,
      })),
    };
  }

  #rested(atMs: number): void {
    const resting = this.#resting;
    if (!resting) return;
    const known = this.#rests.get(resting.cause) ?? { count: 0, ms: 0 };
    const ms = known.ms + Math.max(0, atMs - resting.fromMs);
    this.#rests.set(resting.cause, { count: known.count + 1, ms });
    this.#resting = undefined;
  }

  #found(what: Partial<Restart>): void {
    const last = this.#starts.at(-1);
    if (!last) return;
    const tornBytes = last.tornBytes + (what.tornBytes ?? 0);
    this.#starts[this.#starts.length - 1] = { ...last, ...what, tornBytes };
  }

  #cycleEnded({ turn, verdict, mono }: Recorded<CycleEnded>, progress: Progress): void {
    if (turn === 'cycle') this.#cycles[verdict] = (this.#cycles[verdict] ?? 0) + 1;
    for (const one of this.#conditions) {
      const { value } = measured(one.condition, progress, mono);
      if (value === undefined) continue;
      const share = nearness(value, one.condition);
      if (one.value !== undefined && share < one.share) continue;
      one.value = value;
      one.share = share;
    }
  }
}

function watched(use: Nearness['use'], all: readonly Condition[]): Watched[] {
  return all.map((condition) => ({ use, condition, value: undefined, share: 0 }));
}

interface Watched {
  readonly use: Nearness['use'];
  readonly condition: Condition;
  value: number | undefined;
  share: number;
}

/** From 0 to 1, which it is where the condition holds. */
export function nearness(value: number, { operator, value: limit }: Condition): number {
  switch (operator) {
    case '>=':
    case '>':
      return value >= limit ? 1 : limit > 0 ? Math.max(0, value / limit) : HALF;
    case '<=':
    case '<':
      return value <= limit ? 1 : limit > 0 ? limit / value : HALF;
    case '==':
      return value === limit ? 1 : 1 / (1 + Math.abs(value - limit));
    case '!=':
      return value === limit ? HALF : 1;
    default:
      return unreachable(operator);
  }
}

/** Where no share can be told. */
const HALF = 0.5;
