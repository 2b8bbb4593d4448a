// A rung that is decided early and its verdict, together: whatever ends it, what it left can be judged.

import { describe, expect, test } from 'vitest';
import { drawer } from '../../../bench/early/draw.ts';
import { earnsPromotion } from '../../../src/core/judge/judge.ts';
import type { SeedOutcome } from '../../../src/core/judge/line.ts';
import { Rung } from '../../../src/core/judge/rung.ts';
import { watchRung } from '../../../src/core/judge/rung-watch.ts';
import { evidenceOfSims } from '../../../src/core/judge/sim-metrics.ts';
import type { Rival } from '../../../src/core/loop/rival.ts';
import { makeOrder } from '../../../src/core/plan/order.ts';
import { oneGate, planOf, taskOf } from '../plan/planning.ts';
import { judge } from './parts.ts';

const PLANNED = 1000;
const PAST = () => ({ last: 90, best: 95 });

interface Life {
  readonly rungs?: string;
  readonly rival?: boolean;
  /** What other seeds say than their draw. */
  readonly unlike?: Readonly<Record<number, SeedOutcome>>;
}

/** A rung of 1000 around `mean` with a spread of 10; the whole of it is known, so only the watch ends it. */
function lived(asked: string, mean: number, how: Life = {}) {
  const { rungs = '[{ count: 1000 }]', rival = false, unlike = {} } = how;
  const keys = `run: [sim, "{{seed}}"]\nper: seed\nmetrics: { edge: { better: higher } }\nstop-early: { confidence: 0.99 }\nstages: ${rungs}\n${asked}`;
  const plan = planOf(oneGate(keys));
  const task = taskOf(plan, 'a');
  const draw = drawer('normal', 3, 'watch');
  const known = new Map<number, SeedOutcome>();
  for (let seed = 0; seed < PLANNED; seed += 1)
    known.set(seed, unlike[seed] ?? { values: { edge: mean + 10 * draw() } });
  const order = makeOrder({
    plan,
    task,
    ref: { task: 'a', rung: PLANNED, attempt: 1 },
    judges: [],
    facts: FACTS,
  });
  if (!order.sims) throw new Error('no simulations');
  const champion: Rival = {
    cycle: 1,
    metric: 'edge',
    better: 'higher',
    minDelta: 0,
    confidence: 0.99,
    values: new Map(Array.from({ length: PLANNED }, (_, seed) => [seed, 100 + (seed % 3)])),
  };
  const rung = new Rung({
    ...order.sims,
    endsAbove: !order.sims.isTop,
    known,
    watch: watchRung({ ...order.sims, confidence: 0.99, rival: rival ? champion : undefined }),
  });
  const sims = rung.evidence();
  const stage = task.stages.find(({ count }) => count === PLANNED);
  const evidence = evidenceOfSims(sims);
  const promotion = stage && earnsPromotion(stage, { evidence, past: PAST, sims });
  return { sims, judged: judge({ task, facts: { sims }, evidence, past: PAST }), promotion };
}

const FACTS = {
  folder: '/work',
  stateDir: '/work/.gate-run',
  node: '/bin/node',
  bin: '/lib/gate-run.js',
  run: 'r1',
  cycle: 1,
  cycleDir: '/work/.gate-run/cycles/000001',
  startedAt: '2026-11-20T12:00:00.000Z',
  metrics: new Map<string, number>(),
  logOf: () => undefined,
};
const TWO = '[{ count: 1000, promote: { edge: "> 110" } }, { count: 2000 }]';

describe('a rung that is decided early', () => {
  test('fails by the threshold that it misses for certain', () => {
    const { sims, judged } = lived('thresholds: { edge: "> 110" }', 100);
    expect(sims).toMatchObject({ planned: 1000, early: { side: 'below', of: 'edge > 110' } });
    expect(sims.done).toBeLessThan(100);
    expect(judged).toMatchObject({ verdict: 'failed', checks: [{ held: false, n: sims.done }] });
  });

  test('passes, pruned, by a promotion that it does not earn', () => {
    const { sims, judged, promotion } = lived('thresholds: { edge: "> 0" }', 100, { rungs: TWO });
    expect(sims.early).toMatchObject({ side: 'below', of: 'edge > 110' });
    expect([judged.verdict, promotion?.earned]).toEqual(['passed', false]);
  });

  test('goes on by one that it earns for certain, and is whole where something else is asked of it', () => {
    const { sims, promotion } = lived('thresholds: { edge: "> 50" }', 120, { rungs: TWO });
    expect(sims.early?.side).toBe('above');
    expect([sims.done < PLANNED, promotion?.earned]).toEqual([true, true]);
    expect(lived('thresholds: { edge.p05: "> 50" }', 120, { rungs: TWO }).sims.done).toBe(PLANNED);
  });

  test('is no better than the champion, and passes', () => {
    const { sims, judged } = lived('', 90, { rival: true });
    expect(sims.early).toMatchObject({ side: 'below', of: 'champion' });
    expect(sims.done).toBeLessThan(200);
    expect(judged.verdict).toBe('passed');
  });

  test('but is held to earlier cycles ends by a requirement that it misses, and by nothing less', () => {
    const best = 'thresholds: { edge: ">= best - 20" }';
    const whole = lived(best, 90, { rival: true });
    expect([whole.sims.done, whole.judged.verdict]).toEqual([PLANNED, 'passed']);
    expect(lived(best, 100, { rungs: TWO }).sims.done).toBe(PLANNED);
    const both = 'thresholds: { edge: { require: ">= best - 20", at-least: 110 } }';
    const missed = lived(both, 100, { rival: true });
    expect([missed.sims.done < PLANNED, missed.judged.verdict]).toEqual([true, 'failed']);
  });

  describe('and would pass is judged by nothing that its prefix does not tell', () => {
    const DISASTER = { unlike: { 900: { values: { edge: -1e6 } } } };
    const ENDS = [
      ['the champion', { rival: true }],
      ['a promotion that is not earned', { rungs: TWO }],
    ] as const;
    const WHOLE = ['edge.min: "> 0"', 'edge.sd: "< 100"', 'edge.lower: "> 50"', 'sims.n: ">= 1000"'];

    describe.each(ENDS)('where %s would end it', (_, end) => {
      test.each(WHOLE)('%s takes the whole rung', (asked) => {
        const { sims, judged } = lived(`thresholds: { ${asked} }`, 90, { ...DISASTER, ...end });
        expect([sims.done, sims.early]).toEqual([PLANNED, undefined]);
        expect(judged.verdict).toBe(asked.startsWith('sims.n') ? 'passed' : 'failed');
      });

      test('a want on a statistic too', () => {
        const { sims, judged } = lived('thresholds: { edge.min: { want: "> 0" } }', 90, {
          ...DISASTER,
          ...end,
        });
        expect([sims.done, judged.verdict]).toEqual([PLANNED, 'soft-failed']);
      });

      test.each(['require', 'want'])('a %s on the mean that is not decided yet too', (level) => {
        const near = `thresholds: { edge: { ${level}: "> 89.9" } }`;
        expect(lived(near, 90, end).sims.done).toBeGreaterThan(PLANNED - 100);
        const far = lived(`thresholds: { edge: { ${level}: "> 50" } }`, 90, end);
        expect([far.sims.done < PLANNED, far.judged.verdict]).toEqual([true, 'passed']);
      });

      test('failures that are more frequent than they may be keep it from ending', () => {
        const failing: Record<number, SeedOutcome> = {};
        for (let seed = 0; seed < 10; seed += 1) failing[seed] = { failed: 'exit 3' };
        const { sims } = lived('max-failed: 1%', 80, { ...end, unlike: failing });
        expect([sims.done, sims.failed]).toEqual([PLANNED - 10, 10]);
        const { sims: few } = lived('max-failed: 1%', 80, { ...end, unlike: { 3: { failed: 'exit 3' } } });
        expect([few.early?.at, few.failed]).toEqual([100, 1]);
      });
    });

    test('a want that is missed for certain is a soft failure, and ends nothing by itself', () => {
      const want = 'thresholds: { edge: { want: "> 110" } }';
      expect(lived(want, 90).sims.done).toBe(PLANNED);
      const { sims, judged } = lived(want, 90, { rival: true });
      expect([sims.done < PLANNED, judged.verdict]).toEqual([true, 'soft-failed']);
    });
  });
});
