// The run as TAP 14: one test point for each task. A soft failure is a TODO, which by TAP's own rules is seen and fails nothing.
// https://testanything.org/tap-version-14-specification.html

import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { rowsOf, shownVerdict } from '../core/summary/rows.ts';
import type { Row } from '../core/summary/rows.ts';
import { unreachable } from '../core/unreachable.ts';
import type { View } from '../ports.ts';
import type { ReadTail } from './places.ts';
import { renewedFile } from './renewed-file.ts';
import type { Replace } from './replace.ts';
import { harmless, outputOf } from './sink.ts';
import * as words from './words.ts';

export interface TapOptions {
  readonly file: string;
  readonly replace: Replace;
  readonly readTail: ReadTail;
}

const TAIL_CHARACTERS = 16_384;

export function tapView(plan: Plan, { file, replace, readTail }: TapOptions): View {
  const textOf = (done: readonly TaskSummary[], progress: Progress) =>
    tapText(plan, done, progress, readTail);
  return renewedFile(plan, { file, replace, textOf });
}

function tapText(plan: Plan, done: readonly TaskSummary[], progress: Progress, readTail: ReadTail): string {
  const rows = rowsOf(plan, done, progress);
  const points = rows.map((row, index) => pointOf(row, index + 1, { cycles: plan.state.cycles, readTail }));
  return ['TAP version 14', `1..${rows.length}`, ...points, ''].join('\n').toWellFormed();
}

interface Logs {
  readonly cycles: string;
  readonly readTail: ReadTail;
}

function pointOf({ plan, task, isDue }: Row, number: number, logs: Logs): string {
  const name = `${number} - ${escaped(`${plan.phase} ${plan.id}`)}`;
  if (!task) {
    return isDue
      ? `not ok ${name}\n${diagnostic({ verdict: 'unfinished', message: words.UNFINISHED })}`
      : `ok ${name} # SKIP not its turn`;
  }
  const verdict = shownVerdict(task);
  const time = { duration_ms: task.durationMs };
  switch (verdict) {
    case 'passed':
      return `ok ${name}${task.flaky || task.cached ? `\n${diagnostic({ verdict, message: words.taskText(task), ...time })}` : ''}`;
    case 'skipped':
      return `ok ${name} # SKIP ${escaped(words.skippedText(task))}`;
    case 'soft-failed':
      return `not ok ${name} # TODO soft: ${escaped(words.reasonText(task))}\n${failure(task, logs)}`;
    case 'failed':
    case 'broken':
      return `not ok ${name}\n${failure(task, logs)}`;
    default:
      return unreachable(verdict);
  }
}

function failure(task: TaskSummary, { cycles, readTail }: Logs): string {
  const { log, outcome, verdict } = task;
  const output = log === undefined ? '' : outputOf(readTail(log)).slice(-TAIL_CHARACTERS);
  return diagnostic({
    verdict,
    message: words.errorText(task).toWellFormed(),
    ...(outcome !== undefined && { outcome }),
    duration_ms: task.durationMs,
    metrics: task.metrics,
    ...(log !== undefined && { log: `${cycles}/${log}`, output: harmless(output, false).toWellFormed() }),
  });
}

/** Every value as JSON, which is YAML too and needs one line whatever it holds. */
function diagnostic(values: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(values).map(([key, value]) => `  ${key}: ${jsonText(value)}`);
  return ['  ---', ...lines, '  ...'].join('\n');
}

/** YAML readers of old end a line at these three too. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A description is one line, and a `#` in it begins no directive. */
function escaped(text: string): string {
  const line = harmless(text, false).replaceAll(/\s+/g, ' ').trim();
  return line.replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}
