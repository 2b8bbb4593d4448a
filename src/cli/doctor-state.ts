// The part of `doctor` that looks at the state: where it is written, the room there, the lock, the kill switch, the ledger.

import { resolve } from 'node:path';
import type { Finding } from '../core/doctor/finding.ts';
import { readState } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import { isBelowFloor } from '../system/floor.ts';
import { readOwner } from '../system/lock.ts';
import { isHeld } from '../system/owner.ts';
import { nearestThere, roomAt, whyUnwritable } from '../system/places.ts';
import { stopAt } from '../system/stop-file.ts';
import { damageText } from './damage.ts';
import type { Loop } from './load.ts';

const GIB = 1024 ** 3;
/** Fewer names than a night of cycles with logs uses up. */
const FEW_NAMES = 10_000;

export function diskFindings({ plan, folder, paths }: Loop): readonly Finding[] {
  const { stateDir, history, cycles, latest, questions } = paths;
  const reports = plan.reporters.flatMap(({ file }) => (file === undefined ? [] : [resolve(folder, file)]));
  const places = [...new Set([stateDir, history, cycles, latest, questions, ...reports])];
  const seen = new Set<number>();
  return places.flatMap((path) => [...writeFindings(path), ...roomFindings(path, seen)]);
}

function writeFindings(path: string): readonly Finding[] {
  const finding = { area: 'disk', name: path } as const;
  const code = whyUnwritable(path);
  if (code === undefined) {
    const here = nearestThere(path);
    return [{ ...finding, level: 'ok', says: here === path ? 'can be written' : `can be made in ${here}` }];
  }
  const mend = 'change its owner or its rights, or name another place under `state`';
  return [{ ...finding, level: 'missing', says: `cannot be written: ${code}`, mend }];
}

/** Once for each file system. */
function roomFindings(path: string, seen: Set<number>): readonly Finding[] {
  const room = roomAt(path);
  if (room === undefined || seen.has(room.device)) return [];
  seen.add(room.device);
  const here = nearestThere(path);
  const finding = { area: 'disk', name: `room at ${here}` } as const;
  const { freeBytes, freeNames, network } = room;
  const says = `${(freeBytes / GIB).toFixed(1)} GiB free${freeNames === undefined ? '' : `, ${freeNames} names`}`;
  const isFull = isBelowFloor(`${here}/x`) || freeNames === 0;
  const isTight = freeNames !== undefined && freeNames < FEW_NAMES;
  const found: Finding[] = [
    isFull
      ? {
          ...finding,
          level: 'missing',
          says: `${says}: too little for any task`,
          mend: 'free some space, or let `state.keep` keep less',
        }
      : { ...finding, level: isTight ? 'warning' : 'ok', says },
  ];
  if (network === undefined) return found;
  const mend =
    'keep `state.dir` on a disk of this machine: a lock over the network may not be seen by another host';
  return [
    ...found,
    { ...finding, level: 'warning', says: `a file system over the network (${network})`, mend },
  ];
}

export function stateFindings(loop: Loop): readonly Finding[] {
  return [lockFinding(loop), ...stopFindings(loop), ...ledgerFindings(loop)];
}

function lockFinding({ paths: { stateDir } }: Loop): Finding {
  const owner = readOwner(stateDir);
  const finding = { area: 'state', name: 'lock' } as const;
  if (!owner) return { ...finding, level: 'ok', says: 'free' };
  const who = `process ${owner.pid} on ${owner.host}, since ${owner.startedAt} (run ${owner.run})`;
  const isAlive = isHeld(stateDir);
  if (isAlive === true) return { ...finding, level: 'note', says: `held by ${who}` };
  if (isAlive === false)
    return { ...finding, level: 'note', says: `free; ${who} died with it, and the next start takes over` };
  return {
    ...finding,
    level: 'warning',
    says: `${who} holds it or died with it: this cannot be told from here`,
    mend: `look on ${owner.host}`,
  };
}

function stopFindings({ paths: { stopFile } }: Loop): readonly Finding[] {
  if (stopAt(stopFile) === undefined) return [];
  const says = `the stop file ${stopFile} is there: nothing starts`;
  return [{ area: 'state', name: 'stop file', level: 'warning', says, mend: '`gate-run stop --undo`' }];
}

/** The last line tells whether the clock was set back since. */
function ledgerFindings({ paths }: Loop): readonly Finding[] {
  const finding = { area: 'state', name: 'ledger' } as const;
  const state = readState(realDisk(), paths);
  if ('damaged' in state)
    return [
      { ...finding, level: 'missing', says: damageText(state), mend: '`gate-run verify` shows every damage' },
    ];
  if ('failed' in state)
    return [
      {
        ...finding,
        level: 'missing',
        says: `cannot be read: ${state.failed} (${state.what})`,
        mend: 'change its rights, or name another place under `state`',
      },
    ];
  const { cycle, lastAt } = state.progress;
  const says =
    cycle === 0 ? 'empty' : `${cycle} cycles, the last one ended at ${lastAt ?? 'an unknown time'}`;
  return [{ ...finding, level: 'ok', says }];
}
