// A lock on a file that the kernel gives back when its holder dies in whatever way: SQLite's, on a database that stays empty.
// Nothing else may ever open such a file: closing any other descriptor of it would drop the lock without a word.

import type { DatabaseSync } from 'node:sqlite';

export interface KernelLock {
  release(): void;
}

/** A connection that nobody holds on to is collected, and its lock with it. */
const HELD: Set<DatabaseSync> = new Set();

/** SQLite's words for a lock that another connection holds. */
const BUSY = /database is locked|SQLITE_BUSY/;

/** Throws where it cannot be had at all. `contestMs`: so long it is asked for again, which nothing else of this process outlives. */
export function kernelLock(file: string, contestMs: number): KernelLock | 'held' {
  const database = openDatabase(file, contestMs);
  try {
    // The lock alone, nothing is ever written: no journal, no sync.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && BUSY.test(error.message)) return 'held';
    throw error;
  }
  HELD.add(database);
  return {
    release: () => {
      if (HELD.delete(database)) database.close();
    },
  };
}

/** Node 22 warns that SQLite is experimental; that one warning is silenced here, and no other. */
function openDatabase(path: string, timeout: number): DatabaseSync {
  const before = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  const warn: unknown = before?.value;
  const filtered = (...words: readonly unknown[]): void => {
    const isExpected = String(words[0]).includes('SQLite is an experimental');
    if (!isExpected && typeof warn === 'function') Reflect.apply(warn, process, words);
  };
  Object.defineProperty(process, 'emitWarning', { value: filtered, configurable: true, writable: true });
  try {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    return new DatabaseSync(path, { readOnly: false, timeout });
  } finally {
    if (before !== undefined) Object.defineProperty(process, 'emitWarning', before);
  }
}
