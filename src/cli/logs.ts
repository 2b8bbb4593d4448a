// `gate-run logs [cycle] [task]`: which log, or the log itself. A task that printed nothing has none, and that is said.

import { relative } from 'node:path';
import { nearest } from '../core/config/nearest.ts';
import { indexPlan } from '../core/cycle/plan-index.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import { cycleFolder, logName } from '../core/loop/names.ts';
import { EXIT } from '../core/loop/run-end.ts';
import type { Secret } from '../core/judge/redact.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { realDisk } from '../system/files.ts';
import { stderrLog } from '../system/log.ts';
import { MARKS } from '../views/words.ts';
import { whileRunning } from './follow.ts';
import { turnsOf } from './history.ts';
import { partsOf } from './keeping.ts';
import { pour, startOf } from './pour.ts';
import { archiveWith, pourPacked, sizesIn } from './packed-logs.ts';
import type { CommandRequest } from './request.ts';
import { goneOn, shownFrom, type Reading } from './shown-text.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';

interface Wanted {
  readonly cycle: number | undefined;
  readonly task: string | undefined;
  readonly tail: number | undefined;
  readonly follow: boolean;
  readonly stderr: boolean;
}

/** A task of a cycle with the log of its last attempt, relative to the cycles' folder. */
interface TaskLog {
  readonly id: string;
  readonly mark: string;
  readonly log: string | undefined;
  /** Whether there was an attempt at all. */
  readonly isStarted: boolean;
  readonly isRunning: boolean;
}

export async function logs(request: CommandRequest): Promise<number> {
  const wanted = wantedOf(request);
  if (typeof wanted === 'number') return wanted;
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const cycle = wanted.cycle ?? state.progress.cycle;
  if (wanted.task === undefined && wanted.follow)
    return (await import('./logs-follow.ts')).followRun(request, state, wanted.tail);
  if (cycle === 0) return say(request, 'no cycle yet, so there is no log');
  const tasks = tasksOf(state, cycle);
  if (tasks.length === 0)
    return refuse(
      request,
      'logs',
      `there is no cycle ${cycle} in the ledger; the last one is ${state.progress.cycle}`,
    );
  if (wanted.task === undefined) return list(request, state, tasks);
  const task = tasks.find((one) => one.id === wanted.task);
  if (!task) {
    const near = nearest(
      wanted.task,
      tasks.map((one) => one.id),
    );
    const mend = near === undefined ? '' : ` — did you mean \`${near}\`?`;
    return refuse(request, 'logs', `there is no task \`${wanted.task}\` in cycle ${cycle}${mend}`);
  }
  return print({ request, state, task, wanted });
}

function wantedOf(request: CommandRequest): Wanted | number {
  const known = { tail: 'value', follow: 'none', stderr: 'none' } as const;
  const { flags, rest, problem } = takeFlags(request.args, known);
  if (problem !== undefined) return refuse(request, 'logs', problem);
  const words = [...rest];
  const cycle = words[0] === undefined || !/^\d/.test(words[0]) ? undefined : countOf(words.shift() ?? '');
  if (/^\d/.test(rest[0] ?? '') && cycle === undefined)
    return refuse(request, 'logs', `\`${rest[0]}\` is no cycle number`);
  const [task, ...more] = words;
  if (more.length > 0)
    return refuse(request, 'logs', `takes a cycle and a task, not \`${rest.join(' ')}\` too`);
  const tail = flags.tail === undefined ? undefined : countOf(flags.tail);
  if (flags.tail !== undefined && tail === undefined) {
    return refuse(request, 'logs', `--tail takes a number of lines from 1, not \`${flags.tail}\``);
  }
  const asked = { tail, follow: flags.follow !== undefined, stderr: flags.stderr !== undefined };
  const isOfRun = asked.follow && !asked.stderr && cycle === undefined;
  if (task === undefined && !isOfRun && (asked.tail !== undefined || asked.follow || asked.stderr)) {
    return refuse(
      request,
      'logs',
      '--tail and --stderr need a task; --follow needs one too, or neither cycle nor task: then it shows all of the run',
    );
  }
  return { cycle, task, ...asked };
}

function tasksOf(state: State, cycle: number): readonly TaskLog[] {
  const ended = turnsOf(state, cycle);
  const finished = ended.flatMap((turn) => turn.tasks.map(finishedLog));
  const { open } = state.progress;
  if (open?.cycle !== cycle || !state.plan) return finished;
  const index = indexPlan(state.plan);
  const under = [...open.tasks.values()].flatMap((task) => {
    const plan = index.tasks.get(task.id);
    if (!plan || task.attempts === 0) return [];
    const log = `${cycleFolder(open.cycle, open.turn)}/${logName(plan, task.rung, task.attempt)}`;
    const mark = task.judged ? MARKS[task.judged.verdict] : '…';
    return { id: task.id, mark, log, isStarted: true, isRunning: open.running.has(task.id) };
  });
  return [...finished, ...under];
}

function finishedLog(task: TaskSummary): TaskLog {
  return {
    id: task.id,
    mark: MARKS[task.verdict],
    log: task.log,
    isStarted: task.attempts > 0,
    isRunning: false,
  };
}

async function list(request: CommandRequest, state: State, tasks: readonly TaskLog[]): Promise<number> {
  const packed = await packedOf(state, tasks);
  const rows = tasks.map((task) => {
    const { log } = task;
    const own = log === undefined ? undefined : realDisk().size(`${state.paths.cycles}/${log}`);
    const archive = log === undefined ? undefined : packed.get(log);
    const bytes = own ?? archive?.bytes;
    return {
      task: task.id,
      log: log === undefined ? null : archive ? `${archive.file}:${log}` : `${state.shown.cycles}/${log}`,
      bytes: bytes ?? null,
      mark: task.mark,
      nothing: task.isStarted ? 'no output' : 'nothing was started',
    };
  });
  if (request.json) {
    request.write(
      `${JSON.stringify(
        rows.map(({ task, log, bytes }) => ({ task, log, bytes })),
        null,
        2,
      )}\n`,
    );
    return 0;
  }
  const width = Math.max(...rows.map((row) => row.task.length));
  for (const { task, mark, log, bytes, nothing } of rows) {
    const where = log === null || bytes === null ? nothing : log;
    request.write(`${mark} ${task.padEnd(width)}  ${where}\n`);
  }
  return 0;
}

interface PackedLog {
  readonly file: string;
  readonly bytes: number;
}

/** By log, what stands in archives. */
async function packedOf(state: State, tasks: readonly TaskLog[]): Promise<ReadonlyMap<string, PackedLog>> {
  const packed = new Map<string, PackedLog>();
  const { archives, cycles } = partsOf(state);
  const files = new Set(tasks.flatMap(({ log }) => (log && archiveWith(log, cycles, archives)) ?? []));
  for (const file of files)
    for (const [log, bytes] of await sizesIn(file))
      packed.set(log, { file: relative(state.folder, file), bytes });
  return packed;
}

interface Printing {
  readonly request: CommandRequest;
  readonly state: State;
  readonly task: TaskLog;
  readonly wanted: Wanted;
}

async function print(printing: Printing): Promise<number> {
  const { request, state, task, wanted } = printing;
  if (!task.isStarted) return say(request, `${task.id}: nothing was started, so there is no log`);
  if (task.log === undefined) return say(request, `${task.id}: no output, so there is no log`);
  const log = `${state.paths.cycles}/${task.log}`;
  const path = wanted.stderr ? stderrLog(log) : log;
  if (realDisk().size(path) === undefined && !task.isRunning) {
    const own = wanted.stderr ? stderrLog(task.log) : task.log;
    const archive = archiveWith(own, state.paths.cycles, partsOf(state).archives);
    const write = (text: string): void => request.write(text);
    const found =
      archive !== undefined &&
      (await pourPacked({ archive, log: own, tail: wanted.tail, secrets: secretsOf(printing), write }));
    if (found === true) return 0;
    if (found !== false) return unreadable(request, found.failed);
    if (archive !== undefined)
      return say(
        request,
        `${task.id}: no output${wanted.stderr ? ' on stderr of its own' : ''} (${archive})`,
      );
    const folder = log.slice(0, log.lastIndexOf('/'));
    if (realDisk().size(folder) === undefined)
      return say(request, `${task.id}: the logs of this cycle are gone (${folder})`);
    return say(request, `${task.id}: no output${wanted.stderr ? ' on stderr of its own' : ''} (${path})`);
  }
  const { at, mark } = startOf(path, wanted.tail);
  const shown = shownFrom(path, at, secretsOf(printing));
  request.write(mark);
  const read = { at: pour(request, path, at, shown), shown };
  if (wanted.follow && task.isRunning) return follow(printing, path, read);
  // What waits may be half of a secret, as long as the rest may come.
  if (!task.isRunning) request.write(shown.end());
  return 0;
}

/** A log of another day may hold what is a secret today. */
function secretsOf({
  request: { env },
  state: { plan },
}: Pick<Printing, 'request' | 'state'>): readonly Secret[] {
  return plan ? hiddenBy(plan, env).secrets : [];
}

function unreadable(request: CommandRequest, why: string): number {
  request.writeError(`gate-run logs: ${why}\n`);
  return EXIT.storage;
}

/** Until the task has ended, or its run: both are asked of the ledger. */
async function follow(printing: Printing, path: string, read: Reading): Promise<number> {
  const { request, state, task } = printing;
  let last = read;
  const code = await whileRunning(request, state, ({ progress }) => {
    // Asked before it is read: what came in between belongs to it.
    const isOver = progress.open?.running.has(task.id) !== true;
    const { at, shown } = goneOn(path, last, secretsOf(printing));
    last = { at: pour(request, path, at, shown), shown };
    return isOver;
  });
  request.write(last.shown.end());
  return code;
}

function say(request: CommandRequest, text: string): number {
  request.write(`${text}\n`);
  return 0;
}
