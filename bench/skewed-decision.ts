// `node bench/skewed-decision.ts`: how often one-sided tests of a mean promote by chance where gains are skewed, as a table in Markdown.
// It is why the full decision is Student's test (docs/statistics.md). `--repetitions 10000`, `--planned 1000`, `--confidence 0.99`, `--seed 1`.

import { parseArgs } from 'node:util';
import { studentQuantile } from '../src/core/judge/student.ts';
import { Dice } from '../src/simulation/random.ts';
import { drawer, SHAPES } from './early/draw.ts';
import { intervalOf } from './early/measure.ts';
import { percent } from './early/targets.ts';

/** Of the bootstrap: more would move its critical value by less than chance does. */
const RESAMPLES = 999;
/** Below this t no bootstrap promotes, so none is drawn. */
const NEVER = 1.2;

interface Sample {
  readonly values: Float64Array;
  readonly t: number;
  /** Mean over standard deviation, and the skewness. */
  readonly ratio: number;
  readonly skew: number;
}

function sampleOf(values: Float64Array): Sample {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const power = (by: number): number => values.reduce((sum, value) => sum + (value - mean) ** by, 0);
  const sd = Math.sqrt(power(2) / (n - 1));
  return { values, t: (mean / sd) * Math.sqrt(n), ratio: mean / sd, skew: power(3) / n / sd ** 3 };
}

/** Johnson, Modified t tests and confidence intervals for asymmetrical populations (Journal of the American Statistical Association 73, 1978). */
function johnson({ values: { length: n }, ratio, skew }: Sample): number {
  return Math.sqrt(n) * (ratio + skew / (6 * n) + (skew * ratio ** 2) / 3);
}

/** Hall, On the removal of skewness by transformation (Journal of the Royal Statistical Society B 54, 1992). */
function hall({ values: { length: n }, ratio, skew }: Sample): number {
  return Math.sqrt(n) * (ratio + skew / (6 * n) + (skew * ratio ** 2) / 3 + (skew ** 2 * ratio ** 3) / 27);
}

/** Hall, Theoretical comparison of bootstrap confidence intervals (Annals of Statistics 16, 1988). */
function beatsBootstrap({ values, t }: Sample, confidence: number, dice: Dice): boolean {
  if (t < NEVER) return false;
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const drawn = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let squares = 0;
    for (let at = 0; at < n; at += 1) {
      const value = (values[Math.floor(dice.next() * n)] ?? 0) - mean;
      sum += value;
      squares += value * value;
    }
    return sum / Math.sqrt((n * squares - sum * sum) / (n - 1));
  }).toSorted();
  return t > (drawn[Math.ceil(confidence * (RESAMPLES + 1)) - 1] ?? Infinity);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      repetitions: { type: 'string', default: '10000' },
      planned: { type: 'string', default: '1000' },
      confidence: { type: 'string', default: '0.99' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [repetitions, planned] = [Number(values.repetitions), Number(values.planned)];
  const [confidence, seed] = [Number(values.confidence), Number(values.seed)];
  const critical = studentQuantile(1 - confidence, planned - 1);
  console.log(
    '| values | Student | Johnson | Hall | Student and Hall | bootstrap-t |\n|---|--:|--:|--:|--:|--:|',
  );
  for (const shape of SHAPES) {
    const draw = drawer(shape, seed, 'skewed');
    const dice = new Dice(seed, `resamples of ${shape}`);
    const counts = [0, 0, 0, 0, 0];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const sample = sampleOf(Float64Array.from({ length: planned }, draw));
      const [student, modified, transformed] = [sample.t, johnson(sample), hall(sample)].map(
        (statistic) => statistic > critical,
      );
      const both = student === true && transformed === true;
      [student, modified, transformed, both, beatsBootstrap(sample, confidence, dice)].forEach((wins, at) => {
        if (wins === true) counts[at] = (counts[at] ?? 0) + 1;
      });
    }
    const cells = counts.map((count) => {
      const [lower, upper] = intervalOf(count, repetitions);
      return `${percent(count / repetitions)} (${(lower * 100).toFixed(2)}–${(upper * 100).toFixed(2)})`;
    });
    console.log(`| ${[shape, ...cells].join(' | ')} |`);
  }
}

main();
