// From a folder to a plan, with every path resolved; or to every problem that stands in the way, of file, gates and plan at once.

import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { ConfigFile } from '../core/config/config.ts';
import type { Problem } from '../core/config/problem.ts';
import { UNREADABLE } from '../core/config/unreadable.ts';
import { makePlan, usedGates } from '../core/plan/make.ts';
import type { Flags } from '../core/plan/flags.ts';
import { lackingWord } from '../core/plan/names.ts';
import { modeOf } from '../core/plan/pauses.ts';
import type { Schedules } from '../core/plan/pauses.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { MachineFacts } from '../core/plan/resources.ts';
import {
  cacheFolder,
  loadConfig,
  loadGate,
  usableGates,
  type LoadedConfig,
  type LoadedGate,
  type NotLoaded,
} from '../system/config-file.ts';
import { BUILD } from '../system/parse-cache.ts';
import { staySmall } from '../system/stay-small.ts';
import type { Arguments } from './args.ts';

export interface Loop {
  readonly plan: Plan;
  /** As a person in the folder of this start would write it. */
  readonly file: string;
  /** Of the config, absolute. */
  readonly folder: string;
  readonly paths: LoopPaths;
}

/** Absolute. */
export interface LoopPaths {
  readonly stateDir: string;
  readonly history: string;
  readonly cycles: string;
  readonly latest: string;
  readonly questions: string;
  /** The kill switch. */
  readonly stopFile: string;
  /** No path: of the code that folds, for the checkpoint in the state directory. */
  readonly build: string | undefined;
}

export interface LoadProblems {
  readonly problems: readonly Problem[];
  /** By file as the problems name it, for frames. */
  readonly texts: ReadonlyMap<string, string>;
  /** No config was found at all. */
  readonly isNone?: true;
  /** As the config has it, where that much of it can be read. */
  readonly redact?: readonly string[];
}

/** Everything that can be found out before anything starts. */
export interface Survey extends LoadProblems {
  readonly warnings: readonly Problem[];
  /** Undefined where no config was found or could be read at all. */
  readonly file: string | undefined;
  /** Only when there is no problem. */
  readonly found: { readonly plan: Plan; readonly folder: string } | undefined;
}

/** The config, absolute, wherever this start was made from. */
export function configOf({ folder, file }: Pick<Loop, 'folder' | 'file'>): string {
  return join(folder, basename(file));
}

type Wanted = Pick<Arguments, 'config' | 'folder'> & {
  readonly flags: Flags;
  readonly machine?: () => MachineFacts;
};

/** `machine`: what runs here must not ask for more than that. */
export async function loadLoop(
  wanted: Wanted,
  env: NodeJS.ProcessEnv,
  machine?: () => MachineFacts,
): Promise<Loop | LoadProblems> {
  const { file, found, ...told } = await survey({ ...wanted, ...(machine && { machine }) }, env);
  if (found === undefined || file === undefined) return told;
  return { ...found, file, paths: pathsOf(found.plan, found.folder) };
}

/** `others`: gates that are looked at although nothing may use them. */
export async function survey(
  wanted: Wanted,
  env: Readonly<Record<string, string | undefined>>,
  others: (folder: string) => readonly string[] = () => [],
): Promise<Survey> {
  const cache = cacheFolder(env);
  const from = resolve(wanted.folder ?? '.');
  const loaded = await loadConfig({ folder: from, explicit: wanted.config, cacheFolder: cache });
  const spoilt = 'problems' in loaded ? loaded : undefined;
  const whole = 'problems' in loaded ? loaded.rest : loaded;
  if (whole === undefined) return { problems: [], texts: new Map(), ...spoilt, ...NOTHING };
  const { file, folder, config } = whole;
  const lasts = modeOf(wanted.flags) !== 'once';
  if (lasts || countTasks(config) >= MANY_TASKS) staySmall(lasts);
  const used = usedGates(config);
  const gates = await loadGates({ names: [...new Set([...used, ...others(folder)])], folder, cache });
  const plan = makePlan({
    config,
    gates: gates.readable,
    gateNames: () => usableGates(folder),
    unreadable: gates.unreadable,
    flags: wanted.flags,
    env,
    cores: availableParallelism(),
    ...(wanted.machine && { machine: wanted.machine }),
    file: basename(file),
    schedules: mentionsCalendar(config, wanted.flags) ? await calendars() : undefined,
    expressions: mentionsExpression(config, wanted.flags)
      ? (await import('../core/expression.ts')).expressions
      : undefined,
  });
  const isNews = (problem: Problem) =>
    !(spoilt?.rest?.explains(problem, lackingWord(problem.message)) ?? false);
  const news = (plan.problems ?? []).filter(isNews).map((problem) => ({ file, ...problem }));
  const problems = [
    ...(spoilt?.problems ?? []),
    ...gates.problems,
    ...news,
    ...(await askedOfGit(wanted, folder)),
  ];
  const texts = new Map([...(spoilt?.texts ?? textOf(loaded)), ...gates.texts]);
  const { redact = [] } = config;
  if (plan.problems || problems.length > 0) return { ...NOTHING, file, problems, texts, redact };
  const warnings = plan.value.warnings.map((warning) => ({ file, ...warning }));
  return { file, problems, texts, redact, warnings, found: { plan: plan.value, folder } };
}

/** The library behind calendars is loaded only where one is written. */
function mentionsCalendar({ loop, profiles = {} }: ConfigFile, { set }: Flags): boolean {
  const written = [loop, ...Object.values(profiles).map((profile) => profile.loop)];
  return written.some((keys) => keys?.cron !== undefined) || set.some(([key]) => key === 'loop.cron');
}

function mentionsExpression({ exit, profiles = {} }: ConfigFile, { set }: Flags): boolean {
  const written = [exit, ...Object.values(profiles).map((profile) => profile.exit)];
  return written.some((keys) => keys?.when !== undefined) || set.some(([key]) => key === 'exit.when');
}

async function calendars(): Promise<Schedules> {
  const { ownTimezone, scheduleProblem } = await import('../system/schedule.ts');
  return { timezone: ownTimezone, problem: scheduleProblem };
}

/** Whether or not a task asks what changed: a reference that is none is a slip. */
async function askedOfGit({ flags }: Wanted, folder: string): Promise<readonly Problem[]> {
  if (flags.since === undefined) return [];
  const problem = await (await import('../system/asks.ts')).sinceProblem(flags.since, folder);
  return problem === undefined ? [] : [problem];
}

const NOTHING = { file: undefined, found: undefined, warnings: [] };

function textOf(loaded: LoadedConfig | NotLoaded): readonly (readonly [string, string])[] {
  return 'text' in loaded && loaded.text !== undefined ? [[loaded.file, loaded.text]] : [];
}

interface LoadedGates extends LoadProblems {
  readonly readable: ReadonlyMap<string, LoadedGate>;
  readonly unreadable: ReadonlySet<string>;
}

async function loadGates({ names, folder, cache }: GatesWanted): Promise<LoadedGates> {
  const readable = new Map<string, LoadedGate>();
  const unreadable = new Set([UNREADABLE]);
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  for (const name of names) {
    const gate = await loadGate({ name, folder, cacheFolder: cache });
    if (gate && 'problems' in gate) {
      unreadable.add(name);
      problems.push(...gate.problems);
      for (const [file, text] of gate.texts) texts.set(file, text);
    } else if (gate) {
      readable.set(name, gate);
      texts.set(gate.file, gate.text);
    }
  }
  return { readable, unreadable, texts, problems };
}

interface GatesWanted {
  readonly names: readonly string[];
  readonly folder: string;
  readonly cache: string | undefined;
}

function pathsOf({ state, questions, loop }: Plan, folder: string): LoopPaths {
  return {
    stateDir: resolve(folder, state.dir),
    history: resolve(folder, state.history),
    cycles: resolve(folder, state.cycles),
    latest: resolve(folder, state.latest),
    questions: resolve(folder, questions.file),
    stopFile: resolve(folder, loop.stopFile),
    build: BUILD,
  };
}

/** From here on keeping the process small pays. */
const MANY_TASKS = 32;

function countTasks({ phases }: ConfigFile): number {
  const counts = Object.values(phases).map(
    ({ steps, gates }) => Object.keys(steps ?? {}).length + Object.keys(gates ?? {}).length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
