// `gate-run [run]`: one cycle of the loop, under its lock. Named tasks go to ad-hoc.ts.

import { resolve } from 'node:path';
import { DEFAULT_STATE_DIR } from '../core/plan/outputs.ts';
import { listText } from '../core/summary/amounts.ts';
import type { StopSeen } from '../core/loop/event.ts';
import type { Request } from '../core/loop/request.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { run as runEngine, type PlanChanged, type RunParts, type World } from '../engine/run.ts';
import type { CarouselEnd } from '../engine/carousel.ts';
import { readState, type Damage } from '../engine/read.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Failure, View } from '../ports.ts';
import { realDisk } from '../system/files.ts';
import { takeLock, type Held, type Lock } from '../system/lock.ts';
import { machineFacts } from '../system/machine.ts';
import { READY_FD } from '../system/self.ts';
import { stopAt } from '../system/stop-file.ts';
import { endLeftMeasuring } from '../system/measuring.ts';
import { removeLeft } from '../system/stand-in.ts';
import { noteNewest } from '../system/uncovered.ts';
import { Cgroups } from '../system/units/cgroups.ts';
import type { Arguments } from './args.ts';
import { coveringView } from './cover-logs.ts';
import { flagWords } from './flag-words.ts';
import { partsOf } from './keeping.ts';
import { keepOutOfGit } from './keep-out-of-git.ts';
import { loadLoop, type LoadProblems, type Loop } from './load.ts';
import type { OpenedCache } from './open-cache.ts';
import { openViews, type Views } from './open-views.ts';
import {
  sayFailure,
  sayLacking,
  sayLeft,
  sayLocked,
  sayPlanChanged,
  sayProblems,
  sayStillThere,
  sayStopped,
} from './say.ts';
import type { Terminal } from './terminal.ts';
import { beginUnits, endLeftOf, leavingView, type BegunUnits } from './units.ts';
import { openWorld, type Here } from './world.ts';

/** Of tasks that one sentence is about. */
const NAMED = 8;

export async function run(args: Arguments, terminal: Terminal): Promise<number> {
  // Named tasks open groups of their own, as they need them.
  const cgroups = args.flags.tasks.length > 0 ? 'nobody asked for them' : Cgroups.open();
  try {
    return await loaded(args, terminal, cgroups);
  } finally {
    if (typeof cgroups !== 'string') await cgroups.close();
  }
}

async function loaded(args: Arguments, terminal: Terminal, cgroups: Cgroups | string): Promise<number> {
  const loop = await loadWanted(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  if ('failed' in loop || 'damaged' in loop) return sayFailure(terminal, loop, loop.loop);
  const cache = await cacheOf(loop, terminal.env);
  const problems = cache?.problems();
  if (problems && problems.problems.length > 0) return sayProblems(terminal, problems);
  if (args.flags.tasks.length > 0)
    return (await import('./ad-hoc.ts')).adHoc({ args, terminal, loop, cache });
  if (loop.plan.notify) {
    const problems = (await import('./at-work.ts')).missingSecrets(loop.plan, terminal.env);
    if (problems.length > 0) return sayProblems(terminal, { problems, texts: new Map() });
  }
  if (loop.plan.protect) {
    const problems = await (await import('./protect.ts')).protectProblems(loop);
    if (problems.length > 0) return sayProblems(terminal, { problems, texts: new Map() });
  }
  const layers = beginUnits(loop.plan, cgroups);
  try {
    const lacking = await layers.lacking(loop.plan);
    return await (lacking ? sayLacking(terminal, lacking) : locked({ args, terminal, loop, cache, layers }));
  } finally {
    await layers.close();
  }
}

async function locked({ args, terminal, loop, cache, layers }: Omit<Start, 'lock'>): Promise<number> {
  // Before the lock: a start that may not be leaves nothing behind.
  const { stopFile } = loop.paths;
  const stop = stopAt(stopFile);
  if (stop) return sayStopped(terminal, stopFile, { ...stop, flag: args.flags.stopFile });
  const lock = await lockFor(loop, args, terminal);
  if ('failed' in lock || 'damaged' in lock) return sayFailure(terminal, lock, loop);
  if ('changedSince' in lock) return sayPlanChanged(terminal, lock);
  if ('by' in lock) return sayLeft(terminal, lock);
  if ('heldBy' in lock) return sayLocked(terminal, lock, args.lockedOk);
  try {
    const unclean = args.cleanState ? await cleanState(loop, terminal, lock) : undefined;
    if (unclean) return await sayFailure(terminal, unclean, loop);
    removeLeft(replacedIn(loop));
    endLeftMeasuring(loop.paths.stateDir);
    const failure = realDisk().makeFolder(loop.paths.cycles) ?? hide(loop);
    return await (failure
      ? sayFailure(terminal, failure, loop)
      : underLock({ args, terminal, loop, lock, cache, layers }));
  } finally {
    lock.release();
  }
}

/** Undefined: no task may be answered from one. */
export async function cacheOf(loop: Loop, env: NodeJS.ProcessEnv): Promise<OpenedCache | undefined> {
  return hasCache(loop.plan) ? (await import('./open-cache.ts')).openCache(loop, env) : undefined;
}

function hasCache({ cache, phases }: Plan): boolean {
  return cache !== undefined && phases.some(({ tasks }) => tasks.some((task) => task.cache !== undefined));
}

async function cleanState(loop: Loop, terminal: Terminal, { run: name }: Lock): Promise<Failure | undefined> {
  return (await import('./clean-state.ts')).cleanState(loop, terminal, name);
}

type Locked = Lock | Held | Failure | StopSeen | Damage | PlanChanged;

async function lockFor(loop: Loop, args: Arguments, terminal: Terminal): Promise<Locked> {
  const { stateDir, history, stopFile } = loop.paths;
  const { overlap } = loop.plan.loop;
  const wishes = { stateDir, history, version: terminal.version, stopFile };
  const lock = takeLock(wishes);
  if (!('heldBy' in lock) || overlap === 'skip') return lock;
  if (overlap === 'replace')
    return (await import('./replace.ts')).takePlace(wishes, { loop, args, terminal });
  return (await import('./queue.ts')).waitForLock(wishes, terminal);
}

/** What a run writes whole, beside the ledger; a kill in the middle leaves its stand-in. */
function replacedIn({ plan, folder, paths }: Loop): readonly string[] {
  const { stateDir, latest, questions, stopFile } = paths;
  const own = ['.gitignore', 'checkpoint.json', 'owner.json', 'replace.json', 'reserve'].map(
    (name) => `${stateDir}/${name}`,
  );
  const reports = plan.reporters.flatMap(({ file }) => (file === undefined ? [] : [resolve(folder, file)]));
  return [...own, latest, questions, stopFile, ...reports];
}

/** A folder that was chosen is left as it is. */
function hide({ plan, paths }: Loop): Failure | undefined {
  return plan.state.dir === DEFAULT_STATE_DIR ? keepOutOfGit(paths.stateDir) : undefined;
}

type Unreadable = (Failure | Damage) & { readonly loop: Loop };

/** With `--failed` the last cycle says which tasks are wanted. */
async function loadWanted(
  args: Arguments,
  env: NodeJS.ProcessEnv,
): Promise<Loop | LoadProblems | Unreadable> {
  const loop = await loadLoop(args, env, machineFacts);
  if (!args.failedOnly || 'problems' in loop) return loop;
  const state = readState(realDisk(), loop.paths);
  if (!('progress' in state)) return { ...state, loop };
  const { last } = state.progress;
  if (!last) return nothingFailed('no cycle has ended yet, so nothing can have failed');
  const failed = last.tasks
    .filter((task) => task.verdict !== 'passed' && !task.isExcused)
    .map((task) => task.id);
  if (failed.length === 0) return nothingFailed(`every task of cycle ${last.cycle} was green`);
  const known = new Set(loop.plan.phases.flatMap(({ tasks }) => tasks.map(({ id }) => id)));
  if (!failed.some((id) => known.has(id)))
    return nothingFailed(
      `of cycle ${last.cycle} ${listText(failed, NAMED)} ${failed.length === 1 ? 'was' : 'were'} not green, and the config has no such task any more`,
    );
  return loadLoop({ ...args, flags: { ...args.flags, failed } }, env, machineFacts);
}

function nothingFailed(message: string): LoadProblems {
  return { problems: [{ file: '--failed', message, mend: 'run without `--failed`' }], texts: new Map() };
}

interface Start {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly lock: Lock;
  readonly cache: OpenedCache | undefined;
  readonly layers: BegunUnits;
}

async function underLock({ args, terminal, loop, lock, cache, layers }: Start): Promise<number> {
  const { plan, folder, paths } = loop;
  const { stateDir, stopFile } = paths;
  const asked = { stateDir, start: lock.run, givesWay: (to: string) => lock.givesWay(to) };
  const units = await layers.units();
  const here = await openWorld(plan, { folder, stopFile, asked, units }, terminal.env);
  const views = await openViews({ args, terminal, loop, here, keepsState: true });
  const answers = cache?.beside(here.world.inbox, paths.history);
  const isAtWork = plan.hooks !== undefined || plan.notify !== undefined;
  const work = isAtWork
    ? (await import('./at-work.ts')).openWork({ loop, here, terminal, run: lock.run })
    : undefined;
  const guard = plan.protect ? (await import('./protect.ts')).guardOf(loop, here, stateDir) : {};
  const workTree = plan.receipts ? await workTreeOf(loop, here) : {};
  const covering = coveringView(plan, paths.cycles);
  const isReady = await readyIn(terminal.env);
  const begun = (name: string): void => {
    isReady(name);
    work?.begin();
  };
  const champions = plan.objective && (await import('./champions.ts')).championsOf(loop);
  const beside = plan.archive || plan.snapshots ? await besideRun(loop) : {};
  try {
    const end = await runEngine({
      ...beside,
      archives: partsOf(loop).archives,
      plan,
      request: await requestOf(args, plan, {
        run: lock.run,
        version: terminal.version,
        containment: units.containment(plan),
        ...(here.machine && { machine: here.machine }),
      }),
      world: {
        ...here.world,
        ...work?.ports,
        ...(champions && { champions }),
        ...(answers && { cache: answers.port }),
        ...guard,
        ...workTree,
      },
      paths,
      surroundings: {
        folder,
        stateDir: paths.stateDir,
        cycles: paths.cycles,
        node: process.execPath,
        bin: terminal.bin,
      },
      views: [ownerView(lock, begun), covering, leavingView(plan, layers), ...views.all],
      redact: here.redact,
      foundRun: async (found) => {
        const stillThere = await endLeftOf(found, paths.stateDir, units.containment(plan).engines);
        noteNewest(paths.cycles);
        return stillThere;
      },
      ending: () => {
        here.endEscaped();
        layers.leave();
      },
      lookForStop: here.lookForStop,
    });
    if ('changedSince' in end) return sayPlanChanged(terminal, end);
    if ('stillThere' in end) return sayStillThere(terminal, end);
    if (!('progress' in end)) return sayFailure(terminal, end, loop);
    await closeViews({ all: [...views.all, covering] }, end, terminal);
    await answers?.settle();
    await work?.ended(end);
    for (const what of end.unheard) terminal.err.write(`gate-run: ${here.redact(what)}\n`);
    // The views have told it already, the JSON object among them.
    if (end.failure) return sayFailure({ ...terminal, json: undefined }, end.failure, loop);
    return end.progress.run?.ended?.exit ?? EXIT.bug;
  } finally {
    work?.close();
    views.close();
    here.close();
  }
}

async function workTreeOf(
  { plan, folder }: Loop,
  { world: { inbox } }: Here,
): Promise<Pick<World, 'workTree'>> {
  const { realWorkTree } = await import('../system/work-tree.ts');
  return { workTree: realWorkTree({ folder, except: plan.receipts?.except ?? [], inbox }) };
}

async function besideRun(loop: Loop): Promise<Pick<RunParts, 'archive' | 'snapshots'>> {
  return (await import('./keep-beside.ts')).keepBeside(loop);
}

/** What this start was asked for; calendar and expressions are loaded only where the plan has one. */
async function requestOf(
  { acceptConfig, flags }: Arguments,
  { loop: { cron }, ends, failOn, redact }: Plan,
  start: Pick<Request, 'run' | 'version' | 'containment' | 'machine'>,
): Promise<Request> {
  const evaluate = ends.when && (await import('../core/expression.ts')).expressions.holds;
  const words = flagWords(flags, redact);
  const asked = { ...start, failOn, acceptConfig, flags: words, ...(evaluate && { evaluate }) };
  if (!cron) return asked;
  const { nextFireOf } = await import('../system/schedule.ts');
  return { ...asked, nextFire: nextFireOf(cron.expression, cron.timezone) };
}

/** Whoever detached this start waits to hear that its run is under way. */
async function readyIn(env: NodeJS.ProcessEnv): Promise<(run: string) => void> {
  const told = env[READY_FD] === undefined ? undefined : await import('../system/detach.ts');
  return told?.readyIn(env) ?? (() => undefined);
}

/** A run that is carried on keeps its name, and people look for that one. */
function ownerView(lock: Lock, isReady: (run: string) => void): View {
  return {
    see: (event) => {
      const isCarriedOn = event.type === 'run.resumed' && event.goesOn;
      if (isCarriedOn) lock.carries(event.run);
      if (isCarriedOn || event.type === 'run.started') isReady(event.run);
    },
    close: () => undefined,
  };
}

/** On every path, one after another, each on its own: a report that fails takes no other one with it. */
export async function closeViews(
  { all }: Pick<Views, 'all'>,
  { progress }: CarouselEnd,
  terminal: Terminal,
): Promise<void> {
  for (const view of all) {
    try {
      await view.close(progress);
    } catch (error) {
      terminal.err.write(
        `gate-run: a report is missing: ${error instanceof Error ? error.message : String(error)}; the verdict stands\n`,
      );
    }
  }
}
