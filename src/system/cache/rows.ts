// What is remembered of files and folders: how they looked when their content was last read. Mutable, because thousands of them
// are looked at before each start. It reads nothing itself.

export interface FileRow {
  /** From the config's folder; with `..` or a root where it lies elsewhere. */
  readonly path: string;
  readonly name: string;
  /** A link stands there: its content is what it leads to. */
  readonly isLink: boolean;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
  mode: number;
  /** SHA-256 of the content; empty: not known. */
  hash: string;
  /** The pass that last looked. */
  seen: number;
  /** What that pass saw. */
  state: FileState;
  /** Number of the change that its content came with; grows over all files. */
  change: number;
}

export type FileState = 'file' | 'gone' | 'folder' | 'other' | 'unreadable';

export interface FolderRow {
  readonly path: string;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
  files: readonly FileRow[];
  /** Paths. */
  folders: readonly string[];
  seen: number;
  /** It could not be read, and the system's word for that. */
  failed: string | undefined;
}

/** All files that one list of globs matches. */
export interface ListRow {
  readonly globs: string;
  readonly rows: readonly FileRow[];
  /** SHA-256 over paths and contents, in order of paths. */
  readonly digest: string;
  readonly bytes: number;
  /** The last change there was when it was summed: it stands while no file of it has a later one. */
  readonly change: number;
  /** Every folder that was looked into for it, whether it holds a file of the list or not; none: looking at these tells not all. */
  readonly visited: readonly FolderRow[];
  /** Where its files stand in the index; undefined: it was made in this start. */
  readonly stored?: Stored | undefined;
}

/** A list as the index holds it: neighbours in folders, so that thousands of files need no row of their own. */
export interface Stored {
  readonly visited: readonly StoredFolder[];
  readonly parts: readonly { readonly folder: StoredFolder; readonly from: number; readonly to: number }[];
}

/** The part of `fs.Stats` that tells one state of a file from another. */
export interface Looks {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly mode: number;
}

/**
 * A file that was changed less than this before it was read may be changed once more without looking any different: clocks of
 * file systems are coarse, two seconds at worst. Such a look is not believed, and the file is read again next time.
 */
export const YOUNG_MS = 2_000;

/** Never equal to a real one. */
const DISTRUSTED = -1;

export function fileRow(path: string, name: string, isLink: boolean): FileRow {
  return {
    path,
    name,
    isLink,
    size: 0,
    mtimeMs: DISTRUSTED,
    ctimeMs: 0,
    ino: 0,
    mode: 0,
    hash: '',
    seen: 0,
    state: 'gone',
    change: 0,
  };
}

export function folderRow(path: string): FolderRow {
  return {
    path,
    mtimeMs: DISTRUSTED,
    ctimeMs: 0,
    ino: 0,
    files: [],
    folders: [],
    seen: 0,
    failed: undefined,
  };
}

/** What the index holds of the files of a folder: `names` apart by `/`, five numbers and 64 digits each. */
export interface Columns {
  readonly names: string;
  /** Size, both times, inode, mode; a link has `LINK` in its mode. */
  readonly numbers: readonly number[];
  readonly hashes: string;
}

export const NUMBERS = 5;
export const LINK = 0o10000;
export const DIGITS = 64;
export const UNKNOWN: string = '-'.repeat(DIGITS);

/** A folder as the index holds it: a file becomes a row when somebody asks for more than whether it looks as it did. */
export class StoredFolder implements FolderRow {
  readonly path: string;
  mtimeMs: number = DISTRUSTED;
  ctimeMs = 0;
  ino = 0;
  folders: readonly string[] = [];
  seen = 0;
  failed: string | undefined = undefined;
  readonly names: readonly string[];
  readonly #columns: Columns;
  #stored: readonly FileRow[] | undefined;
  #files: readonly FileRow[] | undefined;

  constructor(path: string, columns: Columns) {
    this.path = path;
    this.#columns = columns;
    this.names = columns.names === '' ? [] : columns.names.split('/');
  }

  /** As read from the index, whatever has become of the folder since. */
  get stored(): readonly FileRow[] {
    this.#stored ??= this.names.map((name, at) => this.#rowAt(name, at));
    return this.#stored;
  }

  get files(): readonly FileRow[] {
    return this.#files ?? this.stored;
  }

  set files(files: readonly FileRow[]) {
    this.#files = files;
  }

  /** Whether it still holds the names that the index has of it. */
  get isAsStored(): boolean {
    return this.#files === undefined;
  }

  looksTheSameAt(at: number, now: Looks): boolean {
    const { numbers, hashes } = this.#columns;
    const from = at * NUMBERS;
    return (
      numbers[from] === now.size &&
      numbers[from + 1] === now.mtimeMs &&
      numbers[from + 2] === now.ctimeMs &&
      numbers[from + 3] === now.ino &&
      isExecutable({ mode: numbers[from + 4] ?? 0 }) === isExecutable(now) &&
      hashes.charCodeAt(at * DIGITS) !== UNKNOWN.charCodeAt(0)
    );
  }

  #rowAt(name: string, at: number): FileRow {
    const { numbers, hashes } = this.#columns;
    const from = at * NUMBERS;
    const mode = numbers[from + 4] ?? 0;
    const row = fileRow(this.path === '' ? name : `${this.path}/${name}`, name, mode >= LINK);
    const hash = hashes.slice(at * DIGITS, (at + 1) * DIGITS);
    if (hash === UNKNOWN) return row;
    row.size = numbers[from] ?? 0;
    row.mtimeMs = numbers[from + 1] ?? DISTRUSTED;
    row.ctimeMs = numbers[from + 2] ?? 0;
    row.ino = numbers[from + 3] ?? 0;
    row.mode = mode % LINK;
    row.hash = hash;
    return row;
  }
}

export function looksTheSame(row: FileRow, now: Looks): boolean {
  return (
    row.size === now.size &&
    row.mtimeMs === now.mtimeMs &&
    row.ctimeMs === now.ctimeMs &&
    row.ino === now.ino &&
    row.hash !== ''
  );
}

/** `readAt`: wall clock, from before the content was read. */
export function isYoung({ mtimeMs, ctimeMs }: Pick<Looks, 'mtimeMs' | 'ctimeMs'>, readAt: number): boolean {
  return Math.max(mtimeMs, ctimeMs) > readAt - YOUNG_MS;
}

export function remember(row: FileRow, looks: Looks, hash: string, readAt: number): void {
  row.size = looks.size;
  row.mtimeMs = isYoung(looks, readAt) ? DISTRUSTED : looks.mtimeMs;
  row.ctimeMs = looks.ctimeMs;
  row.ino = looks.ino;
  row.hash = hash;
}

export function rememberFolder(row: FolderRow, looks: Omit<Looks, 'size' | 'mode'>, readAt: number): void {
  row.mtimeMs = isYoung(looks, readAt) ? DISTRUSTED : looks.mtimeMs;
  row.ctimeMs = looks.ctimeMs;
  row.ino = looks.ino;
}

export function isExecutable({ mode }: Pick<FileRow, 'mode'>): boolean {
  return (mode & 0o111) !== 0;
}
