// Words for a ledger that is not what was written: what is wrong, where, and what to do.

import type { Damage } from '../engine/read.ts';
import { restoringOf } from '../engine/restore.ts';
import type { Failure } from '../ports.ts';
import { realDisk } from '../system/files.ts';
import { shellText } from './flag-words.ts';

export function damageText(damage: Damage): string {
  const { damaged, line, offset, why } = damage;
  if (why === 'restoring') return cutOffText(damaged);
  const place = `${damaged}, line ${line} (byte ${offset})`;
  const nothing = 'nothing was started and nothing was changed';
  if (why === 'newer')
    return `a newer gate-run wrote this ledger: ${place} is in a form that this one does not know\n  ${nothing}; use that version, or set the state directory aside`;
  return `the ledger is damaged: ${place} ${SAID[why]}\n  ${nothing}; restore the file from a backup, or set the state directory aside`;
}

/** The mark says which backup it was. */
function cutOffText(mark: string): string {
  const { backup = 'FILE' } = restoringOf(realDisk(), mark) ?? {};
  const again = shellText(['gate-run', 'restore', backup]);
  return `a restore is under way here, or was cut off: what stands here is no whole state, and ${mark} says so\n  nothing was started and nothing was changed; restore again: ${again}`;
}

const SAID: Readonly<Record<Exclude<Damage['why'], 'newer' | 'restoring'>, string>> = {
  bad: 'is not what was written, and good lines follow it',
  order: 'stands twice, or in the wrong place',
  gap: 'is whole, but lines that stood before it are gone',
  start: 'is whole, but the beginning of the ledger before it is gone',
  missing: 'is gone with its whole file',
};

/** Why a ledger says nothing, for people. */
export function unreadableText(state: Damage | Failure): string {
  return 'damaged' in state
    ? damageText(state)
    : `the ledger could not be read: ${state.failed} (${state.what})`;
}
