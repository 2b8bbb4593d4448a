// Tokens out of a stream by their shape: a mark stands where each was.

import { joined } from './bytes.ts';
import type { Redactor } from './redact.ts';
import { ShapeSearch } from './shape-search.ts';

const UTF8 = new TextEncoder();

export function shapeMark(name: string): string {
  return `***${name}***`;
}

export class ShapeRedactor implements Redactor {
  #pieces: Uint8Array[] = [];
  readonly #search: ShapeSearch = new ShapeSearch({
    kept: (bytes, from, to) => this.#pieces.push(bytes.subarray(from, to)),
    began: (name) => this.#pieces.push(UTF8.encode(shapeMark(name))),
    covered: () => undefined,
  });

  push(chunk: Uint8Array): Uint8Array {
    this.#search.push(chunk);
    return this.#taken();
  }

  end(): Uint8Array {
    this.#search.end();
    return this.#taken();
  }

  #taken(): Uint8Array {
    const taken = joined(this.#pieces);
    this.#pieces = [];
    return taken;
  }
}
