// What the fold keeps of each gate over the life of the state: how its last runs went, and since when it owes something.

import type { Verdict } from '../judge/evidence.ts';
import type { CycleEnded, Recorded, TaskSummary } from './event.ts';
import type { DebtProgress, GateProgress, Progress } from './progress.ts';

/** Runs of a gate that its flake rate looks back over. */
export const RUNS_KEPT = 100;

/** How a run of a gate went, a letter each; a capital where the work tree was the one that was judged otherwise before. */
const LETTERS: Readonly<Record<Exclude<Verdict, 'skipped'>, string>> = {
  passed: 'p',
  'soft-failed': 's',
  failed: 'f',
  broken: 'b',
};
/** Passed, but not on its first attempt. */
const LATE = 'r';

export function gatesAfter(before: Progress['gates'], event: Recorded<CycleEnded>): Progress['gates'] {
  const after = new Map(before);
  for (const task of event.tasks) {
    if (isRun(task)) after.set(task.id, gateAfter(after.get(task.id), task, event));
  }
  return after;
}

/** A limit is waited for, and what was not run says nothing. */
function isRun({ kind, verdict, outcome }: TaskSummary): boolean {
  return kind === 'gate' && verdict !== 'skipped' && outcome !== 'limited';
}

function gateAfter(
  before: GateProgress | undefined,
  task: TaskSummary,
  event: Recorded<CycleEnded>,
): GateProgress {
  const letter = letterOf(task);
  const tree = letter === '' ? before?.tree : event.receipts?.tree;
  const isFlip =
    tree !== undefined && tree === before?.tree && isGreen(letter) !== isGreen(before.runs.at(-1));
  return {
    runs: `${before?.runs ?? ''}${isFlip ? letter.toUpperCase() : letter}`.slice(-RUNS_KEPT),
    ...(tree !== undefined && { tree }),
    debt: task.verdict === 'soft-failed' ? debtAfter(before?.debt, task, event) : undefined,
  };
}

function isGreen(letter = ''): boolean {
  const small = letter.toLowerCase();
  return small === LETTERS.passed || small === LATE;
}

/** An answer of the cache is no run: it says nothing about how steady the gate is. */
function letterOf({ verdict, flaky, cached }: TaskSummary): string {
  if (cached) return '';
  return verdict === 'skipped' ? '' : flaky === true ? LATE : LETTERS[verdict];
}

function debtAfter(
  before: DebtProgress | undefined,
  task: TaskSummary,
  event: Recorded<CycleEnded>,
): DebtProgress {
  return {
    since: before?.since ?? event.cycle,
    sinceAt: before?.sinceAt ?? event.at,
    cycles: (before?.cycles ?? 0) + 1,
    reason: task.reasons[0] ?? '',
    ...(task.quarantined !== undefined && { quarantined: task.quarantined }),
    ...(task.softUntil !== undefined && { softUntil: task.softUntil }),
  };
}

export interface Flakiness {
  /** Runs that are looked back over, at most 100. */
  readonly runs: number;
  /** Of them: passed, but not on the first attempt. */
  readonly late: number;
  /** Of them: judged otherwise than the run before, over the same work tree. */
  readonly flips: number;
  /** Share of the runs that were one of the two. */
  readonly rate: number;
}

export function flakinessOf({ runs }: Pick<GateProgress, 'runs'>): Flakiness {
  let [late, flips, both] = [0, 0, 0];
  for (const letter of runs) {
    const isLate = letter.toLowerCase() === LATE;
    const isFlip = letter !== letter.toLowerCase();
    if (isLate) late += 1;
    if (isFlip) flips += 1;
    if (isLate || isFlip) both += 1;
  }
  return { runs: runs.length, late, flips, rate: runs.length === 0 ? 0 : both / runs.length };
}
