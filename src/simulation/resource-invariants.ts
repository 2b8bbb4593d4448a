// What tasks may share: never more places than there are, never more memory unless alone, never one lock between two.

import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';

export function sharedWithoutHarm(plan: Plan, events: readonly Recorded[]): string[] {
  const sharing = new Sharing(plan);
  for (const event of events) sharing.see(event);
  return sharing.broken;
}

class Sharing {
  readonly broken: string[] = [];
  readonly #plan: Plan;
  readonly #tasks: ReadonlyMap<string, TaskPlan>;
  readonly #running = new Set<string>();
  /** By task that has its locks. */
  readonly #locked = new Map<string, readonly string[]>();
  #memory: number | undefined;
  #outOfMemory = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#tasks = new Map(plan.phases.flatMap(({ tasks }) => tasks.map((task) => [task.id, task] as const)));
  }

  see(event: Recorded): void {
    if (event.type === 'run.started') this.#outOfMemory = 0;
    if (event.type === 'run.started' || event.type === 'run.resumed')
      this.#memory = event.machine?.memoryBytes;
    if (event.type === 'cycle.ended' && event.turn === 'cycle')
      this.#outOfMemory = oomRow(this.#outOfMemory, event);
    if (event.type === 'cycle.started') this.#locked.clear();
    if (event.type === 'task.locked' && event.failed === undefined)
      this.#locked.set(event.task, this.#tasks.get(event.task)?.resources?.locks ?? []);
    if (event.type === 'task.judged' || event.type === 'task.skipped') this.#locked.delete(event.task);
    if (event.type === 'attempt.ended') this.#running.delete(event.task);
    if (event.type !== 'attempt.started') return;
    this.#running.add(event.task);
    this.#holdPlaces(event.task);
    this.#holdMemory();
    this.#holdLocks(event.task);
  }

  #holdPlaces(started: string): void {
    let jobs = this.#plan.jobs;
    for (let row = this.#outOfMemory; row > 1; row -= 1) jobs = Math.max(1, Math.floor(jobs / 2));
    const phase = this.#plan.phases.find(({ tasks }) => tasks.some(({ id }) => id === started));
    const most = Math.min(jobs, phase?.jobs ?? 0);
    const taken = this.#sum(({ resources }) => resources?.weight ?? 1);
    if (this.#running.size > 1 && taken > most)
      this.broken.push(`${taken} places were taken at once of ${most}`);
  }

  #holdMemory(): void {
    const needed = this.#sum(({ resources }) => resources?.memoryBytes ?? 0);
    if (this.#running.size > 1 && needed > (this.#memory ?? Infinity))
      this.broken.push(`tasks were started that need ${needed} of ${this.#memory} bytes of memory`);
  }

  #holdLocks(started: string): void {
    const own = this.#tasks.get(started)?.resources?.locks ?? [];
    if (own.length > 0 && !this.#locked.has(started)) this.broken.push(`${started} began without its locks`);
    for (const [other, locks] of this.#locked) {
      const shared = other === started ? undefined : locks.find((lock) => own.includes(lock));
      if (shared !== undefined) this.broken.push(`${started} and ${other} had the lock ${shared} at once`);
    }
  }

  #sum(of: (task: TaskPlan) => number): number {
    let sum = 0;
    for (const id of this.#running) {
      const task = this.#tasks.get(id);
      sum += task ? of(task) : 1;
    }
    return sum;
  }
}

/** Cycles in a row in which the kernel killed for want of memory: from the second on fewer tasks run at once. */
function oomRow(before: number, { verdict, tasks }: CycleEnded): number {
  if (verdict === 'passed' || verdict === 'failed') return 0;
  if (verdict !== 'broken') return before;
  return tasks.some(({ outcome }) => outcome === 'oom') ? before + 1 : 0;
}
