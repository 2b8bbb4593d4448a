// All that the ledger of a night ever held and did not lose to a power cut, and what may never happen to its files.

import type { Event, Recorded } from '../../src/core/loop/event.ts';
import { EMPTY, evolve } from '../../src/core/loop/evolve.ts';
import type { Progress } from '../../src/core/loop/progress.ts';
import { eventsFile, readLines, readState } from '../../src/engine/read.ts';
import type { SimulatedDisk } from '../../src/simulation/disk.ts';
import { PATHS, type Lived } from './life.ts';
import { difference, shown } from './shown.ts';

export class Chronicle {
  readonly broken: string[] = [];
  /** Numbers that a power cut took. */
  readonly lost = new Set<number>();
  readonly #disk: SimulatedDisk;
  readonly #events = new Map<number, string>();
  #history: Uint8Array = new Uint8Array();

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  get events(): readonly Recorded[] {
    return [...this.#events]
      .toSorted(([one], [other]) => one - other)
      .map(([, line]): Recorded => JSON.parse(line));
  }

  /** After a life that a power cut did not end: what was acknowledged is there, byte for byte and event for event. */
  hold({ recorded, live, end }: Lived): void {
    const after = this.#historyBytes();
    if (!startsWith(after, this.#history))
      this.broken.push(
        `a life (${end}) changed bytes of the history: ${this.#history.length} before, ${after.length} after`,
      );
    this.#history = after;
    const whole = this.#take(recorded);
    const acknowledged = recorded.at(-1)?.seq ?? 0;
    const extra = whole.seq - acknowledged;
    if (acknowledged > 0 && (extra < 0 || extra > 1))
      this.broken.push(`acknowledged up to ${acknowledged}, on disk up to ${whole.seq}`);
    if (end === 'over' && live && shown(whole) !== shown(live))
      this.broken.push(`the ledger does not hold what the engine had: ${difference(whole, live)}`);
    this.#holdCheckpoint(whole);
  }

  /** After a power cut: only what nothing leaned on yet may be gone. */
  holdCut(recorded: readonly Recorded[]): void {
    this.#take(recorded);
    const before = new Set(this.#stored().map((event) => event.seq));
    const history = this.#historyBytes();
    this.#disk.cutPower();
    const after = this.#stored();
    const kept = new Set(after.map((event) => event.seq));
    for (const seq of before) if (!kept.has(seq)) this.#lose(seq);
    this.#history = this.#historyBytes();
    if (!startsWith(history, this.#history))
      this.broken.push('a power cut left bytes that were never written');
    const safe = lastSafe(recorded);
    const ofHistory = recorded.filter((event) => !('task' in event) || event.type.startsWith('question.'));
    const gone = ofHistory.find((event) => event.seq <= safe && this.lost.has(event.seq));
    if (gone) this.broken.push(`${gone.type} ${gone.seq} was lost, though ${safe} was leaned on`);
    for (const ended of after.filter((event) => event.type === 'cycle.ended')) {
      const inside = recorded.find(
        (event) => event.seq < ended.seq && 'task' in event && this.lost.has(event.seq),
      );
      if (inside) this.broken.push(`cycle ${ended.cycle} has its end, but lost seq ${inside.seq}`);
    }
    this.#holdCheckpoint(folded(after));
  }

  #lose(seq: number): void {
    this.lost.add(seq);
    this.#events.delete(seq);
  }

  /** Takes in what was recorded and what is on the disk, and finds that both say the same; the fold of the disk. */
  #take(recorded: readonly Recorded[]): Progress {
    const stored = this.#stored();
    for (const event of [...recorded, ...stored]) {
      const line = JSON.stringify(event);
      const known = this.#events.get(event.seq);
      this.lost.delete(event.seq);
      if (known !== undefined && known !== line)
        this.broken.push(`seq ${event.seq} was ${known}, is ${line}`);
      this.#events.set(event.seq, line);
    }
    return folded(stored);
  }

  /** A start reads the same from its checkpoint as from every line. */
  #holdCheckpoint(whole: Progress): void {
    const state = readState(this.#disk, PATHS);
    if (!('progress' in state)) this.broken.push(`a reader found ${JSON.stringify(state)}`);
    else if (shown(state.progress) !== shown(whole))
      this.broken.push(`a start does not read the fold of all lines: ${difference(state.progress, whole)}`);
  }

  /** History and every cycle's file, merged; torn tails are no lines. */
  #stored(): readonly Recorded[] {
    const history = this.#segments().flatMap((file) => this.#lines(file));
    const turns = history.filter((event) => event.type === 'cycle.started');
    const inside = turns.flatMap((turn) => this.#lines(eventsFile(PATHS, turn)));
    return [...history, ...inside].toSorted((one, other) => one.seq - other.seq);
  }

  #lines(file: string): readonly Recorded[] {
    const lines = readLines(this.#disk, file);
    if ('events' in lines) return lines.events;
    this.broken.push(`damage in ${file}`);
    return [];
  }

  /** Oldest first. */
  #segments(): readonly string[] {
    const names = this.#disk.list(PATHS.stateDir).filter((name) => /^history\.\d{6}\.jsonl$/.test(name));
    return [...names.toSorted().map((name) => `${PATHS.stateDir}/${name}`), PATHS.history];
  }

  /** Up to the last whole line: a torn tail may be cut, and so may zeroes that a failed sync left, though a newline was written behind them. */
  #historyBytes(): Uint8Array {
    const files = this.#segments().map((file) => this.#disk.read(file) ?? new Uint8Array());
    const bytes = Buffer.concat(files);
    const zero = bytes.indexOf(0);
    const whole = zero < 0 ? bytes : bytes.subarray(0, zero);
    return whole.subarray(0, whole.lastIndexOf(10) + 1);
  }
}

function folded(events: readonly Recorded[]): Progress {
  let progress = EMPTY;
  for (const event of events) progress = evolve(progress, event);
  return progress;
}

const SYNCED: ReadonlySet<Event['type']> = new Set([
  'cycle.ended',
  'question.opened',
  'question.closed',
  'run.ended',
]);

/** The last event that a later start of something leaned on. */
function lastSafe(recorded: readonly Recorded[]): number {
  const leans = recorded.findLastIndex(({ type }) => type === 'cycle.started' || type === 'attempt.started');
  const safe = recorded.slice(0, Math.max(0, leans)).findLast(({ type }) => SYNCED.has(type));
  return safe?.seq ?? 0;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && Buffer.compare(bytes.subarray(0, start.length), start) === 0;
}
