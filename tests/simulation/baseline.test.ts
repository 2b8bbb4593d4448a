// Scenes of gates beside how they stood before the loop: thresholds against a baseline, and failures that are not new.

import { describe, expect, test } from 'vitest';
import { baselineOf, baselinePlan, gatesOf } from '../../src/core/baseline/collect.ts';
import { stateOf } from '../../src/core/baseline/event.ts';
import type { CycleEnded } from '../../src/core/loop/event.ts';
import type { MetricPlan, Plan, TaskPlan, ThresholdPlan } from '../../src/core/plan/plan.ts';
import { parseComparison } from '../../src/core/plan/threshold.ts';
import { baselineAnswer } from '../../src/core/summary/baseline.ts';
import { appendAside } from '../../src/engine/append.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { NO_FAULTS, SimulatedDisk } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play, type Act, type Played } from './scene.ts';

const FAILS: Act = { end: { code: 1 } };
const NEW = { softness: { failOn: 'new' as const } };

function of(...tasks: readonly TaskPlan[]): Plan {
  return plan([phase('check', tasks, { policy: 'keep-going' })]);
}

/** A ledger that holds a baseline of so many runs, each with its own acts. */
async function diskWith(
  of: Plan,
  runs: readonly Readonly<Record<string, Act>>[],
  disk: SimulatedDisk = new SimulatedDisk(new Dice(1)),
): Promise<SimulatedDisk> {
  const ended: CycleEnded[] = [];
  for (const acts of runs) {
    const { cycle } = await play(baselinePlan(of), { acts });
    if (cycle) ended.push(cycle);
  }
  const startedAt = new Date(0).toISOString();
  const event = baselineOf({ plan: of, gates: gatesOf(of), runs: ended, startedAt, durationMs: 1 });
  disk.start(NO_FAULTS);
  disk.makeFolder(of.state.cycles);
  const paths = { history: of.state.history, cycles: of.state.cycles };
  const clock = new VirtualClock(Date.parse('2026-11-29T12:00:00.000Z'));
  const progress = await appendAside({ disk, clock, paths, run: 'start' }, event);
  expect(progress).toHaveProperty('baselines');
  return disk;
}

function metric(name: string, better: MetricPlan['better']): MetricPlan {
  const source = { reader: 'count', pattern: 'x', in: { stream: 'output' } } as const;
  return { name, source, better, bounds: undefined, unit: undefined };
}

function threshold(name: string, text: string, failOnMissing = false): ThresholdPlan {
  return { metric: name, require: parseComparison(text), want: undefined, failOnMissing };
}

function taskIn({ cycle }: Played, id: string) {
  return cycle?.tasks.find((task) => task.id === id);
}

describe('`fail-on: new`', () => {
  const lint = gate('lint', NEW);

  test('[A20] a gate that was red before the loop is told apart, and the same failure of a gate that was green is not', async () => {
    const both = of(lint, gate('tests', NEW));
    const disk = await diskWith(both, [{ lint: FAILS }, { lint: FAILS }]);
    const played = await play(both, { disk, acts: { lint: FAILS, tests: FAILS } });
    expect(taskIn(played, 'lint')).toMatchObject({
      verdict: 'soft-failed',
      mode: 'strict',
      inBaseline: true,
      reasons: ['exit 1', 'red in the baseline of 2026-11-29'],
    });
    expect(taskIn(played, 'tests')).toMatchObject({
      verdict: 'failed',
      reasons: ['exit 1', 'new: green in the baseline of 2026-11-29'],
    });
    expect(played.cycle?.verdict).toBe('failed');
  });

  test('a cycle whose only failures are old ones passes', async () => {
    const disk = await diskWith(of(lint), [{ lint: FAILS }]);
    const played = await play(of(lint), { disk, acts: { lint: FAILS } });
    expect(played.cycle?.verdict).toBe('passed');
    expect(played.exit).toBe(0);
  });

  test('without a baseline every failure is new, and says so', async () => {
    const played = await play(of(lint), { acts: { lint: FAILS } });
    expect(taskIn(played, 'lint')).toMatchObject({
      verdict: 'failed',
      reasons: ['exit 1', 'new: there is no baseline of this gate'],
    });
  });

  test('what cannot be judged is broken, however it stood before', async () => {
    const crash: Act = { end: { signal: 'SIGSEGV' } };
    const disk = await diskWith(of(lint), [{ lint: crash }]);
    expect(taskIn(await play(of(lint), { disk, acts: { lint: crash } }), 'lint')?.verdict).toBe('broken');
  });

  test('a gate that passed since has been repaired: its next failure is new', async () => {
    const disk = await diskWith(of(lint), [{ lint: FAILS }]);
    await play(of(lint), { disk, run: 'one' });
    const played = await play(of(lint), { disk, run: 'two', acts: { lint: FAILS } });
    expect(taskIn(played, 'lint')).toMatchObject({
      verdict: 'failed',
      reasons: ['exit 1', 'new: it passed in cycle 1'],
    });
  });

  test('a flaky gate that passes now and then repairs nothing', async () => {
    const disk = await diskWith(of(lint), [{ lint: FAILS }, {}]);
    await play(of(lint), { disk, run: 'one' });
    const played = await play(of(lint), { disk, run: 'two', acts: { lint: FAILS } });
    expect(taskIn(played, 'lint')?.verdict).toBe('soft-failed');
  });

  test('a number that is worse than in any run of the baseline is new', async () => {
    const counted = gate('lint', {
      ...NEW,
      metrics: [metric('warnings', 'lower')],
      thresholds: [threshold('warnings', '<= 0')],
    });
    const acts = (warnings: number) => ({ lint: { readings: { warnings } } });
    const disk = await diskWith(of(counted), [acts(40), acts(42)]);
    const verdictAt = async (warnings: number, run: string) => {
      const task = taskIn(await play(of(counted), { disk, run, acts: acts(warnings) }), 'lint');
      return [task?.verdict, task?.reasons.at(-1)];
    };
    const known = ['soft-failed', 'red in the baseline of 2026-11-29'];
    expect(await verdictAt(41, 'a')).toEqual(known);
    expect(await verdictAt(42, 'b')).toEqual(known);
    expect(await verdictAt(43, 'c')).toEqual([
      'failed',
      'new: warnings is worse than in the baseline of 2026-11-29',
    ]);
  });

  test.each([
    [3, 'soft-failed'],
    [1, 'soft-failed'],
    [-3, 'soft-failed'],
    [4, 'failed'],
    [-4, 'failed'],
  ])(
    'of `== 0` with 2 and 3 before, %d has %s: it is as far off as it was, or nearer',
    async (now, verdict) => {
      const counted = of(
        gate('lint', { ...NEW, metrics: [metric('off', 'lower')], thresholds: [threshold('off', '== 0')] }),
      );
      const acts = (off: number) => ({ lint: { readings: { off } } });
      const disk = await diskWith(counted, [acts(2), acts(3)]);
      expect(taskIn(await play(counted, { disk, acts: acts(now) }), 'lint')?.verdict).toBe(verdict);
    },
  );

  describe('a gate that fails in another way than before the loop', () => {
    const counted = of(
      gate('lint', {
        ...NEW,
        metrics: [metric('warnings', 'lower')],
        thresholds: [threshold('warnings', '<= 0')],
      }),
    );
    const act = (code: number, warnings?: number) => ({
      lint: { end: { code }, readings: warnings === undefined ? {} : { warnings } },
    });
    const unread: Act = { end: { code: 1 } };

    test.each<[string, Readonly<Record<string, Act>>, Readonly<Record<string, Act>>, string | undefined]>([
      ['by the same code, and no worse', act(1, 40), act(1, 40), undefined],
      ['by its limit alone, where the code said it too', act(1, 40), act(0, 40), undefined],
      ['by a code, where only a limit was missed', act(0, 40), act(1, 40), 'exit 1 is new, it was exit 0'],
      ['by another code', act(1, 40), act(2, 40), 'exit 2 is new, it was exit 1'],
      ['without the number that it counted', act(1, 40), { lint: unread }, 'warnings was read'],
      ['by a number that nobody had read', { lint: unread }, act(1, 500), 'warnings was not read'],
    ])('%s', async (_, before, now, news) => {
      const disk = await diskWith(counted, [before]);
      const task = taskIn(await play(counted, { disk, acts: now }), 'lint');
      expect(task?.verdict).toBe(news === undefined ? 'soft-failed' : 'failed');
      expect(task?.reasons.at(-1)).toContain(news ?? 'red in the baseline');
    });

    test('that ran out of time or crashed is broken, and never excused', async () => {
      const disk = await diskWith(counted, [act(1, 40)]);
      for (const end of [{ signal: 'SIGSEGV' }, { notStarted: 'not-found', detail: 'gone' }] as const) {
        const played = await play(counted, { disk, run: JSON.stringify(end), acts: { lint: { end } } });
        expect(played.cycle?.verdict).toBe('broken');
      }
    });
  });

  test('another command is another gate: its baseline is set aside and said, and holds again with the old one', async () => {
    const disk = await diskWith(of(lint), [{ lint: FAILS }]);
    const changed = of({ ...lint, command: { kind: 'argv', argv: ['other'] } });
    const played = await play(changed, { disk, run: 'one', acts: { lint: FAILS } });
    expect(taskIn(played, 'lint')).toMatchObject({
      verdict: 'failed',
      reasons: ['exit 1', 'new: the gate is another one than in the baseline of 2026-11-29'],
    });
    expect(played.progress && baselineAnswer(changed, played.progress)).toMatchObject({
      gates: [{ id: 'lint', aside: 'the gate has changed since' }],
      missing: ['lint'],
    });
    // A newer baseline of the other definition takes nothing away from the older one.
    await diskWith(changed, [{}], disk);
    const back = await play(of(lint), { disk, run: 'two', acts: { lint: FAILS } });
    expect(taskIn(back, 'lint')?.verdict).toBe('soft-failed');
  });

  test('the newest baseline of a gate holds', async () => {
    const disk = await diskWith(of(lint), [{ lint: FAILS }]);
    await diskWith(of(lint), [{}], disk);
    const played = await play(of(lint), { disk, acts: { lint: FAILS } });
    expect(taskIn(played, 'lint')?.verdict).toBe('failed');
  });
});

describe('thresholds against `baseline`', () => {
  const scored = (text: string, failOnMissing = false) =>
    of(
      gate('sims', {
        metrics: [metric('edge', 'higher')],
        thresholds: [threshold('edge', text, failOnMissing)],
      }),
    );
  const edge = (value: number) => ({ sims: { readings: { edge: value } } });

  test.each([
    ['>= baseline - 0.2', 5, 'passed'],
    ['>= baseline - 0.2', 4.8, 'passed'],
    ['>= baseline - 0.2', 4.79, 'failed'],
    ['>= baseline - 2sd', 3, 'passed'],
    ['>= baseline - 2sd', 2.9, 'failed'],
    ['> baseline', 5, 'failed'],
  ])('%s with 4, 5 and 6 before: %d has %s', async (text, value, verdict) => {
    const disk = await diskWith(scored(text), [edge(4), edge(5), edge(6)]);
    const task = taskIn(await play(scored(text), { disk, acts: edge(value) }), 'sims');
    expect(task?.verdict).toBe(verdict);
    expect(task?.checks[0]).toMatchObject({ first: false, noise: 1 });
  });

  test('without a baseline it holds and is marked first, unless `on-missing: fail`', async () => {
    const first = taskIn(await play(scored('>= baseline'), { acts: edge(1) }), 'sims');
    expect(first).toMatchObject({ verdict: 'passed', checks: [{ first: true, held: true }] });
    const missing = taskIn(await play(scored('>= baseline', true), { acts: edge(1) }), 'sims');
    expect(missing).toMatchObject({ verdict: 'failed', checks: [{ first: true, held: false }] });
  });

  test('one run tells nothing about noise: a limit in sd is then the first', async () => {
    const disk = await diskWith(scored('>= baseline - 2sd'), [edge(5)]);
    const task = taskIn(await play(scored('>= baseline - 2sd'), { disk, acts: edge(1) }), 'sims');
    expect(task?.checks[0]).toMatchObject({ first: true, held: true });
  });

  test('other limits change no value: the baseline of the measured thing goes on to count', async () => {
    const disk = await diskWith(scored('>= baseline - 0.2'), [edge(5)]);
    const task = taskIn(await play(scored('>= baseline - 1'), { disk, acts: edge(4.5) }), 'sims');
    expect(task?.checks[0]).toMatchObject({ first: false, limit: 4, held: true });
  });
});

describe('what is recorded', () => {
  test('values, noise, and how often it was red', async () => {
    const made = of(
      gate('sims', { metrics: [metric('edge', 'higher')] }),
      gate('soft', { mode: 'soft' }),
      gate('needs', { needs: ['gone'] }),
      gate('gone'),
    );
    const crash: Act = { end: { signal: 'SIGSEGV' } };
    const run = (value: number) => ({ sims: { readings: { edge: value } }, soft: FAILS, gone: crash });
    const disk = await diskWith(made, [run(1), run(2), { ...run(6), sims: FAILS }]);
    const { progress } = await play(made, { disk });
    const kept = (id: string) => progress?.baselines.get(id)?.[0];
    expect(kept('sims')).toMatchObject({ runs: ['passed', 'passed', 'failed'], cycle: 0 });
    expect(kept('sims')?.metrics).toEqual({
      edge: { n: 2, mean: 1.5, sd: expect.closeTo(Math.SQRT1_2, 9), min: 1, max: 2 },
    });
    const states = ['sims', 'soft', 'gone', 'needs'].map((id) => {
      const gate = kept(id);
      return gate && stateOf(gate);
    });
    // A broken gate keeps no other from being measured.
    expect(states).toEqual(['flaky', 'red', 'broken', 'green']);
  });
});
