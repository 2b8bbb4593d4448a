// Whether a gate can fail, from a run on a clean copy and one on a copy in which something bad was planted.

import type { CycleEnded, TaskSummary } from '../loop/event.ts';
import { NO_RETRY } from '../plan/limits.ts';
import type { Plan, TaskPlan } from '../plan/plan.ts';
import { baselinePlan, hardVerdict } from '../baseline/collect.ts';
import { errorOf } from '../questions/error.ts';
import type { Planting } from './planting.ts';

export interface Proof {
  readonly gate: string;
  /** `not-proved` says neither. */
  readonly answer: 'can-fail' | 'cannot-fail' | 'not-proved';
  /** One sentence for people: the evidence, or why there is none. */
  readonly says: string;
  readonly mend?: string;
}

export const SAY_PROVE =
  'say in the config what it must not pass, as `prove: { write | append | remove: … }`; docs/protect.md has examples';

const LET_RUN = 'prove it where its `when` holds, and what it needs is green';
const BREAK_LESS = 'plant in `prove` what its command reads and judges, not what it needs to run at all';

/**
 * The plan of a run, without a planting or with one: gates are judged as a baseline judges them, a ladder has its lowest rung alone, and
 * nothing else happens. What is to fail is not tried again, and a stop has nothing to wait for.
 */
export function provingPlan(plan: Plan, { id, judges }: TaskPlan, kind: Planting['kind'] | undefined): Plan {
  const {
    hooks: _hooks,
    notify: _notify,
    protect: _protect,
    receipts: _receipts,
    ...rest
  } = baselinePlan(plan);
  const asProved = (task: TaskPlan): TaskPlan => {
    const low = lowest({ ...task, when: alwaysBut(task) });
    const once = kind === undefined ? low : { ...low, retry: NO_RETRY };
    const isSilent = kind === 'silent' && task.id === (judges ?? id);
    return isSilent ? { ...once, command: SILENT, stdin: undefined } : once;
  };
  const phases = rest.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map(asProved) }));
  return { ...rest, phases, stopWithinMs: 0 };
}

const SILENT: NonNullable<TaskPlan['command']> = { kind: 'argv', argv: ['true'] };

/** What changed since a pass, and how others went, is no reason to leave out what is to be proved. */
function alwaysBut({ when }: TaskPlan): TaskPlan['when'] {
  return { every: undefined, passed: [], failed: [], asks: when.asks.filter(({ key }) => key !== 'changed') };
}

function lowest(task: TaskPlan): TaskPlan {
  return { ...task, stages: task.stages.slice(0, 1).map((stage) => ({ ...stage, promote: [] })) };
}

/** Of the run on the clean copy; undefined: it passed, so that what follows is because of the planting. */
export function notClean(gate: string, ended: CycleEnded | undefined): Proof | undefined {
  const task = taskIn(gate, ended);
  const verdict = task && hardVerdict(task);
  if (verdict === 'passed') return undefined;
  const mend = `run it in a copy of the folder by hand, or mend the gate: \`gate-run ${gate}\``;
  if (!task) return unproved(gate, 'it was not carried out', mend);
  if (verdict === 'skipped')
    return unproved(gate, `skipped before anything was planted: ${errorText(task)}`, LET_RUN);
  return unproved(gate, `red before anything was planted: ${errorText(task)}`, mend);
}

/** Of the run behind the planting; undefined: this planting tells nothing, and another one may. */
export function proofBy(gate: string, planting: Planting, ended: CycleEnded | undefined): Proof | undefined {
  const task = taskIn(gate, ended);
  const verdict = task && hardVerdict(task);
  if (task && (verdict === 'failed' || verdict === 'broken')) {
    const how = `${verdict} on ${planting.text}: ${errorText(task)}`;
    if (planting.kind !== 'said')
      return unproved(gate, `nothing was planted that is known to be bad; it was ${how}`);
    // What stands in the way of judging tells nothing of what would be judged; that something is missing is all that a gate can say of it.
    if (verdict === 'failed' || !planting.addsText)
      return { gate, answer: 'can-fail', says: `can fail: ${how}` };
    return unproved(gate, `it could not judge: ${how}`, BREAK_LESS);
  }
  if (planting.kind !== 'said') return undefined;
  if (task && verdict === 'passed' && !task.checks.some(({ first }) => first)) {
    const says = `cannot fail: passed on what it must not pass: ${planting.text}`;
    const mend =
      'let its command fail, read a number with a limit, or say in `prove` what is bad for it; or it reads an installed copy of the files';
    return { gate, answer: 'cannot-fail', says, mend };
  }
  const why =
    verdict === 'passed'
      ? 'it passed, and one of its limits had nothing to be compared with'
      : `it was ${verdict ?? 'not carried out'} on ${planting.text}${task ? `: ${errorText(task)}` : ''}`;
  return unproved(gate, why);
}

/** No planting told anything. */
export function unproved(gate: string, why: string, mend: string = SAY_PROVE): Proof {
  return { gate, answer: 'not-proved', says: `not proved: ${why}`, mend };
}

function taskIn(gate: string, ended: CycleEnded | undefined): TaskSummary | undefined {
  return ended?.tasks.find(({ id }) => id === gate);
}

function errorText({ outcome, reasons, excerpt }: TaskSummary): string {
  return errorOf({ outcome, reasons, excerpt });
}
