import { describe, expect, test } from 'vitest';
import type { AttemptEnded } from '../../../src/core/cycle/event.ts';
import type { Outcome, StopCause } from '../../../src/core/judge/evidence.ts';
import { outcomeOf, signalOf } from '../../../src/core/judge/outcome.ts';
import type { ExitRule } from '../../../src/core/plan/plan.ts';
import { ended } from './parts.ts';

type End = AttemptEnded['end'];

const OUTCOMES: Readonly<Record<Outcome, true>> = {
  exited: true,
  'timed-out': true,
  stalled: true,
  killed: true,
  oom: true,
  'heap-limit': true,
  'cpu-limit': true,
  'file-limit': true,
  'not-started': true,
  limited: true,
  cancelled: true,
  interrupted: true,
  'storage-failed': true,
};

const STOPS: readonly (readonly [StopCause | undefined, Outcome | undefined])[] = [
  [undefined, undefined],
  ['timeout', 'timed-out'],
  ['phase-timeout', 'timed-out'],
  ['cycle-timeout', 'timed-out'],
  ['stall', 'stalled'],
  ['stop', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['storage', 'storage-failed'],
];

const LIMITED: readonly ExitRule[] = [{ codes: [75, 137], means: 'limited' }];

interface Row {
  readonly cause: string;
  readonly end: End;
  readonly facts?: Partial<AttemptEnded>;
  readonly exits?: readonly ExitRule[];
  /** Without a stop. */
  readonly outcome: Outcome;
  /** A stop recorded before this end does not change the word. */
  readonly beatsStop?: true;
}

const ROWS: readonly Row[] = [
  { cause: 'exit 0', end: { code: 0 }, outcome: 'exited' },
  { cause: 'exit 1', end: { code: 1 }, outcome: 'exited' },
  { cause: 'exit 255', end: { code: 255 }, outcome: 'exited' },
  { cause: 'exit 126', end: { code: 126 }, outcome: 'not-started' },
  { cause: 'exit 127', end: { code: 127 }, outcome: 'not-started' },
  {
    cause: 'exit 127 that exits names',
    end: { code: 127 },
    exits: [{ codes: [127], means: 'failed' }],
    outcome: 'exited',
  },
  { cause: 'exit 75 that exits calls limited', end: { code: 75 }, exits: LIMITED, outcome: 'limited' },
  { cause: 'exit 137 that exits calls limited', end: { code: 137 }, exits: LIMITED, outcome: 'limited' },
  { cause: 'exit 137', end: { code: 137 }, outcome: 'killed' },
  { cause: 'exit 143', end: { code: 143 }, outcome: 'killed' },
  { cause: 'exit 139', end: { code: 139 }, outcome: 'killed' },
  { cause: 'exit 141, a pipe that was closed', end: { code: 141 }, outcome: 'exited' },
  { cause: 'exit 152', end: { code: 152 }, outcome: 'cpu-limit' },
  { cause: 'exit 153', end: { code: 153 }, outcome: 'file-limit' },
  { cause: 'exit 134', end: { code: 134 }, outcome: 'killed' },
  {
    cause: 'exit 134 with a heap message',
    end: { code: 134 },
    facts: { heapMessage: true },
    outcome: 'heap-limit',
  },
  { cause: 'exit 1 with a heap message', end: { code: 1 }, facts: { heapMessage: true }, outcome: 'exited' },
  { cause: 'SIGKILL', end: { signal: 'SIGKILL' }, outcome: 'killed' },
  { cause: 'SIGTERM', end: { signal: 'SIGTERM' }, outcome: 'killed' },
  { cause: 'SIGSEGV', end: { signal: 'SIGSEGV' }, outcome: 'killed' },
  { cause: 'SIGABRT', end: { signal: 'SIGABRT' }, outcome: 'killed' },
  {
    cause: 'SIGABRT with a heap message',
    end: { signal: 'SIGABRT' },
    facts: { heapMessage: true },
    outcome: 'heap-limit',
  },
  {
    cause: 'SIGTRAP with a heap message',
    end: { signal: 'SIGTRAP' },
    facts: { heapMessage: true },
    outcome: 'heap-limit',
  },
  {
    cause: 'SIGKILL with a heap message',
    end: { signal: 'SIGKILL' },
    facts: { heapMessage: true },
    outcome: 'killed',
  },
  { cause: 'SIGXCPU', end: { signal: 'SIGXCPU' }, outcome: 'cpu-limit' },
  { cause: 'SIGXFSZ', end: { signal: 'SIGXFSZ' }, outcome: 'file-limit' },
  {
    cause: 'SIGKILL and a counted OOM kill',
    end: { signal: 'SIGKILL' },
    facts: { oomKills: 1 },
    outcome: 'oom',
    beatsStop: true,
  },
  {
    cause: 'exit 0 and a counted OOM kill',
    end: { code: 0 },
    facts: { oomKills: 2 },
    outcome: 'oom',
    beatsStop: true,
  },
  { cause: 'exit 137 and no OOM kill', end: { code: 137 }, facts: { oomKills: 0 }, outcome: 'killed' },
  { cause: 'not found', end: { notStarted: 'not-found', detail: 'ruff: not found' }, outcome: 'not-started' },
  { cause: 'no folder', end: { notStarted: 'no-folder', detail: 'x' }, outcome: 'not-started' },
  { cause: 'no resources', end: { notStarted: 'no-resources', detail: 'EAGAIN' }, outcome: 'not-started' },
  { cause: 'storage', end: { storage: 'ENOSPC' }, outcome: 'storage-failed', beatsStop: true },
  { cause: 'a crash of gate-run', end: { interrupted: true }, outcome: 'interrupted', beatsStop: true },
];

describe('the outcome of an attempt', () => {
  const cells = ROWS.flatMap((row) =>
    STOPS.map(([stopping, word]) => ({
      ...row,
      stopping,
      expected: word === undefined || row.beatsStop ? row.outcome : word,
      title: `${row.cause}${stopping === undefined ? '' : ` after ${stopping}`}`,
    })),
  );

  test.each(cells)('[A13] $title is $expected', ({ end, facts, exits = [], stopping, expected }) => {
    expect(outcomeOf(ended(end, facts), stopping, exits)).toBe(expected);
  });

  test('every outcome is some row, and every stop some column', () => {
    const reached = new Set(cells.map((cell) => cell.expected));
    expect([...reached].toSorted()).toEqual(Object.keys(OUTCOMES).toSorted());
  });

  test('the signal is told by the kernel or by a shell', () => {
    expect(signalOf(ended({ signal: 'SIGBUS' }))).toBe('SIGBUS');
    expect(signalOf(ended({ code: 137 }))).toBe('SIGKILL');
    expect(signalOf(ended({ code: 1 }))).toBeUndefined();
    expect(signalOf(ended({ interrupted: true }))).toBeUndefined();
  });
});
