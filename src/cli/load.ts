// From a folder to a plan, with every path resolved; or to every problem that stands in the way.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Problem } from '../core/config/problem.ts';
import { makePlan, usedGates } from '../core/plan/make.ts';
import type { Flags } from '../core/plan/flags.ts';
import type { Plan } from '../core/plan/plan.ts';
import { cacheFolder, loadConfig, loadGate, usableGates, type LoadedGate } from '../system/config-file.ts';
import type { Arguments } from './args.ts';

export interface Loop {
  readonly plan: Plan;
  readonly file: string;
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
}

export interface LoadProblems {
  readonly problems: readonly Problem[];
  /** By file as the problems name it, for frames. */
  readonly texts: ReadonlyMap<string, string>;
}

type Wanted = Pick<Arguments, 'config' | 'folder'> & { readonly flags: Flags };

export async function loadLoop(wanted: Wanted, env: NodeJS.ProcessEnv): Promise<Loop | LoadProblems> {
  const cache = cacheFolder(env);
  const from = resolve(wanted.folder ?? '.');
  const found = await loadConfig({ folder: from, explicit: wanted.config, cacheFolder: cache });
  if ('problems' in found) return found;
  const loaded = await loadGates(usedGates(found.config), found.folder, cache);
  const texts = new Map(loaded.texts);
  if (found.text !== undefined) texts.set(found.file, found.text);
  // A plan without a gate that cannot be read would only repeat that it is missing.
  if (loaded.problems.length > 0) return { problems: loaded.problems, texts };
  const plan = makePlan({
    config: found.config,
    gates: loaded.gates,
    gateNames: () => usableGates(found.folder),
    flags: wanted.flags,
    env,
    cores: availableParallelism(),
  });
  if (plan.problems) {
    return { problems: plan.problems.map((problem) => ({ file: found.file, ...problem })), texts };
  }
  return {
    plan: plan.value,
    file: found.file,
    folder: found.folder,
    paths: pathsOf(plan.value, found.folder),
  };
}

interface LoadedGates extends LoadProblems {
  readonly gates: ReadonlyMap<string, LoadedGate>;
}

async function loadGates(
  names: readonly string[],
  folder: string,
  cache: string | undefined,
): Promise<LoadedGates> {
  const gates = new Map<string, LoadedGate>();
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  for (const name of names) {
    const gate = await loadGate({ name, folder, cacheFolder: cache });
    if (gate && 'problems' in gate) {
      problems.push(...gate.problems);
      for (const [file, text] of gate.texts) texts.set(file, text);
    } else if (gate) {
      gates.set(name, gate);
      texts.set(gate.file, gate.text);
    }
  }
  return { gates, texts, problems };
}

function pathsOf({ state, questions }: Plan, folder: string): LoopPaths {
  return {
    stateDir: resolve(folder, state.dir),
    history: resolve(folder, state.history),
    cycles: resolve(folder, state.cycles),
    latest: resolve(folder, state.latest),
    questions: resolve(folder, questions.file),
  };
}
