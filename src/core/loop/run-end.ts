// Why a run ended, and the exit code that says so.

import { unreachable } from '../unreachable.ts';
import type { Plan } from '../plan/plan.ts';
import { notNoted } from '../protect/progress.ts';
import type { Ending } from './ending.ts';
import type { CycleVerdict, RunEnded } from './event.ts';
import type { RunProgress } from './progress.ts';
import type { Request } from './request.ts';
import { manyCyclesText, verdictWord } from './words.ts';

/** Codes of sysexits and of the shell beside our own; docs/cli.md says what each means. */
export const EXIT = {
  passed: 0,
  failed: 1,
  usage: 2,
  broken: 3,
  gaveUp: 4,
  budget: 5,
  stopped: 6,
  locked: 7,
  storage: 8,
  integrity: 9,
  bug: 70,
  node: 78,
  interrupt: 130,
  terminate: 143,
} as const;

export function runEnded(plan: Plan, request: Request, run: RunProgress, ending: Ending): RunEnded {
  const { reason, rule } = ending;
  const verdict = reason === 'budget' ? countedVerdict(run) : (run.lastVerdict ?? run.startTurn ?? 'none');
  const how = howItEnded(ending, run, verdict);
  const exit =
    how.exit ??
    (reason === 'budget' && plan.ends.target.length > 0 ? EXIT.budget : exitCode(request, run, verdict));
  return { type: 'run.ended', verdict, reason, ...(rule !== undefined && { rule }), exit, why: how.why };
}

/** A run that a start found without an end and does not carry on. */
export function runClosed(run: RunProgress): RunEnded {
  const why = 'gate-run was ended before the run had an end';
  const verdict = run.lastVerdict ?? run.startTurn ?? 'none';
  return { type: 'run.ended', verdict, reason: 'interrupted', exit: EXIT.stopped, why };
}

/** Of the last cycle that used up one: a limit and a stop behind it are neither failure nor success. */
function countedVerdict({ cycles, streaks }: RunProgress): CycleVerdict | 'none' {
  if (cycles === 0) return 'none';
  if (streaks.broken > 0) return 'broken';
  return streaks.failures > 0 ? 'failed' : 'passed';
}

/** Without a code of its own, the last verdict has it. */
function howItEnded(
  { reason, rule = '' }: Ending,
  run: RunProgress,
  verdict: CycleVerdict | 'none',
): { readonly why: string; readonly exit?: number } {
  switch (reason) {
    case 'storage-failed': {
      const why = 'a log filled the disk, or its folder could not be written to; nothing more was started';
      return { why, exit: EXIT.storage };
    }
    case 'stopped':
      return { why: whyStopped(run), exit: stopCode(run) };
    case 'integrity':
      return { why: `a protected file changed: ${rule}`, exit: EXIT.integrity };
    case 'start-failed': {
      const unnoted = notNoted(run);
      if (unnoted !== undefined) return { why: `${unnoted}, so no cycle began`, exit: EXIT.broken };
      return { why: `the phases at the start ${startText(verdict)}, so no cycle began`, exit: EXIT.broken };
    }
    case 'target':
      return { why: `the target is met: ${rule}`, exit: EXIT.passed };
    case 'budget':
      return { why: `the budget is spent: ${rule}; ${whyFinished(run)}` };
    case 'gave-up':
      return { why: `gave up: ${rule}`, exit: EXIT.gaveUp };
    case 'finished':
      return { why: whyFinished(run) };
    default:
      return unreachable(reason);
  }
}

function stopCode({ stop }: RunProgress): number {
  // `stop --now` is a request like any other; only a second signal is told as a signal.
  if (stop?.forcedBy !== 'signal') return EXIT.stopped;
  return stop.signal === 'SIGTERM' ? EXIT.terminate : EXIT.interrupt;
}

function whyStopped({ stop }: RunProgress): string {
  if (stop?.forcedBy === 'signal' && stop.by === 'signal')
    return `${stoppedBy(stop)}, forced by a second one`;
  if (stop?.forcedBy === 'signal') return `${stoppedBy(stop)}, forced by ${stop.signal ?? 'a signal'}`;
  return stop?.forcedBy === 'file' ? `${stoppedBy(stop)}, at once` : stoppedBy(stop);
}

function stoppedBy(stop: RunProgress['stop']): string {
  if (stop?.by === 'signal') return `stopped by ${stop.signal ?? 'a signal'}`;
  if (stop?.by === 'replace') return `stopped: ${stop.who ?? 'another start'} takes its place`;
  return stop?.path === undefined ? 'stopped on request' : `stopped by the file ${stop.path}`;
}

function exitCode({ failOn }: Request, run: RunProgress, verdict: CycleVerdict | 'none'): number {
  const worst = verdictCode(verdict);
  if (worst !== EXIT.passed) return worst;
  if (failOn === 'any' && run.failed > 0) return EXIT.failed;
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

function whyFinished({ cycles, failed, lastVerdict, lastWasIdle }: RunProgress): string {
  if (cycles > 1) return manyCyclesText({ cycles, failed });
  if (cycles === 1 && (lastVerdict === 'limited' || lastVerdict === 'stopped'))
    return `the one finished cycle ${failed === 0 ? 'passed' : 'did not pass'}`;
  if (lastVerdict === 'broken' && lastWasIdle) return 'nothing was judged, and that is not green';
  return lastVerdict === undefined ? 'no cycle was finished' : `the cycle ${verdictWord(lastVerdict)}`;
}

function startText(verdict: CycleVerdict | 'none'): string {
  if (verdict === 'failed') return verdict;
  if (verdict === 'limited') return 'met a limit';
  return verdict === 'stopped' ? 'were stopped' : 'are broken';
}
