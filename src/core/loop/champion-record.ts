// `champion.json` in a champion's folder: what was crowned and on what evidence, with the hash of each file that was kept.

import { isMap } from '../is-map.ts';
import type { ChampionFacts } from './champion-event.ts';

export interface ChampionRecord extends ChampionFacts {
  readonly champion: typeof FORMAT;
  /** Of the loop. */
  readonly name: string;
  /** The run that crowned it, and when, ISO 8601. */
  readonly run: string;
  readonly at: string;
  readonly why: string;
  readonly files: readonly RecordedFile[];
}

export interface RecordedFile {
  /** In the champion's folder. */
  readonly path: string;
  readonly bytes: number;
  /** `sha256:…`. */
  readonly sum: string;
}

const FORMAT = 1;
export const RECORD = 'champion.json';
/** The per-seed values of its top rung, one line a seed. */
export const SIMS = 'sims.jsonl';
/** In front of what was kept out of the work tree; the files of the cycle's folder stand as they stood there. */
export const TREE = 'tree';

export function recordText(said: Omit<ChampionRecord, 'champion'>): string {
  return `${JSON.stringify({ champion: FORMAT, ...said }, undefined, 2)}\n`;
}

/** `newer`: a later gate-run wrote it. Undefined: it is none, or damaged. */
export function readRecord(text: string): ChampionRecord | 'newer' | undefined {
  const read = parsed(text);
  if (!isMap(read) || typeof read['champion'] !== 'number') return undefined;
  if (read['champion'] > FORMAT) return 'newer';
  return isRecord(read) ? read : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TEXTS = ['name', 'run', 'at', 'why', 'metric', 'key', 'measuredBy', 'plan'] as const;

/** Its hash in the ledger vouches for the rest. */
function isRecord(
  read: Readonly<Record<string, unknown>>,
): read is Readonly<Record<string, unknown>> & ChampionRecord {
  const { cycle, value, better, count, files, metrics, labels } = read;
  return (
    TEXTS.every((key) => typeof read[key] === 'string') &&
    Number.isSafeInteger(cycle) &&
    Number.isFinite(value) &&
    (better === 'higher' || better === 'lower') &&
    (count === undefined || Number.isSafeInteger(count)) &&
    isMap(metrics) &&
    isMap(labels) &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isFile(value: unknown): value is RecordedFile {
  if (!isMap(value)) return false;
  const { path, bytes, sum } = value;
  return typeof path === 'string' && isInside(path) && Number.isSafeInteger(bytes) && typeof sum === 'string';
}

/** A record that was written by hand must not lead anywhere else. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}
