// Control groups of the unified tree (v2), one for each attempt: whatever the attempt starts is born in it and cannot leave it by leaving
// its session, its group or its parents. gate-run itself steps into the group and starts the command there: a start through a shell that
// steps in for itself would cost more than the command, and to move a command that runs already would be too late.

import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmdirSync, write, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unifiedFolder } from '../cgroup-tree.ts';
import { errorCode, UNKNOWN_CODE } from '../files.ts';
import { isEmpty, isGone, signalGroup, tryKill } from '../group.ts';
import { processFacts, textOf } from '../proc.ts';
import { killAll, membersOf, ownName, remove, removeDeadIn } from './group-folders.ts';
import type { TaskUnit, Wanted } from './unit.ts';

/** Of the process that writes it. */
const SELF = '0';
const EVENTS_BYTES = 256;
/** Where nobody has changed groups for a while the kernel takes 5 to 20 ms for it. */
const ENTERED_LOOKS = 1000;
const ENTERED_LOOK_MS = 1;

/** One group, used by one attempt at a time. */
interface Slot {
  readonly folder: string;
  readonly procs: number;
  readonly events: number;
}

/** The one in use: where gate-run itself may stand, and must not when it starts something of its own. */
let current: Cgroups | undefined;

/** The control groups of the run under way, where it has any. */
export function currentGroups(): Cgroups | undefined {
  return current;
}

/** Before whatever is to stand in no control group of ours: it would be born in that of a task, and end with that. */
export function stepOutside(): void {
  current?.stepOut();
}

export class Cgroups {
  /** The run's own group; those of the attempts are below it. */
  readonly folder: string;
  /** Why they cannot be used after all; undefined: they can. */
  readonly ready: Promise<string | undefined>;
  /** Where gate-run stands when it is in none of them. */
  #home: number;
  /** Where it stood before it was moved out of the way. */
  #origin: number | undefined;
  readonly #slots: Slot[] = [];
  readonly #free: Slot[] = [];
  /**
   * In which gate-run itself stands. It stays there until it has to be elsewhere: where nobody has changed groups for a while, the kernel
   * takes its time for that.
   */
  #inside: Slot | undefined;
  /** It is on its way into this one: that takes the kernel some milliseconds, and they pass beside the start. */
  #entering: Slot | undefined;
  #leaving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  readonly #buffer: Buffer = Buffer.alloc(EVENTS_BYTES);

  private constructor(base: string) {
    this.folder = join(base, ownName());
    this.#home = openSync(join(base, 'cgroup.procs'), 'w');
    mkdirSync(this.folder);
    const type = readFileSync(join(this.folder, 'cgroup.type'), 'latin1').trim();
    if (type !== 'domain') {
      rmdirSync(this.folder);
      throw new Error(`the groups there are of type \`${type}\`, which takes no processes`);
    }
    const first = this.#make();
    this.#free.push(first);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.ready = promise;
    this.#entering = first;
    write(first.procs, SELF, (error) => {
      if (!error && this.#entering) this.#inside = first;
      this.#entering = undefined;
      resolve(error ? `to step into ${first.folder}: ${errorCode(error)}` : undefined);
    });
  }

  /** Why there are none here, or the run's group. */
  static open(): Cgroups | string {
    const base = unifiedFolder();
    if (base === undefined) return 'this system shows no tree of control groups (v2)';
    try {
      removeDeadIn(base);
      current = new Cgroups(base);
      return current;
    } catch (error) {
      const why =
        errorCode(error) === UNKNOWN_CODE && error instanceof Error ? error.message : errorCode(error);
      return `to make a control group in ${base}: ${why}`;
    }
  }

  unit(): TaskUnit {
    return new CgroupUnit(this);
  }

  /** In a group that somebody else made for it, below `folder`: what is started there enters by itself. */
  unitIn(folder: string): TaskUnit {
    return new CgroupUnit(this, slotAt(folder));
  }

  /** From now on gate-run steps out into this group: where the one that it came from is divided, no process may stand. Throws. */
  moveHome(folder: string): void {
    const home = openSync(join(folder, 'cgroup.procs'), 'w');
    try {
      this.#haveEntered();
      writeSync(home, SELF);
    } catch (error) {
      closeSync(home);
      throw error;
    }
    this.#inside = undefined;
    this.#origin = this.#home;
    this.#home = home;
  }

  /** To where it came from, if it can be. */
  moveBack(): void {
    if (this.#origin === undefined) return;
    try {
      writeSync(this.#origin, SELF);
      this.#inside = undefined;
    } catch {
      // It is divided still: then the group that it stands in stays, for the next start.
    }
    closeSync(this.#home);
    this.#home = this.#origin;
    this.#origin = undefined;
  }

  /** The one in which gate-run stands already, where nobody has it. */
  take(): Slot {
    const at = this.#inside ? this.#free.indexOf(this.#inside) : -1;
    return (at < 0 ? this.#free.pop() : this.#free.splice(at, 1)[0]) ?? this.#make();
  }

  /** Only what is empty is used again. */
  give(slot: Slot): void {
    if (this.isEmpty(slot)) this.#free.push(slot);
  }

  start<W extends Wanted, Result>(slot: Slot, wanted: W, how: (wanted: W) => Result): Result {
    // On its way out it may be gone from here at any moment.
    if (this.#leaving) return how(steppingIn(slot, wanted));
    this.#haveEntered();
    if (this.#inside !== slot) writeSync(slot.procs, SELF);
    this.#inside = slot;
    return how(wanted);
  }

  /** Of the group and of those that were made in it. Zombies are not life. */
  isEmpty(slot: Slot): boolean {
    const taken = readSync(slot.events, this.#buffer, 0, EVENTS_BYTES, 0);
    if (!this.#buffer.toString('latin1', 0, taken).includes('populated 1')) return true;
    return this.#inside === slot && membersOf(slot.folder).length === 0;
  }

  kill(slot: Slot): void {
    if (this.#inside === slot) this.stepOut();
    // Where stepping out fails, gate-run itself would be among the killed.
    if (this.#inside !== slot) killAll(slot.folder);
    else for (const pid of membersOf(slot.folder)) tryKill(pid, 'SIGKILL');
  }

  stepOut(): void {
    try {
      this.#haveEntered();
      if (this.#inside === undefined) return;
      writeSync(this.#home, SELF);
      this.#inside = undefined;
    } catch {
      // It stays where it is; `kill` spares it.
    }
  }

  /** Nothing more is to be started, as far as anybody knows: steps out beside whatever the end of a run has to do. */
  leave(): void {
    this.#leaving ??= this.ready.then(
      () =>
        new Promise((resolve) => {
          write(this.#home, SELF, (error) => {
            if (!error) this.#inside = undefined;
            resolve();
          });
        }),
    );
  }

  /** Groups that are not empty stay, for the next start. Whoever comes second waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.ready;
    this.leave();
    await this.#leaving;
    this.moveBack();
    for (const { procs, events } of this.#slots) for (const fd of [procs, events]) closeSync(fd);
    closeSync(this.#home);
    remove(this.folder);
    if (current === this) current = undefined;
  }

  /** Where gate-run stands has to be known before anything is started or ended. Throws when the kernel has not answered in time. */
  #haveEntered(): void {
    const slot = this.#entering;
    if (!slot) return;
    const end = `/${basename(this.folder)}/${basename(slot.folder)}\n`;
    for (let looks = 0; textOf('/proc/self/cgroup')?.includes(end) !== true; looks += 1) {
      if (looks === ENTERED_LOOKS) throw new Error(`${slot.folder} was not entered in time`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ENTERED_LOOK_MS);
    }
    this.#entering = undefined;
    this.#inside = slot;
  }

  #make(): Slot {
    const folder = join(this.folder, String(this.#slots.length));
    mkdirSync(folder);
    const slot = slotAt(folder);
    this.#slots.push(slot);
    return slot;
  }
}

function slotAt(folder: string): Slot {
  return {
    folder,
    procs: openSync(join(folder, 'cgroup.procs'), 'w'),
    events: openSync(join(folder, 'cgroup.events'), 'r'),
  };
}

/** Slower than to be born there, and right wherever gate-run stands. */
function steppingIn<W extends Wanted>(slot: Slot, wanted: W): W {
  const script = 'echo $$ > "$1" && shift && exec "$@"';
  const procs = join(slot.folder, 'cgroup.procs');
  return { ...wanted, by: ['/bin/sh', '-c', script, 'gate-run', procs, ...(wanted.by ?? [])] };
}

class CgroupUnit implements TaskUnit {
  readonly layer = 'cgroup';
  readonly hasOwnNumbers = false;
  readonly #groups: Cgroups;
  #slot: Slot | undefined;
  /** Made for this unit alone: it is entered by what is started, and used by nobody else. */
  readonly #isOwn: boolean;

  constructor(groups: Cgroups, own?: Slot) {
    this.#groups = groups;
    this.#slot = own;
    this.#isOwn = own !== undefined;
  }

  start: TaskUnit['start'] = (wanted, how) => {
    try {
      if (this.#isOwn) {
        this.#groups.stepOut();
        return how(wanted);
      }
      this.#slot ??= this.#groups.take();
      return this.#groups.start(this.#slot, wanted, how);
    } catch (error) {
      const detail = `its control group in ${this.#groups.folder} could not be entered: ${errorCode(error)}`;
      wanted.refused({ notStarted: 'no-resources', detail });
      return undefined;
    }
  };

  signal(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (signal === 'SIGKILL' && this.#slot) this.#groups.kill(this.#slot);
    else {
      if (leader !== 0) signalGroup(leader, signal);
      for (const pid of this.members()) if (processFacts(pid)?.group !== leader) tryKill(pid, signal);
    }
  }

  signalOne = signalGroup;

  isGone(leader: number): boolean {
    return this.#isEmpty() && (leader === 0 || isGone(leader));
  }

  /** Also a process that left the group of the kernel, as root may, is of the task while it is in the process group. */
  isEmpty(leader: number): boolean {
    return this.#isEmpty() && (leader === 0 || isEmpty(leader));
  }

  members(): readonly number[] {
    return this.#slot ? membersOf(this.#slot.folder) : [];
  }

  oomKills(): number | undefined {
    return undefined;
  }

  leftBehind(): number {
    return 0;
  }

  close(): void {
    const slot = this.#slot;
    this.#slot = undefined;
    if (!slot) return;
    if (this.#isOwn) for (const fd of [slot.procs, slot.events]) closeSync(fd);
    else this.#groups.give(slot);
  }

  #isEmpty(): boolean {
    return !this.#slot || this.#groups.isEmpty(this.#slot);
  }
}
