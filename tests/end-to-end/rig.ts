// A folder with files, and the built command started in it as people and CI servers start it. Nothing here judges,
// but for one promise of every story: when it is over, nothing that it started is still running.

import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, onTestFinished } from 'vitest';

export interface Folder {
  /** Absolute. Beside it stands a home of its own, so that no cache and no config of this machine is met. */
  readonly path: string;
  readonly home: string;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): string;
  has(path: string): boolean;
  list(path?: string): readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface Start {
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute; the folder of the story by default. */
  readonly from?: string;
  /** What it is started by: `unshare --pid --fork`. */
  readonly within?: readonly string[];
  /** How long it may take; then it is killed, and its code is null. */
  readonly limitMs?: number;
}

const BIN = new URL('../../bin/gate-run.js', import.meta.url).pathname;
const RUN_LIMIT_MS = 50_000;
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;
const WAIT_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 20;
/** What was killed may need a moment to leave the process table. */
const LEAVE_LIMIT_MS = 2000;

export function folderWith(files: Readonly<Record<string, string>> = {}): Folder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gate-run-story-')));
  const path = join(root, 'work');
  const home = join(root, 'home');
  mkdirSync(path);
  mkdirSync(home);
  const folder: Folder = {
    path,
    home,
    write: (name, content) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    },
    read: (name) => readFileSync(join(path, name), 'utf8'),
    has: (name) => existsSync(join(path, name)),
    list: (name = '.') => readdirSync(join(path, name)).toSorted(),
  };
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  onTestFinished(async () => {
    const left = await nothingRuns(root);
    rmSync(root, { recursive: true, force: true });
    expect(left, 'still running after the story').toEqual([]);
  });
  return folder;
}

/** A loop of one phase; `gates` is YAML as it stands under `gates:`. */
export function loop(gates: string, top = ''): Readonly<Record<string, string>> {
  const indented = gates.trim().replaceAll(/^/gm, '      ');
  return {
    'loop.config.yaml': `version: 1\nname: story\n${top}${top === '' ? '' : '\n'}phases:\n  check:\n    gates:\n${indented}\n`,
  };
}

export function gateRun(folder: Folder, args: readonly string[] = [], start: Start = {}): Promise<Ended> {
  return begin(folder, args, start).ended;
}

/** Like `gateRun`, for a story in which something happens while it runs. */
export function begin(folder: Folder, args: readonly string[] = [], start: Start = {}): Running {
  const [file = '', ...words] = [...(start.within ?? []), process.execPath, BIN, ...args];
  return watched(
    spawn(file, words, {
      cwd: start.from ?? folder.path,
      env: { ...surroundings(folder), ...start.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
    start.limitMs,
  );
}

/** What a person types into bash; `"$GATE"` starts the built command. */
export function shell(folder: Folder, line: string, env: Start['env'] = {}): Promise<Ended> {
  return watched(
    spawn('bash', ['-c', line], {
      cwd: folder.path,
      env: { ...surroundings(folder), GATE: BIN, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  ).ended;
}

/** Bounded in time and in output. */
function watched(
  child: ChildProcessByStdio<null, Readable, Readable>,
  limitMs: number = RUN_LIMIT_MS,
): Running {
  const from = performance.now();
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      if (text[name].length > OUTPUT_LIMIT_BYTES) child.kill('SIGKILL');
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...text, ms: performance.now() - from });
    });
  });
  return { child, ended };
}

/** Until a condition of the world holds; a story never counts on a time that something takes. */
export async function until(
  what: string,
  holds: () => boolean,
  limitMs: number = WAIT_LIMIT_MS,
): Promise<void> {
  for (const from = performance.now(); !holds();) {
    if (performance.now() - from > limitMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** A person's screen; a newline in front keeps its columns straight in the source of a story. */
export function screen(folder: Folder, text: string): string {
  return `\n${text}`.replaceAll(folder.path, '<folder>').replaceAll(folder.home, '<home>');
}

/** The screen of a run: what differs from run to run is taken out too. */
export function runScreen(folder: Folder, text: string): string {
  return (
    screen(folder, text)
      .replaceAll(/\d{8}-\d{6}-\w{6}/g, '<run>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<instant>')
      .replaceAll(/ {2,}(?=(?:\d+m )?\d+(?:\.\d+)? m?s\b)/g, ' ')
      .replaceAll(/\b(?:\d+m )?\d+(?:\.\d+)? m?s\b/g, '<time>')
      .replaceAll(/\b\d+(?:\.\d)? (?:B|[KMGT]iB)\b/g, '<size>')
      .replaceAll(/(?<=gate-run )\d+\.\d+\.\d+/g, '<version>')
      // What can be had differs from machine to machine.
      .replaceAll(/(?<=^held by +)\S.*/gm, '<layer>')
      .replaceAll(/(?<=process )\d+ on [^\s,]+/g, '<pid> on <host>')
      .replaceAll(/ +$/gm, '')
  );
}

/** The environment of a job that nobody watches: no terminal, no CI, no colour asked for or refused. */
function surroundings({ home }: Folder): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    LANG: 'C.UTF-8',
  };
}

/** Command lines of what is left; every process that a story starts has its folder in its environment. */
async function nothingRuns(root: string): Promise<readonly string[]> {
  const from = performance.now();
  for (;;) {
    const left = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && mentions(name, root));
    if (left.length === 0) return [];
    if (performance.now() - from > LEAVE_LIMIT_MS) {
      const lines = left.map((pid) => quietly(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
      for (const pid of left) end(Number(pid));
      return lines;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function mentions(pid: string, root: string): boolean {
  return quietly(`/proc/${pid}/environ`).includes(root);
}

function quietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}
