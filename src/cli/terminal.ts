// What the command line was started with: its two outputs, its environment, itself.

import type { Sink } from '../ports.ts';
import type { Output } from '../system/output.ts';

export interface Terminal {
  readonly out: Output;
  readonly err: Sink;
  /** What stdout belongs to, when not to words for people. */
  readonly json: 'object' | 'lines' | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute. */
  readonly folder: string;
  readonly version: string;
  /** Path of the script that runs gate-run. */
  readonly bin: string;
}
