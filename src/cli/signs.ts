// What `status` sees of a run beside its ledger: output and processes of the tasks under way, the size of the state, the room left.

import { indexPlan } from '../core/cycle/plan-index.ts';
import { cycleFolder, logName, usageName } from '../core/loop/names.ts';
import type { DiskStatus, SignsOfLife, UsageStatus } from '../core/summary/status.ts';
import { lastChange, weighUpTo } from '../system/sizes.ts';
import { stderrLog } from '../system/log.ts';
import { roomAt } from '../system/places.ts';
import { usageByTask, type Usage } from '../system/usage/outside.ts';
import { lastLook } from '../system/usage/looks.ts';
import { partsOf } from './keeping.ts';
import type { State } from './state.ts';

/** Names looked at for the size of a state: a tenth of a second's worth. */
const MOST_WEIGHED = 20_000;

/** By task; empty when none is under way. `wall`: epoch milliseconds. */
export function signsOfLife(state: State, wall: number): ReadonlyMap<string, SignsOfLife> {
  const { open, run } = state.progress;
  if (!open || !run || open.running.size === 0) return new Map();
  const used = usageByTask(run.id, state.paths.stateDir);
  return new Map(
    [...open.running].map((id) => {
      const log = pathOf(state, id);
      return [id, { log: log === undefined ? null : signOf(log, wall), usage: usageOf(used?.get(id), log) }];
    }),
  );
}

/** The log of the attempt under way. */
function pathOf({ plan, paths, progress: { open } }: State, id: string): string | undefined {
  const task = plan && indexPlan(plan).tasks.get(id);
  const attempt = open?.tasks.get(id);
  if (!task || !attempt || !open) return undefined;
  const name = logName(task, attempt.rung, attempt.attempt);
  return `${paths.cycles}/${cycleFolder(open.cycle, open.turn)}/${name}`;
}

/** Who has started it looks once a second; between two looks it may have come to more. */
function usageOf(used: Usage | undefined, log: string | undefined): UsageStatus | null {
  if (used === undefined) return null;
  const seen = log === undefined ? undefined : lastLook(usageName(log));
  return { ...used, peakBytes: Math.max(used.memoryBytes, seen?.peakBytes ?? 0) };
}

/** Both files of an attempt whose stderr stands apart are its output. */
function signOf(log: string, wall: number): SignsOfLife['log'] {
  const files = [log, stderrLog(log)].flatMap((path) => lastChange(path) ?? []);
  if (files.length === 0) return null;
  const changedAt = Math.max(...files.map(({ at }) => at));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, silentMs: Math.max(0, Math.round(wall - changedAt)) };
}

/** Of every place that the plan keeps state in, each counted once. */
export function diskOf(state: State): DiskStatus {
  const { stateDir, history, cycles, archives, questions } = partsOf(state);
  const inside = (path: string): boolean => path === stateDir || path.startsWith(`${stateDir}/`);
  const places = [...new Set([stateDir, history, cycles, archives, questions])];
  const apart = places.filter((path) => path === stateDir || !inside(path));
  const { bytes, isWhole } = weighUpTo(apart, MOST_WEIGHED);
  return { stateBytes: bytes, isWhole, freeBytes: roomAt(stateDir)?.freeBytes ?? null };
}
