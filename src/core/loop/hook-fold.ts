// What the fold keeps of hooks: which are owed, which one is under way.

import type { Recorded } from './event.ts';
import type { HookStarted, HookStopping } from './hook-event.ts';
import { MOST_OWED, type HooksProgress, type OwedHook } from './hooks.ts';
import type { RunProgress } from './progress.ts';

export function owing(run: RunProgress, more: readonly OwedHook[]): RunProgress {
  if (more.length === 0 || run.isClosing) return run;
  return { ...run, hooks: { ...run.hooks, owed: [...run.hooks.owed, ...more].slice(0, MOST_OWED) } };
}

export function hookStarted(hooks: HooksProgress, event: Recorded<HookStarted>): HooksProgress {
  const { nth, hook, cycle, timeoutMs, mono, ending } = event;
  const isOwn = (one: OwedHook) =>
    one.hook === hook && one.cycle === cycle && one.question === event.question;
  return {
    count: nth,
    owed: hooks.owed.filter((one) => !isOwn(one)),
    running: { nth, hook, startedMono: mono, timeoutMs, stopping: undefined },
    readied: hook === 'before-cycle' ? cycle : hooks.readied,
    told: ending ?? hooks.told,
  };
}

export function hookStopping(hooks: HooksProgress, { why, mono }: Recorded<HookStopping>): HooksProgress {
  const { running } = hooks;
  return running ? { ...hooks, running: { ...running, stopping: { why, mono } } } : hooks;
}

/** What was under way with the life before has ended with it, and is not started again: it may have done its work. */
export function hooksCarriedOn(hooks: HooksProgress, watched: readonly string[]): HooksProgress {
  const owed = hooks.owed.filter(({ hook }) => watched.includes(hook));
  return { ...hooks, owed, running: undefined, readied: undefined, told: undefined };
}
