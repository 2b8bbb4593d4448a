// Which findings a report names, so that one that is new is told from one that was there before. Where a line stands is no part of it:
// whoever adds a line above has found nothing. They are sums: what a finding says may be a secret.

import { crc32Text } from '../crc32.ts';

/** With more of them a report has none: they stand in the ledger with every attempt, and nobody mends so many one by one. */
const MOST_FOUND = 500;

/** Sorted; one that is there twice stands there twice. Undefined: there are too many. */
export function identitiesOf(findings: readonly (readonly unknown[])[]): readonly string[] | undefined {
  if (findings.length > MOST_FOUND) return undefined;
  return findings.map((parts) => crc32Text(JSON.stringify(parts)).toString(16).padStart(8, '0')).toSorted();
}

/** How many of `now` are more than there were in `before`. */
export function newAmong(now: readonly string[], before: readonly string[]): number {
  const left = new Map<string, number>();
  for (const one of before) left.set(one, (left.get(one) ?? 0) + 1);
  return now.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  }).length;
}

/** All that was there in any of several runs, each as often as in the one that had it most often. */
export function unionOf(runs: readonly (readonly string[])[]): readonly string[] {
  const most = new Map<string, number>();
  for (const run of runs) {
    const counts = new Map<string, number>();
    for (const one of run) counts.set(one, (counts.get(one) ?? 0) + 1);
    for (const [one, count] of counts) most.set(one, Math.max(count, most.get(one) ?? 0));
  }
  return [...most].flatMap(([one, count]) => Array.from({ length: count }, () => one)).toSorted();
}
