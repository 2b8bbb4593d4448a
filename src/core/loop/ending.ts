// Whether the run ends now, and by which rule. Asked between cycles only.

import { formatDuration } from '../config/quantity.ts';
import { numberText } from '../judge/number.ts';
import type { Mode, Plan } from '../plan/plan.ts';
import type { Condition, Measure } from '../plan/ends-plan.ts';
import { isTrue } from './expression.ts';
import { compares, holds, measured } from './measure.ts';
import { notNoted, tamperingIn } from '../protect/progress.ts';
import { tamperingText } from '../protect/words.ts';
import { valueOfChampion } from './champion-values.ts';
import type { RunEnded } from './event.ts';
import type { Now } from './now.ts';
import type { Progress, RunProgress } from './progress.ts';
import type { Request } from './request.ts';
import { allMeasured } from './values.ts';

/** Limits met in a row, each waited for, before nobody believes any more that the next wait will help. */
export const MOST_LIMITED = 50;

export interface Ending {
  readonly reason: Exclude<RunEnded['reason'], 'interrupted'>;
  /** The condition that decided, for people. */
  readonly rule?: string;
}

export interface Tripped {
  /** A breaker may be tried again after a pause. */
  readonly halfOpen: { readonly afterMs: number; readonly rule: string };
}

const BREAKERS: ReadonlySet<string> = new Set([
  'failures-in-a-row',
  'broken-in-a-row',
  'oom-in-a-row',
  'same-error',
]);

/** Precedence: integrity, target, stop, budget, giving up. Undefined: the run goes on. */
export function endingOf(
  plan: Plan,
  { evaluate }: Pick<Request, 'evaluate'>,
  { progress, run, now }: { progress: Progress; run: RunProgress; now: Now },
): Ending | Tripped | undefined {
  if (progress.storageFailed || run.stop?.by === 'storage') return { reason: 'storage-failed' };
  if (isTampered(run)) return { reason: 'integrity', ...ruleOf(progress) };
  if (run.unaccepted && plan.protect === undefined) return { reason: 'integrity', rule: UNPROTECTED };
  if (notNoted(run) !== undefined) return { reason: 'start-failed', rule: 'protect' };
  const { mode } = plan.loop;
  if (mode !== 'once' && isTargetMet(plan, progress, run, now))
    return { reason: 'target', rule: plan.ends.target.map(ruleText).join(' and ') };
  if (run.stop) return { reason: 'stopped' };
  if (hasStartFailed(run, mode)) return { reason: 'start-failed' };
  if (mode === 'once') return run.lastVerdict === undefined ? undefined : { reason: 'finished' };
  const budget = plan.ends.budget.find((one) => holds(one, progress, now.mono));
  if (budget) return { reason: 'budget', rule: ruleText(budget) };
  const { when } = plan.ends;
  if (when && isTrue(when, evaluate, progress, now.mono) === true)
    return { reason: 'budget', rule: `when ${when.text}` };
  return givingUp(plan, progress, run, now);
}

/** In whichever turn: a gate's file may be changed by what prepares a run, and by what cleans up behind it. */
function isTampered({ lastVerdict, startTurn, endTurn, protect }: RunProgress): boolean {
  const isRefused = typeof protect === 'object' && protect.refused !== undefined;
  return isRefused || [lastVerdict, startTurn, endTurn].includes('integrity');
}

function ruleOf(progress: Progress): Pick<Ending, 'rule'> {
  const tampering = tamperingIn(progress);
  return tampering ? { rule: tamperingText(tampering) } : {};
}

/** Else whoever changes a gate would only have to take away what watches over it. */
const UNPROTECTED = 'the config has no `protect` any more, and nobody accepted what the run before left';

/** A limit is waited for, unless one cycle is all that was asked for. */
function hasStartFailed({ startTurn }: RunProgress, mode: Mode): boolean {
  if (startTurn === undefined || startTurn === 'passed') return false;
  return startTurn !== 'limited' || mode === 'once';
}

/** As people wrote it: `failures-in-a-row >= 5`. */
export function ruleText({ name, text }: Condition): string {
  return `${name} ${text}`;
}

/** Monotonic time from which on the run is over because of its run time; undefined when nothing limits that. */
export function runtimeEnd({ ends: { budget, giveUp } }: Plan, run: RunProgress): number | undefined {
  const ends = [...budget, ...giveUp].flatMap(({ measure, operator, value }) => {
    if (measure.kind !== 'runtime' || (operator !== '>=' && operator !== '>')) return [];
    return [run.bornMono + value - run.earlierMs + (operator === '>' ? 1 : 0)];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Judged by the values of a cycle that passed, never by older ones; before the first cycle of a run, by those of the champion. */
function isTargetMet(plan: Plan, progress: Progress, run: RunProgress, { mono }: Now): boolean {
  const { target } = plan.ends;
  if (target.length === 0) return false;
  const valueOf = run.lastVerdict === undefined ? ofChampion(plan, progress) : ofLastCycle(progress, run);
  if (!valueOf) return false;
  return target.every((condition) => {
    const { measure } = condition;
    if (measure.kind !== 'metric' || measure.statistic !== 'value') return holds(condition, progress, mono);
    const value = valueOf(measure.key);
    return value !== undefined && compares(value, condition);
  });
}

type ValueOf = (key: string) => number | undefined;

function ofLastCycle({ last }: Progress, run: RunProgress): ValueOf | undefined {
  if (run.lastVerdict !== 'passed') return undefined;
  const values = new Map(last?.tasks.flatMap(allMeasured));
  return (key) => values.get(key);
}

/** Whoever starts a search again that has found what it looked for wants to be told so. */
function ofChampion({ objective }: Plan, { champion }: Progress): ValueOf | undefined {
  return objective && champion ? (key) => valueOfChampion(champion, key) : undefined;
}

function givingUp(plan: Plan, progress: Progress, run: RunProgress, now: Now): Ending | Tripped | undefined {
  if (run.streaks.limited >= MOST_LIMITED)
    return { reason: 'gave-up', rule: `limited ${run.streaks.limited} times in a row` };
  const tripped = plan.ends.giveUp.filter((one) => holds(one, progress, now.mono));
  const [first] = tripped;
  if (!first) return undefined;
  const lasting = tripped.find((one) => !BREAKERS.has(one.measure.kind));
  if (lasting) return { reason: 'gave-up', rule: ruleText(lasting) };
  const { halfOpen } = plan.ends;
  if (halfOpen && run.isTrying) return undefined;
  if (!halfOpen || run.trials >= halfOpen.times) return { reason: 'gave-up', rule: ruleText(first) };
  return { halfOpen: { afterMs: halfOpen.afterMs, rule: ruleText(first) } };
}

/** `edge > 400 (at 412.3)`, `runtime >= 10h (at 10h3s)`. */
export function heldText(condition: Condition, progress: Progress, mono: number): string {
  const { value } = measured(condition, progress, mono);
  const at = value === undefined ? 'unknown' : amountText(condition.measure.kind, value);
  return `${ruleText(condition)} (at ${at})`;
}

const PERCENT = 100;

function amountText(kind: Measure['kind'], value: number): string {
  if (kind === 'runtime') return formatDuration(Math.round(value / 1000) * 1000);
  if (kind === 'failure-rate') return `${Math.round(value * PERCENT)}%`;
  return kind === 'cost' ? `${value.toFixed(2)}usd` : numberText(value);
}
