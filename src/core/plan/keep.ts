// How much of the past stays on disk and in which form: `state.keep`, `state.archive`, `state.snapshots`. The ledger is never pruned.

import type { Path } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { DEFAULT_KEEP } from './loop.ts';
import type { ArchivePlan, KeepPlan, Plan, SnapshotsPlan } from './plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

const MOST_CYCLES = 1_000_000_000;
const MOST_SNAPSHOTS = 10_000;
const DEFAULT_ARCHIVE_AFTER_MS = 86_400_000;
const DEFAULT_SNAPSHOTS = 20;

type Keeping = Pick<Plan, 'keep' | 'archive' | 'snapshots'>;

/** `dir`: the state directory, as written. */
export function readKeeping(draft: Draft, dir: string): Keeping {
  const { settings, problems, fixed } = draft;
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  return {
    keep: readKeep(draft, reader),
    archive: readArchive(draft, reader, dir),
    snapshots: readSnapshots(draft, reader),
  };
}

function readKeep({ settings }: Draft, reader: Reader): KeepPlan {
  const { cycles, age, size } = settings.top.state?.keep ?? {};
  const bounds = { from: 1, to: MOST_CYCLES, otherwise: DEFAULT_KEEP.cycles };
  return {
    cycles: cycles === 'never' ? cycles : reader.count(cycles, at('keep', 'cycles'), bounds),
    ageMs: reader.limit(age, at('keep', 'age'), DEFAULT_KEEP.ageMs),
    sizeBytes: size === 'never' ? size : reader.size(size, at('keep', 'size'), DEFAULT_KEEP.sizeBytes),
  };
}

function readArchive({ settings }: Draft, reader: Reader, dir: string): ArchivePlan | undefined {
  const { archive } = settings.top.state ?? {};
  if (archive === undefined) return undefined;
  const to =
    reader.text(archive.to ?? `${dir}/archives`, at('archive', 'to'))?.replace(/(?<=.)\/+$/, '') ?? dir;
  if (to.trim() === '') reader.say(at('archive', 'to'), 'an empty path');
  return { afterMs: reader.limit(archive.after, at('archive', 'after'), DEFAULT_ARCHIVE_AFTER_MS), to };
}

function readSnapshots({ settings }: Draft, reader: Reader): SnapshotsPlan | undefined {
  const { snapshots } = settings.top.state ?? {};
  if (snapshots === undefined) return undefined;
  if (snapshots.every === undefined)
    reader.say(at('snapshots'), '`snapshots` without `every`', {
      mend: 'write `every: 10`: after each tenth cycle',
    });
  const bounds = { from: 1, to: MOST_CYCLES, otherwise: 1 };
  const kept = { from: 1, to: MOST_SNAPSHOTS, otherwise: DEFAULT_SNAPSHOTS };
  return {
    every: reader.count(snapshots.every, at('snapshots', 'every'), bounds),
    keep: reader.count(snapshots.keep, at('snapshots', 'keep'), kept),
  };
}

function at(...keys: readonly string[]): Path {
  return ['state', ...keys];
}
