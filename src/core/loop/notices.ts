// What is worth telling somebody who is not looking: marks by their level, and the end of a run.

import type { NoticeKind, Plan } from '../plan/plan.ts';
import type { ChampionChosen, ChampionKept } from './champion-event.ts';
import type { Recorded } from './event.ts';
import type { Progress } from './progress.ts';
import { EXIT } from './run-end.ts';

export interface Notice {
  readonly kind: NoticeKind;
  /** As it is sent. */
  readonly body: Readonly<Record<string, unknown>>;
}

export const NOTICE_VERSION = 1;

/** The event is redacted already, the loop's name and goal are not. */
export function noticeOf({ name }: Plan, event: Recorded, progress: Progress): Notice | undefined {
  const of = headOf(name, event, progress);
  if (event.type === 'mark.reached') {
    const { mark, level, because } = event;
    return { kind: level, body: { kind: 'mark', ...of, mark, level, because } };
  }
  if (event.type === 'run.ended') {
    const { reason, rule, verdict, exit, why } = event;
    return { kind: 'exit', body: { kind: 'exit', ...of, reason, rule: rule ?? null, verdict, exit, why } };
  }
  if (event.type !== 'storage.failed') return undefined;
  const body = { kind: 'exit', ...of, reason: 'storage-failed', exit: EXIT.storage, why: event.what };
  return { kind: 'exit', body };
}

/** Of a champion whose files are kept. */
export function championNotice(
  { name }: Plan,
  event: Recorded<ChampionChosen>,
  { files }: ChampionKept,
  progress: Progress,
): Notice {
  const { cycle, metric, value, before, why } = event;
  const champion = { cycle, metric, value, before: before ?? null, files };
  return {
    kind: 'champion',
    body: { kind: 'champion', ...headOf(name, event, progress), champion, why },
  };
}

function headOf(name: string, event: Recorded, { run, cycle }: Progress): Readonly<Record<string, unknown>> {
  return {
    schemaVersion: NOTICE_VERSION,
    loop: name,
    run: event.run,
    at: event.at,
    cycle,
    cycles: { finished: run?.cycles ?? 0, failed: run?.failed ?? 0 },
  };
}
