// Locks that other runs have for a while: asked for in order, told of at once, given late, twice, or not at all. And plans whose
// tasks say what they need of a machine.

import type { Plan, TaskPlan } from '../core/plan/plan.ts';
import type { ResourcesPlan } from '../core/plan/resources.ts';
import type { Inbox, Locks, LockWish } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

const LOCKS = ['a', 'b', 'c'] as const;
/** What tasks say that they need goes beyond it now and then. */
export const MEMORY_BYTES = 8;

/** Some tasks of a drawn plan weigh more than one, need memory, or share locks. */
export function withResources(dice: Dice, plan: Plan): Plan {
  const drawn = (task: TaskPlan): TaskPlan =>
    dice.chance(0.6) ? { ...task, resources: resourcesOf(dice) } : task;
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map(drawn) })) };
}

function resourcesOf(dice: Dice): ResourcesPlan {
  return {
    ...(dice.chance(0.7) && { memoryBytes: dice.whole(1, MEMORY_BYTES + 2) }),
    locks: dice.chance(0.5) ? LOCKS.filter(() => dice.chance(0.5)) : [],
    weight: dice.chance(0.5) ? dice.whole(1, 5) : 1,
  };
}

export interface LockScene {
  readonly clock: VirtualClock;
  readonly inbox: Inbox;
  readonly dice: Dice;
  /** Share of locks that somebody else has when they are asked for. */
  readonly share: number;
}

interface Taking {
  readonly wish: LockWish;
  readonly held: string[];
}

export class ScriptedLocks implements Locks {
  readonly #scene: LockScene;
  readonly #takings = new Map<string, Taking>();
  /** Two tasks that had one lock, as sentences. */
  readonly broken: string[] = [];

  constructor(scene: LockScene) {
    this.#scene = scene;
  }

  take(wish: LockWish): void {
    const taking: Taking = { wish, held: [] };
    this.#takings.set(wish.task, taking);
    this.#goOn(taking);
  }

  release(task: string): void {
    this.#takings.delete(task);
  }

  #goOn(taking: Taking): void {
    const { clock, inbox, dice, share } = this.#scene;
    const { task, names } = taking.wish;
    if (this.#takings.get(task) !== taking) return;
    const lock = names[taking.held.length];
    if (lock === undefined) {
      inbox.put({ type: 'task.locked', task });
      // The world may report a thing twice; the engine has to drop it.
      if (dice.chance(0.1)) inbox.put({ type: 'task.locked', task });
      return;
    }
    if (dice.chance(share / 5)) {
      inbox.put({ type: 'task.locked', task, failed: `the lock \`${lock}\` cannot be had` });
      return;
    }
    const isFree = !dice.chance(share);
    if (!isFree) inbox.put({ type: 'task.waiting', task, lock, holder: { run: 'another', pid: 1 } });
    clock.in(isFree ? dice.whole(0, 3) : dice.whole(1, 1500), () => {
      if (this.#takings.get(task) !== taking) return;
      this.#noteRivals(task, lock);
      taking.held.push(lock);
      this.#goOn(taking);
    });
  }

  #noteRivals(task: string, lock: string): void {
    for (const { wish, held } of this.#takings.values())
      if (wish.task !== task && held.includes(lock))
        this.broken.push(`${task} was given the lock ${lock}, which ${wish.task} has`);
  }
}
