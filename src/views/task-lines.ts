// One line for a task and for a rung of its ladder, with names that stand under one another.

import { durationText } from '../core/judge/words.ts';
import type { Event, TaskSummary } from '../core/loop/event.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';
import type { Paint } from './sink.ts';
import * as words from './words.ts';

export class TaskLines {
  readonly #paint: Paint;
  readonly #nameWidth: number;

  constructor(plan: Plan, paint: Paint) {
    this.#paint = paint;
    this.#nameWidth = nameWidth(plan);
  }

  done(task: TaskSummary): string {
    const color = colorOf(this.#paint, task.verdict);
    const time = task.verdict === 'skipped' ? '' : durationText(task.durationMs).padStart(8);
    const text = words.taskText(task);
    const name = `${words.MARKS[task.verdict]} ${task.id.padEnd(this.#nameWidth)}`;
    const shown = task.verdict === 'passed' ? text : color(text);
    return [color(name), time, shown].filter((part) => part !== '').join('  ');
  }

  rung(event: Extract<Event, { type: 'attempt.ended' }>): string {
    const name = words.taskName({ id: event.task, rung: event.rung });
    const time = durationText(event.durationMs).padStart(8);
    return this.#paint.dim(`  ${name.padEnd(this.#nameWidth)}  ${time}`);
  }
}

function colorOf(paint: Paint, verdict: TaskSummary['verdict']): (text: string) => string {
  if (verdict === 'passed') return paint.good;
  if (verdict === 'soft-failed') return paint.soft;
  return verdict === 'skipped' ? paint.dim : paint.bad;
}

/** Wide enough for nearly every name, but never so wide that one long id pushes all reasons off the screen. */
function nameWidth(plan: Plan): number {
  const widths = plan.phases.flatMap((phase) => phase.tasks.map(nameLength));
  return Math.min(24, Math.max(6, ...widths));
}

function nameLength(task: TaskPlan): number {
  return words.taskName({ id: task.id, rung: task.stages.at(-2)?.count }).length;
}
