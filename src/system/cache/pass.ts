// One look at the files that keys are made of, shared by every task that asks while nothing is at work. Synchronous: two thousand
// looks take as long as two promises a file would. It stops at each `yield`, so that whoever drives it can let others be heard.

import { resolve } from 'node:path';
import { compileGlob, fixedFolder, isGlob, unfold } from '../../core/glob.ts';
import { isRegular, type Eyes } from './eyes.ts';
import { bytesOf, digestOf, stands } from './list.ts';
import { plain, unwantedOf } from './wanted.ts';
import { fileRow, folderRow, isExecutable, looksTheSame, remember, rememberFolder } from './rows.ts';
import type { FileRow, FolderRow, ListRow, Looks } from './rows.ts';

/** What passes have in common: what is remembered from start to start. */
export interface Known {
  readonly folders: Map<string, FolderRow>;
  readonly lists: Map<string, ListRow>;
  /** Changes of contents and rights so far. */
  changes: number;
  /** It has to be written down again. */
  isChanged: boolean;
}

/** Why no key can be made, as a sentence about the task's inputs. `glob`: it matches nothing. */
export interface Unfit {
  readonly unfit: string;
  readonly glob?: string;
}

/** More files than this are no inputs that anybody wants compared before each start. */
const FILE_LIMIT = 200_000;
const FOLDER_LIMIT = 50_000;
/** Entered only where a glob names them. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** What globs match, and every folder that was looked into for it. */
interface Matched {
  readonly files: readonly FileRow[];
  readonly visited: readonly FolderRow[];
}

interface Found extends Matched {
  readonly files: FileRow[];
  readonly visited: FolderRow[];
}

export interface PassPlace {
  /** Of the config, absolute. */
  readonly folder: string;
  /** Absolute: gate-run's own files, which change with every run. */
  readonly own: readonly string[];
}

let passes = 0;

export class Pass {
  readonly #known: Known;
  readonly #place: PassPlace;
  readonly #eyes: Eyes;
  readonly #id: number;
  readonly #lists = new Map<string, ListRow | Unfit>();
  readonly #globs = new Map<string, Matched | Unfit>();
  #begun: number | undefined;
  /** When it was begun, wall clock. */
  readonly at: number;

  constructor(known: Known, place: PassPlace, eyes: Eyes) {
    this.#known = known;
    this.#place = place;
    this.#eyes = eyes;
    passes += 1;
    this.#id = passes;
    this.at = eyes.now();
  }

  /** The files of these globs with their contents; every glob that takes none away has to match one. */
  *list(globs: readonly string[], mayBeEmpty: boolean = false): Generator<void, ListRow | Unfit> {
    const key = JSON.stringify(globs);
    const seen = this.#lists.get(key);
    if (seen) return seen;
    const before = this.#known.lists.get(key);
    const isKnown = before !== undefined && (yield* this.#looksAsStored(before));
    const made = isKnown ? before : yield* this.#made(key, globs, mayBeEmpty);
    this.#lists.set(key, made);
    return made;
  }

  /** Whether nothing in a list looks any different from how the index holds it, told without a row for each file. */
  *#looksAsStored({ stored }: ListRow): Generator<void, boolean> {
    if (stored === undefined) return false;
    for (const folder of stored.visited) {
      if (!folder.isAsStored) return false;
      if (folder.seen === this.#id) continue;
      const now = this.#eyes.look(this.#absolute(folder.path));
      if (!now || !isAsItWas(folder, now)) return false;
      folder.seen = this.#id;
    }
    for (const { folder, from, to } of stored.parts) {
      const home = this.#absolute(folder.path === '' ? '' : `${folder.path}/`);
      for (let at = from; at < to; at += 1) {
        const now = this.#eyes.glance(home + (folder.names[at] ?? ''));
        if (!now || !isRegular(now.mode) || !folder.looksTheSameAt(at, now)) return false;
      }
      yield;
    }
    return true;
  }

  /** Whether a file of these globs that the index knows is still there; false: nobody knows without looking for one. */
  hasKnown(globs: readonly string[]): boolean {
    const [part] = this.#known.lists.get(JSON.stringify(globs))?.stored?.parts ?? [];
    const name = part?.folder.names[part.from];
    if (part === undefined || name === undefined) return false;
    const { path } = part.folder;
    return this.#eyes.look(this.#absolute(path === '' ? name : `${path}/${name}`))?.state === 'file';
  }

  /** Only which files there are: the first part of `list`, and shared with it. */
  *names(globs: readonly string[], mayBeEmpty: boolean): Generator<void, readonly FileRow[] | Unfit> {
    const matched = yield* this.#matched(globs, mayBeEmpty);
    return 'unfit' in matched ? matched : matched.files;
  }

  *#matched(globs: readonly string[], mayBeEmpty: boolean): Generator<void, Matched | Unfit> {
    const unwanted = unwantedOf(globs);
    const visited: FolderRow[] = [];
    let all: readonly FileRow[] = [];
    for (const glob of globs) {
      if (glob.startsWith('!')) continue;
      const found = yield* this.#matching(glob);
      if ('unfit' in found) return found;
      visited.push(...found.visited);
      const kept = unwanted === undefined ? found.files : found.files.filter(({ path }) => !unwanted(path));
      if (kept.length === 0 && !mayBeEmpty) return { unfit: `\`${glob}\` matches no file`, glob };
      all = all.length === 0 ? kept : [...new Set([...all, ...kept])];
    }
    return { files: all, visited };
  }

  *#made(key: string, globs: readonly string[], mayBeEmpty: boolean): Generator<void, ListRow | Unfit> {
    const named = yield* this.#matched(globs, mayBeEmpty);
    if ('unfit' in named) return named;
    const rows: FileRow[] = [];
    let hasGone = false;
    for (const row of named.files) {
      yield* this.look(row);
      // A link that leads nowhere now: what it led to may come back, and no folder in here tells.
      if (row.state === 'gone') {
        hasGone = true;
        continue;
      }
      if (row.state !== 'file') return { unfit: unfitText(row) };
      rows.push(row);
    }
    const visited = hasGone ? [] : named.visited;
    const before = this.#known.lists.get(key);
    const isSum = before !== undefined && stands(before, rows);
    // An empty folder changes no sum, and has to be looked into from now on all the same.
    if (isSum && isSameRow(before.visited, visited)) return before;
    const { changes } = this.#known;
    const { digest, bytes, change } = isSum
      ? before
      : { digest: digestOf(rows), bytes: bytesOf(rows), change: changes };
    const made = { globs: key, rows, digest, bytes, change, visited };
    this.#known.lists.set(key, made);
    this.#known.isChanged = true;
    return made;
  }

  /** What these files look like now, nothing of them read: equal to an earlier `stampOf` where nobody wrote to them. */
  *stamp(globs: readonly string[]): Generator<void, string> {
    const named = yield* this.names(globs, true);
    if ('unfit' in named) return '';
    return this.#stampText(named, (row) => this.#eyes.look(this.#absolute(row.path)));
  }

  /** Sizes, changes and inodes of all files of a list: equal only where nothing was so much as written anew in between. */
  stampOf({ rows }: ListRow): string {
    return this.#stampText(rows, (row) => row);
  }

  /** The time of a file's content can be set by anybody, that of its last change by nobody. */
  #stampText(
    rows: readonly FileRow[],
    looksOf: (row: FileRow) => Pick<Looks, 'size' | 'ctimeMs' | 'ino'> | undefined,
  ): string {
    return rows
      .flatMap((row) => {
        const looks = looksOf(row);
        // A link that leads nowhere stands in no list either.
        if (looks === undefined) return [];
        const { size, ctimeMs, ino } = looks;
        const link = row.isLink ? this.#eyes.linkStamp(this.#absolute(row.path)) : '';
        return [`${row.path}\0${size}\0${ctimeMs}\0${ino}\0${link}`];
      })
      .join('\0');
  }

  /** A file that looks as it did when it was read holds what it held; any other is read. */
  *look(row: FileRow): Generator<void, void> {
    if (row.seen === this.#id) return;
    row.seen = this.#id;
    const path = this.#absolute(row.path);
    const now = this.#eyes.look(path);
    row.state = now?.state ?? 'gone';
    if (now?.state !== 'file') return;
    const isOther = isExecutable(row) !== isExecutable(now);
    row.mode = now.mode;
    if (isOther) this.#changed(row);
    if (looksTheSame(row, now)) return;
    const readAt = this.#readAt();
    const read = yield* this.#eyes.read(path);
    this.#known.isChanged = true;
    const hash = read?.hash ?? '';
    // Touched and unchanged: sums over it stand.
    if (hash !== row.hash) this.#changed(row);
    if (read) remember(row, read.looks, hash, readAt);
    else {
      row.state = 'unreadable';
      row.hash = '';
    }
  }

  /** No later than whatever is read from now on, by either clock. */
  #readAt(): number {
    this.#begun ??= Math.min(this.#eyes.now(), this.#eyes.diskNow());
    return this.#begun;
  }

  #changed(row: FileRow): void {
    this.#known.changes += 1;
    this.#known.isChanged = true;
    row.change = this.#known.changes;
  }

  *#matching(glob: string): Generator<void, Matched | Unfit> {
    const seen = this.#globs.get(glob);
    if (seen) return seen;
    const found: Found = { files: [], visited: [] };
    for (const one of unfold(glob)) {
      const failed = yield* this.#walk(this.#widened(plain(one)), found);
      if (failed) return failed;
    }
    this.#globs.set(glob, found);
    return found;
  }

  /** A plain path stands for itself, a folder for all below it. */
  #widened(glob: string): string {
    if (isGlob(glob) && !glob.endsWith('/')) return glob;
    const path = glob.replace(/\/+$/, '');
    const isFolder = this.#eyes.look(this.#absolute(path))?.state === 'folder';
    return isFolder || glob.endsWith('/') ? `${path === '' || path === '.' ? '' : `${path}/`}**` : path;
  }

  *#walk(glob: string, found: Found): Generator<void, Unfit | undefined> {
    const test = compileGlob(glob);
    // Of a plain path only its folder is looked into, of `src/*` no folder below.
    const isDeep = glob.includes('**');
    const depth = glob.split('/').length;
    const open = [fixedFolder(glob)];
    let looked = 0;
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if ((looked += 1) > FOLDER_LIMIT) return { unfit: `\`${glob}\` means a look into too many folders` };
      const folder = this.#folder(path);
      if (folder.failed !== undefined)
        return { unfit: `${path === '' ? '.' : path} cannot be read (${folder.failed})` };
      found.visited.push(folder);
      for (const row of folder.files) if (test(row.path)) found.files.push(row);
      if (found.files.length > FILE_LIMIT)
        return { unfit: `\`${glob}\` matches more than ${FILE_LIMIT} files` };
      for (const below of folder.folders) {
        const name = below.slice(below.lastIndexOf('/') + 1);
        if (PASSED_OVER.has(name) && !glob.includes(name)) continue;
        if (isDeep || below.split('/').length < depth) open.push(below);
      }
      yield;
    }
    return undefined;
  }

  /** A folder whose times stand still holds the names that it held. */
  #folder(path: string): FolderRow {
    const row = this.#known.folders.get(path) ?? folderRow(path);
    this.#known.folders.set(path, row);
    if (row.seen === this.#id) return row;
    row.seen = this.#id;
    const whole = this.#absolute(path);
    const now = this.#eyes.look(whole);
    if (now && isAsItWas(row, now)) return row;
    this.#reread(row, whole, now);
    return row;
  }

  #reread(row: FolderRow, whole: string, now: ReturnType<Eyes['look']>): void {
    this.#known.isChanged = true;
    const readAt = this.#readAt();
    const entries = now === undefined ? [] : (this.#eyes.entries(whole) ?? []);
    row.failed = typeof entries === 'string' ? entries : undefined;
    const listed = typeof entries === 'string' ? [] : entries;
    const known = new Map(row.files.map((file) => [file.name, file]));
    const at = (name: string) => (row.path === '' ? name : `${row.path}/${name}`);
    const isOwn = (name: string) => this.#place.own.includes(resolve(whole, name));
    const mine = listed.filter(({ name }) => !isOwn(name)).toSorted(byName);
    row.files = mine
      .filter(({ kind }) => kind !== 'folder')
      .map(({ name, kind }) => {
        const file = known.get(name);
        const isLink = kind === 'link';
        return file?.isLink === isLink ? file : fileRow(at(name), name, isLink);
      });
    row.folders = mine.filter(({ kind }) => kind === 'folder').map(({ name }) => at(name));
    if (now && row.failed === undefined) rememberFolder(row, now, readAt);
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.#place.folder}/${path}`;
  }
}

function isSameRow<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

function isAsItWas(row: FolderRow, now: Pick<Looks, 'mtimeMs' | 'ctimeMs' | 'ino'>): boolean {
  return row.mtimeMs === now.mtimeMs && row.ctimeMs === now.ctimeMs && row.ino === now.ino;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function unfitText({ path, state }: FileRow): string {
  if (state === 'folder') return `${path} leads to a folder, which is not followed: name that folder instead`;
  return state === 'unreadable' ? `${path} cannot be read` : `${path} is no regular file`;
}
