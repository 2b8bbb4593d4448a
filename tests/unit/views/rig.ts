// Scripted runs for views: events are recorded and folded by the product's own fold, the screen is what was written.

import type { Check, Judgement } from '../../../src/core/judge/evidence.ts';
import type { Event, Recorded } from '../../../src/core/loop/event.ts';
import { evolve, EMPTY } from '../../../src/core/loop/evolve.ts';
import { watchOf } from '../../../src/core/loop/watch.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import { DEFAULT_LOOP, NO_EXIT } from '../../../src/core/plan/loop.ts';
import type { Mode, PhasePlan, Plan, StagePlan, TaskPlan } from '../../../src/core/plan/plan.ts';
import type { ExitPlan, MarkPlan } from '../../../src/core/plan/ends-plan.ts';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import { summaryOfOpen } from '../../../src/core/summary/summary.ts';
import type { CycleVerdict, RestCause, Turn } from '../../../src/core/loop/event.ts';
import type { Sink, View } from '../../../src/ports.ts';
import { gate, plan } from '../plan-builder.ts';

/** When every script begins: 2026-02-10T06:30:00Z. */
export const BEGAN: number = Date.UTC(2026, 1, 10, 6, 30);

export class Screen implements Sink {
  text = '';
  columns = 80;
  rows = 24;
  isTerminal = false;
  color = false;

  write(text: string): void {
    this.text += text;
  }

  get lines(): string[] {
    return this.text.replace(/\n$/, '').split('\n');
  }
}

export function aTask(id: string, phase: string, more: Partial<TaskPlan> = {}): TaskPlan {
  return gate(id, { phase, number: '1.1', command: { kind: 'argv', argv: [id] }, ...more });
}

export function aStage(count: number): StagePlan {
  return { count, timeoutMs: 60_000, thresholds: [], promote: [] };
}

/** `{ checks: ['types', 'lint'] }`; a task may be given whole. */
export function aPlan(
  phases: Readonly<Record<string, readonly (string | TaskPlan)[]>>,
  more: Partial<Plan> = {},
): Plan {
  const made = Object.entries(phases).map(([id, tasks], index): PhasePlan => ({
    id,
    title: id,
    number: index + 1,
    at: 'cycle',
    always: false,
    policy: 'finish-running',
    jobs: 2,
    timeoutMs: 'never',
    tasks: tasks.map((task) => (typeof task === 'string' ? aTask(task, id) : task)),
  }));
  return plan(made, {
    name: 'demo',
    jobs: 2,
    questions: { file: '.gate-run/questions.md', ask: 'ChatGPT @codex' },
    state: {
      dir: '.gate-run',
      history: '.gate-run/history.jsonl',
      latest: '.gate-run/latest.json',
      cycles: '.gate-run/cycles',
    },
    ...more,
  });
}

/** What ends a loop, and how it runs. */
export interface Ends extends Partial<ExitPlan> {
  readonly mode?: Mode;
  readonly marks?: readonly MarkPlan[];
}

export function aLoop(
  phases: Parameters<typeof aPlan>[0],
  { mode = 'continuous', marks = [], ...ends }: Ends = {},
): Plan {
  const loop = { ...DEFAULT_LOOP, mode };
  return aPlan(phases, { loop, ends: { ...NO_EXIT, ...ends }, marks });
}

/** One scripted run: each method records what it says at the scripted time. */
export class Script {
  readonly plan: Plan;
  readonly events: Recorded[] = [];
  progress: Progress = EMPTY;
  mono = 0;
  run = 'run-1';
  readonly #views: View[] = [];

  constructor(plan: Plan) {
    this.plan = plan;
  }

  watch<V extends View>(view: V): V {
    this.#views.push(view);
    return view;
  }

  record(event: Event): this {
    const at = new Date(BEGAN + this.mono).toISOString();
    const recorded: Recorded = {
      v: 1,
      seq: this.progress.seq + 1,
      at,
      mono: this.mono,
      run: this.run,
      ...event,
    };
    this.events.push(recorded);
    this.progress = evolve(this.progress, recorded);
    for (const view of this.#views) view.see(recorded, this.progress);
    return this;
  }

  start(limits: Readonly<Record<string, string>> = {}): this {
    return this.record({
      type: 'run.started',
      plan: this.plan.id,
      name: this.plan.name,
      version: '0.1.0',
      limits,
      mode: this.plan.loop.mode,
      watch: watchOf(this.plan),
    });
  }

  rest(cause: RestCause, forMs: number, why = 'cycle 1 passed'): this {
    const until = new Date(BEGAN + this.mono + forMs).toISOString();
    return this.record({ type: 'rest.started', cause, forMs, until, by: 'mono', why });
  }

  cycle(cycle = 1, turn: Turn = 'cycle'): this {
    return this.record({ type: 'cycle.started', cycle, turn });
  }

  attempt(task: string, { durationMs = 1200, attempt = 1, rung = 0, code = 0, excerpt = '' } = {}): this {
    const ref = { task, attempt, ...(rung > 0 ? { rung } : {}) };
    this.record({ type: 'attempt.started', ...ref });
    this.mono += durationMs;
    const more = excerpt === '' ? {} : { excerpt };
    return this.record({ type: 'attempt.ended', ...ref, end: { code }, durationMs, bytes: 10, ...more });
  }

  judge(
    task: string,
    verdict: Judgement['verdict'],
    more: Partial<Judgement> & { fingerprint?: string } = {},
  ): this {
    const judgement = {
      outcome: 'exited' as const,
      reasons: [],
      metrics: {},
      labels: {},
      checks: [],
      ...more,
    };
    return this.record({ type: 'task.judged', task, verdict, ...judgement });
  }

  pass(task: string, more: Partial<Judgement> = {}): this {
    return this.attempt(task).judge(task, 'passed', more);
  }

  fail(task: string, reason: string, more: Partial<Judgement> & { fingerprint?: string } = {}): this {
    return this.attempt(task, { code: 1 }).judge(task, 'failed', {
      reasons: [reason],
      ...more,
    });
  }

  skipped(task: string, rule: string, because?: string): this {
    const more = because === undefined ? {} : { because };
    return this.record({ type: 'task.skipped', task, rule, excused: because === undefined, ...more });
  }

  endCycle(verdict: CycleVerdict): this {
    const { open } = this.progress;
    if (!open) throw new Error('no cycle is open');
    const summary = summaryOfOpen(open, indexPlan(this.plan));
    const cause = summary.cause === undefined ? {} : { cause: summary.cause.id };
    const { cycle, turn } = open;
    const durationMs = this.mono - open.startedMono;
    return this.record({
      type: 'cycle.ended',
      cycle,
      turn,
      verdict,
      durationMs,
      tasks: summary.tasks,
      ...cause,
    });
  }

  end(exit: number, why: string, verdict: CycleVerdict | 'none' = exit === 0 ? 'passed' : 'failed'): this {
    this.record({ type: 'run.ended', reason: 'finished', verdict, exit, why });
    for (const view of this.#views) void view.close(this.progress);
    return this;
  }

  close(): this {
    for (const view of this.#views) void view.close(this.progress);
    return this;
  }
}

export function aCheck(metric: string, value: number, threshold: string, headroom: number): Check {
  const limit = Number(/[\d.]+/.exec(threshold)?.[0]);
  return { metric, value, threshold, limit, headroom, level: 'require', held: headroom >= 0, first: false };
}
