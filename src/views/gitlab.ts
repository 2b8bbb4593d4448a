// What GitLab's job log shows of a run: output that folds, and one line that the `coverage:` regex of a job reads.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { CycleEnded, Recorded, TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { MetricPlan, Plan } from '../core/plan/plan.ts';
import { keptTurns, summaries } from '../core/summary/turns.ts';
import type { Sink, View } from '../ports.ts';
import type { Fold } from './blocks.ts';
import { harmless } from './sink.ts';

export function gitlabView(plan: Plan, sink: Pick<Sink, 'write'>): View {
  const index = indexPlan(plan);
  let turns: readonly CycleEnded[] = [];
  let isWritten = false;
  return {
    see(event: Recorded) {
      turns = keptTurns(turns, event);
    },
    close(progress: Progress) {
      if (isWritten) return;
      isWritten = true;
      const done = summaries(turns, progress, index).flatMap((turn) => turn.tasks);
      const line = coverageLine(plan, done);
      if (line !== undefined) sink.write(line);
    },
  };
}

/** Cut, never rounded: 99.996 % is not all of it. */
function coverageLine(plan: Plan, done: readonly TaskSummary[]): string | undefined {
  for (const task of plan.phases.flatMap((phase) => phase.tasks)) {
    const name = task.metrics.find(isLineCoverage)?.name;
    const value = name === undefined ? undefined : done.find(({ id }) => id === task.id)?.metrics[name];
    if (value !== undefined)
      return `gate-run coverage: ${(Math.floor(value * 100) / 100).toFixed(2)}% of lines (${task.id})\n`;
  }
  return undefined;
}

/** Of everything, not of one folder. */
function isLineCoverage({ source }: MetricPlan): boolean {
  const { reader } = source;
  if (reader !== 'istanbul' && reader !== 'lcov' && reader !== 'cobertura') return false;
  return source.field === 'lines.pct' && source.folder === undefined;
}

/** Sections fold by marks that begin with an escape; output of tasks has none left, so it can neither open nor close one. */
export function gitlabFold(seconds: () => number): Fold {
  let count = 0;
  return {
    open: (title) => {
      count += 1;
      const name = `gate_run_${count}[collapsed=true]`;
      return `${mark(`start:${seconds()}:${name}`)}\r${ESCAPE}[0K${harmless(title, false).replaceAll('\n', ' ')}\n`;
    },
    close: () => `${mark(`end:${seconds()}:gate_run_${count}`)}\r${ESCAPE}[0K\n`,
  };
}

const ESCAPE = '\u001b';

function mark(what: string): string {
  return `${ESCAPE}[0Ksection_${what}`;
}
