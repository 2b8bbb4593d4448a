// What must hold of hooks in a ledger: between turns, one at a time, each with its end, none longer than its limit.

import type { Recorded } from '../core/loop/event.ts';
import type { HookEnded, HookStarted, HookStopping } from '../core/loop/hook-event.ts';
import type { Best, DueEnd, RunModel } from './loop-model.ts';

export type HookEvent = Recorded<HookStarted> | Recorded<HookStopping> | Recorded<HookEnded>;

export class HookWitness {
  /** The end that `on-exit` was told of. */
  told: DueEnd | undefined;
  #nth = 0;
  #running: Recorded<HookStarted> | undefined;
  #isStopping = false;
  readonly #once = new Set<string>();

  get underWay(): string | undefined {
    return this.#running?.hook;
  }

  begins(): void {
    this.#nth = 0;
    this.carriedOn();
    this.#once.clear();
  }

  /** What was under way is gone with its life, and the next one tells its own end. */
  carriedOn(): void {
    this.#running = undefined;
    this.told = undefined;
    for (const key of this.#once) if (/^(?:before-cycle|on-exit) /.test(key)) this.#once.delete(key);
  }

  see(event: HookEvent, run: RunModel | undefined, at: { isOpen: boolean; best: Best }): string[] {
    const what = `hook ${event.hook} (seq ${event.seq})`;
    if (!run || at.isOpen) return [`${what} inside a turn, or in no run`];
    if (event.type !== 'hook.started') return this.#goesOn(event, what);
    const broken: string[] = [];
    if (run.isClosing) broken.push(`${what} in a run that is only closed`);
    if (this.#running) broken.push(`${what} beside ${this.#running.hook}`);
    if (event.nth !== this.#nth + 1) broken.push(`${what} is number ${event.nth} behind ${this.#nth}`);
    if (run.stop?.forcedBy !== undefined) broken.push(`${what} after a forced stop`);
    const key = `${event.hook} ${event.cycle} ${event.question ?? ''}`;
    if (this.#once.has(key)) broken.push(`${what} a second time for the same`);
    this.#once.add(key);
    if (event.ending) broken.push(...this.#tells(event, run, at.best));
    this.#nth = event.nth;
    this.#running = event;
    this.#isStopping = false;
    return broken;
  }

  #goesOn(event: Recorded<HookStopping> | Recorded<HookEnded>, what: string): string[] {
    const running = this.#running;
    if (running?.nth !== event.nth) return [`${what} speaks of a hook that is not under way`];
    if (event.type === 'hook.ended') {
      this.#running = undefined;
      return [];
    }
    const isEarly = event.why === 'timeout' && event.mono < running.mono + running.timeoutMs;
    const isTwice = this.#isStopping;
    this.#isStopping = true;
    return [
      ...(isEarly ? [`${what} is over before its time`] : []),
      ...(isTwice ? [`${what} is told to end twice`] : []),
    ];
  }

  #tells({ ending, mono, seq }: Recorded<HookStarted>, run: RunModel, best: Best): string[] {
    const due = run.due(best, mono);
    this.told = due === 'try again' ? undefined : due;
    if (this.told?.reason === ending?.reason && this.told?.rule === ending?.rule) return [];
    return [`on-exit (seq ${seq}) is told ${ending?.reason}, due was ${this.told?.reason}`];
  }
}
