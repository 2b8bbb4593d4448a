// Checked configs and gate files, kept from run to run: an entry holds the build and the whole text it was read from,
// and counts only when both are equal byte for byte. So it cannot be stale; anything odd about it means no entry.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32Text } from '../core/crc32.ts';

/** Put in by the build; sources and the plain library have none and keep no cache. */
export const BUILD: string | undefined = process.env.GATE_RUN_BUILD;

/** Paths share entries beyond it: one that is in another's place is simply read anew. */
const MAX_ENTRIES = 1_024;

export interface CacheKey {
  readonly cacheFolder: string | undefined;
  /** Absolute; names the entry, decides nothing. */
  readonly path: string;
  readonly text: string;
}

/** `$XDG_CACHE_HOME/gate-run`, else `~/.cache/gate-run`, else none. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env['XDG_CACHE_HOME']?.startsWith('/') === true) return join(env['XDG_CACHE_HOME'], 'gate-run');
  return env['HOME']?.startsWith('/') === true ? join(env['HOME'], '.cache', 'gate-run') : undefined;
}

/** What `keep` was given for the same build and text, as JSON. */
export function kept(key: CacheKey): string | undefined {
  if (key.cacheFolder === undefined || BUILD === undefined) return undefined;
  try {
    const entry = readFileSync(entryPath(key.cacheFolder, key.path), 'utf8');
    const head = headOf(key.text, BUILD);
    if (!entry.startsWith(head)) return undefined;
    const sumEnd = entry.indexOf('\n', head.length);
    const json = entry.slice(sumEnd + 1);
    return entry.slice(head.length, sumEnd) === String(crc32Text(json)) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and never a reason to fail. */
export function keep(key: CacheKey, value: unknown): void {
  if (key.cacheFolder === undefined || BUILD === undefined) return;
  const path = entryPath(key.cacheFolder, key.path);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(key.cacheFolder, { recursive: true, mode: 0o700 });
    const json = JSON.stringify(value);
    writeFileSync(temporary, `${headOf(key.text, BUILD)}${crc32Text(json)}\n${json}`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    discard(temporary);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that cannot be written holds nothing to discard.
  }
}

function headOf(text: string, build: string): string {
  return `gate-run ${build} ${text.length}\n${text}\n`;
}

function entryPath(folder: string, path: string): string {
  return join(folder, `checked-${crc32Text(path) % MAX_ENTRIES}`);
}
