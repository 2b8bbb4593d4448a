// The places that a task's output names, with paths from the root of the checkout, as CI servers want them.

import type { TaskSummary } from '../core/loop/event.ts';
import { findings } from '../core/summary/findings.ts';
import type { Finding } from '../core/summary/findings.ts';
import { harmless, outputOf } from './sink.ts';

export interface Checkout {
  /** Absolute folder of the checkout; reports want paths from there. */
  readonly workspace: string;
  /** Absolute folder of the config, where tools are started. */
  readonly folder: string;
}

export type ReadTail = (log: string) => string;

const TAIL_CHARACTERS = 32_768;

/** From the end of its log, or where that is gone from what its failure was summed up by. */
export function placesOf(task: TaskSummary, readTail: ReadTail): readonly Finding[] {
  const tail = task.log === undefined ? '' : outputOf(readTail(task.log)).slice(-TAIL_CHARACTERS);
  const found = findings(harmless(tail, false));
  return found.length > 0 ? found : findings(harmless(task.excerpt ?? '', false));
}

/** Tools print paths absolute or from where they were started. One outside of the checkout stays absolute. */
export function fromCheckout(file: string, { workspace, folder }: Checkout): string {
  const absolute = file.startsWith('/') ? file : `${folder}/${file.replace(/^(?:\.\/)+/, '')}`;
  const root = workspace.endsWith('/') ? workspace : `${workspace}/`;
  return absolute.startsWith(root) ? absolute.slice(root.length) : file;
}
