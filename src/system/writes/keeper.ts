// Looks after the tree for tasks with `writes`: how it stood before the first attempt, what differs behind each, and putting that back.

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, relative, resolve, isAbsolute } from 'node:path';
import { compileGlob, compileGlobs, isGlob } from '../../core/glob.ts';
import type { AttemptEnded, AttemptRef } from '../../core/cycle/event.ts';
import type { ProcessEnd } from '../../core/judge/evidence.ts';
import type { Secret } from '../../core/judge/redact.ts';
import { redactText } from '../../core/judge/redact-text.ts';
import type { AttemptUndone, Writes, WrittenPath } from '../../core/writes/event.ts';
import type { Inbox, Order, TreeOrder } from '../../ports.ts';
import { writeAnew } from '../own-file.ts';
import { compared, linesOf, type Change, type Compared } from './compare.ts';
import { Sums } from './content.ts';
import { undo, type Left } from './restore.ts';
import { NoRoom, snapshot, type Snapshot } from './snapshot.ts';
import { keyOf, shownPath, Unlooked, type Key } from './tree.ts';

/** Paths that stand in the ledger; the list of all lies beside the log. */
const MOST_NAMED = 20;

interface Held {
  readonly order: TreeOrder;
  readonly before: Snapshot;
  compared: Compared | undefined;
}

export interface TreeKeeperParts {
  readonly inbox: Inbox;
  readonly secrets: readonly Secret[];
}

export class TreeKeeper {
  readonly #parts: TreeKeeperParts;
  /** By folder: sums of files that nobody has changed since they were read. */
  readonly #sums = new Sums();
  readonly #held = new Map<string, Held>();

  constructor(parts: TreeKeeperParts) {
    this.#parts = parts;
  }

  /** How the attempt ends before it began; undefined: it may begin. */
  async before({ ref: { task } }: Order, order: TreeOrder): Promise<ProcessEnd | undefined> {
    if (!order.isFirst && this.#held.has(task)) return undefined;
    this.#drop(task);
    const needsBytes = order.mayUndo || order.lines !== undefined;
    try {
      const before = await snapshot({
        ...lookFor(order),
        sums: this.#sums,
        keepIn: needsBytes ? order.keep : undefined,
      });
      this.#held.set(task, { order, before, compared: undefined });
      return undefined;
    } catch (error) {
      if (error instanceof NoRoom) return { storage: error.code };
      if (!(error instanceof Unlooked)) throw error;
      return { notStarted: 'no-snapshot', detail: `its tree could not be noted: ${error.message}` };
    }
  }

  /** With what differs from before the task's first attempt. */
  async after(ended: AttemptEnded): Promise<AttemptEnded> {
    const held = this.#held.get(ended.task);
    if (!held) return ended;
    try {
      const look = { ...lookFor(held.order), sums: this.#sums };
      const writes = await compared(held.before, look, async (one) => {
        held.compared = one;
        return this.#writesOf(held, one);
      });
      return { ...ended, writes };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { ...ended, writes: { files: 0, failed: `${why}${this.#leave(ended.task, held)}` } };
    }
  }

  /** Its one fact comes in any case. */
  async undo(ref: AttemptRef): Promise<void> {
    this.#parts.inbox.put({ type: 'attempt.undone', ...ref, ...(await this.#undo(ref.task)) });
  }

  forget(task: string): void {
    this.#drop(task);
  }

  close(): void {
    for (const task of this.#held.keys()) this.#drop(task);
  }

  async #undo(task: string): Promise<Pick<AttemptUndone, 'files' | 'left' | 'more' | 'kept'>> {
    const held = this.#held.get(task);
    const { keep, tree, sums } = held?.before ?? {};
    if (!held?.compared || !keep || !tree || !sums)
      return { files: 0, left: [{ path: '.', why: 'nobody knows any more how it was' }] };
    const parts = { folder: keyOf(held.order.folder), before: tree, sums, keep, compared: held.compared };
    const { files, left } = await undo(parts).catch((error: unknown) => ({
      files: 0,
      left: allOf(held, error),
    }));
    if (left.length === 0) return { files };
    // Whoever wants to have the rest back finds it there.
    keep.close();
    this.#held.delete(task);
    const named = left.slice(0, MOST_NAMED).map(({ path, why }) => ({ path: this.#shown(path), why }));
    const more = left.length - named.length;
    return { files, left: named, ...(more > 0 && { more }), kept: basename(keep.path) };
  }

  async #writesOf({ order, before }: Held, { changes }: Compared): Promise<Writes> {
    const isInside = order.only === undefined ? () => true : compileGlobs(order.only);
    const told = changes.map((change): WrittenPath => {
      const { path, how } = change;
      return { path: this.#shown(path), how, ...(!isInside(shownPath(path)) && { outside: true }) };
    });
    const outside = told.filter((one) => one.outside).length;
    const sorted = told.toSorted(inOrder);
    const named = sorted.slice(0, MOST_NAMED);
    const more = told.length - named.length;
    const list = more > 0 ? written(order.list, sorted) : undefined;
    const most = order.lines;
    const folder = keyOf(order.folder);
    const lines = most === undefined ? undefined : await linesOf(changes, before, { folder, most });
    return {
      files: changes.length,
      ...(lines !== undefined && { lines }),
      ...(outside > 0 && { outside }),
      ...(named.length > 0 && { changed: named }),
      ...(more > 0 && { more }),
      ...(list !== undefined && { list }),
    };
  }

  /** What was to be put back cannot be told: whoever looks for it finds all of it there. */
  #leave(task: string, { order, before: { keep } }: Held): string {
    if (!keep || !order.mayUndo) return '';
    this.#held.delete(task);
    keep.close();
    return `, so nothing was put back; ${basename(keep.path)} holds what was there`;
  }

  #shown(path: Key): string {
    return redactText(shownPath(path), this.#parts.secrets);
  }

  #drop(task: string): void {
    this.#held.get(task)?.before.keep?.remove();
    this.#held.delete(task);
  }
}

/** Those outside of `only` first. */
function inOrder(one: WrittenPath, other: WrittenPath): number {
  if (one.outside !== other.outside) return one.outside ? -1 : 1;
  return one.path < other.path ? -1 : 1;
}

function allOf({ compared: one }: Held, error: unknown): readonly Left[] {
  return (one?.changes ?? []).map(({ path }: Change) => ({ path, why: String(error) }));
}

/** Undefined: it could not be written, and only the first few are known. */
function written(path: string, paths: readonly WrittenPath[]): string | undefined {
  try {
    writeAnew(path, paths.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return basename(path);
  } catch {
    return undefined;
  }
}

function lookFor({ folder, except }: TreeOrder): {
  readonly folder: Key;
  readonly isLeftOut: (path: Key) => boolean;
} {
  const inside = except.flatMap((path) => insideOf(folder, path));
  const plain = new Set(inside.filter((path) => !isGlob(path)).map(keyOf));
  const globs = inside.filter(isGlob).map(compileGlob);
  return {
    folder: keyOf(folder),
    isLeftOut: (path) => plain.has(path) || globs.some((test) => test(shownPath(path))),
  };
}

/** From the folder; nothing where it lies elsewhere. */
function insideOf(folder: string, path: string): readonly string[] {
  if (!isAbsolute(path)) return [path];
  const from = relative(real(folder), real(path));
  return from === '' || from.startsWith('..') ? [] : [from];
}

/** By whatever links it is reached; what is not there yet by the folder that it will be in. */
function real(path: string): string {
  const whole = resolve(path);
  return existsSync(whole) || whole === '/'
    ? realpathSync(whole)
    : resolve(real(dirname(whole)), basename(whole));
}
