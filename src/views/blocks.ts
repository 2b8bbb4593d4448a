// The output of tasks as blocks of lines: its end once a task is done, or all of it while it comes. Which tasks have one, the view
// decides.

import type { TaskSummary } from '../core/loop/event.ts';
import type { Sink } from '../ports.ts';
import { HeadStream, type ReadFrom } from './head-stream.ts';
import { harmless, outputOf, paintFor } from './sink.ts';
import type { Paint, ViewOptions } from './sink.ts';

/** Lines around the output of a task, so that a CI server can fold it. */
export interface Fold {
  open(title: string): string;
  close(): string;
  /** What stands outside, without what the server would take for a command there; absent where no line can hold one. */
  readonly outside?: (text: string) => string;
}

const OUTPUT_LINES = 60;
const LINE_CHARACTERS = 2000;
/** Of a longer line, so much is its end: what a progress bar led to stands behind it. */
const END_CHARACTERS = 500;
/** From here on a failure shows its reason and its log only: a flood of output hides the first one. */
const OUTPUTS_A_CYCLE = 20;

export interface BlockOptions extends Pick<ViewOptions, 'readTail'> {
  readonly fold?: Fold | undefined;
  /** With it, `follow` shows output while it comes; not where it has to fold, since only what is whole stands in a fold. */
  readonly readFrom?: ReadFrom | undefined;
  /** The folder of all cycles, as people name it. */
  readonly cycles: string;
  readonly write: (text: string) => void;
}

export class OutputBlocks {
  readonly #color: boolean;
  readonly #paint: Paint;
  readonly #options: BlockOptions;
  readonly #stream: HeadStream | undefined;
  #shown = 0;

  constructor(sink: Pick<Sink, 'color'>, options: BlockOptions) {
    this.#color = sink.color;
    this.#paint = paintFor(sink);
    this.#options = options;
    if (!options.readFrom || options.fold) return;
    this.#stream = new HeadStream(options.readFrom, (text) =>
      options.write(this.#block(linesOf(harmless(text, this.#color)))),
    );
  }

  /** A cycle begins: its failures have their output again. */
  begin(): void {
    this.#shown = 0;
    this.#stream?.forget();
  }

  show(task: TaskSummary): void {
    const { log } = task;
    if (log === undefined || task.outcome === 'not-started') return;
    if (this.#stream) this.#stream.whole(log, () => this.#whole(task, log));
    else this.#whole(task, log);
  }

  /** Whether a task may be followed now. */
  get isFree(): boolean {
    return this.#stream?.isFree ?? false;
  }

  follow(log: string): void {
    this.#stream?.begin(log);
  }

  look(): void {
    this.#stream?.look();
  }

  end(log: string): void {
    this.#stream?.end(log);
  }

  title(task: string, log: string): string {
    return `output of ${task} (${this.#pathOf(log)})`;
  }

  #whole(task: TaskSummary, log: string): void {
    const { fold, readTail, write } = this.#options;
    if (task.verdict !== 'passed') this.#shown += 1;
    if (this.#shown > OUTPUTS_A_CYCLE) return this.#line(`  output in ${this.#pathOf(log)}`);
    const lines = linesOf(harmless(outputOf(readTail(log)), this.#color)).slice(-OUTPUT_LINES);
    if (lines.length === 0) return this.#line(`  no output (${this.#pathOf(log)})`);
    const block = this.#block(lines);
    const title = this.title(task.id, log);
    if (fold) write(`${fold.open(title)}${block}${fold.close()}`);
    else write(`${this.#paint.dim(`  ${title}`)}\n${block}`);
  }

  #block(lines: readonly string[]): string {
    const reset = this.#color ? '\u001b[0m' : '';
    const bar = this.#options.fold ? '' : this.#paint.dim('  │ ');
    return lines.map((line) => `${bar}${line}${reset}\n`).join('');
  }

  #line(text: string): void {
    this.#options.write(`${this.#paint.dim(text)}\n`);
  }

  #pathOf(log: string): string {
    return `${this.#options.cycles}/${log}`;
  }
}

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  if (lines.length === 1 && lines[0] === '') return [];
  return lines.map(shortened);
}

function shortened(line: string): string {
  if (line.length <= LINE_CHARACTERS) return line;
  return `${line.slice(0, LINE_CHARACTERS - END_CHARACTERS)} … ${line.slice(-END_CHARACTERS)}`;
}
