// A field of an Istanbul `coverage-summary.json` (also what vitest's v8 provider writes), in all or summed over one folder.

import { isMap } from '../is-map.ts';
import type { Reading } from './evidence.ts';
import { parseJson } from './json.ts';
import { finite } from './number.ts';

export interface IstanbulQuery {
  /** `lines.pct`, `branches.covered` … */
  readonly field: string;
  readonly folder: string | undefined;
  /** Folder that `folder` is relative to; without it the place is told from the files' own paths. */
  readonly root?: string | undefined;
}

const KINDS: ReadonlySet<string> = new Set(['lines', 'statements', 'functions', 'branches', 'branchesTrue']);
const PARTS = ['pct', 'covered', 'total', 'skipped'] as const;
type Part = (typeof PARTS)[number];
type Summary = Readonly<Record<string, unknown>>;

export function readIstanbul(query: IstanbulQuery, text: string, where: string): Reading {
  const [kind = '', part = ''] = query.field.split('.');
  if (!KINDS.has(kind) || !isPart(part)) {
    return { unread: 'missing', detail: `was not found: ${where} has no field \`${query.field}\`` };
  }
  const parsed = parseJson(text, where);
  if ('unread' in parsed) return parsed;
  if (!isMap(parsed.json))
    return { unread: 'unreadable', detail: `could not be read: ${where} is no coverage summary` };
  if (query.folder === undefined) return ofTotal(parsed.json, kind, part, where);
  return ofFolder(parsed.json, { ...query, folder: query.folder }, kind, part, where);
}

function ofTotal(json: Summary, kind: string, part: Part, where: string): Reading {
  const total = countsOf(json['total'], kind);
  if (total === undefined)
    return { unread: 'missing', detail: `was not found: ${where} has no total of ${kind}` };
  return partOf(total, kind, part, where);
}

function ofFolder(
  json: Summary,
  query: { readonly folder: string; readonly root?: string | undefined },
  kind: string,
  part: Part,
  where: string,
): Reading {
  const files = Object.keys(json).filter((key) => key !== 'total');
  const prefix = folderPrefix(files.map(slashed), slashed(query.folder), query.root);
  const sum = { covered: 0, total: 0, skipped: 0 };
  let found = 0;
  for (const file of files) {
    if (prefix === undefined || !slashed(file).startsWith(prefix)) continue;
    const counts = countsOf(json[file], kind);
    if (counts === undefined)
      return { unread: 'unreadable', detail: `could not be read: ${where} counts no ${kind} of ${file}` };
    found += 1;
    sum.covered += counts.covered;
    sum.total += counts.total;
    sum.skipped += counts.skipped;
  }
  if (found === 0)
    return { unread: 'missing', detail: `was not found: ${where} has no file under ${query.folder}` };
  return partOf(sum, kind, part, where);
}

interface Counts {
  readonly covered: number;
  readonly total: number;
  readonly skipped: number;
}

/** A percentage of nothing is unknown, whatever the file says about it. */
function partOf(counts: Counts, kind: string, part: Part, where: string): Reading {
  if (part !== 'pct') return finite(counts[part], where);
  if (counts.total === 0) return { unread: 'missing', detail: `is unknown: ${where} counts no ${kind}` };
  return finite((100 * counts.covered) / counts.total, where);
}

function countsOf(entry: unknown, kind: string): Counts | undefined {
  const counts = isMap(entry) ? entry[kind] : undefined;
  if (!isMap(counts)) return undefined;
  const { covered, total, skipped = 0 } = counts;
  if (typeof covered !== 'number' || typeof total !== 'number' || typeof skipped !== 'number')
    return undefined;
  return { covered, total, skipped };
}

/**
 * What the paths of the folder's files start with. Relative paths start with the folder itself. Absolute ones hide the root; it is
 * an ancestor of all files, so of the places where the folder's name fits, the deepest that all files share is taken.
 */
function folderPrefix(
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

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function isPart(part: string): part is Part {
  return (PARTS as readonly string[]).includes(part);
}
