// How views write a whole file: they are given the deed, and a refusal becomes an exception that the engine notes.

import type { Failure } from '../ports.ts';

/** Whole or not at all; the path is as written in the config. */
export type Replace = (path: string, text: string) => Failure | undefined;

export function replaceOrThrow(replace: Replace, path: string, text: string): void {
  const failure = replace(path, text);
  if (failure) throw new Error(`${path} could not be written: ${failure.failed} ${failure.what}`);
}
