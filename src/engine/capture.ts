// One moment of a ledger, whole, although a run may be writing on: what a backup holds of it. Nothing is copied here.

import type { Turn } from '../core/loop/event.ts';
import { cycleFolder } from '../core/loop/names.ts';
import { cycleOfFolder } from '../core/loop/retention.ts';
import type { Disk, Failure } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';
import { walkLines } from './lines.ts';
import { eventsFile, readState, type Damage } from './read.ts';
import { segmentsOf, type Segment } from './segments.ts';

export interface Captured {
  /** The newest last. */
  readonly segments: readonly Segment[];
  /** Of the newest one, up to its last whole line. */
  readonly newestBytes: number;
  /** The turn under way: its folder, and its events as far as they belong to that moment. */
  readonly open: { readonly folder: string; readonly events: Uint8Array } | undefined;
  /** Names of the folders of all other turns. */
  readonly folders: readonly string[];
  readonly run: string | undefined;
  readonly cycle: number;
  readonly seq: number;
}

/** Undefined: a segment was set aside under its eyes, and it has to be looked at again. */
export function capture(disk: Disk, paths: LedgerPaths): Captured | Damage | Failure | undefined {
  // Listed first: a folder comes behind the line that tells of it, so none of these is unknown to the lines read now.
  const listed = disk.list(paths.cycles).filter((name) => cycleOfFolder(name) !== undefined);
  const state = readState(disk, paths);
  if (!('progress' in state)) return state;
  const { progress, end } = state;
  const open = progress.open && openTurn(disk, paths, progress.open, end.last?.seq ?? 0);
  if (open && 'failed' in open) return open;
  const segments = segmentsOf(disk, paths.history);
  if ('damaged' in segments) return segments;
  if (segments.length !== end.segment) return undefined;
  return {
    segments,
    newestBytes: end.bytes,
    open,
    folders: listed.filter((name) => name !== open?.folder),
    run: progress.run?.id,
    cycle: progress.cycle,
    seq: open?.seq ?? end.last?.seq ?? 0,
  };
}

interface OpenTurn {
  readonly folder: string;
  readonly events: Uint8Array;
  readonly seq: number;
}

/**
 * Its file was read behind the history, and both share one sequence: what stands behind the history's last line belongs to the
 * same moment only up to the first number that the history would have to fill.
 */
function openTurn(
  disk: Disk,
  paths: LedgerPaths,
  turn: { readonly cycle: number; readonly turn: Turn },
  historySeq: number,
): OpenTurn | Failure {
  const file = eventsFile(paths, turn);
  let bytes = 0;
  let seq = historySeq;
  const walked = walkLines(disk, file, 0, ({ event, bytes: line, offset }) => {
    if (event.seq > seq + 1) return 'gap';
    seq = Math.max(seq, event.seq);
    bytes = offset + line.length + 1;
    return undefined;
  });
  if ('failed' in walked) return walked;
  const events = bytes === 0 ? new Uint8Array() : disk.readFrom(file, 0, bytes);
  if (events === undefined) return { failed: 'ENOENT', what: `read ${file}` };
  return 'failed' in events ? events : { folder: cycleFolder(turn.cycle, turn.turn), events, seq };
}
