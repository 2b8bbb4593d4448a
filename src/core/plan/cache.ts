// `inputs`, `outputs`, `cache` and `versions` of a task, and where answers are kept. What a key is made of is core/cache's business.

import type { TaskConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { compileGlobs, fixedFolder, isGlob } from '../glob.ts';
import { readCommand } from './command.ts';
import type { Draft } from './draft.ts';
import { isFromDefaults } from './draft.ts';
import type { Layer } from './layer.ts';
import { absolute, ownPaths } from './own-paths.ts';
import type { Plan, TaskPlan } from './plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

export interface CachePlan {
  /** Globs from the config's folder, `!` takes away. */
  readonly inputs: readonly string[];
  /** Names of variables that the verdict depends on. */
  readonly env: readonly string[];
  /** As written, and as started. */
  readonly versions: readonly { readonly text: string; readonly argv: readonly string[] }[];
  /** A verdict of failed is kept as well. */
  readonly failed: boolean;
}

/** `dir` as written, from the config's folder. */
export interface CacheStorePlan {
  readonly dir: string;
  readonly sizeBytes: number;
}

export const DEFAULT_CACHE_DIR = '.gate-run/cache';
export const DEFAULT_CACHE_BYTES = 1_073_741_824;
const ENV = 'env:';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface Place {
  readonly kind: 'step' | 'gate';
  readonly layers: readonly Layer[];
  readonly reader: Reader;
}

/** `outputs` may be said without `cache`: another task's inputs may be what this one makes. */
export function readCaching(config: Partial<TaskConfig>, place: Place): Pick<TaskPlan, 'cache' | 'outputs'> {
  const { reader } = place;
  const { inputs, outputs, cache = false, versions } = config;
  if (inputs === undefined && outputs === undefined && cache === false && versions === undefined) return NONE;
  const left = outputs?.map((glob, at) => readOutput(glob, ['outputs', at], reader));
  const isOn = cache !== false && fits(config, place);
  const wanted = isOn && inputs !== undefined ? readPlan({ inputs, versions, cache, reader }) : undefined;
  if (cache === false) refuseIdle(config, place);
  return { cache: wanted, outputs: left };
}

const NONE: Pick<TaskPlan, 'cache' | 'outputs'> = { cache: undefined, outputs: undefined };

interface Written {
  readonly inputs: readonly string[];
  readonly versions: readonly string[] | undefined;
  readonly cache: NonNullable<TaskConfig['cache']>;
  readonly reader: Reader;
}

function readPlan({ inputs, versions = [], cache, reader }: Written): CachePlan {
  const words = inputs.map((word, at) => readInput(word, ['inputs', at], reader));
  const globs = words.filter((word) => !word.startsWith(ENV));
  if (!globs.some((glob) => !glob.startsWith('!')))
    reader.say(['inputs'], '`inputs` names no file', {
      mend: 'name the files that the verdict depends on, such as `src/**`',
    });
  return {
    inputs: globs,
    env: words.filter((word) => word.startsWith(ENV)).map((word) => word.slice(ENV.length)),
    versions: versions.map((text, at) => readVersion(text, ['versions', at], reader)),
    failed: typeof cache === 'object' && cache.failed === true,
  };
}

function readInput(word: string, path: Path, reader: Reader): string {
  const text = reader.text(word, path) ?? '';
  const name = text.startsWith(ENV) ? text.slice(ENV.length) : undefined;
  if (name !== undefined && !NAME.test(name))
    reader.say(path, `\`${name}\` is no name of a variable`, { mend: 'write `env:NAME`, one for each' });
  if (text.trim() === '' || text === '!') reader.say(path, 'an empty glob');
  return text;
}

function readVersion(text: string, path: Path, reader: Reader): CachePlan['versions'][number] {
  const filled = reader.text(text, path) ?? '';
  const read = readCommand(filled, 'sh');
  if ('wrong' in read) {
    reader.say(path, read.wrong, read.mend === undefined ? {} : { mend: read.mend });
    return { text: filled, argv: [] };
  }
  const { command } = read;
  const argv = command.kind === 'argv' ? command.argv : ['sh', '-ec', command.script];
  return { text: filled, argv };
}

/** On a hit whatever else matches is removed, so a glob over the whole folder would take sources along. */
function readOutput(written: string, path: Path, reader: Reader): string {
  const glob = reader.text(written, path) ?? '';
  const plain = glob.replace(/^!/, '');
  const inside = absolute(plain);
  if (plain.startsWith('/') || !inside.startsWith(`${absolute('.')}/`))
    reader.say(path, `\`${glob}\` leads out of the config's folder`, {
      mend: 'what a task leaves elsewhere cannot be put back: name files below the folder',
    });
  else if (!glob.startsWith('!') && isGlob(plain) && fixedFolder(plain) === '')
    reader.say(path, `\`${glob}\` names no folder`, {
      mend: 'begin with the folder that holds nothing but what the task makes, such as `dist/**`',
    });
  return glob;
}

/** Which tasks may be cached at all; what comes from `defaults` speaks of those that it fits. */
function fits(config: Partial<TaskConfig>, { kind, layers, reader }: Place): boolean {
  const isMeant = layers.some((layer) => layer.value['cache'] !== undefined && !isFromDefaults(layer));
  const refuse = (message: string, mend: string): false => {
    if (isMeant) reader.say(['cache'], message, { on: 'key', mend });
    return false;
  };
  if (config.judges !== undefined)
    return refuse(
      '`cache` on a gate that `judges` another task',
      'it starts nothing; write `cache` on the task that it judges, whose answer holds its evidence too',
    );
  if (config.stages !== undefined)
    return refuse('`cache` on a ladder', 'take `cache` or `stages` out: rungs are not kept');
  if (config.inputs === undefined)
    return refuse(
      '`cache` without `inputs`',
      'say what the verdict depends on, such as `inputs: ["src/**"]`; without it no answer could ever be believed',
    );
  if (kind === 'step' && config.outputs === undefined)
    return refuse(
      '`cache` on a step without `outputs`',
      'a step is there for what it leaves: name that, or take `cache` out where it acts on something else',
    );
  return true;
}

/** Said and without any effect: most likely `cache: true` was forgotten. */
function refuseIdle(config: Partial<TaskConfig>, { layers, reader }: Place): void {
  if (config.cache === false) return;
  for (const key of ['inputs', 'versions'] as const) {
    const isMeant = layers.some((layer) => layer.value[key] !== undefined && !isFromDefaults(layer));
    if (isMeant && config[key] !== undefined)
      reader.say([key], `\`${key}\` says nothing without \`cache\``, {
        on: 'key',
        mend: 'add `cache: true`',
      });
  }
}

const at = (key: string): Path => ['state', 'cache', key];

/** Where answers are kept; beside the config, so that profiles with a state of their own share them. */
export function readCacheStore(draft: Draft, tasks: readonly TaskPlan[]): CacheStorePlan | undefined {
  const { settings, problems, fixed } = draft;
  const written = settings.top.state?.cache;
  if (written === undefined && tasks.every(({ cache }) => cache === undefined)) return undefined;
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const dir = reader.text(written?.dir ?? DEFAULT_CACHE_DIR, at('dir'))?.replace(/(?<=.)\/+$/, '');
  if (dir?.trim() === '') reader.say(at('dir'), 'an empty path');
  return {
    dir: dir ?? DEFAULT_CACHE_DIR,
    sizeBytes: reader.size(written?.size, at('size'), DEFAULT_CACHE_BYTES),
  };
}

type Places = Pick<Plan, 'state' | 'questions' | 'reporters'> & {
  readonly cache: CacheStorePlan | undefined;
};

/** Outputs that are inputs would change the key with each run; outputs over the state would put an old ledger back. */
export function checkOutputs(
  draft: Draft,
  tasks: readonly TaskPlan[],
  places: Places,
  file: string | undefined,
): void {
  const own = [
    ...ownPaths(places, file),
    ...(places.cache ? [[places.cache.dir, 'the cache'] as const] : []),
  ];
  for (const task of tasks) {
    const { outputs, cache } = task;
    if (outputs === undefined) continue;
    const home = draft.tasks.get(task.id)?.path ?? [];
    const say = (message: string, mend: string) =>
      draft.problems.push({ path: [...home, 'outputs'], message, mend });
    for (const glob of outputs.filter((one) => !one.startsWith('!'))) {
      const taken = own.find(([path]) => touches(glob, path));
      if (taken) say(`\`${glob}\` of \`outputs\` reaches ${taken[1]} (${taken[0]})`, 'name another folder');
      else if (cache && overlap(glob, cache.inputs))
        say(
          `\`${glob}\` of \`outputs\` is among the \`inputs\` too`,
          `take it out of the inputs: add \`"!${glob}"\` to \`inputs\``,
        );
    }
  }
}

/** One lies below the other, or is it. */
function touches(glob: string, path: string): boolean {
  const place = absolute(isGlob(glob) ? fixedFolder(glob) : glob);
  const other = absolute(path);
  return place === other || place.startsWith(`${other}/`) || other.startsWith(`${place}/`);
}

/** Told by a file that the one certainly matches; what else they share is found out when it is kept. */
function overlap(output: string, inputs: readonly string[]): boolean {
  const isInput = compileGlobs(inputs.map(below));
  const isOutput = compileGlobs([below(output)]);
  const samples = inputs.filter((glob) => !glob.startsWith('!')).map(sampleOf);
  return isInput(sampleOf(output)) || samples.some((path) => isOutput(path) && isInput(path));
}

/** A plain path may be a folder, and then stands for everything in it. */
function below(glob: string): string {
  return isGlob(glob.replace(/^!/, ''))
    ? glob
    : `{${glob.replace(/^!/, '')},${glob.replace(/^!/, '')}/**}`.replace(
        /^/,
        glob.startsWith('!') ? '!' : '',
      );
}

function sampleOf(glob: string): string {
  if (!isGlob(glob)) return glob;
  const folder = fixedFolder(glob);
  const rest = glob.slice(folder.length).replace(/^\//, '');
  const name = rest.split('/').at(-1)?.replaceAll(/\*+/g, 'x').replaceAll('?', 'x') ?? 'x';
  return `${folder}/${name.replace(/\{([^,}]*)[^}]*\}/g, '$1') || 'x'}`;
}
