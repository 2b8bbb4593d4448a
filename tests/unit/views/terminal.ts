// A terminal small enough to read: lines, a cursor, re-wrapping on resize, and the sequences that the live view sends.

import { displayWidth } from '../../../src/views/width.ts';
import type { Sink } from '../../../src/ports.ts';

const ESCAPE = '\u001b';
const PARTS = new RegExp(`(${ESCAPE}\\[[?\\d;]*[A-Za-z]|\\n)`);

export class Terminal implements Sink {
  columns: number;
  readonly rows: number;
  readonly isTerminal = true;
  readonly color = false;
  written = '';
  isCursorShown = true;
  /** Logical lines; one that is wider than the screen takes several rows. */
  #lines: string[] = [''];
  /** The row of the cursor, counted in screen rows from the top of all lines. */
  #row = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text;
    for (const part of text.split(PARTS)) this.#take(part);
  }

  resize(columns: number): void {
    this.columns = columns;
    this.#row = this.#heightOf(this.#lines.length - 1);
  }

  /** What is on the screen, without the empty line that the cursor stands in. */
  visible(): string[] {
    return this.#physical()
      .slice(-this.rows)
      .filter((line) => line !== '');
  }

  all(): string[] {
    return this.#lines.filter((line, index) => line !== '' || index < this.#lines.length - 1);
  }

  #take(part: string): void {
    if (part === '') return;
    if (part === '\n') {
      this.#row += 1;
      if (this.#row >= this.#heightOf(this.#lines.length)) this.#lines.push('');
      return;
    }
    const sequence = /^\[\??(\d*)([A-Za-z])$/.exec(part.slice(1));
    if (!part.startsWith(ESCAPE) || !sequence) {
      const line = this.#lineAt(this.#row);
      this.#lines[line] = `${this.#lines[line] ?? ''}${part}`;
      this.#row = this.#heightOf(line) + this.#rowsOf(this.#lines[line] ?? '') - 1;
      return;
    }
    const [, count, kind] = sequence;
    if (kind === 'F') this.#row = Math.max(0, this.#row - Number(count));
    else if (kind === 'J') {
      this.#lines.length = this.#lineAt(this.#row);
      this.#lines.push('');
    } else if (count === '25') this.isCursorShown = kind === 'h';
    else if (count !== '2026') throw new Error(`unknown sequence ${JSON.stringify(part)}`);
  }

  #physical(): string[] {
    return this.#lines.flatMap((line) => {
      const parts: string[] = [];
      let part = '';
      for (const character of line) {
        if (displayWidth(part + character) > this.columns) {
          parts.push(part);
          part = '';
        }
        part += character;
      }
      return [...parts, part];
    });
  }

  #rowsOf(line: string): number {
    return Math.max(1, Math.ceil(displayWidth(line) / this.columns));
  }

  /** Screen rows above the line. */
  #heightOf(line: number): number {
    return this.#lines.slice(0, line).reduce((sum, one) => sum + this.#rowsOf(one), 0);
  }

  #lineAt(row: number): number {
    let height = 0;
    for (const [index, line] of this.#lines.entries()) {
      height += this.#rowsOf(line);
      if (row < height) return index;
    }
    return this.#lines.length;
  }
}
