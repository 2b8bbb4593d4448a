// The file that a ladder's values are kept in, on disk: read before a rung, written anew behind it, whole or not at all.

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { SeedOutcome } from '../../core/judge/line.ts';
import { readValues, valuesText } from '../../core/judge/sims-file.ts';
import type { SimsEvidence } from '../../core/judge/sims.ts';
import type { SimsOrder } from '../../core/plan/sims-order.ts';
import type { Failure } from '../../ports.ts';
import { realDisk } from '../files.ts';

type Known = ReadonlyMap<number, SeedOutcome>;

/** What is known already; `changed`: the file is not the one that the attempt before left, so that nothing of it can be believed. */
export function knownBefore({ file, fileCrc, isRetry }: SimsOrder): Known | 'changed' {
  if (fileCrc === undefined) return new Map();
  const bytes = bytesOf(file);
  if (bytes === undefined || crcOf(bytes) !== fileCrc) return 'changed';
  const known = readValues(bytes.toString('utf8'));
  if (known === undefined) return 'changed';
  return isRetry ? new Map([...known].filter(([, outcome]) => 'values' in outcome)) : known;
}

export function writeValues(file: string, known: Known): NonNullable<SimsEvidence['values']> | Failure {
  const bytes = Buffer.from(valuesText(known));
  const disk = realDisk();
  // A simulation can put something else there; the values go neither through a link nor into a pipe.
  if (disk.look(file)?.kind !== 'file') disk.remove(file);
  const failed = disk.replace(file, bytes, false);
  return failed ?? { file: file.slice(file.lastIndexOf('/') + 1), crc: crcOf(bytes) };
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function crcOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
