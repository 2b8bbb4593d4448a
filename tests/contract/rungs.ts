// Rungs for tests: simulations in a line of shell, and an order with everything default.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import type { SimsEvidence } from '../../src/core/judge/sims.ts';
import type { MetricPlan } from '../../src/core/plan/plan.ts';
import type { SimsOrder } from '../../src/core/plan/sims-order.ts';
import type { Order } from '../../src/ports.ts';
import type { Bench } from './attempts.ts';

export const EDGE: MetricPlan = {
  name: 'edge',
  source: { reader: 'line', field: 'edge', in: { stream: 'output' } },
  better: 'higher',
  bounds: undefined,
  unit: undefined,
};

export interface RungWish extends Partial<Omit<SimsOrder, 'process'>> {
  /** Of the shell; `$GATE_SEED` and `$GATE_COUNT` are there. */
  readonly script: string;
  readonly order?: Partial<Order>;
  readonly attempt?: number;
}

/** Prints its seed and ten times its seed. */
export const TENFOLD = 'echo "{\\"seed\\":$GATE_SEED,\\"edge\\":$((GATE_SEED * 10))}"';

export function rungOrder(bench: Bench, wish: RungWish): Partial<Order> {
  const { script, order, attempt = 1, ...more } = wish;
  const planned = more.planned ?? 10;
  const task = order?.ref?.task ?? 'sims';
  const marks = { ...bench.marks(task), GATE_ATTEMPT: String(attempt), GATE_RUNG: String(planned) };
  const sims: SimsOrder = {
    per: 'seed',
    batch: 1,
    base: 0,
    planned,
    mayFail: 0,
    lanes: 2,
    confidence: undefined,
    isTop: true,
    timeoutMs: 'never',
    exits: [],
    metrics: [EDGE],
    questions: [],
    hasMore: false,
    needsWhole: false,
    rival: undefined,
    file: join(bench.folder, 'cycles/000001/p.sims.sims.jsonl'),
    fileCrc: undefined,
    isRetry: attempt > 1,
    process: (seed, count) => ({
      command: { shell: 'sh', script },
      cwd: bench.folder,
      stdin: undefined,
      env: { ...marks, GATE_SEED: String(seed), GATE_COUNT: String(count) },
      metrics: more.metrics ?? [EDGE],
    }),
    ...more,
  };
  return { ...order, ref: { task, rung: planned, attempt }, env: marks, sims };
}

export async function runRung(bench: Bench, wish: RungWish): Promise<AttemptEnded> {
  const { ref } = bench.start(wish.script, rungOrder(bench, wish));
  return bench.fact('attempt.ended', ({ rung, attempt }) => rung === ref.rung && attempt === ref.attempt);
}

export function simsOf(ended: AttemptEnded): SimsEvidence {
  if (!ended.sims) throw new Error(`no simulations in ${JSON.stringify(ended)}`);
  return ended.sims;
}

/** Lines of the file of values. */
export function valuesIn(bench: Bench): readonly string[] {
  return readFileSync(join(bench.folder, 'cycles/000001/p.sims.sims.jsonl'), 'utf8').trimEnd().split('\n');
}
