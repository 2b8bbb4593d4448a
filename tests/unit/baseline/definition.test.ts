import { expect, test } from 'vitest';
import { baselinePlan } from '../../../src/core/baseline/collect.ts';
import { definitionOf } from '../../../src/core/baseline/definition.ts';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import type { Plan, TaskPlan } from '../../../src/core/plan/plan.ts';
import { parseComparison } from '../../../src/core/plan/threshold.ts';
import { gate, phase, plan } from '../plan-builder.ts';

const THRESHOLDS = [{ metric: 'm', require: parseComparison('>= 1'), want: undefined, failOnMissing: false }];
const CACHE = { inputs: ['a'], env: [], versions: [], failed: false };

function definition(more: Partial<TaskPlan>, made: Partial<Plan> = {}) {
  const whole = plan([phase('check', [gate('g', more), gate('judged')])], made);
  const task = whole.phases[0]?.tasks[0];
  if (!task) throw new Error('no task');
  return definitionOf(indexPlan(whole), task);
}

const PLAIN = definition({});

test.each<[string, Partial<TaskPlan>]>([
  [
    'how strictly it is judged',
    { mode: 'soft', onBroken: 'soft', softness: { until: '2026-12-31', failOn: 'new' } },
  ],
  [
    'when it runs, for how long and how often',
    { timeoutMs: 1, retry: { limit: 2, when: [], delayMs: 0, factor: 1 } },
  ],
  ['what it needs', { needs: ['judged'] }],
  ['whether it is cached', { cache: CACHE }],
])('%s makes no other gate of it', (_, more) => {
  expect(definition(more)).toEqual(PLAIN);
});

test.each<[string, Partial<TaskPlan>]>([
  ['its command', { command: { kind: 'argv', argv: ['other'] } }],
  ['its folder', { cwd: 'other' }],
  ['what it judges', { judges: 'judged' }],
  ['its exit codes', { exits: [{ codes: [3], means: 'passed' }] }],
])('%s makes another gate of it', (_, more) => {
  expect(definition(more).measures).not.toBe(PLAIN.measures);
});

test('its limits are told apart from what it measures', () => {
  const tighter = definition({ thresholds: THRESHOLDS });
  expect(tighter.measures).toBe(PLAIN.measures);
  expect(tighter.limits).not.toBe(PLAIN.limits);
});

test('variables count where the command may see them', () => {
  const seeing = (argv: readonly string[], vars: Plan['vars']) =>
    definition({ command: { kind: 'argv', argv } }, { vars }).measures;
  expect(seeing(['a', '{{vars.x}}'], { x: '1', y: '1' })).toBe(
    seeing(['a', '{{vars.x}}'], { x: '1', y: '2' }),
  );
  expect(seeing(['a', '{{vars.x}}'], { x: '1' })).not.toBe(seeing(['a', '{{vars.x}}'], { x: '2' }));
  const shell = (y: string) => seeing(['sh', '-c', 'echo $GATE_VAR_Y'], { y });
  expect(shell('1')).not.toBe(shell('2'));
});

test('a baseline asks no cache, softens what keeps others from running, and misses no `want`', () => {
  const want = {
    metric: 'm',
    require: parseComparison('>= 1'),
    want: parseComparison('>= 2'),
    failOnMissing: false,
  };
  const made = plan([phase('check', [gate('g', { cache: CACHE, thresholds: [want] })])], { failOn: 'soft' });
  const { phases, failOn } = baselinePlan(made);
  expect(failOn).toBeUndefined();
  expect(phases[0]).toMatchObject({
    policy: 'keep-going',
    tasks: [{ mode: 'soft', onBroken: 'soft', cache: undefined }],
  });
  expect(phases[0]?.tasks[0]?.thresholds).toEqual([{ ...want, want: undefined }]);
});
