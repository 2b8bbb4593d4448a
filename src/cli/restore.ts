// `gate-run restore FILE`: verifies a backup in folders of its own, then puts it in the place of the state. What was there is set aside.

import { join, resolve } from 'node:path';
import {
  differenceFrom,
  HISTORY,
  HOMES,
  isNameOfBackup,
  MANIFEST,
  readManifest,
  type Manifest,
} from '../core/backup/manifest.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { isoTime } from '../core/time.ts';
import { DEFAULT_STATE_DIR } from '../core/plan/outputs.ts';
import { readState, type Damage, type LedgerState } from '../engine/read.ts';
import {
  bringBack,
  clearLeft,
  clearStaging,
  configHome,
  lostBy,
  markRestored,
  stagingOf,
  type NotPlaced,
  type Staging,
} from '../engine/restore.ts';
import { restoringFile, segmentFile } from '../engine/segments.ts';
import { verify } from '../engine/verify.ts';
import type { Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { isFolder } from '../system/sizes.ts';
import { takeLock, type Lock } from '../system/lock.ts';
import { packageVersion } from '../system/self.ts';
import { removeLeft } from '../system/stand-in.ts';
import { isOfContent, unpackTo } from '../system/tar.ts';
import { damageText } from './damage.ts';
import { shellText } from './flag-words.ts';
import { partsOf, type StateParts } from './keeping.ts';
import type { CommandRequest } from './request.ts';
import { keepOutOfGit } from './keep-out-of-git.ts';
import { holderText } from './say.ts';
import { openPlace, refuse, takeFlags } from './state.ts';

export async function restore(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { force: 'none' } as const);
  if (problem !== undefined) return refuse(request, 'restore', problem);
  const [word, ...more] = rest;
  if (word === undefined || more.length > 0)
    return refuse(request, 'restore', 'takes one file that `gate-run backup` has made');
  const file = resolve(request.folder, word);
  if (realDisk().size(file) === undefined || isFolder(file))
    return refuse(request, 'restore', `there is no file ${file}`);
  const place = await openPlace(request, { mayLack: true, mustKnow: true });
  if (typeof place === 'number') return place;
  const parts = partsOf(place);
  const { stateDir, history } = parts;
  const lock = takeLock({ stateDir, history, version: packageVersion() });
  if ('failed' in lock) return say(request, EXIT.storage, `${lock.failed} at ${lock.what}`);
  if ('heldBy' in lock) {
    const why = `a run is under way here: ${holderText(lock)}; stop it first: gate-run stop`;
    return say(request, EXIT.locked, why);
  }
  const staging = stagingOf(parts, lock.run);
  try {
    if (place.plan === undefined || place.plan.state.dir === DEFAULT_STATE_DIR) keepOutOfGit(stateDir);
    clearLeft(realDisk(), parts);
    removeLeft([restoringFile(history)]);
    return await underLock({ request, file, parts, staging, lock, isForced: flags.force !== undefined });
  } finally {
    clearStaging(realDisk(), staging);
    lock.release();
  }
}

interface Restoring {
  readonly request: CommandRequest;
  readonly file: string;
  readonly parts: StateParts;
  readonly staging: Staging;
  readonly lock: Lock;
  readonly isForced: boolean;
}

async function underLock({ request, file, parts, staging, lock, isForced }: Restoring): Promise<number> {
  const backup = await unpacked(file, staging);
  if ('wrong' in backup) return say(request, EXIT.storage, `${file} is no whole backup: ${backup.wrong}`);
  if ('failed' in backup) return sayFailed(request, backup);
  const disk = realDisk();
  const lost = lostBy(disk, parts, staging, backup.seq);
  if (lost && !isForced) return sayNewer(request, backup, lost);
  if (isSameConfig(parts, staging)) disk.removeFolder(join(staging.rest, HOMES.config));
  const { wall, mono } = realClock().now();
  const stamp = {
    v: 1,
    seq: backup.seq + 1,
    at: isoTime(wall),
    mono: Math.round(mono),
    run: lock.run,
  } as const;
  const event = { ...stamp, type: 'ledger.restored', takenAt: backup.takenAt } as const;
  const unmarked = markRestored(disk, staging.history, event);
  if (unmarked) return sayFailed(request, unmarked);
  const placed = bringBack(disk, parts, staging, { backup: file, old: lock.run });
  return 'failure' in placed
    ? sayNotPlaced(request, file, placed)
    : sayDone(request, backup, { file, aside: placed.aside, parts });
}

/** The system's word, which says nothing about the backup. */
function sayFailed(request: CommandRequest, { failed, what }: Failure): number {
  return say(request, EXIT.storage, `it could not be unpacked here: ${failed} (${what})`);
}

function sayNotPlaced(request: CommandRequest, file: string, { failure, isAsBefore }: NotPlaced): number {
  const why = `${failure.failed} (${failure.what})`;
  if (isAsBefore) return say(request, EXIT.storage, `${why}; the state here is as it was`);
  request.writeError(
    `gate-run restore: ${why}\n  what stands here is no whole state, and nothing starts on it: mend the cause and restore again: ${shellText(['gate-run', 'restore', file])}\n`,
  );
  return EXIT.storage;
}

/** Beside its place, whole, as it says of itself and as the ledger has to be. */
async function unpacked(
  file: string,
  staging: Staging,
): Promise<Manifest | Failure | { readonly wrong: string }> {
  const found = await unpackTo(
    file,
    (name) => placeOf(name, staging),
    (name) => !name.endsWith('.log'),
  );
  if ('failed' in found) return isOfContent(found) ? { wrong: `${found.what} (${found.failed})` } : found;
  const disk = realDisk();
  const bytes = disk.read(join(staging.rest, MANIFEST));
  const manifest = bytes instanceof Uint8Array ? readManifest(new TextDecoder().decode(bytes)) : undefined;
  if (manifest === undefined) return { wrong: `it has no ${MANIFEST} that can be read` };
  if (manifest === 'newer') return { wrong: 'a newer gate-run made it; use that version' };
  const difference = differenceFrom(
    manifest,
    found.filter(({ name }) => name !== MANIFEST),
  );
  if (difference !== undefined) return { wrong: difference };
  const verified = verify(disk, { history: staging.history, cycles: staging.cycles });
  if ('failed' in verified) return verified;
  const [damage] = verified.damages;
  if (damage) return { wrong: damageText(damage) };
  const state = readState(disk, { history: staging.history, cycles: staging.cycles });
  const seq = 'progress' in state ? state.progress.seq : 0;
  return seq === manifest.seq && seq > 0
    ? manifest
    : { wrong: `its ledger ends with event ${seq}, and it says ${manifest.seq}` };
}

function isSameConfig({ config }: StateParts, staging: Staging): boolean {
  const disk = realDisk();
  const folder = join(staging.rest, HOMES.config);
  const [name] = disk.list(folder);
  const [then, now] = [
    name === undefined ? undefined : disk.read(join(folder, name)),
    disk.read(config ?? folder),
  ];
  return then instanceof Uint8Array && now instanceof Uint8Array && Buffer.compare(then, now) === 0;
}

function placeOf(name: string, staging: Staging): string | undefined {
  if (!isNameOfBackup(name)) return undefined;
  if (name === HISTORY) return staging.history;
  const segment = /^history\.(\d+)\.jsonl$/.exec(name)?.[1];
  if (segment !== undefined) return segmentFile(staging.history, Number(segment));
  if (name.startsWith(HOMES.cycles)) return join(staging.cycles, name.slice(HOMES.cycles.length));
  if (name.startsWith(HOMES.archives)) return join(staging.archives, name.slice(HOMES.archives.length));
  return join(staging.rest, name);
}

function say(request: CommandRequest, exit: number, why: string): number {
  request.writeError(`gate-run restore: ${why}\n  nothing was restored\n`);
  return exit;
}

/** What is here and not in the backup is a person's to give up. */
function sayNewer(request: CommandRequest, backup: Manifest, lost: LedgerState | Damage | Failure): number {
  if ('failed' in lost)
    return say(request, EXIT.storage, `the state here could not be read: ${lost.failed} (${lost.what})`);
  const here =
    'damaged' in lost
      ? `${damageText(lost).split('\n', 1)[0]}, so what it holds beyond the backup cannot be told`
      : `the state here has event ${lost.progress.seq} of cycle ${lost.progress.cycle}, which the backup does not have; it ends with event ${backup.seq} of cycle ${backup.cycle}, ${backup.takenAt}`;
  say(request, EXIT.usage, here);
  request.writeError('  with --force the state here is set aside as it is, and the backup takes its place\n');
  return EXIT.usage;
}

interface Done {
  readonly file: string;
  readonly aside: string | undefined;
  readonly parts: StateParts;
}

function sayDone(request: CommandRequest, backup: Manifest, { file, aside, parts }: Done): number {
  const { run, cycle, seq, takenAt } = backup;
  const config = realDisk().list(configHome(parts))[0];
  const otherConfig = config === undefined ? null : join(configHome(parts), config);
  if (request.json) {
    const said = {
      file,
      stateDir: parts.stateDir,
      run,
      cycle,
      seq,
      takenAt,
      aside: aside ?? null,
      otherConfig,
    };
    request.write(`${JSON.stringify(said, null, 2)}\n`);
    return EXIT.passed;
  }
  request.write(`restored from ${file}: up to event ${seq} of cycle ${cycle}, as of ${takenAt}\n`);
  if (aside !== undefined) request.write(`  the state that was here is in ${aside}\n`);
  if (otherConfig !== null) request.write(`  the config was another one then: ${otherConfig}\n`);
  request.write('  the next start begins a run of its own, and closes one that had no end\n');
  return EXIT.passed;
}
