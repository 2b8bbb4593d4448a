// The one fold that every view and every report shows: what finished and how, what runs, what waits, what was the cause.

import { isStrict, taskOf } from '../cycle/plan-index.ts';
import { indexFor } from '../cycle/turn-index.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import type { CycleProgress } from '../cycle/progress.ts';
import type { CycleEnded, CycleVerdict, TaskSummary, Turn } from '../loop/event.ts';
import { taskSummary } from '../loop/summarise.ts';

export interface Summary {
  readonly cycle: number;
  readonly turn: Turn;
  /** Undefined while the turn is under way. */
  readonly verdict: CycleVerdict | undefined;
  readonly durationMs: number | undefined;
  /** What has finished, in the order in which it finished. */
  readonly tasks: readonly TaskSummary[];
  readonly running: readonly RunningTask[];
  readonly counts: Counts;
  /** The task that decided, or as things stand would decide, the verdict. */
  readonly cause: TaskSummary | undefined;
  readonly siblings: readonly Siblings[];
}

export interface RunningTask {
  readonly id: string;
  readonly phase: string;
  readonly rung: number | undefined;
  readonly attempt: number;
  /** Monotonic. */
  readonly startedMono: number;
  readonly limitMs: number | 'never';
  readonly isStopping: boolean;
  /** How long it has been silent, when that was noted. */
  readonly quietMs: number;
}

export interface Counts {
  readonly passed: number;
  /** Of those passed: not on the first attempt. */
  readonly flaky: number;
  /** Of those passed: answered from the cache. */
  readonly cached: number;
  readonly softFailed: number;
  readonly failed: number;
  readonly broken: number;
  readonly skipped: number;
  /** Ended because another task failed. */
  readonly cancelled: number;
  /** Never begun because another task failed. */
  readonly notRun: number;
}

/** Tasks that did not come to their end because another one failed: one line, not one each. */
export interface Siblings {
  readonly because: string;
  /** Whether they were under way; else they never began. */
  readonly wasBegun: boolean;
  readonly tasks: readonly string[];
}

export function summaryOfEnded(ended: CycleEnded): Summary {
  return {
    ...folded(ended.tasks),
    cycle: ended.cycle,
    turn: ended.turn,
    verdict: ended.verdict,
    durationMs: ended.durationMs,
    running: [],
    cause: causeOf(ended.tasks, ended.cause),
  };
}

export function summaryOfOpen(open: CycleProgress, whole: PlanIndex): Summary {
  const index = indexFor(whole, open);
  const done = [...open.tasks.values()].filter((task) => task.state === 'done');
  const tasks = done.map((task) => taskSummary(index, open, task.id));
  return {
    ...folded(tasks),
    cycle: open.cycle,
    turn: open.turn,
    verdict: undefined,
    durationMs: undefined,
    running: runningOf(open, index),
    cause: causeOf(
      tasks,
      open.failures.find((id) => isStrict(index, id, open)),
    ),
  };
}

export function runningOf(open: CycleProgress, whole: PlanIndex): RunningTask[] {
  const index = indexFor(whole, open);
  const running: RunningTask[] = [];
  for (const id of open.running) {
    const progress = open.tasks.get(id);
    if (!progress) continue;
    const task = taskOf(index, id);
    const stage = task.stages.find((candidate) => candidate.count === progress.rung);
    running.push({
      id,
      phase: task.phase,
      rung: progress.rung,
      attempt: progress.attempt,
      startedMono: progress.startedMono,
      limitMs: stage?.timeoutMs ?? task.timeoutMs,
      isStopping: progress.stopping !== undefined,
      quietMs: progress.quietMs,
    });
  }
  return running;
}

/** Whether the task only shared another one's fate; it is folded into that one's line. */
export function isSibling(task: TaskSummary): boolean {
  return task.because !== undefined && (task.verdict === 'skipped' || task.outcome === 'cancelled');
}

/** Worst first: broken, failed, soft-failed; strict before soft. Siblings are left out. */
export function attention(tasks: readonly TaskSummary[]): TaskSummary[] {
  const ranked = tasks.filter((task) => !isSibling(task) && rankOf(task) < NO_ATTENTION);
  // Stable: within a rank what came first stays first.
  return ranked.toSorted((a, b) => rankOf(a) - rankOf(b));
}

const NO_ATTENTION = 9;

function rankOf(task: TaskSummary): number {
  const soft = task.mode === 'soft' ? 2 : 0;
  if (task.verdict === 'broken') return soft;
  if (task.verdict === 'failed') return 1 + soft;
  return task.verdict === 'soft-failed' ? 4 : NO_ATTENTION;
}

function causeOf(tasks: readonly TaskSummary[], named: string | undefined): TaskSummary | undefined {
  return named === undefined ? undefined : tasks.find((task) => task.id === named);
}

function folded(tasks: readonly TaskSummary[]): Pick<Summary, 'tasks' | 'counts' | 'siblings'> {
  const counts = {
    passed: 0,
    flaky: 0,
    cached: 0,
    softFailed: 0,
    failed: 0,
    broken: 0,
    skipped: 0,
    cancelled: 0,
    notRun: 0,
  };
  const siblings = new Map<string, Siblings & { readonly tasks: string[] }>();
  for (const task of tasks) {
    if (isSibling(task)) {
      const wasBegun = task.outcome === 'cancelled';
      counts[wasBegun ? 'cancelled' : 'notRun'] += 1;
      const because = task.because ?? '';
      const key = `${wasBegun} ${because}`;
      const known = siblings.get(key) ?? { because, wasBegun, tasks: [] };
      siblings.set(key, known);
      known.tasks.push(task.id);
      continue;
    }
    if (task.verdict === 'soft-failed') counts.softFailed += 1;
    else counts[task.verdict] += 1;
    if (task.flaky) counts.flaky += 1;
    if (task.cached && task.verdict === 'passed') counts.cached += 1;
  }
  return { tasks, counts, siblings: [...siblings.values()] };
}
