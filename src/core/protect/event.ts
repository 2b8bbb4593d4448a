// What can happen to protected files: they are noted when a run starts, and compared with that before and behind what a turn does.

/** One file that is not what the run noted. */
export interface ProtectedChange {
  /** From the config's folder, or absolute. */
  readonly path: string;
  /** `truncated`: of an append-only file, shorter than it was. */
  readonly how: 'changed' | 'removed' | 'added' | 'truncated';
  /** For people: `812 bytes, sum 9f86d081884c`, `a link to x`, `mode 755`. */
  readonly before?: string;
  readonly after?: string;
}

/** An append-only file that has grown: what it may not lose from now on. */
export interface Grown {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of so many bytes from its beginning. */
  readonly sum: string;
}

/** Where is looked: before the first phase of a turn, behind the steps of a phase, behind the phase. */
export interface Checkpoint {
  /** Absent: before the first one. */
  readonly phase?: string;
  /** `run`: not in a turn, but behind the run before. */
  readonly after?: 'steps' | 'run';
}

/** Decision: hash all that is protected. */
export interface ProtectNoting {
  readonly type: 'protect.noting';
  /** Sum of the list of the run before, which this one must find unchanged: nobody has accepted what that one left. */
  readonly against?: string;
}

/** Fact: what is protected, as it is now. The list with every sum is kept beside the ledger, and this is its sum. */
export interface ProtectNoted {
  readonly type: 'protect.noted';
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of the list. */
  readonly sum: string;
  /** How it differs from what the run before noted, a few of them. */
  readonly since?: readonly ProtectedChange[];
  /** Why it could not be noted, as a sentence; then nothing of this run begins. */
  readonly failed?: string;
  /** What of the run before is not as that one noted it, and nobody has accepted; then nothing of this run begins either. */
  readonly refused?: Tampering;
}

/** Decision: compare what is protected with what was noted. Nothing else of the turn happens meanwhile. */
export interface ProtectAsked extends Checkpoint {
  readonly type: 'protect.asked';
}

/** Fact: the answer. */
export interface ProtectAnswered extends Checkpoint {
  readonly type: 'protect.answered';
  /** Absent: nothing changed. */
  readonly changed?: readonly ProtectedChange[];
  /** Changes beyond those that are listed. */
  readonly more?: number;
  /** Unified, a few lines, redacted. */
  readonly diff?: string;
  readonly grown?: readonly Grown[];
}

/** What a turn's end says of it, so that it outlives the turn's folder. */
export type Tampering = Omit<ProtectAnswered, 'type' | 'grown'>;

export type ProtectEvent = ProtectNoting | ProtectNoted | ProtectAsked | ProtectAnswered;
