// The output of one running task at a time, as it comes; what ends meanwhile waits and is shown whole. So a verbose run
// neither falls silent nor mixes the lines of two tasks.

import { outputOf } from './sink.ts';

/** What came behind an offset, decoded; `next` is where the following look begins. `isOver`: nothing more comes, so nothing is held back. */
export type ReadFrom = (
  log: string,
  offset: number,
  isOver: boolean,
) => { readonly text: string; readonly next: number };

/** Of a line that is not over, of its beginning and of its end; far more than is shown of any. */
const MOST_CHARACTERS = 32_768;

interface Head {
  readonly log: string;
  offset: number;
  /** Its header is passed over. */
  isBegun: boolean;
  /** A last line without its end, kept until the rest of it is there. */
  rest: string;
}

export class HeadStream {
  readonly #readFrom: ReadFrom;
  readonly #show: (text: string) => void;
  readonly #streamed = new Set<string>();
  #head: Head | undefined;
  #waiting: (() => void)[] = [];

  /** `show` is given whole lines. */
  constructor(readFrom: ReadFrom, show: (text: string) => void) {
    this.#readFrom = readFrom;
    this.#show = show;
  }

  /** Another cycle begins: its logs have other names, so those of the one before need not be known any more. */
  forget(): void {
    this.#streamed.clear();
  }

  /** Whether nothing is shown at the moment, so that a running task may be chosen. */
  get isFree(): boolean {
    return this.#head === undefined;
  }

  begin(log: string): void {
    this.#head = { log, offset: 0, isBegun: false, rest: '' };
    this.#streamed.add(log);
  }

  /** Shows the whole lines that came since the last look. */
  look(isOver = false): void {
    const head = this.#head;
    if (!head) return;
    const { text: read, next } = this.#readFrom(head.log, head.offset, isOver);
    const text = head.isBegun ? read : outputOf(read);
    head.isBegun ||= read !== '';
    head.offset = next;
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) this.#show(head.rest + text.slice(0, end));
    head.rest = bounded(end > 0 ? text.slice(end) : head.rest + text);
  }

  /** The attempt behind `log` is over: its last lines, then everything that waited for it. */
  end(log: string): void {
    if (this.#head?.log !== log) return;
    let before = -1;
    while (this.#head.offset > before) {
      before = this.#head.offset;
      this.look(true);
    }
    if (this.#head.rest !== '') this.#show(`${this.#head.rest}\n`);
    this.#head = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const show of waiting) show();
  }

  /** Shows a finished task's output now, or behind the one that is being shown; not again what was streamed. */
  whole(log: string, show: () => void): void {
    if (this.#streamed.has(log)) return;
    if (this.isFree) show();
    else this.#waiting.push(show);
  }
}

/** A line that never ends must not be held whole: more than this of it nobody is shown. */
function bounded(line: string): string {
  if (line.length <= 2 * MOST_CHARACTERS) return line;
  return line.slice(0, MOST_CHARACTERS) + line.slice(-MOST_CHARACTERS);
}
