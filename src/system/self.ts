// Where this copy of gate-run lies. Sources, library and bundle stand equally deep below the package's folder.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function packageFolder(): string {
  return join(import.meta.dirname, '..', '..');
}

/** Undefined when somebody removed it under our feet. */
export function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Names the descriptor on which `--detach` waits for the run; no `GATE_RUN_*` name, since those set keys of the config. */
export const READY_FD = 'GATE_READY_FD';

/** The script that starts gate-run; tasks that call gate-run's own commands are given it. */
export function gateRunBin(): string {
  return join(packageFolder(), 'bin', 'gate-run.js');
}

export function packageVersion(): string {
  const text = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
