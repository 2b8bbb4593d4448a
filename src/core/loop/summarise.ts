// A turn's end: its verdict, and the summary that outlives its folder.

import { cycleVerdict } from '../judge/cycle-verdict.ts';
import { isStrict, taskOf, type PlanIndex } from '../cycle/plan-index.ts';
import type { CycleProgress, TaskProgress } from '../cycle/progress.ts';
import { asOf, softBy } from '../plan/softness.ts';
import { receiptsOf } from '../receipts/moved.ts';
import { cycleFolder, forensicsName, logName } from './names.ts';
import type { CycleEnded, CycleVerdict, TaskSummary } from './event.ts';

interface Ending {
  readonly index: PlanIndex;
  readonly cycle: CycleProgress;
  readonly durationMs: number;
  /** Every task has its verdict or its rule: after a crash the verdict stands then. */
  readonly isWhole: boolean;
  /** The cycle before, which receipts are compared with. */
  readonly last?: CycleEnded | undefined;
}

export function cycleEnded(ending: Ending): CycleEnded {
  const { index, cycle } = ending;
  const phases = index.turns[cycle.turn];
  const tasks = phases.flatMap((phase) => phase.tasks.map((task) => taskSummary(index, cycle, task.id)));
  const verdict = verdictOf(ending, tasks);
  const receipts = receiptsOf(cycle, tasks, ending.last);
  const cause =
    verdict === 'passed' || verdict === 'integrity' ? undefined : causeOf(index, { verdict, tasks, cycle });
  return {
    type: 'cycle.ended',
    cycle: cycle.cycle,
    turn: cycle.turn,
    verdict,
    durationMs: ending.durationMs,
    ...(cause !== undefined && { cause }),
    ...(cycle.tokens.told + cycle.tokens.silent > 0 && { tokens: cycle.tokens }),
    ...(cycle.cost.told + cycle.cost.silent > 0 && { cost: cycle.cost }),
    ...(verdict === 'limited' && cycle.retryAt !== undefined && { retryAt: cycle.retryAt }),
    ...(cycle.guard.tampering && { tampering: cycle.guard.tampering }),
    ...(cycle.guard.grown.length > 0 && { grown: cycle.guard.grown }),
    ...(receipts && { receipts }),
    tasks,
  };
}

function verdictOf({ index, cycle, isWhole }: Ending, tasks: readonly TaskSummary[]): CycleVerdict {
  if (cycle.guard.tampering) return cycleVerdict([], { integrity: true });
  if (!isWhole) return 'interrupted';
  // A stop that cut something off is neither failure nor success; one that came too late changes nothing.
  const whole = tasks.filter((task) => !isCut(task));
  if (whole.length < tasks.length && !cycle.failures.some((id) => isStrict(index, id, cycle)))
    return 'stopped';
  const judgedOf = (id: string | undefined) => (id === undefined ? undefined : cycle.tasks.get(id)?.judged);
  return cycleVerdict(
    whole.map((task) => ({
      kind: task.kind,
      mode: task.mode,
      verdict: task.verdict,
      outcome: task.outcome,
      excused: task.isExcused === true,
      wasBroken: task.wasBroken,
      behindLimit: judgedOf(task.because)?.outcome === 'limited',
      because: judgedOf(task.because)?.verdict,
    })),
    { mayBeIdle: cycle.turn !== 'cycle' },
  );
}

function isCut(task: TaskSummary): boolean {
  return task.verdict === 'skipped' && task.reasons[0] === 'stopped';
}

interface Decided {
  readonly verdict: CycleVerdict;
  readonly tasks: readonly TaskSummary[];
  readonly cycle: CycleProgress;
}

/** The first task that made the cycle what it is, a strict one before a soft one; else the first that went wrong at all. */
function causeOf(index: PlanIndex, { verdict, tasks, cycle }: Decided): string | undefined {
  const deciding = cycle.failures.filter((id) => {
    const judged = cycle.tasks.get(id)?.judged;
    return (judged?.outcome === 'limited' ? 'limited' : judged?.verdict) === verdict;
  });
  return (
    deciding.find((id) => isStrict(index, id, cycle)) ??
    deciding[0] ??
    cycle.failures.find((id) => isStrict(index, id, cycle)) ??
    cycle.failures[0] ??
    tasks.find((task) => task.verdict === 'skipped' && task.because !== undefined)?.because
  );
}

/** What is known of one task of the turn, judged or not. */
export function taskSummary(index: PlanIndex, cycle: CycleProgress, id: string): TaskSummary {
  const plan = taskOf(index, id);
  const task = cycle.tasks.get(id);
  const { mode } = asOf(plan, cycle.startedAt);
  const base = { id, kind: plan.kind, mode, phase: plan.phase, ...softBy(plan, cycle.startedAt) };
  if (!task?.judged) {
    const skipped = task?.skipped;
    const reasons = [skipped?.rule ?? 'interrupted'];
    const because = skipped?.because;
    return {
      ...base,
      at: task?.judgedAt ?? cycle.startedAt,
      verdict: 'skipped',
      ...(task?.stopping && { outcome: 'cancelled' }),
      attempts: task?.attempts ?? 0,
      durationMs: task?.durationMs ?? 0,
      ...(task?.peakBytes !== undefined && { peakBytes: task.peakBytes }),
      metrics: {},
      labels: {},
      checks: [],
      reasons,
      ...(because !== undefined && { because }),
      ...(skipped?.excused === true && { isExcused: true }),
    };
  }
  return { ...base, ...judgedSummary(cycle, task, logName(plan, task.rung, task.attempt)) };
}

function judgedSummary(
  cycle: CycleProgress,
  task: TaskProgress,
  log: string,
): Omit<TaskSummary, 'id' | 'kind' | 'mode' | 'phase'> {
  const { judged, ended, stopping } = task;
  if (!judged) throw new Error(`bug: ${task.id} has no verdict`);
  const isFlaky = judged.verdict === 'passed' && task.attempt > 1;
  const because = stopping?.because;
  return {
    at: task.judgedAt,
    verdict: judged.verdict,
    ...(judged.outcome !== undefined && { outcome: judged.outcome }),
    attempts: task.attempts,
    ...(task.rung !== undefined && { rung: task.rung, rungs: task.rungs }),
    ...(Object.keys(task.sims).length > 0 && { sims: task.sims }),
    durationMs: task.durationMs,
    ...(task.peakBytes !== undefined && { peakBytes: task.peakBytes }),
    metrics: judged.metrics,
    labels: judged.labels,
    reasons: judged.reasons,
    checks: judged.checks,
    ...(judged.inBaseline === true && { inBaseline: true }),
    ...(isFlaky && { flaky: true }),
    ...(judged.skippedByExit === true && { isExcused: true }),
    ...(judged.wasBroken === true && { wasBroken: true }),
    ...(judged.prunedAt !== undefined && { prunedAt: judged.prunedAt }),
    ...(because !== undefined && { because }),
    ...(judged.fingerprint !== undefined && { fingerprint: judged.fingerprint }),
    ...(ended?.excerpt !== undefined && judged.verdict !== 'passed' && { excerpt: ended.excerpt }),
    ...(ended && 'code' in ended.end && { exitCode: ended.end.code }),
    ...(ended && ended.log !== 'none' && { log: `${cycleFolder(cycle.cycle, cycle.turn)}/${log}` }),
    ...(ended?.memoryLimitBytes !== undefined && { memoryLimitBytes: ended.memoryLimitBytes }),
    ...(ended?.forensics === true && {
      forensics: `${cycleFolder(cycle.cycle, cycle.turn)}/${forensicsName(log)}`,
    }),
    ...(task.inputs !== undefined && { inputs: task.inputs }),
    ...(judged.cached && { cached: { at: judged.cached.at, savedMs: judged.cached.savedMs } }),
  };
}
