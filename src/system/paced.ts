// Puts deeds off so that they are done at most so often. It repeats none, and keeps no process alive for one.

/** The first one is done at once, each further one when `everyMs` have passed since the one before. */
export function paced(everyMs: number): (deed: () => void) => void {
  let freeAt = 0;
  return (deed) => {
    const now = monotonicMs();
    const waitMs = Math.max(0, Math.ceil(freeAt - now));
    freeAt = now + waitMs + everyMs;
    if (waitMs === 0) setImmediate(deed);
    else setTimeout(deed, waitMs).unref();
  };
}

// The global `performance` costs a start 1.9 ms.
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
