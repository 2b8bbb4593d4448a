// A checked config, its gates, flags and the environment → the plan, or every problem. Pure: nothing is read from the world.

import type { ConfigFile, GateFile, TaskConfig } from '../config/config.ts';
import type { Checked, Problem } from '../config/problem.ts';
import { formatDuration } from '../config/quantity.ts';
import { checkOutputs, readCacheStore } from './cache.ts';
import { findTasks } from './draft.ts';
import type { Draft } from './draft.ts';
import { fingerprint } from './fingerprint.ts';
import type { Flags } from './flags.ts';
import { DEFAULTS } from './limits.ts';
import { readEnds } from './ends.ts';
import type { Expressions } from './expression.ts';
import { readHooks } from './hooks.ts';
import { readKeeping } from './keep.ts';
import { readNotify } from './notify.ts';
import { readOutputs } from './outputs.ts';
import { readBest } from './champion.ts';
import { readLoop, type Schedules } from './pauses.ts';
import { MAX_JOBS, readPhases } from './phase.ts';
import type { PhasePlan, Plan } from './plan.ts';
import { readProtect } from './protect.ts';
import { Reader } from './reader.ts';
import { readReceipts } from './receipts.ts';
import { hiddenIn } from './redact.ts';
import type { MachineFacts } from './resources.ts';
import { settle } from './settings.ts';
import { refuseControls } from './told.ts';
import { readTree } from './writes.ts';
import { fixedValues, plainNames } from './vars.ts';

export interface PlanInput {
  readonly config: ConfigFile;
  /** The gates that `usedGates` names, as far as they were found. */
  readonly gates: ReadonlyMap<string, { file: string; gate: GateFile; from: 'loop' | 'library' }>;
  /** All gates there are, asked for only when `uses` names none of `gates`, to tell the nearest. */
  readonly gateNames?: () => readonly string[];
  /** Gates that are there and cannot be read: that was told, so nothing is said of what they would bring. */
  readonly unreadable?: ReadonlySet<string>;
  readonly flags: Flags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cores: number;
  /** Given by starts and `doctor`: what a limit must not go beyond. Asked only where one stands. */
  readonly machine?: () => MachineFacts;
  /** What the file of the config is called, for what may not be written over it. */
  readonly file?: string;
  /** Given where a calendar may be written; without it none is checked. */
  readonly schedules?: Schedules | undefined;
  /** Given where an expression may be written; without it none is checked. */
  readonly expressions?: Expressions | undefined;
}

export function makePlan(input: PlanInput): Checked<Plan> {
  const draft = draftOf(input);
  const top = readTop(draft, input.cores);
  const phases = readPhases(draft, top.jobs);
  const outputs = readOutputs(draft, input.file);
  const loop = readLoop(draft, { schedules: input.schedules, file: input.file, outputs });
  const ends = readEnds(draft, { mode: loop.mode, phases, expressions: input.expressions });
  const best = readBest(draft, phases, outputs.state);
  const keeping = readKeeping(draft, outputs.state.dir);
  const tasks = phases.flatMap((phase) => phase.tasks);
  const cache = readCacheStore(draft, tasks);
  checkOutputs(draft, tasks, { ...outputs, cache }, input.file);
  const hooks = readHooks(draft);
  const notify = readNotify(draft, { ...outputs, loop }, input.file);
  const protect = readProtect(draft, {
    own: { ...outputs, loop, cache },
    file: input.file,
    gateFiles: gateFilesOf(input),
  });
  const receipts = readReceipts({ ...outputs, ...ends, loop, cache });
  const tree = readTree(draft, tasks, { ...outputs, ...keeping, loop, cache, notify });
  const work = {
    ...(hooks.length > 0 && { hooks }),
    ...(notify.length > 0 && { notify }),
    ...(protect && { protect }),
    ...(receipts && { receipts }),
    ...(tree && { tree }),
  };
  warnOfGrace(draft, top.stopWithinMs, phases);
  refuseControls({ name: input.config.name, goal: draft.fixed.goal, phases }, draft.problems);
  const { settings, fixed, flags, warnings, problems } = draft;
  if (problems.length > 0) return { problems: unique(problems) };
  const { name } = input.config;
  const identity = { name, goal: fixed.goal, profile: settings.profile, vars: fixed.vars };
  const kept = { ...keeping, ...(cache && { cache }) };
  const beside = { ...kept, phases, ...outputs, ...work, failOn: flags.failOn };
  const whole = { ...identity, ...top, loop, ...ends, ...best, ...beside };
  const id = fingerprint(whole, settings.top.jobs === undefined ? top.jobs : undefined);
  return { value: { ...whole, id, warnings, sources: draft.sources } };
}

/** The gates that the config may use: in tasks, in `defaults`, and in any profile. */
export function usedGates(config: ConfigFile): readonly string[] {
  const names = new Set<string>();
  const see = (tasks: Readonly<Record<string, TaskConfig>> | undefined) => {
    for (const task of Object.values(tasks ?? {})) if (task.uses !== undefined) names.add(task.uses);
  };
  const seeDefaults = ({ defaults }: { readonly defaults?: TaskConfig }) => see(defaults && { defaults });
  seeDefaults(config);
  for (const phase of Object.values(config.phases)) [phase.steps, phase.gates].forEach(see);
  for (const profile of Object.values(config.profiles ?? {})) {
    seeDefaults(profile);
    [profile.steps, profile.gates].forEach(see);
  }
  return [...names];
}

/** Those of the loop's own folder: what ships with gate-run is not the work's to change. */
function gateFilesOf({ config, gates }: PlanInput): readonly string[] {
  return usedGates(config).flatMap((name) => {
    const gate = gates.get(name);
    return gate?.from === 'loop' ? [gate.file] : [];
  });
}

/** A mistake in `defaults` or in a gate file is met in every task that has it, and is still one mistake. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.file, problem.path, problem.message]);
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}

function draftOf({ config, gates, gateNames, unreadable, flags, env, machine }: PlanInput): Draft {
  const problems: Problem[] = [];
  const settings = settle(config, { flags, env }, problems);
  const fixed = fixedValues(settings, env, problems);
  const tasks = findTasks(config, settings, problems);
  const ids = [...tasks.keys()];
  return {
    config,
    settings,
    fixed,
    gates,
    gateNames: gateNames ?? (() => [...gates.keys()]),
    unreadable: unreadable ?? new Set(),
    flags,
    machine,
    env,
    hidden: hiddenIn(settings.top.redact),
    tasks,
    ids,
    problems,
    warnings: [],
    sources: { ...settings.sources, ...fixed.sources },
    names: new Map(),
    metricUses: [],
  };
}

type Top = Pick<Plan, 'jobs' | 'cycleTimeoutMs' | 'stopWithinMs'>;

function readTop({ settings, fixed, problems }: Draft, cores: number): Top {
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const { jobs, loop = {} } = settings.top;
  const otherwise = Math.min(MAX_JOBS, Math.max(1, Math.floor(cores)));
  return {
    jobs: reader.count(jobs, ['jobs'], { from: 1, to: MAX_JOBS, otherwise }),
    cycleTimeoutMs: reader.limit(loop.timeout, ['loop', 'timeout'], DEFAULTS.cycleTimeoutMs),
    stopWithinMs: reader.duration(loop['stop-within'], ['loop', 'stop-within'], DEFAULTS.stopWithinMs),
  };
}

/** A task's grace lies inside that of the stop: a longer one would never be granted whole. */
function warnOfGrace({ warnings, tasks }: Draft, stopWithinMs: number, phases: readonly PhasePlan[]): void {
  if (stopWithinMs === 0) return;
  const patient = phases.flatMap((phase) => phase.tasks).find((task) => task.killAfterMs >= stopWithinMs);
  if (!patient) return;
  const path = [...(tasks.get(patient.id)?.path ?? []), 'kill-after'];
  const message = `\`kill-after\` of \`${patient.id}\` is not shorter than \`loop.stop-within\` (${formatDuration(stopWithinMs)})`;
  warnings.push({ path, message, mend: 'a stop waits `stop-within`, then TERM, then `kill-after`' });
}
