// `--clean-state`: what a state directory holds is set aside before a run, by names alone. It need not be whole, and nothing is lost.

import { setAside } from '../engine/set-aside.ts';
import type { Failure } from '../ports.ts';
import { realDisk } from '../system/files.ts';
import { partsOf } from './keeping.ts';
import type { Loop } from './load.ts';
import type { Terminal } from './terminal.ts';

/** Under the lock of the run that begins anew; `name`: of that run, so that no two are set aside under one. */
export function cleanState(loop: Loop, terminal: Terminal, name: string): Failure | undefined {
  const aside = setAside(realDisk(), partsOf(loop), name);
  if (typeof aside === 'object') return aside;
  const text = aside === undefined ? 'there was no old state' : `the old state is in ${aside}`;
  terminal.err.write(`gate-run: ${text}; this run begins anew\n`);
  return undefined;
}
