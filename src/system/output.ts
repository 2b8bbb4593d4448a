// Standard output and error, written without `process.stdout`: that costs milliseconds at the start, and makes the
// pipe non-blocking for every sibling that shares it.

import { fstatSync, statSync } from 'node:fs';
import type { Sink } from '../ports.ts';
import { writerTo } from './pipe.ts';

/** A sink that knows whether what was written is lost, and by which error. */
export interface Output extends Sink {
  readonly failure: () => string | undefined;
  readonly isGone: () => boolean;
}

export interface OutputWishes {
  readonly color: 'always' | 'never' | 'auto';
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NO_TERMINAL = { columns: 80, rows: 24 };

/** `mayWait`: whether a slow reader may hold this process up. */
export function openOutput(
  fd: 1 | 2,
  { color, env, mayWait = true }: OutputWishes & { readonly mayWait?: boolean },
): Output {
  const isScreen = isTerminal(fd);
  const size = isScreen ? terminalSize(fd) : undefined;
  return {
    ...writerTo(fd, mayWait),
    get columns() {
      return size?.().columns ?? NO_TERMINAL.columns;
    },
    get rows() {
      return size?.().rows ?? NO_TERMINAL.rows;
    },
    isTerminal: isScreen,
    color: showsColor({ color, env, isTerminal: isScreen }),
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

/** `node:tty` is loaded only where there may be a terminal, because that costs milliseconds. */
export function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev === statSync('/dev/null').rdev) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}

function terminalSize(fd: 1 | 2): () => { columns: number; rows: number } {
  const stream = fd === 1 ? process.stdout : process.stderr;
  return () => ({ columns: stream.columns || NO_TERMINAL.columns, rows: stream.rows || NO_TERMINAL.rows });
}
