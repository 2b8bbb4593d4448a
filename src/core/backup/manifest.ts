// What a backup says of itself: taken when, of which run, up to where, and each file with its size and hash. It is its last file.

import { isMap } from '../is-map.ts';
import { cycleOfFolder, folderOfArchive } from '../loop/retention.ts';

export interface Manifest {
  readonly backup: typeof FORMAT;
  /** Of the gate-run that made it. */
  readonly version: string;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Of the loop; null where its config could not be read. */
  readonly name: string | null;
  readonly run: string | null;
  readonly cycle: number;
  /** Of the last event in it. */
  readonly seq: number;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const FORMAT = 1;
export const MANIFEST = 'manifest.json';
export const HISTORY = 'history.jsonl';
export const QUESTIONS = 'questions.md';
/** In front of the names of what lies in folders of its own. */
export const HOMES = { cycles: 'cycles/', archives: 'archives/', config: 'config/' } as const;

export function manifestText(said: Omit<Manifest, 'backup'>): string {
  return `${JSON.stringify({ backup: FORMAT, ...said }, undefined, 2)}\n`;
}

/** `newer`: a later gate-run made it in a form that this one does not know. Undefined: it is none. */
export function readManifest(text: string): Manifest | 'newer' | undefined {
  const read = parsed(text);
  if (!isMap(read) || typeof read['backup'] !== 'number') return undefined;
  if (read['backup'] > FORMAT) return 'newer';
  return isManifest(read) ? read : undefined;
}

/** The first difference between what a backup says of itself and what was found in it, in words. */
export function differenceFrom({ files }: Manifest, found: readonly ManifestFile[]): string | undefined {
  const byName = new Map(found.map((file) => [file.name, file]));
  if (byName.size !== found.length) return 'a file stands in it twice';
  for (const { name, bytes, sha256 } of files) {
    const one = byName.get(name);
    if (one === undefined) return `${name} is missing`;
    if (one.bytes !== bytes || one.sha256 !== sha256) return `${name} is not what was written`;
    byName.delete(name);
  }
  const [other] = byName.keys();
  return other === undefined ? undefined : `${other} does not belong to it`;
}

/** Whether a backup may hold a file of this name: nothing may be written where only the name leads. */
export function isNameOfBackup(name: string): boolean {
  if (name === MANIFEST || name === QUESTIONS || /^history(?:\.\d{6,9})?\.jsonl$/.test(name)) return true;
  const [home, folder = '', ...below] = name.split('/');
  if (below.some((part) => part === '' || part === '.' || part === '..') || name.includes('\0')) return false;
  if (`${home}/` === HOMES.cycles) return cycleOfFolder(folder) !== undefined && below.length > 0;
  if (below.length > 0) return false;
  if (`${home}/` === HOMES.archives) return folderOfArchive(folder) !== undefined;
  return `${home}/` === HOMES.config && !['', '.', '..'].includes(folder);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isMap(value)) return false;
  const { version, takenAt, name, run, cycle, seq, files } = value;
  return (
    [version, takenAt].every((field) => typeof field === 'string') &&
    [name, run].every((field) => field === null || typeof field === 'string') &&
    [cycle, seq].every((field) => Number.isSafeInteger(field)) &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isFile(value: unknown): value is ManifestFile {
  return (
    isMap(value) &&
    typeof value['name'] === 'string' &&
    Number.isSafeInteger(value['bytes']) &&
    typeof value['sha256'] === 'string'
  );
}
