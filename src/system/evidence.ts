// Brings the texts that metrics and labels are read from: the bounded end of the log, and files that are fresh. It judges nothing.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Evidence, Unread } from '../core/judge/evidence.ts';
import { readEvidence, needsReports, needsSearch, type ExtractTools } from '../core/judge/extract.ts';
import type { LabelPlan, MetricPlan, SourceIn } from '../core/plan/plan.ts';
import type { Order } from '../ports.ts';
import { errorCode } from './files.ts';
import { staleness, type Before } from './freshness.ts';
import { tailOf, type AttemptLog, type Measure } from './log.ts';

/** Of an output, so much of its end is searched. */
export const OUTPUT_TAIL_BYTES = 16_777_216;
const METRIC_FILE_LIMIT_BYTES = 67_108_864;

export interface Output {
  readonly log: AttemptLog;
  readonly measured: Measure;
}

/** The output of an attempt; `stderr` only where it was kept apart. */
export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output | undefined;
}

type Wanted = Order['read'][number];

/** Files that an order reads evidence from, as absolute paths. */
export function evidenceFiles(order: Order): readonly string[] {
  return [
    ...new Set(sources(order).flatMap((from) => ('file' in from ? [resolve(order.cwd, from.file)] : []))),
  ];
}

/** Whether anything is read from the output itself. */
export function readsOutput(order: Order): boolean {
  return sources(order).some((from) => 'stream' in from);
}

export async function gather(
  order: Order,
  outputs: Outputs,
  before: Before,
  now: { readonly wall: number; readonly mono: number },
): Promise<Record<string, Evidence>> {
  // Loaded only where somebody reads a report, or searches.
  const isRead = order.read.some(needsReports);
  const report = isRead ? (await import('../core/judge/reports.ts')).readReport : undefined;
  const search = order.read.some(needsSearch) ? (await import('./search.ts')).search() : undefined;
  const tools: ExtractTools = { report, root: order.cwd, search };
  const texts = new Map<string, string | Unread>();
  const textOf = (from: SourceIn, whole: boolean): string | Unread => {
    const key = 'file' in from ? resolve(order.cwd, from.file) : `${from.stream} ${String(whole)}`;
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text =
      'file' in from ? fileText(key, from.file, before, now) : streamText(from.stream, outputs, whole);
    texts.set(key, text);
    return text;
  };
  return Object.fromEntries(
    order.read.map((wanted) => [
      wanted.task,
      evidenceOf(wanted, textOf, { ...tools, isNamed: wanted.isNamed }),
    ]),
  );
}

/** A last match is in the tail if it is anywhere; every other reader needs the whole output. */
function evidenceOf(
  wanted: Wanted,
  textOf: (from: SourceIn, whole: boolean) => string | Unread,
  tools: ExtractTools,
): Evidence {
  const tail = readEvidence(only(wanted, true), (from) => textOf(from, false), tools);
  const whole = readEvidence(only(wanted, false), (from) => textOf(from, true), tools);
  return {
    metrics: { ...tail.metrics, ...whole.metrics },
    labels: { ...tail.labels, ...whole.labels },
  };
}

function only(wanted: Wanted, fromTail: boolean): { metrics: MetricPlan[]; labels: LabelPlan[] } {
  const fits = ({ source }: MetricPlan | LabelPlan): boolean => (source.reader === 'regex') === fromTail;
  return { metrics: wanted.metrics.filter(fits), labels: wanted.labels.filter(fits) };
}

function streamText(
  stream: 'output' | 'stdout' | 'stderr',
  { stdout, stderr }: Outputs,
  whole: boolean,
): string | Unread {
  const wanted = stream === 'stderr' ? [stderr ?? stdout] : stream === 'stdout' ? [stdout] : [stdout, stderr];
  const parts: string[] = [];
  for (const output of wanted) {
    if (output === undefined) continue;
    if (whole && output.measured.bytes > OUTPUT_TAIL_BYTES) return tooLong('the output', OUTPUT_TAIL_BYTES);
    const text = wholeText(output);
    if (text === undefined) return tooLong('the last line of the output', OUTPUT_TAIL_BYTES);
    parts.push(text);
  }
  return parts.join('\n');
}

const LINE_ENDS = ['\n', '\r'] as const;
/** Stands where a line was cut, so that no pattern takes the cut for the line's beginning. */
const CUT = '…';
/** Of a line that the end begins within, so much is left out; a longer one may be all that was said, and is searched behind a space. */
const LEFT_OUT_BYTES = 65_536;

/** The end of an output without what it begins within: half a number is another number. */
function wholeText({ log, measured }: Output): string | undefined {
  if (measured.bytes <= OUTPUT_TAIL_BYTES) return tailOf(log, measured, OUTPUT_TAIL_BYTES).toString('utf8');
  // One byte more tells whether the first line is whole.
  const tail = tailOf(log, measured, OUTPUT_TAIL_BYTES + 1);
  const ends = LINE_ENDS.map((end) => tail.indexOf(end)).filter((at) => at >= 0 && at < tail.length - 1);
  const end = Math.min(...ends);
  const space = end <= LEFT_OUT_BYTES ? -1 : tail.indexOf(' ');
  if (space >= 0 && space < end) return CUT + tail.toString('utf8', space);
  return ends.length === 0 ? undefined : tail.toString('utf8', end + 1);
}

function fileText(
  path: string,
  name: string,
  before: Before,
  now: { readonly wall: number; readonly mono: number },
): string | Unread {
  const stale = staleness(path, before, now);
  if (stale === 'missing') return { unread: 'missing', detail: `${name} was not written` };
  if (stale === 'stale') {
    return {
      unread: 'stale',
      detail: `${name} is older than this attempt: the command did not write it anew`,
    };
  }
  try {
    const found = statSync(path);
    // A FIFO that nobody writes to would be read for ever.
    if (!found.isFile()) return { unread: 'unreadable', detail: `${name} could not be read: it is no file` };
    if (found.size > METRIC_FILE_LIMIT_BYTES) return tooLong(name, METRIC_FILE_LIMIT_BYTES);
    return readFileSync(path, 'utf8');
  } catch (error) {
    return { unread: 'unreadable', detail: `${name} could not be read: ${errorCode(error)}` };
  }
}

function tooLong(what: string, limit: number): Unread {
  return { unread: 'too-long', detail: `${what} is longer than ${limit / 1_048_576} MiB` };
}

function sources(order: Order): readonly SourceIn[] {
  return order.read.flatMap(({ metrics, labels }) => [...metrics, ...labels].map(({ source }) => source.in));
}
