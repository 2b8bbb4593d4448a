// Files packed into one `.tar.gz`, whole or not at all, and read from it again in pieces. What belongs into one is not asked here.

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { createTarDecoder, createTarPacker } from 'modern-tar';
import type { Failure } from '../ports.ts';
import { errorCode, Failed, failure, makeFolders, realDisk, UNKNOWN_CODE } from './files.ts';
import { isFolder } from './sizes.ts';
import { standInOf, stoodInFor } from './stand-in.ts';

export type Part =
  | { readonly name: string; readonly bytes: Uint8Array }
  /** Read up to the size that it has when it is opened, for others may be writing it. */
  | { readonly name: string; readonly path: string }
  | Pinned;

/** A file that stays the same one, whatever happens to its name. */
export interface Pinned {
  readonly name: string;
  readonly path: string;
  readonly fd: number;
  readonly size: number;
  readonly mode: number;
}

/** Files that go in together. */
export interface Group {
  readonly parts: readonly Part[];
  /**
   * Where they come from. While that folder stands, a file of it that is gone is `missed`, and the others are kept; without it, or
   * where none is named, one that is gone takes the others with it.
   */
  readonly of?: { readonly folder: string; readonly missed: (name: string) => void };
}

export interface Packed {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Packing {
  /** Absolute; what stands there is replaced. */
  readonly to: string;
  /** What stands there is not replaced, also not what came while this was made: EEXIST. */
  readonly isNew?: boolean;
  readonly groups: Iterable<Group>;
  /** Written behind all others, and told what they are. */
  readonly last?: (packed: readonly Packed[]) => { readonly name: string; readonly text: string };
  /** Epoch milliseconds that the file says of itself, as gzip does. */
  readonly time?: number | undefined;
  /** Ends it in the middle; nothing of it is there then. */
  readonly over?: AbortSignal | undefined;
}

const CHUNK_BYTES = 262_144;
/** Where gzip writes a time, in seconds, and how long its header is. */
const GZIP_TIME_AT = 4;
const GZIP_HEADER_BYTES = 10;
const MODE = 0o644;
const MODE_BITS = 0o777;
/** Whatever it was, its owner can read it and take it away. */
const LEAST_MODE = 0o600;
/** Of a file system that knows no second name for a file. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Undefined: there is none any more, or none of the kind that can be kept. `mayBeLink`: no task puts one there. */
export function pin(name: string, path: string, mayBeLink = false): Pinned | undefined {
  let fd: number | undefined;
  try {
    // Neither through a link nor held up by a pipe, whatever a task has put there.
    const follow = mayBeLink ? 0 : constants.O_NOFOLLOW;
    fd = openSync(path, constants.O_RDONLY | follow | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (stat.isFile()) return { name, path, fd, size: stat.size, mode: stat.mode & MODE_BITS };
  } catch (error) {
    if (!GONE.has(errorCode(error))) throw new Failed(failure(error, `read ${path}`));
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR']);

export function unpin(pinned: Iterable<Part>): void {
  for (const part of pinned) if ('fd' in part) closeSync(part.fd);
}

/** Whether that name leads to the very file that was pinned. */
export function isSameFile({ fd }: Pinned, path: string): boolean {
  const [pinned, named] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })];
  return named !== undefined && named.dev === pinned.dev && named.ino === pinned.ino;
}

/** Durable when it resolves, or nothing of it is there. What was packed, with sizes and hashes. */
export async function pack(packing: Packing): Promise<readonly Packed[] | Failure> {
  const { to, time, over, isNew = false } = packing;
  const temporary = standInOf(to);
  const { readable, controller } = createTarPacker();
  // Synced before it is closed.
  const out = createWriteStream(temporary, { flags: 'w', mode: MODE, flush: true });
  const closed = new Promise<void>((resolve) => out.once('close', () => resolve()));
  const written = pipeline(
    Readable.fromWeb(readable),
    createGzip(),
    (chunks: AsyncIterable<Buffer>) => stamped(chunks, time),
    out,
    { ...(over && { signal: over }) },
  );
  const broken = new Promise<never>((_, reject) => written.catch(reject));
  try {
    const packed = await Promise.race([packAll(packing, controller), broken]);
    controller.finalize();
    await written;
    giveName(temporary, to, isNew);
    const unsynced = realDisk().syncFolder(dirname(to));
    if (unsynced) realDisk().remove(to);
    return unsynced ?? packed;
  } catch (error) {
    controller.error(error);
    await written.catch(() => undefined);
    // Opened later than it failed, it would stay.
    await closed;
    realDisk().remove(temporary);
    return failedAt(error, `write ${to}`);
  }
}

/** A rename would take the place of what came there meanwhile. */
function giveName(temporary: string, to: string, isNew: boolean): void {
  if (!isNew) return renameSync(temporary, to);
  try {
    linkSync(temporary, to);
  } catch (error) {
    if (!NO_LINKS.has(errorCode(error))) throw error;
    if (lstatSync(to, { throwIfNoEntry: false })) throw new Failed({ failed: 'EEXIST', what: `write ${to}` });
    return renameSync(temporary, to);
  }
  realDisk().remove(temporary);
}

/** What is no word of the system says itself what is wrong. */
function failedAt(error: unknown, what: string): Failure {
  const failed = failure(error, what);
  if (failed.failed === 'Z_BUF_ERROR') return { ...failed, what: `${what}: it ends too early` };
  const message = error instanceof Error ? error.message : '';
  const said = message === '' ? 'it is not what was packed' : message;
  return isOfContent(failed) ? { ...failed, what: `${what}: ${said}` } : failed;
}

/** Whether what was read is wrong in itself: anything else is the system's, and says nothing about the file. */
export function isOfContent({ failed }: Failure): boolean {
  return failed === UNKNOWN_CODE || failed.startsWith('Z_');
}

type Controller = ReturnType<typeof createTarPacker>['controller'];

async function packAll({ groups, last }: Packing, controller: Controller): Promise<readonly Packed[]> {
  const packed: Packed[] = [];
  for (const group of groups) {
    const opened = openAll(group);
    try {
      for (const part of opened) packed.push(await packOne(part, controller));
    } finally {
      unpin(opened);
    }
  }
  const end = last?.(packed);
  if (end) await packOne({ name: end.name, bytes: new TextEncoder().encode(end.text) }, controller);
  return packed;
}

type Opened = Extract<Part, { readonly bytes: Uint8Array }> | Pinned;

function openAll({ parts, of }: Group): readonly Opened[] {
  const opened: Opened[] = [];
  const missed: string[] = [];
  try {
    for (const part of parts) {
      const one = isOpen(part) ? part : pin(part.name, part.path);
      if (one) opened.push(one);
      else missed.push(part.name);
    }
  } catch (error) {
    unpin(opened);
    throw error;
  }
  if (missed.length === 0) return opened;
  if (of && isFolder(of.folder)) {
    for (const name of missed) of.missed(name);
    return opened;
  }
  unpin(opened);
  return [];
}

function isOpen(part: Part): part is Opened {
  return 'fd' in part || 'bytes' in part;
}

async function packOne(part: Opened, controller: Controller): Promise<Packed> {
  const bytes = 'fd' in part ? part.size : part.bytes.length;
  const hash = createHash('sha256');
  const mode = 'fd' in part ? part.mode : MODE;
  const writer = controller.add({ name: part.name, size: bytes, mode }).getWriter();
  for (const chunk of 'fd' in part ? chunksOf(part) : [part.bytes]) {
    if (chunk.length === 0) continue;
    hash.update(chunk);
    await writer.write(chunk);
  }
  await writer.close();
  return { name: part.name, bytes, sha256: hash.digest('hex') };
}

/** As many bytes as were said: one that was cut in between is filled up with zeroes, as tar does. */
function* chunksOf({ fd, size, path }: Pinned): Generator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - at));
    const taken = saying(`read ${path}`, () => readSync(fd, chunk, 0, chunk.length, at));
    yield taken === 0 ? chunk : chunk.subarray(0, taken);
    at += taken === 0 ? chunk.length : taken;
  }
}

/** What goes wrong in it is told as this. */
function saying<Got>(what: string, deed: () => Got): Got {
  try {
    return deed();
  } catch (error) {
    throw new Failed(failure(error, what));
  }
}

async function* stamped(chunks: AsyncIterable<Buffer>, time: number | undefined): AsyncGenerator<Buffer> {
  let isHead = true;
  for await (const chunk of chunks) {
    if (isHead && time !== undefined && chunk.length >= GZIP_HEADER_BYTES)
      chunk.writeUInt32LE(Math.floor(time / 1000) % 2 ** 32, GZIP_TIME_AT);
    isHead = false;
    yield chunk;
  }
}

/** Takes the bytes of one file. */
export interface Taker {
  see(chunk: Uint8Array): void;
  end?(): void;
}

/** In order; what is not a file has no bytes and is passed over. Undefined when it was read to its end, whole. */
export async function unpack(
  file: string,
  takerOf: (name: string, size: number, mode: number | undefined) => Taker | undefined,
): Promise<Failure | undefined> {
  const gunzip = createGunzip();
  const read = pipeline(createReadStream(file), gunzip);
  read.catch(() => undefined);
  try {
    const entries = Readable.toWeb(gunzip).pipeThrough(createTarDecoder({ strict: true }));
    for await (const { header, body } of entries) {
      const isFile = header.type === undefined || header.type === 'file';
      const taker = isFile ? takerOf(header.name, header.size, header.mode) : undefined;
      for await (const chunk of body) taker?.see(chunk);
      taker?.end?.();
    }
    await read;
    return undefined;
  } catch (error) {
    gunzip.destroy();
    return failedAt(error, `read ${file}`);
  }
}

/**
 * Every file to the place that its name is given, which must be new; what has none is refused, and with it all. `isDurable`: what
 * must outlive a power cut once this resolves.
 */
export async function unpackTo(
  file: string,
  placeOf: (name: string) => string | undefined,
  isDurable: (name: string) => boolean,
): Promise<readonly Packed[] | Failure> {
  const found: Packed[] = [];
  const failed = await unpack(file, (name, _, mode = MODE) => {
    const place = placeOf(name);
    if (place === undefined) throw new Error(`\`${name}\` is no file of a backup`);
    const fd = openNew(name, place, (mode & MODE_BITS) | LEAST_MODE);
    const hash = createHash('sha256');
    let bytes = 0;
    return {
      see: (chunk) => {
        for (let at = 0; at < chunk.length;) at += saying(`write ${place}`, () => writeSync(fd, chunk, at));
        hash.update(chunk);
        bytes += chunk.length;
      },
      end: () => {
        if (isDurable(name)) saying(`write ${place}`, () => fsyncSync(fd));
        closeSync(fd);
        found.push({ name, bytes, sha256: hash.digest('hex') });
      },
    };
  });
  return failed ?? found;
}

/** Nothing stands there but what came out of the same file. */
function openNew(name: string, place: string, mode: number): number {
  try {
    makeFolders(dirname(place));
    return openSync(place, 'wx', mode);
  } catch (error) {
    if (!TWICE.has(errorCode(error))) throw new Failed(failure(error, `write ${place}`));
    throw new Error(`\`${name}\` stands in it twice, or another file stands in its way`, { cause: error });
  }
}

const TWICE: ReadonlySet<string> = new Set(['EEXIST', 'EISDIR', 'ENOTDIR']);

/**
 * Files that a killed packing of such files has left in a folder, if nobody has written to them for so long: its process says nothing,
 * since the folder may be one that other hosts write to.
 */
export function sweep(folder: string, isOurs: (name: string) => boolean, untouchedMs: number): void {
  for (const name of realDisk().list(folder)) {
    const left = stoodInFor(name);
    if (left === undefined || !isOurs(left.target)) continue;
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs >= untouchedMs) realDisk().remove(join(folder, name));
  }
}
