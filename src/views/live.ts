// A run on a terminal: the plain lines go into the scrollback, once each; under them a small live region says what runs.
// Until the region is loaded, and when it cannot be, this is the plain view.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { AttemptRef } from '../core/cycle/event.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import { durationText } from '../core/judge/words.ts';
import type { Recorded } from '../core/loop/event.ts';
import { cycleFolder, logName } from '../core/loop/names.ts';
import type { Progress } from '../core/loop/progress.ts';
import { turnName } from '../core/loop/words.ts';
import type { Plan } from '../core/plan/plan.ts';
import { listText } from '../core/summary/amounts.ts';
import { waitingOf } from '../core/summary/resources.ts';
import { runningOf } from '../core/summary/summary.ts';
import type { RunningTask } from '../core/summary/summary.ts';
import { plainView } from './plain.ts';
import type { PlainOptions, TickingView } from './plain.ts';
import { outputOf } from './sink.ts';
import type { Sink } from '../ports.ts';
import type { LiveRegion, LiveRow } from './terminal.ts';
import { championText } from './champion-words.ts';
import { waitingText } from './resource-words.ts';
import * as loopWords from './loop-words.ts';
import * as words from './words.ts';

/** Most runs of one quick gate are over before; they never pay for the region. */
const LOAD_AFTER_MS = 100;
const FRAME_MS = 100;
const PAUSE_FRAME_MS = 1000;
const TAIL_EVERY_MS = 1000;
/** Rows for running tasks, each with a line of output; a small screen shows fewer. */
const ROWS = 8;
/** A longer line is drawn ten times a second for nothing: what is new of it is its end. */
const LINE_CHARACTERS = 1000;
/** What stands before it in its row, and behind. */
const ROOM = 8;

export function liveView(plan: Plan, sink: Sink, options: PlainOptions): TickingView {
  return new LiveView(plan, sink, options);
}

class LiveView implements TickingView {
  readonly #index: PlanIndex;
  readonly #sink: Sink;
  readonly #options: PlainOptions;
  readonly #plain: TickingView;
  readonly #tails = new Map<string, { readonly text: string; readonly readMono: number }>();
  readonly #opening: NodeJS.Timeout;
  #loading: Promise<void> | undefined;
  #region: LiveRegion | undefined;
  #frames: NodeJS.Timeout | undefined;
  #above = '';
  #progress: Progress | undefined;
  #troubles: readonly string[] = [];
  /** When the region was drawn last. */
  #drawnMono = Number.NEGATIVE_INFINITY;

  constructor(plan: Plan, sink: Sink, options: PlainOptions) {
    this.#index = indexPlan(plan);
    this.#sink = sink;
    this.#options = options;
    this.#plain = plainView(plan, this.#scrollback(), options);
    this.#opening = setTimeout(() => (this.#loading = this.#open()), LOAD_AFTER_MS);
    this.#opening.unref();
  }

  see(event: Recorded, progress: Progress): void {
    this.#progress = progress;
    if (event.type === 'cycle.started') this.#troubles = [];
    if (event.type === 'task.judged' && event.verdict !== 'passed' && event.verdict !== 'skipped') {
      this.#troubles = [...this.#troubles.slice(-words.NAMES_SHOWN), event.task];
    }
    this.#plain.see(event, progress);
  }

  tick(mono: number): void {
    this.#plain.tick(mono);
  }

  async close(progress: Progress): Promise<void> {
    clearTimeout(this.#opening);
    await this.#loading;
    clearInterval(this.#frames);
    const region = this.#region;
    this.#region = undefined;
    if (region) {
      region.draw([], this.#above);
      await region.close();
    }
    await this.#plain.close(progress);
  }

  async #open(): Promise<void> {
    try {
      const { openRegion } = await import('./terminal.ts');
      this.#region = await openRegion(this.#sink, ROWS + 2);
      this.#frames = setInterval(() => this.#frame(), FRAME_MS);
      this.#frames.unref();
    } catch (error) {
      // The run does not depend on it, and its lines are on the screen already.
      this.#sink.write(`! no live view: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }

  /** One writer owns the screen: once the region is open, lines wait for its next frame. */
  #scrollback(): Sink {
    const sink = this.#sink;
    const write = (text: string): void => {
      if (this.#region) this.#above += text;
      else sink.write(text);
    };
    return {
      write,
      get columns() {
        return sink.columns;
      },
      get rows() {
        return sink.rows;
      },
      isTerminal: sink.isTerminal,
      color: sink.color,
    };
  }

  #frame(): void {
    const above = this.#above;
    const mono = this.#options.mono();
    // A countdown of hours needs no more than a frame a second.
    if (!this.#progress?.open && above === '' && mono - this.#drawnMono < PAUSE_FRAME_MS) return;
    this.#drawnMono = mono;
    this.#above = '';
    this.#region?.draw(this.#rows(mono), above);
  }

  #rows(mono: number): LiveRow[] {
    const open = this.#progress?.open;
    if (!open) return this.#pauseRows(mono);
    const running = runningOf(open, this.#index);
    const height = Math.max(1, Math.min(ROWS, Math.floor(this.#sink.rows / 2) - 2));
    const shown = running.slice(0, height);
    const rows = shown.map((task) => ({
      title: words.runningText(task, mono, this.#options.glance?.(refOf(task))),
      output: this.#tailOf(task, mono),
    }));
    const more = running.length - shown.length;
    for (const task of waitingOf(open, this.#index, mono).slice(0, height - shown.length))
      rows.push({ title: `waiting: ${waitingText(task)}`, output: '' });
    return [this.#head(mono), ...rows, ...(more > 0 ? [{ title: `${more} more running`, output: '' }] : [])];
  }

  /** Between cycles: what is waited for, and for how much longer. */
  #pauseRows(mono: number): LiveRow[] {
    const progress = this.#progress;
    const title = progress && loopWords.pauseText(progress, { mono, wall: this.#options.wall?.() });
    return title === undefined ? [] : [{ title, output: progress?.run?.rest?.why ?? '' }];
  }

  #head(mono: number): LiveRow {
    const progress = this.#progress;
    const { open, run } = progress ?? {};
    if (!progress || !open) return { title: '', output: '' };
    const phases = this.#index.turns[open.turn];
    const total = phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
    const [first] = open.running;
    const phase = first === undefined ? undefined : this.#index.phaseOf.get(first);
    const where = [turnName(open.turn, open.cycle), phase?.title].filter(Boolean).join(' · ');
    const title = `${where}  ${open.done} of ${total} done, ${durationText(mono - open.startedMono)}`;
    const stopping = run?.stop ? `, ${loopWords.stoppingText(progress, this.#index.plan, mono)}` : '';
    const troubles = listText(this.#troubles.slice(-words.NAMES_SHOWN), words.NAMES_SHOWN);
    const best = progress.champion && this.#index.plan.objective ? [championText(progress.champion)] : [];
    const said = [...(troubles === '' ? [] : [`not passed: ${troubles}`]), ...best];
    return { title: `${title}${stopping}`, output: said.join(' · ') };
  }

  /** The newest line of a task's output, read from its log's end, at most once a second. */
  #tailOf(task: RunningTask, mono: number): string {
    const open = this.#progress?.open;
    const plan = this.#index.tasks.get(task.id);
    if (!open || !plan) return '';
    const log = `${cycleFolder(open.cycle, open.turn)}/${logName(plan, task.rung, task.attempt)}`;
    const known = this.#tails.get(task.id);
    if (known && mono - known.readMono < TAIL_EVERY_MS) return known.text;
    // A task that has only just begun has nothing to show; most are over before the first look.
    const isYoung = mono - task.startedMono < TAIL_EVERY_MS;
    const text = isYoung ? '' : lastLine(outputOf(this.#options.readTail(log)), this.#sink.columns);
    if (this.#tails.size > TAILS_KEPT) this.#tails.clear();
    if (!isYoung) this.#tails.set(task.id, { text, readMono: mono });
    return text;
  }
}

function lastLine(tail: string, columns: number): string {
  const text = tail.trimEnd();
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return line.length > LINE_CHARACTERS ? `…${line.slice(-Math.max(1, columns - ROOM))}` : line;
}

function refOf({ id, rung, attempt }: RunningTask): AttemptRef {
  return { task: id, ...(rung !== undefined && { rung }), attempt };
}

const TAILS_KEPT = 64;
