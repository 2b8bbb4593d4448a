// A progress as text, maps and sets spelled out, so that two can be compared.

import type { Progress } from '../../src/core/loop/progress.ts';

export function shown(progress: Progress): string {
  return JSON.stringify(progress, (_, value: unknown) => {
    if (value instanceof Map) return { map: [...value] };
    return value instanceof Set ? { set: [...value] } : value;
  });
}

/** Where two begin to differ. */
export function difference(one: Progress, other: Progress): string {
  const [left, right] = [shown(one), shown(other)];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const from = Math.max(0, at - AROUND);
  return `${left.slice(from, at + AROUND)} instead of ${right.slice(from, at + AROUND)}`;
}

const AROUND = 60;
