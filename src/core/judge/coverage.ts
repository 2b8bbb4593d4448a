// Counts of covered things, and their share; and which files of a coverage report lie under a folder. It reads no format itself.

import type { Reading } from './evidence.ts';
import { finite } from './number.ts';

export interface CoverageQuery {
  /** `lines.pct`, `branches.covered` … */
  readonly field: string;
  readonly folder: string | undefined;
  /** Folder that `folder` is relative to; without it the place is told from the files' own paths. */
  readonly root?: string | undefined;
}

export interface Counts {
  readonly covered: number;
  readonly total: number;
  readonly skipped: number;
}

const PARTS = ['pct', 'covered', 'total', 'skipped'] as const;
export type Part = (typeof PARTS)[number];

export function isPart(part: string): part is Part {
  return (PARTS as readonly string[]).includes(part);
}

/** A percentage of nothing is unknown, whatever the file says about it. */
export function partOf(counts: Counts, kind: string, part: Part, where: string): Reading {
  if (part !== 'pct') return finite(counts[part], where);
  if (counts.total === 0) return { unread: 'missing', detail: `is unknown: ${where} counts no ${kind}` };
  return finite((100 * counts.covered) / counts.total, where);
}

/**
 * What the paths of the folder's files start with. Relative paths start with the folder itself. Absolute ones hide the root; it is
 * an ancestor of all files, so of the places where the folder's name fits, the deepest that all files share is taken.
 */
export function folderPrefix(
  files: readonly string[],
  folder: string,
  root: string | undefined,
): string | undefined {
  const plain = folder.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (plain.startsWith('/') || /^[A-Za-z]:\//.test(plain)) return `${plain}/`;
  const base = root === undefined ? undefined : `${slashed(root).replace(/\/+$/, '')}/`;
  const under = plain === '' || plain === '.' ? '' : `${plain}/`;
  if (base !== undefined && files.some((file) => file.startsWith(base))) return base + under;
  if (files.some((file) => file.startsWith(under))) return under;
  const shared = sharedFolder(files);
  let best: string | undefined;
  for (const file of files) {
    for (
      let at = file.lastIndexOf(`/${under}`);
      at >= 0;
      at = at === 0 ? -1 : file.lastIndexOf(`/${under}`, at - 1)
    ) {
      const candidate = file.slice(0, at + 1);
      if (!shared.startsWith(candidate)) continue;
      if (best === undefined || candidate.length > best.length) best = candidate;
      break;
    }
  }
  return best === undefined ? undefined : best + under;
}

/** The deepest folder that holds all files, with its last slash. */
function sharedFolder(files: readonly string[]): string {
  let shared = files[0] ?? '';
  for (const file of files) {
    let length = 0;
    while (length < shared.length && shared[length] === file[length]) length += 1;
    shared = shared.slice(0, length);
  }
  return shared.slice(0, shared.lastIndexOf('/') + 1);
}

export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
