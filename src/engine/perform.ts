// Starts what a recorded decision says, in whichever world it is given. It decides nothing and reports nothing.

import { locksOf } from '../core/cycle/locks.ts';
import { freePlaces } from '../core/cycle/places.ts';
import { taskOf, type PlanIndex } from '../core/cycle/plan-index.ts';
import { indexFor } from '../core/cycle/turn-index.ts';
import type { TaskSought } from '../core/cache/event.ts';
import type { AttemptEnded, AttemptRef, TaskJudged } from '../core/cycle/event.ts';
import type { CycleProgress } from '../core/cycle/progress.ts';
import type { Recorded } from '../core/loop/event.ts';
import type { HookStarted } from '../core/loop/hook-event.ts';
import type { Rival } from '../core/loop/rival.ts';
import { championNotice, noticeOf } from '../core/loop/notices.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { SimsFacts } from '../core/plan/sims-order.ts';
import type { ProtectAsked, ProtectNoting } from '../core/protect/event.ts';
import { capture } from '../core/loop/questions.ts';
import { taskSummary } from '../core/loop/summarise.ts';
import { makeHookOrder, questionFile } from '../core/plan/hook-order.ts';
import { cycleFile, makeOrder, missingNames, readsCycleFile, unseenIn } from '../core/plan/order.ts';
import type { OrderInput } from '../core/plan/order.ts';
import { grownIn } from '../core/protect/progress.ts';
import type { Disk, Guard, Hooks, Inbox, Locks, Notices, Processes, WorkTree } from '../ports.ts';
import type { ChampionChosen, ChampionKept } from '../core/loop/champion-event.ts';
import type { ChampionKeeper } from './champion.ts';
import { inputOf } from './input.ts';
import { appendWhole } from './write-whole.ts';

/** What a run stands in: absolute paths, all of them. */
export interface Surroundings {
  /** The config's folder; tasks run there. */
  readonly folder: string;
  readonly stateDir: string;
  readonly cycles: string;
  /** The Node and the script that run gate-run itself, for gates that call its own commands. */
  readonly node: string;
  readonly bin: string;
}

/** The cache as the engine asks it; see caching.ts, which is loaded only where a task may be answered. */
export interface Caching {
  seek(input: OrderInput, cycle: CycleProgress, event: Recorded<TaskSought>): void;
  judged(index: PlanIndex, event: Recorded<TaskJudged>, cycle: CycleProgress): void;
  /** Something is about to run that may change any file; `starting`: it is this task. */
  disturbed(starting?: string): void;
}

export interface Stage {
  readonly index: PlanIndex;
  readonly world: {
    readonly disk: Disk;
    readonly processes: Processes;
    readonly inbox: Inbox;
    readonly hooks?: Hooks;
    readonly locks?: Locks;
    readonly guard?: Guard;
    readonly workTree?: WorkTree;
    readonly notices?: Notices;
    readonly champions?: ChampionKeeper;
    readonly cache?: Caching;
  };
  readonly surroundings: Surroundings;
}

/** Something is about to run that may change any file, or time passes in which anybody may. */
const DISTURBING: ReadonlySet<Recorded['type']> = new Set(['attempt.started', 'hook.started', 'cycle.ended']);

export function performer(stage: Stage): (event: Recorded, progress: Progress) => void {
  const { index, world } = stage;
  return (event, progress) => {
    const notice = world.notices && noticeOf(index.plan, event, progress);
    if (notice) world.notices?.tell(notice);
    if (DISTURBING.has(event.type))
      world.cache?.disturbed(event.type === 'attempt.started' ? event.task : undefined);
    if (event.type === 'hook.started') startHook(stage, event, progress);
    if (event.type === 'hook.stopping') world.hooks?.stop();
    if (event.type === 'champion.chosen') {
      const fact = kept(world.champions, event, progress);
      world.inbox.put(fact);
      if (fact.failed === undefined) world.notices?.tell(championNotice(index.plan, event, fact, progress));
    }
    if (event.type === 'protect.noting' || event.type === 'protect.asked') guard(stage, event, progress);
    // Where nobody can look, as in a rehearsal, the work never stands still.
    if (event.type === 'receipts.asked') {
      if (world.workTree) world.workTree.look(event.since);
      else world.inbox.put({ type: 'receipts.told', tree: `cycle ${progress.cycle}` });
    }
    const cycle = progress.open;
    if (!cycle) return;
    const own = cycle.confirm ? { ...stage, index: indexFor(index, cycle) } : stage;
    if (event.type === 'attempt.started') start(own, event, progress, cycle);
    if (event.type === 'attempt.undoing') world.processes.undo(refOf(event));
    if (SETTLING.has(event.type)) settled(own, event);
    if (event.type === 'attempt.stopping') world.processes.signal(refOf(event), event.signal, event.cause);
    if (event.type === 'task.asked') {
      const seen = progress.passes.get(event.task)?.inputs;
      world.processes.ask(event.task, taskOf(own.index, event.task).when.asks, seen);
    }
    if (event.type === 'task.locking') {
      // As the plan has them: the record is without secrets. Without other runs in this world nobody else can have them.
      const names = locksOf(own.index, event.task);
      if (world.locks) world.locks.take({ task: event.task, names, run: event.run });
      else world.inbox.put({ type: 'task.locked', task: event.task });
    }
    if (event.type === 'task.judged' || event.type === 'task.skipped') world.locks?.release(event.task);
    if (event.type === 'task.sought') seek(own, event, progress, cycle);
    if (event.type === 'task.judged') world.cache?.judged(own.index, event, cycle);
    if (event.type === 'task.judged' && event.fingerprint !== undefined && !cycle.confirm)
      writeQuestion(stage, event.task, cycle);
  };
}

const SETTLING: ReadonlySet<Recorded['type']> = new Set(['task.judged', 'task.skipped']);

function settled({ index, world }: Stage, event: Recorded): void {
  if ('task' in event && index.tasks.get(event.task)?.writes) world.processes.forget(event.task);
}

/** Where nothing is kept, as in a rehearsal, the value alone is the champion. */
function kept(
  champions: ChampionKeeper | undefined,
  event: Recorded<ChampionChosen>,
  { lastAt, champion }: Progress,
): ChampionKept {
  const { cycle } = event;
  return (
    champions?.keep(event, lastAt ?? event.at, champion?.cycle) ?? {
      type: 'champion.kept',
      cycle,
      files: 0,
      bytes: 0,
    }
  );
}

/** Without hooks in this world each of them is over at once, as in a rehearsal. */
function startHook(
  { index, world, surroundings }: Stage,
  event: Recorded<HookStarted>,
  progress: Progress,
): void {
  const { plan } = index;
  const { nth, question: fingerprint, cycle } = event;
  const hook = plan.hooks?.find(({ on }) => on === event.hook);
  if (!hook || !world.hooks) {
    world.inbox.put({ type: 'hook.ended', nth, hook: event.hook, how: 'exited', code: 0, durationMs: 0 });
    return;
  }
  const question = fingerprint === undefined ? undefined : progress.questions.get(fingerprint);
  if (question) {
    const file = questionFile({ fingerprint: question.fingerprint, cycle }, progress, surroundings.cycles);
    const text = new TextEncoder().encode(`${question.text.trimEnd()}\n`);
    world.disk.makeFolder(file.slice(0, file.lastIndexOf('/')));
    const failure = world.disk.replace(file, text, false);
    if (failure) world.inbox.put({ type: 'noted', what: `${failure.what} (${failure.failed})` });
  }
  world.hooks.start(makeHookOrder({ plan, hook, event, progress, facts: surroundings }));
}

/** Without a guard in this world nothing ever changes, as in a rehearsal. */
function guard(
  { world }: Stage,
  event: Recorded<ProtectNoting> | Recorded<ProtectAsked>,
  { run, open }: Progress,
): void {
  if (event.type === 'protect.noting') {
    if (world.guard) world.guard.note(event.against === undefined ? undefined : run?.unaccepted);
    else world.inbox.put({ type: 'protect.noted', files: 0, bytes: 0, sum: event.against ?? '' });
    return;
  }
  const { phase, after } = event;
  const at = { ...(phase !== undefined && { phase }), ...(after !== undefined && { after }) };
  const noted = typeof run?.protect === 'object' ? run.protect : undefined;
  if (world.guard && noted) world.guard.compare(at, grownIn(noted, open?.guard.grown));
  else world.inbox.put({ type: 'protect.answered', ...at });
}

function start(stage: Stage, event: Recorded & AttemptRef, progress: Progress, cycle: CycleProgress): void {
  const { index, world } = stage;
  const task = taskOf(index, event.task);
  const asked = inputOf(stage, event, refOf(event), { cycle, progress });
  const facts = {
    ...asked.facts,
    ...rivalFor(stage, event, progress),
    ...(task.sims && { sims: simsFacts(stage, event.task, progress, cycle) }),
    // The fold has counted this one already.
    ...(task.writes && { attemptsBefore: (cycle.tasks.get(event.task)?.attempts ?? 1) - 1 }),
  };
  const input = { ...asked, facts };
  if (readsCycleFile(task)) writeCycleFile(stage, cycle, facts.cycleDir);
  const [missing] = missingNames(input);
  const unseen = missing === undefined ? unseenIn(input) : undefined;
  const unlaid = cycle.confirm && layChampion(stage, progress, facts.cycleDir);
  if (unlaid !== undefined) world.inbox.put(refused(input.ref, unlaid));
  else if (missing !== undefined) world.inbox.put(refused(input.ref, missingText(missing)));
  else if (unseen !== undefined) world.inbox.put(refused(input.ref, unseen));
  else world.processes.start(makeOrder(input));
}

/** The champion's files stand where they stood in its own cycle, so that the same command finds them; the reason where they cannot. */
function layChampion({ world }: Stage, { champion }: Progress, folder: string): string | undefined {
  if (!champion) return 'there is no champion any more';
  const damage = world.champions?.lay(champion, folder);
  if (!damage) return undefined;
  if ('damaged' in damage)
    world.inbox.put({ type: 'champion.set-aside', cycle: champion.cycle, why: damage.damaged });
  return 'damaged' in damage ? damage.damaged : damage.unlaid;
}

/** On the top rung of its ladder a candidate meets the champion; one whose values cannot be trusted is none any more. */
function rivalFor(
  { index: { plan }, world }: Stage,
  { task, rung }: AttemptRef,
  { champion }: Progress,
): { readonly rival?: Rival } {
  const { objective } = plan;
  if (!champion || !objective?.pairing || objective.task !== task || objective.count !== rung) return {};
  const rival = world.champions?.rival(champion);
  if (!rival) return {};
  if (!('damaged' in rival)) return { rival };
  world.inbox.put({ type: 'champion.set-aside', cycle: champion.cycle, why: rival.damaged });
  return {};
}

function simsFacts({ index }: Stage, id: string, progress: Progress, cycle: CycleProgress): SimsFacts {
  return {
    lanes: freePlaces({ index, cycle, progress }, id),
    fileCrc: cycle.tasks.get(id)?.simsFile,
  };
}

/** Without a cache in this world the task runs. */
function seek(stage: Stage, event: Recorded<TaskSought>, progress: Progress, cycle: CycleProgress): void {
  const { cache, inbox } = stage.world;
  const ref = { task: event.task, attempt: 1 };
  if (cache) cache.seek(inputOf(stage, event, ref, { cycle, progress }), cycle, event);
  else inbox.put({ type: 'task.missed', task: event.task, why: [] });
}

/** Nothing is started with a hole in its words: an empty text in the place of a value can mean anything. */
function missingText(missing: string): string {
  const why = missing.startsWith('champion.') ? ': there is no champion yet, or it has none' : '';
  return `\`{{${missing}}}\` has no value in this cycle${why}`;
}

function refused(ref: AttemptRef, detail: string): AttemptEnded {
  return {
    type: 'attempt.ended',
    ...ref,
    end: { notStarted: 'no-value', detail },
    durationMs: 0,
    bytes: 0,
    log: 'none',
  };
}

/** The cycle so far, for tasks that read it; one that cannot be written is missed by the task that needs it. */
function writeCycleFile({ index, world }: Stage, cycle: CycleProgress, folder: string): void {
  const tasks = [...cycle.tasks.keys()].map((id) => taskSummary(index, cycle, id));
  const text = JSON.stringify(
    { cycle: cycle.cycle, turn: cycle.turn, startedAt: cycle.startedAt, tasks },
    undefined,
    2,
  );
  world.disk.replace(cycleFile(folder), new TextEncoder().encode(`${text}\n`), false);
}

/** The five lines stand at the end of the attempt's log too. A log that cannot be written is noted, and no reason to stop. */
function writeQuestion({ index, world, surroundings }: Stage, id: string, cycle: CycleProgress): void {
  const summary = taskSummary(index, cycle, id);
  if (summary.log === undefined) return;
  const path = `${surroundings.cycles}/${summary.log}`;
  const failure = appendWhole(world.disk, path, `\n${capture(index, cycle.cycle, summary)}\n`, false);
  if (!failure) return;
  const what = `the question is not at the end of the log of ${id}: ${failure.what} (${failure.failed})`;
  world.inbox.put({ type: 'noted', what });
}

function refOf({ task, rung, attempt }: AttemptRef): AttemptRef {
  return { task, ...(rung !== undefined && { rung }), attempt };
}
