// `when` of a task and of its phase, joined: decided now as far as the plan can, the rest left to the cycle and the world.

import type { WhenConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { isGlob, matcherOf, unknownWord } from './names.ts';
import type { Environment } from './overrides.ts';
import type { Ask, WhenPlan } from './plan.ts';
import type { Reader } from './reader.ts';

export interface WhenRead {
  readonly when: WhenPlan;
  /** `when env`, `when profile`: the key that already decides against the task. */
  readonly unmet: string | undefined;
}

export interface WhenFacts {
  readonly env: Environment;
  readonly profile: string | undefined;
  readonly profiles: readonly string[];
  readonly tasks: readonly string[];
  readonly since: string | undefined;
}

export const ALWAYS: WhenPlan = { every: undefined, passed: [], failed: [], asks: [] };
export const NO_WHEN: WhenRead = { when: ALWAYS, unmet: undefined };
const MAX_EVERY = 1_000_000;

export function readWhen(
  written: WhenConfig | undefined,
  { reader, facts, path }: { reader: Reader; facts: WhenFacts; path: Path },
): WhenRead {
  if (written === undefined) return NO_WHEN;
  const texts = (key: keyof WhenConfig, held: string | readonly string[] | undefined) =>
    list(held).map(
      (word, at) => reader.text(word, typeof held === 'string' ? [...path, key] : [...path, key, at]) ?? '',
    );
  const ids = (key: 'passed' | 'failed') =>
    texts(key, written[key]).map((word, at) => {
      if (isGlob(word) ? !facts.tasks.some(matcherOf(word)) : !facts.tasks.includes(word)) {
        reader.say([...path, key, at], unknownWord('task', word, facts.tasks));
      }
      return word;
    });
  const profiles = texts('profile', written.profile);
  profiles.forEach((word, at) => {
    if (facts.profiles.includes(word)) return;
    const place = typeof written.profile === 'string' ? [...path, 'profile'] : [...path, 'profile', at];
    reader.say(place, unknownWord('profile', word, facts.profiles));
  });
  const variables = texts('env', written.env);
  let unmet: string | undefined;
  if (variables.some((name) => !facts.env[name])) unmet = 'when env';
  else if (written.profile !== undefined && !profiles.includes(facts.profile ?? '')) unmet = 'when profile';
  const every =
    written.every === undefined
      ? undefined
      : reader.count(written.every, [...path, 'every'], { from: 1, to: MAX_EVERY, otherwise: 1 });
  const asks = asksOf(written, texts, facts.since);
  return { when: { every, passed: ids('passed'), failed: ids('failed'), asks }, unmet };
}

/** All keys of both must hold; "every 2" and "every 3" together are every 6. */
export function joined(phase: WhenRead, task: WhenRead): WhenRead {
  if (phase.when === ALWAYS) return phase.unmet === undefined ? task : { ...task, unmet: phase.unmet };
  const [first, second] = [phase.when, task.when];
  return {
    when: {
      every:
        first.every && second.every
          ? commonMultiple(first.every, second.every)
          : (first.every ?? second.every),
      passed: [...first.passed, ...second.passed],
      failed: [...first.failed, ...second.failed],
      asks: [...first.asks, ...second.asks],
    },
    unmet: phase.unmet ?? task.unmet,
  };
}

function asksOf(
  written: WhenConfig,
  texts: (key: keyof WhenConfig, held: string | readonly string[] | undefined) => readonly string[],
  since: string | undefined,
): readonly Ask[] {
  const asks: Ask[] = [];
  // The cheapest first: what needs no reading of files decides before what does.
  if (written.command !== undefined) asks.push({ key: 'command', names: texts('command', written.command) });
  if (written.exists !== undefined) asks.push({ key: 'exists', paths: texts('exists', written.exists) });
  if (written.changed !== undefined)
    asks.push({ key: 'changed', globs: texts('changed', written.changed), since });
  return asks;
}

function list(held: string | readonly string[] | undefined): readonly string[] {
  return held === undefined ? [] : typeof held === 'string' ? [held] : held;
}

function commonMultiple(first: number, second: number): number {
  let [large, small] = [first, second];
  while (small > 0) [large, small] = [small, large % small];
  return (first / large) * second;
}
