// What is worth telling somebody who is not looking: marks by their level, and the end of a run.

import type { NoticeKind, Plan } from '../plan/plan.ts';
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
export function noticeOf({ name }: Plan, event: Recorded, { run, cycle }: Progress): Notice | undefined {
  const of = {
    schemaVersion: NOTICE_VERSION,
    loop: name,
    run: event.run,
    at: event.at,
    cycle,
    cycles: { finished: run?.cycles ?? 0, failed: run?.failed ?? 0 },
  };
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
