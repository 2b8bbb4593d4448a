// All words for the people of a run, in one place: plain lines, the terminal, status and the reports say the same thing.

import { formatDuration } from '../core/config/quantity.ts';
import { checkText, durationText } from '../core/judge/words.ts';
import { countText, listText } from '../core/summary/amounts.ts';
import { errorOf } from '../core/questions/error.ts';
import { isSibling } from '../core/summary/summary.ts';
import type { Containment } from '../core/loop/containment.ts';
import type { RungGlance } from '../core/judge/rung.ts';
import { numberText } from '../core/judge/number.ts';
import type { Counts, RunningTask, Siblings, Summary } from '../core/summary/summary.ts';
import type { Check, Verdict } from '../core/judge/evidence.ts';
import type { BaselineCleared, BaselineRecorded } from '../core/baseline/event.ts';
import type { AttemptStopping } from '../core/cycle/event.ts';
import type {
  Noted,
  LedgerRestored,
  Recovered,
  RunStarted,
  StorageFailed,
  Suspended,
  TaskSummary,
} from '../core/loop/event.ts';
import type { HookEnded } from '../core/loop/hook-event.ts';
import { whyText, type TaskMissed } from '../core/cache/event.ts';
import type { ProtectNoted } from '../core/protect/event.ts';
import { changeText } from '../core/protect/words.ts';
import { turnName, verdictWord } from '../core/loop/words.ts';
import type { Plan } from '../core/plan/plan.ts';
import { unreachable } from '../core/unreachable.ts';

/** At most so many names on one line. */
export const NAMES_SHOWN = 8;

export const MARKS: Readonly<Record<Verdict, string>> = {
  passed: '✓',
  'soft-failed': '~',
  failed: '✗',
  broken: '!',
  skipped: '-',
};

/** The run in one line: who, what, and every limit that holds. */
export function headerText(plan: Plan, run: RunStarted): string {
  const { cycles } = run.limits;
  const limits = cycles === undefined ? '' : `  (limits: ${limitsText(plan, Number(cycles))})`;
  const profile = run.profile === undefined ? '' : `, profile ${run.profile}`;
  return `gate-run ${run.version}  ${plan.name}${profile}${limits}`;
}

/** `1 cycle of at most 1h, 2 tasks at once, a stop waits 5m`; `cycles`: of a run. */
export function limitsText(plan: Plan, cycles?: number): string {
  const { cycleTimeoutMs, stopWithinMs, jobs } = plan;
  const limits = {
    cycle: formatDuration(cycleTimeoutMs),
    'stop within': formatDuration(stopWithinMs),
    jobs: String(jobs),
    ...(cycles !== undefined && { cycles: String(cycles) }),
  };
  return effectiveText(limits, plan);
}

/** Of a run, as its start recorded them: they hold whatever the config says by now. */
export function effectiveText(limits: Readonly<Record<string, string>>, plan: Plan | undefined): string {
  const { cycle = 'never', cycles, sleep, calendar, jobs } = limits;
  const count = cycles === undefined ? 'a cycle' : countText(Number(cycles), 'cycle');
  const time = cycle === 'never' ? 'without a time limit' : `of at most ${cycle}`;
  const tasks = plan?.phases.flatMap((phase) => phase.tasks) ?? [];
  const unlimited = tasks.filter((task) => task.timeoutMs === 'never').map((task) => task.id);
  return [
    `${count} ${time}`,
    ...(sleep === undefined ? [] : [`a rest of ${sleep} between cycles`]),
    ...(calendar === undefined ? [] : [`the next cycle when \`${calendar.replace(' (', '` is due (')}`]),
    ...(jobs === undefined ? [] : [`${countText(Number(jobs), 'task')} at once`]),
    `a stop waits ${limits['stop within'] ?? 'as long as it takes'}`,
    ...(unlimited.length === 0 ? [] : [`no time limit on ${listText(unlimited, NAMES_SHOWN)}`]),
  ].join(', ');
}

/** Undefined: it went well. */
export function hookText({ hook, how, code, durationMs, detail }: HookEnded): string | undefined {
  if (how === 'exited' && code === 0) return undefined;
  const went = {
    exited: `ended with ${code}`,
    'not-started': 'did not start',
    'too-long': 'said too much and was ended',
    killed: 'was ended',
    lost: 'was told to end and did not say that it has',
  }[how];
  const why = detail === undefined ? '' : `: ${detail}`;
  return `! hook ${hook} ${went} after ${durationText(durationMs)}${why}; nothing is judged by it`;
}

type Aside =
  | Suspended
  | Noted
  | Recovered
  | LedgerRestored
  | BaselineRecorded
  | BaselineCleared
  | StorageFailed;

export function asideText(event: Aside): string {
  switch (event.type) {
    case 'suspended':
      return `the machine slept for ${durationText(event.gapMs)}; no stall counts it`;
    case 'noted':
      return `! ${event.what}`;
    case 'recovered':
      return `! ${countText(event.bytes, 'byte')} of a torn line were cut off ${event.file} and kept in ${event.aside}`;
    case 'ledger.restored':
      return `! restored from a backup of ${event.takenAt}`;
    case 'baseline.recorded':
      return `  a baseline of ${countText(Object.keys(event.gates).length, 'gate')} was recorded`;
    case 'baseline.cleared':
      return '  the baseline was cleared';
    case 'storage.failed':
      return `! storage failed (${event.code}): ${event.what}`;
    default:
      return unreachable(event);
  }
}

/** With the first few of the reasons. */
export function missedText(missed: Pick<TaskMissed, 'why' | 'more'>): string {
  return `not answered from the cache: ${whyText(missed)}`;
}

/** News only where something is not as the run before left it. */
export function notedLines({ since = [], failed }: ProtectNoted): readonly string[] {
  if (failed !== undefined) return [`! ${failed}`];
  if (since.length === 0) return [];
  return [`! since the run before: ${listText(since.map(changeText), NAMES_SHOWN)}; noted as they are now`];
}

/** What stands behind a finished task's name: why it is not simply passed, or how close it came. */
export function taskText(task: TaskSummary): string {
  switch (task.verdict) {
    case 'passed':
      return [...passedOn(task), ...task.reasons, ...task.checks.filter(isWorthSaying).map(checkText)].join(
        ', ',
      );
    case 'soft-failed':
      return `soft-failed: ${cachedBefore(task)}${reasonText(task)}`;
    case 'failed':
      return `${cachedBefore(task)}${reasonText(task)}`;
    case 'broken':
      return `broken: ${reasonText(task)}`;
    case 'skipped':
      return `skipped (${reasonText(task)})`;
    default:
      return unreachable(task.verdict);
  }
}

export function reasonText(task: TaskSummary): string {
  return task.reasons.length === 0 ? (task.outcome ?? 'no reason was given') : task.reasons.join('; ');
}

export function siblingsText(siblings: Siblings): string {
  return `${siblingText(siblings)}: ${listText(siblings.tasks, NAMES_SHOWN)}`;
}

export function siblingText({ because, wasBegun }: Pick<Siblings, 'because' | 'wasBegun'>): string {
  return `${wasBegun ? 'cancelled' : 'not run'} because of ${because}`;
}

/** Why a task did not run, also where another one's fate decided. */
export function skippedText(task: TaskSummary): string {
  if (!isSibling(task)) return reasonText(task);
  return siblingText({ because: task.because ?? '', wasBegun: task.outcome === 'cancelled' });
}

/** What a report says of a task that was due and is not there. */
export const UNFINISHED = 'gate-run has not finished this task: the run is under way, or was ended before it';

/** `10 passed (1 not on its first attempt), 1 soft-failed, 2 skipped`. */
export function countsText(counts: Counts): string {
  const parts: string[] = [];
  const asides = [
    ...(counts.cached > 0 ? [`${counts.cached} cached`] : []),
    ...(counts.flaky > 0 ? [`${counts.flaky} not on the first attempt`] : []),
  ];
  const aside = asides.length === 0 ? '' : ` (${asides.join(', ')})`;
  if (counts.passed > 0) parts.push(`${counts.passed} passed${aside}`);
  if (counts.softFailed > 0) parts.push(`${counts.softFailed} soft-failed`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (counts.broken > 0) parts.push(`${counts.broken} broken`);
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
  if (counts.cancelled > 0) parts.push(`${counts.cancelled} cancelled`);
  if (counts.notRun > 0) parts.push(`${counts.notRun} not run`);
  return parts.length === 0 ? 'no task' : parts.join(', ');
}

/** `cycle 41 failed in 14.2 s: 10 passed, 1 failed`. */
export function verdictText(summary: Summary): string {
  const name = turnName(summary.turn, summary.cycle);
  const verdict = summary.verdict === undefined ? 'is under way' : verdictWord(summary.verdict);
  const after = summary.durationMs === undefined ? '' : ` in ${durationText(summary.durationMs)}`;
  return `${name} ${verdict}${after}: ${countsText(summary.counts)}`;
}

/** The last words of a run that was not green: the first cause, and where to read on. */
export function causeText(task: TaskSummary, log: string | undefined): string {
  const where = log === undefined ? '' : `  (log ${log})`;
  const prefix = task.outcome === 'limited' ? '' : task.verdict === 'broken' ? 'broken: ' : '';
  return `${taskName(task)}  ${prefix}${errorText(task)}${where}`;
}

/** In one line, with the output's own words where the process itself failed: `exit 1: AssertionError: …`. */
export function errorText(task: TaskSummary): string {
  return errorOf({ outcome: task.outcome, reasons: task.reasons, excerpt: task.excerpt });
}

/** `312 of 1000, 2 failed, edge 381.2 so far`: of a rung whose simulations gate-run runs. */
function glanceText({ planned, done, failed, metric, mean }: RungGlance): string {
  const bad = failed > 0 ? `, ${failed} failed` : '';
  const value = metric === undefined || mean === undefined ? '' : `, ${metric} ${numberText(mean)} so far`;
  return `: ${done + failed} of ${planned}${bad}${value}`;
}

/** `test 1m 12s of 10m`. */
export function runningText(task: RunningTask, mono: number, glance?: RungGlance): string {
  const since = durationText(Math.max(0, mono - task.startedMono));
  const limit = task.limitMs === 'never' ? '' : ` of ${formatDuration(task.limitMs)}`;
  const attempt = task.attempt > 1 ? ` (attempt ${task.attempt})` : '';
  const silent = task.quietMs > 0 ? `, silent for ${durationText(task.quietMs)}` : '';
  const stopping = task.isStopping ? ', stopping' : '';
  const rung = glance === undefined ? '' : glanceText(glance);
  return `${taskName(task)} ${since}${limit}${attempt}${silent}${stopping}${rung}`;
}

export function stoppingText(event: AttemptStopping): string {
  const how = event.signal === 'TERM' ? 'asked to end (TERM)' : 'killed (KILL)';
  return `${event.task} ${how}: ${causeWord(event)}`;
}

function causeWord(event: AttemptStopping): string {
  switch (event.cause) {
    case 'timeout':
      return 'its time limit is reached';
    case 'phase-timeout':
      return 'the time limit of its phase is reached';
    case 'cycle-timeout':
      return 'the time limit of the cycle is reached';
    case 'stall':
      return 'no output, no activity, no CPU time';
    case 'stop':
      return 'the run was asked to stop';
    case 'cancelled':
      return `cancelled because of ${event.because ?? 'another task'}`;
    case 'storage':
      return 'the disk takes no more';
    default:
      return unreachable(event.cause);
  }
}

/** A ladder's rung is part of the name: `sims 100`. */
export function taskName(task: { readonly id: string; readonly rung?: number | undefined }): string {
  return task.rung === undefined ? task.id : `${task.id} ${task.rung}`;
}

export function softText(tasks: readonly TaskSummary[]): string {
  const names = tasks
    .filter((task) => task.verdict === 'soft-failed' && !isSibling(task))
    .map((task) => task.id);
  return names.length === 0
    ? ''
    : `${countText(names.length, 'soft failure')}: ${listText(names, NAMES_SHOWN)}`;
}

function passedOn(task: TaskSummary): string[] {
  if (task.cached) return [cachedText(task.cached)];
  return task.flaky ? [`passed on attempt ${task.attempts}`] : [];
}

/** `cached, 12.3 s saved`. */
export function cachedText({ savedMs }: NonNullable<TaskSummary['cached']>): string {
  return savedMs === 0 ? 'cached' : `cached, ${durationText(savedMs)} saved`;
}

function cachedBefore({ cached }: TaskSummary): string {
  return cached ? 'cached: ' : '';
}

/** `promote` is about the next rung, not about being good enough. */
function isWorthSaying(check: Check): boolean {
  return check.level !== 'promote';
}

/** What holds the processes of tasks, and what may escape from it. */
export function containmentText({ layer, weak, others = {}, engines = {} }: Containment): string {
  const asked = Object.entries(others).map(([other, { named, count }]) => {
    const more = count > named.length ? ` and ${count - named.length} more` : '';
    return `${named.join(', ')}${more} by ${other}`;
  });
  const beside = Object.entries(engines).map(([name, version]) => `containers are of ${name} ${version}`);
  const why = layer === 'group' && weak !== undefined ? ` (why no more: ${weak})` : '';
  const isWeak = layer === 'group' || others.group !== undefined;
  return `${[layer, ...asked, ...beside].join('; ')}${why}${isWeak ? `; ${ESCAPES_A_GROUP}` : ''}`;
}

const ESCAPES_A_GROUP =
  'of a group, a process that leaves its session and overwrites its environment may outlive its task';
