import { describe, expect, test } from 'vitest';
import { daysLeft, dayOf, isDay, leftText } from '../../src/core/day.ts';

describe('a day is one of the calendar', () => {
  test.each(['2026-12-31', '2024-02-29', '2000-02-29', '2026-04-30'])('%s', (text) => {
    expect(isDay(text)).toBe(true);
  });
  test.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-1-1',
    '',
  ])('not %s', (text) => {
    expect(isDay(text)).toBe(false);
  });
  test.each(['31.12.2026', 'tomorrow', '2026-12-31T00:00:00Z', ' 2026-12-31'])('not %s', (text) => {
    expect(isDay(text)).toBe(false);
  });
});

test('days are counted to the end of the day, in UTC', () => {
  expect(dayOf('2026-12-31T23:59:59.999Z')).toBe('2026-12-31');
  expect(daysLeft('2026-12-31', '2026-12-31T23:59:59.999Z')).toBe(0);
  expect(daysLeft('2026-12-31', '2026-12-17T00:00:00.000Z')).toBe(14);
  expect(daysLeft('2026-12-31', '2027-01-01T00:00:00.000Z')).toBe(-1);
  expect([0, 1, 5, -1].map(leftText)).toEqual([
    'this is the last day',
    '1 day left',
    '5 days left',
    'over for 1 day',
  ]);
});
