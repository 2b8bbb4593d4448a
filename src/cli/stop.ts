// `gate-run stop`: puts the stop file there, or with `--undo` takes it away, and says whether a run has seen it.

import { formatDuration } from '../core/config/quantity.ts';
import type { Progress } from '../core/loop/progress.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { readState } from '../engine/read.ts';
import type { Clock, Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { isForeign, stopAt } from '../system/stop-file.ts';
import { putStop, takeStop, whoAsks } from '../system/stop-switch.ts';
import type { CommandRequest } from './request.ts';
import { refuse, takeFlags } from './state.ts';
import { stopPlace, type StopPlace } from './stop-place.ts';

/** A run looks five times a second; one that has not answered by then is busy, or not there. */
const ANSWER_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 50;

/** What `--json` prints. */
interface Answer {
  readonly schemaVersion: 1;
  readonly exit: number;
  readonly file: string;
  readonly why: string;
  /** The run under way, where there is one. */
  readonly run: string | null;
  /** When that run recorded the stop, ISO 8601. */
  readonly seenAt: string | null;
}

export async function stop(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { now: 'none', undo: 'none' });
  if (problem !== undefined) return refuse(request, 'stop', problem);
  if (rest.length > 0) return refuse(request, 'stop', `takes no words, not \`${rest.join(' ')}\``);
  if (flags.now !== undefined && flags.undo !== undefined)
    return refuse(request, 'stop', '`--now` and `--undo` are two different wishes: keep one of them');
  const place = await stopPlace(request);
  if ('nowhere' in place) return refuse(request, 'stop', place.nowhere);
  return flags.undo === undefined
    ? ask(request, place, flags.now !== undefined)
    : say(request, place, undo(place));
}

async function ask(request: CommandRequest, place: StopPlace, now: boolean): Promise<number> {
  const clock = realClock();
  const before = progressOf(place);
  const wasThere = isStop(place, now);
  if (!wasThere && isNotOurs(place)) return say(request, place, notOurs(place));
  if (!wasThere) {
    const text = `${now ? 'now' : 'stop'}\nasked at ${new Date(clock.now().wall).toISOString()} by ${whoAsks()}\n`;
    const failed = putStop(place.file, text);
    if (failed || !isStop(place, now)) return say(request, place, notWritten(place, failed, now));
  }
  const deed = wasThere ? `${place.file} was there already` : `${place.file} is there`;
  const seen = await answerOf(place, { before, now, clock });
  return say(request, place, { exit: EXIT.passed, why: `${deed}: ${reply(place, seen, now)}`, seen });
}

interface Told {
  readonly exit: number;
  readonly why: string;
  readonly seen?: Seen | undefined;
}

interface Seen {
  readonly run: string;
  readonly at: string;
  readonly hasEnded: boolean;
}

/** Undefined when no run under way has recorded it in time. */
async function answerOf(
  place: StopPlace,
  { before, now, clock }: { before: Progress | undefined; now: boolean; clock: Clock },
): Promise<Seen | undefined> {
  if (place.isUnderWay === false) return undefined;
  const until = clock.now().mono + ANSWER_WITHIN_MS;
  for (;;) {
    const progress = progressOf(place);
    const run = progress?.run;
    // A run that was stopped and over before this wish has answered another one.
    const isNews = run?.ended === undefined || progress?.seq !== before?.seq;
    if (run?.stop && isNews && (run.stop.now || !now))
      return { run: run.id, at: run.stop.at, hasEnded: run.ended !== undefined };
    const { mono } = clock.now();
    if (mono >= until) return undefined;
    await clock.wait(Math.min(until, mono + LOOK_EVERY_MS));
  }
}

/** A history that cannot be read holds no stop back; it only cannot answer. */
function progressOf({ paths }: StopPlace): Progress | undefined {
  const state = readState(realDisk(), paths);
  return 'progress' in state ? state.progress : undefined;
}

function reply(
  { isUnderWay, owner, stopWithinMs, paths }: StopPlace,
  seen: Seen | undefined,
  now: boolean,
): string {
  const stays = 'nothing starts until `gate-run stop --undo` or `gate-run resume`';
  if (seen) {
    const within = stopWithinMs === undefined ? '' : `, after at most ${formatDuration(stopWithinMs)}`;
    const ends = now ? 'its running tasks are being ended' : `it ends when its running tasks have${within}`;
    return `run ${seen.run} saw it at ${seen.at}; ${seen.hasEnded ? 'it has ended' : ends}; ${stays}`;
  }
  if (isUnderWay === false) return `no run is under way in ${paths.stateDir}; ${stays}`;
  const who = owner ? `run ${owner.run} (process ${owner.pid} on ${owner.host})` : 'the run under way';
  const within = formatDuration(ANSWER_WITHIN_MS);
  return `${who} has not said within ${within} that it saw it; see \`gate-run status\``;
}

function isNotOurs({ file, isAsked }: StopPlace): boolean {
  return isAsked && isForeign(file);
}

/** A slip of the hand in `--stop-file` must not cost anybody a file. */
function notOurs({ file }: StopPlace): Told {
  const why = `${file} was not made by \`gate-run stop\` and may be anything, so it was left as it is`;
  return { exit: EXIT.usage, why: `${why}; is it the file that you mean? Then remove it yourself` };
}

/** Whether what stands there is the stop that is wanted, seen with our own eyes. */
function isStop({ file }: StopPlace, now: boolean): boolean {
  const found = stopAt(file);
  return found !== undefined && found.isBlind !== true && (found.now || !now);
}

function notWritten(place: StopPlace, failed: Failure | undefined, now: boolean): Told {
  const { file } = place;
  const code = failed ? ` (${failed.failed})` : '';
  const what =
    now && isStop(place, false)
      ? `${file} is there and is a stop, but \`now\` could not be written into it${code}`
      : `${file} could not be written${code}: nothing was stopped`;
  const mend =
    'send the run two SIGTERM, or name a place that it looks at and that can be written with `--stop-file`';
  return { exit: EXIT.storage, why: `${what}; ${mend}` };
}

function undo(place: StopPlace): Told {
  const { file } = place;
  if (isNotOurs(place)) return notOurs(place);
  const taken = takeStop(file);
  if (taken === 'nothing')
    return { exit: EXIT.passed, why: `there is no stop file ${file}, nothing to undo` };
  if (taken === 'full') {
    const why = `${file} is a folder with things in it, and was left as it is; move it away yourself`;
    return { exit: EXIT.usage, why };
  }
  if (taken !== 'taken')
    return { exit: EXIT.storage, why: `${file} could not be removed (${taken.failed}): it is a stop still` };
  const run = place.isUnderWay === false ? undefined : progressOf(place)?.run;
  const isEnding = run?.stop !== undefined && run.ended === undefined;
  const late = isEnding ? `; run ${run.id} saw it at ${run.stop.at} and ends all the same` : '';
  return { exit: EXIT.passed, why: `${file} is gone${late}` };
}

function say(request: CommandRequest, place: StopPlace, { exit, why, seen }: Told): number {
  for (const remark of place.remarks) request.writeError(`gate-run stop: ${remark}\n`);
  const isFine = exit === EXIT.passed;
  if (!request.json) {
    if (isFine) request.write(`${why}\n`);
    else request.writeError(`gate-run stop: ${why}\n`);
    return exit;
  }
  const run = seen?.run ?? place.owner?.run ?? null;
  const answer: Answer = {
    schemaVersion: 1,
    exit,
    file: place.file,
    why,
    run,
    seenAt: seen?.at ?? null,
  };
  request.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  return exit;
}
