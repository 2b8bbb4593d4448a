// The run as plain lines: quiet on success, whole on failure, and the first cause as the last line.
// It never moves the cursor; what it has written stays as it is.

import type { RunningTask } from '../core/summary/summary.ts';
import { championLine } from './champion-words.ts';
import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { Event, MarkReached, Recorded, RunStarted } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { CycleProgress } from '../core/cycle/progress.ts';
import { cycleFolder, logName } from '../core/loop/names.ts';
import { turnName } from '../core/loop/words.ts';
import { taskSummary } from '../core/loop/summarise.ts';
import type { Plan } from '../core/plan/plan.ts';
import { durationText } from '../core/judge/words.ts';
import { waitingLine } from './resource-words.ts';
import { countText } from '../core/summary/amounts.ts';
import { conditionsOf } from '../core/summary/conditions.ts';
import { isSibling, runningOf, summaryOfOpen } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Sink, View } from '../ports.ts';
import { OutputBlocks, type Fold } from './blocks.ts';
import type { ReadFrom } from './head-stream.ts';
import { paintFor } from './sink.ts';
import type { Paint, ViewOptions } from './sink.ts';
import * as loopWords from './loop-words.ts';
import { TaskLines } from './task-lines.ts';
import { TurnLines } from './turn-lines.ts';
import * as words from './words.ts';

export interface PlainOptions extends ViewOptions {
  readonly fold?: Fold;
  /** `quiet`: what went wrong and the last lines; `whole`: also the output of tasks that passed. */
  readonly detail?: 'quiet' | 'usual' | 'whole';
  /** With it, `whole` shows the first running task's output while it comes. */
  readonly readFrom?: ReadFrom;
  /** False for named tasks: their failures are written down nowhere. */
  readonly keepsQuestions?: boolean;
}

/** A view that also hears the time, about once a second. */
export interface TickingView extends View {
  /** Monotonic milliseconds. */
  tick(mono: number): void;
}

/** Outside a terminal no minute passes without a sign of life. */
const HEARTBEAT_MS = 50_000;
/** A rest of hours has said at its start how long it is; a sign of life each minute would fill the log of a night. */
const LONG_REST_MS = 3_600_000;
const LONG_REST_HEARTBEAT_MS = 600_000;
const RUNNING_SHOWN = 4;

export function plainView(plan: Plan, sink: Sink, options: PlainOptions): TickingView {
  return new PlainView(plan, sink, options);
}

class PlainView implements TickingView {
  readonly #plan: Plan;
  readonly #index: PlanIndex;
  readonly #sink: Sink;
  readonly #options: PlainOptions;
  readonly #paint: Paint;
  readonly #taskLines: TaskLines;
  #run: RunStarted | undefined;
  #progress: Progress | undefined;
  #phase: string | undefined;
  readonly #turnLines: TurnLines;
  #writtenMono: number;
  readonly #blocks: OutputBlocks;
  #finished = false;

  constructor(plan: Plan, sink: Sink, options: PlainOptions) {
    this.#plan = plan;
    this.#index = indexPlan(plan);
    this.#sink = sink;
    this.#options = options;
    this.#paint = paintFor(sink);
    this.#taskLines = new TaskLines(plan, this.#paint);
    this.#writtenMono = options.mono();
    this.#turnLines = new TurnLines(plan, this.#paint, {
      isQuiet: options.detail === 'quiet',
      keepsQuestions: options.keepsQuestions !== false,
      line: (text) => this.#line(text),
    });
    this.#blocks = new OutputBlocks(sink, {
      readTail: options.readTail,
      fold: options.fold,
      readFrom: options.detail === 'whole' ? options.readFrom : undefined,
      cycles: plan.state.cycles,
      write: (text) => this.#write(text),
    });
  }

  see(event: Recorded, progress: Progress): void {
    this.#progress = progress;
    switch (event.type) {
      case 'run.started':
        this.#run = event;
        this.#turnLines.forget();
        return;
      case 'cycle.started':
        this.#begin(event);
        return;
      case 'attempt.started':
        if (event.attempt > 1 && this.#options.detail !== 'quiet') {
          const name = words.taskName({ id: event.task, rung: event.rung });
          this.#lineUnder(event.task, `  ${name}: attempt ${event.attempt}`);
        }
        return;
      case 'attempt.quiet':
        this.#lineUnder(event.task, `  ${event.task}: silent for ${durationText(event.quietMs)}`);
        return;
      case 'attempt.stopping':
        if (event.cause !== 'cancelled') this.#lineUnder(event.task, `  ${words.stoppingText(event)}`);
        return;
      case 'attempt.ended':
        this.#blocks.end(this.#logOf(event));
        if (event.rung !== undefined) this.#rung(event);
        return;
      case 'attempt.undoing':
        this.#lineUnder(event.task, `  ${event.task}: puts back what it wrote, which is more than it may`);
        return;
      case 'attempt.undone':
        return;
      case 'task.judged':
      case 'task.skipped':
        this.#taskDone(event.task, progress);
        return;
      case 'cycle.ended':
        this.#turnLines.ended(event, progress);
        return;
      case 'task.missed':
        this.#missed(event);
        return;
      case 'task.waiting':
        this.#lineUnder(event.task, `  ${waitingLine(event)}`);
        return;
      case 'protect.noted':
        for (const line of words.notedLines(event)) this.#line(line);
        return;
      case 'receipts.asked':
      case 'receipts.told':
      case 'protect.noting':
      case 'protect.asked':
      case 'protect.answered':
      case 'task.asked':
      case 'task.answered':
      case 'task.locking':
      case 'task.locked':
      case 'task.sought':
      case 'task.restored':
      case 'question.closed':
      case 'rest.ended':
      case 'run.ended':
        return;
      case 'question.opened':
        this.#turnLines.questionOpened();
        return;
      case 'run.resumed': {
        const conditions = conditionsOf(progress, event.mono);
        for (const line of loopWords.resumedLines(this.#plan, event, progress, conditions)) this.#line(line);
        if (event.goesOn) for (const line of loopWords.limitLines(this.#plan, event)) this.#say(line);
        return;
      }
      case 'rest.started':
        this.#head();
        // What was planned is no news to somebody who wants none.
        if (event.cause === 'sleep' || event.cause === 'schedule') this.#say(loopWords.restLine(event));
        else this.#line(loopWords.restLine(event));
        return;
      case 'mark.reached':
        this.#line(markColor(this.#paint, event.level)(loopWords.markLine(event)));
        return;
      case 'stop.seen':
        this.#line(loopWords.stopLine(event, this.#plan, progress));
        return;
      case 'champion.chosen':
      case 'champion.kept':
      case 'champion.set-aside':
      case 'champion.restored':
      case 'champion.confirmed': {
        const text = championLine(event, progress);
        if (text !== undefined) this.#line(text);
        return;
      }
      case 'hook.started':
      case 'hook.stopping':
        return;
      case 'hook.ended': {
        const text = words.hookText(event);
        if (text !== undefined) this.#line(text);
        return;
      }
      case 'suspended':
      case 'noted':
      case 'recovered':
      case 'ledger.restored':
      case 'baseline.recorded':
      case 'baseline.cleared':
      case 'storage.failed':
        this.#line(words.asideText(event));
        return;
      default:
        unreachable(event);
    }
  }

  tick(mono: number): void {
    const progress = this.#progress;
    const { open, run } = progress ?? {};
    if (open) this.#streamHead(open);
    if (this.#sink.isTerminal || mono - this.#writtenMono < HEARTBEAT_MS) return;
    if (!progress || !open || !run) return this.#restTick(mono);
    const stopping = run.stop ? `${loopWords.stoppingText(progress, this.#plan, mono)}; ` : '';
    const running = runningOf(open, this.#index);
    const glance = ({ id, rung, attempt }: RunningTask) =>
      this.#options.glance?.({ task: id, ...(rung !== undefined && { rung }), attempt });
    const shown = running.slice(0, RUNNING_SHOWN).map((task) => words.runningText(task, mono, glance(task)));
    const more = running.length > RUNNING_SHOWN ? ` and ${running.length - RUNNING_SHOWN} more` : '';
    const what = shown.length === 0 ? 'waiting' : `${shown.join(', ')}${more}`;
    this.#say(this.#paint.dim(`… ${durationText(mono - open.startedMono)}: ${stopping}${what}`));
  }

  #restTick(mono: number): void {
    const progress = this.#progress;
    const text = progress && loopWords.pauseText(progress, { mono, wall: this.#options.wall?.() });
    const isLong = (progress?.run?.rest?.leftMs ?? 0) > LONG_REST_MS;
    if (text === undefined || (isLong && mono - this.#writtenMono < LONG_REST_HEARTBEAT_MS)) return;
    this.#say(this.#paint.dim(`… ${text}`));
  }

  close(progress: Progress): void {
    if (this.#finished) return;
    this.#finished = true;
    const { open } = progress;
    this.#turnLines.conclude(progress, open && summaryOfOpen(open, this.#index));
  }

  #begin(event: { readonly turn: Summary['turn']; readonly cycle: number }): void {
    this.#turnLines.begin(event.turn);
    this.#head();
    const phases = this.#index.turns[event.turn];
    const tasks = phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
    const size = `${countText(tasks, 'task')} in ${countText(phases.length, 'phase')}`;
    this.#say(this.#paint.bold(`${turnName(event.turn, event.cycle)}: ${size}`));
    this.#phase = undefined;
    this.#blocks.begin();
  }

  /** Who and what, before the first thing that the run does. */
  #head(): void {
    if (this.#run) for (const line of loopWords.headerLines(this.#plan, this.#run)) this.#say(line);
    this.#run = undefined;
  }

  #taskDone(id: string, progress: Progress): void {
    if (!progress.open) return;
    const task = taskSummary(this.#index, progress.open, id);
    if (isSibling(task)) return;
    const isGreen = task.verdict === 'passed' || task.verdict === 'skipped';
    if (isGreen && this.#options.detail === 'quiet') return;
    this.#enterPhase(task.phase);
    this.#line(this.#taskLines.done(task));
    if (!isGreen || this.#options.detail === 'whole') this.#blocks.show(task);
  }

  #enterPhase(id: string): void {
    if (id === this.#phase) return;
    this.#phase = id;
    const title = this.#plan.phases.find((phase) => phase.id === id)?.title ?? id;
    if (this.#plan.phases.length > 1) this.#line(this.#paint.dim(`── ${title}`));
  }

  /** What is said of a task that is not done yet stands under its phase too. */
  #lineUnder(task: string, text: string): void {
    const phase = this.#index.phaseOf.get(task);
    if (phase) this.#enterPhase(phase.id);
    this.#line(text);
  }

  /** Of a task that was never answered there is nothing to compare with, and nothing to say. */
  #missed(event: Extract<Event, { type: 'task.missed' }>): void {
    if (event.why.length === 0 || this.#options.detail === 'quiet') return;
    this.#lineUnder(event.task, this.#paint.dim(`  ${event.task}: ${words.missedText(event)}`));
  }

  #rung(event: Extract<Event, { type: 'attempt.ended' }>): void {
    if (this.#options.detail === 'quiet') return;
    this.#lineUnder(event.task, this.#taskLines.rung(event));
  }

  /** The task that has run longest is the one that is shown. */
  #streamHead(open: CycleProgress): void {
    const [first] = open.running;
    const task = first === undefined ? undefined : open.tasks.get(first);
    if (this.#blocks.isFree && task) {
      const log = this.#logOf({ task: task.id, rung: task.rung, attempt: task.attempt });
      this.#lineUnder(task.id, this.#paint.dim(`  ${this.#blocks.title(task.id, log)}`));
      this.#blocks.follow(log);
    }
    this.#blocks.look();
  }

  #logOf(ref: {
    readonly task: string;
    readonly rung?: number | undefined;
    readonly attempt: number;
  }): string {
    const { open } = this.#progress ?? {};
    const plan = this.#index.tasks.get(ref.task);
    if (!open || !plan) return '';
    return `${cycleFolder(open.cycle, open.turn)}/${logName(plan, ref.rung, ref.attempt)}`;
  }

  /** What a quiet run leaves out. */
  #say(text: string): void {
    if (this.#options.detail !== 'quiet') this.#line(text);
  }

  #line(text: string): void {
    const { fold } = this.#options;
    this.#write(`${fold?.outside ? fold.outside(text) : text}\n`);
  }

  #write(text: string): void {
    this.#writtenMono = this.#options.mono();
    this.#sink.write(text);
  }
}

function markColor(paint: Paint, level: MarkReached['level']): (text: string) => string {
  if (level === 'info') return paint.bold;
  return level === 'warning' ? paint.soft : paint.bad;
}
