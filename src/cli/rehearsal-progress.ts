// Signs of life of a long rehearsal: on a terminal one line that is written over, elsewhere a line each ten seconds.

import { formatDuration } from '../core/config/quantity.ts';

/** A short rehearsal says nothing but its answer. */
const SILENT_MS = 2000;
const TERMINAL_EVERY_MS = 500;
const LINE_EVERY_MS = 10_000;
const CLEAR_LINE = '\r\u001B[K';

export interface ProgressWishes {
  readonly nights: number;
  readonly isTerminal: boolean;
  /** Monotonic milliseconds. */
  readonly mono: () => number;
  readonly write: (text: string) => void;
}

export interface NightProgress {
  /** So many nights are over. */
  readonly after: (done: number) => void;
  /** Nothing of it stays on a terminal. */
  readonly close: () => void;
}

export function nightProgress({ nights, isTerminal, mono, write }: ProgressWishes): NightProgress {
  const from = mono();
  let dueMono = from + (isTerminal ? SILENT_MS : LINE_EVERY_MS);
  let isShown = false;
  return {
    after: (done) => {
      const now = mono();
      if (now < dueMono || done >= nights) return;
      dueMono = now + (isTerminal ? TERMINAL_EVERY_MS : LINE_EVERY_MS);
      const leftMs = Math.ceil((((now - from) / done) * (nights - done)) / 1000) * 1000;
      const text = `rehearsing: ${done} of ${nights} nights, about ${formatDuration(leftMs)} left`;
      write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
      isShown = isTerminal;
    },
    close: () => {
      if (isShown) write(CLEAR_LINE);
    },
  };
}
