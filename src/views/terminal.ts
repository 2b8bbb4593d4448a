// The live region under a run's lines on a terminal. The only door of listr2; it is loaded beside running tasks.
// It holds a fixed number of rows, never the plan: listr2 redraws all it holds, and a thousand tasks would take minutes.

import { DefaultRenderer, Listr, Spinner } from 'listr2';
import type { ListrTaskWrapper, SimpleRenderer } from 'listr2';
import { harmless, paintFor } from './sink.ts';
import type { Sink } from '../ports.ts';
import { displayWidth, fitted } from './width.ts';

/** What one row says: its title, and one line of a task's newest output under it. */
export interface LiveRow {
  readonly title: string;
  readonly output: string;
}

export interface LiveRegion {
  /** Draws the rows, and above them for good what was written since the last frame; `above` ends with a newline or is ''. */
  draw(rows: readonly LiveRow[], above: string): void;
  /** Takes the region off the screen. */
  close(): Promise<void>;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_BELOW = '\u001b[0J';
/** Terminals that know it show a frame at once; the others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';
const INDENT = 2;
const EMPTY: LiveRow = { title: '', output: '' };

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

export async function openRegion(sink: Sink, rowCount: number): Promise<LiveRegion> {
  const spinner = new Spinner();
  const Region = regionClass(sink);
  const rows: Row[] = [];
  const opened = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  const task = (_context: unknown, wrapper: Wrapper): Promise<void> => {
    rows.push(new Row(wrapper));
    if (rows.length === rowCount) opened.resolve();
    return finished.promise;
  };
  // A row without any title would put its output into listr2's bottom bar.
  const list = Array.from({ length: rowCount }, () => ({ title: ' ', task }));
  const paint = paintFor(sink);
  const listr = new Listr<unknown, typeof DefaultRenderer>(list, {
    concurrent: true,
    // Signals are the command line's: listr2 would end the process in the middle of a stop (lint-staged 880).
    registerSignalListeners: false,
    renderer: Region,
    rendererOptions: {
      indentation: INDENT,
      spinner,
      color: { PENDING: (icon) => paint.soft(icon ?? ''), OUTPUT: (icon) => paint.dim(icon ?? '') },
    },
  });
  const done = listr.run();
  await opened.promise;
  // The first pass gives each row its ring buffer; what is told before it would be lost.
  Region.current?.create();
  return {
    draw(given, above) {
      rows.forEach((row, index) => row.tell(given[index] ?? EMPTY));
      spinner.spin();
      Region.current?.draw(above);
    },
    async close() {
      finished.resolve();
      await done;
    },
  };
}

/** One row of the list, told only what changed: each word told is an event inside listr2. */
class Row {
  readonly #wrapper: Wrapper;
  #said: LiveRow = EMPTY;

  constructor(wrapper: Wrapper) {
    this.#wrapper = wrapper;
  }

  tell(row: LiveRow): void {
    const { title, output } = row;
    if (title !== this.#said.title) this.#wrapper.title = harmless(title, false);
    if (output !== this.#said.output) {
      this.#wrapper.output = null;
      if (output !== '') this.#wrapper.output = oneLine(output);
    }
    this.#said = row;
  }
}

function oneLine(text: string): string {
  return harmless(text, false).replaceAll(/\s+/g, ' ').trim();
}

/** listr2's default renderer with a pen of its own: every line fits its row, and the region knows its height after a resize. */
function regionClass(
  sink: Sink,
): typeof DefaultRenderer & { current?: { create(): string; draw(above: string): void } } {
  return class Region extends DefaultRenderer {
    static override nonTTY = true;
    static current?: Region;
    #drawn: readonly string[] = [];
    readonly #restore = (): void => sink.write(SHOW_CURSOR);

    override render(): Promise<void> {
      Region.current = this;
      process.once('exit', this.#restore);
      return Promise.resolve();
    }

    override update(): void {}

    override end(): void {
      process.off('exit', this.#restore);
      sink.write(`${this.#erased()}${SHOW_CURSOR}`);
      this.#drawn = [];
    }

    draw(above: string): void {
      const frame = this.create()
        .split('\n')
        .filter((line) => line !== '');
      if (above === '' && frame.join('\n') === this.#drawn.join('\n')) return;
      const text = frame.map((line) => `${line}\n`).join('');
      sink.write(`${BEGIN_FRAME}${HIDE_CURSOR}${this.#erased()}${above}${text}${END_FRAME}`);
      this.#drawn = frame;
    }

    protected override format(message: string, icon: string, level: number): string[] {
      if (message.trim() === '') return [];
      const room = sink.columns - 1 - level * INDENT - 2;
      return [`${' '.repeat(level * INDENT)}${icon} ${fitted(message, room)}`];
    }

    /** A terminal that became narrower has wrapped what was drawn: the region is higher now than it was. */
    #erased(): string {
      const columns = Math.max(1, sink.columns);
      const height = this.#drawn.reduce((sum, line) => {
        return sum + Math.max(1, Math.ceil(displayWidth(harmless(line, false)) / columns));
      }, 0);
      return height === 0 ? '' : `\u001b[${Math.min(height, sink.rows)}F${ERASE_BELOW}`;
    }
  };
}
