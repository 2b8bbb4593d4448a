// The border with the world, on one screen. Ports never throw and never reject: what goes wrong comes back as a value.

import type { KeptEnd } from './core/cache/event.ts';
import type { KeyDraft } from './core/cache/key.ts';
import type { AttemptRef } from './core/cycle/event.ts';
import type { Event, Recorded } from './core/loop/event.ts';
import type { Notice } from './core/loop/notices.ts';
import type { Now } from './core/loop/now.ts';
import type { Progress } from './core/loop/progress.ts';
import type { IsolationPlan } from './core/plan/isolation.ts';
import type { LimitsPlan } from './core/plan/resources.ts';
import type { CachePlan } from './core/plan/cache.ts';
import type { StopCause } from './core/judge/evidence.ts';
import type { Checkpoint, Grown } from './core/protect/event.ts';
import type { NetworkPlan } from './core/plan/network.ts';
import type { Ask, HookName, LabelPlan, MetricPlan } from './core/plan/plan.ts';
import type { SimsOrder } from './core/plan/sims-order.ts';

export interface Clock {
  now(): Now;
  /** Resolves at `until` (monotonic; never, when undefined) or as soon as `wake` is called. */
  wait(until: number | undefined): Promise<void>;
  wake(): void;
  /** Lets facts arrive; called at least every 50 ms while much is being started. */
  yield(): Promise<void>;
}

/** What is looked at before and behind an attempt whose task may not write as it likes. */
export interface TreeOrder {
  /** Of the config, absolute. */
  readonly folder: string;
  /** Paths and globs from there, or absolute: what is gate-run's own. */
  readonly except: readonly string[];
  /** Globs; what lies outside of them is told apart. */
  readonly only: readonly string[] | undefined;
  /** Lines are counted no further than what is too many anyway; undefined: they are not counted. */
  readonly lines: number | undefined;
  /** Whether it may have to be put back. */
  readonly mayUndo: boolean;
  /** The task's first attempt in this turn: what is compared with is how the tree stands now. */
  readonly isFirst: boolean;
  /** Where bytes are kept, as a tar; absolute. */
  readonly keep: string;
  /** Where the list of all that was written lies, where it is long; absolute. */
  readonly list: string;
}

/** Everything needed to carry one attempt out, resolved; paths are absolute. */
export interface Order {
  readonly ref: AttemptRef;
  readonly command:
    | { readonly argv: readonly string[] }
    | { readonly shell: 'sh' | 'bash'; readonly script: string };
  readonly cwd: string;
  /** A file, or undefined for /dev/null. */
  readonly stdin: string | undefined;
  /** Added to what passes of gate-run's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly pass: readonly string[] | undefined;
  readonly log: string;
  /** The command for people and for the ledger, one line. */
  readonly shown: string;
  /** First line of the log, without newline. */
  readonly header: string;
  readonly logLimitBytes: number;
  readonly quietAfterMs: readonly number[];
  readonly killAfterMs: number;
  /** Absent: the run chooses what holds its processes. */
  readonly isolation?: IsolationPlan;
  /** Absent: whomever this machine can reach. */
  readonly network?: NetworkPlan;
  /** Absent: it may use what there is. */
  readonly limits?: LimitsPlan;
  /** Evidence to read at the end: the task's own, and that of the tasks that judge it. */
  readonly read: readonly {
    readonly task: string;
    readonly metrics: readonly MetricPlan[];
    readonly labels: readonly LabelPlan[];
    /** Whether findings of a report are told apart, beside their count. */
    readonly isNamed?: true;
  }[];
  /** Whether stderr has to be kept apart from stdout. */
  readonly apart: boolean;
  /** A rung whose simulations are processes of their own; `command` is then that of each, with its names still in it. */
  readonly sims?: SimsOrder;
  /** Its task has `writes`. */
  readonly tree?: TreeOrder;
}

export interface Processes {
  /** Starts an attempt; its facts (`attempt.quiet`, `attempt.ended`) come through the inbox. */
  start(order: Order): void;
  /** Signals the attempt's whole group; silent when it is gone already. */
  signal(ref: AttemptRef, signal: 'TERM' | 'KILL', cause?: StopCause): void;
  /** Puts back what the task changed of the tree since its first attempt; the fact `attempt.undone` comes through the inbox. */
  undo(ref: AttemptRef): void;
  /** The task has its verdict: what was kept of the tree before it goes, but where it was not all put back. */
  forget(task: string): void;
  /** Asks whether conditions hold; the fact `task.answered` comes through the inbox. `seen` is what `changed` saw when the task last passed. */
  ask(task: string, asks: readonly Ask[], seen: string | undefined): void;
}

/** A hook to be carried out, resolved; it is no task, and nothing is read from it. */
export interface HookOrder {
  readonly nth: number;
  readonly hook: HookName;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pass: readonly string[] | undefined;
  readonly timeoutMs: number;
}

/** A task's place in the cache: what its attempt would be, and what the task itself adds to the key. */
export interface CacheOrder {
  readonly order: Order;
  readonly draft: KeyDraft;
  readonly plan: CachePlan;
  readonly outputs: readonly string[];
  /** Nothing of this run is at work, so that what is seen of files may be believed for the next question too. */
  readonly isQuiet: boolean;
}

/** What an attempt left, to be kept under the key that was told when the task was sought. */
export interface Keep {
  readonly task: string;
  readonly ended: KeptEnd;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** For people: run and cycle. */
  readonly from: string;
}

export interface Cache {
  /** Its one fact, `task.restored` or `task.missed`, comes through the inbox. */
  seek(wanted: CacheOrder): void;
  /** Beside the run, and never a reason for anything to fail; what has changed meanwhile is not kept. */
  keep(kept: Keep): void;
  /** It will not be kept. */
  forget(task: string): void;
  /** Something is about to run that may change any file; `starting`: it is this task. */
  disturbed(starting?: string): void;
}

export interface Hooks {
  /** Its one fact, `hook.ended`, comes through the inbox. */
  start(order: HookOrder): void;
  /** Ends the one that is under way; silent when there is none. */
  stop(): void;
}

export interface LockWish {
  readonly task: string;
  readonly names: readonly string[];
  /** For people who meet the lock. */
  readonly run: string;
}

/** Named locks: no two tasks of whatever runs on this machine hold the same one. */
export interface Locks {
  /** Takes them one after another and keeps those that it has; `task.waiting`, and at last `task.locked`, come through the inbox. */
  take(wish: LockWish): void;
  /** Gives back what the task has, and waits no longer; silent when there is nothing. */
  release(task: string): void;
}

/** What a run noted of protected files: the sum of the list, and what append-only files have come to since. */
export interface Noted {
  readonly sum: string;
  readonly grown: ReadonlyMap<string, Grown>;
}

/** Looks after protected files. What cannot be read has changed. */
export interface Guard {
  /** Hashes all of them; the fact `protect.noted` comes through the inbox. `against`: they must still be what was noted. */
  note(against: Noted | undefined): void;
  /** Compares them; the fact `protect.answered` comes through the inbox. */
  compare(at: Checkpoint, noted: Noted): void;
}

/** Looks at the work tree. */
export interface WorkTree {
  /** The fact `receipts.told` comes through the inbox, in time whatever the tree is like. */
  look(since: string | undefined): void;
}

export interface Notices {
  /** Tells whoever asked for it, in time, or notes that it could not; nobody waits for that. */
  tell(notice: Notice): void;
}

/** `code` is the system's word (ENOSPC, EIO, EROFS …). */
export interface Failure {
  readonly failed: string;
  readonly what: string;
}

/** An open append-only file. */
export interface Appender {
  readonly path: string;
  /** Bytes taken, possibly fewer than offered; 0 never means success. */
  write(bytes: Uint8Array): number | Failure;
  /** Durable when it returns. */
  sync(): Failure | undefined;
  /** Durable when the promise resolves; may overlap a child's run. */
  syncLater(): Promise<Failure | undefined>;
  close(): void;
}

export interface Entry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly bytes: number;
  /** When its bytes last changed, epoch milliseconds. */
  readonly changedMs: number;
}

export interface Disk {
  read(path: string): Uint8Array | undefined | Failure;
  /** Up to `length` bytes from `offset`; fewer only where the file ends. */
  readFrom(path: string, offset: number, length: number): Uint8Array | undefined | Failure;
  size(path: string): number | undefined;
  list(folder: string): readonly string[];
  /** What stands there itself: a link is told as one, whatever it leads to. Undefined: nothing. */
  look(path: string): Entry | undefined;
  makeFolder(path: string): Failure | undefined;
  /** Creates what is not there. `mayBeLink: false` refuses a link in the file's place. */
  append(path: string, mayBeLink?: boolean): Appender | Failure;
  /** Cuts a file to `size` bytes and makes that durable. */
  truncate(path: string, size: number): Failure | undefined;
  /** Whole or not at all: temporary file in the same folder, then rename. `durable` also syncs file and folder. */
  replace(path: string, bytes: Uint8Array, durable: boolean): Failure | undefined;
  /** Takes the place of what was there; durable once the folder is synced. */
  rename(from: string, to: string): Failure | undefined;
  remove(path: string): void;
  /** Names given and taken in this folder are durable when it returns. */
  syncFolder(path: string): Failure | undefined;
  /** With everything in it; a crash may leave a part. Nothing there is no failure. */
  removeFolder(path: string): Failure | undefined;
  /** Makes `path` a link that leads to `target`, in the place of one that is there; never of anything else. */
  point(path: string, target: string): Failure | undefined;
  /** Bytes of all files in it and below. */
  weigh(folder: string): number;
}

export interface Random {
  /** At least 0, below 1. */
  next(): number;
}

/** One inbox for all facts, in the order they came. */
export interface Inbox {
  put(fact: Event): void;
}

/** Where words go: a screen, a pipe, a file; what is written is taken in order, sooner or later. */
export interface Sink {
  write(text: string): void;
  /** Read at each use: a terminal may be resized. */
  readonly columns: number;
  readonly rows: number;
  readonly isTerminal: boolean;
  readonly color: boolean;
}

/** A view only listens. One that throws is contained and noted. */
export interface View {
  /** Called after the event is recorded and folded. */
  see(event: Recorded, progress: Progress): void;
  /** The run is over, or will not begin; whatever has to be written is written now, on every path. */
  close(progress: Progress): void | Promise<void>;
}
