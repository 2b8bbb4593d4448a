// Who waits for whom: `needs`, `judges` and the order of steps. Every wait must be able to end, so circles are problems.

import type { Problem } from '../config/problem.ts';
import { placeIn } from './layer.ts';
import { unknownWord } from './names.ts';
import type { PhasePlan } from './plan.ts';
import type { TaskRead } from './task.ts';

export interface Standing extends TaskRead {
  readonly phase: Pick<PhasePlan, 'id' | 'number' | 'at'>;
  /** The step before this step in its phase. */
  readonly after: string | undefined;
}

/** Without the step before a step, which an ad hoc run does not start. */
export function ownNeeds(standing: Standing | undefined): readonly string[] {
  if (!standing) return [];
  const { task, needs, after } = standing;
  return task.needs.filter((need) => need !== after || needs.includes(need));
}

export function checkNeeds(tasks: ReadonlyMap<string, Standing>, problems: Problem[]): void {
  for (const standing of tasks.values()) {
    const say = (path: readonly (string | number)[], message: string, mend?: string) => {
      problems.push({ ...placeIn(standing.layers, path), message, ...(mend === undefined ? {} : { mend }) });
    };
    standing.needs.forEach((need, at) => {
      const wrong = whyNot(need, standing, tasks);
      if (wrong) say(['needs', at], ...wrong);
    });
    const { judges } = standing.task;
    const wrong =
      judges === undefined ? undefined : (whyNot(judges, standing, tasks) ?? whyNotJudged(judges, tasks));
    if (wrong) say(['judges'], ...wrong);
    checkWhen(standing, tasks, say);
  }
  checkCircles(tasks, problems);
}

type Wrong = readonly [message: string, mend?: string];

function whyNot(
  need: string,
  { task, phase }: Standing,
  tasks: ReadonlyMap<string, Standing>,
): Wrong | undefined {
  const other = tasks.get(need);
  if (!other) return [unknownWord('task', need, tasks.keys())];
  if (need === task.id) return [`\`${need}\` needs itself`, 'leave it out'];
  if (other.phase.at !== phase.at) {
    return [`\`${need}\` runs at another time: \`at: ${other.phase.at}\`, and this \`at: ${phase.at}\``];
  }
  if (other.phase.number > phase.number) {
    return [
      `\`${need}\` runs later, in \`${other.phase.id}\``,
      'needs reach back, never forward: move one of the two',
    ];
  }
  if (task.kind === 'step' && other.task.kind === 'gate' && other.phase.number === phase.number) {
    return [
      `\`${need}\` runs later: the steps of a phase run before its gates`,
      'move one of the two to another phase',
    ];
  }
  return undefined;
}

function whyNotJudged(judged: string, tasks: ReadonlyMap<string, Standing>): Wrong | undefined {
  const other = tasks.get(judged)?.task;
  if (other?.judges !== undefined)
    return [`\`${judged}\` has no evidence of its own`, `judge \`${other.judges}\``];
  if (other?.sims !== undefined)
    return [
      `\`${judged}\` runs many simulations, and no one output is all of them`,
      'say its thresholds there',
    ];
  return undefined;
}

/** `passed` and `failed` wait for tasks of the same phase, so they must not wait for what runs after this one. */
function checkWhen(
  { task, phase }: Standing,
  tasks: ReadonlyMap<string, Standing>,
  say: (path: readonly (string | number)[], message: string, mend?: string) => void,
): void {
  for (const key of ['passed', 'failed'] as const) {
    for (const id of task.when[key]) {
      const other = tasks.get(id);
      if (!other || other.phase.number < phase.number) continue;
      const isLater =
        other.phase.number > phase.number || (task.kind === 'step' && other.task.kind === 'gate');
      if (isLater) say(['when', key], `\`${id}\` runs later, so nothing is known of it yet`);
    }
  }
}

/** Depth first, each task once; a circle is drawn from the task where it closes. */
function checkCircles(tasks: ReadonlyMap<string, Standing>, problems: Problem[]): void {
  const done = new Set<string>();
  for (const id of tasks.keys()) {
    if (done.has(id) || waitsOf(id, tasks).length === 0) continue;
    const trail: string[] = [];
    const onTrail = new Set<string>();
    // An explicit stack: a chain of thousands of tasks must not end in a stack overflow.
    const open: { id: string; waits: readonly string[]; at: number }[] = [];
    const enter = (next: string) => {
      trail.push(next);
      onTrail.add(next);
      open.push({ id: next, waits: waitsOf(next, tasks), at: 0 });
    };
    enter(id);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.waits[top.at];
      top.at += 1;
      if (next === undefined) {
        done.add(top.id);
        onTrail.delete(top.id);
        trail.pop();
        open.pop();
      } else if (onTrail.has(next)) {
        sayCircle([...trail.slice(trail.indexOf(next)), next], tasks, problems);
      } else if (!done.has(next)) enter(next);
    }
  }
}

function waitsOf(id: string, tasks: ReadonlyMap<string, Standing>): readonly string[] {
  const standing = tasks.get(id);
  if (!standing) return [];
  const { passed, failed } = standing.task.when;
  const needs = standing.task.needs.includes(id)
    ? standing.task.needs.filter((need) => need !== id)
    : standing.task.needs;
  if (passed.length === 0 && failed.length === 0) return needs;
  const samePhase = (other: string) => tasks.get(other)?.phase.number === standing.phase.number;
  return [...needs, ...[...passed, ...failed].filter(samePhase)];
}

function sayCircle(
  circle: readonly string[],
  tasks: ReadonlyMap<string, Standing>,
  problems: Problem[],
): void {
  const [first = '', second = ''] = circle;
  const standing = tasks.get(first);
  const at = standing?.needs.indexOf(second) ?? -1;
  const path = at >= 0 ? ['needs', at] : standing?.task.judges === second ? ['judges'] : ['when'];
  problems.push({
    ...placeIn(standing?.layers ?? [], path),
    message: `a circle: ${circle.join(' → ')}`,
    mend: circleMend(circle, tasks),
  });
}

function circleMend(circle: readonly string[], tasks: ReadonlyMap<string, Standing>): string {
  const isImplied = circle.some(
    (id, at) => tasks.get(id)?.after === circle[at + 1] && circle[at + 1] !== undefined,
  );
  return isImplied
    ? 'steps run in the order they are written: put them in the order they need'
    : 'take one of these needs away';
}
