// `gate-run resume`: takes the stop file away and carries the run on, by the flags that it began with where no others are typed.

import { indexPlan } from '../core/cycle/plan-index.ts';
import { isFound, mayGoOn } from '../core/loop/next.ts';
import type { RunProgress } from '../core/loop/progress.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { readState } from '../engine/read.ts';
import { planChanged } from '../engine/run.ts';
import { realDisk } from '../system/files.ts';
import { readOwner } from '../system/lock.ts';
import { isHeld } from '../system/owner.ts';
import { isForeign } from '../system/stop-file.ts';
import { takeStop } from '../system/stop-switch.ts';
import { parseArguments, type Arguments } from './args.ts';
import { flagWords, lacksSecret, shellText } from './flag-words.ts';
import { loadLoop, type LoadProblems, type Loop } from './load.ts';
import { run } from './run.ts';
import {
  sayFailure,
  sayLocked,
  sayNoneToCarryOn,
  sayNotResumed,
  sayPlanChanged,
  sayProblems,
} from './say.ts';
import type { Terminal } from './terminal.ts';

export async function resume(given: Arguments, terminal: Terminal): Promise<number> {
  const problem = refused(given);
  if (problem) return sayProblems(terminal, problem);
  const typed = { ...given, command: 'run', rest: [], flags: { ...given.flags, continuous: true } };
  const loop = await loadLoop(typed, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { stateDir } = loop.paths;
  // The run that was told to stop is still on its way out: without the file, it could not be told from one that goes on.
  if (loop.plan.loop.overlap === 'skip' && isHeld(stateDir) === true)
    return sayLocked(terminal, { heldBy: readOwner(stateDir) }, given.lockedOk);
  const state = readState(realDisk(), loop.paths);
  if (!('progress' in state)) return sayFailure(terminal, state, loop);
  const found = state.progress.run;
  if (!found || !goesOn(loop, found)) return sayNoneToCarryOn(terminal, state.progress);
  const began = !hasOwn(given) && found.flags.length > 0 ? asItBegan(typed, found) : typed;
  if ('problems' in began) return sayProblems(terminal, began);
  const start = began === typed ? loop : await loadLoop(began, terminal.env);
  if ('problems' in start) return sayProblems(terminal, start);
  // What cannot go on stays stopped.
  const changed = planChanged(indexPlan(start.plan), given, state.progress);
  if (changed) return sayPlanChanged(terminal, changed);
  const refusal = takeStopAway(start.paths.stopFile, began, terminal);
  if (refusal) return sayNotResumed(terminal, refusal);
  if (began !== typed)
    terminal.err.write(`gate-run: run ${found.id} goes on as it was started: ${shellText(found.flags)}\n`);
  return run(began, terminal);
}

/** Reporters only add to what is shown. */
function hasOwn({ flags }: Arguments): boolean {
  return flagWords({ ...flags, reporters: [] }).length > 0;
}

function goesOn({ plan }: Loop, found: RunProgress): boolean {
  const index = indexPlan(plan);
  return isFound(index, found) && mayGoOn(index, found);
}

function asItBegan(typed: Arguments, { flags: words }: RunProgress): Arguments | LoadProblems {
  if (lacksSecret(words)) {
    const message = `the run began with a secret among its flags, which was not kept: ${shellText(words)}`;
    return problemOf(message, 'give these flags to `resume`, the secret in its place');
  }
  const began = parseArguments(['run', ...words]);
  if ('problems' in began) return { ...began, texts: new Map() };
  const reporters = [...began.flags.reporters, ...typed.flags.reporters];
  return { ...typed, flags: { ...began.flags, reporters } };
}

type Refusal = Parameters<typeof sayNotResumed>[1];

function takeStopAway(file: string, { flags }: Arguments, { err }: Terminal): Refusal | undefined {
  if (flags.stopFile !== undefined && isForeign(file))
    return { exit: EXIT.usage, why: `${file} was not made by \`gate-run stop\`` };
  const taken = takeStop(file);
  if (taken === 'full') return { exit: EXIT.usage, why: `${file} is a folder with things in it` };
  if (typeof taken === 'object')
    return { exit: EXIT.storage, why: `${file} could not be removed (${taken.failed})` };
  if (taken === 'taken') err.write(`gate-run: the stop file ${file} is gone\n`);
  return undefined;
}

function refused({ rest, flags }: Arguments): LoadProblems | undefined {
  if (rest.length > 0)
    return problemOf(`\`resume\` carries the whole loop on and takes no words, not \`${rest.join(' ')}\``);
  if (flags.iterations === undefined) return undefined;
  return problemOf('a number of iterations makes a run of its own, and carries none on');
}

function problemOf(message: string, mend?: string): LoadProblems {
  const problem = { file: 'resume', message, ...(mend !== undefined && { mend }) };
  return { problems: [problem], texts: new Map() };
}
