// What every command of the command line is given; the exit code is what it answers.

import type { Flags } from '../core/plan/flags.ts';
import type { GivenFlag } from './args.ts';

export interface CommandRequest {
  /** Where the search for the config starts (`-C`, else the working directory); absolute. */
  readonly folder: string;
  /** `-c FILE`. */
  readonly config?: string;
  /** What stands behind the command's name. */
  readonly args: readonly string[];
  /** What the flags of the command line set. */
  readonly flags?: Flags;
  /** The flags as they were typed. */
  readonly given?: readonly GivenFlag[];
  /** stdout belongs to one JSON object; words for people go to stderr. */
  readonly json: boolean;
  readonly color: boolean;
  write(text: string): void;
  writeError(text: string): void;
  /** Whether nobody reads what `write` writes any more: who goes on for hours asks. */
  readonly isGone?: () => boolean;
  /** Whether what `write` writes goes to a terminal. */
  readonly isScreen?: boolean;
  /** Whether somebody looks at what `writeError` writes. */
  readonly isErrorShown?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}
