// The plots of the report as numbers: what runs along, between which values, against which limits. Drawing is the page's.

import type { Point } from '../../core/summary/report/points.ts';
import { RATE_CYCLES, type MetricFigures, type Report } from '../../core/summary/report/report.ts';
import type { Block } from './block.ts';

export interface Chart {
  readonly title: string;
  readonly unit: 'ms' | 'share' | 'number';
  /** The first cycle that the first point stands for. */
  readonly from: number;
  /** Cycle numbers, ascending: the last that each point stands for. */
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  /** What a point stands for. */
  readonly note: string;
}

export interface Line {
  readonly name: string;
  /** `least` and `most` bound a band; `step` holds its value until the next one; `limit` is the same everywhere. */
  readonly role: 'main' | 'least' | 'most' | 'step' | 'limit';
  readonly y: readonly (number | null)[];
}

/** More plots than this are not looked at; the table has every metric. */
const MOST_PLOTS = 8;
/** A line needs two ends. */
const FEWEST_POINTS = 2;

export function chartsOfMetrics({ metrics }: Report): readonly Block[] {
  return metrics
    .filter(({ points }) => points.length >= FEWEST_POINTS)
    .slice(0, MOST_PLOTS)
    .map((one) => ({ kind: 'chart', chart: metricChart(one) }));
}

function metricChart({ key, points, steps, targets }: MetricFigures): Chart {
  const x = points.map(({ to }) => to);
  const lines: Line[] = [...band(points)];
  if (steps.length > 0) {
    let at = 0;
    const y = x.map((cycle) => {
      while ((steps[at]?.cycle ?? Infinity) <= cycle) at += 1;
      return steps[at - 1]?.value ?? null;
    });
    lines.push({ name: 'best so far', role: 'step', y });
  }
  for (const { text, value } of targets)
    lines.push({ name: `target ${text}`, role: 'limit', y: x.map(() => value) });
  return {
    title: key,
    unit: 'number',
    from: points[0]?.from ?? 0,
    x,
    lines: rounded(lines),
    note: noteOf(points),
  };
}

export function chartsOfTime({ durations, waits, failureRate }: Report): readonly Block[] {
  const charts: Chart[] = [];
  const ofPoints = (title: string, points: readonly Point[]) => {
    if (points.length < FEWEST_POINTS) return;
    const x = points.map(({ to }) => to);
    charts.push({
      title,
      unit: 'ms',
      from: points[0]?.from ?? 0,
      x,
      lines: rounded(band(points)),
      note: noteOf(points),
    });
  };
  ofPoints('Duration of a cycle', durations);
  ofPoints('Pause after a cycle', waits);
  if (failureRate.length >= FEWEST_POINTS) {
    const most = Math.max(...failureRate.map(({ over }) => over));
    const line = { name: 'failed or broken', role: 'main', y: failureRate.map(({ rate }) => rate) } as const;
    charts.push({
      title: 'Failure rate',
      unit: 'share',
      from: failureRate[0]?.from ?? 0,
      x: failureRate.map(({ cycle }) => cycle),
      lines: rounded([line]),
      note: `Over the last ${Math.max(most, RATE_CYCLES)} cycles up to each point, fewer at the beginning.`,
    });
  }
  return charts.map((chart) => ({ kind: 'chart', chart }));
}

/** One value a point is a line; several are their mean between the least and the most. */
function band(points: readonly Point[]): readonly Line[] {
  if (points.every(({ count }) => count === 1))
    return [{ name: 'value', role: 'main', y: points.map(({ newest }) => newest) }];
  return [
    { name: 'mean', role: 'main', y: points.map(({ mean }) => mean) },
    { name: 'most', role: 'most', y: points.map(({ most }) => most) },
    { name: 'least', role: 'least', y: points.map(({ least }) => least) },
  ];
}

function noteOf(points: readonly Point[]): string {
  const cycles = points.reduce((sum, { count }) => sum + count, 0);
  return cycles === points.length
    ? `${cycles} values, one a cycle.`
    : `${cycles} values in ${points.length} points: neighbours share one, which shows their mean, and their least and most as a band.`;
}

const DIGITS = 6;

/** More digits are not seen, and make the page heavy. */
function rounded(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => ({
    ...line,
    y: line.y.map((value) => (value === null ? null : Number(value.toPrecision(DIGITS)))),
  }));
}
