// `objective` and `champion` of a plan as a person would write them, by the key they are written under.

import type { Plan } from './plan.ts';

export function objectiveSetting({ objective }: Plan, key: string): string | undefined {
  if (!objective) return undefined;
  const { metric, minDelta, better, count } = objective;
  if (key === 'min-delta') return String(minDelta);
  return `${metric}, ${better} is better${count === undefined ? '' : `, at count ${count}`}`;
}

export function championSetting({ champion }: Plan, key: string): string | undefined {
  if (key !== 'keep') return undefined;
  return champion?.keep
    .map(({ from, path }) => (from === 'cycle' ? `{{cycle.dir}}/${path}` : path))
    .join(', ');
}
