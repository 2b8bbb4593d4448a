// The words for turns and how they went, the same in the ledger, on screens and in reports.

import { unreachable } from '../unreachable.ts';
import type { CycleVerdict, Turn } from './event.ts';

export const TURNS: readonly Turn[] = ['start', 'confirm', 'cycle', 'end'];

export const CYCLE_VERDICTS: readonly CycleVerdict[] = [
  'passed',
  'failed',
  'broken',
  'integrity',
  'stopped',
  'limited',
  'interrupted',
];

export function turnName(turn: Turn, cycle: number): string {
  switch (turn) {
    case 'start':
      return 'start phases';
    case 'cycle':
      return `cycle ${cycle}`;
    case 'end':
      return 'end phases';
    case 'confirm':
      return 'confirmation';
    default:
      return unreachable(turn);
  }
}

/** What a turn did: `passed`, `is broken`. */
export function verdictWord(verdict: CycleVerdict): string {
  switch (verdict) {
    case 'passed':
    case 'failed':
      return verdict;
    case 'broken':
      return 'is broken';
    case 'integrity':
      return 'changed what is protected';
    case 'stopped':
      return 'was stopped';
    case 'limited':
      return 'met a limit';
    case 'interrupted':
      return 'was interrupted';
    default:
      return unreachable(verdict);
  }
}

/** Of more than one: `9 of 10 cycles failed`. */
export function manyCyclesText({
  cycles,
  failed,
}: {
  readonly cycles: number;
  readonly failed: number;
}): string {
  return failed === 0 ? `all ${cycles} cycles passed` : `${failed} of ${cycles} cycles failed`;
}
