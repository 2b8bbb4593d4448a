// What to do next, in the order in which a person on duty would: first what stands still, then what keeps failing, then
// what costs. Each with the command that shows or does it.

import type { RunEnded } from '../../loop/event.ts';
import { unreachable } from '../../unreachable.ts';
import { countText } from '../amounts.ts';
import { memoryText, type MemoryStatus } from '../memory.ts';
import type { StatusFacts } from '../status.ts';
import type { Report } from './report.ts';

export interface NextStep {
  readonly what: string;
  readonly command: string | null;
}

/** Of the same advice for several tasks. */
const MOST_OF_A_KIND = 3;

type Draft = Omit<Report, 'next'>;

/** Waits that take more than this share of a run are worth a look. */
const MUCH_WAITED = 0.5;
/** A soft failure that is older than this has become the way things are. */
const OLD_SOFT_MS = 7 * 86_400_000;

export function nextSteps(report: Draft, { plan, progress }: StatusFacts): readonly NextStep[] {
  const mode = progress.run?.mode;
  const start = mode === 'continuous' ? 'gate-run --continuous' : 'gate-run';
  return [
    ...ofState(report, progress.run?.ended?.reason, start),
    ...ofCauses(report),
    ...ofMemory(report),
    ...ofQuestions(report, plan?.questions.file),
    ...ofTasks(report),
    ...ofSpending(report),
    ...ofWaits(report),
  ];
}

function ofState(
  { status }: Draft,
  reason: RunEnded['reason'] | undefined,
  start: string,
): readonly NextStep[] {
  switch (status.state) {
    case 'none':
      return [step('Start it: nothing has run here yet.', 'gate-run')];
    case 'crashed':
      return [step(`Start it again: ${status.why}.`, start)];
    case 'running':
    case 'resting':
    case 'waiting':
    case 'stopping':
      return [step('It is under way: these figures are those of this moment.', 'gate-run status')];
    case 'ended':
      return reason === undefined ? [] : ofEnd(reason, start);
    default:
      return unreachable(status.state);
  }
}

function ofEnd(reason: RunEnded['reason'], start: string): readonly NextStep[] {
  switch (reason) {
    case 'finished':
      return [];
    case 'target':
      return [step('Look at what reached the target, and take it over.', 'gate-run logs')];
    case 'budget':
      return [step('Decide whether more of the same leads there; a new start has a fresh budget.', start)];
    case 'gave-up':
      return [step('Mend the first cause below before the next start: it would give up again.', start)];
    case 'stopped':
      return [step('Carry it on where it was stopped.', 'gate-run resume')];
    case 'integrity':
      return [step('Look at what changed of the protected files, below; put it back, or start again.', null)];
    case 'start-failed':
      return [step('Mend what the start phases ask for; no cycle has begun.', 'gate-run logs')];
    case 'interrupted':
      return [
        step('Find out who ended gate-run (the kernel log, the service manager), and start it again.', start),
      ];
    case 'storage-failed':
      return [step('Free some space, see that the ledger is whole, and start it again.', 'gate-run verify')];
    default:
      return unreachable(reason);
  }
}

function ofCauses({ causes }: Draft): readonly NextStep[] {
  const [worst] = causes.rows;
  if (!worst) return [];
  const decided = worst.turn === 'cycle' ? countText(worst.cycles, 'cycle') : `the ${worst.turn} phases`;
  const what = `Look at ${worst.task}: it decided ${decided}, last in cycle ${worst.lastCycle}.`;
  return [step(what, worst.turn === 'cycle' ? `gate-run logs ${worst.lastCycle} ${worst.task}` : null)];
}

function ofMemory({ status }: Draft): readonly NextStep[] {
  return status.memory
    .slice(0, MOST_OF_A_KIND)
    .map((one) =>
      step(`${mendOf(one)} ${one.task}: it ${memoryText(one)}.`, `gate-run explain --cycle ${one.lastCycle}`),
    );
}

function mendOf({ wouldHoldBytes, ownBytes }: MemoryStatus): string {
  if (wouldHoldBytes !== null) return 'Raise the memory limit of';
  return ownBytes === null ? 'Find out how much memory is needed by' : 'Run less beside';
}

function ofQuestions({ questions }: Draft, file: string | undefined): readonly NextStep[] {
  if (questions.of === 0) return [];
  const where = file === undefined ? '' : ` in ${file}`;
  return [step(`Answer ${countText(questions.of, 'open question')}${where}.`, 'gate-run questions --open')];
}

function ofTasks({ flaky, soft }: Draft): readonly NextStep[] {
  const steps: NextStep[] = [];
  const [worst] = flaky.rows;
  if (worst) {
    const often = `${worst.late} of ${worst.runs} times`;
    steps.push(step(`Make ${worst.task} steady: it passed on a later attempt only, ${often}.`, null));
  }
  const [oldest] = soft.rows;
  if (oldest && oldest.forMs >= OLD_SOFT_MS) {
    const days = Math.floor(oldest.forMs / 86_400_000);
    steps.push(
      step(`Mend ${oldest.task}, or lower its threshold: it has failed softly for ${days} days.`, null),
    );
  }
  return steps;
}

/** A budget over what nobody tells ends nothing. */
function ofSpending({ spent, status }: Draft): readonly NextStep[] {
  const limited = status.conditions?.budget.map(({ name }) => name) ?? [];
  return (['tokens', 'cost'] as const).flatMap((name) => {
    const { basis, told, silent } = spent[name];
    if (basis === 'actual' || (basis === 'none' && !limited.includes(name))) return [];
    const who =
      basis === 'none' ? 'no task measures it' : `${silent} of ${told + silent} attempts did not say`;
    return [
      step(
        `Have every task that uses ${name} say how much: ${who}, so the sum is ${basisWord(basis)}.`,
        null,
      ),
    ];
  });
}

function basisWord(basis: 'estimated' | 'unknown' | 'none'): string {
  return basis === 'estimated' ? 'an estimate' : 'unknown';
}

function ofWaits({ time }: Draft): readonly NextStep[] {
  const [longest] = time.waits;
  const all = time.workMs + time.waitMs;
  if (!longest || longest.cause === 'sleep' || longest.cause === 'schedule') return [];
  if (longest.ms < all * MUCH_WAITED) return [];
  const share = Math.round((longest.ms / all) * 100);
  return longest.cause === 'limit'
    ? [step(`${share} % of the time went into waiting for a limit: raise it, or ask less often.`, null)]
    : [
        step(
          `${share} % of the time went into pauses after failures (\`loop.backoff\`, \`loop.rest\`).`,
          null,
        ),
      ];
}

function step(what: string, command: string | null): NextStep {
  return { what, command };
}
