// The course of a run as a table and as a picture: memory and time a cycle over cycles. Pure.

import type { Endured } from './live.ts';
import { median } from './figures.ts';

export interface Row {
  readonly cycle: number;
  readonly rssMb: number | undefined;
  readonly heapMb: number | undefined;
  readonly cycleMs: number | undefined;
  readonly spawnMs: number | undefined;
}

const MOST_ROWS = 500;

/** One row for each equal part of the run: medians of what was seen in it. */
export function rowsOf({ cycles, samples, stretches, collections }: Endured): readonly Row[] {
  const rows = Math.min(MOST_ROWS, Math.max(1, Math.floor(cycles / 20)));
  const width = cycles / rows;
  return Array.from({ length: rows }, (_, at) => {
    const isIn = ({ cycle }: { readonly cycle: number }) => cycle > at * width && cycle <= (at + 1) * width;
    const here = stretches.filter(isIn);
    return {
      cycle: Math.round((at + 1) * width),
      rssMb: middle(samples.filter(isIn).map(({ rssMb }) => rssMb)),
      heapMb: middle(collections.filter(isIn).map(({ heapMb }) => heapMb)),
      cycleMs: middle(here.map(({ cycleMs }) => cycleMs)),
      spawnMs: middle(here.map(({ spawnMs }) => spawnMs)),
    };
  });
}

export function csvOf(rows: readonly Row[]): string {
  const lines = rows.map(({ cycle, rssMb, heapMb, cycleMs, spawnMs }) =>
    [cycle, cell(rssMb), cell(heapMb), cell(cycleMs), cell(spawnMs)].join(','),
  );
  return `${['cycle,rss_mb,heap_after_collection_mb,cycle_ms,spawn_ms', ...lines].join('\n')}\n`;
}

function cell(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2);
}

const WIDTH = 800;
const HEIGHT = 220;
const EDGE = 50;

/** Two panels, one above the other, each from zero so that no slope is made larger than it is. */
export function svgOf(rows: readonly Row[], title: string): string {
  const memory = panel(rows, 0, 'MB', [
    ['RSS', '#1f5fa8', (row) => row.rssMb],
    ['heap after collection', '#b3541e', (row) => row.heapMb],
  ]);
  const time = panel(rows, HEIGHT, 'ms', [
    ['a cycle', '#1f5fa8', (row) => row.cycleMs],
    ['a bare spawn', '#6b7280', (row) => row.spawnMs],
  ]);
  const size = `width="${WIDTH}" height="${2 * HEIGHT + 24}" viewBox="0 -24 ${WIDTH} ${2 * HEIGHT + 24}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">
<rect y="-24" width="100%" height="100%" fill="white"/>
<text x="${EDGE}" y="-8" font-size="13">${title}</text>
${memory}
${time}
</svg>
`;
}

type Curve = readonly [name: string, color: string, value: (row: Row) => number | undefined];

function panel(rows: readonly Row[], top: number, unit: string, curves: readonly Curve[]): string {
  const values = curves.flatMap(([, , value]) => rows.flatMap((row) => value(row) ?? []));
  const most = niceAbove(Math.max(1, ...values));
  const last = rows.at(-1)?.cycle ?? 1;
  const x = (cycle: number) => (EDGE + (cycle / last) * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (value: number) => (top + HEIGHT - EDGE - (value / most) * (HEIGHT - EDGE - 20)).toFixed(1);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(most * share);
    return `<path d="M${EDGE} ${at}H${WIDTH - EDGE}" stroke="#ddd"/><text x="${EDGE - 6}" y="${at}" text-anchor="end">${most * share} ${unit}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = x(last * share);
    return `<text x="${at}" y="${top + HEIGHT - EDGE + 16}" text-anchor="middle">${Math.round(last * share)}</text>`;
  });
  const lines = curves.map(([name, color, value], at) => {
    const points = rows.flatMap((row) => {
      const one = value(row);
      return one === undefined ? [] : [`${x(row.cycle)},${y(one)}`];
    });
    const label = `<text x="${EDGE + 8 + at * 160}" y="${top + 14}" fill="${color}">${name}</text>`;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}"/>${label}`;
  });
  return [...grid, ...ticks, ...lines].join('\n');
}

function middle(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values);
}

/** The next of 1, 2, 4, 5, 6, 8 and 10 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10);
}
