import { describe, expect, test } from 'vitest';
import { nextFireOf, ownTimezone, scheduleProblem } from '../../../src/system/schedule.ts';

const BERLIN = 'Europe/Berlin';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Firings in a row, as UTC, each asked for from the one before. */
function firings(expression: string, from: string, count: number): readonly string[] {
  const next = nextFireOf(expression, BERLIN);
  const found: string[] = [];
  let at = Date.parse(from);
  for (let one = 0; one < count; one += 1) {
    at = next(at);
    found.push(new Date(at).toISOString().slice(8, 16));
  }
  return found;
}

describe('[B18] the night in which Berlin puts its clocks forward, 02:00 to 03:00', () => {
  const evening = '2026-03-29T00:00:00Z';

  test.each([
    [
      'every half hour, no tick is missed and none comes twice',
      '*/30 * * * *',
      ['29T00:30', '29T01:00', '29T01:30'],
    ],
    [
      'what is due in the hour that is not there fires once, at its end',
      '30 2 * * *',
      ['29T01:00', '30T00:30'],
    ],
    ['two ticks in that hour are one', '0,30 2 * * *', ['29T01:00', '30T00:00', '30T00:30']],
    ['what is due at its end fires once', '0 3 * * *', ['29T01:00', '30T01:00']],
    ['an hourly tick is not made up for', '15 * * * *', ['29T00:15', '29T01:15', '29T02:15']],
  ])('%s', (_, expression, expected) => {
    expect(firings(expression, evening, expected.length)).toEqual(expected);
  });
});

describe('[B18] the night in which Berlin puts its clocks back, 03:00 to 02:00', () => {
  const evening = '2026-10-24T23:50:00Z';

  test.each([
    [
      'every half hour goes on through both passes',
      '*/30 * * * *',
      ['25T00:00', '25T00:30', '25T01:00', '25T01:30', '25T02:00'],
    ],
    ['what is due in the doubled hour fires in the first pass alone', '30 2 * * *', ['25T00:30', '26T01:30']],
    ['what is due after it fires once', '0 3 * * *', ['25T02:00', '26T02:00']],
    ['an hourly tick fires in both passes', '15 * * * *', ['25T00:15', '25T01:15', '25T02:15']],
    [
      'some hours fire in the first pass alone',
      '*/30 1-3 * * *',
      ['25T00:00', '25T00:30', '25T02:00', '25T02:30', '26T00:00'],
    ],
  ])('%s', (_, expression, expected) => {
    expect(firings(expression, evening, expected.length)).toEqual(expected);
  });
});

test('[B18] asked at any moment around a change, the answer lies ahead and never moves back', () => {
  for (const expression of ['*/30 * * * *', '30 2 * * *', '0 3 * * *', '15 * * * *', '*/7 1-3 * * *']) {
    const next = nextFireOf(expression, BERLIN);
    for (const day of ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z']) {
      let before = 0;
      for (let at = Date.parse(day) - 3 * HOUR; at < Date.parse(day) + 3 * HOUR; at += 61_234) {
        const due = next(at);
        expect(due).toBeGreaterThan(at);
        expect(due).toBeGreaterThanOrEqual(before);
        before = due;
      }
    }
  }
});

test('[B18] after a long sleep of the machine only the next tick is due, never those that were missed', () => {
  const next = nextFireOf('*/30 * * * *', BERLIN);
  const woken = Date.parse('2026-07-03T09:01:00Z');
  expect(next(woken)).toBe(Date.parse('2026-07-03T09:30:00Z'));
  expect(next(Date.parse('2026-07-03T09:30:00Z'))).toBe(Date.parse('2026-07-03T10:00:00Z'));
});

test('a zone that moves by half an hour, one that never moves, and a calendar with seconds', () => {
  const fires = (expression: string, zone: string, from: string) =>
    new Date(nextFireOf(expression, zone)(Date.parse(from))).toISOString();
  expect(fires('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T14:00:00Z')).toBe('2026-10-03T15:30:00.000Z');
  expect(fires('0 0 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z')).toBe('2026-01-01T18:30:00.000Z');
  expect(fires('*/10 * * * * *', 'UTC', '2026-01-01T00:00:00.500Z')).toBe('2026-01-01T00:00:10.000Z');
});

test('a calendar is known for any year, so that a simulated clock may stand anywhere', () => {
  const next = nextFireOf('0 0 * * mon', 'UTC');
  expect(new Date(next(Date.UTC(2103, 5, 1))).toISOString()).toBe('2103-06-04T00:00:00.000Z');
  expect(new Date(next(Date.UTC(1980, 0, 1))).toISOString()).toBe('1980-01-07T00:00:00.000Z');
});

test.each([
  ['0 0 31 2 *', 'UTC', 'cron', '`0 0 31 2 *` never fires'],
  ['0 0 31 4,6 *', 'UTC', 'cron', '`0 0 31 4,6 *` never fires'],
  ['* * * *', 'UTC', 'cron', '`* * * *` is no calendar: too few fields'],
  ['61 * * * *', 'UTC', 'cron', '`61 * * * *` is no calendar: field value (61) is out of range'],
  ['*/0 * * * *', 'UTC', 'cron', '`*/0 * * * *` is no calendar: field (minute) has a step of zero'],
  ['10m', 'UTC', 'cron', '`10m` is no calendar: unknown alias: m'],
  [
    '* * * * *',
    'Europe/Berln',
    'timezone',
    'unknown time zone `Europe/Berln` — did you mean `Europe/Berlin`?',
  ],
  ['* * * * *', '', 'timezone', 'unknown time zone ``'],
])('[A10] `%s` in `%s` is a problem', (expression, zone, key, message) => {
  expect(scheduleProblem(expression, zone)).toMatchObject({ key, message });
});

test.each(['0 0 29 2 *', '@daily', '*/30 * * * *', '0 9 * * mon-fri', '0 0 31 * *', '5 4 1,15 * 3'])(
  '`%s` fires',
  (expression) => {
    expect(scheduleProblem(expression, BERLIN)).toBeUndefined();
  },
);

test("the machine's own zone is one", () => {
  expect(scheduleProblem('* * * * *', ownTimezone())).toBeUndefined();
});
