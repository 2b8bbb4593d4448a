// `status`, `history` and `questions` as lines for people; the facts come folded.

import { formatDuration } from '../core/config/quantity.ts';
import { durationText } from '../core/judge/words.ts';
import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { QuestionProgress } from '../core/loop/progress.ts';
import { verdictWord } from '../core/loop/words.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import type { ConditionStatus } from '../core/summary/conditions.ts';
import type { RunningStatus, Status } from '../core/summary/status.ts';
import { summaryOfEnded } from '../core/summary/summary.ts';
import { amountText, conditionText, expressionText, markText } from './condition-words.ts';
import { localText } from './local-time.ts';
import { countdownText, cyclesText } from './loop-words.ts';
import { paintFor, type Paint } from './sink.ts';
import * as words from './words.ts';

export interface Page {
  readonly plan: Plan | undefined;
  readonly color: boolean;
  /** Wall clock, milliseconds, for "3m ago". */
  readonly wall: number;
}

type Row = readonly [string, string];

export function statusText(status: Status, page: Page): string {
  const paint = paintFor(page);
  const { open, last, plan } = { ...status, ...page };
  const rows: Row[] = [['state', stateText(status)], ...pauseRows(status, page)];
  if (open) {
    rows.push([
      'since',
      `${open.since} (${agoText(open.since, page.wall)}), ${countText(open.done, 'task')} done`,
    ]);
    const isCut = status.state === 'crashed';
    for (const task of open.running)
      rows.push(isCut ? ['cut off', attemptText(task)] : ['running', runningText(task)]);
  }
  if (last) {
    const color =
      last.verdict === 'passed' ? (last.softFailures.length > 0 ? paint.soft : paint.good) : paint.bad;
    const ended = last.at === null ? '' : `, ${agoText(last.at, page.wall)}`;
    const verdict = `cycle ${last.cycle} ${verdictWord(last.verdict)} in ${durationText(last.durationMs)}${ended}`;
    rows.push(['last', color(`${verdict}: ${words.countsText(last.counts)}`)]);
    const { cause } = last;
    if (cause) rows.push(['cause', paint.bad(words.causeText(cause, undefined))]);
    for (const task of last.softFailures)
      rows.push(['soft', paint.soft(`${task.id}  ${words.reasonText(task)}`)]);
  }
  rows.push(...runRows(status, paint), ...streakRows(status));
  if (status.openQuestions > 0) {
    const where = plan ? ` in ${plan.questions.file}` : '';
    rows.push(['questions', `${status.openQuestions} open${where}`]);
  }
  // What holds for a run is what its start resolved, flags included; the config alone speaks for the next one.
  const isOver = status.state === 'none' || status.state === 'ended';
  if (status.limits && !isOver) rows.push(['limits', words.effectiveText(status.limits, plan)]);
  else if (plan) rows.push(['limits', words.limitsText(plan)]);
  if (status.logs !== null) rows.push(['logs', status.logs]);
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(NAME_WIDTH))}  ${value}\n`).join('');
}

const NAME_WIDTH = 9;

/** The state in front of its reason, where that does not say it already. */
function stateText({ state, why }: Status): string {
  return state === 'none' || why.startsWith(state) ? why : `${state}: ${why}`;
}

function pauseRows({ rest, stop, state }: Status, { wall }: Page): Row[] {
  const rows: Row[] = [];
  if (rest) {
    const left =
      state === 'crashed' ? 'it goes on when the run is carried on' : `${countdownText(rest.leftMs)} left`;
    rows.push(['until', `${localText(rest.until, new Date(wall).toISOString())}, ${left}`]);
  }
  if (stop) {
    const left = stop.leftMs === null ? '' : `; what runs is ended in ${countdownText(stop.leftMs)}`;
    rows.push(['stop', `asked by ${stop.by} at ${stop.at}${left}`]);
  }
  return rows;
}

/** How far the run is from each of its ends and marks. */
function runRows({ conditions, cycles, runtimeMs }: Status, paint: Paint): Row[] {
  if (!conditions) return [];
  const { target, budget, giveUp, when, halfOpen, marks } = conditions;
  const named = (name: string, some: readonly ConditionStatus[]) =>
    some.map((one): Row => [name, conditionText(one)]);
  const rows: Row[] = [];
  if (cycles && runtimeMs !== null) {
    const { finished, failed } = cycles;
    rows.push(['run', `${cyclesText({ cycles: finished, failed })} in ${amountText(runtimeMs, 'ms')}`]);
  }
  rows.push(...named('target', target), ...named('budget', budget));
  if (when) rows.push(['when', expressionText(when)]);
  rows.push(...named('give up', giveUp));
  if (halfOpen) {
    const used = `${halfOpen.tries} of ${halfOpen.of} tries used`;
    rows.push(['breaker', `${used}, each after a pause of ${formatDuration(halfOpen.afterMs)}`]);
  }
  const levels = { info: paint.bold, warning: paint.soft, critical: paint.bad };
  for (const mark of marks) {
    const text = markText(mark);
    rows.push(['mark', mark.reachedIn === null ? text : levels[mark.level](text)]);
  }
  return rows;
}

const STREAKS = [
  ['broken', 'broken'],
  ['sameError', 'broken by the same error'],
  ['oom', 'out of memory'],
  ['limited', 'met a limit'],
] as const;

function streakRows({ consecutiveFailures, streaks }: Status): Row[] {
  const all = consecutiveFailures > 1 ? [`${consecutiveFailures} cycles in a row did not pass`] : [];
  const some = STREAKS.flatMap(([key, what]) => {
    const count = streaks?.[key] ?? 0;
    return count > 1 ? [`${count} in a row ${what}`] : [];
  });
  return all.length + some.length === 0 ? [] : [['streak', [...all, ...some].join(', ')]];
}

/** One line a cycle, the newest last. */
export function historyText(cycles: readonly Recorded<CycleEnded>[], color: boolean): string {
  const paint = paintFor({ color });
  return cycles
    .map((ended) => {
      const summary = summaryOfEnded(ended);
      const { cause } = summary;
      const why = cause ? `  ${cause.id} ${words.reasonText(cause)}` : '';
      const green = summary.counts.softFailed > 0 ? paint.soft : paint.good;
      const tint = isCounted(ended) ? (ended.verdict === 'passed' ? green : paint.bad) : paint.dim;
      return `${ended.at}  ${tint(`${words.verdictText(summary)}${uncountedText(ended)}`)}${why}\n`;
    })
    .join('');
}

/** What was cut short says nothing about the work: it is neither passed nor failed. */
function isCounted({ verdict }: CycleEnded): boolean {
  return verdict !== 'limited' && verdict !== 'interrupted' && verdict !== 'stopped';
}

function uncountedText(ended: CycleEnded): string {
  if (isCounted(ended)) return '';
  const until = ended.retryAt === undefined ? '' : `, which resets at ${ended.retryAt}`;
  return `${until}  (neither passed nor failed)`;
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

/** Nothing runs any more behind a crash, so no time goes on. */
function attemptText({ id, rung, attempt }: RunningStatus): string {
  return `${words.taskName({ id, rung: rung ?? undefined })} (attempt ${attempt})`;
}

function agoText(at: string, wall: number): string {
  return `${durationText(Math.max(0, wall - Date.parse(at)))} ago`;
}
