// The way of output that must be redacted: FIFO, redactor, log. A FIFO, because on a Node pipe (a socket) `> /dev/stderr` fails.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { LogRedactor } from '../core/judge/redact.ts';
import type { Failure } from '../ports.ts';
import { errorCode, failure } from './files.ts';
import type { AttemptLog } from './log.ts';
import { makeTemporary, removeFile, removeFolder } from './temporary.ts';

export interface Pump {
  /** The child's end; to be closed by `started` once the child has it. */
  readonly fd: number;
  started(): void;
  /** Whether tokens were looked for in all of the output. */
  readonly isWhole: boolean;
  /** When all writers are gone, or after a bounded wait for one that is no longer ours. */
  finish(): Promise<void>;
}

/** As much as the kernel keeps in a FIFO, so that one read empties it. */
const CHUNK_BYTES = 65_536;
const DRAIN_MS = 200;

export interface FifoShelf {
  pump(log: AttemptLog, redactor: LogRedactor, failed: (code: string) => void): Pump | Failure;
  clear(): void;
}

/** FIFOs are used again, because making one means starting `mkfifo`; but never one that somebody may still write to. */
export function fifoShelf(): FifoShelf {
  const spare: string[] = [];
  let folder: string | undefined;
  let count = 0;
  const clear = (): void => {
    process.off('exit', clear);
    if (folder !== undefined) removeFolder(folder);
    folder = undefined;
    spare.length = 0;
  };
  const make = (): string => {
    if (folder === undefined) {
      folder = makeTemporary('gate-run-fifo-');
      process.once('exit', clear);
    }
    const path = join(folder, String((count += 1)));
    const made = spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore', timeout: 5_000 });
    if (made.error !== undefined) throw made.error;
    if (made.status !== 0) throw Object.assign(new Error('mkfifo failed'), { code: 'EIO' });
    return path;
  };
  return {
    clear,
    pump: (log, redactor, failed) => {
      try {
        const path = spare.pop() ?? make();
        return openPump({ path, log, redactor, failed, atEnd: (path) => spare.push(path) });
      } catch (error) {
        return failure(error, 'make a FIFO to redact through (needs `mkfifo`)');
      }
    },
  };
}

interface PumpParts {
  readonly path: string;
  readonly log: AttemptLog;
  readonly redactor: LogRedactor;
  readonly failed: (code: string) => void;
  readonly atEnd: (path: string) => void;
}

function openPump({ path, log, redactor, failed, atEnd }: PumpParts): Pump {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const reading = openSync(path, O_RDONLY | O_NONBLOCK);
  const fd = openSync(path, 'w');
  const write = writer(log, failed);
  let ended = false;
  const { promise: end, resolve: atEof } = Promise.withResolvers<void>();
  const socket = new Socket({
    fd: reading,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(CHUNK_BYTES),
      callback: (length, buffer) => {
        // No Buffer: its `slice` shares memory, and this memory is filled anew before the redactor is done with it.
        write(redactor.push(new Uint8Array(buffer.buffer, buffer.byteOffset, length)));
        return true;
      },
    },
  });
  socket.once('end', () => {
    ended = true;
    atEof();
  });
  socket.on('error', () => atEof());
  socket.resume();
  return {
    fd,
    started: () => closeSync(fd),
    get isWhole() {
      return redactor.isWhole;
    },
    finish: async () => {
      // What is there already is read first: where this process was busy for long, the timer alone would be before it.
      const timer = setTimeout(() => setImmediate(atEof), DRAIN_MS);
      await end;
      clearTimeout(timer);
      socket.destroy();
      write(redactor.end());
      if (ended) atEnd(path);
      else removeFile(path);
    },
  };
}

/** Goes on taking bytes after a failure, so that the child never hangs on a disk that is full. */
function writer(log: AttemptLog, failed: (code: string) => void): (bytes: Uint8Array) => void {
  let isBroken = false;
  return (bytes) => {
    if (isBroken) return;
    const code = writeWhole(log.fd, bytes);
    if (code === undefined) return;
    isBroken = true;
    failed(code);
  };
}

function writeWhole(fd: number, bytes: Uint8Array): string | undefined {
  try {
    for (let written = 0; written < bytes.length;) {
      const taken = writeSync(fd, bytes, written);
      if (taken === 0) return 'EIO';
      written += taken;
    }
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}
