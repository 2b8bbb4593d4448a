// What `status` sees of a run beside its ledger: output and processes of the tasks under way, the size of the state, the room left.

import { indexPlan } from '../core/cycle/plan-index.ts';
import { cycleFolder, logName } from '../core/loop/names.ts';
import type { DiskStatus, SignsOfLife } from '../core/summary/status.ts';
import { lastChange, weighUpTo } from '../system/sizes.ts';
import { stderrLog } from '../system/log.ts';
import { roomAt } from '../system/places.ts';
import { usageByTask } from '../system/usage.ts';
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
    [...open.running].map((id) => [id, { log: logOf(state, id, wall), usage: used?.get(id) ?? null }]),
  );
}

/** Both files of an attempt whose stderr stands apart are its output. */
function logOf({ plan, paths, progress: { open } }: State, id: string, wall: number): SignsOfLife['log'] {
  const task = plan && indexPlan(plan).tasks.get(id);
  const attempt = open?.tasks.get(id);
  if (!task || !attempt || !open) return null;
  const name = logName(task, attempt.rung, attempt.attempt);
  const log = `${paths.cycles}/${cycleFolder(open.cycle, open.turn)}/${name}`;
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
