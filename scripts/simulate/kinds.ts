// Every kind of event that a ledger holds in writing.

import type { Event } from '../../src/core/loop/event.ts';

/** Each must have been cut by a crash somewhere in a large enough number of nights. */
export const KINDS: readonly Event['type'][] = [
  'run.started',
  'run.resumed',
  'run.ended',
  'stop.seen',
  'rest.started',
  'rest.ended',
  'mark.reached',
  'cycle.started',
  'cycle.ended',
  'question.opened',
  'question.closed',
  'hook.started',
  'hook.stopping',
  'hook.ended',
  'suspended',
  'noted',
  'recovered',
  'protect.noting',
  'protect.noted',
  'protect.asked',
  'protect.answered',
  'task.asked',
  'task.answered',
  'task.sought',
  'task.restored',
  'task.missed',
  'attempt.started',
  'attempt.quiet',
  'attempt.stopping',
  'attempt.ended',
  'task.judged',
  'task.skipped',
];
