// `gate-run resume`: takes the stop file away and carries the run on, as `--continuous` would.

import { indexPlan } from '../core/cycle/plan-index.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { readState } from '../engine/read.ts';
import { planChanged } from '../engine/run.ts';
import { realDisk } from '../system/files.ts';
import { readOwner } from '../system/lock.ts';
import { isHeld } from '../system/owner.ts';
import { isForeign } from '../system/stop-file.ts';
import { takeStop } from '../system/stop-switch.ts';
import type { Arguments } from './args.ts';
import { loadLoop, type LoadProblems } from './load.ts';
import { run } from './run.ts';
import { sayFailure, sayLocked, sayNotResumed, sayPlanChanged, sayProblems } from './say.ts';
import type { Terminal } from './terminal.ts';

export async function resume(given: Arguments, terminal: Terminal): Promise<number> {
  const problem = refused(given);
  if (problem) return sayProblems(terminal, problem);
  const flags = { ...given.flags, continuous: true };
  const args = { ...given, command: 'run', rest: [], flags };
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { stateDir, stopFile: file } = loop.paths;
  // The run that was told to stop is still on its way out: without the file, it could not be told from one that goes on.
  if (loop.plan.loop.overlap === 'skip' && isHeld(stateDir) === true)
    return sayLocked(terminal, { heldBy: readOwner(stateDir) }, args.lockedOk);
  if (flags.stopFile !== undefined && isForeign(file))
    return sayNotResumed(terminal, { exit: EXIT.usage, why: `${file} was not made by \`gate-run stop\`` });
  // What cannot go on stays stopped.
  const state = readState(realDisk(), loop.paths);
  if (!('progress' in state)) return sayFailure(terminal, state, loop);
  const changed = planChanged(indexPlan(loop.plan), args, state.progress);
  if (changed) return sayPlanChanged(terminal, changed);
  const taken = takeStop(file);
  if (taken === 'full')
    return sayNotResumed(terminal, { exit: EXIT.usage, why: `${file} is a folder with things in it` });
  if (typeof taken === 'object')
    return sayNotResumed(terminal, {
      exit: EXIT.storage,
      why: `${file} could not be removed (${taken.failed})`,
    });
  if (taken === 'taken') terminal.err.write(`gate-run: the stop file ${file} is gone\n`);
  return run(args, terminal);
}

function refused({ rest, flags }: Arguments): LoadProblems | undefined {
  const message =
    rest.length > 0
      ? `\`resume\` carries the whole loop on and takes no words, not \`${rest.join(' ')}\``
      : flags.iterations !== undefined &&
        'a number of iterations makes a run of its own, and carries none on';
  return message === false ? undefined : { problems: [{ file: 'resume', message }], texts: new Map() };
}
