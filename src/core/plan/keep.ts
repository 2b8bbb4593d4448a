// How much of the past stays on disk: `state.keep`. The ledger is never pruned.

import type { Path } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { DEFAULT_KEEP } from './loop.ts';
import type { KeepPlan } from './plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

const MOST_CYCLES = 1_000_000_000;

export function readKeep({ settings, problems, fixed }: Draft): KeepPlan {
  const { cycles, age, size } = settings.top.state?.keep ?? {};
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const bounds = { from: 1, to: MOST_CYCLES, otherwise: DEFAULT_KEEP.cycles };
  return {
    cycles: cycles === 'never' ? cycles : reader.count(cycles, at('cycles'), bounds),
    ageMs: reader.limit(age, at('age'), DEFAULT_KEEP.ageMs),
    sizeBytes: size === 'never' ? size : reader.size(size, at('size'), DEFAULT_KEEP.sizeBytes),
  };
}

function at(key: string): Path {
  return ['state', 'keep', key];
}
