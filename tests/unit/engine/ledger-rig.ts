// A ledger with as many cycles as a test wants, written by the product's own recorder on a disk in memory.

import type { Event, Recorded } from '../../../src/core/loop/event.ts';
import { evolve } from '../../../src/core/loop/evolve.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import { Ledger, type LedgerPaths, type LedgerWishes } from '../../../src/engine/ledger.ts';
import { readState, type LedgerState } from '../../../src/engine/read.ts';
import { resume } from '../../../src/engine/resume.ts';
import { SimulatedDisk } from '../../../src/simulation/disk.ts';
import { Dice } from '../../../src/simulation/random.ts';

export const PATHS = {
  history: '/state/history.jsonl',
  cycles: '/state/cycles',
  stateDir: '/state',
  build: 'this build',
} as const;

export function emptyDisk(seed = 1): SimulatedDisk {
  const disk = new SimulatedDisk(new Dice(seed));
  disk.makeFolder(PATHS.cycles);
  return disk;
}

/** One start's worth of writing. `mono` is moved by hand, so that a checkpoint comes when a test wants it. */
export class Writer {
  readonly disk: SimulatedDisk;
  readonly ledger: Ledger;
  progress: Progress;
  mono = 0;
  readonly #run: string;

  constructor(
    disk: SimulatedDisk,
    wishes: LedgerWishes = {},
    paths: LedgerPaths = PATHS,
    run: string = 'run-1',
  ) {
    this.#run = run;
    const resumed = resume(disk, paths, wishes);
    if (!('ledger' in resumed)) throw new Error(`cannot be opened: ${JSON.stringify(resumed)}`);
    this.disk = disk;
    this.ledger = resumed.ledger;
    this.progress = resumed.progress;
    for (const event of resumed.recovered) this.put(event);
  }

  put(event: Event): void {
    this.mono += 10;
    const seq = this.progress.seq + 1;
    const at = new Date(Date.UTC(2026, 1, 10) + this.mono).toISOString();
    const recorded: Recorded = { v: 1, seq, at, mono: this.mono, run: this.#run, ...event };
    const failure = this.ledger.append(recorded);
    if (failure) throw new Error(failure.what);
    this.progress = evolve(this.progress, recorded);
  }

  start(): this {
    const watch = { cycles: 3, metrics: { 'sims.edge': 4 }, labels: ['hypothesis'] };
    this.put({
      type: 'run.started',
      plan: 'p',
      name: 'n',
      version: '0',
      mode: 'continuous',
      limits: {},
      watch,
    });
    return this;
  }

  /** One turn, begun and ended, with an attempt in its own file. */
  cycle(value = this.progress.cycle): this {
    this.begin();
    this.put({ type: 'attempt.started', task: 'sims', attempt: 1 });
    this.end(value);
    return this;
  }

  begin(): void {
    this.put({ type: 'cycle.started', cycle: this.progress.cycle + 1, turn: 'cycle' });
  }

  end(value = 1): void {
    const isRed = value % 3 === 2;
    const task = {
      id: 'sims',
      kind: 'gate',
      mode: 'strict',
      phase: 'prove',
      at: '2026-02-10T06:30:00.000Z',
      verdict: isRed ? 'failed' : 'passed',
      attempts: 1,
      durationMs: 5,
      metrics: { edge: value },
      labels: { hypothesis: `h${value % 4}` },
      reasons: [],
      checks: [],
      ...(isRed && { fingerprint: `f${value % 5}` }),
    } as const;
    const { cycle } = this.progress;
    const verdict = isRed ? 'failed' : 'passed';
    this.put({ type: 'cycle.ended', cycle, turn: 'cycle', verdict, durationMs: 5, tasks: [task] });
    if (isRed)
      this.put({
        type: 'question.opened',
        fingerprint: `f${value % 5}`,
        task: 'sims',
        cycle,
        text: 'Question',
      });
  }

  between(passedMs = 0): this {
    this.mono += passedMs;
    const failure = this.ledger.between(this.progress, { mono: this.mono, wall: this.mono });
    if (failure) throw new Error(failure.what);
    return this;
  }

  /** The checkpoint stands on the last line. */
  checkpoint(): this {
    return this.between().between(31_000);
  }
}

export function stateOf(disk: SimulatedDisk, paths: LedgerPaths = PATHS): LedgerState {
  const state = readState(disk, paths);
  if (!('progress' in state)) throw new Error(`cannot be read: ${JSON.stringify(state)}`);
  return state;
}

/** As if there were no checkpoint. */
export function wholeFold(disk: SimulatedDisk): LedgerState {
  return stateOf(disk, { history: PATHS.history, cycles: PATHS.cycles });
}
