// Nothing is green by accident: every pass has its evidence in the ledger, and no failure is hidden beside one.

import type { AttemptEnded } from '../core/cycle/event.ts';
import type { Evidence } from '../core/judge/evidence.ts';
import type { SimsEvidence } from '../core/judge/sims.ts';
import type { Recorded, TaskSummary } from '../core/loop/event.ts';
import type { Comparison, Plan, TaskPlan } from '../core/plan/plan.ts';

export function greenOnlyWhenGreen(plan: Plan, events: readonly Recorded[]): string[] {
  const tasks = tasksOf(plan);
  const broken: string[] = [];
  let excused = new Set<string>();
  let judged = new Set<string>();
  for (const event of events) {
    if (event.type === 'cycle.started') [excused, judged] = [new Set(), new Set()];
    if (event.type === 'task.skipped' && event.excused) excused.add(event.task);
    if (event.type === 'task.judged' && !event.wasBroken)
      (event.verdict === 'skipped' ? excused : judged).add(event.task);
    if (event.type !== 'cycle.ended' || event.verdict !== 'passed') continue;
    const gates = event.tasks.filter((task) => task.kind === 'gate');
    if (event.turn === 'cycle' && gates.length > 0 && !gates.some((task) => judged.has(task.id)))
      broken.push('green, but no gate was judged');
    const red = event.tasks.filter((task) => !isGreen(task, tasks.get(task.id), excused));
    if (red.length > 0) broken.push(`green in spite of ${red.map((task) => task.id).join(', ')}`);
  }
  return broken;
}

function isGreen(task: TaskSummary, plan: TaskPlan | undefined, excused: ReadonlySet<string>): boolean {
  if (task.verdict === 'passed' || task.verdict === 'soft-failed') return true;
  if (task.verdict === 'skipped') return excused.has(task.id) || plan?.mode === 'soft';
  // A soft task that met a limit has measured nothing, and nothing depends on it.
  return plan?.mode === 'soft' && task.outcome === 'limited';
}

/** A strict failure is never hidden by anything beside it. */
export function redIsRed(plan: Plan, events: readonly Recorded[]): string[] {
  const tasks = tasksOf(plan);
  const broken: string[] = [];
  for (const event of events) {
    if (event.type !== 'cycle.ended') continue;
    const failed = event.tasks.find(
      (task) => tasks.get(task.id)?.mode === 'strict' && task.verdict === 'failed',
    );
    if (failed && ['passed', 'limited', 'stopped'].includes(event.verdict))
      broken.push(`cycle ${event.cycle} is ${event.verdict}, though ${failed.id} failed`);
  }
  return broken;
}

/** Each pass stands on an attempt of this very turn, or on an answer in its place, that ended well, was not made to stop, and measured enough. */
export function passedByEvidence(plan: Plan, events: readonly Recorded[]): string[] {
  const tasks = tasksOf(plan);
  const broken: string[] = [];
  const ended = new Map<string, Left>();
  const stopped = new Set<string>();
  // A confirmation is held to no threshold: only its value is asked for.
  let isHeld = true;
  for (const event of events) {
    if (event.type === 'cycle.started') isHeld = event.turn !== 'confirm';
    if (event.type === 'cycle.started') ended.clear();
    if (event.type === 'attempt.started' || event.type === 'task.restored') stopped.delete(event.task);
    if (event.type === 'attempt.stopping') stopped.add(event.task);
    if (event.type === 'attempt.ended') ended.set(event.task, event);
    if (event.type === 'task.restored') ended.set(event.task, event.ended);
    if (event.type !== 'task.judged' || event.verdict !== 'passed') continue;
    const task = tasks.get(event.task);
    const from = task?.judges ?? event.task;
    const asked = task && (isHeld ? task : { ...task, thresholds: [] });
    const why = asked && whyNotGreen(asked, ended.get(from), stopped.has(from));
    if (why !== undefined) broken.push(`${event.task} passed, though ${why} (seq ${event.seq})`);
  }
  return broken;
}

type Left = Pick<AttemptEnded, 'end' | 'evidence' | 'oomKills' | 'sims'>;

function whyNotGreen(task: TaskPlan, ended: Left | undefined, wasStopped: boolean): string | undefined {
  if (!ended) return 'no attempt of it ended in this turn';
  if (wasStopped) return 'it was made to stop';
  if ((ended.oomKills ?? 0) > 0) return 'the kernel killed in it';
  if (!('code' in ended.end)) return 'it did not exit by itself';
  const { code } = ended.end;
  const named = task.exits.find(({ codes }) => codes.includes(code))?.means;
  if (task.judges === undefined && (named ?? (code === 0 ? 'passed' : 'failed')) !== 'passed')
    return `it exited with ${code}`;
  const { sims } = ended;
  if (sims && sims.failed > sims.mayFail) return `${sims.failed} of its simulations failed`;
  const isWhole = !sims || sims.done + sims.failed === sims.planned;
  if (sims && !isWhole && sims.early?.at !== sims.done + sims.failed) return 'it did not run all simulations';
  const readings = sims ? meansOf(sims) : (ended.evidence?.[task.id]?.metrics ?? {});
  // Nobody says when a limit resets that was not met.
  const silent = task.metrics.find(({ name }) => name !== 'retry-at' && !('value' in (readings[name] ?? {})));
  if (silent) return `its metric ${silent.name} was not measured`;
  for (const { metric, require } of task.thresholds) {
    if (require && !isWhole && !task.metrics.some(({ name }) => name === metric))
      return `${metric} takes the whole rung`;
    const reading = readings[metric];
    if (!reading || !('value' in reading) || require?.reference !== 'value') continue;
    if (!satisfies(reading.value, require)) return `${metric} is ${reading.value}`;
  }
  return undefined;
}

function meansOf({ metrics }: SimsEvidence): Evidence['metrics'] {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { mean, min }]) => [
      [name, { value: mean }],
      [`${name}.min`, { value: min }],
    ]),
  );
}

function satisfies(value: number, { operator, offset }: Comparison): boolean {
  if (operator === '==') return value === offset;
  if (operator === '!=') return value !== offset;
  if (operator === '<' || operator === '<=') return operator === '<' ? value < offset : value <= offset;
  return operator === '>' ? value > offset : value >= offset;
}

function tasksOf(plan: Plan): ReadonlyMap<string, TaskPlan> {
  return new Map(plan.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task] as const)));
}
