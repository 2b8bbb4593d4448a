// What a report says of tasks: how long they take, what made cycles fail, what passed late, what fails softly and since when.
// Turns come newest first.

import type { Outcome, Verdict } from '../../judge/evidence.ts';
import type { CycleEnded, Recorded, TaskSummary, Turn } from '../../loop/event.ts';
import { isSibling } from '../summary.ts';

export interface TaskFigures {
  readonly task: string;
  readonly phase: string;
  /** Cycles in which it was judged. */
  readonly runs: number;
  readonly notPassed: number;
  readonly totalMs: number;
  readonly mostMs: number;
  readonly mostIn: number;
  /** The most memory that an attempt was seen to hold, and in which cycle; null: none lasted long enough to be looked at. */
  readonly peakBytes: number | null;
  readonly peakIn: number | null;
}

/** One kind of failure that decided cycles; what has no fingerprint goes by its outcome. */
export interface CauseFigures {
  readonly task: string;
  readonly fingerprint: string | null;
  readonly verdict: Verdict;
  readonly outcome: Outcome | null;
  readonly turn: Turn;
  readonly cycles: number;
  readonly firstCycle: number;
  readonly lastCycle: number;
  /** Of the newest, for people. */
  readonly reason: string;
  readonly log: string | null;
}

export interface FlakyFigures {
  readonly task: string;
  readonly runs: number;
  /** Passed, but not on the first attempt. */
  readonly late: number;
  readonly mostAttempts: number;
  readonly lastCycle: number;
}

export interface SoftFigures {
  readonly task: string;
  /** Cycles in a row, up to the newest; 0: it passes again. */
  readonly inARow: number;
  /** Of the row. */
  readonly sinceCycle: number;
  readonly sinceAt: string;
  /** The row may be longer than what was looked at. */
  readonly isAtLeast: boolean;
  readonly cycles: number;
  readonly reason: string;
  readonly fingerprint: string | null;
}

/** More different ones than anybody reads; what comes beyond is only counted. */
const MOST_KEPT = 2000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Kept {
  readonly figures: Mutable<TaskFigures>;
  readonly flaky: Mutable<FlakyFigures>;
  readonly soft: Mutable<SoftFigures>;
  hasPassed: boolean;
}

export class TaskFold {
  readonly #tasks = new Map<string, Kept>();
  readonly #causes = new Map<string, Mutable<CauseFigures>>();
  /** Cycles whose cause was not kept apart. */
  #others = 0;

  see(turn: Recorded<CycleEnded>): void {
    for (const task of turn.tasks) {
      if (task.verdict === 'skipped' || isSibling(task)) continue;
      const kept = this.#keptOf(task);
      if (kept) seeTask(kept, task, turn);
    }
    if (turn.verdict !== 'passed' && turn.verdict !== 'interrupted') this.#seeCause(turn);
  }

  get all(): readonly TaskFigures[] {
    return [...this.#tasks.values()].map(({ figures }) => figures);
  }

  get causes(): readonly CauseFigures[] {
    return [...this.#causes.values()];
  }

  get otherCauses(): number {
    return this.#others;
  }

  get flaky(): readonly FlakyFigures[] {
    return [...this.#tasks.values()].map(({ flaky }) => flaky).filter(({ late }) => late > 0);
  }

  get soft(): readonly SoftFigures[] {
    return [...this.#tasks.values()].map(({ soft }) => soft).filter(({ cycles }) => cycles > 0);
  }

  #keptOf({ id, phase }: TaskSummary): Kept | undefined {
    const known = this.#tasks.get(id);
    if (known || this.#tasks.size >= MOST_KEPT) return known;
    const kept: Kept = {
      figures: {
        task: id,
        phase,
        runs: 0,
        notPassed: 0,
        totalMs: 0,
        mostMs: 0,
        mostIn: 0,
        peakBytes: null,
        peakIn: null,
      },
      flaky: { task: id, runs: 0, late: 0, mostAttempts: 1, lastCycle: 0 },
      soft: softOf(id),
      hasPassed: false,
    };
    this.#tasks.set(id, kept);
    return kept;
  }

  #seeCause({ cause, tasks, cycle, turn }: CycleEnded): void {
    const task = cause === undefined ? undefined : tasks.find(({ id }) => id === cause);
    if (!task) return;
    const key = `${task.id} ${task.fingerprint ?? task.outcome ?? task.verdict} ${turn}`;
    const known = this.#causes.get(key);
    if (known) {
      known.cycles += 1;
      known.firstCycle = cycle;
      return;
    }
    if (this.#causes.size >= MOST_KEPT) {
      this.#others += 1;
      return;
    }
    this.#causes.set(key, {
      task: task.id,
      fingerprint: task.fingerprint ?? null,
      verdict: task.verdict,
      outcome: task.outcome ?? null,
      turn,
      cycles: 1,
      firstCycle: cycle,
      lastCycle: cycle,
      reason: task.reasons.length > 0 ? task.reasons.join('; ') : (task.outcome ?? task.verdict),
      log: task.log ?? null,
    });
  }
}

function softOf(task: string): Mutable<SoftFigures> {
  const since = { sinceCycle: 0, sinceAt: '', isAtLeast: true };
  return { task, inARow: 0, ...since, cycles: 0, reason: '', fingerprint: null };
}

function seeTask(kept: Kept, task: TaskSummary, { cycle, at }: Recorded<CycleEnded>): void {
  const { figures, flaky, soft } = kept;
  figures.runs += 1;
  flaky.runs += 1;
  figures.totalMs += task.durationMs;
  if (task.verdict !== 'passed') figures.notPassed += 1;
  if (task.durationMs >= figures.mostMs) {
    figures.mostMs = task.durationMs;
    figures.mostIn = cycle;
  }
  if (task.peakBytes !== undefined && task.peakBytes > (figures.peakBytes ?? 0)) {
    figures.peakBytes = task.peakBytes;
    figures.peakIn = cycle;
  }
  if (task.flaky) {
    flaky.lastCycle ||= cycle;
    flaky.late += 1;
    flaky.mostAttempts = Math.max(flaky.mostAttempts, task.attempts);
  }
  if (task.verdict === 'passed') {
    kept.hasPassed = true;
    soft.isAtLeast = false;
  }
  if (task.verdict !== 'soft-failed') return;
  if (soft.cycles === 0) {
    soft.reason = task.reasons.join('; ');
    soft.fingerprint = task.fingerprint ?? null;
  }
  soft.cycles += 1;
  if (kept.hasPassed) return;
  soft.inARow += 1;
  soft.sinceCycle = cycle;
  soft.sinceAt = at;
}
