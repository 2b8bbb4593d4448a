// Words for a run of many cycles: its limits at the start, its rests, marks and stops, what it carries on, how it ended.

import { formatDuration } from '../core/config/quantity.ts';
import { durationText } from '../core/judge/words.ts';
import type { MarkReached, RestStarted, RunResumed, RunStarted, StopSeen } from '../core/loop/event.ts';
import type { Progress, RunProgress } from '../core/loop/progress.ts';
import { manyCyclesText } from '../core/loop/words.ts';
import type { Plan } from '../core/plan/plan.ts';
import { listText } from '../core/summary/amounts.ts';
import { isCleaningUp } from '../core/summary/cleaning.ts';
import type { ConditionsStatus } from '../core/summary/conditions.ts';
import { askedBy, restOf } from '../core/summary/latest.ts';
import { restWord } from '../core/summary/rest.ts';
import { leftText } from './condition-words.ts';
import { localText } from './local-time.ts';
import { unheldLines } from './resource-words.ts';
import { effectiveText, headerText, NAMES_SHOWN } from './words.ts';

/** Who, what, and every limit that holds: one line for a single cycle, a line for each kind of end in a loop. */
export function headerLines(plan: Plan, run: RunStarted): string[] {
  if (run.mode === 'once') return [headerText(plan, run), ...unheldLines(run.machine)];
  return [`${headerText(plan, run)}  (${run.mode})`, ...limitLines(plan, run)];
}

/** Every end that holds, one line each, then what bounds a cycle, and what is not held to. */
export function limitLines(
  plan: Plan,
  { limits, machine }: Pick<RunStarted, 'limits' | 'machine'>,
): string[] {
  const ends = ['target', 'budget', 'when', 'give up'].flatMap((name) => {
    const text = limits[name];
    return text === undefined ? [] : [`  ${name.padEnd(NAME_WIDTH)}  ${text}`];
  });
  return [
    ...ends,
    `  ${'limits'.padEnd(NAME_WIDTH)}  ${effectiveText(limits, plan)}`,
    ...unheldLines(machine),
    ...silentBudgets(plan),
  ];
}

const NAME_WIDTH = 'give up'.length;

/** A budget over what nobody measures ends nothing; that must not be found out in the morning. */
function silentBudgets({ ends, phases }: Plan): string[] {
  const measured = new Set(
    phases.flatMap(({ tasks }) => tasks.flatMap(({ metrics }) => metrics.map(({ name }) => name))),
  );
  return ends.budget.flatMap(({ name, text, measure: { kind } }) => {
    if ((kind !== 'tokens' && kind !== 'cost') || measured.has(kind)) return [];
    return [`! budget ${name} ${text}: no task measures \`${kind}\`, so it stays unknown and ends nothing`];
  });
}

/** `resting 10m until 14:10 CET (2026-02-10T13:10:00.000Z): cycle 3 passed`. */
export function restLine(event: RestStarted & { readonly at: string }, zone?: string): string {
  return `${restWord(event.cause)} ${spanText(event.forMs)} until ${localText(event.until, event.at, zone)}: ${event.why}`;
}

/** To the second: `10m`, not `10m 0s`, and no milliseconds of a jitter. */
function spanText(ms: number): string {
  return ms < 1000 ? durationText(ms) : formatDuration(Math.round(ms / 1000) * 1000);
}

export interface Moment {
  readonly mono: number;
  readonly wall?: number | undefined;
}

/** What is left of the rest under way: `resting, 4m 10s left`; undefined when there is none. */
export function pauseText(progress: Progress, now: Moment): string | undefined {
  const rest = restOf(progress);
  if (!rest) return undefined;
  const leftMs =
    rest.by === 'wall' && now.wall !== undefined
      ? Date.parse(rest.until) - now.wall
      : rest.fromMono + rest.leftMs - now.mono;
  return `${restWord(rest.cause)}, ${countdownText(leftMs)} left`;
}

/** Whole seconds: tenths would make a countdown flicker. */
export function countdownText(ms: number): string {
  return durationText(Math.max(0, Math.ceil(ms / 1000)) * 1000);
}

export function markLine({ mark, level, cycle, because }: MarkReached): string {
  return `mark ${mark} (${level}) is reached in cycle ${cycle}: ${listText(because, NAMES_SHOWN)}`;
}

/** A run that is carried on: which, what is done again and why, how much of its budget is left. */
export function resumedLines(
  plan: Plan,
  event: RunResumed,
  progress: Progress,
  conditions: ConditionsStatus | null,
): string[] {
  const { run, cut } = progress;
  if (!event.goesOn) return [closedText(event)];
  const number = progress.open?.cycle ?? progress.cycle;
  const again =
    event.interrupted.length > 0
      ? [`  again    ${listText(event.interrupted.map(attemptName), NAMES_SHOWN)}: ${AGAIN}`]
      : cut
        ? [`  again    cycle ${number}, which gate-run was ended in the middle of; no attempt was under way`]
        : [];
  const left = conditions && conditions.budget.length > 0 ? [`  left     ${leftText(conditions)}`] : [];
  const rest = run?.rest ? [`  rest     goes on: ${run.rest.why}`] : [];
  const behind = run && run.cycles > 0 ? `, ${cyclesText(run)}` : '';
  const name = `${plan.name}: run ${run?.id ?? ''} from ${run?.startedAt ?? ''} is carried on${behind}`;
  return [name, ...again, ...left, ...rest];
}

const AGAIN = 'cut off when gate-run was ended, so it counts as neither failure nor success and runs again';

function closedText({ interrupted }: RunResumed): string {
  return interrupted.length === 0
    ? 'the run before this one has no end; it is closed as interrupted'
    : `the run before this one has no end; interrupted: ${listText(interrupted.map(attemptName), NAMES_SHOWN)}`;
}

/** `unit#2` of the ledger, for people. */
function attemptName(key: string): string {
  const [task = key, attempt = '1'] = key.split('#');
  return attempt === '1' ? task : `${task} (attempt ${attempt})`;
}

/** Who asked, how long what runs still has, and how to end it at once. */
export function stopLine(event: StopSeen, plan: Plan, progress: Progress): string {
  const { open } = progress;
  const who = askedBy({ by: event.by, signal: event.signal, path: event.path, who: event.who });
  const running = [...(open?.running ?? [])];
  const names = running.length === 0 ? '' : `, ${listText(running, NAMES_SHOWN)}`;
  if (event.now) return `stopping now (${who}): running tasks are ended${names}`;
  const sooner = event.by === 'signal' ? 'a second signal' : '`gate-run stop --now`';
  if (isCleaningUp(plan, progress))
    return `stopping (${who}): what cleans up goes on${names}; ${sooner} ends it at once`;
  if (open && running.length === 0) return `stopping (${who}): nothing more is started`;
  if (!open) return `stopping (${who}): nothing is running`;
  const within = formatDuration(plan.stopWithinMs);
  return `stopping (${who}): running tasks have ${within} to finish${names}; ${sooner} ends them at once`;
}

/** While a stop waits for what runs: `stopping within 4m 30s, asked by SIGINT`. */
export function stoppingText(progress: Progress, plan: Plan, mono: number): string {
  const stop = progress.run?.stop;
  if (!stop) return '';
  if (stop.now) return `ending what runs, asked by ${askedBy(stop)}`;
  if (isCleaningUp(plan, progress)) return `stopping once what cleans up is done, asked by ${askedBy(stop)}`;
  return `stopping within ${countdownText(stop.mono + plan.stopWithinMs - mono)}, asked by ${askedBy(stop)}`;
}

/** The end of a loop: why, by which rule, and how its cycles went. */
export function endLine(run: RunProgress): string {
  const { ended } = run;
  if (!ended) return '';
  const isCounted = ended.reason === 'finished' || ended.reason === 'budget';
  return isCounted ? ended.why : `${ended.why}; ${cyclesText(run)}`;
}

/** `9 of 10 cycles failed`. */
export function cyclesText(run: Pick<RunProgress, 'cycles' | 'failed'>): string {
  const { cycles, failed } = run;
  if (cycles === 0) return 'no cycle was finished';
  if (cycles === 1) return failed === 0 ? 'the cycle passed' : 'the one cycle failed';
  return manyCyclesText(run);
}
