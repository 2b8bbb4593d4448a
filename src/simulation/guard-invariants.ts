// What must hold of protected files in a ledger: compared before anything leans on them, and nothing behind a change.

import type { AttemptStarted, TaskJudged } from '../core/cycle/event.ts';
import type { CycleEnded, RunEnded } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { ProtectEvent } from '../core/protect/event.ts';

export class GuardWitness {
  /** Phases and kinds that ran since the files were compared last: `phase-1 step`. */
  readonly #ran = new Set<string>();
  #isCompared = false;
  #isTampered = false;
  #isAsked = false;
  #isNoted = false;
  #isNoting = false;

  /** What a run noted whose files are in doubt, until somebody accepts them. */
  #against: string | undefined;
  #sum: string | undefined;

  /** A run begins, or is carried on by a plan that somebody accepted. */
  forget(isAccepted: boolean): void {
    if (isAccepted) this.#against = undefined;
    this.#isNoted = false;
    this.#isNoting = false;
  }

  runEnds(reason: RunEnded['reason']): void {
    const isInDoubt = reason === 'integrity' || reason === 'interrupted' || reason === 'storage-failed';
    if (this.#isNoted) this.#against = isInDoubt ? this.#sum : undefined;
  }

  /** Nothing else happens until they are noted. */
  get isNoting(): boolean {
    return this.#isNoting;
  }

  /** Whether all that ran in the turn was compared. */
  isWhole(plan: Plan | undefined): boolean {
    return plan?.protect === undefined || (this.#isCompared && !this.#isAsked && this.#ran.size === 0);
  }

  get isTampered(): boolean {
    return this.#isTampered;
  }

  begins(plan: Plan): string[] {
    this.#ran.clear();
    this.#isCompared = false;
    this.#isTampered = false;
    this.#isAsked = false;
    return plan.protect && !this.#isNoted ? ['a turn began before the protected files were noted'] : [];
  }

  see(event: ProtectEvent): string[] {
    this.#isNoting = event.type === 'protect.noting';
    if (event.type === 'protect.noting') {
      const isRight = event.against === this.#against;
      return isRight ? [] : [`files were noted against ${event.against}, due was ${this.#against}`];
    }
    if (event.type === 'protect.noted') {
      this.#isNoted = event.failed === undefined && event.refused === undefined;
      this.#sum = event.sum;
      return [];
    }
    if (event.type === 'protect.asked') {
      const isTwice = this.#isAsked;
      this.#isAsked = true;
      return isTwice ? ['protected files were asked about twice at once'] : [];
    }
    const wasAsked = this.#isAsked;
    this.#isAsked = false;
    if (event.changed) this.#isTampered = true;
    else {
      this.#isCompared = true;
      this.#ran.clear();
    }
    return wasAsked ? [] : ['an answer about protected files that nobody asked for'];
  }

  starts(plan: Plan | undefined, { task }: AttemptStarted): string[] {
    const kind = kindOf(plan, task);
    if (kind === undefined) return [];
    const broken = this.#leansOn(kind, `${task} started`);
    this.#ran.add(kind);
    return broken;
  }

  judges(plan: Plan | undefined, { task }: TaskJudged): string[] {
    const kind = kindOf(plan, task);
    return kind === undefined ? [] : this.#leansOn(kind, `${task} was judged`);
  }

  ends(plan: Plan | undefined, { verdict, cycle }: CycleEnded): string[] {
    if (this.#isTampered && verdict !== 'integrity')
      return [`cycle ${cycle} ended as ${verdict}, although a protected file had changed`];
    if (!this.#isTampered && verdict === 'integrity')
      return [`cycle ${cycle} ended for integrity, and no protected file had changed`];
    const isOpen = plan?.protect !== undefined && verdict === 'passed' && this.#ran.size > 0;
    return isOpen ? [`cycle ${cycle} passed, and nobody compared the protected files behind it`] : [];
  }

  #leansOn(kind: string, what: string): string[] {
    if (this.#isTampered) return [`${what} after a protected file had changed`];
    if (this.#isAsked) return [`${what} while the protected files were being compared`];
    if (!this.#isCompared) return [`${what} before the protected files were compared`];
    const others = [...this.#ran].filter((one) => one !== kind);
    return others.length === 0 ? [] : [`${what} before what ${others.join()} left was compared`];
  }
}

/** Undefined where nothing is protected. */
function kindOf(plan: Plan | undefined, id: string): string | undefined {
  if (plan?.protect === undefined) return undefined;
  const task = plan.phases.flatMap(({ tasks }) => tasks).find((one) => one.id === id);
  return task && `${task.phase} ${task.kind}`;
}
