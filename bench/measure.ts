// Times one command from outside: wall, CPU, memory, exit code. It compares nothing.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly ms: number;
  /** Both unknown without a C compiler: Node's own clock cannot tell them for one child. */
  readonly cpuMs: number | undefined;
  /** The largest process of the whole tree. */
  readonly rssMb: number | undefined;
  readonly exit: number;
}

export interface Bench {
  readonly folder: string;
  /** argv prefix of the floor program. */
  readonly floor: readonly string[];
  readonly hasC: boolean;
  /** A sentence when the command could not be started or did not end in time. */
  measure(command: Command): Sample | string;
}

const RUN_LIMIT_MS = 5 * 60_000;

/** Compiles the stopwatch and the floors into `folder`; falls back to plain Node when there is no compiler. */
export function openBench(folder: string): Bench {
  const source = fileURLToPath(new URL('floor.c', import.meta.url));
  const program = join(folder, 'floor');
  try {
    execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    const script = fileURLToPath(new URL('floor.mjs', import.meta.url));
    return { folder, floor: [process.execPath, script], hasC: false, measure: measureInNode };
  }
  const out = join(folder, 'sample');
  return { folder, floor: [program], hasC: true, measure: (command) => measureInC(program, out, command) };
}

function measureInC(program: string, out: string, command: Command): Sample | string {
  const ran = spawnSync(program, ['measure', out, ...command.argv], options(command));
  if (ran.status !== 0) return `could not be measured: ${String(ran.stderr).trim() || ran.error?.message}`;
  const [ns = 0, cpu = 0, kb = 0, exit = 0] = readFileSync(out, 'utf8').trim().split(' ').map(Number);
  return { ms: ns / 1e6, cpuMs: cpu / 1e3, rssMb: kb / 1024, exit };
}

function measureInNode(command: Command): Sample | string {
  const [program = '', ...args] = command.argv;
  const from = process.hrtime.bigint();
  const ran = spawnSync(program, args, { ...options(command), stdio: 'ignore' });
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  if (ran.error) return `could not be measured: ${ran.error.message}`;
  return { ms, cpuMs: undefined, rssMb: undefined, exit: ran.status ?? 128 };
}

function options(command: Command) {
  const env = { ...process.env, ...command.env };
  return {
    cwd: command.cwd,
    env,
    timeout: RUN_LIMIT_MS,
    stdio: ['ignore', 'ignore', 'pipe'] as ('ignore' | 'pipe')[],
  };
}
