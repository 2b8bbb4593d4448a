// Whether a task wrote more than it may, and what is said about it. What it wrote is a fact; what is too much is decided here.

import type { WritesPlan } from '../plan/writes.ts';
import type { AttemptEnded } from '../cycle/event.ts';
import type { AttemptUndone, Writes } from './event.ts';

const NAMES_SHOWN = 5;

export interface CapJudgement {
  readonly verdict: 'passed' | 'failed' | 'broken';
  readonly reasons: readonly string[];
}

const KEPT: CapJudgement = { verdict: 'passed', reasons: [] };
const UNSEEN: CapJudgement = { verdict: 'broken', reasons: ['what it wrote is not known: nobody looked'] };

/** `undone`: what was put back, where that was decided and done. */
export function judgeWrites(
  plan: WritesPlan | undefined,
  ended: Pick<AttemptEnded, 'end' | 'writes'> | undefined,
  undone?: AttemptUndone,
): CapJudgement {
  if (!plan || !ended) return KEPT;
  const { writes } = ended;
  // Where no process ran, or the disk failed, the end itself says so.
  if (!writes) return 'code' in ended.end || 'signal' in ended.end ? UNSEEN : KEPT;
  if (writes.failed !== undefined)
    return { verdict: 'broken', reasons: [`what it wrote is not known: ${writes.failed}`] };
  const broken = brokenCaps(plan, writes);
  if (broken.length === 0) return KEPT;
  const left = (undone?.left?.length ?? 0) + (undone?.more ?? 0);
  const said = undone === undefined ? [] : [undoneText(undone, left)];
  return { verdict: left > 0 ? 'broken' : 'failed', reasons: [...broken, ...said] };
}

/** Each cap that does not hold, in words; empty: all hold. */
export function brokenCaps(plan: WritesPlan, writes: Writes): readonly string[] {
  const { files, lines, only } = plan;
  const { outside = 0 } = writes;
  const reasons: string[] = [];
  if (only !== undefined && outside > 0)
    reasons.push(`wrote outside of ${only.join(', ')}: ${namesOf(writes, true)}`);
  if (files !== undefined && writes.files > files)
    reasons.push(`wrote ${counted(writes.files, 'file')} of at most ${files}: ${namesOf(writes, false)}`);
  if (lines !== undefined && (writes.lines ?? 0) > lines)
    reasons.push(
      `changed ${counted(writes.lines ?? 0, 'line')} of at most ${lines}: ${namesOf(writes, false)}`,
    );
  return reasons;
}

/** Whether a decision to put it back is due. */
export function mustUndo(plan: WritesPlan | undefined, writes: Writes | undefined): boolean {
  return (
    plan?.onViolation === 'restore' &&
    writes !== undefined &&
    writes.failed === undefined &&
    brokenCaps(plan, writes).length > 0
  );
}

/** `a.txt changed, b.txt added and 3 more`. */
function namesOf({ changed = [], more = 0, files, outside: all = 0 }: Writes, isOutside: boolean): string {
  const named = isOutside ? changed.filter(({ outside }) => outside) : changed;
  const shown = named.slice(0, NAMES_SHOWN).map(({ path, how }) => `${path} ${how}`);
  const rest = (isOutside ? all : Math.max(files, changed.length + more)) - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function undoneText({ files, left = [], kept }: AttemptUndone, unable: number): string {
  if (unable === 0) return `put back as it was: ${counted(files, 'path')}`;
  const shown = left.slice(0, NAMES_SHOWN).map(({ path, why }) => `${path} (${why})`);
  const rest = unable - shown.length;
  const names = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const where = kept === undefined ? '' : `; ${kept} holds what was there`;
  return `${unable} of ${counted(files + unable, 'path')} could not be put back: ${names}${where}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
