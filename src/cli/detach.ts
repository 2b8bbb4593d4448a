// `--detach`: the same start once more, in the background. This process waits until that run is under way, or hands on why it is not.

import { join } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { dropLogs, pruneLogs, startDetached } from '../system/detach.ts';
import { newRun } from '../system/lock.ts';
import { isHeld } from '../system/owner.ts';
import { readEnd } from '../system/read-part.ts';
import type { Arguments } from './args.ts';
import { loadLoop } from './load.ts';
import { sayFailure, sayProblems } from './say.ts';
import type { Terminal } from './terminal.ts';

/** Of the words of a start that came to nothing. */
const MOST_WORDS_BYTES = 1_048_576;

export async function detach(args: Arguments, terminal: Terminal): Promise<number> {
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { out, err, json, bin, env } = terminal;
  const folder = join(loop.paths.stateDir, 'detached');
  const name = newRun();
  const log = join(folder, `${name}.log`);
  const files = { log, out: json === undefined ? log : join(folder, `${name}.json`) };
  const argv = [
    bin,
    args.command,
    ...args.given.flatMap(({ name: flag, words }) => (flag === 'detach' ? [] : words)),
  ];
  const child = await startDetached({ argv, cwd: process.cwd(), env, files });
  if ('failed' in child) return sayFailure(terminal, child, loop);
  if (loop.plan.loop.overlap !== 'skip' && isHeld(loop.paths.stateDir) === true)
    err.write(`gate-run: waiting for the run under way to let go; what this start says goes to ${log}\n`);
  const word = await child.word;
  if (typeof word === 'number') {
    if (json !== undefined) out.write(textOf(files.out));
    err.write(textOf(log));
    if (word > EXIT.node)
      err.write('gate-run: the start in the background was ended before its run was under way\n');
    dropLogs(files);
    return word;
  }
  pruneLogs(folder);
  const answer = { schemaVersion: 1, exit: EXIT.passed, run: word, pid: child.pid, log };
  if (json !== undefined) out.write(`${JSON.stringify({ ...answer, result: files.out }, undefined, 2)}\n`);
  else out.write(`run ${word} is under way in the background\npid ${child.pid}\nlog ${log}\n`);
  return EXIT.passed;
}

function textOf(file: string): string {
  return new TextDecoder().decode(readEnd(file, MOST_WORDS_BYTES)?.bytes);
}
