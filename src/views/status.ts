// `status` and `questions` as lines for people; the facts come folded.

import { formatDuration } from '../core/config/quantity.ts';
import { numberText } from '../core/judge/number.ts';
import { durationText } from '../core/judge/words.ts';
import type { QuestionProgress } from '../core/loop/progress.ts';
import { verdictWord } from '../core/loop/words.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import type { ConditionStatus } from '../core/summary/conditions.ts';
import type { DiskStatus, RunningStatus, Status } from '../core/summary/status.ts';
import { amountText, conditionText, expressionText, markText } from './condition-words.ts';
import { bestText } from './champion-words.ts';
import { localText } from './local-time.ts';
import { gateRows } from './gate-rows.ts';
import { countdownText, cyclesText } from './loop-words.ts';
import { unheldText, waitingText } from './resource-words.ts';
import { spreadText } from './spread.ts';
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
    for (const task of open.running) {
      rows.push(isCut ? ['cut off', attemptText(task)] : ['running', runningText(task)]);
      if (!isCut) rows.push(...signRows(task, paint));
    }
    if (!isCut) for (const task of open.waiting) rows.push(['waiting', waitingText(task)]);
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
  rows.push(
    ...gateRows(status, { paint, wall: page.wall }),
    ...runRows(status, paint),
    ...streakRows(status),
    ...metricRows(status),
  );
  if (status.champion) {
    const { age } = status.champion;
    rows.push(['champion', `${bestText(status.champion)}, ${countText(age, 'cycle')} ago`]);
    if (status.champion.lucky !== null) rows.push(['lucky', paint.bad(status.champion.lucky)]);
  }
  if (status.openQuestions > 0) {
    const where = plan ? ` in ${plan.questions.file}` : '';
    rows.push(['questions', `${status.openQuestions} open${where}`]);
  }
  // What holds for a run is what its start resolved, flags included; the config alone speaks for the next one.
  const isOver = status.state === 'none' || status.state === 'ended';
  if (status.limits && !isOver) rows.push(['limits', words.effectiveText(status.limits, plan)]);
  else if (plan) rows.push(['limits', words.limitsText(plan)]);
  if (status.containment) rows.push(['held by', words.containmentText(status.containment)]);
  if (status.machine && !isOver)
    for (const one of status.machine.unheld) rows.push(['not held', paint.soft(unheldText(one))]);
  if (status.logs !== null) rows.push(['logs', status.logs]);
  if (status.disk && status.state !== 'none') rows.push(['disk', diskText(status.disk)]);
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

/** The rate of a single cycle is that cycle's duration. */
const FEWEST_FOR_A_RATE = 2;

/** How far the run is from each of its ends and marks. */
function runRows({ conditions, cycles, runtimeMs, cyclesPerHour }: Status, paint: Paint): Row[] {
  if (!conditions) return [];
  const { target, budget, giveUp, when, halfOpen, marks } = conditions;
  const named = (name: string, some: readonly ConditionStatus[]) =>
    some.map((one): Row => [name, conditionText(one)]);
  const rows: Row[] = [];
  if (cycles && runtimeMs !== null) {
    const { finished, failed } = cycles;
    const rate =
      cyclesPerHour === null || finished < FEWEST_FOR_A_RATE
        ? ''
        : `, ${amountText(cyclesPerHour, 'per-hour')}`;
    rows.push([
      'run',
      `${cyclesText({ cycles: finished, failed })} in ${amountText(runtimeMs, 'ms')}${rate}`,
    ]);
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

/** More are in `status --json` and in the report. */
const METRICS_SHOWN = 8;

function metricRows({ metrics }: Status): Row[] {
  const rows = metrics.slice(0, METRICS_SHOWN).map(({ key, last, best, cycle, spread }): Row => {
    const most = best === null || best === last ? '' : `, best ${numberText(best)}`;
    const sure = spread ? ` (${spreadText(spread)})` : '';
    return ['metric', `${key} ${numberText(last)}${sure} in cycle ${cycle}${most}`];
  });
  const more = metrics.length - rows.length;
  return more > 0 ? [...rows, ['metric', `${more} more, see status --json`]] : rows;
}

function diskText({ stateBytes, isWhole, freeBytes }: DiskStatus): string {
  const free = freeBytes === null ? '' : `, ${sizeText(freeBytes)} free`;
  return `${isWhole ? '' : 'more than '}${sizeText(stateBytes)} of state${free}`;
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

/** The open ones whole, because they are what somebody has to answer; of the closed ones a line each. */
export function questionsText(
  questions: readonly QuestionProgress[],
  { color, wall }: { readonly color: boolean; readonly wall: number },
): string {
  const paint = paintFor({ color });
  const open = questions.filter((question) => question.closedAt === undefined);
  const closed = questions.filter((question) => question.closedAt !== undefined);
  const parts = open.map((question) => {
    const age = ageText(wall - Date.parse(question.openedAt));
    const seen = `${question.fingerprint}, open for ${age}, seen ${countText(question.seen, 'time')}, last in cycle ${question.lastCycle}`;
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

/** What can be seen of it from outside; what counts towards a stall is told by gate-run itself. */
function signRows({ log, usage, quietMs, sinceMs }: RunningStatus, paint: Paint): Row[] {
  const said =
    log === null
      ? `no output for ${durationText(sinceMs)}`
      : `${sizeText(log.bytes)} of output, the last ${durationText(log.silentMs)} ago`;
  const used =
    usage === null
      ? ''
      : `; ${countText(usage.processes, 'process', 'processes')}, ${sizeText(usage.memoryBytes)} of memory (${sizeText(usage.peakBytes)} at most), ${durationText(usage.cpuMs)} of CPU time`;
  const rows: Row[] = [['', `${said}${used}`]];
  if (quietMs > 0)
    rows.push(['', paint.soft(`no output, no activity and no CPU time for ${durationText(quietMs)}`)]);
  return rows;
}

/** Nothing runs any more behind a crash, so no time goes on. */
function attemptText({ id, rung, attempt }: RunningStatus): string {
  return `${words.taskName({ id, rung: rung ?? undefined })} (attempt ${attempt})`;
}

function agoText(at: string, wall: number): string {
  return `${ageText(wall - Date.parse(at))} ago`;
}

const DAY_MS = 86_400_000;

/** From two days on, nobody asks for hours. */
function ageText(ms: number): string {
  return ms >= 2 * DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : durationText(Math.max(0, ms));
}
