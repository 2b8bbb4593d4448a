// Lets one process at a time install or build in a work tree. The lock is a folder; its owner is named inside.

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOCK = 'out/ready.lock';
const POLL_MS = 100;
const WAIT_LIMIT_MS = 20 * 60_000;
/** Longer than any install is allowed to take, so that a pid used again by the system cannot hold the lock for ever. */
const OWNER_LIMIT_MS = 30 * 60_000;
/** Between making the folder and writing the owner lie microseconds; a folder that stays nameless was left by a kill. */
const NAMELESS_LIMIT_MS = 5_000;

/** Runs `work` while no other process of this work tree does; `work` gets a function that names a helper process. */
export async function alone(root, say, work) {
  const lock = join(root, LOCK);
  mkdirSync(join(root, 'out'), { recursive: true });
  const limit = Date.now() + WAIT_LIMIT_MS;
  let hasSaid = false;
  while (!take(lock)) {
    if (clearDead(lock)) continue;
    if (!hasSaid) say(`waiting for the install or build of process ${owner(lock)?.pids?.[0] ?? 'unknown'}`);
    hasSaid = true;
    if (Date.now() > limit) {
      throw new Error(
        `${lock} was not released within 20 minutes; if nothing installs there, remove that folder`,
      );
    }
    await pause(POLL_MS);
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  try {
    return await work((pid) => nameOwner(lock, [process.pid, pid]));
  } finally {
    release();
  }
}

function take(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  nameOwner(lock, [process.pid]);
  return true;
}

function nameOwner(lock, pids) {
  const temporary = join(lock, `owner.${process.pid}`);
  writeFileSync(temporary, JSON.stringify({ pids, host: hostname(), since: Date.now() }));
  renameSync(temporary, join(lock, 'owner.json'));
}

function owner(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Moves a dead owner's lock aside; of several that try, the rename lets one win. True when it is worth trying again. */
function clearDead(lock) {
  const seen = owner(lock);
  if (!isDead(lock, seen)) return false;
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return true;
  }
  const moved = owner(aside);
  // Somebody took the lock between the look and the rename: give it back.
  if (moved !== undefined && JSON.stringify(moved) !== JSON.stringify(seen)) {
    renameSync(aside, lock);
    return false;
  }
  rmSync(aside, { recursive: true, force: true });
  return true;
}

function isDead(lock, seen) {
  if (seen === undefined) {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    return made === undefined || Date.now() - made > NAMELESS_LIMIT_MS;
  }
  if (Date.now() - seen.since > OWNER_LIMIT_MS) return true;
  return seen.host === hostname() && !seen.pids.some(isAlive);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
