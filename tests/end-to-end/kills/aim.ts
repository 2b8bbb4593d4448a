// When a run is killed: at a moment, behind so many events, or behind one of a kind; and what was recorded last when it was.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from '../rig.ts';
import { eventsIn, wholeLines, type Files } from './ledger.ts';
import { pause, textOf } from './start.ts';

export interface Aim {
  /** Milliseconds behind the start, events recorded since then, or as soon as an event of this kind is the last one. */
  readonly at: { readonly ms: number } | { readonly events: number } | { readonly kind: string };
}

export interface Hits {
  kills: number;
  /** In the first 100 ms of a start. */
  atOnce: number;
  torn: number;
  /** By the kind of the event that was recorded last. */
  readonly kinds: Map<string, number>;
}

export function noHits(): Hits {
  return { kills: 0, atOnce: 0, torn: 0, kinds: new Map() };
}

export const AT_ONCE_MS = 100;
/** An event that has not been the last one by then may never be; then any moment has to do. */
const AIM_LIMIT_MS = 1500;
/** A start records its turns at the start, of a cycle and at the end: no more files than these are written meanwhile. */
const TURNS_A_START = 3;
const TAIL_CHARACTERS = 65_536;

/** Whether it met a living gate-run. */
export async function shoot({ child, ended }: Running, state: string, { at }: Aim): Promise<boolean> {
  const from = recorded(state);
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  if ('ms' in at) await pause(at.ms);
  else if ('events' in at) while (isAlive() && recorded(state) - from < at.events) await pause(1);
  // Without a pause: what is the last event now is not for long.
  else {
    const until = performance.now() + AIM_LIMIT_MS;
    while (isAlive() && performance.now() < until && !isLast(state, at.kind, from))
      await new Promise(setImmediate);
  }
  const wasAlive = isAlive();
  child.kill('SIGKILL');
  // Not until its pipes are closed: what it left running does not hold them.
  await ended;
  return wasAlive && child.signalCode === 'SIGKILL';
}

/** Number of the last event, in the history and in the files of the last turns. */
export function recorded(state: string): number {
  return Math.max(...lastLines(state).map(seqOf));
}

function isLast(state: string, kind: string, from: number): boolean {
  const [last = ''] = lastLines(state).toSorted((one, other) => seqOf(other) - seqOf(one));
  return last.includes(`"type":"${kind}"`) && seqOf(last) > from;
}

/** Of the history, and of the last turns' files. */
function lastLines(state: string): readonly string[] {
  const cycles = join(state, 'cycles');
  const turns = existsSync(cycles) ? readdirSync(cycles).toSorted().slice(-TURNS_A_START) : [];
  const files = ['history.jsonl', ...turns.map((folder) => `cycles/${folder}/events.jsonl`)];
  return files.map((file) => lastLine(textOf(join(state, file))));
}

export function count(hits: Hits, cut: Files): void {
  hits.kills += 1;
  const kind = eventsIn(cut).at(-1)?.type ?? 'nothing';
  hits.kinds.set(kind, (hits.kinds.get(kind) ?? 0) + 1);
  for (const bytes of cut.values()) if (wholeLines(bytes).length < bytes.length) hits.torn += 1;
}

/** `attempt.started 120, rest.started 31`, the most frequent first. */
export function kindsText({ kinds }: Hits): string {
  const all = [...kinds].toSorted((one, other) => other[1] - one[1]);
  return all.map(([kind, times]) => `${kind} ${times}`).join(', ');
}

/** Without a pattern: one that looks for the end tries every place of a long line, for seconds. */
function lastLine(text: string): string {
  const tail = text.slice(-TAIL_CHARACTERS);
  const end = tail.lastIndexOf('\n');
  return end < 0 ? '' : tail.slice(tail.lastIndexOf('\n', end - 1) + 1, end);
}

function seqOf(line: string): number {
  return Number(/"seq":(\d+)/.exec(line)?.[1] ?? 0);
}
