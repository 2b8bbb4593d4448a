// Why a run ended, and the exit code that says so.

import { unreachable } from '../unreachable.ts';
import type { CycleVerdict, RunEnded } from './event.ts';
import type { RunProgress } from './progress.ts';
import type { Request } from './request.ts';

/** Codes of sysexits and of the shell beside our own; docs/cli.md says what each means. */
export const EXIT = {
  passed: 0,
  failed: 1,
  usage: 2,
  broken: 3,
  stopped: 6,
  locked: 7,
  storage: 8,
  integrity: 9,
  bug: 70,
  node: 78,
  interrupt: 130,
  terminate: 143,
} as const;

export function runEnded(request: Request, run: RunProgress): RunEnded {
  const verdict = run.lastVerdict ?? run.startTurn ?? 'none';
  const base = { type: 'run.ended', verdict } as const;
  if (run.id !== request.run) {
    return {
      ...base,
      reason: 'interrupted',
      exit: EXIT.stopped,
      why: 'gate-run was ended before the run had an end',
    };
  }
  if (run.stop?.by === 'storage') {
    const why = 'a log filled the disk, or its folder could not be written to; nothing more was started';
    return { ...base, reason: 'storage-failed', exit: EXIT.storage, why };
  }
  if (run.stop) return { ...base, reason: 'stopped', exit: stopCode(run), why: whyStopped(run) };
  if (run.startTurn !== undefined && run.startTurn !== 'passed') {
    const why = `the phases at the start were ${run.startTurn}, so no cycle began`;
    return { ...base, reason: 'start-failed', exit: EXIT.broken, why };
  }
  return { ...base, reason: 'finished', exit: exitCode(request, run, verdict), why: whyFinished(run) };
}

function stopCode({ stop }: RunProgress): number {
  if (!stop?.now) return EXIT.stopped;
  return stop.signal === 'SIGTERM' ? EXIT.terminate : EXIT.interrupt;
}

function whyStopped({ stop }: RunProgress): string {
  const by = stop?.by === 'signal' ? `by ${stop.signal ?? 'a signal'}` : 'on request';
  return stop?.now ? `stopped ${by}, forced by a second one` : `stopped ${by}`;
}

function exitCode({ failOn }: Request, run: RunProgress, verdict: CycleVerdict | 'none'): number {
  const worst = verdictCode(verdict);
  if (worst !== EXIT.passed) return worst;
  if (failOn === 'any' && run.cyclesNotPassed > 0) return EXIT.failed;
  return failOn === 'soft' && run.softFailures ? EXIT.failed : EXIT.passed;
}

function verdictCode(verdict: CycleVerdict | 'none'): number {
  switch (verdict) {
    case 'passed':
      return EXIT.passed;
    case 'failed':
      return EXIT.failed;
    case 'integrity':
      return EXIT.integrity;
    case 'stopped':
      return EXIT.stopped;
    case 'broken':
    case 'limited':
    case 'interrupted':
    case 'none':
      return EXIT.broken;
    default:
      return unreachable(verdict);
  }
}

function whyFinished({ cycles, cyclesNotPassed, lastVerdict, lastWasIdle }: RunProgress): string {
  if (cycles === 1 && lastVerdict === 'broken')
    return lastWasIdle ? 'nothing was judged, and that is not green' : 'the cycle is broken';
  if (cycles === 1) return `the cycle ${lastVerdict ?? 'ended'}`;
  return cyclesNotPassed === 0
    ? `all ${cycles} cycles passed`
    : `${cyclesNotPassed} of ${cycles} cycles did not pass`;
}
