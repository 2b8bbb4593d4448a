// One gate and the real cache on a real folder, without any process: what would run writes its log itself.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Event } from '../../../../src/core/loop/event.ts';
import { cacheOrder } from '../../../../src/engine/caching.ts';
import type { CacheOrder } from '../../../../src/ports.ts';
import { realCache, type RealCache } from '../../../../src/system/cache/cache.ts';
import { realEyes, type Eyes } from '../../../../src/system/cache/eyes.ts';
import { readIndex } from '../../../../src/system/cache/index-file.ts';
import { Store } from '../../../../src/system/cache/store.ts';
import { planOf, taskOf } from '../../plan/planning.ts';

export interface Desk {
  readonly folder: string;
  readonly dir: string;
  write(path: string, content: string | Uint8Array): void;
  /** A start of its own: asks for the gate, and where it has to run lets it run and be kept. */
  start(how?: Start): Promise<Course>;
  /** Paths of all answers. */
  answers(): readonly string[];
}

export interface Start {
  /** Keys of the gate as they stand in a config. */
  readonly keys?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly output?: string;
  /** What the gate does to the folder when it runs. */
  readonly run?: () => void;
  readonly eyes?: Eyes;
  readonly limitBytes?: number;
}

export interface Course {
  readonly how: 'restored' | 'missed';
  readonly key: string | undefined;
  readonly why: readonly string[];
  readonly remarks: readonly string[];
}

export const KEYS = 'run: check\ninputs: ["src/**", "!src/notes", "env:FLAVOUR"]\ncache: true';
const LIMIT_BYTES = 100_000_000;

export function deskWith(files: Readonly<Record<string, string>>): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dir = join(folder, 'cache');
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    folder,
    dir,
    write,
    start: (how = {}) => startIn({ folder, dir }, how),
    answers: () => answersIn(join(dir, 'answers')),
  };
}

async function startIn(
  { folder, dir }: Pick<Desk, 'folder' | 'dir'>,
  {
    keys = KEYS,
    env = {},
    output = 'all is well\n',
    run,
    eyes = realEyes(),
    limitBytes = LIMIT_BYTES,
  }: Start,
): Promise<Course> {
  const facts: Event[] = [];
  const store = new Store(dir);
  const cache = realCache({
    inbox: { put: (fact) => void facts.push(fact) },
    store,
    index: readIndex(store.indexPath),
    limitBytes,
    place: { folder, own: [dir, join(folder, 'logs')] },
    eyes,
    environmentOf: ({ env: own }) => ({ PATH: process.env['PATH'] ?? '', ...env, ...own }),
  });
  const wanted = orderOf(keys, folder);
  cache.seek(wanted);
  while (!facts.some(({ type }) => type === 'task.restored' || type === 'task.missed'))
    await new Promise((resolve) => setTimeout(resolve, 1));
  const isMissed = facts.some(({ type }) => type === 'task.missed');
  if (isMissed) ranAs(cache, wanted, output, run);
  await cache.settle();
  return courseOf(facts, isMissed);
}

function ranAs(cache: RealCache, { order }: CacheOrder, output: string, run: Start['run']): void {
  cache.disturbed();
  mkdirSync(dirname(order.log), { recursive: true });
  writeFileSync(order.log, `${order.header}\n${output}`);
  run?.();
  cache.keep({
    task: order.ref.task,
    ended: { end: { code: 0 }, durationMs: 7, bytes: output.length },
    at: '2026-01-01T00:00:00.000Z',
    from: 'cycle 1 of run r',
  });
}

function courseOf(facts: readonly Event[], isMissed: boolean): Course {
  const remarks = facts.flatMap((fact) => (fact.type === 'noted' ? [fact.what] : []));
  const fact = facts.find(({ type }) => type === 'task.restored' || type === 'task.missed');
  return {
    how: isMissed ? 'missed' : 'restored',
    key: fact && 'key' in fact ? fact.key : undefined,
    why: fact?.type === 'task.missed' ? fact.why : [],
    remarks,
  };
}

export function orderOf(keys: string, folder: string): CacheOrder {
  const indented = keys.replaceAll(/^/gm, '        ');
  const plan = planOf(`phases:\n  check:\n    gates:\n      a:\n${indented}\n`);
  const facts = {
    folder,
    stateDir: `${folder}/state`,
    node: 'node',
    bin: 'bin',
    run: 'r',
    cycle: 1,
    cycleDir: `${folder}/logs`,
    startedAt: '2026-01-01T00:00:00.000Z',
    metrics: new Map(),
    logOf: () => undefined,
  };
  const input = { plan, task: taskOf(plan, 'a'), ref: { task: 'a', attempt: 1 }, judges: [], facts };
  const order = cacheOrder(input, { running: new Set() });
  if (!order) throw new Error('the gate is not cached');
  return order;
}

function answersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
