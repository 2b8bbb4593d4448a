// `loop`, `exit`, `marks` and `state.keep` of a plan as a person would write them, by the key they are written under.

import { formatDuration, formatSize } from '../config/quantity.ts';
import type { KeepPlan, LoopPlan, Plan } from './plan.ts';
import type { Condition, ExitPlan, MarkPlan } from './ends-plan.ts';

/** `key` without its first part; undefined for a key that has nothing to show. */
export function loopSetting(plan: Plan, key: string): string | undefined {
  const [home = '', ...rest] = key.split('.');
  const part = rest.join('.');
  const { loop } = plan;
  switch (home) {
    case 'timeout':
      return formatDuration(plan.cycleTimeoutMs);
    case 'stop-within':
      return formatDuration(plan.stopWithinMs);
    case 'sleep':
      return loop.cron ? undefined : formatDuration(loop.sleepMs);
    case 'cron':
      return loop.cron?.expression;
    case 'timezone':
      return loop.cron?.timezone;
    case 'rest':
      return restText(loop, part);
    case 'backoff':
      return backoffText(loop, part);
    case 'stop-file':
      return loop.stopFile;
    case 'overlap':
      return loop.overlap;
    default:
      return undefined;
  }
}

/** `key` without `exit`: `target.edge`. */
export function exitSetting({ ends }: Plan, key: string): string | undefined {
  const [home = '', ...rest] = key.split('.');
  const name = rest.join('.');
  if (key === 'give-up.half-open') return halfOpenText(ends);
  if (key === 'when') return ends.when?.text ?? 'never';
  const held = conditionsOf(ends, home)?.find((condition) => condition.name === name);
  // What a target does not have, a flag may have replaced under another name.
  if (held === undefined) return home === 'target' ? undefined : 'never';
  return held.text;
}

export function markSetting({ marks }: Plan, id: string): string | undefined {
  const mark = marks.find((one) => one.id === id);
  return mark && markText(mark);
}

export function keepSetting({ cycles, ageMs, sizeBytes }: KeepPlan, key: string): string | undefined {
  if (key === 'cycles') return String(cycles);
  if (key === 'age') return formatDuration(ageMs);
  if (key !== 'size') return undefined;
  return sizeBytes === 'never' ? sizeBytes : formatSize(sizeBytes);
}

export function archiveSetting({ archive }: Plan, key: string): string | undefined {
  if (key === 'to') return archive?.to;
  return archive && key === 'after' ? formatDuration(archive.afterMs) : undefined;
}

/** The keys of a loop that are told whether anybody wrote them or not. */
export function effectiveKeys({ loop, ends }: Plan): readonly string[] {
  if (loop.mode === 'once') return [];
  const homes = ['target', 'budget', 'give-up'] as const;
  return [
    ...(loop.cron ? ['loop.cron', 'loop.timezone'] : ['loop.sleep']),
    'loop.stop-file',
    'loop.overlap',
    ...homes.flatMap((home) => (conditionsOf(ends, home) ?? []).map(({ name }) => `exit.${home}.${name}`)),
    ...(ends.when ? ['exit.when'] : []),
  ];
}

function conditionsOf({ target, budget, giveUp }: ExitPlan, home: string): readonly Condition[] | undefined {
  return new Map([
    ['target', target],
    ['budget', budget],
    ['give-up', giveUp],
  ]).get(home);
}

function halfOpenText({ halfOpen }: ExitPlan): string {
  return halfOpen ? `after ${formatDuration(halfOpen.afterMs)}, ${halfOpen.times} times` : 'never';
}

function restText({ rest }: LoopPlan, key: string): string | undefined {
  const rule = Object.hasOwn(rest, key) ? rest[key] : undefined;
  return typeof rule === 'number' ? formatDuration(rule) : rule;
}

function backoffText({ backoff }: LoopPlan, key: string): string | undefined {
  const texts = new Map([
    ['from', formatDuration(backoff.fromMs)],
    ['factor', String(backoff.factor)],
    ['max', formatDuration(backoff.maxMs)],
    ['jitter', String(backoff.jitter)],
  ]);
  return texts.get(key);
}

function markText({ level, all, any }: MarkPlan): string {
  const texts = [
    { word: 'all of', conditions: all },
    { word: 'any of', conditions: any },
  ].flatMap(({ word, conditions }) =>
    conditions.length === 0
      ? []
      : [`${word} ${conditions.map((one) => `${one.name} ${one.text}`).join(', ')}`],
  );
  return `${level}: ${texts.join('; ')}`;
}
