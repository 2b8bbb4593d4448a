// Words for people before and beside a run: problems, a lock that is held, a disk that failed. All go to stderr.

import type { PlacedProblem } from '../core/config/problem.ts';
import { formatDuration } from '../core/config/quantity.ts';
import type { StopSeen } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { whyOf } from '../core/summary/latest.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Damage } from '../engine/read.ts';
import type { PlanChanged, StillThere } from '../engine/run.ts';
import type { Failure } from '../ports.ts';
import type { Held } from '../system/lock.ts';
import { damageText } from './damage.ts';
import { shellText } from './flag-words.ts';
import { hidingIn } from './hide.ts';
import type { Stop } from '../system/stop-file.ts';
import type { LoadProblems, Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import type { Terminal } from './terminal.ts';
import { lackingText, type Lacking } from './units.ts';

export async function sayProblems(terminal: Terminal, found: LoadProblems): Promise<number> {
  const { problems } = found;
  const { out, err, env, folder, json } = terminal;
  const places = await showProblems(found, {
    env,
    folder,
    color: err.color,
    write: (text) => (json === undefined ? out : err).write(text),
    writeError: (text) => err.write(text),
  });
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return answer(terminal, {
    exit: EXIT.usage,
    reason: 'problems',
    why: `${count}, nothing was started`,
    problems: places,
  });
}

/** For people on stderr; on a GitHub runner also as annotations, which it reads from either stream. Handed back for programs. */
export async function showProblems(
  { problems, texts, redact }: LoadProblems,
  where: Pick<CommandRequest, 'env' | 'folder' | 'color' | 'write' | 'writeError'>,
): Promise<readonly PlacedProblem[]> {
  const { placesOf, renderProblems } = await import('../core/config/render.ts');
  const hide = hidingIn(where.env, redact);
  where.writeError(hide(renderProblems(problems, texts, { color: where.color })));
  const places = hide(placesOf(problems, texts));
  if (where.env['GITHUB_ACTIONS'] === 'true') {
    const { problemAnnotations } = await import('../views/github.ts');
    const { folder } = where;
    where.write(problemAnnotations(places, { folder, workspace: where.env['GITHUB_WORKSPACE'] || folder }));
  }
  return places;
}

export function sayHomeless(terminal: Terminal): Promise<number> {
  const message = 'the folder that gate-run was started in is gone';
  const problem = { message, mend: 'go to one that is there, and start again' };
  return sayProblems(terminal, { problems: [problem], texts: new Map() });
}

/** A layer that a task names by its name, and nothing weaker will do. */
export function sayLacking(terminal: Terminal, lacking: Lacking): Promise<number> {
  const { says, mend } = lackingText(lacking);
  terminal.err.write(`gate-run: ${says}; nothing was started\n  ${mend}\n`);
  return answer(terminal, { exit: EXIT.broken, reason: 'isolation', why: `${says}: nothing was started` });
}

/** What a dead run left cannot be ended from here, and would be at work beside whatever is started. */
export function sayStillThere(terminal: Terminal, { stillThere }: StillThere): Promise<number> {
  terminal.err.write(
    `gate-run: ${stillThere}; nothing was started\n` +
      '  start the engine again, or look yourself: podman ps --all --filter label=gate-run.run=RUN\n',
  );
  const why = `${stillThere}: nothing was started`;
  return answer(terminal, { exit: EXIT.broken, reason: 'isolation', why });
}

export function sayLocked(terminal: Terminal, held: Held, isFine: boolean): Promise<number> {
  const why = `another run holds this state directory: ${holderText(held)}${refusalText(held)}`;
  const next = held.refused === 'unanswered' ? `; or end it yourself: kill ${held.heldBy?.pid ?? ''}` : '';
  terminal.err.write(`gate-run: ${why}\n  nothing was started; look at it with: gate-run status${next}\n`);
  return answer(terminal, { exit: isFine ? EXIT.passed : EXIT.locked, reason: 'locked', why });
}

export function sayWaiting({ err }: Terminal, held: Held, longestMs: number): void {
  err.write(
    `gate-run: waiting for the run under way, at most ${formatDuration(longestMs)}: ${holderText(held)}\n`,
  );
}

function refusalText({ refused, waitedMs = 0 }: Held): string {
  const within = formatDuration(waitedMs);
  switch (refused) {
    case undefined:
      return waitedMs === 0 ? '' : `; it was waited for ${within}`;
    case 'overtaken':
      return '; a later start has asked for its place, and the last wish counts';
    case 'nameless':
      return `; so nobody could be asked to give way within ${within}`;
    case 'unanswered':
      return `; asked to give way it gave no answer within ${within}, and a living run is not pushed aside`;
    default:
      return unreachable(refused);
  }
}

export function sayAsking({ err }: Terminal, held: Held): void {
  err.write(`gate-run: asking the run under way to give way: ${holderText(held)}\n`);
}

/** A wish to stop that came before a run was there. */
export function sayLeft(terminal: Terminal, { by, signal, path }: StopSeen): Promise<number> {
  const who = by === 'signal' ? (signal ?? 'a signal') : `the file ${path ?? ''}`;
  const why = `stopped by ${who} while waiting for another run: nothing was started`;
  terminal.err.write(`gate-run: ${why}\n`);
  return answer(terminal, { exit: EXIT.stopped, reason: 'stopped', why });
}

export function holderText({ heldBy }: Held): string {
  return heldBy
    ? `process ${heldBy.pid} on ${heldBy.host}, since ${heldBy.startedAt} (run ${heldBy.run})`
    : 'a process that has not said who it is';
}

/** The kill switch stands before a start; `file` is absolute. */
export function sayStopped(
  terminal: Terminal,
  file: string,
  { oddity, flag }: Stop & { readonly flag: string | undefined },
): Promise<number> {
  const what = oddity === undefined ? `the stop file ${file} is there` : `the stop file ${file} is ${oddity}`;
  const why = `${what}: nothing was started`;
  const named = flag === undefined ? '' : ` --stop-file ${shellText([flag])}`;
  terminal.err.write(
    `gate-run: ${why}, and nothing was written\n` +
      `  take it away with: gate-run stop --undo${named}\n` +
      `  or take it away and carry the run on with: gate-run resume${named}\n`,
  );
  return answer(terminal, { exit: EXIT.stopped, reason: 'stopped', why });
}

/** The kill switch could not be taken away, so the loop stays where it is. */
export function sayNotResumed(
  terminal: Terminal,
  { exit, why }: Pick<Ending, 'exit' | 'why'>,
): Promise<number> {
  terminal.err.write(
    `gate-run: ${why}: it is a stop still, and nothing was started\n  move it away yourself\n`,
  );
  return answer(terminal, { exit, reason: 'stopped', why: `${why}: nothing was started` });
}

/** Fresh budgets are nothing that anybody asks for by `resume`. */
export function sayNoneToCarryOn(terminal: Terminal, progress: Progress): Promise<number> {
  const why = `there is no run to carry on: ${whyOf(progress)}`;
  terminal.err.write(
    `gate-run: ${why}; nothing was started\n` +
      '  begin a new one with: gate-run --continuous\n' +
      '  a stop file stays until: gate-run stop --undo\n',
  );
  return answer(terminal, { exit: EXIT.usage, reason: 'problems', why });
}

/** What would be carried on followed another plan. */
export function sayPlanChanged(terminal: Terminal, { changedSince }: PlanChanged): Promise<number> {
  const why = `the config has changed since run ${changedSince} began, which this start would carry on`;
  terminal.err.write(
    `gate-run: ${why}; nothing was started\n` +
      '  carry it on with the config as it is now: add --accept-config\n' +
      '  or close it and begin anew: one `gate-run` by itself, then start again\n' +
      '  what differs can be a flag that was given then and not now, the config, a gate file, a profile or a variable:\n' +
      '  `gate-run plan --diff`, with the same flags, shows it\n',
  );
  return answer(terminal, { exit: EXIT.usage, reason: 'plan-changed', why });
}

export function sayFailure(
  terminal: Terminal,
  failure: Failure | Damage,
  { paths }: Pick<Loop, 'paths'>,
): Promise<number> {
  const why = 'damaged' in failure ? damageText(failure) : failureText(failure, paths.stateDir);
  terminal.err.write(`gate-run: ${why}\n`);
  const reason = 'damaged' in failure ? 'ledger-damaged' : 'storage-failed';
  return answer(terminal, { exit: EXIT.storage, reason, why: why.replace(/\n\s*/g, '; ') });
}

interface Ending {
  readonly exit: number;
  readonly reason: string;
  readonly why: string;
  readonly problems?: readonly PlacedProblem[];
}

/** Who asked for JSON gets an object also when nothing ran. */
async function answer({ json, out }: Terminal, ending: Ending): Promise<number> {
  if (json === undefined) return ending.exit;
  const { resultWithout } = await import('../core/summary/result.ts');
  const result = resultWithout(ending);
  const text =
    json === 'lines' ? JSON.stringify({ type: 'result', ...result }) : JSON.stringify(result, undefined, 2);
  out.write(`${text}\n`);
  return ending.exit;
}

const ADVICE: Readonly<Record<string, string>> = {
  ELOCK: 'where that file is no database or cannot be opened, take it away: it holds nothing but the lock',
  ENOSPC: 'the disk is full: free some space and start again',
  EDQUOT: 'the disk quota is used up: free some space and start again',
  EROFS: 'the file system is read-only: point `state: { dir }` to a place that can be written',
  EACCES: 'it may not be written: point `state: { dir }` to a place that can be written, or change its owner',
  EPERM: 'it may not be written: point `state: { dir }` to a place that can be written, or change its owner',
  ESTALE: 'keep the state where no task removes it (`state: { dir }`), and start again',
  EINVAL: 'a pipe, a device or a link stands where a file is needed: move it away',
  ENOTDIR: 'a file stands where a folder is needed: move it away',
  EEXIST: 'a file stands where a folder is needed: move it away',
  ENOENT: 'no folder can be made there: point `state: { dir }` to a place that can be written',
  EIO: 'the disk reported an error: look at the kernel log before trusting it again',
};

function failureText({ failed, what }: Failure, stateDir: string): string {
  const advice = ADVICE[failed] ?? 'start again once its cause is gone';
  return `the state in ${stateDir} could not be written: ${failed} at ${what}\n  ${advice}; what was recorded before is kept`;
}
