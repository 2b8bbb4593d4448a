// The bytes of a tree as one tar, so that whoever finds it after a crash can unpack it with the tool of the system. Written once, in
// order; what was written is read back by its place.

import { closeSync, constants, ftruncateSync, readSync, writeSync } from 'node:fs';
import { openAnew } from '../own-file.ts';
import { removeFile } from '../temporary.ts';
import type { Taker } from './content.ts';
import { bytesOf, type Key, type Seen } from './tree.ts';

const BLOCK = 512;
const LONGEST_NAME = 100;
const LINK_NAME = Buffer.from('././@LongLink\0');
const NUMBERS = { mode: 8, id: 8, size: 12 } as const;
/** What fits into the seven digits of an owner; a higher one is put back by the run itself, from memory. */
const MOST_ID = 0o7777777;

/** Throws what the system says. */
export class Keep implements Taker {
  readonly path: string;
  readonly #file: number;
  readonly #places = new Map<Key, { readonly at: number; readonly size: number }>();
  #end = 0;
  #entry: { readonly path: Key; readonly seen: Seen; readonly from: number } | undefined;
  #left = 0;

  constructor(path: string) {
    this.path = path;
    // What is kept may be nobody else's to read.
    this.#file = openAnew(path, constants.O_RDWR, 0o600);
  }

  folder(path: Key, seen: Seen): void {
    this.#write(header(`${path}/`, seen, { type: '5', size: 0 }));
  }

  link(path: Key, seen: Seen): void {
    this.#write(header(path, seen, { type: '2', size: 0, target: seen.target ?? '' }));
  }

  /** The file that is read next. */
  expect(path: Key, seen: Seen): void {
    this.#entry = { path, seen, from: this.#end };
  }

  begin(size: number): void {
    if (!this.#entry) throw new Error('bug: no file is expected');
    const { path, seen, from } = this.#entry;
    this.#end = from;
    this.#write(header(path, seen, { type: '0', size }));
    this.#places.set(path, { at: this.#end, size });
    this.#left = size;
    if (size === 0) this.#write(Buffer.alloc(0));
  }

  take(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#write(piece);
    this.#left -= piece.length;
    if (this.#left === 0 && this.#end % BLOCK > 0) this.#write(Buffer.alloc(BLOCK - (this.#end % BLOCK)));
  }

  /** What was expected is not there any more, or cannot be read. */
  drop(): void {
    if (!this.#entry) return;
    this.#places.delete(this.#entry.path);
    this.#end = this.#entry.from;
  }

  /** Two empty blocks are the end of a tar. */
  finish(): void {
    this.#write(Buffer.alloc(2 * BLOCK));
    ftruncateSync(this.#file, this.#end);
  }

  has(path: Key): boolean {
    return this.#places.has(path);
  }

  sizeOf(path: Key): number {
    return this.#places.get(path)?.size ?? 0;
  }

  /** Fewer bytes than asked for only at the end. */
  read(path: Key, from: number, length: number): Buffer {
    const place = this.#places.get(path);
    if (!place) throw new Error('bug: it was not kept');
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, place.size - from)));
    let taken = 0;
    while (taken < bytes.length) {
      const more = readSync(this.#file, bytes, taken, bytes.length - taken, place.at + from + taken);
      // Somebody cut it.
      if (more === 0) throw Object.assign(new Error('it is not whole'), { code: 'EIO' });
      taken += more;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }

  remove(): void {
    this.close();
    removeFile(this.path);
  }

  #write(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      const taken = writeSync(this.#file, bytes, written, bytes.length - written, this.#end + written);
      if (taken === 0) throw Object.assign(new Error('took no byte'), { code: 'EIO' });
      written += taken;
    }
    this.#end += bytes.length;
  }
}

interface Kind {
  readonly type: '0' | '2' | '5';
  readonly size: number;
  readonly target?: string;
}

/** As GNU tar writes it: a name that is too long stands in an entry of its own before it. */
function header(path: Key, seen: Seen, { type, size, target = '' }: Kind): Buffer {
  const name = bytesOf(path);
  const link = bytesOf(target);
  return Buffer.concat([
    ...(name.length > LONGEST_NAME ? [long('L', name)] : []),
    ...(link.length > LONGEST_NAME ? [long('K', link)] : []),
    block(name, seen, { type, size, link }),
  ]);
}

function long(type: 'L' | 'K', text: Buffer): Buffer {
  const size = text.length + 1;
  const padded = Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK);
  text.copy(padded);
  const head = block(
    LINK_NAME,
    { mode: 0, uid: 0, gid: 0, mtimeNs: 0n },
    { type, size, link: Buffer.alloc(0) },
  );
  return Buffer.concat([head, padded]);
}

function block(
  name: Buffer,
  { mode, uid, gid, mtimeNs }: Pick<Seen, 'mode' | 'uid' | 'gid' | 'mtimeNs'>,
  { type, size, link }: { readonly type: string; readonly size: number; readonly link: Buffer },
): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  name.copy(bytes, 0, 0, LONGEST_NAME);
  bytes.write(octal(mode, NUMBERS.mode), 100);
  bytes.write(octal(uid, NUMBERS.id), 108);
  bytes.write(octal(gid, NUMBERS.id), 116);
  bytes.write(octal(size, NUMBERS.size), 124);
  bytes.write(octal(Math.max(0, Number(mtimeNs / 1_000_000_000n)), NUMBERS.size), 136);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  link.copy(bytes, 157, 0, LONGEST_NAME);
  bytes.write('ustar  ', 257);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

function octal(value: number, width: number): string {
  const fits = width === NUMBERS.id && value > MOST_ID ? 0 : value;
  return `${fits.toString(8).padStart(width - 1, '0')}\0`;
}
