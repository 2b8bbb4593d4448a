// `gate-run completion SHELL`: prints the script; `completion tasks` is what the scripts ask, and says nothing where it cannot.

import { resolve } from 'node:path';
import { NO_FLAGS } from '../core/plan/flags.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { findDataConfig } from '../system/config-file.ts';
import { completionScript, SHELLS } from './completion-scripts.ts';
import { loadLoop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { refuse } from './state.ts';

export async function completion(request: CommandRequest): Promise<number> {
  const [word, ...more] = request.args;
  if (word === 'tasks' && more.length === 0) return tasks(request);
  const shell = SHELLS.find((one) => one === word);
  if (shell === undefined || more.length > 0)
    return refuse(request, 'completion', `takes the name of a shell: ${SHELLS.join(', ')}`);
  request.write(completionScript(shell));
  return EXIT.passed;
}

/** Of a config that is data: a Tab in a folder that somebody else made must not run its code. */
async function tasks(request: CommandRequest): Promise<number> {
  const { folder, env } = request;
  const config = findDataConfig({ folder: resolve(folder ?? '.'), explicit: request.config });
  if (config === undefined) return EXIT.usage;
  const loop = await loadLoop({ config, folder, flags: NO_FLAGS }, { ...env });
  if ('problems' in loop) return EXIT.usage;
  const ids = loop.plan.phases.flatMap((phase) => phase.tasks.map(({ id }) => id));
  request.write(ids.map((id) => `${id}\n`).join(''));
  return EXIT.passed;
}
