// A field of a Cobertura XML report, in all or summed over one folder. The whole is what the report states about itself; a folder is
// counted line by line, each line of a file once, however many classes repeat it.

import { folderPrefix, isPart, partOf, slashed } from './coverage.ts';
import type { Counts, CoverageQuery, Part } from './coverage.ts';
import type { Reading } from './evidence.ts';
import { finite } from './number.ts';
import { readXml } from './xml.ts';

const KINDS = ['lines', 'branches'] as const;
type Kind = (typeof KINDS)[number];

export function readCobertura(query: CoverageQuery, text: string, where: string): Reading {
  const [kind = '', part = ''] = query.field.split('.');
  if (!isKind(kind) || !isPart(part) || part === 'skipped')
    return { unread: 'missing', detail: `was not found: ${where} has no field \`${query.field}\`` };
  if (text.trim() === '') return { unread: 'missing', detail: `was not found: ${where} is empty` };
  const report = new Report();
  const fault = readXml(text, report);
  if (fault !== undefined)
    return { unread: 'unreadable', detail: `could not be read: ${where} is no whole XML: ${fault}` };
  if (report.root === undefined)
    return { unread: 'unreadable', detail: `could not be read: ${where} is no Cobertura report` };
  const { folder } = query;
  return folder === undefined
    ? ofAll(report, report.root, { kind, part, where })
    : ofFolder(report, { ...query, folder }, { kind, part, where });
}

interface Asked {
  readonly kind: Kind;
  readonly part: Part;
  readonly where: string;
}

function ofAll(report: Report, root: Attributes, { kind, part, where }: Asked): Reading {
  const [covered, total] = [numberIn(root[`${kind}-covered`]), numberIn(root[`${kind}-valid`])];
  if (covered !== undefined && total !== undefined)
    return partOf({ covered, total, skipped: 0 }, kind, part, where);
  const counted = sumOf([...report.files.values()], kind);
  if (counted.total > 0) return partOf(counted, kind, part, where);
  const rate = numberIn(root[kind === 'lines' ? 'line-rate' : 'branch-rate']);
  if (part === 'pct' && rate !== undefined && report.files.size > 0) return finite(100 * rate, where);
  return { unread: 'missing', detail: `is unknown: ${where} counts no ${kind}` };
}

function ofFolder(
  report: Report,
  query: CoverageQuery & { readonly folder: string },
  { kind, part, where }: Asked,
): Reading {
  const bases = report.sources.length === 0 ? [''] : [...new Set(report.sources)];
  const places = [...report.files].map(
    ([file, lines]) => [lines, bases.map((base) => joined(base, file))] as const,
  );
  const prefix = folderPrefix(
    places.flatMap(([, paths]) => paths),
    slashed(query.folder),
    query.root,
  );
  const under: Lines[] = [];
  for (const [lines, paths] of places) {
    const inside = paths.filter((path) => prefix !== undefined && path.startsWith(prefix));
    // A file is named from one of the sources, and nothing says from which.
    if (inside.length > 0 && inside.length < paths.length)
      return {
        unread: 'missing',
        detail: `is unknown: ${where} has several sources, and ${query.folder} is not under each`,
      };
    if (inside.length > 0) under.push(lines);
  }
  if (under.length > 0) return partOf(sumOf(under, kind), kind, part, where);
  return { unread: 'missing', detail: `was not found: ${where} has no file under ${query.folder}` };
}

function joined(base: string, file: string): string {
  const path = slashed(file);
  const isWhole = base === '' || base === '.' || path.startsWith('/') || /^[A-Za-z]:\//.test(path);
  return isWhole ? path : `${slashed(base).replace(/\/+$/, '')}/${path}`;
}

type Attributes = Readonly<Record<string, string>>;

interface Line {
  readonly isHit: boolean;
  readonly branches: { readonly covered: number; readonly total: number };
}
type Lines = Map<string, Line>;

/** What stands in the report, while it is heard. */
class Report {
  root: Attributes | undefined;
  readonly sources: string[] = [];
  readonly files = new Map<string, Lines>();
  #depth = 0;
  #isInMethod = false;
  #file: Lines | undefined;
  #source: string | undefined;

  open(name: string, attributes: Attributes): void {
    this.#depth += 1;
    if (this.#depth === 1 && name === 'coverage') this.root = attributes;
    if (name === 'source') this.#source = '';
    if (name === 'class') {
      const file = attributes['filename'] ?? '';
      this.#file = this.files.get(file) ?? new Map();
      this.files.set(file, this.#file);
    }
    // A method's lines stand in its class again, or are its first line only.
    if (name === 'method') this.#isInMethod = true;
    if (name === 'line' && !this.#isInMethod) this.#line(attributes);
  }

  text(text: string): void {
    if (this.#source !== undefined) this.#source += text;
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === 'method') this.#isInMethod = false;
    if (name === 'class') this.#file = undefined;
    if (name !== 'source' || this.#source === undefined) return;
    if (this.#source.trim() !== '') this.sources.push(this.#source.trim());
    this.#source = undefined;
  }

  #line(attributes: Attributes): void {
    const { number, hits, 'condition-coverage': conditions = '' } = attributes;
    if (number === undefined || this.#file === undefined) return;
    const { covered = '0', total = '0' } = CONDITIONS.exec(conditions)?.groups ?? {};
    const known = this.#file.get(number);
    this.#file.set(number, {
      isHit: known?.isHit === true || (numberIn(hits) ?? 0) > 0,
      branches: {
        covered: Math.max(Number(covered), known?.branches.covered ?? 0),
        total: Math.max(Number(total), known?.branches.total ?? 0),
      },
    });
  }
}

/** `50% (1/2)`. */
const CONDITIONS = /\((?<covered>\d+)\/(?<total>\d+)\)/;

function sumOf(files: readonly Lines[], kind: Kind): Counts {
  const sum = { covered: 0, total: 0, skipped: 0 };
  for (const lines of files) {
    for (const { isHit, branches } of lines.values()) {
      sum.covered += kind === 'lines' ? Number(isHit) : branches.covered;
      sum.total += kind === 'lines' ? 1 : branches.total;
    }
  }
  return sum;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
