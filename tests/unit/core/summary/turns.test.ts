// Which turns a report keeps: few, whatever the length of the run.

import { expect, test } from 'vitest';
import { keptTurns } from '../../../../src/core/summary/turns.ts';
import type { CycleEnded } from '../../../../src/core/loop/event.ts';
import { aPlan, Script } from '../../views/rig.ts';

test('a loop of many cycles keeps the phases at its start and its last cycle only', () => {
  const script = new Script(aPlan({ tests: ['unit'] }));
  script.start().cycle(1, 'start').endCycle('passed');
  for (let cycle = 1; cycle <= 20; cycle += 1) script.cycle(cycle).pass('unit').endCycle('passed');
  let kept: readonly CycleEnded[] = [];
  for (const event of script.events) kept = keptTurns(kept, event);
  expect(kept.map((turn) => `${turn.turn} ${turn.cycle}`)).toEqual(['start 1', 'cycle 20']);
});
