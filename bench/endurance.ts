// `node bench/endurance.ts --cycles 100000`: one continuous run of no-op cycles, its figures, and its course as a table and
// a picture (not with `--no-write`). `--simulated`: in the simulated world. Ends with 0 only when nothing grows and W8 is met.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figuresOf, lineOf, missed } from './endurance/figures.ts';
import { endure } from './endurance/live.ts';
import { csvOf, rowsOf, svgOf } from './endurance/plot.ts';
import { grown, lineOfSimulated, simulate } from './endurance/simulated.ts';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '100000' },
    simulated: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const cycles = Number(values.cycles);
  if (!Number.isSafeInteger(cycles) || cycles < 1000) {
    console.error(`endurance: --cycles must be a whole number from 1000, not ${values.cycles}`);
    return 2;
  }
  return values.simulated ? simulated(cycles) : real(cycles);
}

async function real(cycles: number): Promise<number> {
  const endured = await endure(cycles, (text) => console.log(text));
  const figures = figuresOf(endured);
  const faults = missed(endured, figures);
  if (!values['no-write']) {
    const rows = rowsOf(endured);
    const date = new Date().toISOString().slice(0, 10);
    write('endurance.csv', csvOf(rows));
    write(
      'endurance.svg',
      svgOf(rows, `${cycles} no-op cycles in one run, ${date}, Node ${process.versions.node}`),
    );
  }
  return said(faults, lineOf(endured, figures));
}

async function simulated(cycles: number): Promise<number> {
  const done = await simulate(cycles);
  return said(grown(done), lineOfSimulated(done));
}

function said(faults: readonly string[], line: string): number {
  for (const fault of faults) console.log(`missed: ${fault}`);
  console.log(`figure: ${line}`);
  return faults.length === 0 ? 0 : 1;
}

function write(name: string, text: string): void {
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), text);
}

process.exitCode = await main();
