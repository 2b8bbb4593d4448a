// Starts one command in a session and process group of its own, without pipes. What prevents a start comes back as a value.

import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ProcessEnd } from '../core/judge/evidence.ts';
import type { Order } from '../ports.ts';
import { errorCode } from './files.ts';

export type NotStarted = Extract<ProcessEnd, { readonly notStarted: string }>;

/** What is started, and where. */
export type Started = Pick<Order, 'command' | 'cwd'>;

export interface Launch {
  readonly order: Started;
  /** Words that go before those of the command: whatever starts it inside of something. */
  readonly by?: readonly string[];
  /** A descriptor for 3. */
  readonly also?: number;
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors for 0, 1 and 2. */
  readonly stdio: readonly [number, number, number];
  /** The leader is gone; others of its group may live on. Called once, unless the start is refused. */
  readonly exited: (end: ProcessEnd) => void;
  readonly refused: (why: NotStarted) => void;
}

/** The group's number (the leader's process id). Undefined when there is none; then `refused` is told why, now or soon. */
export function launch({ order, by = [], also, env, stdio, exited, refused }: Launch): number | undefined {
  const [file = '', ...words] = [...by, ...argvOf(order)];
  try {
    const child = spawn(file, words, {
      cwd: order.cwd,
      env,
      stdio: [...stdio, ...given(also)],
      // Its own session: no terminal to ask on, and a group that one signal reaches.
      detached: true,
      shell: false,
      windowsHide: true,
    });
    hear(child, { order, exited, refused });
    return child.pid;
  } catch (error) {
    refused(refusal(order, error));
    return undefined;
  }
}

export interface Spoken {
  readonly group: number;
  readonly input: Writable;
  readonly output: Readable;
}

/** A process to speak with: its standard input and output are pipes of ours, its errors go where they are told to. */
export function launchWorker({
  order,
  by = [],
  also,
  env,
  errors,
  exited,
  refused,
}: Omit<Launch, 'stdio'> & { readonly errors: number }): Spoken | undefined {
  const [file = '', ...words] = [...by, ...argvOf(order)];
  try {
    const child = spawn(file, words, {
      cwd: order.cwd,
      env,
      stdio: ['pipe', 'pipe', errors, ...given(also)],
      detached: true,
      shell: false,
      windowsHide: true,
    });
    hear(child, { order, exited, refused });
    if (child.pid === undefined || !child.stdin || !child.stdout) return undefined;
    return { group: child.pid, input: child.stdin, output: child.stdout };
  } catch (error) {
    refused(refusal(order, error));
    return undefined;
  }
}

function given(also: number | undefined): readonly number[] {
  return also === undefined ? [] : [also];
}

function hear(
  child: ChildProcess,
  { order, exited, refused }: Pick<Launch, 'order' | 'exited' | 'refused'>,
): void {
  child.once('error', (error) => refused(refusal(order, error)));
  child.once('exit', (code, signal) => exited(code === null ? { signal: signal ?? 'SIGKILL' } : { code }));
}

export function argvOf({ command }: Pick<Order, 'command'>): readonly string[] {
  if ('argv' in command) return command.argv;
  return command.shell === 'bash'
    ? ['bash', '-euo', 'pipefail', '-c', command.script]
    : ['/bin/sh', '-ec', command.script];
}

/** A descriptor for stdin, or why there is none. Never waits, whatever the path names. */
export function openInput(path: string): number | NotStarted {
  const refuse = (why: string): NotStarted => ({ notStarted: 'no-stdin', detail: `stdin ${path}: ${why}` });
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const found = fstatSync(fd);
    if (found.isFile() || found.isCharacterDevice()) return fd;
    closeSync(fd);
    return refuse('is no file that can be read to its end');
  } catch (error) {
    return refuse(errorCode(error) === 'ENOENT' ? 'there is no such file' : errorCode(error));
  }
}

/** What the kernel would say, for a command that something else starts and cannot speak of as well. Undefined: it may be started. */
export function unstartable({ order, env }: Pick<Launch, 'order' | 'env'>): NotStarted | undefined {
  const [name = ''] = argvOf(order);
  const places = name.includes('/') ? [''] : env['PATH']?.split(delimiter);
  if (!isFolder(order.cwd)) return refusal(order, undefined);
  let code: string | undefined;
  for (const place of places ?? []) {
    const found = executable(resolve(order.cwd, place, name));
    if (found === undefined) return undefined;
    // As execvp(3): what may not be executed is remembered, and looked for in the next place.
    if (code !== 'EACCES') code = found;
  }
  return code === undefined ? undefined : refusal(order, Object.assign(new Error(code), { code }));
}

/** The system's word for why not; undefined: it is. */
export function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? undefined : 'EACCES';
  } catch (error) {
    return errorCode(error);
  }
}

/** The kernel says ENOENT for a missing program, a missing folder and a missing interpreter alike; this tells them apart. */
function refusal(order: Started, error: unknown): NotStarted {
  const code = errorCode(error);
  const name = argvOf(order)[0] ?? '';
  if (!isFolder(order.cwd)) {
    return { notStarted: 'no-folder', detail: `there is no folder ${order.cwd} to run \`${name}\` in` };
  }
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { notStarted: 'not-found', detail: notFound(order, name) };
    case 'EACCES':
    case 'EPERM':
    case 'ENOEXEC':
      return { notStarted: 'not-executable', detail: `\`${name}\` may not be executed: ${code}` };
    case 'E2BIG':
      return {
        notStarted: 'no-resources',
        detail: `\`${name}\` was given more arguments and environment than the system takes: E2BIG`,
      };
    case 'ERR_INVALID_ARG_VALUE':
      return { notStarted: 'not-executable', detail: `\`${name}\` has a word with a zero byte in it` };
    default:
      return { notStarted: 'no-resources', detail: `the system could not start \`${name}\`: ${code}` };
  }
}

function notFound(order: Started, name: string): string {
  const path = name.includes('/') ? statSync(name, { throwIfNoEntry: false }) : undefined;
  return path?.isFile() === true
    ? `the interpreter that \`${name}\` names in its first line was not found`
    : `command \`${name}\` was not found${name.includes('/') ? '' : ' on PATH'} (started in ${order.cwd})`;
}

function isFolder(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
