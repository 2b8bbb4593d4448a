// Looks what the cache would do for a task, and touches nothing.

import { differences } from '../../core/cache/differences.ts';
import type { TaskRestored } from '../../core/cache/event.ts';
import type { Foretold, ForetoldKey } from '../../core/cache/foretold.ts';
import { partsIn } from '../../core/cache/key.ts';
import type { CacheOrder } from '../../ports.ts';
import type { CacheOptions } from './cache.ts';
import { Keys, UNSET, type Keyed } from './keys.ts';
import { Lane, type Work } from './lane.ts';
import { sumOf } from './list.ts';
import { Pass } from './pass.ts';

/** What would become of a task, and the answer that there is, for who judges it. */
export interface Seen {
  readonly told: Foretold;
  readonly answer?: TaskRestored;
}

/** In the order of `wanted`. */
export async function foretell(
  options: Omit<CacheOptions, 'inbox'>,
  wanted: readonly CacheOrder[],
): Promise<readonly Seen[]> {
  const { index, place, eyes } = options;
  const keys = new Keys({ ...options, last: index.last });
  const pass = new Pass(index, place, eyes);
  const told: Seen[] = [];
  const lane = new Lane(() => eyes.now());
  for (const order of wanted)
    lane.add(look(options, { order, keys, pass, tell: (one) => void told.push(one) }));
  await lane.idle();
  return told;
}

interface Look {
  readonly order: CacheOrder;
  readonly keys: Keys;
  readonly pass: Pass;
  readonly tell: (found: Seen) => void;
}

function* look(options: Omit<CacheOptions, 'inbox'>, { order, keys, pass, tell }: Look): Work<void> {
  const keyed = yield* keys.of(order, pass);
  const { task } = order.draft;
  tell('unfit' in keyed ? runs(task, [keyed.unfit]) : found(options, task, keyed));
}

function runs(task: string, why: readonly string[], key?: ForetoldKey): Seen {
  return { told: { task, would: 'run', why, ...(key && { key }) } };
}

function found(options: Omit<CacheOptions, 'inbox'>, task: string, keyed: Keyed): Seen {
  const key = keyOf(keyed);
  const answer = options.store.read(keyed.key);
  if (answer === 'damaged') return runs(task, ['its answer is damaged'], key);
  if (!answer) return runs(task, whyOf(options, task, keyed), key);
  const { keptAt, from, ended } = answer.head;
  return {
    told: { task, would: 'be-answered', keptAt, from, savedMs: ended.durationMs, why: [], key },
    answer: { type: 'task.restored', task, key: keyed.key, keptAt, from, ended },
  };
}

function whyOf(
  { index, store }: Omit<CacheOptions, 'inbox'>,
  task: string,
  { parts, list }: Keyed,
): readonly string[] {
  const last = index.last.get(task);
  const before = last && partsIn(last.text);
  if (!before) return [];
  const files = new Map(list.rows.map((row) => [row.path, sumOf(row)]));
  const all = differences({ parts: before, files: store.files(before.files) }, { parts, files });
  return all.length > 0 ? all : ['its answer is gone: `cache clean`, or the bound on its room'];
}

function keyOf({ key, parts, list }: Keyed): ForetoldKey {
  const { platform, command, definition, env, versions } = parts;
  const files = list.rows.map((row) => ({ path: row.path, sum: sumOf(row), bytes: row.size }));
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  // Not even a sum of a value is told: of a short secret that would be enough to guess it.
  const set = Object.entries(env).map(([name, sum]) => [name, sum === UNSET ? UNSET : 'set'] as const);
  return { sum: key, platform, command, definition, env: Object.fromEntries(set), versions, files: sorted };
}
