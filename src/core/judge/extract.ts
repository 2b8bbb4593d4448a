// Evidence texts → metrics and labels, as plans name them. It opens no file: the world brings the texts, or says why it cannot.

import { cutAt } from '../cut-text.ts';
import type { LabelPlan, MetricPlan, SourceIn, SourcePlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import { readCount } from './count.ts';
import type { Evidence, Reading, Unread } from './evidence.ts';
import { stripAnsi, withoutControls } from './excerpt.ts';
import { readIstanbul } from './istanbul.ts';
import { readJson, readJsonText } from './json.ts';
import { fieldOf, lastLine } from './line.ts';
import { numberText } from './number.ts';
import { readRetryAt, RETRY_AT } from './retry-at.ts';
import { lastValue, readRegex, type Search, type Sought } from './regex.ts';
import type { ReadReport, ReportSource } from './reports.ts';

export interface ExtractTools {
  /** `readReport` of `./reports.ts`; needed only where `needsReports` says so, because it loads a library. */
  readonly report?: ReadReport | undefined;
  /** Folder that a source's `folder` is relative to. */
  readonly root?: string | undefined;
  /** Findings of a report are told apart, beside their count. */
  readonly isNamed?: boolean | undefined;
  /** Bounds the work of a pattern; without one a pattern has all the time there is. */
  readonly search?: Search | undefined;
}

interface Wanted {
  readonly metrics: readonly MetricPlan[];
  readonly labels: readonly LabelPlan[];
}

/** Labels are for reports; longer ones are cut. */
const LABEL_LIMIT = 500;

export function readEvidence(
  wanted: Wanted,
  textOf: (from: SourceIn) => string | Unread,
  tools: ExtractTools = {},
): Evidence {
  const metrics: Record<string, Reading> = {};
  for (const metric of wanted.metrics) {
    const text = textOf(metric.source.in);
    metrics[metric.name] =
      typeof text === 'string' ? extractMetric(metric, text, tools) : named(metric.name, text, ':');
  }
  const labels: Record<string, string> = {};
  for (const label of wanted.labels) {
    const text = textOf(label.source.in);
    const read = typeof text === 'string' ? extractLabel(label, text, tools) : undefined;
    if (read !== undefined) labels[label.name] = read;
  }
  return { metrics, labels };
}

export function extractMetric(metric: MetricPlan, text: string, tools: ExtractTools = {}): Reading {
  const reading =
    metric.name === RETRY_AT ? readTime(metric.source, text, tools) : readSource(metric.source, text, tools);
  return 'unread' in reading ? named(metric.name, reading, '') : reading;
}

/** Only texts can hold an instant; other sources have numbers. */
function readTime(source: SourcePlan, text: string, tools: ExtractTools): Reading {
  if (source.reader !== 'regex' && source.reader !== 'json') return readSource(source, text, tools);
  const read = labelText(source, text, tools);
  return typeof read === 'string' ? readRetryAt(stripAnsi(read), placeOf(source.in)) : read;
}

/** Undefined where the source says nothing: a label that is missing breaks nothing. */
export function extractLabel(label: LabelPlan, text: string, tools: ExtractTools = {}): string | undefined {
  const read = labelText(label.source, text, tools);
  if (typeof read !== 'string') return undefined;
  const clean = withoutControls(stripAnsi(read)).trim();
  return clean === '' ? undefined : cutAt(clean, LABEL_LIMIT);
}

export function needsReports({ metrics, labels }: Wanted): boolean {
  return [...metrics, ...labels].some(({ source }) => isReport(source));
}

/** Sources that are read from a whole report by a reader of its own. */
export function isReport(source: SourcePlan): source is ReportSource {
  return REPORTS.has(source.reader);
}

const REPORTS: ReadonlySet<string> = new Set<ReportSource['reader']>(['junit', 'lcov', 'cobertura', 'sarif']);

export function needsSearch(wanted: Wanted): boolean {
  return readers(wanted).some((reader) => reader === 'regex' || reader === 'count');
}

function readers({ metrics, labels }: Wanted): readonly SourcePlan['reader'][] {
  return [...metrics, ...labels].map(({ source }) => source.reader);
}

function readSource(source: SourcePlan, text: string, tools: ExtractTools): Reading {
  const where = placeOf(source.in);
  switch (source.reader) {
    case 'regex':
      return readRegex(soughtBy(source.pattern, text, tools), where);
    case 'count':
      return readCount(soughtBy(source.pattern, text, tools));
    case 'json':
      return readJson(source.at, text, where);
    case 'line':
      return readField(source.field, text, where);
    case 'istanbul':
      return readIstanbul({ field: source.field, folder: source.folder, root: tools.root }, text, where);
    case 'junit':
    case 'lcov':
    case 'cobertura':
    case 'sarif':
      if (tools.report === undefined)
        throw new Error(`bug: a ${source.reader} source was read without its reader`);
      return tools.report(source, text, tools);
    default:
      return unreachable(source);
  }
}

/** The last line counts, as with `regex`. Whose line it is was looked at before, where that is known. */
function readField(field: string, text: string, where: string): Reading {
  const line = lastLine(text);
  return line
    ? fieldOf(line, field)
    : { unread: 'missing', detail: `was not found: no line of ${where} is a JSON object` };
}

function labelText(source: SourcePlan, text: string, tools: ExtractTools): string | Unread {
  if (source.reader === 'regex') return lastValue(soughtBy(source.pattern, text, tools), placeOf(source.in));
  if (source.reader === 'json') return readJsonText(source.at, text, placeOf(source.in));
  const reading = readSource(source, text, tools);
  return 'unread' in reading ? reading : numberText(reading.value);
}

/** Colours are no part of what a tool says, so patterns never see them. */
function soughtBy(pattern: string, text: string, { search }: ExtractTools): Sought {
  return { pattern, text: stripAnsi(text), search };
}

function placeOf(from: SourceIn): string {
  if ('file' in from) return from.file;
  return from.stream === 'output' ? 'the output' : from.stream;
}

function named(name: string, unread: Unread, separator: '' | ':'): Unread {
  return { unread: unread.unread, detail: `metric \`${name}\`${separator} ${unread.detail}` };
}
