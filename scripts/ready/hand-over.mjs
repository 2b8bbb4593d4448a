// Runs one command in the foreground: streams as they are, signals passed on, its end told as an exit code.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGUSR2'];

/** Resolves with the exit code; 128 + n after a signal, 127 when the command could not be started. */
export function handOver(command, args, { onStart, limitMs, ...options } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const handlers = PASSED_ON.map((signal) => [signal, () => passOn(child, signal)]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  // A timer of our own: the one of `spawn` outlives a command that could not be started.
  const limit = limitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs);
  if (child.pid !== undefined) onStart?.(child.pid);
  return new Promise((resolve) => {
    const end = (code) => {
      clearTimeout(limit);
      for (const [signal, handler] of handlers) process.off(signal, handler);
      resolve(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`gate-run: cannot start ${command}: ${error.message}\n`);
      end(127);
    });
    child.once('close', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** The environment in which `node`, `tsc`, `vitest` mean the project's own. */
export function toolEnvironment(root) {
  return { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * On a terminal Ctrl-C reaches the whole foreground group, the child included: passing it on would make one press two.
 */
function passOn(child, signal) {
  const isFromTerminal =
    signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  if (!isFromTerminal) child.kill(signal);
}
