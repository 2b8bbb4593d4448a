// Standard output and error, written without `process.stdout`: that costs milliseconds at the start, and makes the
// pipe non-blocking for every sibling that shares it.

import { fstatSync, statSync } from 'node:fs';
import type { Sink } from '../ports.ts';
import { writerTo } from './pipe.ts';

/** A sink that knows whether what was written is lost, and by which error. */
export interface Output extends Sink {
  readonly failure: () => string | undefined;
}

export interface OutputWishes {
  readonly color: 'always' | 'never' | 'auto';
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NO_TERMINAL = { columns: 80, rows: 24 };

/** `mayWait`: whether a slow reader may hold this process up. */
export async function openOutput(
  fd: 1 | 2,
  { color, env, mayWait = true }: OutputWishes & { readonly mayWait?: boolean },
): Promise<Output> {
  const size = isCharacterDevice(fd) ? await terminalSize(fd) : undefined;
  const isTerminal = size !== undefined;
  return {
    ...writerTo(fd, mayWait),
    get columns() {
      return size?.().columns ?? NO_TERMINAL.columns;
    },
    get rows() {
      return size?.().rows ?? NO_TERMINAL.rows;
    },
    isTerminal,
    color: showsColor({ color, env, isTerminal }),
  };
}

/** `--color` first, then FORCE_COLOR, NO_COLOR (https://no-color.org) and TERM; else only a terminal shows colours. */
export function showsColor({
  color,
  env,
  isTerminal,
}: OutputWishes & { readonly isTerminal: boolean }): boolean {
  if (color !== 'auto') return color === 'always';
  const { FORCE_COLOR: force, NO_COLOR: no } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Cheap to ask, so that `node:tty` is loaded only where there may be a terminal. */
function isCharacterDevice(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev !== statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

async function terminalSize(fd: 1 | 2): Promise<(() => { columns: number; rows: number }) | undefined> {
  const { isatty } = await import('node:tty');
  if (!isatty(fd)) return undefined;
  const stream = fd === 1 ? process.stdout : process.stderr;
  return () => ({ columns: stream.columns || NO_TERMINAL.columns, rows: stream.rows || NO_TERMINAL.rows });
}
