// The last lines of turns and of the run: what was cancelled, what is soft, the verdicts, why the run ended, and the first cause last.

import type { CycleEnded, Recorded, TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import { luckOf } from '../core/summary/champion.ts';
import { conditionsOf } from '../core/summary/conditions.ts';
import { summaryOfEnded } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { championText, luckText } from './champion-words.ts';
import { tamperingIn } from '../core/protect/progress.ts';
import { TAMPERING_ADVICE, tamperingLines } from '../core/protect/words.ts';
import { shortText } from './condition-words.ts';
import * as loopWords from './loop-words.ts';
import type { Paint } from './sink.ts';
import * as words from './words.ts';

export interface TurnLinesOptions {
  readonly isQuiet: boolean;
  /** False for named tasks: their failures are written down nowhere. */
  readonly keepsQuestions: boolean;
  readonly line: (text: string) => void;
}

export class TurnLines {
  readonly #plan: Plan;
  readonly #paint: Paint;
  readonly #options: TurnLinesOptions;
  /** Not summed up yet: in a loop none, else at most one of each kind. */
  #turns: Summary[] = [];
  /** Of the last cycle of a loop, if it did not pass, or of its start. */
  #lastCause: TaskSummary | undefined;
  #newQuestions = 0;

  constructor(plan: Plan, paint: Paint, options: TurnLinesOptions) {
    this.#plan = plan;
    this.#paint = paint;
    this.#options = options;
  }

  /** What came before is the end of a run that a crash had left without one. */
  forget(): void {
    this.#turns = [];
    this.#lastCause = undefined;
    this.#newQuestions = 0;
  }

  questionOpened(): void {
    this.#newQuestions += 1;
  }

  /** Of a loop, the cycle before is summed up when the next one begins, if it was not told at its end. */
  begin(turn: Summary['turn']): void {
    if (turn === 'cycle' && this.#turns.some((one) => one.turn === 'cycle')) this.#sumUp('');
  }

  /** Of a loop, each turn is told when it ends: behind it there may be hours of rest. */
  ended(event: Recorded<CycleEnded>, progress: Progress): void {
    // What a confirmation says has a line of its own.
    if (event.turn === 'confirm') return;
    this.#turns.push(summaryOfEnded(event));
    if (!isLoop(progress)) return;
    const isCounted = event.turn === 'cycle' && progress.run?.isClosing === false;
    const cause = this.#sumUp(isCounted ? shortText(conditionsOf(progress, event.mono)) : '');
    if (cause) this.#cause(cause);
    // What goes wrong while a run cleans up is told here, and is not why the run ended.
    if (event.turn !== 'end') this.#lastCause = cause;
  }

  /** `open`: the turn under way, cut off by the end of the run. */
  conclude(progress: Progress, open: Summary | undefined): void {
    if (open) this.#turns.push(open);
    const { line, keepsQuestions } = this.#options;
    const { run } = progress;
    const ended = run?.ended;
    const isTampered = ended?.reason === 'integrity';
    const known = this.#sumUp('') ?? this.#lastCause;
    // Whatever else went wrong was judged by files that somebody had changed.
    const cause = isTampered ? undefined : known;
    const tampering = isTampered ? tamperingIn(progress) : undefined;
    if (tampering) for (const one of tamperingLines(tampering)) line(`  ${one}`);
    if (this.#newQuestions > 0 && keepsQuestions)
      line(`${countText(this.#newQuestions, 'new question')} in ${this.#plan.questions.file}`);
    const isLong = isLoop(progress) || (run?.cycles ?? 0) > 1;
    if (run && ended && (ended.reason !== 'finished' || isLong || (ended.exit !== 0 && !cause))) {
      const why = isLoop(progress) ? loopWords.endLine(run) : ended.why;
      const best =
        progress.champion && this.#plan.objective
          ? `; ${championText(progress.champion)}${luckText(luckOf(progress))}`
          : '';
      line((ended.exit === 0 ? this.#paint.good : this.#paint.bad)(why + best));
    }
    if (isTampered) line(TAMPERING_ADVICE);
    if (cause) this.#cause(cause);
  }

  /** Everything but the cause: the last word is kept for that. `reached`: how far the run has come. */
  #sumUp(reached: string): TaskSummary | undefined {
    const { line } = this.#options;
    const turns = this.#turns;
    this.#turns = [];
    let cause: TaskSummary | undefined;
    for (const turn of turns) {
      for (const siblings of turn.siblings) line(`- ${words.siblingsText(siblings)}`);
      cause ??= turn.cause;
    }
    const soft = words.softText(turns.flatMap((turn) => turn.tasks));
    if (soft !== '') line(this.#paint.soft(`~ ${soft}`));
    for (const turn of turns) {
      if (!this.#isNews(turn)) continue;
      const behind = reached === '' ? '' : this.#paint.dim(` · ${reached}`);
      line(`${colorOfCycle(this.#paint, turn)(words.verdictText(turn))}${behind}`);
    }
    return cause;
  }

  /** A quiet loop tells of cycles in which something went wrong; a quiet cycle by itself has its one line. */
  #isNews({ turn, verdict, counts }: Summary): boolean {
    if (verdict !== 'passed') return true;
    if (turn !== 'cycle') return false;
    return !this.#options.isQuiet || counts.softFailed > 0 || this.#plan.loop.mode === 'once';
  }

  #cause(cause: TaskSummary): void {
    const log = cause.log === undefined ? undefined : `${this.#plan.state.cycles}/${cause.log}`;
    const mark = words.MARKS[cause.verdict];
    this.#options.line(this.#paint.bad(`${mark} ${words.causeText(cause, log)}`));
  }
}

function isLoop({ run }: Progress): boolean {
  return run !== undefined && run.mode !== 'once';
}

function colorOfCycle(paint: Paint, turn: Summary): (text: string) => string {
  if (turn.verdict !== 'passed') return paint.bad;
  return turn.counts.softFailed > 0 ? paint.soft : paint.good;
}
