// What a task of a finished cycle has measured, by the keys that conditions look at. Whether its cycle counts is for others to say.

import { statisticsIn } from '../judge/sim-metrics.ts';
import { isComplete, isWhole, type SimsEvidence } from '../judge/sims.ts';
import type { TaskSummary } from './event.ts';
import { metricKey } from './names.ts';

type Values = readonly (readonly [key: string, value: number])[];
/** Whether what the simulations of a rung measured counts. */
type Counts = (sims: SimsEvidence) => boolean;

/** None of a task that was broken, softened or not, or did not run: what it printed before is no measurement. */
export function valuesMeasured(task: TaskSummary): Values {
  return meansOf(task, isWhole);
}

/** The same, with the statistics of simulations behind them: more than anybody wants to see unasked. */
export function allMeasured(task: TaskSummary): Values {
  return measuredOn(task, isWhole);
}

/** Those of them that later cycles are held to: means of different numbers of simulations are never compared. */
export function pastMeasured(task: TaskSummary): Values {
  return measuredOn(task, isComplete);
}

/** Means alone of what later cycles may be compared with. */
export function completeMeans(task: TaskSummary): Values {
  return meansOf(task, isComplete);
}

/** `sims.100.edge`: only the count of a rung begins with a digit. */
export function isRungKey(key: string): boolean {
  return /^[^.]+\.\d/.test(key);
}

/** Whether a key is that of a statistic, so that it is shown only to who asks: `sims.edge.p05`, `sims.100.sims.failed`. */
export function isStatisticKey(key: string): boolean {
  return key.split('.').length > (isRungKey(key) ? 3 : 2);
}

function measuredOn(task: TaskSummary, counts: Counts): Values {
  const means = meansOf(task, counts);
  return task.sims === undefined ? means : [...means, ...statisticsOn(task, task.sims, counts)];
}

function meansOf(task: TaskSummary, counts: Counts): Values {
  if (!isMeasured(task)) return [];
  const isOut = (rung: string | number) => {
    const sims = task.sims?.[rung];
    return sims !== undefined && !counts(sims);
  };
  const rungs = Object.entries(task.rungs ?? {}).flatMap(([rung, metrics]) =>
    isOut(rung)
      ? []
      : Object.entries(metrics).map(([name, value]) => [metricKey(task.id, name, rung), value] as const),
  );
  if (!isTop(task) || (task.rung !== undefined && isOut(task.rung))) return rungs;
  const own = Object.entries(task.metrics).map(([name, value]) => [metricKey(task.id, name), value] as const);
  return [...rungs, ...own];
}

function statisticsOn(
  task: TaskSummary,
  sims: Readonly<Record<string, SimsEvidence>>,
  counts: Counts,
): Values {
  if (!isMeasured(task)) return [];
  const top = isTop(task) ? task.rung : undefined;
  return Object.entries(sims).flatMap(([rung, one]) => {
    if (!counts(one)) return [];
    const found = statisticsIn(one);
    const at = (count?: string) =>
      found.map(([name, value]) => [metricKey(task.id, name, count), value] as const);
    return Number(rung) === top ? [...at(rung), ...at()] : at(rung);
  });
}

function isMeasured(task: TaskSummary): boolean {
  return task.verdict !== 'broken' && task.verdict !== 'skipped' && task.wasBroken !== true;
}

/** Whether a ladder's bare metric was measured on its top rung; of any other task, always. */
function isTop(task: TaskSummary): boolean {
  if (task.rung === undefined) return true;
  if (task.prunedAt !== undefined) return false;
  return (
    task.verdict === 'passed' ||
    (task.verdict === 'soft-failed' && task.mode === 'strict' && !task.inBaseline)
  );
}
