// `writes` of a task as written → its caps, and what of the tree they speak of is gate-run's own.

import type { WritesConfig } from '../config/holding-config.ts';
import { isGlob } from '../glob.ts';
import { readChoice } from './choice.ts';
import type { Draft } from './draft.ts';
import { isFromDefaults } from './draft.ts';
import type { Flags } from './flags.ts';
import type { Layer } from './layer.ts';
import { absolute, ownPaths, type OwnParts } from './own-paths.ts';
import type { ArchivePlan, NotifyPlan, TaskPlan } from './plan.ts';
import type { Reader } from './reader.ts';

/** What a task may change of the tree, which is the config's folder; at least one cap is there. */
export interface WritesPlan {
  readonly files?: number;
  readonly lines?: number;
  /** Globs from the config's folder; a plain path stands for itself and for all below it. */
  readonly only?: readonly string[];
  readonly onViolation: 'fail' | 'restore';
}

export interface TreePlan {
  /** What gate-run itself writes: paths and globs from the config's folder, or absolute. */
  readonly except: readonly string[];
}

const MOST_FILES = 1_000_000;
/** Two versions are compared line by line no further than a cap asks for, so a cap bounds that work. */
const MOST_LINES = 100_000;
const ON_VIOLATION: readonly ['fail', 'restore'] = ['fail', 'restore'];

/** `--cap-writes` over whatever says `writes`: it caps what is capped already, and gives no task a cap. */
export function capLayers(layers: readonly Layer[], { capWrites }: Flags): readonly Layer[] {
  if (capWrites === undefined || !layers.some(({ value }) => value['writes'] !== undefined)) return layers;
  const value = { writes: { files: capWrites } };
  return [...layers, { source: 'flag', file: '--cap-writes', path: [], value }];
}

interface Place {
  readonly layers: readonly Layer[];
  readonly reader: Reader;
}

/** Undefined where it caps nothing: after a problem, and where `defaults` say it to a gate that starts nothing. */
export function readWrites(
  written: WritesConfig,
  { layers, reader }: Place,
  { judges }: { readonly judges?: string | undefined },
): WritesPlan | undefined {
  if (judges !== undefined) {
    const isMeant = layers.some((layer) => layer.value['writes'] !== undefined && !isFromDefaults(layer));
    if (isMeant)
      reader.say(['writes'], '`writes` on a gate that `judges` another task', {
        on: 'key',
        mend: 'it starts nothing; write `writes` on the task that it judges',
      });
    return undefined;
  }
  const { files, lines, only } = written;
  if (files === undefined && lines === undefined && only === undefined) {
    const mend = 'add `files: 3`, `lines: 200` or `only: ["src/**"]`';
    reader.say(['writes'], '`writes` caps nothing', { on: 'key', mend });
    return undefined;
  }
  const most = (key: 'files' | 'lines', to: number) =>
    reader.count(written[key], ['writes', key], { from: 0, to, otherwise: 0 });
  return {
    ...(files !== undefined && { files: most('files', MOST_FILES) }),
    ...(lines !== undefined && { lines: most('lines', MOST_LINES) }),
    ...(only !== undefined && { only: readOnly(only, reader) }),
    onViolation: readChoice(written['on-violation'], ON_VIOLATION, ['writes', 'on-violation'], reader),
  };
}

function readOnly(only: readonly string[], reader: Reader): readonly string[] {
  if (only.every((glob) => glob.startsWith('!')))
    reader.say(['writes', 'only'], '`only` names nothing', {
      mend: 'name what may be written, such as `src/**`; `files: 0` lets nothing be written',
    });
  return only.map((written, at) => {
    const path = ['writes', 'only', at];
    const glob = reader.text(written, path) ?? '';
    const plain = glob.replace(/^!/, '').replace(/(?<=.)\/+$/, '');
    if (plain.trim() === '') reader.say(path, 'an empty glob');
    else if (plain.startsWith('/') || !`${absolute(plain)}/`.startsWith(`${absolute('.')}/`))
      reader.say(path, `\`${glob}\` leads out of the config's folder`, {
        mend: 'what is written elsewhere is not seen: name files below the folder',
      });
    return glob;
  });
}

/** Globs that also take in what lies below a plain path. */
export function unfoldedOnly(only: readonly string[]): readonly string[] {
  return only.flatMap((written) => {
    const not = written.startsWith('!') ? '!' : '';
    const plain = written.slice(not.length).replace(/^(?:\.\/)+/, '');
    if (isGlob(plain)) return [`${not}${plain}`];
    const path = plain.replace(/(?<=.)\/+$/, '');
    return path === '.' ? [`${not}**`] : [`${not}${path}`, `${not}${path}/**`];
  });
}

type Own = OwnParts & {
  readonly archive?: ArchivePlan | undefined;
  readonly notify: readonly NotifyPlan[];
};

/** Undefined where no task has `writes`: then nobody looks at the tree. */
export function readTree(draft: Draft, tasks: readonly TaskPlan[], own: Own): TreePlan | undefined {
  const { flags, problems } = draft;
  if (tasks.every(({ writes }) => writes === undefined)) {
    if (flags.capWrites !== undefined && problems.length === 0)
      problems.push({
        file: '--cap-writes',
        message: 'caps nothing: no task of this config has `writes`',
        mend: 'add `writes: { files: 3 }` to the task that is meant',
      });
    return undefined;
  }
  if (isAround(own.state.dir))
    problems.push({
      path: ['state', 'dir'],
      message: 'with `writes` the state directory may not hold the folder of the config',
      mend: "give it a folder of its own: the work's files could not be told from gate-run's",
    });
  return { except: exceptFrom(own) };
}

function exceptFrom({ archive, notify, ...own }: Own): readonly string[] {
  const { state, cache, loop } = own;
  const beats = notify.flatMap((one) => (one.kind === 'heartbeat' && 'file' in one.to ? [one.to.file] : []));
  const paths = [
    ...ownPaths(own, undefined).map(([path]) => path),
    ...besideHistory(state.history),
    loop.stopFile,
    ...(cache ? [cache.dir] : []),
    ...(archive ? [archive.to] : []),
    ...beats,
  ];
  const inside = paths.filter((path) => !isAround(path)).map(fromFolder);
  return [...new Set(inside.filter((path) => path !== undefined))].toSorted();
}

/** Segments, the lock and the marks of a ledger that lies outside of the state directory. */
function besideHistory(history: string): readonly string[] {
  const stem = history.replace(/\.jsonl$/, '');
  return [`${history}.*`, `${stem}.*.jsonl`];
}

/** Undefined: outside of the folder, where nobody looks. What is absolute stays so: where the folder lies only the world knows. */
function fromFolder(path: string): string | undefined {
  const top = `${absolute('.')}/`;
  const whole = absolute(path);
  if (whole.startsWith(top)) return whole.slice(top.length);
  return path.startsWith('/') ? path : undefined;
}

function isAround(path: string): boolean {
  return `${absolute('.')}/`.startsWith(`${absolute(path)}/`);
}
