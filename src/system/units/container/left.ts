// What a run notes down in its folder about itself and the clients of engines that it starts, and what is left of that once it has died.

import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMap } from '../../../core/is-map.ts';
import { realDisk } from '../../files.ts';
import { processIds, tryKill } from '../../group.ts';
import { isAlive, processFacts, textOf } from '../../proc.ts';
import { makeTemporary, removeFolder } from '../../temporary.ts';
import { pidNamespace } from '../group-folders.ts';
import type { Owner } from './labels.ts';

/** Known again by more than its number. */
interface Noted {
  readonly pid: number;
  readonly startTicks: number | undefined;
}

interface Left {
  readonly path: string;
  readonly owner: Owner & Noted & { readonly namespace: string };
  readonly clients: readonly Noted[];
}

const PREFIX = 'gate-run-containers-';
const OWNER = 'owner.json';
const CLIENT = '.client';
const ID = '.id';
/** One that is making a container finishes that first, so that whoever watches it is known to the engine. */
const ASKED_MS = 2_000;
const LOOK_MS = 20;

/** Also takes away what the dead have left here of state directories that nobody starts again. */
export function openFolder(owner: Owner): string {
  for (const { path, owner: found, clients } of leftIn(tmpdir())) {
    const isOver = found.boot === owner.boot && isHere(found) && ![found, ...clients].some(lives);
    if (isOver) removeFolder(path);
  }
  const path = makeTemporary(PREFIX);
  const noted = { ...owner, ...notedOf(process.pid), namespace: pidNamespace() };
  writeFileSync(join(path, OWNER), JSON.stringify(noted));
  return path;
}

/** Written by the engine. */
export function idFile(folder: string, own: string): string {
  return join(folder, `${own}${ID}`);
}

export function noteFile(folder: string, own: string): string {
  return join(folder, `${own}${CLIENT}`);
}

/** Where there is no place for it, it is still known by the marks in its environment. */
export function noteClient(file: string, pid: number): void {
  try {
    writeFileSync(file, JSON.stringify(notedOf(pid)));
  } catch {
    // A full disk: the run is told so by what it has to keep.
  }
}

/** Of a dead run: its clients are asked, and killed where that does not help; then its files go. Told are the ids of its containers. */
export async function endLeftClients({ run, stateDir, boot }: Owner): Promise<readonly string[]> {
  const left = leftIn(tmpdir()).filter(({ owner }) => owner.run === run && owner.stateDir === stateDir);
  const clients = left
    .filter(({ owner }) => owner.boot === boot && isHere(owner))
    .flatMap((one) => one.clients.filter(lives));
  for (const { pid } of clients) tryKill(pid, 'SIGTERM');
  await waitWhile(() => clients.some(lives), ASKED_MS);
  for (const { pid } of clients.filter(lives)) tryKill(pid, 'SIGKILL');
  const ids = left.flatMap(({ path }) => idsIn(path));
  for (const { path } of left) removeFolder(path);
  return ids;
}

/** Whoever made or watched a container that is removed: each has its id among its words, and ends by itself unless its client was killed. */
export async function endWatchers(ids: readonly string[]): Promise<void> {
  const watchers = (): readonly number[] => (ids.length === 0 ? [] : (processIds() ?? [])).filter(isWatcher);
  const isWatcher = (pid: number): boolean =>
    (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').some((word) => ids.includes(word));
  await waitWhile(() => watchers().length > 0, ASKED_MS);
  for (const pid of watchers()) tryKill(pid, 'SIGKILL');
}

async function waitWhile(holds: () => boolean, limitMs: number): Promise<void> {
  for (let waited = 0; waited < limitMs && holds(); waited += LOOK_MS)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** Whole ones: a word that is shorter could be anybody's. */
function idsIn(folder: string): readonly string[] {
  return realDisk()
    .list(folder)
    .filter((name) => name.endsWith(ID))
    .map((name) => textOf(join(folder, name))?.trim() ?? '')
    .filter((id) => /^[0-9a-f]{64}$/.test(id));
}

function notedOf(pid: number): Noted {
  return { pid, startTicks: processFacts(pid)?.startTicks };
}

/** Without the time of its start nobody can be told from another one with that number. */
function lives({ pid, startTicks }: Noted): boolean {
  return startTicks !== undefined && isAlive(pid, startTicks) === true;
}

/** Its numbers are ours. */
function isHere({ namespace }: Left['owner']): boolean {
  return namespace === pidNamespace();
}

/** Only our own: anybody may write there. */
function leftIn(temporary: string): readonly Left[] {
  return realDisk()
    .list(temporary)
    .filter((name) => name.startsWith(PREFIX))
    .flatMap((name) => {
      const path = join(temporary, name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (!found?.isDirectory() || found.uid !== process.getuid?.()) return [];
      const owner = notesIn(path, OWNER).map(ownerIn)[0];
      return owner ? [{ path, owner, clients: notesIn(path, CLIENT).map(notedIn) }] : [];
    });
}

function notesIn(folder: string, ending: string): readonly unknown[] {
  return realDisk()
    .list(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => noteAt(join(folder, name)));
}

/** One may have been cut off while it was written. */
function noteAt(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function ownerIn(value: unknown): Left['owner'] | undefined {
  if (!isMap(value)) return undefined;
  const text = (name: string): string => String(value[name]);
  const named = { run: text('run'), stateDir: text('stateDir'), boot: text('boot') };
  return { ...named, namespace: text('namespace'), ...notedIn(value) };
}

function notedIn(value: unknown): Noted {
  const { pid, startTicks } = isMap(value) ? value : {};
  return { pid: Number(pid), startTicks: typeof startTicks === 'number' ? startTicks : undefined };
}
