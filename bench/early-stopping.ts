// `node bench/early-stopping.ts`: how early stopping compares with the full decision, as a table in Markdown.
// `--repetitions 10000`, `--planned 1000`, `--confidence 0.99`, `--seed 1`; `--write` puts it into docs/statistics.md.
// Ends with 1 where a promise is broken.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SHAPES } from './early/draw.ts';
import {
  EFFECTS,
  endedAtTheBorder,
  intervalOf,
  measure,
  type Asks,
  type Cell,
  type Size,
} from './early/measure.ts';
import { isAbove, missed, percent } from './early/targets.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

function main(): number {
  const { values } = parseArgs({
    options: {
      repetitions: { type: 'string', default: '10000' },
      planned: { type: 'string', default: '1000' },
      confidence: { type: 'string', default: '0.99' },
      seed: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
    },
  });
  const size: Size = {
    repetitions: Number(values.repetitions),
    planned: Number(values.planned),
    confidence: Number(values.confidence),
    seed: Number(values.seed),
  };
  const cells = SHAPES.flatMap((shape) => EFFECTS.flatMap((effect) => measure(shape, effect, size)));
  const ended = endedAtTheBorder(size);
  const allowed = 1 - size.confidence;
  const broken = [...missed(cells)];
  if (isAbove(ended, size.repetitions, allowed))
    broken.push(`at the border: ${percent(ended / size.repetitions)}`);
  const border = `Of ${size.repetitions} rungs that end exactly at the border ${ended} were ended early (${percent(ended / size.repetitions)}; ${percent(allowed)} are allowed).\n`;
  const page = [
    headOf(size),
    tableOf(cells, 'lower'),
    tableOf(cells, 'mean'),
    border,
    ...broken.map((line) => `missed: ${line}\n`),
  ].join('\n');
  console.log(page);
  if (values.write) writeInto(join(root, 'docs/statistics.md'), page);
  const least = Math.min(...cells.map(({ agreed }) => agreed / size.repetitions));
  console.log(
    `figure: ${cells.length} cells of ${size.repetitions} rungs, agreement at least ${percent(least)}`,
  );
  return broken.length === 0 ? 0 : 1;
}

const BEGIN = '<!-- written by bench/early-stopping.ts -->';
const END = '<!-- end of what it wrote -->';

/** Between the marks, which the page must have. */
function writeInto(path: string, page: string): void {
  const before = readFileSync(path, 'utf8');
  const [head, rest] = before.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`${path} has no place for the table`);
  writeFileSync(path, `${head}${BEGIN}\n\n${page}\n${END}${tail}`);
}

function headOf({ repetitions, planned, confidence, seed }: Size): string {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}`;
  return `${date} · ${machine} · commit ${commit} · seed ${seed} · ${repetitions} rungs of ${planned} simulations each, confidence ${confidence}\n`;
}

function tableOf(cells: readonly Cell[], asks: Asks): string {
  const title =
    asks === 'lower'
      ? 'Against the champion: the full decision is the paired test'
      : 'Against a constant: the full decision is whether the mean of all exceeds it';
  const head = [
    `**${title}**\n`,
    '| values | effect (sd) | full decision: yes | bound: yes | [95 %] | agree | saved | policy: yes | agree | saved |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
  ];
  return `${[...head, ...cells.filter((cell) => cell.asks === asks).map(rowOf)].join('\n')}\n`;
}

function rowOf(cell: Cell): string {
  const share = (count: number): string => percent(count / cell.repetitions);
  const [lower, upper] = intervalOf(cell.promoted, cell.repetitions);
  const bound = `${(lower * 100).toFixed(2)}–${(upper * 100).toFixed(2)}`;
  return `| ${[
    cell.shape,
    cell.effect,
    share(cell.full),
    share(cell.promoted),
    bound,
    share(cell.agreed),
    share(cell.saved),
    share(cell.crowned),
    share(cell.policyAgreed),
    share(cell.policySaved),
  ].join(' | ')} |`;
}

process.exitCode = main();
