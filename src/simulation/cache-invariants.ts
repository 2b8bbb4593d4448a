// What an answer of the cache must be: what an attempt of that very task left under that very key, and judged in its place.

import type { KeptEnd, TaskRestored } from '../core/cache/event.ts';
import type { AttemptEnded, TaskJudged } from '../core/cycle/event.ts';
import type { Recorded } from '../core/loop/event.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';

export function answersAreGenuine(plan: Plan, events: readonly Recorded[]): string[] {
  const witness = new AnswerWitness(plan);
  for (const event of events) witness.see(event);
  return witness.broken;
}

interface Real {
  readonly ended: AttemptEnded;
  readonly verdict: string;
}

class AnswerWitness {
  readonly broken: string[] = [];
  readonly #tasks: ReadonlyMap<string, TaskPlan>;
  /** By task, in the turn under way: the key that it was sought under, its first attempt, and what may be the answer it was given. */
  readonly #keys = new Map<string, string>();
  readonly #first = new Map<string, AttemptEnded>();
  readonly #given = new Map<string, readonly Real[]>();
  /** By key, everything that was ever left. */
  readonly #real = new Map<string, Real[]>();

  constructor(plan: Plan) {
    this.#tasks = new Map(plan.phases.flatMap(({ tasks }) => tasks.map((task) => [task.id, task] as const)));
  }

  see(event: Recorded): void {
    if (event.type === 'cycle.started') for (const map of [this.#keys, this.#first, this.#given]) map.clear();
    if (event.type === 'task.missed' && event.key !== undefined) this.#keys.set(event.task, event.key);
    if (event.type === 'task.restored') this.#restored(event);
    if (event.type === 'attempt.started' || event.type === 'task.locking') this.#given.delete(event.task);
    if (event.type === 'attempt.ended' && !this.#first.has(event.task)) this.#first.set(event.task, event);
    if (event.type === 'task.judged' && this.#tasks.get(event.task)?.judges === undefined)
      this.#judged(event);
  }

  #restored(event: Recorded<TaskRestored>): void {
    const { task, key } = event;
    this.#keys.set(task, key);
    const left = (this.#real.get(key) ?? []).filter(({ ended }) => shown(ended) === shown(event.ended));
    this.#given.set(task, left);
    if (left.length === 0) this.broken.push(`${task} was answered with what nobody left (seq ${event.seq})`);
  }

  #judged(event: Recorded<TaskJudged>): void {
    const { task, verdict, cached, seq } = event;
    const [key, ended] = [this.#keys.get(task), this.#first.get(task)];
    const isGiven = this.#given.has(task);
    if (isGiven !== (cached !== undefined))
      this.broken.push(`${task} was ${isGiven ? '' : 'not '}answered, and is marked otherwise (seq ${seq})`);
    if (!cached) {
      if (key !== undefined && ended)
        this.#real.set(key, [...(this.#real.get(key) ?? []), { ended, verdict }]);
      return;
    }
    const plan = this.#tasks.get(task);
    if (verdict === 'broken' || event.outcome !== 'exited')
      this.broken.push(`${task} was answered with what could not be judged (seq ${seq})`);
    if (verdict !== 'passed' && plan?.cache?.failed !== true)
      this.broken.push(`${task} was answered with a failure (seq ${seq})`);
    // One that was made to stop may have said the same as another one that was not.
    const before = (this.#given.get(task) ?? []).map((left) => left.verdict);
    if (!before.includes(verdict) && !looksBack(plan))
      this.broken.push(`${task} ${verdict} by an answer that ${before[0]} when it was left (seq ${seq})`);
  }
}

/** Attempts that left the same are told apart by how long they took. */
function shown({ end, evidence, bytes, durationMs }: KeptEnd): string {
  return JSON.stringify([end, evidence, bytes, durationMs]);
}

/** Thresholds that compare with earlier cycles may come out otherwise today. */
function looksBack(task: TaskPlan | undefined): boolean {
  return (task?.thresholds ?? []).some(({ require, want }) =>
    [require, want].some((one) => one !== undefined && one.reference !== 'value'),
  );
}
