// One piece of work after another, each until it is done, without holding everything else up for long.

/** A piece of work stops where others may be heard, or until a promise has come true. */
export type Work<T> = Generator<void | Promise<void>, T>;

/** Facts of running tasks and signals wait no longer than this. */
const LONGEST_HOLD_MS = 20;

export class Lane {
  readonly #waiting: Work<void>[] = [];
  readonly #now: () => number;
  #isBusy = false;
  #idle: (() => void)[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begun at once where nothing else is under way: what is short is over when this returns. */
  add(work: Work<void>): void {
    this.#waiting.push(work);
    if (!this.#isBusy) this.#drive();
  }

  /** Resolves when nothing is left, or after `limitMs`; without it each piece of work has a limit of its own. */
  async idle(limitMs?: number): Promise<void> {
    if (!this.#isBusy) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      if (limitMs !== undefined) timer = setTimeout(resolve, limitMs);
      this.#idle.push(resolve);
    });
    clearTimeout(timer);
  }

  #drive(): void {
    this.#isBusy = true;
    const from = this.#now();
    for (let [work] = this.#waiting; work; [work] = this.#waiting) {
      const { done, value } = work.next();
      if (done === true) this.#waiting.shift();
      else if (value) {
        void value.then(() => this.#drive());
        return;
      } else if (this.#now() - from > LONGEST_HOLD_MS) {
        setImmediate(() => this.#drive());
        return;
      }
    }
    this.#isBusy = false;
    for (const heard of this.#idle.splice(0)) heard();
  }
}

/** To its end at once. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
