import { expect, test } from 'vitest';
import { extractMetric } from '../../../src/core/judge/extract.ts';
import { readRetryAt } from '../../../src/core/judge/retry-at.ts';
import { resetTime } from '../../../src/core/loop/meanings.ts';
import type { MetricPlan } from '../../../src/core/plan/plan.ts';
import { evidence, judge } from './parts.ts';

const AT = Date.UTC(2026, 10, 21, 10) / 1000;
const ENDED = '2026-11-21T08:00:00.000Z';
const RETRY_AT: MetricPlan = {
  name: 'retry-at',
  source: { reader: 'regex', pattern: 'resets (?<value>\\S+)', in: { stream: 'output' } },
  better: undefined,
  bounds: undefined,
  unit: undefined,
};

test.each([
  ['90', 90],
  [String(AT), AT],
  ['1.5', 1.5],
  ['90s', 90],
  ['1h30m', 5400],
  ['250ms', 0.25],
  ['2026-11-21T10:00:00Z', AT],
  ['2026-11-21T10:00Z', AT],
  ['2026-11-21 10:00:00Z', AT],
  ['2026-11-21T12:00:00+02:00', AT],
  ['2026-11-21T05:00:00-0500', AT],
  ['2026-11-21T10:00:00.500Z', AT + 0.5],
])('[A1] `%s` says when a limit resets', (text, value) => {
  expect(readRetryAt(text, 'the output')).toEqual({ value });
});

test.each([
  ['2026-11-21T10:00:00', 'unreadable'],
  ['10am', 'unreadable'],
  ['2026-13-41T10:00:00Z', 'unreadable'],
  ['soon', 'unreadable'],
  ['never', 'unreadable'],
  ['NaN', 'not-finite'],
  ['', 'missing'],
])('[A1] `%s` does not say when, and is no zero', (text, unread) => {
  expect(readRetryAt(text, 'the output')).toMatchObject({ unread });
});

test('[A1] an instant in the output becomes the instant of the reset, and a duration counts from the end', () => {
  const resets = (text: string) => resetTime(extractMetric(RETRY_AT, text), ENDED);
  expect(resets('limit hit, resets 2026-11-21T10:00:00Z')).toBe('2026-11-21T10:00:00.000Z');
  expect(resets('limit hit, resets \u001B[1m2h\u001B[0m')).toBe('2026-11-21T10:00:00.000Z');
  expect(resets(`limit hit, resets ${AT}`)).toBe('2026-11-21T10:00:00.000Z');
  expect(resets('limit hit, resets whenever')).toBeUndefined();
});

test('[A1] only `retry-at` is a time: elsewhere an instant is no number', () => {
  const metric = { ...RETRY_AT, name: 'edge' };
  expect(extractMetric(metric, 'resets 90s')).toMatchObject({ unread: 'unreadable' });
});

test('[A1] a JSON value may be a text or a number', () => {
  const metric: MetricPlan = { ...RETRY_AT, source: { reader: 'json', at: '/t', in: { file: 'f' } } };
  expect(extractMetric(metric, '{"t":"1h30m"}')).toEqual({ value: 5400 });
  expect(extractMetric(metric, `{"t":${AT}}`)).toEqual({ value: AT });
});

test('[A1] a task that met no limit says nothing of one, and is not broken for it', () => {
  const reading = extractMetric(RETRY_AT, 'all is well');
  const judged = judge({ task: { metrics: [RETRY_AT] }, evidence: evidence({ 'retry-at': reading }) });
  expect(judged).toMatchObject({ verdict: 'passed', reasons: [], metrics: {} });
});
