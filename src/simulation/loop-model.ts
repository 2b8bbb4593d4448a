// A second, simpler account of a run, kept from the lines of its ledger: which end is due, which exit code, which pause.

import type { CycleEnded, CycleVerdict, Recorded, RunEnded, RunStarted } from '../core/loop/event.ts';
import type { ChampionFacts } from '../core/loop/champion-event.ts';
import type { Evaluate } from '../core/loop/request.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Condition } from '../core/plan/ends-plan.ts';
import { tamperingText } from '../core/protect/words.ts';
import { isHeld, isTrue, measuredIn, Tally, valuesRead, type Sight } from './loop-measures.ts';

/** Limits met in a row after which waiting is no use. */
const MOST_LIMITED = 50;
const BREAKERS: ReadonlySet<string> = new Set([
  'failures-in-a-row',
  'broken-in-a-row',
  'oom-in-a-row',
  'same-error',
]);
const CODES = {
  passed: 0,
  failed: 1,
  broken: 3,
  limited: 3,
  interrupted: 3,
  none: 3,
  stopped: 6,
  integrity: 9,
};

export type Best = Map<string, { highest: number; lowest: number }>;

export interface DueEnd {
  readonly reason: RunEnded['reason'];
  readonly rule?: string;
}

export interface Pause {
  readonly by: 'mono' | 'wall';
  readonly until: number;
  /** Monotonic time at which it is over, in the life under way; of a calendar's pause at the latest. */
  dueMono: number;
  /** Monotonic time from which it is counted in the life under way. */
  fromMono: number;
  leftMs: number;
  /** Until when a hook was under way in it, monotonic. */
  heldMono?: number;
}

export class RunModel {
  readonly id: string;
  readonly mode: Plan['loop']['mode'];
  readonly tally: Tally = new Tally();
  readonly marks: Set<string> = new Set();
  plan: Plan;
  holder: string;
  isClosing = false;
  earlierMs = 0;
  bornMono: number;
  startVerdict: CycleVerdict | undefined;
  endVerdict: CycleVerdict | undefined;
  verdict: CycleVerdict | undefined;
  /** Of the last cycle that was neither stopped nor met a limit. */
  counted: CycleVerdict | undefined;
  lastTasks: CycleEnded['tasks'] = [];
  wasSoft = false;
  /** The cycle that has not been rested after yet. */
  owed: CycleEnded | undefined;
  pause: Pause | undefined;
  /** Tries of a tripped breaker since something passed, and whether the last of them is still to come. */
  tries = 0;
  isTryOpen = false;
  stop: { signal: string | undefined; forcedBy: string | undefined; isStorage: boolean } | undefined;
  hasStorageFailed = false;
  /** What is protected could not be hashed. */
  isUnnoted = false;
  /** In words, once a turn has ended because of it. */
  tampering: string | undefined;
  /** What is not as the run before noted it, until somebody accepts it. */
  refused: string | undefined;
  champion: ChampionFacts | undefined;
  end: RunEnded | undefined;

  readonly #evaluate: Evaluate | undefined;

  constructor(event: Recorded<RunStarted>, plan: Plan, evaluate: Evaluate | undefined) {
    this.#evaluate = evaluate;
    this.id = event.run;
    this.holder = event.run;
    this.mode = event.mode ?? 'once';
    this.plan = plan;
    this.bornMono = event.mono;
  }

  get isBegun(): boolean {
    return this.startVerdict !== undefined || this.verdict !== undefined;
  }

  runtime(mono: number): number {
    return this.earlierMs + Math.max(0, mono - this.bornMono);
  }

  /** A turn of the run has ended. */
  finish(event: Recorded<CycleEnded>): void {
    const { turn, verdict, tasks } = event;
    this.tally.use(event);
    if (verdict === 'integrity' && event.tampering) this.tampering = tamperingText(event.tampering);
    if (verdict === 'interrupted') return;
    if (turn === 'end') this.endVerdict = verdict;
    else this.wasSoft ||= tasks.some((task) => task.verdict === 'soft-failed');
    if (turn === 'start') this.#finishStart(event);
    if (turn !== 'cycle') return;
    this.tally.add(event, this.runtime(event.mono));
    this.verdict = verdict;
    if (verdict !== 'stopped' && verdict !== 'limited') this.counted = verdict;
    this.lastTasks = tasks;
    this.owed = verdict === 'stopped' ? undefined : event;
    if (verdict === 'passed') this.tries = 0;
    if (verdict !== 'stopped' && verdict !== 'limited') this.isTryOpen = false;
  }

  /** What met a limit is waited for and begins anew. */
  #finishStart(event: Recorded<CycleEnded>): void {
    this.startVerdict = event.verdict;
    this.owed = event.verdict === 'limited' ? event : undefined;
    if (event.verdict === 'limited') this.tally.limited += 1;
    if (event.verdict === 'passed') this.tally.limited = 0;
  }

  /** What has to happen instead of another cycle; undefined: nothing. */
  due(best: Best, mono: number): DueEnd | 'try again' | undefined {
    const { ends, loop } = this.plan;
    const sight: Sight = { tally: this.tally, best, runtimeMs: this.runtime(mono) };
    if (this.hasStorageFailed || this.stop?.isStorage) return { reason: 'storage-failed' };
    const changed = this.refused ?? this.tampering;
    if (changed !== undefined) return { reason: 'integrity', rule: changed };
    if (this.isUnnoted) return { reason: 'start-failed', rule: 'protect' };
    if (loop.mode !== 'once' && this.#meetsTarget(sight))
      return { reason: 'target', rule: ends.target.map(said).join(' and ') };
    if (this.stop) return { reason: 'stopped' };
    const waits = this.startVerdict === 'limited' && loop.mode !== 'once';
    if (this.startVerdict !== undefined && this.startVerdict !== 'passed' && !waits)
      return { reason: 'start-failed' };
    if (loop.mode === 'once') return this.verdict === undefined ? undefined : { reason: 'finished' };
    const spent = ends.budget.find((one) => isHeld(one, sight));
    if (spent) return { reason: 'budget', rule: said(spent) };
    const { when } = ends;
    if (when && this.#evaluate?.(when, valuesRead(when, sight)) === true)
      return { reason: 'budget', rule: `when ${when.text}` };
    return this.#givesUp(sight);
  }

  #meetsTarget(sight: Sight): boolean {
    const { target } = this.plan.ends;
    const now = this.#measuredNow();
    if (target.length === 0 || !now) return false;
    return target.every((one) => {
      if (one.measure.kind !== 'metric' || one.measure.statistic !== 'value') return isHeld(one, sight);
      const value = now.get(one.measure.key);
      return value !== undefined && isTrue(value, one);
    });
  }

  /** Before the first cycle what the champion measured. */
  #measuredNow(): ReadonlyMap<string, number> | undefined {
    if (this.verdict === 'passed') return new Map(measuredIn(this.lastTasks));
    if (this.verdict !== undefined || !this.plan.objective || !this.champion) return undefined;
    return new Map(Object.entries(this.champion.metrics));
  }

  #givesUp(sight: Sight): DueEnd | 'try again' | undefined {
    const { giveUp, halfOpen } = this.plan.ends;
    const { limited } = this.tally;
    if (limited >= MOST_LIMITED) return { reason: 'gave-up', rule: `limited ${limited} times in a row` };
    const tripped = giveUp.filter((one) => isHeld(one, sight));
    const first = tripped.find((one) => !BREAKERS.has(one.measure.kind)) ?? tripped[0];
    if (!first) return undefined;
    const mayTry = halfOpen && BREAKERS.has(first.measure.kind);
    if (mayTry && this.isTryOpen) return undefined;
    if (mayTry && this.tries < halfOpen.times) return 'try again';
    return { reason: 'gave-up', rule: said(first) };
  }

  /** Several at once: the storage goes before the end, and the end before the last verdict. */
  exitCode(reason: RunEnded['reason']): number {
    const last = this.verdict ?? this.startVerdict;
    const verdict = (reason === 'budget' ? this.counted : last) ?? 'none';
    if (reason === 'storage-failed') return 8;
    if (reason === 'integrity') return 9;
    if (reason === 'target') return 0;
    if (reason === 'stopped' || reason === 'interrupted') return this.#stopCode(reason);
    if (reason === 'gave-up') return 4;
    if (reason === 'start-failed') return 3;
    if (reason === 'budget' && this.plan.ends.target.length > 0) return 5;
    if (CODES[verdict] !== 0) return CODES[verdict];
    const { failOn } = this.plan;
    const hasFailed = this.tally.counted.some(({ isFailed }) => isFailed);
    return (failOn === 'any' && hasFailed) || (failOn === 'soft' && this.wasSoft) ? 1 : 0;
  }

  #stopCode(reason: 'stopped' | 'interrupted'): number {
    if (reason === 'interrupted' || this.stop?.forcedBy !== 'signal') return 6;
    return this.stop.signal === 'SIGTERM' ? 143 : 130;
  }
}

export function said({ name, text }: Condition): string {
  return `${name} ${text}`;
}
