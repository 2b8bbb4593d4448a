// Starts gate-run itself once more, in a session of its own that outlives the terminal, and hears when its run is under way.

import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { Failure } from '../ports.ts';
import { failure, makeFolders } from './files.ts';
import { READY_FD } from './self.ts';

const FD = 3;
/** Logs of earlier detached starts that stay, newest first. */
const MOST_LOGS = 20;

export interface Detaching {
  /** What to start, Node's own words not among it. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute; made here. `out` differs where stdout belongs to a program. */
  readonly files: { readonly log: string; readonly out: string };
}

export interface Detached {
  readonly pid: number;
  /** The run's name once it is under way; or the code with which it ended before that. */
  readonly word: Promise<string | number>;
}

export async function startDetached({ argv, cwd, env, files }: Detaching): Promise<Detached | Failure> {
  const opened: number[] = [];
  try {
    makeFolders(dirname(files.log));
    const log = openSync(files.log, 'ax', 0o644);
    opened.push(log);
    const out = files.out === files.log ? log : openSync(files.out, 'ax', 0o644);
    if (out !== log) opened.push(out);
    return await started({ argv, cwd, env }, ['ignore', out, log, 'pipe']);
  } catch (error) {
    dropLogs(files);
    return failure(error, `start gate-run in the background, with its log in ${files.log}`);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Throws what the system says where nothing can be started. */
async function started({ argv, cwd, env }: Omit<Detaching, 'files'>, stdio: StdioOptions): Promise<Detached> {
  const child = spawn(process.execPath, [...process.execArgv, ...argv], {
    cwd,
    env: { ...env, [READY_FD]: String(FD) },
    stdio,
    // Its own session: closing the terminal sends no HUP there.
    detached: true,
    shell: false,
    windowsHide: true,
  });
  const { pid } = child;
  if (pid === undefined) throw (await once(child, 'error'))[0];
  // Whoever ends the wait means the start as well; once its run is under way, nobody here speaks for it any more.
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, pass);
  const word = new Promise<string | number>((resolve) => {
    const pipe = child.stdio[FD];
    let said = '';
    pipe?.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      if (said.endsWith('\n')) resolve(said.trimEnd());
    });
    child.once('exit', (code, signal) => resolve(code ?? SIGNALLED + constants.signals[signal ?? 'SIGKILL']));
  }).finally(() => {
    for (const signal of PASSED_ON) process.off(signal, pass);
    child.stdio[FD]?.destroy();
    child.unref();
  });
  return { pid, word };
}

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** As a shell tells an end by a signal. */
const SIGNALLED = 128;

/** What tells whoever detached this process that its run is under way; undefined where nobody waits. No task may inherit the word. */
export function readyIn(env: NodeJS.ProcessEnv): ((run: string) => void) | undefined {
  const fd = env[READY_FD] === undefined ? undefined : Number(env[READY_FD]);
  Reflect.deleteProperty(env, READY_FD);
  if (fd !== FD) return undefined;
  let isTold = false;
  return (run) => {
    if (isTold) return;
    isTold = true;
    try {
      writeSync(fd, `${run}\n`);
      closeSync(fd);
    } catch {
      // It did not wait so long.
    }
  };
}

/** A start that came to nothing leaves nothing: its files, and the folders where nothing else is in them. */
export function dropLogs({ log, out }: Detaching['files']): void {
  try {
    for (const file of [log, out]) rmSync(file, { force: true });
    for (const folder of [dirname(log), dirname(dirname(log))]) rmdirSync(folder);
  } catch {
    // The folder is in use, which is the usual case.
  }
}

export function pruneLogs(folder: string): void {
  try {
    const starts = [...new Set(readdirSync(folder).map((name) => name.replace(/\.\w+$/, '')))].toSorted();
    for (const start of starts.slice(0, -MOST_LOGS))
      for (const kind of ['log', 'json']) rmSync(join(folder, `${start}.${kind}`), { force: true });
  } catch {
    // Old logs are in nobody's way.
  }
}
