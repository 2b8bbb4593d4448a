// `status`, `history` and `questions` as lines for people; the facts come folded.

import { formatDuration } from '../core/config/quantity.ts';
import { durationText } from '../core/judge/words.ts';
import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { QuestionProgress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import type { RunningStatus, Status } from '../core/summary/status.ts';
import { summaryOfEnded } from '../core/summary/summary.ts';
import { paintFor } from './sink.ts';
import * as words from './words.ts';

export interface Page {
  readonly plan: Plan | undefined;
  readonly color: boolean;
  /** Wall clock, milliseconds, for "3m ago". */
  readonly wall: number;
}

export function statusText(status: Status, page: Page): string {
  const paint = paintFor(page);
  const { open, last, plan } = { ...status, ...page };
  const rows: (readonly [string, string])[] = [
    ['state', `${status.state === 'none' ? '' : `${status.state}: `}${status.why}`],
  ];
  if (open) {
    rows.push([
      'since',
      `${open.since} (${agoText(open.since, page.wall)}), ${countText(open.done, 'task')} done`,
    ]);
    for (const task of open.running) rows.push(['running', runningText(task)]);
  }
  if (last) {
    const color =
      last.verdict === 'passed' ? (last.softFailures.length > 0 ? paint.soft : paint.good) : paint.bad;
    const ended = last.at === null ? '' : `, ${agoText(last.at, page.wall)}`;
    const verdict = `cycle ${last.cycle} ${words.verdictWord(last.verdict)} in ${durationText(last.durationMs)}${ended}`;
    rows.push(['last', color(`${verdict}: ${words.countsText(last.counts)}`)]);
    const { cause } = last;
    if (cause) rows.push(['cause', paint.bad(words.causeText(cause, undefined))]);
    for (const task of last.softFailures)
      rows.push(['soft', paint.soft(`${task.id}  ${words.reasonText(task)}`)]);
  }
  if (status.consecutiveFailures > 1)
    rows.push(['streak', `${status.consecutiveFailures} cycles in a row did not pass`]);
  if (status.openQuestions > 0) {
    const where = plan ? ` in ${plan.questions.file}` : '';
    rows.push(['questions', `${status.openQuestions} open${where}`]);
  }
  if (plan) rows.push(['limits', words.limitsText(plan)]);
  if (status.logs !== null) rows.push(['logs', status.logs]);
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(NAME_WIDTH))}  ${value}\n`).join('');
}

const NAME_WIDTH = 9;

/** One line a cycle, the newest last. */
export function historyText(cycles: readonly Recorded<CycleEnded>[], color: boolean): string {
  const paint = paintFor({ color });
  return cycles
    .map((ended) => {
      const summary = summaryOfEnded(ended);
      const { cause } = summary;
      const why = cause ? `  ${cause.id} ${words.reasonText(cause)}` : '';
      const tint =
        ended.verdict === 'passed' ? (summary.counts.softFailed > 0 ? paint.soft : paint.good) : paint.bad;
      return `${ended.at}  ${tint(words.verdictText(summary))}${why}\n`;
    })
    .join('');
}

/** The open ones whole, because they are what somebody has to answer; of the closed ones a line each. */
export function questionsText(questions: readonly QuestionProgress[], color: boolean): string {
  const paint = paintFor({ color });
  const open = questions.filter((question) => question.closedAt === undefined);
  const closed = questions.filter((question) => question.closedAt !== undefined);
  const parts = open.map((question) => {
    const seen = `${question.fingerprint}, seen ${countText(question.seen, 'time')}, last in cycle ${question.lastCycle}`;
    return `${paint.bad(`open  ${question.task}`)}  (${seen})\n${question.text.trimEnd()}\n\n`;
  });
  const rest = closed.map(
    (question) =>
      `${paint.good(`closed  ${question.task}`)}  ${question.fingerprint}, ${question.closedAt}\n`,
  );
  return `${[...parts, ...rest].join('')}${open.length} open, ${closed.length} closed\n`;
}

function runningText(task: RunningStatus): string {
  const limit =
    task.limitMs === null || task.limitMs === 'never' ? '' : ` of ${formatDuration(task.limitMs)}`;
  const attempt = task.attempt > 1 ? ` (attempt ${task.attempt})` : '';
  return `${words.taskName({ id: task.id, rung: task.rung ?? undefined })} ${durationText(task.sinceMs)}${limit}${attempt}`;
}

function agoText(at: string, wall: number): string {
  return `${durationText(Math.max(0, wall - Date.parse(at)))} ago`;
}
