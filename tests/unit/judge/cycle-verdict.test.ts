import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cycleVerdict, type TaskStanding } from '../../../src/core/judge/cycle-verdict.ts';
import type { Verdict } from '../../../src/core/judge/evidence.ts';

const VERDICTS: readonly Verdict[] = ['passed', 'soft-failed', 'failed', 'broken', 'skipped'];

function standing(verdict: Verdict, changes: Partial<TaskStanding> = {}): TaskStanding {
  return { kind: 'gate', mode: 'strict', verdict, excused: false, ...changes };
}

const step = (verdict: Verdict, changes: Partial<TaskStanding> = {}) =>
  standing(verdict, { kind: 'step', ...changes });
const soft = (verdict: Verdict, changes: Partial<TaskStanding> = {}) =>
  standing(verdict, { mode: 'soft', ...changes });
const excused = (kind: 'step' | 'gate', mode: 'strict' | 'soft') =>
  standing('skipped', { kind, mode, excused: true });
const passed = standing('passed');

describe('the verdict of a cycle', () => {
  // One task beside a strict gate that passed: kind, mode, verdict, excused, because → the cycle's verdict.
  test.each([
    ['gate', 'strict', 'passed', false, undefined, 'passed'],
    ['gate', 'strict', 'soft-failed', false, undefined, 'passed'],
    ['gate', 'strict', 'failed', false, undefined, 'failed'],
    ['gate', 'strict', 'broken', false, undefined, 'broken'],
    ['gate', 'strict', 'skipped', true, undefined, 'passed'],
    ['gate', 'strict', 'skipped', false, undefined, 'broken'],
    ['gate', 'strict', 'skipped', false, 'failed', 'failed'],
    ['gate', 'strict', 'skipped', false, 'broken', 'broken'],
    ['gate', 'strict', 'skipped', false, 'passed', 'broken'],
    ['gate', 'soft', 'passed', false, undefined, 'passed'],
    ['gate', 'soft', 'soft-failed', false, undefined, 'passed'],
    ['gate', 'soft', 'broken', false, undefined, 'broken'],
    ['gate', 'soft', 'skipped', true, undefined, 'passed'],
    ['gate', 'soft', 'skipped', false, 'failed', 'passed'],
    ['gate', 'soft', 'skipped', false, undefined, 'passed'],
    ['step', 'strict', 'passed', false, undefined, 'passed'],
    ['step', 'strict', 'failed', false, undefined, 'failed'],
    ['step', 'strict', 'broken', false, undefined, 'broken'],
    ['step', 'strict', 'skipped', true, undefined, 'passed'],
    ['step', 'strict', 'skipped', false, 'failed', 'failed'],
    ['step', 'strict', 'skipped', false, 'broken', 'broken'],
    ['step', 'strict', 'skipped', false, undefined, 'broken'],
  ] as const)(
    'a %s (%s) that is %s, excused %s, behind %s makes it %s',
    (kind, mode, verdict, isExcused, because, expected) => {
      expect(cycleVerdict([passed, { kind, mode, verdict, excused: isExcused, because }])).toBe(expected);
    },
  );

  test('broken is worse than failed, and the order does not matter', () => {
    const tasks = [standing('failed'), standing('broken'), passed];
    expect(cycleVerdict(tasks)).toBe('broken');
    expect(cycleVerdict(tasks.toReversed())).toBe('broken');
  });

  test('[B11] gates of which not one was judged are no pass', () => {
    expect(cycleVerdict([excused('gate', 'strict')])).toBe('broken');
    expect(cycleVerdict([step('passed'), excused('gate', 'strict'), excused('gate', 'soft')])).toBe('broken');
    expect(cycleVerdict([soft('skipped')])).toBe('broken');
  });

  test('[B11] one judged gate is enough, also a soft one that failed', () => {
    expect(cycleVerdict([excused('gate', 'strict'), passed])).toBe('passed');
    expect(cycleVerdict([excused('gate', 'strict'), soft('soft-failed')])).toBe('passed');
  });

  test('without any gate the steps decide', () => {
    expect(cycleVerdict([step('passed')])).toBe('passed');
    expect(cycleVerdict([step('passed'), excused('step', 'strict')])).toBe('passed');
    expect(cycleVerdict([step('broken')])).toBe('broken');
    expect(cycleVerdict([])).toBe('passed');
  });

  test('a limit makes it limited: neither failed nor broken', () => {
    const limited = step('broken', { outcome: 'limited' });
    expect(cycleVerdict([limited, standing('skipped', { because: 'broken', behindLimit: true })])).toBe(
      'limited',
    );
  });

  test('a limit hides nothing that failed beside it, and a soft one limits nothing', () => {
    const limited = step('broken', { outcome: 'limited' });
    expect(cycleVerdict([limited, standing('failed')])).toBe('failed');
    const soft = standing('broken', { mode: 'soft', outcome: 'limited' });
    expect(cycleVerdict([soft, standing('passed')])).toBe('passed');
    expect(cycleVerdict([soft, standing('failed')])).toBe('failed');
  });

  test('[B11] a gate that was broken and softened has judged nothing', () => {
    const softened = standing('soft-failed', { mode: 'soft', wasBroken: true });
    expect(cycleVerdict([softened, standing('skipped', { excused: true })])).toBe('broken');
    expect(cycleVerdict([softened, standing('passed')])).toBe('passed');
  });

  test('around cycles a turn whose gates were all left out is no failure', () => {
    const idle = [standing('skipped', { excused: true })];
    expect(cycleVerdict(idle, { mayBeIdle: true })).toBe('passed');
    expect(cycleVerdict(idle)).toBe('broken');
  });

  test('integrity, an interruption and a stop go before everything else, in this order', () => {
    const tasks = [standing('failed')];
    expect(cycleVerdict(tasks, { integrity: true, interrupted: true, stopped: true })).toBe('integrity');
    expect(cycleVerdict(tasks, { interrupted: true, stopped: true })).toBe('interrupted');
    expect(cycleVerdict(tasks, { stopped: true })).toBe('stopped');
    expect(cycleVerdict(tasks, {})).toBe('failed');
  });

  test('[B11] over any tasks it is green only as the rule says', () => {
    const tasks = fc.array(
      fc.record({
        kind: fc.constantFrom('step', 'gate'),
        mode: fc.constantFrom('strict', 'soft'),
        verdict: fc.constantFrom(...VERDICTS),
        excused: fc.boolean(),
        because: fc.constantFrom(undefined, ...VERDICTS),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(tasks, (all) => {
        const verdict = cycleVerdict(all);
        const strict = all.filter((one) => one.mode === 'strict');
        const gates = all.filter((one) => one.kind === 'gate');
        const isGreen =
          strict.every(
            (one) =>
              one.verdict === 'passed' ||
              one.verdict === 'soft-failed' ||
              (one.verdict === 'skipped' && one.excused),
          ) &&
          all.every((one) => one.verdict !== 'broken') &&
          (gates.length === 0 || gates.some((one) => one.verdict !== 'skipped'));
        expect(verdict === 'passed').toBe(isGreen);
        if (all.some((one) => one.verdict === 'broken')) expect(verdict).toBe('broken');
      }),
      { numRuns: 5000 },
    );
  });
});
