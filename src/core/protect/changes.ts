// What was noted and what stands there now → what changed. It reads nothing.

import { unreachable } from '../unreachable.ts';
import type { Grown, ProtectedChange } from './event.ts';

/** What stands at a path. */
export interface Seen {
  /** From the config's folder, or absolute. */
  readonly path: string;
  /** `growing`: a file that may only grow. */
  readonly kind: 'file' | 'growing' | 'link' | 'folder' | 'other' | 'missing' | 'unreadable';
  readonly bytes: number;
  /** SHA-256 of its bytes, through a link those of the file behind it; of what cannot be read, why. */
  readonly sum: string;
  /** Permission bits. */
  readonly mode: number;
  /** Where a link leads, as it says itself. */
  readonly link?: string;
  /** Of a growing file: the sum of as many bytes as it had. */
  readonly prefix?: string;
}

export interface Comparison {
  readonly changed: readonly ProtectedChange[];
  /** Append-only files as they are now. */
  readonly growing: readonly Grown[];
}

/** `grown`: what append-only files had come to when they were looked at last. */
export function changesBetween(
  files: readonly Seen[],
  seen: readonly Seen[],
  grown: ReadonlyMap<string, Grown>,
): Comparison {
  const noted = new Map(files.map((file) => [file.path, file]));
  const changed: ProtectedChange[] = [];
  const growing: Grown[] = [];
  for (const now of seen) {
    const before = noted.get(now.path);
    const known = grown.get(now.path);
    const change =
      now.kind === 'growing' || before?.kind === 'growing' ? grew(before, now, known) : plain(before, now);
    if (change) changed.push(change);
    else if (now.kind === 'growing' && now.bytes !== (known ?? before)?.bytes) growing.push(grownOf(now));
  }
  return { changed, growing };
}

function grownOf({ path, bytes, sum }: Seen): Grown {
  return { path, bytes, sum };
}

function plain(before: Seen | undefined, now: Seen): ProtectedChange | undefined {
  const { path } = now;
  if (before === undefined)
    return now.kind === 'missing' ? undefined : { path, how: 'added', after: wordOf(now) };
  if (now.kind === 'missing') return { path, how: 'removed', before: wordOf(before) };
  const isSame = before.kind === now.kind && before.sum === now.sum && before.link === now.link;
  if (isSame && before.mode === now.mode) return undefined;
  const word = isSame ? modeOf : wordOf;
  return { path, how: 'changed', before: word(before), after: word(now) };
}

function grew(before: Seen | undefined, now: Seen, known: Grown | undefined): ProtectedChange | undefined {
  const { path } = now;
  const had = known ?? before;
  // One that was not there yet may come.
  if (had === undefined) return undefined;
  const was = `${had.bytes} bytes, sum ${shortSum(had.sum)}`;
  if (now.kind === 'missing') return { path, how: 'removed', before: was };
  if (now.kind !== 'growing' || now.link !== (before ?? now).link)
    return { path, how: 'changed', before: was, after: wordOf(now) };
  if (now.bytes < had.bytes) return { path, how: 'truncated', before: was, after: wordOf(now) };
  if (now.prefix === had.sum) return undefined;
  return { path, how: 'changed', before: was, after: `other bytes in its first ${had.bytes}` };
}

function wordOf({ kind, bytes, sum, link }: Seen): string {
  const content = `${bytes} bytes, sum ${shortSum(sum)}`;
  switch (kind) {
    case 'link':
      return sum === '' ? `a link to ${link}` : `a link to ${link}, ${content}`;
    case 'folder':
      return 'a folder';
    case 'other':
      return 'no regular file';
    case 'unreadable':
      return `not readable (${sum})`;
    case 'file':
    case 'growing':
    case 'missing':
      return content;
    default:
      return unreachable(kind);
  }
}

const OCTAL = 8;

function modeOf({ mode }: Seen): string {
  return `mode ${mode.toString(OCTAL)}`;
}

/** Enough for people to compare. */
const SUM_SHOWN = 12;

function shortSum(sum: string): string {
  return sum.slice(0, SUM_SHOWN);
}
