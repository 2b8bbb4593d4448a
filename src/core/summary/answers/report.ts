// What `gate-run report` prints with `--json`.

import { z } from 'zod';
import { baselineRow } from './baseline.ts';
import { count, cycleVerdict, instant, level, ms, outcome, restCause, turn, verdict } from './parts.ts';
import { spread } from './sims.ts';
import { statusAnswer } from './state.ts';

const direction = z.enum(['higher', 'lower']);
const rowsOf = (row: z.ZodType) =>
  z.strictObject({ rows: z.array(row), of: count.describe('how many there are, shown or not') });

const points = z
  .array(
    z.strictObject({
      from: count,
      to: count,
      count: count.describe('values that share this point'),
      mean: z.number(),
      least: z.number(),
      most: z.number(),
      newest: z.number(),
    }),
  )
  .describe('over cycles; above 1,000 values neighbours share a point');
const step = z.strictObject({ cycle: count, value: z.number() });

const spent = z.strictObject({
  sum: z.number(),
  value: z.number().nullable().describe('with what was not told taken to be as much as the rest'),
  basis: z.enum(['actual', 'estimated', 'unknown', 'none']),
  told: count,
  silent: count,
});

const metric = z.strictObject({
  key: z.string(),
  better: direction.nullable(),
  targets: z.array(z.strictObject({ text: z.string(), value: z.number() })),
  points,
  steps: z.array(step).describe('each value of a passing task that was better than all before it'),
  spread: spread.exactOptional().describe('of the simulations behind the last value'),
});

const task = z.strictObject({
  task: z.string(),
  phase: z.string(),
  runs: count,
  notPassed: count,
  totalMs: ms,
  mostMs: ms,
  mostIn: count,
  peakBytes: count.nullable().describe('the most memory that an attempt was seen to hold'),
  peakIn: count.nullable().describe('in which cycle'),
});

const cause = z.strictObject({
  task: z.string(),
  fingerprint: z.string().nullable(),
  verdict,
  outcome: outcome.nullable(),
  turn,
  cycles: count,
  firstCycle: count,
  lastCycle: count,
  reason: z.string(),
  log: z.string().nullable(),
});

const flaky = z.strictObject({
  task: z.string(),
  runs: count,
  late: count,
  mostAttempts: count,
  lastCycle: count,
});

const soft = z.strictObject({
  task: z.string(),
  inARow: count,
  sinceCycle: count,
  sinceAt: z.string(),
  isAtLeast: z.boolean(),
  cycles: count,
  reason: z.string(),
  fingerprint: z.string().nullable(),
  forMs: ms,
});

const label = z.strictObject({
  value: z.string(),
  cycles: count,
  passed: count,
  lastCycle: count,
  best: step.nullable(),
});

const scope = z.strictObject({
  kind: z.enum(['run', 'range']),
  runs: count,
  cycles: count,
  firstCycle: count.nullable(),
  lastCycle: count.nullable(),
  from: instant.nullable(),
  to: instant.nullable(),
  isCut: z.boolean().describe('there are older cycles that were not looked at'),
});

const time = z.strictObject({
  workMs: ms,
  waitMs: ms,
  waits: z.array(z.strictObject({ cause: restCause, rests: count, ms })),
  resumed: count,
  cutOff: count,
  sleptMs: ms,
});

const question = z.strictObject({
  fingerprint: z.string(),
  task: z.string(),
  text: z.string(),
  openedAt: instant,
  seen: count,
  lastAt: instant,
  lastCycle: count,
});

export const reportAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: z.literal(1),
    name: z.string().nullable(),
    goal: z.string().nullable(),
    at: instant,
    status: statusAnswer,
    reason: z
      .enum([
        'finished',
        'target',
        'budget',
        'gave-up',
        'stopped',
        'start-failed',
        'integrity',
        'interrupted',
        'storage-failed',
      ])
      .nullable(),
    scope,
    verdicts: z.record(cycleVerdict, count),
    time,
    durations: points,
    waits: points,
    failureRate: z.array(z.strictObject({ from: count, cycle: count, rate: z.number(), over: count })),
    metrics: z.array(metric),
    moreMetrics: count,
    tasks: rowsOf(task),
    causes: rowsOf(cause),
    questions: rowsOf(question),
    closedQuestions: count,
    flaky: rowsOf(flaky),
    soft: rowsOf(soft),
    baseline: rowsOf(baselineRow),
    spent: z.strictObject({ tokens: spent, cost: spent }),
    labels: z.array(z.strictObject({ label: z.string(), rows: rowsOf(label) })),
    candidates: z
      .strictObject({
        measured: count.describe('to the end: on the top rung of a ladder'),
        crowned: count,
        notKept: count.describe('better, and their files could not be kept'),
        close: count.describe('ahead of the champion on average, and not beyond doubt'),
        pruned: count.describe('ended on a lower rung'),
      })
      .nullable()
      .describe('null: the loop has no `objective`'),
    marks: z.array(
      z.strictObject({ mark: z.string(), at: instant, cycle: count, level, because: z.array(z.string()) }),
    ),
    notes: z.array(z.strictObject({ at: instant, what: z.string() })),
    moreNotes: count,
    next: z.array(z.strictObject({ what: z.string(), command: z.string().nullable() })),
    files: z
      .strictObject({ markdown: z.string(), html: z.string() })
      .nullable()
      .describe('null: none was written'),
  })
  .describe('What `gate-run report --json` prints');
