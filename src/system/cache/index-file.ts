// The index: how files looked when they were read, what lists of them summed up to, and the last answer of each task. All of it can
// be made anew, so anything odd about the file means that there is none; and it proves itself, because a wrong look that is
// believed would be a wrong verdict.

import { readFileSync } from 'node:fs';
import { isMap } from '../../core/is-map.ts';
import type { Known } from './pass.ts';
import { stands } from './pass.ts';
import { fileRow, folderRow, type FileRow, type FolderRow, type ListRow } from './rows.ts';

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

const HEAD = 'gate-run cache index 1 ';
const SUM_DIGITS = 8;
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
  const start = HEAD.length + SUM_DIGITS + 1;
  if (bytes.toString('latin1', 0, start) !== `${HEAD}${sum32(bytes.subarray(start))}\n`) return emptyIndex();
  try {
    return decode(JSON.parse(bytes.toString('utf8', start)));
  } catch {
    return emptyIndex();
  }
}

export function encodeIndex(index: Index): Buffer {
  const body = Buffer.from(JSON.stringify(encoded(index)));
  return Buffer.concat([Buffer.from(`${HEAD}${sum32(body)}\n`), body]);
}

/** Any changed word changes it, since each step can be undone; native sums would cost a library at each start. */
export function sum32(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 4);
  // A copy: a buffer's own `slice` would lend out the whole pool that it lies in.
  const words = new Int32Array(Uint8Array.prototype.slice.call(bytes, 0, whole).buffer);
  let sum = bytes.length;
  for (let at = 0; at < words.length; at += 1) sum = (Math.imul(sum, 31) + (words[at] ?? 0)) | 0;
  for (let at = whole; at < bytes.length; at += 1) sum = (Math.imul(sum, 31) + (bytes[at] ?? 0)) | 0;
  return (sum >>> 0).toString(16).padStart(SUM_DIGITS, '0');
}

type File = readonly [
  name: string,
  isLink?: 0 | 1,
  size?: number,
  mtimeMs?: number,
  ctimeMs?: number,
  ino?: number,
  mode?: number,
  hash?: string,
];
type Folder = readonly [
  path: string,
  mtimeMs: number,
  ctimeMs: number,
  ino: number,
  folders: readonly string[],
  files: readonly File[],
];
/** Files by number, in order of the folders, as runs of neighbours. */
type List = readonly [globs: string, digest: string, bytes: number, runs: readonly number[]];

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
  const held = [...folders.values()].filter(
    ({ seen, files }) => seen > 0 || files.some((file) => wanted.has(file)),
  );
  const numbers = new Map<FileRow, number>();
  for (const { files } of held) for (const row of files) numbers.set(row, numbers.size);
  return {
    folders: held.map((row) => encodeFolder(row, wanted)),
    lists: kept.flatMap(({ globs, digest, bytes, rows }): readonly List[] => {
      const at = rows.map((row) => numbers.get(row) ?? -1);
      return at.includes(-1) ? [] : [[globs, digest, bytes, runsOf(at)]];
    }),
    last: [...last].slice(-LAST_LIMIT).map(([task, { key, text }]) => [task, key, text]),
    weight: [weight.bytes, weight.at],
  };
}

function encodeFolder(row: FolderRow, wanted: ReadonlySet<FileRow>): Folder {
  const files = row.files.map((file): File => {
    const { name, isLink, size, mtimeMs, ctimeMs, ino, mode, hash } = file;
    if (wanted.has(file)) return [name, isLink ? 1 : 0, size, mtimeMs, ctimeMs, ino, mode, hash];
    return isLink ? [name, 1] : [name];
  });
  const names = row.folders.map((path) => path.slice(path.lastIndexOf('/') + 1));
  return [row.path, row.failed === undefined ? row.mtimeMs : -1, row.ctimeMs, row.ino, names, files];
}

function decode(value: unknown): Index {
  const index = emptyIndex();
  if (!isEncoded(value)) return index;
  const rows: FileRow[] = [];
  for (const [path, mtimeMs, ctimeMs, ino, folders, files] of value.folders) {
    const at = path === '' ? '' : `${path}/`;
    const row = { ...folderRow(path), mtimeMs, ctimeMs, ino, folders: folders.map((name) => at + name) };
    row.files = files.map((file) => decodeFile(at, file));
    rows.push(...row.files);
    index.folders.set(path, row);
  }
  for (const [globs, digest, bytes, runs] of value.lists)
    index.lists.set(globs, { globs, digest, bytes, change: 0, rows: rowsOf(rows, runs) } satisfies ListRow);
  for (const [task, key, text] of value.last) index.last.set(task, { key, text });
  const [bytes, at] = value.weight;
  index.weight = { bytes, at };
  return index;
}

/** By position: taking a list apart costs ten times as much before the compiler has seen it often, and there are thousands. */
function decodeFile(at: string, file: File): FileRow {
  const name = file[0];
  const row = fileRow(at + name, name, file[1] === 1);
  const hash = file[7];
  if (hash === undefined || hash === '') return row;
  row.size = file[2] ?? 0;
  row.mtimeMs = file[3] ?? -1;
  row.ctimeMs = file[4] ?? 0;
  row.ino = file[5] ?? 0;
  row.mode = file[6] ?? 0;
  row.hash = hash;
  return row;
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

function rowsOf(rows: readonly FileRow[], runs: readonly number[]): readonly FileRow[] {
  if (runs.length === 2) return rows.slice(runs[0] ?? 0, (runs[0] ?? 0) + (runs[1] ?? 0));
  const found: FileRow[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    const from = runs[at] ?? 0;
    found.push(...rows.slice(from, from + (runs[at + 1] ?? 0)));
  }
  return found;
}

/** The sum vouches for every byte, so behind this the shape is the one that was written. */
function isEncoded(value: unknown): value is Encoded {
  return isMap(value) && ['folders', 'lists', 'last', 'weight'].every((key) => Array.isArray(value[key]));
}
