import { describe, expect, it } from 'vitest';
import type { TaskSummary } from '../../../src/core/loop/event.ts';
import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import { rungOf } from '../judge/rung.ts';
import { allMeasured, isStatisticKey, pastMeasured, valuesMeasured } from '../../../src/core/loop/values.ts';

const LADDER: TaskSummary = {
  id: 'sims',
  kind: 'gate',
  mode: 'strict',
  phase: 'prove',
  at: '2026-01-01T00:00:00.000Z',
  verdict: 'passed',
  outcome: 'exited',
  rung: 100,
  rungs: { '10': { edge: 3 }, '100': { edge: 4 } },
  attempts: 2,
  durationMs: 1,
  metrics: { edge: 4 },
  labels: {},
  reasons: [],
  checks: [],
};

function rung(planned: number, done: number, failed = 0): SimsEvidence {
  return { planned, done, failed, reused: 0, mayFail: 1, base: 0, metrics: {} };
}

describe('the values that a cycle leaves for later ones', () => {
  it('are those of every rung, and the bare one of the top', () => {
    expect(valuesMeasured(LADDER)).toEqual([
      ['sims.10.edge', 3],
      ['sims.100.edge', 4],
      ['sims.edge', 4],
    ]);
  });

  it('come of whole rungs alone: means of different counts are never compared', () => {
    const sims = { '10': rung(10, 6), '100': rung(100, 99, 1) };
    expect(valuesMeasured({ ...LADDER, sims })).toEqual([
      ['sims.100.edge', 4],
      ['sims.edge', 4],
    ]);
    const cut = { '10': rung(10, 10), '100': rung(100, 37) };
    expect(valuesMeasured({ ...LADDER, sims: cut })).toEqual([['sims.10.edge', 3]]);
  });

  it('become marks for later cycles only where no simulation of the rung failed: else it is another n', () => {
    const sims = { '10': rung(10, 10), '100': rung(100, 99, 1) };
    expect(pastMeasured({ ...LADDER, sims }).filter(([key]) => !isStatisticKey(key))).toEqual([
      ['sims.10.edge', 3],
    ]);
  });

  it('hold the statistics of whole rungs, under names that are shown only to who asks', () => {
    const sims = { '10': rungOf([1, 2, 3], { planned: 10 }), '100': rungOf([2, 4, 6]) };
    const found = new Map(allMeasured({ ...LADDER, sims }));
    expect([...found.keys()].filter((key) => key.startsWith('sims.10.'))).toEqual([]);
    expect(found.get('sims.100.edge.p50')).toBe(4);
    expect(found.get('sims.edge.sd')).toBe(2);
    expect(found.get('sims.sims.n')).toBe(3);
    const shown = valuesMeasured({ ...LADDER, sims }).map(([key]) => key);
    expect([...found.keys()].filter((key) => !isStatisticKey(key))).toEqual(shown);
    expect([...found.keys()].filter(isStatisticKey)).toHaveLength(2 * 12);
    expect(allMeasured({ ...LADDER, sims, verdict: 'broken' })).toEqual([]);
    const pruned = new Map(allMeasured({ ...LADDER, sims, prunedAt: 100 }));
    expect([pruned.has('sims.100.edge.sd'), pruned.has('sims.edge.sd')]).toEqual([true, false]);
  });
});
