// A field of an lcov tracefile (`lcov.info`), in all or summed over one folder. A file that is recorded several times, once for
// each test, is counted once: what one of them covered is covered.

import { cutAt } from '../cut-text.ts';
import { folderPrefix, isPart, partOf, slashed } from './coverage.ts';
import type { Counts, CoverageQuery } from './coverage.ts';
import type { Reading } from './evidence.ts';

const KINDS = ['lines', 'functions', 'branches'] as const;
type Kind = (typeof KINDS)[number];

/** What a record says about one kind: each thing with whether it was hit, and the sums that it states. */
interface Found {
  readonly hit: Map<string, boolean>;
  readonly stated: { covered?: number; total?: number };
}
type Source = Readonly<Record<Kind, Found>>;

export function readLcov(query: CoverageQuery, text: string, where: string): Reading {
  const [kind = '', part = ''] = query.field.split('.');
  if (!isKind(kind) || !isPart(part) || part === 'skipped')
    return { unread: 'missing', detail: `was not found: ${where} has no field \`${query.field}\`` };
  if (text.trim() === '') return { unread: 'missing', detail: `was not found: ${where} is empty` };
  const read = sourcesIn(text);
  if (typeof read === 'string')
    return { unread: 'unreadable', detail: `could not be read: ${where} ${read}` };
  const files = [...read.keys()];
  const { folder } = query;
  const prefix = folder === undefined ? '' : folderPrefix(files.map(slashed), slashed(folder), query.root);
  const under = files.filter((file) => prefix !== undefined && slashed(file).startsWith(prefix));
  if (under.length === 0)
    return { unread: 'missing', detail: `was not found: ${where} has no file under ${folder ?? '.'}` };
  const sum = { covered: 0, total: 0, skipped: 0 };
  for (const file of under) {
    const counts = countsOf(read.get(file)?.[kind]);
    sum.covered += counts.covered;
    sum.total += counts.total;
  }
  return partOf(sum, kind, part, where);
}

/** By path; or what is wrong with the text, as it follows the file's name. */
function sourcesIn(text: string): Map<string, Source> | string {
  const sources = new Map<string, Source>();
  let open: Source | undefined;
  for (const line of linesOf(text)) {
    if (line.startsWith('SF:')) {
      if (open) return 'begins a file within another one';
      const file = line.slice('SF:'.length);
      open = sources.get(file) ?? { lines: empty(), functions: empty(), branches: empty() };
      sources.set(file, open);
    } else if (line === 'end_of_record') open = undefined;
    else if (open && !isTaken(open, line))
      return `has a line that is none of lcov: \`${cutAt(line, SHOWN)}\``;
  }
  if (open) return 'ends in the middle of a file';
  return sources.size === 0 ? 'is no lcov file' : sources;
}

/** Longer ones are cut in messages. */
const SHOWN = 60;

function* linesOf(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end).trimEnd();
    if (line !== '' && !line.startsWith('#')) yield line;
    from = end < 0 ? text.length : end + 1;
  }
}

const STATED: Readonly<Record<string, readonly [Kind, 'covered' | 'total']>> = {
  LH: ['lines', 'covered'],
  LF: ['lines', 'total'],
  FNH: ['functions', 'covered'],
  FNF: ['functions', 'total'],
  BRH: ['branches', 'covered'],
  BRF: ['branches', 'total'],
};
const RECORD = /^(?<key>[A-Z]+):(?<rest>.*)$/;

function isTaken(source: Source, line: string): boolean {
  const { key = '', rest = '' } = RECORD.exec(line)?.groups ?? {};
  const stated = STATED[key];
  if (stated) {
    if (!/^\d+$/.test(rest)) return false;
    const [kind, sum] = stated;
    source[kind].stated[sum] = Math.max(Number(rest), source[kind].stated[sum] ?? 0);
    return true;
  }
  const words = rest.split(',');
  switch (key) {
    case 'DA':
      return isCounted(source.lines, words[0], words[1]);
    case 'FNDA':
      return isCounted(source.functions, words.slice(1).join(','), words[0]);
    case 'FNA':
      // lcov 2: the function's number, its count, its name.
      return isCounted(source.functions, words.slice(2).join(','), words[1]);
    case 'BRDA':
      return isCounted(
        source.branches,
        words.slice(0, -1).join(','),
        words.at(-1) === '-' ? '0' : words.at(-1),
      );
    default:
      return key !== '';
  }
}

/** A count below zero is an old fault of gcov, and means that the line was not run. */
function isCounted({ hit }: Found, name: string | undefined, times: string | undefined): boolean {
  if (name === undefined || name === '' || times === undefined || !/^-?\d+$/.test(times)) return false;
  hit.set(name, hit.get(name) === true || Number(times) > 0);
  return true;
}

function countsOf(found: Found | undefined): Counts {
  const { hit, stated } = found ?? empty();
  if (hit.size === 0) return { covered: stated.covered ?? 0, total: stated.total ?? 0, skipped: 0 };
  let covered = 0;
  for (const isHit of hit.values()) if (isHit) covered += 1;
  return { covered, total: hit.size, skipped: 0 };
}

function empty(): Found {
  return { hit: new Map(), stated: {} };
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
