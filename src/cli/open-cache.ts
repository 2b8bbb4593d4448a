// The cache of a plan in the real world, and what can be told of its inputs before anything runs. Loaded only where a task may be answered.

import { basename, join, resolve } from 'node:path';
import { emptyInput, expectedInputs } from '../core/cache/inputs.ts';
import type { Problem } from '../core/config/problem.ts';
import { ownPaths } from '../core/plan/own-paths.ts';
import type { Plan } from '../core/plan/plan.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { caching } from '../engine/caching.ts';
import type { Caching } from '../engine/perform.ts';
import type { Inbox } from '../ports.ts';
import { realCache, type CacheOptions } from '../system/cache/cache.ts';
import { realEyes } from '../system/cache/eyes.ts';
import { readIndex } from '../system/cache/index-file.ts';
import { finish } from '../system/cache/lane.ts';
import { Pass } from '../system/cache/pass.ts';
import { Store } from '../system/cache/store.ts';
import { environments } from '../system/environment.ts';
import { withLocalTools } from '../system/local-tools.ts';
import { realDisk } from '../system/files.ts';
import type { LoadProblems, Loop } from './load.ts';

export interface OpenedCache {
  /** What stands in the way of every key, told before the lock is taken: the run itself looks again, since another one may still write. */
  problems(): LoadProblems;
  /** `ledger`: what the run writes to all the time, where it writes one. */
  beside(inbox: Inbox, ledger?: string): BesideRun;
}

export interface BesideRun {
  readonly port: Caching;
  /** What a run that is over still has to do. */
  settle(): Promise<void>;
}

/** For a plan with a task that may be answered. */
export function openCache(loop: Place, env: NodeJS.ProcessEnv): OpenedCache {
  const options = cacheOptions(loop, env);
  return {
    problems: () => emptyInputs(loop, new Pass(options.index, options.place, options.eyes)),
    beside: (inbox, ledger) => {
      const cache = realCache({ ...options, eyes: realEyes(ledger), inbox });
      return { port: caching(cache, inbox), settle: () => cache.settle() };
    },
  };
}

type Place = Pick<Loop, 'plan' | 'folder' | 'file'>;

function emptyInputs({ plan, file, folder }: Place, pass: Pass): LoadProblems {
  const problems = expectedInputs(plan).flatMap((expected): readonly Problem[] => {
    if (pass.hasKnown(expected.globs)) return [];
    const found = finish(pass.names(expected.globs, false));
    // What else may be wrong is told when the task is asked for: then it runs, and says why.
    return 'glob' in found && found.glob !== undefined ? [{ file, ...emptyInput(expected) }] : [];
  });
  if (problems.length === 0) return { problems, texts: new Map() };
  const text = realDisk().read(join(folder, basename(file)));
  return {
    problems,
    texts: new Map(text && !('failed' in text) ? [[file, Buffer.from(text).toString('utf8')]] : []),
  };
}

export function cacheOptions(
  { plan, folder, file }: Place,
  surrounding: NodeJS.ProcessEnv,
): Omit<CacheOptions, 'inbox'> {
  const env = withLocalTools(surrounding, folder);
  const { secrets, isHidden } = hiddenBy(plan, env);
  const dir = resolve(folder, plan.cache?.dir ?? '.');
  const store = new Store(dir);
  return {
    environmentOf: environments(env, { isHidden, secrets }),
    eyes: realEyes(),
    limitBytes: plan.cache?.sizeBytes ?? 0,
    store,
    index: readIndex(store.indexPath),
    place: { folder, own: [dir, ...ownFiles(plan, basename(file)).map((path) => resolve(folder, path))] },
  };
}

/** The config itself may well be an input. */
function ownFiles(plan: Plan, config: string): readonly string[] {
  return ownPaths(plan, undefined)
    .map(([path]) => path)
    .filter((path) => path !== config);
}
