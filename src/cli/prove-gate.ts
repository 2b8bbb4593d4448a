// One gate of `doctor --prove`: a copy, the gate on it as it is, then with something bad in it.

import { basename, join, sep } from 'node:path';
import { baselineOf } from '../core/baseline/collect.ts';
import { leadsOut } from '../core/config/prove-rules.ts';
import type { CycleEnded } from '../core/loop/event.ts';
import { EMPTY, evolve } from '../core/loop/evolve.ts';
import type { Progress } from '../core/loop/progress.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import type { TaskPlan } from '../core/plan/plan.ts';
import { plantingsOf, type Planting } from '../core/prove/planting.ts';
import { notClean, proofBy, provingPlan, unproved, type Proof } from '../core/prove/proof.ts';
import { realClock } from '../system/clock.ts';
import { copyFolder } from '../system/prove/copy.ts';
import { withoutGit } from '../system/prove/git-copy.ts';
import { plant } from '../system/prove/plant.ts';
import type { ProvingPlace } from '../system/prove/place.ts';
import { gateRunBin, packageVersion } from '../system/self.ts';
import { carryOut, withLogsIn } from './ad-hoc.ts';
import { configOf, loadLoop, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { openUnitsFor, lackingText } from './units.ts';
import { openWorld } from './world.ts';

export interface Proving {
  readonly request: CommandRequest;
  /** With every gate of the plan. */
  readonly whole: Loop;
  readonly place: ProvingPlace;
  /** Of the folder: without links, and as it was given. */
  readonly names: readonly string[];
  /** Absolute paths that are not copied: the state of the loop. */
  readonly without: ReadonlySet<string>;
  /** Copies and runs so far, which have names of their own. */
  readonly count: { copies: number; runs: number };
  readonly isOver: () => boolean;
}

/** Undefined: it was stopped meanwhile. */
export async function proveGate(proving: Proving, task: TaskPlan): Promise<Proof | undefined> {
  const { whole, isOver } = proving;
  const out = whyOutside(proving, task);
  if (out !== undefined) return unproved(task.id, out, STAY_INSIDE);
  const plantings = plantingsOf(whole.plan, task);
  if ('unplantable' in plantings) return unproved(task.id, plantings.unplantable);
  const clean = await inCopy(proving, (tree) => carriedOut(proving, task, { tree, from: EMPTY }));
  if (isOver()) return undefined;
  const red =
    clean && 'why' in clean ? unproved(task.id, clean.why, clean.mend) : notClean(task.id, clean?.ended);
  if (red || !clean || 'why' in clean) return red;
  const told: Untold[] = [];
  for (const planting of plantings) {
    const found = await inCopy(proving, (tree) =>
      planted(proving, task, { tree, from: clean.progress, planting }),
    );
    if (isOver()) return undefined;
    if (found && 'why' in found) told.push(found);
    else if (found) return found;
  }
  return unproved(task.id, told.map(({ why }) => why).join('; '), told[0]?.mend);
}

/** Why a run tells nothing, as the end of a sentence, and what to do where that is not a better `prove`. */
interface Untold {
  readonly why: string;
  readonly mend?: string;
}

const STAY_INSIDE = 'name files from the folder of the config, and run what reaches further with `--skip`';
const CORRECT_PATH = 'correct the paths of its `prove`: they go from the folder of the config';
const MAKE_ROOM = 'mend what it says, or set TMPDIR to a folder that has the room';

interface Run {
  readonly tree: string;
  /** What the run before left, which limits may be compared with. */
  readonly from: Progress;
  /** Absent: nothing is planted. */
  readonly planting?: Planting;
}

/** Each run has a copy of its own: what one leaves, such as a folder or a commit, could make the next one fail. Undefined: it was stopped. */
async function inCopy<T>(
  proving: Proving,
  use: (tree: string) => Promise<T>,
): Promise<T | Untold | undefined> {
  const copy = await copied(proving);
  try {
    if ('why' in copy) return copy;
    return proving.isOver() ? undefined : await use(copy.path);
  } finally {
    if ('path' in copy) proving.place.discard(copy.path);
  }
}

/** The proof, or why this planting tells nothing. */
async function planted(
  proving: Proving,
  task: TaskPlan,
  run: Run & Required<Pick<Run, 'planting'>>,
): Promise<Proof | Untold> {
  const { planting, tree } = run;
  const touched = await plant(tree, planting);
  if (typeof touched !== 'number') return { why: touched.unplanted, mend: CORRECT_PATH };
  if (touched === 0 && !planting.setsParameters && planting.kind !== 'silent')
    return { why: `nothing is there to plant in: ${planting.text}`, mend: CORRECT_PATH };
  const ran = await carriedOut(proving, task, run);
  if ('why' in ran) return ran;
  return (
    proofBy(task.id, planting, ran.ended) ?? { why: `it passed with ${planting.text}, which says nothing` }
  );
}

/** What lies elsewhere is no part of the copy: of the gate, what it judges, and all that they need. */
function whyOutside({ whole: { plan }, names }: Proving, gate: TaskPlan): string | undefined {
  const tasks = new Map(plan.phases.flatMap((phase) => phase.tasks).map((task) => [task.id, task]));
  const carriedOutToo = new Set([gate]);
  for (const { needs, judges } of carriedOutToo)
    for (const id of judges === undefined ? needs : [judges, ...needs]) {
      const other = tasks.get(id);
      if (other) carriedOutToo.add(other);
    }
  for (const { id, command, env, cwd, stdin } of carriedOutToo) {
    const who = id === gate.id ? 'it' : `${id}, which it needs,`;
    if (cwd !== undefined && leadsOut(cwd))
      return `${who} runs in ${cwd}, outside of the folder that is copied`;
    const said = JSON.stringify([command, env.set, stdin, plan.vars]);
    if (names.some((name) => isNamedIn(said, name)))
      return `${who} names the work tree by its whole path, and would look there and not into the copy`;
  }
  return undefined;
}

/** `/a/b` is named in `cd /a/b && …` and `--root=/a/b/c`, and not in `/a/bc`. */
function isNamedIn(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1))
    if (!/[\w.-]/.test(text.charAt(at + path.length))) return true;
  return false;
}

async function copied({ whole, place, count, without, isOver }: Proving): Promise<{ path: string } | Untold> {
  count.copies += 1;
  const path = join(place.folder, String(count.copies), basename(whole.folder) || 'copy');
  const why = await copyFolder({ from: whole.folder, to: path, without, isOver });
  if (why === undefined) return { path };
  place.discard(path);
  return { why: `the folder cannot be copied: ${why}`, mend: MAKE_ROOM };
}

interface Ran {
  readonly ended: CycleEnded | undefined;
  readonly progress: Progress;
}

async function carriedOut(
  { request, whole, place, count }: Proving,
  task: TaskPlan,
  { tree, from, planting }: Run,
): Promise<Ran | Untold> {
  const { flags = NO_FLAGS } = request;
  const named = { ...flags, tasks: [task.id], only: [], phases: [] };
  const wanted = {
    config: basename(configOf(whole)),
    folder: tree,
    flags: planting?.setsParameters === true ? { ...named, proving: task.id } : named,
  };
  const env = withoutGit(request.env);
  const loop = await loadLoop(wanted, env);
  if ('problems' in loop) return { why: `the copy makes no plan: ${loop.problems[0]?.message ?? ''}` };
  const plan = provingPlan(loop.plan, task, planting?.kind);
  count.runs += 1;
  const logs = join(place.folder, 'logs', `${basename(place.folder)}-${count.runs}`);
  // A state that lies elsewhere is the loop's own.
  const isIn = loop.paths.stateDir.startsWith(`${tree}${sep}`);
  const stateDir = isIn ? loop.paths.stateDir : join(place.folder, 'state');
  const own = withLogsIn({ ...loop, plan, paths: { ...loop.paths, stateDir } }, logs);
  const held = await openUnitsFor(plan);
  if ('lacks' in held) return { why: lackingText(held).says };
  const here = await openWorld(plan, { folder: tree, units: held.units }, env);
  const terminal = { version: packageVersion(), bin: gateRunBin() };
  try {
    const { progress, failure } = await carryOut({ terminal, loop: own, here, views: [], from });
    if (failure) return { why: `${failure.what} failed: ${failure.failed}` };
    const ended = progress.run?.id === basename(logs) ? progress.lastTurn : undefined;
    return { ended, progress: ended ? remembering(progress, { loop: own, task, ended }) : progress };
  } finally {
    here.close();
    await held.close();
  }
}

/** As if what was measured were the baseline too: twice the same, so that a limit in standard deviations has one of 0. */
function remembering(
  progress: Progress,
  {
    loop: { plan },
    task,
    ended,
  }: { readonly loop: Loop; readonly task: TaskPlan; readonly ended: CycleEnded },
): Progress {
  const at = new Date(realClock().now().wall).toISOString();
  const event = baselineOf({
    plan,
    gates: [task.id],
    runs: [ended, ended],
    startedAt: at,
    durationMs: ended.durationMs,
  });
  const { seq, mono } = progress;
  return evolve(progress, { v: 1, seq: seq + 1, at, mono, run: progress.run?.id ?? '', ...event });
}
