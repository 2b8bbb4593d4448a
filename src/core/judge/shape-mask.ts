// Where tokens stand in a stream of bytes, and what covers each, byte for byte: nothing behind one moves.

import { shapeMark } from './shape-redactor.ts';
import { ShapeSearch } from './shape-search.ts';

/** `at`: of the first byte, from where the stream began. */
export type Cover = (at: number, bytes: Uint8Array) => void;

const STAR = 42;
const LINE_ENDS: ReadonlySet<number> = new Set([10, 13]);

export class ShapeMask {
  readonly #search: ShapeSearch;
  #at = 0;
  /** What is left of the mark of the token that goes by. */
  #mark = '';

  constructor(cover: Cover) {
    this.#search = new ShapeSearch({
      kept: (_bytes, from, to) => {
        this.#at += to - from;
      },
      began: (name) => {
        this.#mark = shapeMark(name);
      },
      covered: (bytes, from, to) => {
        cover(this.#at, this.#covering(bytes.subarray(from, to)));
        this.#at += to - from;
      },
    });
  }

  push(chunk: Uint8Array): void {
    this.#search.push(chunk);
  }

  end(): void {
    this.#search.end();
  }

  /** The mark, then stars; lines stay lines. */
  #covering(token: Uint8Array): Uint8Array {
    const mark = this.#mark;
    this.#mark = mark.slice(token.length);
    return token.map((byte, at) => {
      if (at < mark.length) return mark.charCodeAt(at);
      return LINE_ENDS.has(byte) ? byte : STAR;
    });
  }
}
