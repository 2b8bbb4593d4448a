// A field of an Istanbul `coverage-summary.json` (also what vitest's v8 provider writes), in all or summed over one folder.

import { isMap } from '../is-map.ts';
import { folderPrefix, isPart, partOf, slashed } from './coverage.ts';
import type { Counts, CoverageQuery, Part } from './coverage.ts';
import type { Reading } from './evidence.ts';
import { parseJson } from './json.ts';

const KINDS: ReadonlySet<string> = new Set(['lines', 'statements', 'functions', 'branches', 'branchesTrue']);
type Summary = Readonly<Record<string, unknown>>;

export function readIstanbul(query: CoverageQuery, text: string, where: string): Reading {
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

function countsOf(entry: unknown, kind: string): Counts | undefined {
  const counts = isMap(entry) ? entry[kind] : undefined;
  if (!isMap(counts)) return undefined;
  const { covered, total, skipped = 0 } = counts;
  if (typeof covered !== 'number' || typeof total !== 'number' || typeof skipped !== 'number')
    return undefined;
  return { covered, total, skipped };
}
