// A report in a file that is there from the first cycle on, and whole at any moment: written anew as things happen, by rename.
// What stands in it is the caller's text over what is done.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { CycleEnded, Recorded, TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { keptTurns, summaries } from '../core/summary/turns.ts';
import type { View } from '../ports.ts';
import { replaceOrThrow } from './replace.ts';
import type { Replace } from './replace.ts';

export interface RenewedFileOptions {
  readonly file: string;
  readonly replace: Replace;
  readonly textOf: (done: readonly TaskSummary[], progress: Progress) => string;
}

/** While a run goes on the file is renewed at most so often: a loop of quick cycles must not be a loop of reports. */
const RENEW_MS = 1000;

export function renewedFile(plan: Plan, options: RenewedFileOptions): View {
  return new RenewedFile(plan, options);
}

class RenewedFile implements View {
  readonly #index: PlanIndex;
  readonly #options: RenewedFileOptions;
  #turns: readonly CycleEnded[] = [];
  #writtenMono = Number.NEGATIVE_INFINITY;
  /** What was written is no longer what happened. */
  #isBehind = false;
  #run: string | undefined;

  constructor(plan: Plan, options: RenewedFileOptions) {
    this.#index = indexPlan(plan);
    this.#options = options;
  }

  see(event: Recorded, progress: Progress): void {
    this.#turns = keptTurns(this.#turns, event);
    if (!isNews(event)) {
      // Behind it nothing may happen for hours.
      if (event.type === 'rest.started' && this.#isBehind) this.#write(progress, event.mono);
      return;
    }
    // A report of an earlier run must never stand for this one, not even when this one is killed before its end.
    const isFirst =
      event.type !== 'task.judged' && (progress.run?.mode === 'once' || this.#run !== event.run);
    if (isFirst || event.mono - this.#writtenMono >= RENEW_MS) this.#write(progress, event.mono);
    else this.#isBehind = true;
    this.#run = event.run;
  }

  close(progress: Progress): void {
    this.#write(progress, progress.mono);
  }

  #write(progress: Progress, mono: number): void {
    this.#writtenMono = mono;
    this.#isBehind = false;
    const done = summaries(this.#turns, progress, this.#index).flatMap((turn) => turn.tasks);
    const { file, replace, textOf } = this.#options;
    replaceOrThrow(replace, file, textOf(done, progress));
  }
}

function isNews(event: Recorded): boolean {
  return (
    event.type === 'cycle.started' ||
    event.type === 'cycle.ended' ||
    (event.type === 'task.judged' && event.verdict !== 'passed')
  );
}
