// `gate-run completion SHELL`: prints the script; `completion tasks` is what the scripts ask, and says nothing where it cannot.

import { NO_FLAGS } from '../core/plan/flags.ts';
import { EXIT } from '../core/loop/run-end.ts';
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

async function tasks(request: CommandRequest): Promise<number> {
  const { folder, config, env } = request;
  const loop = await loadLoop({ config, folder, flags: NO_FLAGS }, { ...env });
  if ('problems' in loop) return EXIT.usage;
  const ids = loop.plan.phases.flatMap((phase) => phase.tasks.map(({ id }) => id));
  request.write(ids.map((id) => `${id}\n`).join(''));
  return EXIT.passed;
}
