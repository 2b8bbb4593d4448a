// `gate-run backup [FILE]`: one moment of the state in one file, also while a run is under way. It takes no lock and changes nothing.

import { basename, dirname, join, resolve } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import { capture, type Captured } from '../engine/capture.ts';
import type { Damage } from '../engine/read.ts';
import { segmentsOf } from '../engine/segments.ts';
import { verify } from '../engine/verify.ts';
import type { Failure } from '../ports.ts';
import { coverBeside } from '../system/uncovered.ts';
import { realClock } from '../system/clock.ts';
import { isInside } from '../system/folder.ts';
import { failure, realDisk } from '../system/files.ts';
import { isFolder } from '../system/sizes.ts';
import { pack, sweep, unpin, type Pinned } from '../system/tar.ts';
import { contentsOf, manifestOf, MOVED, pinLedger, saidOf, type Said } from './contents.ts';
import { damageText } from './damage.ts';
import { shellText } from './flag-words.ts';
import { nameOfTime, partsOf, type StateParts } from './keeping.ts';
import type { CommandRequest } from './request.ts';
import { openPlace, refuse, takeFlags, type Place } from './state.ts';

const PREFIX = 'gate-run-backup-';
/** One that is being made is written to all the time. */
const ABANDONED_MS = 600_000;
/** How often it looks again because the state was moved under its eyes. */
const MOST_LOOKS = 3;

export async function backup(request: CommandRequest): Promise<number> {
  const { rest, problem } = takeFlags(request.args, {});
  if (problem !== undefined) return refuse(request, 'backup', problem);
  if (rest.length > 1) return refuse(request, 'backup', `takes one file, not \`${rest.join(' ')}\``);
  const place = await openPlace(request, { mustKnow: true });
  if (typeof place === 'number') return place;
  const parts = partsOf(place);
  const now = realClock().now().wall;
  const target = targetOf(request, parts, rest[0], now);
  if ('refused' in target) return refuse(request, 'backup', target.refused);
  return make({ request, place, parts, to: target.file, now });
}

/** Whoever sets a state aside and begins anew under its eyes has given its names to another one: then of that. */
async function make(wanted: Wanted): Promise<number> {
  const { request, place, to } = wanted;
  sweep(dirname(to), (name) => name.startsWith(PREFIX) || name === basename(to), ABANDONED_MS);
  await coverBeside(place.paths.cycles);
  let made: Made | Failure = { failed: 'EBUSY', what: `read ${place.paths.history}` };
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const moment = wholeMoment(place);
    if (moment === 'nothing')
      return refuse(request, 'backup', 'nothing is recorded yet, so there is nothing to keep');
    if ('damaged' in moment || 'failed' in moment) return sayUnread(request, moment);
    made = await packed({ ...wanted, ...moment });
    if (!('failed' in made) || made.failed !== MOVED) break;
  }
  if (!('failed' in made)) return sayMade(wanted, made);
  if (made.failed === 'EEXIST') return refuse(request, 'backup', takenText(to));
  request.writeError(
    `gate-run backup: no backup was made: ${made.failed} (${made.what}); nothing of it is left\n`,
  );
  return EXIT.storage;
}

type Target = { readonly file: string } | { readonly refused: string };

function targetOf(
  { folder }: CommandRequest,
  parts: StateParts,
  word: string | undefined,
  now: number,
): Target {
  const named = resolve(folder, word ?? '.');
  const file =
    word === undefined || isFolder(named) ? join(named, `${PREFIX}${nameOfTime(now)}.tar.gz`) : named;
  if (!isFolder(dirname(file))) return { refused: `there is no folder ${dirname(file)}; make it first` };
  const home = [parts.stateDir, parts.cycles, parts.archives].find((one) => isInside(dirname(file), one));
  if (home !== undefined)
    return {
      refused: `${file} would lie inside the state that it keeps, and be lost with it; name a file elsewhere`,
    };
  // Also a link that leads nowhere: what is there is never written over.
  if (realDisk().list(dirname(file)).includes(basename(file))) return { refused: takenText(file) };
  return { file };
}

function takenText(file: string): string {
  return `${file} is there already; name another file, or move it away`;
}

interface Moment {
  readonly captured: Captured;
  readonly ledger: readonly Pinned[];
}

/** Every line is looked at first: a backup that would not be taken back is worth nothing on the day that it is needed. */
function wholeMoment({ paths }: Place): Moment | Damage | Failure | 'nothing' {
  const found = verify(realDisk(), paths);
  if ('failed' in found) return found;
  const [damage] = found.damages;
  if (damage) return damage;
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const captured = capture(realDisk(), paths);
    if (captured === undefined) continue;
    if (!('seq' in captured)) return captured;
    if (captured.seq === 0) return 'nothing';
    const ledger = pinned(captured);
    if ('failed' in ledger) return ledger;
    const now = segmentsOf(realDisk(), paths.history);
    if (!('damaged' in now) && now.length === captured.segments.length) return { captured, ledger };
    unpin(ledger);
  }
  return { failed: 'EBUSY', what: `read ${paths.history}: it was set aside again and again` };
}

function pinned({ segments, newestBytes }: Captured): readonly Pinned[] | Failure {
  try {
    return pinLedger(segments, newestBytes);
  } catch (error) {
    return failure(error, 'open the ledger');
  }
}

function sayUnread(request: CommandRequest, why: Damage | Failure): number {
  const text =
    'damaged' in why ? damageText(why) : `the state could not be read: ${why.failed} (${why.what})`;
  request.writeError(`gate-run backup: no backup was made\n${text}\n`);
  return EXIT.storage;
}

interface Wanted {
  readonly request: CommandRequest;
  readonly place: Place;
  readonly parts: StateParts;
  readonly to: string;
  readonly now: number;
}

interface Made {
  readonly said: Said;
  readonly files: number;
  readonly leftOut: number;
}

async function packed({ place, parts, to, now, captured, ledger }: Wanted & Moment): Promise<Made | Failure> {
  const contents = contentsOf(realDisk(), parts, ledger, captured);
  const said = saidOf(captured, place.plan?.name, now);
  const { groups } = contents;
  const files = await pack({ to, isNew: true, groups, last: manifestOf(said), time: now });
  return 'failed' in files ? files : { said, files: files.length, leftOut: contents.leftOut() };
}

function sayMade({ request, to }: Wanted, { said, files, leftOut }: Made): number {
  const bytes = realDisk().size(to) ?? 0;
  if (request.json) {
    request.write(`${JSON.stringify({ file: to, bytes, files, leftOut, ...said }, null, 2)}\n`);
    return EXIT.passed;
  }
  const without =
    leftOut === 0
      ? ''
      : `; left out: ${leftOut} that are links, pipes or devices, went away meanwhile, or whose names are not UTF-8`;
  request.write(
    `${to}\n  up to event ${said.seq} of cycle ${said.cycle}, ${countText(files, 'file')}, ${sizeText(bytes)}${without}\n`,
  );
  request.write(`  bring it back with: ${shellText(['gate-run', 'restore', to])}\n`);
  return EXIT.passed;
}
