// What the output of a process of a rung says about its seeds. The process is over, and its output is without secrets.

import { BatchAnswers } from '../../core/judge/batch.ts';
import { halfLine, lastLine, outcomeFrom, outcomeOfLine, type SeedOutcome } from '../../core/judge/line.ts';
import type { SimsFailure } from '../../core/judge/sims-failure.ts';
import type { SimsProcess } from '../../core/plan/sims-order.ts';
import { gather, type Output } from '../evidence.ts';
import type { Before } from '../freshness.ts';
import { measure } from '../log.ts';
import type { Room } from './room.ts';
import { asLog, eachLine, tailText, type Scratch } from './scratch.ts';

/** Of an output, its answer is looked for in so much of its end; a longer line is no answer. */
export const ANSWER_BYTES = 1_048_576;

export interface Said {
  readonly seeds: readonly number[];
  readonly process: SimsProcess;
  readonly outputs: Outputs;
  /** How the files that metrics are read from stood before. */
  readonly before: Before;
}

export interface Outputs {
  readonly stdout: Scratch;
  /** Only where a metric tells the two apart. */
  readonly stderr: Scratch | undefined;
}

/** Seeds that are not in it were not reached, through no fault of their own. */
export async function outcomesOf(
  room: Room,
  said: Said,
  failure: SimsFailure | undefined,
): Promise<ReadonlyMap<number, SeedOutcome>> {
  const { seeds, outputs, process } = said;
  const [seed = 0] = seeds;
  if (room.sims.per === 'batch') return batchOutcomes(said, failure);
  if (failure) return new Map([[seed, { failed: failure.why }]]);
  if (process.metrics.every(({ source }) => source.reader === 'line'))
    return new Map([[seed, lineOutcome(outputs.stdout, seed, process)]]);
  return new Map([[seed, await gathered(room, said)]]);
}

function lineOutcome(stdout: Scratch, seed: number, { metrics }: SimsProcess): SeedOutcome {
  if (metrics.length === 0) return { values: {} };
  const text = tailText(stdout, ANSWER_BYTES);
  const half = halfLine(text);
  if (half !== undefined) return { failed: `the last line of its output has no end: ${half}` };
  const line = lastLine(text);
  if (!line) return { failed: 'no line of its output is a JSON object' };
  if (line.seed !== undefined && line.seed !== seed) return { failed: `it answered seed ${line.seed}` };
  return outcomeOfLine(line, metrics);
}

/** A process that fails leaves the answers that it has given; the first seed without one is what it failed at. */
function batchOutcomes(
  { seeds, outputs, process }: Said,
  failure: SimsFailure | undefined,
): ReadonlyMap<number, SeedOutcome> {
  const answers = new BatchAnswers(seeds, process.metrics);
  eachLine(outputs.stdout, ANSWER_BYTES, (line) => answers.hear(line));
  const outcomes = new Map(answers.outcomes());
  const missing = seeds.filter((seed) => !outcomes.has(seed));
  if (!failure) for (const seed of missing) outcomes.set(seed, { failed: answers.missing(seed) });
  else if (missing[0] !== undefined) outcomes.set(missing[0], { failed: failure.why });
  else for (const seed of seeds) outcomes.set(seed, { failed: failure.why });
  return outcomes;
}

async function gathered(
  { order, shop }: Room,
  { seeds, process, outputs, before }: Said,
): Promise<SeedOutcome> {
  const { metrics, cwd } = process;
  const read = [{ task: order.ref.task, metrics, labels: [] }];
  const evidence = await gather(
    { ...order, cwd, read },
    { stdout: outputOf(outputs.stdout), stderr: outputs.stderr && outputOf(outputs.stderr) },
    before,
    shop.clock.now(),
  );
  const line = metrics.some(({ source }) => source.reader === 'line')
    ? lineOutcome(outputs.stdout, seeds[0] ?? 0, { ...process, metrics: metrics.filter(isOfLine) })
    : undefined;
  if (line && 'failed' in line) return line;
  const readings = evidence[order.ref.task]?.metrics ?? {};
  return outcomeFrom(metrics, ({ name }) => readings[name] ?? { unread: 'missing', detail: 'was not read' });
}

function isOfLine({ source }: SimsProcess['metrics'][number]): boolean {
  return source.reader === 'line';
}

function outputOf(scratch: Scratch): Output {
  const log = asLog(scratch);
  return { log, measured: measure(log) };
}
