// From samples to the figures of W8 in PERFORMANCE terms, and what is wrong with them. Pure.

import type { Endured, Sample } from './live.ts';

export interface Figures {
  /** Medians over a hundredth of the run behind its first tenth, and over its last hundredth; 200 cycles at least. */
  readonly rssEarlyMb: number;
  readonly rssLateMb: number;
  readonly rssMostMb: number;
  readonly heapEarlyMb: number;
  readonly heapLateMb: number;
  readonly cycleMs: number;
  readonly spawnMs: number;
  readonly syncMs: number;
  readonly beyondEarlyMs: number;
  readonly beyondLateMs: number;
  readonly beyondMs: number;
}

export interface Targets {
  readonly rssMb: number;
  readonly rssGrowthMb: number;
  readonly heapGrowthMb: number;
  /** Late beyond early, beyond the spawn. */
  readonly timeGrowth: number;
  readonly beyondMs: number;
  /** In the place of `beyondMs` where the machine does other things: so many bare spawns. */
  readonly beyondSpawns?: number;
}

export const W8: Targets = {
  rssMb: 90,
  rssGrowthMb: 5,
  heapGrowthMb: 1,
  timeGrowth: 1.25,
  beyondMs: 1.5,
};

/** Before it, code is still being compiled and the heap finds its size. */
const WARM_CYCLES = 1000;
const LEAST_CYCLES = 200;

export function figuresOf({ cycles, samples, stretches, collections }: Endured): Figures {
  const width = Math.max(LEAST_CYCLES, cycles / 100);
  const from = Math.max(WARM_CYCLES, cycles / 10);
  const early = samples.filter(({ cycle }) => cycle > from && cycle <= from + width);
  const late = samples.filter(({ cycle }) => cycle > cycles - width);
  const beyond = stretches.map(({ cycleMs, spawnMs }) => cycleMs - spawnMs);
  const heaps = collections
    .filter(({ cycle }) => cycle > Math.min(WARM_CYCLES, cycles / 20))
    .map(({ heapMb }) => heapMb);
  return {
    rssEarlyMb: rssOf(early),
    rssLateMb: rssOf(late),
    rssMostMb: Math.max(...samples.map(({ rssMb }) => rssMb)),
    heapEarlyMb: median(heaps.slice(0, Math.ceil(heaps.length / 4))),
    heapLateMb: median(heaps.slice(-Math.ceil(heaps.length / 4))),
    cycleMs: median(stretches.map((one) => one.cycleMs)),
    spawnMs: median(stretches.map((one) => one.spawnMs)),
    syncMs: median(stretches.map((one) => one.syncMs)),
    beyondEarlyMs: median(beyond.slice(0, Math.ceil(beyond.length / 3))),
    beyondLateMs: median(beyond.slice(-Math.ceil(beyond.length / 3))),
    beyondMs: median(beyond),
  };
}

/** In words; empty when every target is met. */
export function missed(endured: Endured, figures: Figures, targets: Targets = W8): readonly string[] {
  const { rssEarlyMb, rssLateMb, heapEarlyMb, heapLateMb, beyondEarlyMs, beyondLateMs, beyondMs } = figures;
  const mostMs = Math.max(targets.beyondMs, (targets.beyondSpawns ?? 0) * figures.spawnMs);
  const checks: readonly (readonly [holds: boolean, text: string])[] = [
    [endured.exit === 0, `the run ended with ${endured.exit}: ${endured.said}`],
    [rssLateMb < targets.rssMb, `RSS ${mb(rssLateMb)} at the end, wanted under ${mb(targets.rssMb)}`],
    [
      Math.abs(rssLateMb - rssEarlyMb) <= targets.rssGrowthMb,
      `RSS went from ${mb(rssEarlyMb)} to ${mb(rssLateMb)}, wanted within ${mb(targets.rssGrowthMb)}`,
    ],
    [
      heapLateMb - heapEarlyMb <= targets.heapGrowthMb,
      `the heap after collection went from ${mb(heapEarlyMb)} to ${mb(heapLateMb)}`,
    ],
    [
      beyondLateMs <= Math.max(beyondEarlyMs, mostMs) * targets.timeGrowth,
      `a cycle went from ${ms(beyondEarlyMs)} to ${ms(beyondLateMs)} beyond the spawn`,
    ],
    [beyondMs <= mostMs, `a cycle takes ${ms(beyondMs)} beyond the spawn, wanted ${ms(mostMs)}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, text]) => text);
}

/** One line: what `npm run prove` shows. */
export function lineOf({ cycles, seconds }: Endured, figures: Figures): string {
  const { rssEarlyMb, rssLateMb, heapEarlyMb, heapLateMb, cycleMs, spawnMs, syncMs, beyondMs } = figures;
  const { beyondEarlyMs, beyondLateMs } = figures;
  return (
    `${cycles} cycles in ${seconds.toFixed(0)} s: ${ms(cycleMs)} a cycle, ${ms(spawnMs)} a bare spawn, ${ms(beyondMs)} beyond it ` +
    `(${ms(beyondEarlyMs)} early, ${ms(beyondLateMs)} late; one sync ${ms(syncMs)}); RSS ${mb(rssEarlyMb)} early, ${mb(rssLateMb)} late; ` +
    `heap after collection ${mb(heapEarlyMb)} early, ${mb(heapLateMb)} late`
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

function rssOf(samples: readonly Sample[]): number {
  return median(samples.map(({ rssMb }) => rssMb));
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
