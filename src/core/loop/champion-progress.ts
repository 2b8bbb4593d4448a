// What the fold keeps of the best so far, and how its events change that. Whether a cycle is better is decided in crown.ts.

import type { ChampionChosen, ChampionFacts, ChampionKept, ChampionRestored } from './champion-event.ts';
import type { CycleEnded, Recorded } from './event.ts';
import { owing } from './hook-fold.ts';
import type { Progress, RunProgress } from './progress.ts';

export interface ChampionProgress extends ChampionFacts {
  /** When it was crowned, ISO 8601. */
  readonly at: string;
  readonly files: number;
  readonly bytes: number;
  /** Of its record; undefined where nothing is kept. */
  readonly sum: string | undefined;
}

/** A cycle that passed and may be the best so far; what comes next decides. */
export interface Challenger {
  readonly cycle: number;
  /** Of the plan that judged it: no other one crowns it. */
  readonly plan: string;
}

/** The cycle that has just ended, where it may be crowned at all. */
export function challengerIn(
  { cycle, turn, verdict }: CycleEnded,
  run: RunProgress | undefined,
): Challenger | undefined {
  return turn === 'cycle' && verdict === 'passed' && run ? { cycle, plan: run.plan } : undefined;
}

export function kept(progress: Progress, event: Recorded<ChampionKept>): Progress {
  const { crowning } = progress;
  const settled = { ...progress, crowning: undefined, challenger: undefined };
  if (crowning?.cycle !== event.cycle || event.failed !== undefined) return settled;
  const { files, bytes, sum, at } = event;
  const champion = { ...factsOf(crowning), at, files, bytes, sum };
  return { ...settled, champion, run: progress.run && crownedIn(progress.run, event.cycle) };
}

export function restored(progress: Progress, event: Recorded<ChampionRestored>): Progress {
  const { files, bytes, sum, at } = event;
  const { run } = progress;
  const champion = { ...factsOf(event), at, files, bytes, sum };
  return {
    ...progress,
    champion,
    challenger: undefined,
    crowning: undefined,
    run: run && { ...run, crownedAt: run.cycles },
  };
}

function crownedIn(run: RunProgress, cycle: number): RunProgress {
  const crowned = { ...run, accepted: run.accepted + 1, crownedAt: run.cycles };
  return owing(crowned, run.watch.hooks?.includes('on-champion') ? [{ hook: 'on-champion', cycle }] : []);
}

function factsOf(event: Recorded<ChampionChosen | ChampionRestored>): ChampionFacts {
  const { cycle, metric, key, better, value, count, sims, measuredBy, tree, plan, metrics, labels } = event;
  const { incomplete, before } = event;
  return {
    cycle,
    metric,
    key,
    better,
    value,
    ...(count !== undefined && { count }),
    ...(sims && { sims }),
    measuredBy,
    ...(tree !== undefined && { tree }),
    plan,
    metrics,
    ...(incomplete && { incomplete }),
    labels,
    ...(before && { before }),
  };
}
