// One cycle told whole: what `explain --cycle` answers.

import type { CycleVerdict, TaskSummary, Turn } from '../loop/event.ts';
import type { Tampering } from '../protect/event.ts';
import type { Receipts } from '../receipts/event.ts';
import type { Forensics } from '../usage/forensics.ts';
import type { AttemptRecord } from './attempts.ts';
import type { WaitRecord } from './waits.ts';

export interface CycleStory {
  readonly schemaVersion: 1;
  readonly exit: number;
  readonly cycle: number;
  /** The cycle itself, and phases at the start or the end of a run that share its number; oldest first. */
  readonly turns: readonly TurnStory[];
}

export interface AttemptStory extends AttemptRecord {
  /** Absent: there never was such a file; null: it is gone or damaged. */
  readonly forensics?: Forensics | null;
}

export interface TurnStory {
  readonly run: string;
  readonly turn: Turn;
  /** When it ended. */
  readonly at: string;
  readonly verdict: CycleVerdict;
  readonly durationMs: number;
  /** The task that decided the verdict. */
  readonly cause: string | null;
  /** What of the protected files changed in it. */
  readonly tampering?: Tampering;
  /** What moved since the cycle before. */
  readonly receipts?: Receipts;
  /** What was decided over the champion behind it. */
  readonly champion?: string;
  readonly tasks: readonly TaskSummary[];
  /** Null: its folder is gone, and only the ledger's summary is left. */
  readonly attempts: readonly AttemptStory[] | null;
  /** For locks that other runs had; empty as well where its folder is gone. */
  readonly waits: readonly WaitRecord[];
  /** Of its failures, as they stand now. */
  readonly questions: readonly { readonly fingerprint: string; readonly isOpen: boolean }[];
}
