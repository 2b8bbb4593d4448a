// Mistakes of ours that no caller can catch, thrown in a timer or in a promise nobody waits for. It decides nothing.

/** `found` gets them, in place of a process that dies on the spot and leaves its tasks running. The returned function ends the watch. */
export function watchBugs(found: (error: unknown) => void): () => void {
  let isFound = false;
  const see = (error: unknown): void => {
    isFound = true;
    found(error);
  };
  // Rejections that nobody waits for arrive here as well.
  process.on('uncaughtException', see);
  return () => {
    // One mistake seldom comes alone: what is ended on its account must not end this process another way.
    if (!isFound) process.off('uncaughtException', see);
  };
}
