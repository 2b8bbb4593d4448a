// `objective` and `champion` of a plan as a person would write them, by the key they are written under.

import type { ConfirmPlan, RobustnessPlan } from './champion-plan.ts';
import type { Plan } from './plan.ts';

export function objectiveSetting({ objective }: Plan, key: string): string | undefined {
  if (!objective) return undefined;
  const { metric, minDelta, better, count } = objective;
  if (key === 'min-delta') return String(minDelta);
  return `${metric}, ${better} is better${count === undefined ? '' : `, at count ${count}`}`;
}

export function championSetting({ champion }: Plan, key: string): string | undefined {
  if (key.startsWith('robustness.')) return robustnessSetting(champion?.robustness, key);
  if (key.startsWith('confirm.')) return confirmSetting(champion?.confirm, key);
  if (key !== 'keep') return undefined;
  return champion?.keep
    .map(({ from, path }) => (from === 'cycle' ? `{{cycle.dir}}/${path}` : path))
    .join(', ');
}

function confirmSetting(confirm: ConfirmPlan | undefined, key: string): string | undefined {
  if (!confirm) return undefined;
  return key.endsWith('.every') ? `${confirm.every} cycles` : String(confirm.seeds);
}

function robustnessSetting(robustness: RobustnessPlan | undefined, key: string): string | undefined {
  if (key.endsWith('.batches')) return robustness && String(robustness.batches);
  return robustness?.bands.map(({ name, below }) => `${name} < ${below}`).join(', ');
}
