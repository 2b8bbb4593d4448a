// What simulated nights found wrong once, as scenes that stay.

import { expect, test } from 'vitest';
import { playNight } from '../../scripts/simulate/night.ts';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play } from './scene.ts';

const LOOP = plan([phase('check', [gate('work')])], {
  loop: { ...plan([]).loop, mode: 'continuous', sleepMs: 1000 },
  ends: {
    ...NO_EXIT,
    budget: [
      {
        name: 'cycles',
        measure: { kind: 'cycles' },
        operator: '>=',
        value: 3,
        over: undefined,
        text: '>= 3',
      },
    ],
  },
});

test('[G13] a full disk that is met while a stop is under way ends the run with 8, not with 6', async () => {
  const { exit } = await play(LOOP, {
    acts: { work: { afterMs: 'never' } },
    facts: [
      [20, { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false }],
      [40, { type: 'stop.seen', by: 'storage', now: true }],
    ],
  });
  expect(exit).toBe(8);
});

test('[G8] the time that an interrupted cycle took is known to the start after the next one too', async () => {
  const crash = { ...NO_FAULTS, crashOn: 'attempt.ended' };
  const first = await play(LOOP, { faults: crash });
  const second = await play(LOOP, {
    disk: first.disk,
    run: 'run-2',
    faults: { ...NO_FAULTS, crashOn: 'run.ended' },
  });
  const third = await play(LOOP, { disk: first.disk, run: 'run-3' });
  const took = (events: typeof third.events) =>
    events.flatMap((event) => (event.type === 'run.resumed' ? [event.earlierMs] : []));
  const [before] = took(second.events);
  const life = (second.events.at(-1)?.mono ?? 0) - (second.events[0]?.mono ?? 0);
  expect(took(third.events)).toEqual([(before ?? 0) + life]);
});

test('a hook that is under way when a pause is over is waited for, and the model knows it (seed 2297375808)', async () => {
  expect((await playNight(2297375808)).broken).toEqual([]);
});

test('[A8] behind files that could not be noted, or were changed, no phase at the end begins, and no crash makes that forgotten (seeds 45, 119 and 169)', async () => {
  for (const seed of [45, 119, 169]) expect((await playNight(seed)).broken).toEqual([]);
});

test('the values of a rung whose end could not be recorded are nobody’s, and no promise is about them (seed 811380)', async () => {
  expect((await playNight(811380)).broken).toEqual([]);
});

test('[A8] files that were compared behind the last thing that ran are not compared once more for what was skipped (seed 700468)', async () => {
  expect((await playNight(700468)).broken).toEqual([]);
});

test('[A8] a question about protected files that changed behind a turn that passed is opened once, and stays open (seed 123753806520)', async () => {
  expect((await playNight(123753806520)).broken).toEqual([]);
});

test('a stop ends a confirmation at once, also where its gate stands in a phase that is `always` (seed 5552054)', async () => {
  expect((await playNight(5552054)).broken).toEqual([]);
});

test('zeroes that a failed sync left in front of a newline are a torn tail, and none of them was ever written (seed 730123456832)', async () => {
  expect((await playNight(730123456832)).broken).toEqual([]);
});

test('hooks are counted on behind a start that did not go on (seed 199074378850)', async () => {
  expect((await playNight(199074378850)).broken).toEqual([]);
});
