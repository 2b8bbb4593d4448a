// Cycles as lines for people, and as a table for programs that read no JSON.

import { numberText } from '../core/judge/number.ts';
import { shownUnder, spreadShown, type EndedCycle } from '../core/summary/history.ts';
import { movedText } from '../core/receipts/moved.ts';
import { tamperingText } from '../core/protect/words.ts';
import { summaryOfEnded } from '../core/summary/summary.ts';
import { paintFor } from './sink.ts';
import { spreadText } from './spread.ts';
import * as words from './words.ts';

const TEXT_CHARACTERS = 80;

/** One line a cycle; `show`: labels and metrics that stand behind the verdict. */
interface HistoryPage {
  readonly color: boolean;
  readonly show?: readonly string[];
  /** Cycles that became the champion, as far as that was looked at. */
  readonly crowned?: ReadonlySet<number>;
}

const NOBODY: ReadonlySet<number> = new Set();

export function historyText(
  cycles: readonly EndedCycle[],
  { color, show = [], crowned = NOBODY }: HistoryPage,
): string {
  const paint = paintFor({ color });
  return cycles
    .map((ended) => {
      const summary = summaryOfEnded(ended);
      const { cause } = summary;
      const changed = ended.tampering ? `  ${tamperingText(ended.tampering)}` : '';
      const moved = ended.receipts ? `  ${movedText(ended)}` : '';
      const why = cause ? `  ${cause.id} ${words.reasonText(cause)}` : '';
      const green = summary.counts.softFailed > 0 ? paint.soft : paint.good;
      const tint = isCounted(ended) ? (ended.verdict === 'passed' ? green : paint.bad) : paint.dim;
      const isBest = ended.turn === 'cycle' && crowned.has(ended.cycle);
      const best = isBest ? `  ${paint.good('crowned')}` : '';
      const shown = show.map((name) => `  ${name} ${shownText(ended, name)}`).join('');
      return `${ended.at}  ${tint(`${words.verdictText(summary)}${uncountedText(ended)}`)}${best}${shown}${changed}${moved}${why}\n`;
    })
    .join('');
}

function shownText(ended: EndedCycle, name: string): string {
  const value = shownUnder(ended, name);
  const spread = value === undefined ? undefined : spreadShown(ended, name);
  return `${valueText(value)}${spread ? ` (${spreadText(spread)})` : ''}`;
}

function valueText(value: string | number | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'number') return numberText(value);
  const line = value.replaceAll(/\s+/g, ' ').trim();
  return line.length > TEXT_CHARACTERS ? `${line.slice(0, TEXT_CHARACTERS - 1)}…` : line;
}

/** What was cut short says nothing about the work: it is neither passed nor failed. */
function isCounted({ verdict }: EndedCycle): boolean {
  return verdict !== 'limited' && verdict !== 'interrupted' && verdict !== 'stopped';
}

function uncountedText(ended: EndedCycle): string {
  if (isCounted(ended)) return '';
  const until = ended.retryAt === undefined ? '' : `, which resets at ${ended.retryAt}`;
  return `${until}  (neither passed nor failed)`;
}

/** The columns that each row begins with. */
const COLUMNS = [
  'at',
  'run',
  'cycle',
  'turn',
  'verdict',
  'duration_ms',
  'passed',
  'soft_failed',
  'failed',
  'broken',
  'skipped',
  'cause',
  'reason',
] as const;

/** With a header line, as RFC 4180 has it; `show`: one more column for each. */
export function historyCsv(
  cycles: readonly EndedCycle[],
  { show, hasHeader = true }: { readonly show: readonly string[]; readonly hasHeader?: boolean },
): string {
  const rows = cycles.map((ended) => {
    const { at, run, cycle, turn, verdict, durationMs } = ended;
    const { counts, cause } = summaryOfEnded(ended);
    const { passed, softFailed, failed, broken, skipped, cancelled, notRun } = counts;
    const why = cause && words.reasonText(cause);
    const own = [passed, softFailed, failed, broken, skipped + cancelled + notRun, cause?.id, why];
    const shown = show.map((name) => shownUnder(ended, name));
    return [at, run, cycle, turn, verdict, durationMs, ...own, ...shown];
  });
  return [...(hasHeader ? [[...COLUMNS, ...show]] : []), ...rows].map(csvRow).join('');
}

/** A text that a spreadsheet would take for a formula is marked as a text, as spreadsheets do themselves. */
function cellText(field: string | number): string {
  return typeof field === 'string' && /^[=+\-@\t\r]/.test(field) ? `'${field}` : String(field);
}

function csvRow(fields: readonly (string | number | undefined)[]): string {
  const texts = fields.map((field = '') => {
    const text = cellText(field);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${texts.join(',')}\r\n`;
}
