// What moved between two cycles: the work tree, commits, metrics, gates that pass now and did not. Any of them is progress.

import type { CycleProgress } from '../cycle/progress.ts';
import type { CycleEnded, TaskSummary } from '../loop/event.ts';
import { completeMeans } from '../loop/values.ts';
import type { Plan } from '../plan/plan.ts';
import type { Receipts, ReceiptsAsked } from './event.ts';

/** What is used and when a limit resets moves whatever the work does. */
const NO_PROGRESS: ReadonlySet<string> = new Set(['tokens', 'cost', 'retry-at']);
/** Names that are kept of one cycle. */
const MOST_MOVED = 20;

/** Once the work of a cycle is done; `waiting`: the answer is not there yet. A stop that was forced waits for nobody. */
export function nextReceipts(
  plan: Plan,
  cycle: CycleProgress,
  { last, isForced }: { readonly last: CycleEnded | undefined; readonly isForced: boolean },
): ReceiptsAsked | 'waiting' | undefined {
  if (plan.receipts === undefined || cycle.turn !== 'cycle' || cycle.guard.tampering || isForced)
    return undefined;
  if (cycle.receipts !== undefined) return cycle.receipts === 'asked' ? 'waiting' : undefined;
  const since = last?.receipts?.head;
  return { type: 'receipts.asked', ...(since !== undefined && { since }) };
}

export function receiptsOf(
  cycle: Pick<CycleProgress, 'receipts'>,
  tasks: readonly TaskSummary[],
  last: CycleEnded | undefined,
): Receipts | undefined {
  if (cycle.receipts === undefined || cycle.receipts === 'asked') return undefined;
  const { type: _, ...told } = cycle.receipts;
  const before = last?.receipts;
  if (last === undefined || before === undefined) return { ...told, moved: ['first'] };
  const isElsewhere = (key: 'tree' | 'head') =>
    told[key] !== undefined && before[key] !== undefined && told[key] !== before[key];
  const known = valuesKnown(last);
  const red = gatesRed(last);
  const moved = [
    ...(isElsewhere('tree') ? ['tree'] : []),
    ...(isElsewhere('head') ? ['commits'] : []),
    ...metricsMoved(tasks, known),
    ...gatesMended(tasks, red),
  ];
  // Of a look that failed the one before is kept, so that the next is compared with what was seen last.
  const { tree, head } = before;
  const seen =
    told.failed === undefined
      ? {}
      : { ...(tree !== undefined && { tree }), ...(head !== undefined && { head }) };
  return { ...seen, ...told, ...outOfSight(tasks, { known, red }), moved: moved.slice(0, MOST_MOVED) };
}

type Known = ReadonlyMap<string, number>;

/** The last values of all that was ever measured, whether that was in the cycle before or in one before that. */
function valuesKnown({ receipts, tasks }: CycleEnded): Known {
  return new Map([...Object.entries(receipts?.held ?? {}), ...tasks.flatMap((task) => completeMeans(task))]);
}

function gatesRed({ receipts, tasks }: CycleEnded): ReadonlySet<string> {
  const red = tasks.filter(({ verdict }) => ['failed', 'broken', 'soft-failed'].includes(verdict));
  return new Set([...(receipts?.red ?? []), ...red.map(({ id }) => id)]);
}

/** What the next cycle could not know from this one: a task that does not run in each cycle is compared with its own last run. */
function outOfSight(
  tasks: readonly TaskSummary[],
  { known, red }: { readonly known: Known; readonly red: ReadonlySet<string> },
): Pick<Receipts, 'red' | 'held'> {
  const skipped = tasks.filter(({ id, verdict }) => verdict === 'skipped' && red.has(id)).map(({ id }) => id);
  const measured = new Set(tasks.flatMap((task) => completeMeans(task)).map(([key]) => key));
  const ids = new Set(tasks.map(({ id }) => id));
  const held = [...known].filter(([key]) => !measured.has(key) && ids.has(key.slice(0, key.indexOf('.'))));
  return {
    ...(skipped.length > 0 && { red: skipped }),
    ...(held.length > 0 && { held: Object.fromEntries(held) }),
  };
}

function metricsMoved(tasks: readonly TaskSummary[], known: Known): readonly string[] {
  const now = tasks.flatMap((task) => completeMeans(task));
  return now.flatMap(([key, value]) => (isWork(key) && known.get(key) !== value ? [key] : []));
}

function isWork(key: string): boolean {
  return !NO_PROGRESS.has(key.slice(key.lastIndexOf('.') + 1));
}

function gatesMended(tasks: readonly TaskSummary[], red: ReadonlySet<string>): readonly string[] {
  return tasks.flatMap(({ id, kind, verdict }) =>
    kind === 'gate' && verdict === 'passed' && red.has(id) ? [`${id} passed`] : [],
  );
}

/** Cycles in a row that moved nothing; undefined: no cycle of the run left a receipt. What nobody knows changes nothing. */
export function stillFor(before: number | undefined, { receipts }: CycleEnded): number | undefined {
  if (receipts === undefined) return before;
  if (receipts.moved.length > 0) return 0;
  return receipts.failed === undefined ? (before ?? 0) + 1 : before;
}

/** `moved tree, sims.edge`; empty where there are no receipts. */
export function movedText({ receipts }: Pick<CycleEnded, 'receipts'>): string {
  if (receipts === undefined) return '';
  const { moved, commits, failed } = receipts;
  const named = moved.map((one) => (one === 'commits' && commits !== undefined ? `${commits} commits` : one));
  if (named.length > 0) return named[0] === 'first' ? 'first receipt' : `moved ${named.join(', ')}`;
  return failed === undefined ? 'moved nothing' : `nobody knows what moved: ${failed}`;
}
