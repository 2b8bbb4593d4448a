// A scripted cache: inputs change from time to time, answers come late, twice, or not at all, and are held to be genuine. What it
// keeps outlives a start, as a folder does.

import type { KeptEnd } from '../core/cache/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Cache, CacheOrder, Inbox, Keep } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

interface Answer {
  readonly ended: KeptEnd;
  readonly at: string;
  readonly from: string;
}

/** By key. */
export type Answers = Map<string, Answer>;

export interface CacheScene {
  readonly clock: VirtualClock;
  readonly inbox: Inbox;
  readonly dice: Dice;
  readonly answers: Answers;
}

/** Some tasks of a drawn plan may be answered; ladders and judges never. */
export function withCaches(dice: Dice, plan: Plan): Plan {
  const phases = plan.phases.map((phase) => ({
    ...phase,
    tasks: phase.tasks.map((task) => {
      const mayBe = task.command !== undefined && task.stages.length === 0 && dice.chance(0.6);
      if (!mayBe) return task;
      const cache = { inputs: ['src/**'], env: [], versions: [], failed: dice.chance(0.3) };
      return { ...task, cache };
    }),
  }));
  return { ...plan, phases, cache: { dir: '/cache', sizeBytes: 1_000_000 } };
}

export class ScriptedCache implements Cache {
  readonly #scene: CacheScene;
  readonly #keys = new Map<string, string>();
  #inputs = 0;

  constructor(scene: CacheScene) {
    this.#scene = scene;
  }

  seek({ draft: { task } }: CacheOrder): void {
    const { clock, inbox, dice, answers } = this.#scene;
    if (dice.chance(0.2)) this.#inputs = dice.whole(0, 2);
    const key = `${task} ${this.#inputs}`;
    // Pruned, or damaged, or somebody cleaned it.
    if (dice.chance(0.1)) answers.delete(key);
    const found = answers.get(key);
    this.#keys.set(task, key);
    const fact = found
      ? ({
          type: 'task.restored',
          task,
          key,
          keptAt: found.at,
          from: found.from,
          ended: found.ended,
        } as const)
      : ({ type: 'task.missed', task, key, why: ['src changed'] } as const);
    const answer = (): void => {
      inbox.put(fact);
      // The world may report a thing twice.
      if (dice.chance(0.1)) inbox.put(fact);
    };
    const delayMs = dice.chance(0.7) ? 0 : dice.whole(1, 300);
    if (delayMs === 0) answer();
    else clock.in(delayMs, answer);
  }

  keep({ task, ended, at, from }: Keep): void {
    const { dice, answers } = this.#scene;
    const key = this.#keys.get(task);
    if (key !== undefined && dice.chance(0.9)) answers.set(key, { ended, at, from });
  }

  forget(task: string): void {
    this.#keys.delete(task);
  }

  disturbed(): void {}
}
