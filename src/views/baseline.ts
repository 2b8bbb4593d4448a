// How each gate stood before the loop, for people.

import { dayOf } from '../core/day.ts';
import { numberText } from '../core/judge/number.ts';
import { countText, listText } from '../core/summary/amounts.ts';
import type { BaselineMetric, BaselineRow, BaselineAnswer } from '../core/summary/baseline.ts';
import { NAMES_SHOWN } from './words.ts';
import { paintFor, type Paint } from './sink.ts';

const MARKS: Readonly<Record<BaselineRow['state'], string>> = {
  green: '✓',
  red: '✗',
  flaky: '~',
  broken: '!',
  unknown: '-',
};

export function baselineText(
  { gates, missing }: Pick<BaselineAnswer, 'gates' | 'missing'>,
  color: boolean,
): string {
  const paint = paintFor({ color });
  const lines = gates.flatMap((row) => [rowText(row, paint), ...metricLines(row, paint)]);
  if (gates.length === 0) lines.push('no baseline is recorded: `gate-run baseline` records one');
  else if (missing.length > 0)
    lines.push(
      paint.soft(`no baseline of ${listText(missing, NAMES_SHOWN)}: \`gate-run baseline\` records one`),
    );
  return `${lines.join('\n')}\n`;
}

function rowText(row: BaselineRow, paint: Paint): string {
  const { id, state, aside, at, cycle, runs, reasons } = row;
  const why = reasons[0] === undefined ? '' : `: ${reasons[0]}`;
  const when = paint.dim(`  (${dayOf(at)}, before cycle ${cycle + 1}, ${countText(runs.length, 'run')})`);
  if (aside !== null) return `${paint.dim('-')} ${id}  ${paint.soft(`set aside: ${aside}`)}${when}`;
  const mark =
    state === 'green' ? paint.good : state === 'red' || state === 'broken' ? paint.bad : paint.soft;
  return `${mark(MARKS[state])} ${id}  ${stateText(row)}${why}${when}`;
}

export function stateText({ state, runs, late }: BaselineRow): string {
  if (state === 'unknown') return 'did not run';
  if (state !== 'flaky') return state;
  const of = (verdict: string) => runs.filter((one) => one === verdict).length;
  const parts = (['passed', 'failed', 'broken'] as const)
    .map((word) => [of(word), word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  return `flaky: ${parts.join(', ')}${late > 0 ? `, ${late} on a later attempt` : ''}`;
}

function metricLines({ metrics, aside }: BaselineRow, paint: Paint): readonly string[] {
  if (aside !== null) return [];
  return Object.entries(metrics).map(([name, metric]) => paint.dim(`    ${metricText(name, metric)}`));
}

/** `warnings 41.7 (41 to 43, sd 0.6), now 39`. */
export function metricText(name: string, { mean, sd, min, max, now }: BaselineMetric): string {
  const spread = min === max ? '' : `${numberText(min)} to ${numberText(max)}, `;
  const noise = sd === null ? 'one run: noise unknown' : `sd ${numberText(sd)}`;
  return `${name} ${numberText(mean)} (${spread}${noise})${now === null ? '' : `, now ${numberText(now)}`}`;
}
