// What a run noted, beside the ledger: the list with every sum, which a later start compares with if it is still the one that
// the ledger speaks of, and a copy of small texts, so that a change can be shown line by line.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap } from '../core/is-map.ts';
import { unifiedDiff } from '../core/protect/diff.ts';
import type { Seen } from '../core/protect/changes.ts';
import type { ProtectedChange } from '../core/protect/event.ts';
import type { Disk } from '../ports.ts';

/** A file up to this size is copied. */
const KEPT_BYTES = 262_144;
/** All copies together. */
const MOST_KEPT_BYTES = 16_777_216;
/** Lines that are shown of all files together. */
const MOST_LINES = 40;

/** Hexadecimal. */
export function listSum(files: readonly Seen[]): string {
  const hash = createHash('sha256');
  for (const { path, kind, bytes, sum, mode, link = '' } of files)
    hash.update(`${JSON.stringify([path, kind, bytes, sum, mode, link])}\n`);
  return hash.digest('hex');
}

/** Undefined where there is none that can be read. */
export function readList(place: string): readonly Seen[] | undefined {
  try {
    const held: unknown = JSON.parse(readFileSync(`${place}/noted.json`, 'utf8'));
    return Array.isArray(held) && held.every(isSeen) ? held : undefined;
  } catch {
    return undefined;
  }
}

function isSeen(held: unknown): held is Seen {
  if (!isMap(held)) return false;
  const { path, kind, bytes, sum, mode } = held;
  return (
    [path, kind, sum].every((one) => typeof one === 'string') && [bytes, mode].every(Number.isSafeInteger)
  );
}

export interface Keeping {
  /** Where it lies, absolute. */
  readonly place: string;
  /** Of the config, absolute. */
  readonly folder: string;
  readonly disk: Disk;
  /** Of what is told of files. */
  readonly redact: (text: string) => string;
}

/** Copies first, the list last: a list speaks of nothing that is not there. Throws where it cannot be kept. */
export function keepList(files: readonly Seen[], { place, folder, disk }: Keeping): void {
  const copies = `${place}/copies`;
  // What is protected may be nobody else's to read.
  mkdirSync(copies, { recursive: true, mode: 0o700 });
  const wanted = new Set<string>();
  let left = MOST_KEPT_BYTES;
  for (const { path, sum, bytes } of files) {
    if (bytes === 0 || bytes > Math.min(KEPT_BYTES, left)) continue;
    const content = readSmall(resolve(folder, path));
    if (!content || !isText(content)) continue;
    left -= bytes;
    wanted.add(sum);
    if (disk.size(`${copies}/${sum}`) !== bytes) disk.replace(`${copies}/${sum}`, content, false);
  }
  for (const name of readdirSync(copies)) if (!wanted.has(name)) rmSync(`${copies}/${name}`, { force: true });
  const text = new TextEncoder().encode(`${JSON.stringify(files)}\n`);
  const failure = disk.replace(`${place}/noted.json`, text, false);
  if (failure) throw new Error(`${failure.what} (${failure.failed})`);
}

/** Empty where there is nothing to show: other bytes than text, too large, or gone. */
export function diffOf(
  changed: readonly ProtectedChange[],
  files: readonly Seen[],
  { place, folder, redact }: Keeping,
): string {
  const parts: string[] = [];
  let room = MOST_LINES;
  for (const { path, how } of changed) {
    // Two lines are its head.
    if (room <= 2 || how === 'removed') continue;
    const noted = files.find((file) => file.path === path);
    const before = noted === undefined || noted.bytes === 0 ? '' : copyOf(place, noted.sum);
    const after = textAt(resolve(folder, path));
    if (before === undefined || after === undefined) continue;
    // Before lines are chosen: what is left of a key would be none.
    const diff = unifiedDiff(path, redact(before), redact(after), { lines: room });
    if (diff === '') continue;
    parts.push(diff);
    room -= diff.split('\n').length;
  }
  return parts.join('\n');
}

/** A copy is believed only if it is still what it was. */
function copyOf(place: string, sum: string): string | undefined {
  const bytes = readSmall(`${place}/copies/${sum}`);
  const isOurs = bytes && createHash('sha256').update(bytes).digest('hex') === sum;
  return isOurs ? bytes.toString('utf8') : undefined;
}

function textAt(path: string): string | undefined {
  const bytes = readSmall(path);
  return bytes && isText(bytes) ? bytes.toString('utf8') : undefined;
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0);
}

/** Undefined for anything but a small file that can be read. */
function readSmall(path: string): Buffer | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= KEPT_BYTES ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
