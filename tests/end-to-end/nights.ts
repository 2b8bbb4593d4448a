// What a night left behind, read as a person reads it: the ledger line by line, and `latest.json`. It judges nothing.

import type { Folder } from './rig.ts';

export const HISTORY = '.gate-run/history.jsonl';
const LATEST = '.gate-run/latest.json';

export interface Line {
  readonly type: string;
  readonly run: string;
  readonly tasks?: readonly { readonly id: string; readonly verdict: string }[];
  readonly [field: string]: unknown;
}

/** Of a ledger file; a last line that is being written is left out. */
export function linesOf(folder: Folder, path: string = HISTORY): readonly Line[] {
  if (!folder.has(path)) return [];
  const whole = folder.read(path).split('\n').slice(0, -1);
  return whole.map((text) => {
    const line: Line = JSON.parse(text);
    return line;
  });
}

export function verdictsIn(lines: readonly Line[]): readonly unknown[] {
  return lines.flatMap(({ type, turn, verdict }) =>
    type === 'cycle.ended' && turn === 'cycle' ? [verdict] : [],
  );
}

export function verdicts(folder: Folder): readonly unknown[] {
  return verdictsIn(linesOf(folder));
}

/** How many there have been. */
export function runs(folder: Folder): number {
  return new Set(linesOf(folder).map(({ run }) => run)).size;
}

/** Empty where there is none. */
export function lastOf(folder: Folder, type: string): Readonly<Record<string, unknown>> {
  return linesOf(folder).findLast((line) => line.type === type) ?? {};
}

export function isResumed(folder: Folder): boolean {
  return linesOf(folder).some(({ type }) => type === 'run.resumed');
}

export function latest(folder: Folder): Readonly<Record<string, unknown>> {
  return JSON.parse(folder.read(LATEST));
}

export function isIn(folder: Folder, state: 'resting' | 'waiting'): boolean {
  return folder.has(LATEST) && latest(folder)['state'] === state;
}
