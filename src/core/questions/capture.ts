// An open failure in the question-capture format: five lines, the same in the file, in the log and in CI. Redacting is the caller's.

import { durationText } from '../judge/words.ts';
import type { TaskSummary } from '../loop/event.ts';
import type { Plan, TaskPlan } from '../plan/plan.ts';
import { errorOf, singleLine } from './error.ts';

export interface Question {
  readonly plan: Pick<Plan, 'questions' | 'state'>;
  readonly task: Pick<TaskPlan, 'number' | 'retry'> | undefined;
  readonly summary: TaskSummary;
  readonly cycle: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export function questionText(question: Question): string {
  const { plan, summary, at } = question;
  return captureText({
    ask: plan.questions.ask,
    at,
    step: stepText(question),
    error: errorOf({ outcome: summary.outcome, reasons: summary.reasons, excerpt: summary.excerpt }),
    context: contextText(question),
  });
}

export interface Capture {
  readonly ask: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly step: string;
  readonly error: string;
  readonly context: string;
}

/** Exactly five lines, without a newline at the end, whatever the parts hold. */
export function captureText({ ask, at, step, error, context }: Capture): string {
  return [
    `Question for ${singleLine(ask)} ${wholeSeconds(at)}:`,
    `While performing [${singleLine(step)}], encountered the following error:`,
    `[${singleLine(error)}]`,
    `Context: [${singleLine(context)}]`,
    'What are the possible causes, and how can this be resolved while preserving intended functionality?',
  ].join('\n');
}

/** `2026-02-10T06:30:00Z`: milliseconds help nobody here. */
export function wholeSeconds(at: string): string {
  return singleLine(at).replace(/\.\d+Z$/, 'Z');
}

/** `3.2:sims 1000`. */
function stepText({ task, summary }: Question): string {
  const rung = summary.rung === undefined ? '' : ` ${summary.rung}`;
  return `${task?.number ?? summary.phase}:${summary.id}${rung}`;
}

/** `cycle 41, attempt 1 of 1, exit 0 after 12.3 s, log .gate-run/cycles/…`. */
function contextText({ plan, task, summary, cycle }: Question): string {
  const attempts = Math.max(summary.attempts, (task?.retry.limit ?? 0) + 1);
  const parts = [`cycle ${cycle}`];
  if (summary.attempts > 0) parts.push(`attempt ${summary.attempts} of ${attempts}`);
  parts.push(`${endWord(summary)} after ${durationText(summary.durationMs)}`);
  if (summary.log !== undefined) parts.push(`log ${cyclesOf(plan)}/${summary.log}`);
  if (summary.forensics !== undefined) parts.push(`forensics ${cyclesOf(plan)}/${summary.forensics}`);
  return parts.join(', ');
}

function cyclesOf({ state }: Question['plan']): string {
  return state.cycles.replace(/\/+$/, '');
}

function endWord({ outcome, exitCode, verdict }: TaskSummary): string {
  if (outcome === 'exited' && exitCode !== undefined) return `exit ${exitCode}`;
  return outcome ?? verdict;
}
