// How an attempt ended, in one word, from the facts and from what was decided before the end. What it means is the judge's.

import type { AttemptEnded } from '../cycle/event.ts';
import type { ExitRule } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Outcome, StopCause } from './evidence.ts';

const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** How V8 ends itself at its heap limit: abort, or a trap or an illegal instruction where it crashes at once. */
const HEAP_SIGNALS: ReadonlySet<string> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);
/**
 * Signals by the exit code with which a shell or a sandbox passes them on (128 + number, as Linux numbers them). SIGPIPE (141) is not
 * among them: `pipefail` reports it for a writer whose reader simply had enough.
 */
const SIGNAL_CODES: ReadonlyMap<number, string> = new Map([
  [129, 'SIGHUP'],
  [130, 'SIGINT'],
  [131, 'SIGQUIT'],
  [132, 'SIGILL'],
  [133, 'SIGTRAP'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [143, 'SIGTERM'],
  [152, 'SIGXCPU'],
  [153, 'SIGXFSZ'],
  [159, 'SIGSYS'],
]);

/** A stop recorded before the end decides, even if the command exits 0 after it; the kernel's kill counter beats any code. */
export function outcomeOf(
  ended: AttemptEnded,
  stopping: StopCause | undefined,
  exits: readonly ExitRule[],
): Outcome {
  const { end } = ended;
  if ('interrupted' in end) return 'interrupted';
  if ('storage' in end) return 'storage-failed';
  if ((ended.oomKills ?? 0) > 0) return 'oom';
  if (stopping !== undefined) return afterStop(stopping);
  if ('notStarted' in end) return 'not-started';
  if ('signal' in end) return afterSignal(end.signal, ended);
  const rule = ruleFor(end.code, exits);
  if (rule !== undefined) return rule.means === 'limited' ? 'limited' : 'exited';
  if (end.code === NOT_EXECUTABLE || end.code === NOT_FOUND) return 'not-started';
  const signal = SIGNAL_CODES.get(end.code);
  return signal === undefined ? 'exited' : afterSignal(signal, ended);
}

/** The rule that names this code: what a config says about a code goes before what the code usually means. */
export function ruleFor(code: number, exits: readonly ExitRule[]): ExitRule | undefined {
  return exits.find((rule) => rule.codes.includes(code));
}

/** The signal that ended a command, told by the kernel or by a shell's exit code. */
export function signalOf(ended: Pick<AttemptEnded, 'end'>): string | undefined {
  if ('signal' in ended.end) return ended.end.signal;
  return 'code' in ended.end ? SIGNAL_CODES.get(ended.end.code) : undefined;
}

/** `exit 1`, `signal SIGKILL`, `not started: not-found`. */
export function endWord(end: AttemptEnded['end']): string {
  if ('code' in end) return `exit ${end.code}`;
  if ('signal' in end) return `signal ${end.signal}`;
  if ('notStarted' in end) return `not started: ${end.notStarted}`;
  return 'storage' in end ? `its output could not be stored: ${end.storage}` : 'interrupted';
}

function afterStop(cause: StopCause): Outcome {
  switch (cause) {
    case 'timeout':
    case 'phase-timeout':
    case 'cycle-timeout':
      return 'timed-out';
    case 'stall':
      return 'stalled';
    case 'stop':
    case 'cancelled':
      return 'cancelled';
    case 'storage':
      return 'storage-failed';
    default:
      return unreachable(cause);
  }
}

function afterSignal(signal: string, ended: AttemptEnded): Outcome {
  if (signal === 'SIGXCPU') return 'cpu-limit';
  if (signal === 'SIGXFSZ') return 'file-limit';
  if (HEAP_SIGNALS.has(signal) && ended.heapMessage === true) return 'heap-limit';
  return 'killed';
}
