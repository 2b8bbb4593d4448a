// What the terminal view costs beside the plain one, over the same thousand gates.

import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { liveView } from '../../../src/views/live.ts';
import { plainView } from '../../../src/views/plain.ts';
import type { TickingView } from '../../../src/views/plain.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { Sink } from '../../../src/ports.ts';
import { aPlan, Screen, Script } from './rig.ts';

/** The least disturbed one counts. */
const ROUNDS = 2;

await import('../../../src/views/terminal.ts');

test('[B17] a thousand gates cost the terminal view a few frames more than the plain one, never the plan', async () => {
  const plan = aPlan({ checks: Array.from({ length: 1000 }, (_, index) => `gate-${index}`) });
  await spent(plan, plainView);
  const extra: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const live = await spent(plan, liveView);
    extra.push(live - (await spent(plan, plainView)));
  }
  // A run of a thousand gates takes two seconds and more; less than a tenth of that is what the terminal may cost.
  expect(Math.min(...extra)).toBeLessThan(150);
});

/** Milliseconds of CPU for a run whose gates end as fast as the views take them, spread over half a second of frames. */
async function spent(plan: Plan, make: typeof plainView | typeof liveView): Promise<number> {
  const screen = new Screen();
  screen.isTerminal = true;
  const script = new Script(plan);
  const began = process.hrtime.bigint();
  const mono = () => Number(process.hrtime.bigint() - began) / 1e6;
  const view: TickingView = script.watch(make(plan, sinkOf(screen), { mono, readTail: () => 'line\n' }));
  const cpu = process.cpuUsage();
  script.start().cycle();
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  for (const [index, task] of tasks.entries()) {
    script.pass(task.id);
    const ahead = index / 2 - mono();
    if (ahead >= 1) await setTimeout(ahead);
  }
  script.endCycle('passed').end(0, 'the cycle passed');
  await view.close(script.progress);
  const { user, system } = process.cpuUsage(cpu);
  expect(screen.lines.filter((line) => line.includes('✓ gate-')).length).toBe(1000);
  return (user + system) / 1000;
}

function sinkOf(screen: Screen): Sink {
  return screen;
}
