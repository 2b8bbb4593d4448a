// gate-run started in ways that the other stories do not need: by a shell, in a mount namespace, with odd outputs.

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Folder } from '../rig.ts';

export const BIN = new URL('../../../bin/gate-run.js', import.meta.url).pathname;
export const COMMAND: readonly string[] = [process.execPath, BIN];
const LIMIT_MS = 55_000;

export interface Over {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly ms: number;
  /** By the wall clock, milliseconds since 1970: to be held against what a ledger says. */
  readonly endedAt: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly over: Promise<Over>;
}

interface Wishes {
  readonly stdio?: StdioOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts any command line in the folder; what it prints, on either stream, is kept. */
export function start(folder: Folder, argv: readonly string[], { stdio, env }: Wishes = {}): Started {
  const from = performance.now();
  const [file = '', ...words] = argv;
  const child = spawn(file, words, {
    cwd: folder.path,
    env: { ...environment(folder), ...env },
    stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (out += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const over = new Promise<Over>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, ms: performance.now() - from, endedAt: Date.now() });
    });
  });
  return { child, over };
}

export function environment({ home }: Folder): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    LANG: 'C.UTF-8',
  };
}

/** Ids of processes whose environment names both texts; a dead one has none. */
export function marked(...texts: readonly string[]): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const env = textOf(`/proc/${pid}/environ`);
      return texts.every((text) => env.includes(text));
    })
    .map(Number);
}

/** The most memory that a living process ever held, in MB. */
export function peakMegabytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

export function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
