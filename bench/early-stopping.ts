// `node bench/early-stopping.ts`: how early stopping compares with the full decision, as a table in Markdown.
// `--repetitions 10000`, `--planned 1000`, `--confidence 0.99`, `--seed 1`. Ends with 1 where a promise is broken.

import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
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
    },
  });
  const size: Size = {
    repetitions: Number(values.repetitions),
    planned: Number(values.planned),
    confidence: Number(values.confidence),
    seed: Number(values.seed),
  };
  const cells = SHAPES.flatMap((shape) => EFFECTS.flatMap((effect) => measure(shape, effect, size)));
  console.log(headOf(size));
  console.log(tableOf(cells, 'lower'));
  console.log(tableOf(cells, 'mean'));
  const ended = endedAtTheBorder(size);
  const allowed = 1 - size.confidence;
  console.log(
    `Of ${size.repetitions} rungs that end exactly at the border ${ended} were ended early (${percent(ended / size.repetitions)}; ${percent(allowed)} are allowed).\n`,
  );
  const broken = [...missed(cells)];
  if (isAbove(ended, size.repetitions, allowed))
    broken.push(`at the border: ${percent(ended / size.repetitions)}`);
  for (const line of broken) console.log(`missed: ${line}`);
  const least = Math.min(...cells.map(({ agreed }) => agreed / size.repetitions));
  console.log(
    `figure: ${cells.length} cells of ${size.repetitions} rungs, agreement at least ${percent(least)}`,
  );
  return broken.length === 0 ? 0 : 1;
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
