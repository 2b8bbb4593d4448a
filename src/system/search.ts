// Searches a text for at most so long: a pattern that never ends would keep every signal and every other task waiting.

import { createContext, Script } from 'node:vm';
import { PATTERN_LIMIT_MS, type Search } from '../core/judge/regex.ts';

/** V8 ends a search from outside only while a script runs that has a time limit; so the work is called from one. */
export function boundedSearch(limitMs: number = PATTERN_LIMIT_MS): Search {
  const script = new Script('work()');
  let work: (() => void) | undefined;
  const context = createContext({ work: () => work?.() });
  return (wanted) => {
    let found: { readonly value: ReturnType<typeof wanted> } | undefined;
    work = () => {
      found = { value: wanted() };
    };
    try {
      script.runInContext(context, { timeout: limitMs });
    } catch (error) {
      if (!isTimeout(error)) throw error;
    } finally {
      work = undefined;
    }
    return found === undefined ? 'too-long' : found.value;
  };
}

let shared: Search | undefined;

/** One for the whole process, because a context costs half a millisecond. */
export function search(): Search {
  return (shared ??= boundedSearch());
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
