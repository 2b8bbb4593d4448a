// The index: how files looked when they were read, what lists of them summed up to, and the last answer of each task. All of it can
// be made anew, so anything odd about the file means that there is none; and it proves itself, because a wrong look that is
// believed would be a wrong verdict.

import { readFileSync } from 'node:fs';
import { isMap } from '../../core/is-map.ts';
import type { Known } from './pass.ts';
import { stands } from './list.ts';
import {
  LINK,
  StoredFolder,
  UNKNOWN,
  type FileRow,
  type FolderRow,
  type ListRow,
  type Stored,
} from './rows.ts';

/** The last key of a task that was answered or kept, and the text that it is the sum of. */
export interface Last {
  readonly key: string;
  readonly text: string;
}

export interface Index extends Known {
  readonly last: Map<string, Last>;
  /** What the answers weigh together, as far as known, and when that was last looked at, wall clock. */
  weight: { bytes: number; at: number };
}

const HEAD = 'gate-run cache index 2 ';
const LENGTH_DIGITS = 10;
/** Tasks that nobody has asked for in a long time are no longer compared with. */
const LAST_LIMIT = 10_000;

export function emptyIndex(): Index {
  return {
    folders: new Map(),
    lists: new Map(),
    last: new Map(),
    changes: 0,
    isChanged: false,
    weight: { bytes: 0, at: 0 },
  };
}

export function readIndex(path: string): Index {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return emptyIndex();
  }
  const start = HEAD.length + LENGTH_DIGITS + 1;
  const length = (bytes.length - start) / 2;
  if (bytes.toString('latin1', 0, start) !== headOf(length)) return emptyIndex();
  const body = bytes.subarray(start, start + length);
  if (!body.equals(bytes.subarray(start + length))) return emptyIndex();
  try {
    return decode(JSON.parse(body.toString('utf8')));
  } catch {
    return emptyIndex();
  }
}

/** Everything twice: to compare two copies costs a hundredth of summing one, and a byte that is wrong is wrong in one of them. */
export function encodeIndex(index: Index): Buffer {
  const body = Buffer.from(JSON.stringify(encoded(index)));
  return Buffer.concat([Buffer.from(headOf(body.length)), body, body]);
}

function headOf(length: number): string {
  return `${HEAD}${String(length).padStart(LENGTH_DIGITS, '0')}\n`;
}

type Folder = readonly [
  path: string,
  mtimeMs: number,
  ctimeMs: number,
  ino: number,
  folders: readonly string[],
  names: string,
  numbers: readonly number[],
  hashes: string,
];
/** Files by number, in order of the folders, as runs of neighbours; and the numbers of the folders that were looked into. */
type List = readonly [
  globs: string,
  digest: string,
  bytes: number,
  runs: readonly number[],
  visited: readonly number[],
];

interface Encoded {
  readonly folders: readonly Folder[];
  readonly lists: readonly List[];
  readonly last: readonly (readonly [task: string, key: string, text: string])[];
  readonly weight: readonly [bytes: number, at: number];
}

/** What no list holds is forgotten, and so are a sum that no longer stands and a folder that nobody looked into. */
function encoded({ folders, lists, last, weight }: Index): Encoded {
  const kept = [...lists.values()].filter((list) => stands(list, list.rows));
  const wanted = new Set(kept.flatMap(({ rows }) => rows));
  const looked = new Set(kept.flatMap(({ visited }) => visited));
  const held = [...folders.values()].filter((folder) => folder.seen > 0 || looked.has(folder));
  const numbers = new Map<FileRow, number>();
  for (const { files } of held) for (const row of files) numbers.set(row, numbers.size);
  const places = new Map(held.map((folder, at) => [folder, at]));
  return {
    folders: held.map((row) => encodeFolder(row, wanted)),
    lists: kept.flatMap(({ globs, digest, bytes, rows, visited }): readonly List[] => {
      const at = rows.map((row) => numbers.get(row) ?? -1);
      const within = visited.map((folder) => places.get(folder) ?? -1);
      return at.includes(-1) || within.includes(-1) ? [] : [[globs, digest, bytes, runsOf(at), within]];
    }),
    last: [...last].slice(-LAST_LIMIT).map(([task, { key, text }]) => [task, key, text]),
    weight: [weight.bytes, weight.at],
  };
}

function encodeFolder(row: FolderRow, wanted: ReadonlySet<FileRow>): Folder {
  const names = row.folders.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const isKnown = (file: FileRow) => wanted.has(file) && file.hash !== '';
  return [
    row.path,
    row.failed === undefined ? row.mtimeMs : -1,
    row.ctimeMs,
    row.ino,
    names,
    row.files.map(({ name }) => name).join('/'),
    row.files.flatMap((file) => {
      const link = file.isLink ? LINK : 0;
      const { size, mtimeMs, ctimeMs, ino, mode } = file;
      return isKnown(file) ? [size, mtimeMs, ctimeMs, ino, mode + link] : [0, 0, 0, 0, link];
    }),
    row.files.map((file) => (isKnown(file) ? file.hash : UNKNOWN)).join(''),
  ];
}

function decode(value: unknown): Index {
  const index = emptyIndex();
  if (!isEncoded(value)) return index;
  const folders = value.folders.map(decodeFolder);
  for (const folder of folders) index.folders.set(folder.path, folder);
  for (const list of value.lists) index.lists.set(list[0], new StoredList(list, folders));
  for (const [task, key, text] of value.last) index.last.set(task, { key, text });
  const [bytes, at] = value.weight;
  index.weight = { bytes, at };
  return index;
}

function decodeFolder(encoded: Folder): StoredFolder {
  const [path, mtimeMs, ctimeMs, ino, folders, names, numbers, hashes] = encoded;
  const row = new StoredFolder(path, { names, numbers, hashes });
  row.mtimeMs = mtimeMs;
  row.ctimeMs = ctimeMs;
  row.ino = ino;
  row.folders = folders.map((name) => (path === '' ? name : `${path}/${name}`));
  return row;
}

/** Its rows are made when somebody asks for them. */
class StoredList implements ListRow {
  readonly globs: string;
  readonly digest: string;
  readonly bytes: number;
  readonly change = 0;
  readonly visited: readonly StoredFolder[];
  readonly stored: Stored | undefined;
  readonly #parts: Stored['parts'];
  #rows: readonly FileRow[] | undefined;

  constructor([globs, digest, bytes, runs, visited]: List, folders: readonly StoredFolder[]) {
    this.globs = globs;
    this.digest = digest;
    this.bytes = bytes;
    this.visited = visited.flatMap((at) => folders[at] ?? []);
    this.#parts = partsOf(runs, folders);
    this.stored = visited.length === 0 ? undefined : { visited: this.visited, parts: this.#parts };
  }

  get rows(): readonly FileRow[] {
    this.#rows ??= this.#parts.flatMap(({ folder, from, to }) => folder.stored.slice(from, to));
    return this.#rows;
  }
}

/** Runs over all folders as runs within each. */
function partsOf(runs: readonly number[], folders: readonly StoredFolder[]): Stored['parts'] {
  const starts: number[] = [];
  let count = 0;
  for (const { names } of folders) {
    starts.push(count);
    count += names.length;
  }
  const parts: Stored['parts'][number][] = [];
  for (let at = 0; at < runs.length; at += 2) {
    let from = runs[at] ?? 0;
    const end = from + (runs[at + 1] ?? 0);
    for (let nth = folderAt(starts, from); from < end; nth += 1) {
      const [folder, start] = [folders[nth], starts[nth] ?? 0];
      if (folder === undefined) throw new Error('a file that stands in no folder');
      const to = Math.min(end, start + folder.names.length);
      if (to > from) parts.push({ folder, from: from - start, to: to - start });
      from = to;
    }
  }
  return parts;
}

/** The last folder that begins there or before. */
function folderAt(starts: readonly number[], file: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= file) low = middle;
    else high = middle - 1;
  }
  return low;
}

function runsOf(numbers: readonly number[]): readonly number[] {
  const runs: number[] = [];
  let next = -1;
  for (const number of numbers) {
    if (number === next) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(number, 1);
    next = number + 1;
  }
  return runs;
}

/** The other copy vouches for every byte, so behind this the shape is the one that was written. */
function isEncoded(value: unknown): value is Encoded {
  return isMap(value) && ['folders', 'lists', 'last', 'weight'].every((key) => Array.isArray(value[key]));
}
