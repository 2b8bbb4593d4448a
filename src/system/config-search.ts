// Which file is the config: one look at each folder upward for the plain names; whatever is not exactly one plain hit
// goes to cosmiconfig, which knows every usual place. It reads no config.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PLAIN_NAMES: readonly string[] = ['yaml', 'yml', 'json', 'ts', 'js', 'mjs'].map(
  (end) => `loop.config.${end}`,
);
const RARE_ENDS = ['', '.json', '.yaml', '.yml', '.ts', '.js', '.mjs', '.cjs'];
const RARE_NAMES = ['loop.config.cjs', ...RARE_ENDS.map((end) => `.looprc${end}`)];
const RARE_PLACES = [...RARE_NAMES, ...RARE_ENDS.map((end) => `.config/looprc${end}`), 'package.json'];
/** Folders upward; no path of a real system is deeper. */
const MAX_FOLDERS = 256;

export type Found =
  /** Absolute paths of all configs of the nearest folder that has one. */
  | { readonly hits: readonly [string, ...string[]] }
  /** Folders that were looked at, the first to the last. */
  | { readonly nothingIn: readonly string[] };

/** Whether one usual place in one folder holds a config: its path, if so. */
export type Look = (folder: string, place: string) => Promise<string | undefined>;

/** The answer when no folder up to the config asks for more than its plain names. */
export function findPlainConfig(from: string): Found | undefined {
  const folders: string[] = [];
  for (let folder = from; folders.length < MAX_FOLDERS; folder = dirname(folder)) {
    const names = namesIn(folder);
    const hits = PLAIN_NAMES.filter((name) => names.has(name));
    const [hit] = hits;
    if (hits.length > 1 || hasRarePlace(folder, names)) return undefined;
    if (hit !== undefined) return { hits: [join(folder, hit)] };
    folders.push(folder);
    if (dirname(folder) === folder) break;
  }
  return { nothingIn: folders };
}

/** The whole answer; each place is asked about alone, so that two configs in one folder are seen. */
export async function findAnyConfig(from: string, look: Look): Promise<Found> {
  const folders: string[] = [];
  for (let folder = from; folders.length < MAX_FOLDERS; folder = dirname(folder)) {
    const hits: string[] = [];
    for (const place of [...PLAIN_NAMES, ...RARE_PLACES]) {
      const path = await look(folder, place);
      if (path !== undefined) hits.push(path);
    }
    const [first, ...others] = hits;
    if (first !== undefined) return { hits: [first, ...others] };
    folders.push(folder);
    if (dirname(folder) === folder) break;
  }
  return { nothingIn: folders };
}

function hasRarePlace(folder: string, names: ReadonlySet<string>): boolean {
  if (RARE_NAMES.some((name) => names.has(name))) return true;
  if (names.has('.config') && [...namesIn(join(folder, '.config'))].some((name) => name.startsWith('looprc')))
    return true;
  if (!names.has('package.json')) return false;
  try {
    return readFileSync(join(folder, 'package.json'), 'utf8').includes('"loop"');
  } catch {
    return false;
  }
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return new Set();
  }
}
