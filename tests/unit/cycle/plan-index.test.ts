import { expect, test } from 'vitest';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import { gate, phase, plan } from '../plan-builder.ts';

const WIDTH = 10;
const LAYERS = 30;
const layer = (at: number) => Array.from({ length: WIDTH }, (_, place) => `g${at}x${place}`);

test('a plan of many layers is looked through at once, however many ways lead through it', () => {
  const layers = Array.from({ length: LAYERS }, (_, at) =>
    layer(at).map((id) => gate(id, { needs: at === 0 ? [] : layer(at - 1) })),
  ).flat();
  const when = { every: undefined, passed: ['g0*'], failed: [], asks: [] };
  const before = gate('before', { needs: ['last'] });
  const { whenIds } = indexPlan(plan([phase('all', [...layers, before, gate('last', { when })])]));
  expect(whenIds.get('last')).toEqual({ passed: layer(0), failed: undefined });
});

test('a glob speaks of no task that itself waits for the one that asks', () => {
  const when = { every: undefined, passed: ['*'], failed: [], asks: [] };
  const tasks = [gate('free'), gate('waits', { needs: ['through'] }), gate('through', { needs: ['asks'] })];
  const { whenIds } = indexPlan(plan([phase('all', [...tasks, gate('asks', { when })])]));
  expect(whenIds.get('asks')?.passed).toEqual(['free']);
});
