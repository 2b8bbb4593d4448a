// Turns measurements into the table for people, JSON, and bench/RESULTS.md. It runs nothing.

import { pairedRatios, spreadOf, type Spread } from './statistics.ts';
import type { Sample } from './measure.ts';
import type { Target, Workload } from './workloads.ts';

/** One contestant's samples, by round; undefined where it sat out. */
export interface Column {
  readonly name: string;
  readonly samples: readonly (Sample | undefined)[];
  readonly problem: string | undefined;
}

export interface Row {
  readonly workload: string;
  readonly contestant: string;
  readonly rounds: number;
  readonly ms: Spread;
  readonly ratio: Spread;
  readonly cpuRatio: Spread | undefined;
  readonly rssMb: number | undefined;
  readonly target: Target | undefined;
  readonly isMissed: boolean;
  readonly problem: string | undefined;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly date: string;
  readonly commit: string;
  readonly floor: string;
}

export interface Results {
  readonly machine: Machine;
  readonly peers: readonly { readonly name: string; readonly version: string; readonly isThere: boolean }[];
  readonly rows: readonly Row[];
  readonly titles: Readonly<Record<string, string>>;
}

/** The first column is the floor. */
export function rowsOf(workload: Workload, columns: readonly Column[]): readonly Row[] {
  const floor = columns[0]?.samples ?? [];
  return columns.map((column) => {
    const ran = column.samples.filter((sample) => sample !== undefined);
    const ratio = spreadOf(pairedRatios(values(column.samples, 'ms'), values(floor, 'ms')));
    const cpu = pairedRatios(values(column.samples, 'cpuMs'), values(floor, 'cpuMs'));
    const cpuRatio = cpu.length > 0 ? spreadOf(cpu) : undefined;
    const memory = ran.flatMap((sample) => (sample.rssMb === undefined ? [] : [sample.rssMb]));
    const rssMb = memory.length > 0 ? spreadOf(memory).median : undefined;
    const target = workload.targets.find((one) => one.contestant === column.name);
    return {
      workload: workload.id,
      contestant: column.name,
      rounds: ran.length,
      ms: spreadOf(ran.map((sample) => sample.ms)),
      ratio,
      cpuRatio,
      rssMb,
      target,
      isMissed:
        target !== undefined && isMissed({ ratio: ratio.median, cpuRatio: cpuRatio?.median, rssMb }, target),
      problem: column.problem,
    };
  });
}

/** A median that could not be measured is a miss: unknown is never a pass. */
function isMissed(
  have: { ratio: number; cpuRatio: number | undefined; rssMb: number | undefined },
  target: Target,
): boolean {
  const isBusy = target.cpuRatio !== undefined && !((have.cpuRatio ?? Number.NaN) <= target.cpuRatio);
  const isSlow = !(have.ratio <= target.ratio);
  const isFat = target.rssMb !== undefined && !((have.rssMb ?? Number.NaN) <= target.rssMb);
  return isSlow || isBusy || isFat;
}

function values(
  samples: readonly (Sample | undefined)[],
  field: 'ms' | 'cpuMs',
): readonly (number | undefined)[] {
  return samples.map((sample) => sample?.[field]);
}

const HEAD = ['W', 'contestant', 'median ms', '× floor', 'quartiles', 'CPU ×', 'MB', 'rounds', 'target'];

export function tableOf(results: Results): string {
  const lines = results.rows.map((row) => cellsOf(row));
  const widths = HEAD.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const format = (cells: readonly string[]): string =>
    cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  const absent = results.peers.filter((peer) => !peer.isThere);
  return [
    format(HEAD),
    ...lines.map((line) => format(line).trimEnd()),
    ...absent.map((peer) => `skipped: ${peer.name} (${peer.version})`),
  ].join('\n');
}

function cellsOf(row: Row): readonly string[] {
  return [
    row.workload,
    row.contestant,
    figure(row.ms.median, row.ms.median < 100 ? 1 : 0),
    figure(row.ratio.median, 2),
    `${figure(row.ratio.lower, 2)}–${figure(row.ratio.upper, 2)}`,
    figure(row.cpuRatio?.median, 2),
    figure(row.rssMb, 0),
    String(row.rounds),
    row.problem ?? targetText(row),
  ];
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? 'unknown' : value.toFixed(digits);
}

function targetText(row: Row): string {
  if (row.target === undefined) return '';
  const cpu = row.target.cpuRatio === undefined ? '' : `, CPU ≤ ${row.target.cpuRatio}`;
  const memory = row.target.rssMb === undefined ? '' : `, ≤ ${row.target.rssMb} MB`;
  return `≤ ${row.target.ratio}${cpu}${memory}: ${row.isMissed ? 'missed' : 'met'}`;
}

/** A line for each row that has a target, for whoever proves it. */
export function figuresOf({ rows }: Results): readonly string[] {
  return rows.flatMap((row) => {
    if (row.target === undefined) return [];
    const { median, lower, upper } = row.ratio;
    const ratio = `${figure(median, 2)} × the floor (quartiles ${figure(lower, 2)}–${figure(upper, 2)})`;
    return [
      `${row.workload}, ${row.contestant}: ${figure(row.ms.median, 1)} ms, ${ratio}, ${row.rounds} rounds; ${targetText(row)}`,
    ];
  });
}

/** `reasons` says, by `W contestant`, why a target is missed; a miss without one says so. */
export function markdownOf(results: Results, reasons: Readonly<Record<string, string>>): string {
  const { machine } = results;
  const peers = results.peers.map((peer) => `${peer.name} (${peer.version})`).join(', ');
  return [
    '# Benchmark results',
    '',
    `Written by \`npm run bench\` on ${machine.date}, commit ${machine.commit}; ${machine.cores} cores (${machine.cpu}), ` +
      `${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node}. Floors: ${machine.floor}.`,
    `Peers: ${peers}.`,
    '',
    'Contestants take turns inside each round. A ratio is paired with the floor of the same round; the table shows its median',
    'and quartiles. The machine is shared: ratios count, milliseconds do not. MB is the largest process of the tree.',
    '',
    ...Object.entries(results.titles).flatMap(([id, title]) => [
      `## ${id}: ${title}`,
      '',
      `| ${HEAD.slice(1).join(' | ')} |`,
      `|${HEAD.slice(1)
        .map(() => '---|')
        .join('')}`,
      ...results.rows
        .filter((row) => row.workload === id)
        .map((row) => `| ${cellsOf(row).slice(1).join(' | ')} |`),
      '',
    ]),
    '## Missed targets',
    '',
    ...missedLines(results, reasons),
    '',
  ].join('\n');
}

function missedLines(results: Results, reasons: Readonly<Record<string, string>>): readonly string[] {
  const missed = results.rows.filter((row) => row.isMissed);
  if (missed.length === 0) return ['None.'];
  const lines = missed.map((row) => {
    const reason = reasons[`${row.workload} ${row.contestant}`] ?? 'not yet explained (bench/reasons.json)';
    return `| ${row.workload} | ${row.contestant} | ${targetText(row)} | ${figure(row.ratio.median, 2)} × | ${reason} |`;
  });
  return ['| W | contestant | target | measured | reason |', '|---|---|---|---|---|', ...lines];
}
