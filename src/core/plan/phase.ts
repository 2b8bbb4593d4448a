// The phases with their tasks, once each task is read: checked against one another, left out by rule, narrowed to what was named.

import type { PhaseConfig } from '../config/config.ts';
import { phaseLayers } from './draft.ts';
import type { Draft, Found } from './draft.ts';
import { isMap } from '../is-map.ts';
import { merged } from './layer.ts';
import { checkMetricUses, checkMetricVariables } from './metric-use.ts';
import { checkNeeds, ownNeeds } from './needs.ts';
import type { Standing } from './needs.ts';
import { unknownWord } from './names.ts';
import type { PhasePlan, TaskPlan } from './plan.ts';
import { Reader } from './reader.ts';
import { checkSharedEvidence } from './shared-evidence.ts';
import { leaveOutJudges, select, withNeeds } from './select.ts';
import type { Selection } from './select.ts';
import { readChoice } from './choice.ts';
import { readTask } from './task.ts';
import { plainNames } from './vars.ts';
import { readWhen } from './when.ts';
import type { WhenFacts, WhenRead } from './when.ts';

export const MAX_JOBS = 1000;

export function readPhases(draft: Draft, jobs: number): readonly PhasePlan[] {
  const facts: WhenFacts = {
    env: draft.env,
    profile: draft.settings.profile,
    profiles: Object.keys(draft.config.profiles ?? {}),
    tasks: draft.ids,
    since: draft.flags.since,
  };
  const selection = select(draft);
  const found = byPhase(draft);
  const tasks = new Map<string, Standing>();
  const phases = Object.keys(draft.config.phases).map((id, at) => {
    const { phase, when } = readPhase(draft, { id, number: at + 1, jobs, facts });
    readTasks(found.get(id) ?? [], { draft, facts, phase, when, selection, tasks });
    return phase;
  });
  sayUnknownPhases(draft);
  checkNeeds(tasks, draft.problems);
  checkSharedEvidence(tasks, draft.problems, draft.warnings);
  checkMetricUses(draft, tasks);
  checkMetricVariables(draft, tasks);
  return withTasks(phases, tasks, selection);
}

interface PhaseRead {
  readonly phase: PhasePlan;
  readonly when: WhenRead;
}

interface PhaseContext {
  readonly id: string;
  readonly number: number;
  readonly jobs: number;
  readonly facts: WhenFacts;
}

function readPhase(draft: Draft, { id, number, jobs, facts }: PhaseContext): PhaseRead {
  const layers = phaseLayers(draft, id);
  const config = merged<PhaseConfig>(layers);
  const reader = new Reader(layers, plainNames(draft.fixed.values), draft.problems);
  for (const { source, value } of layers) {
    for (const key of Object.keys(value)) {
      if (key !== 'steps' && key !== 'gates') draft.sources[`phases.${id}.${key}`] = source;
    }
  }
  const own = reader.count(config.jobs, ['jobs'], { from: 1, to: MAX_JOBS, otherwise: jobs });
  const phase: PhasePlan = {
    id,
    title: config.title === undefined ? id : (reader.text(config.title, ['title']) ?? id),
    number,
    at: config.at ?? 'cycle',
    always: config.always ?? false,
    policy: readChoice(config.policy, ['finish-running', 'keep-going', 'kill'], 'policy', reader),
    // The plan's number bounds them all: `-j 2` means two.
    jobs: Math.min(jobs, own),
    timeoutMs: reader.limit(config.timeout, ['timeout'], 'never'),
    tasks: [],
  };
  return { phase, when: readWhen(config.when, { reader, facts, path: ['when'] }) };
}

interface Reading extends PhaseRead {
  readonly draft: Draft;
  readonly facts: WhenFacts;
  readonly selection: Selection;
  /** Gets what is read. */
  readonly tasks: Map<string, Standing>;
}

function readTasks(found: readonly Found[], { draft, facts, phase, when, selection, tasks }: Reading): void {
  let step: string | undefined;
  for (const task of found) {
    const after = task.kind === 'step' ? step : undefined;
    const leftOut = selection.ruleFor(task.id, task.phase);
    const { task: plan, needs, layers } = readTask(task, { draft, facts, phaseWhen: when, leftOut, after });
    tasks.set(task.id, { task: plan, needs, layers, phase, after });
    if (task.kind === 'step') step = task.id;
  }
}

/** An ad hoc run has one turn: whatever it names runs now, also what a loop runs at its start or end. */
function withTasks(
  phases: readonly PhasePlan[],
  tasks: ReadonlyMap<string, Standing>,
  { named }: Selection,
): readonly PhasePlan[] {
  const kept = named && withNeeds(named, (id) => ownNeeds(tasks.get(id)));
  const byPhaseId = new Map<string, TaskPlan[]>(phases.map((phase) => [phase.id, []]));
  const plans: TaskPlan[] = [];
  for (const standing of tasks.values()) {
    if (!kept) plans.push(standing.task);
    else if (kept.has(standing.task.id)) plans.push({ ...standing.task, needs: ownNeeds(standing) });
  }
  for (const task of leaveOutJudges(plans)) byPhaseId.get(task.phase)?.push(task);
  const all = phases.map((phase) => ({ ...phase, tasks: byPhaseId.get(phase.id) ?? [] }));
  if (!kept) return all;
  return all.filter((phase) => phase.tasks.length > 0).map((phase) => ({ ...phase, at: 'cycle' as const }));
}

function byPhase({ tasks }: Draft): ReadonlyMap<string, readonly Found[]> {
  const found = new Map<string, Found[]>();
  for (const task of tasks.values()) {
    const held = found.get(task.phase);
    if (held) held.push(task);
    else found.set(task.phase, [task]);
  }
  return found;
}

/** `--set phases.NAME.…` is the only place that may name a phase that is not there. */
function sayUnknownPhases({ settings, config, problems }: Draft): void {
  const known = Object.keys(config.phases);
  for (const { file, value } of settings.layers) {
    if (file === undefined || !isMap(value['phases'])) continue;
    for (const word of Object.keys(value['phases'])) {
      if (!known.includes(word)) problems.push({ file, message: unknownWord('phase', word, known) });
    }
  }
}
