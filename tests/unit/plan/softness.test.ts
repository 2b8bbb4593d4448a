import { expect, test } from 'vitest';
import { complaints, gateOf, oneGate, planOf, taskOf } from './planning.ts';

test('a gate with `soft-until` is soft, whether or not `mode` says so', () => {
  const softness = { until: '2026-12-31' };
  expect(gateOf('run: "true"\nsoft-until: 2026-12-31')).toMatchObject({ mode: 'soft', softness });
  expect(gateOf('run: "true"\nmode: soft\nsoft-until: 2026-12-31')).toMatchObject({ mode: 'soft', softness });
  expect(gateOf('run: "true"').softness).toBeUndefined();
});

test('a quarantined gate keeps its mode for the time behind the quarantine', () => {
  expect(gateOf('run: "true"\nquarantine-until: 2026-12-31\non-broken: soft')).toMatchObject({
    mode: 'strict',
    onBroken: 'soft',
    softness: { quarantineUntil: '2026-12-31' },
  });
});

test('a profile that makes the gate strict takes the day away with it', () => {
  const text = `profile: p\nprofiles: { p: { gates: { a: { mode: strict } } } }\n${oneGate('run: "true"\nsoft-until: 2026-12-31')}`;
  expect(taskOf(planOf(text), 'a').mode).toBe('strict');
});

test('a day may come from a flag or a variable, and is checked then', () => {
  const text = `vars: { day: 2026-12-31 }\n${oneGate('run: "true"\nsoft-until: "{{vars.day}}"')}`;
  expect(taskOf(planOf(text), 'a').softness).toEqual({ until: '2026-12-31' });
  const set = (value: string) => ({ flags: { set: [['gates.a.soft-until', value]] as const } });
  expect(gateOf('run: "true"', set('2027-01-01')).softness).toEqual({ until: '2027-01-01' });
  expect(complaints(oneGate('run: "true"'), set('2026-02-30'))).toEqual([
    expect.stringContaining('`2026-02-30` is no day (write it as `2026-12-31`)'),
  ]);
});
