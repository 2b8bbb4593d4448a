// Runs every gate a few times, beside no loop, and records how they stood: all of it, or nothing where it was cut off.

import { basename } from 'node:path';
import { baselineOf, baselinePlan, gatesOf } from '../core/baseline/collect.ts';
import type { AttemptEnded } from '../core/cycle/event.ts';
import type { CycleEnded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText, listText } from '../core/summary/amounts.ts';
import { appendAside } from '../engine/append.ts';
import { readState } from '../engine/read.ts';
import { scrubbed } from '../engine/scrub.ts';
import type { Failure, View } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { takeLock, type Lock } from '../system/lock.ts';
import { stopAt } from '../system/stop-file.ts';
import { beginMeasuring, endLeftMeasuring } from '../system/measuring.ts';
import type { Units } from '../system/units/units.ts';
import { makeTemporary, removeFolder } from '../system/temporary.ts';
import { durationText } from '../core/judge/words.ts';
import { NAMES_SHOWN } from '../views/words.ts';
import { carryOut, withLogsIn } from './ad-hoc.ts';
import type { Arguments } from './args.ts';
import { loadLoop, type Loop } from './load.ts';
import { sayFailure, sayLacking, sayLocked, sayProblems, sayStillThere, sayStopped } from './say.ts';
import type { Terminal } from './terminal.ts';
import { openUnitsFor, endLeftOf } from './units.ts';
import { openWorld } from './world.ts';

/** Two runs are the fewest that tell anything about noise; one more tells whether they were alike by chance. */
export const USUAL_TIMES = 3;
export const MOST_TIMES = 1000;

export interface Wanted {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly times: number;
}

export interface Done {
  readonly plan: Plan;
  readonly progress: Progress;
  /** Those that this baseline is of. */
  readonly gates: readonly string[];
}

/** Or an exit code after the reason was said. */
export async function recordBaseline(wanted: Wanted): Promise<Done | number> {
  const { args, terminal } = wanted;
  const whole = await loadLoop(args, terminal.env);
  if ('problems' in whole) return sayProblems(terminal, whole);
  const gates = gatesOf(whole.plan);
  if (gates.length === 0) {
    const problem = { message: 'there is no gate that a baseline could be recorded of' };
    return sayProblems(terminal, { problems: [problem], texts: new Map() });
  }
  const { stopFile, stateDir, history } = whole.paths;
  const stop = stopAt(stopFile);
  if (stop) return sayStopped(terminal, stopFile, { ...stop, flag: args.flags.stopFile });
  const lock = takeLock({ stateDir, history, version: terminal.version, stopFile });
  if ('failed' in lock) return sayFailure(terminal, lock, whole);
  if ('heldBy' in lock) return sayLocked(terminal, lock, args.lockedOk);
  try {
    return await underLock(wanted, { whole, gates, lock });
  } finally {
    lock.release();
  }
}

interface Locked {
  readonly whole: Loop;
  readonly gates: readonly string[];
  readonly lock: Lock;
}

async function underLock(wanted: Wanted, { whole, gates, lock }: Locked): Promise<Done | number> {
  const { args, terminal } = wanted;
  // What cannot be recorded is not measured first.
  const state = readState(realDisk(), whole.paths);
  if (!('progress' in state)) return sayFailure(terminal, state, whole);
  const { run: last } = state.progress;
  // What a dead run left running would be measured too.
  const stillThere = last && !last.ended ? await endLeftOf(last, whole.paths.stateDir) : undefined;
  if (stillThere !== undefined) return sayStillThere(terminal, { stillThere });
  endLeftMeasuring(whole.paths.stateDir);
  const named = await loadLoop(
    { ...args, flags: { ...args.flags, only: [], phases: [], tasks: gates } },
    terminal.env,
  );
  if ('problems' in named) return sayProblems(terminal, named);
  const plan = baselinePlan(named.plan);
  const held = await openUnitsFor(plan);
  if ('lacks' in held) return sayLacking(terminal, held);
  const startedAt = new Date(realClock().now().wall).toISOString();
  const from = realClock().now().mono;
  const logs = makeTemporary('gate-run-baseline-');
  const endMeasuring = beginMeasuring(whole.paths.stateDir, basename(logs));
  const measured = await measure(wanted, { loop: { ...named, plan }, logs, lock, units: held.units });
  endMeasuring();
  await held.close();
  if (measured.failure) return sayFailure(terminal, measured.failure, whole);
  if (measured.stopped !== undefined) {
    terminal.err.write(`gate-run: stopped in run ${measured.runs.length + 1}: no baseline was recorded\n`);
    return measured.stopped;
  }
  const durationMs = Math.round(realClock().now().mono - from);
  const { runs, attempts } = measured;
  const event = baselineOf({ plan: whole.plan, gates, runs, attempts, startedAt, durationMs });
  const where = { disk: realDisk(), clock: realClock(), paths: whole.paths, run: lock.run };
  const progress = await appendAside(where, scrubbed(event, measured.redact));
  if (!('seq' in progress)) return sayFailure(terminal, progress, whole);
  const isGreen = measured.runs.every(({ tasks }) => tasks.every(({ verdict }) => verdict === 'passed'));
  if (isGreen) removeFolder(logs);
  else terminal.err.write(`logs of the runs: ${logs}\n`);
  return { plan: whole.plan, progress, gates };
}

interface Measured {
  readonly runs: readonly CycleEnded[];
  /** Of each run the last attempt of each task. */
  readonly attempts: readonly ReadonlyMap<string, AttemptEnded>[];
  readonly redact: (text: string) => string;
  readonly failure?: Failure;
  /** The exit code of whoever stopped it. */
  readonly stopped?: number;
}

interface Measuring {
  readonly loop: Loop;
  readonly logs: string;
  readonly lock: Lock;
  readonly units: Units;
}

async function measure(
  { terminal, times }: Wanted,
  { loop, logs, lock, units }: Measuring,
): Promise<Measured> {
  const { stopFile, stateDir } = loop.paths;
  const asked = { stateDir, start: lock.run, givesWay: (to: string) => lock.givesWay(to) };
  const here = await openWorld(loop.plan, { folder: loop.folder, stopFile, asked, units }, terminal.env);
  const runs: CycleEnded[] = [];
  const attempts: Map<string, AttemptEnded>[] = [];
  let last = new Map<string, AttemptEnded>();
  const collect: View = {
    see: (event) => {
      if (event.type === 'attempt.ended') last.set(event.task, event);
      if (event.type !== 'cycle.ended') return;
      runs.push(event);
      attempts.push(last);
      last = new Map();
      terminal.err.write(`run ${runs.length} of ${times}: ${runText(event)}\n`);
    },
    close: () => undefined,
  };
  try {
    for (let nth = 1; nth <= times; nth += 1) {
      // A folder each, since they hold the same names; and a name each, since processes are found by it.
      const own = withLogsIn(loop, `${logs}/${basename(logs)}-${nth}`);
      const end = await carryOut({ terminal, loop: own, here, views: [collect] });
      if (end.failure) return { runs, attempts, redact: here.redact, failure: end.failure };
      const { ended } = end.progress.run ?? {};
      if (ended?.reason === 'stopped')
        return { runs: runs.slice(0, nth - 1), attempts, redact: here.redact, stopped: ended.exit };
    }
    return { runs, attempts, redact: here.redact };
  } finally {
    here.close();
  }
}

function runText({ tasks, durationMs }: CycleEnded): string {
  const gates = tasks.filter(({ kind }) => kind === 'gate');
  const red = gates
    .filter(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped')
    .map(({ id }) => id);
  const how = red.length === 0 ? 'all green' : `not green: ${listText(red, NAMES_SHOWN)}`;
  return `${countText(gates.length, 'gate')} in ${durationText(durationMs)}, ${how}`;
}
