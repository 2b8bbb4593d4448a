// Whether a layer can be had here, found out by doing: `true` is run in it.

import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnd } from '../../core/judge/evidence.ts';
import { closeScratch, openScratch, tailText } from '../ladder/scratch.ts';
import { launch } from '../launch.ts';
import type { TaskUnit } from './unit.ts';

/** Some take longer on a busy machine; who needs more than this is of no use to a task. */
const LIMIT_MS = 5_000;
const SAID_BYTES = 2_048;

/** Why it cannot; undefined: it can. */
export async function probe(unit: TaskUnit, path: string): Promise<string | undefined> {
  const said = openScratch(join(tmpdir(), 'gate-run-probe'));
  if ('failed' in said) return `no file for its words in ${tmpdir()}: ${said.failed}`;
  const nothing = openSync('/dev/null', 'r+');
  const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
  const wanted = {
    order: { command: { argv: ['/bin/sh', '-c', 'true'] }, cwd: '/' },
    env: { PATH: path },
    stdio: [nothing, nothing, said.fd] as const,
    exited: resolve,
    refused: resolve,
  };
  const leader = unit.start(wanted, launch);
  const limit = setTimeout(() => {
    if (leader !== undefined) unit.signal(leader, 'SIGKILL');
    resolve({ signal: 'SIGALRM' });
  }, LIMIT_MS);
  const end = await promise;
  clearTimeout(limit);
  const words = tailText(said, SAID_BYTES).trim();
  closeScratch(said);
  closeSync(nothing);
  return whyNot(end, words);
}

function whyNot(end: ProcessEnd, words: string): string | undefined {
  if ('code' in end && end.code === 0) return undefined;
  const line = words.split('\n').at(-1) ?? '';
  if (line !== '') return line;
  if ('detail' in end) return end.detail;
  return 'signal' in end ? `\`true\` did not end in it within ${LIMIT_MS} ms` : '`true` failed in it';
}
