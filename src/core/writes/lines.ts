// How many lines differ between two versions of a file: those added and those taken away, as few as there can be, as a diff counts them.

/** So many steps one comparison may take; two versions that differ by more than that count with all their lines. */
const MOST_STEPS = 5_000_000;

/** A line is what ends with a newline, and what stands behind the last one. `most`: more are not told apart. */
export function changedLines(before: Uint8Array, after: Uint8Array, most: number): number {
  const numbers = new Map<string, number>();
  const [old, now] = [numbered(before, numbers), numbered(after, numbers)];
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from += 1;
  let [oldTo, nowTo] = [old.length, now.length];
  while (oldTo > from && nowTo > from && old[oldTo - 1] === now[nowTo - 1]) {
    oldTo -= 1;
    nowTo -= 1;
  }
  return distance(old.slice(from, oldTo), now.slice(from, nowTo), most);
}

export function lineCount(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return bytes.length > 0 && bytes.at(-1) !== NEWLINE ? count + 1 : count;
}

const NEWLINE = 10;
const latin1 = new TextDecoder('latin1');

/** Equal lines have equal numbers. */
function numbered(bytes: Uint8Array, numbers: Map<string, number>): readonly number[] {
  const lines: number[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, from);
    const to = end < 0 ? bytes.length : end + 1;
    const line = latin1.decode(bytes.subarray(from, to));
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    lines.push(number);
    from = to;
  }
  return lines;
}

/** Myers' greedy way (1986): the furthest point on each diagonal with one difference more at a time. */
function distance(old: readonly number[], now: readonly number[], most: number): number {
  const all = old.length + now.length;
  const limit = Math.min(all, most + 1);
  const furthest = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  let steps = 0;
  for (let differences = 0; differences <= limit; differences += 1) {
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      const above = furthest[middle + diagonal + 1] ?? 0;
      const beside = furthest[middle + diagonal - 1] ?? 0;
      const isDown = diagonal === -differences || (diagonal !== differences && beside < above);
      let x = isDown ? above : beside + 1;
      const start = x;
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x += 1;
      furthest[middle + diagonal] = x;
      steps += 1 + x - start;
      if (x >= old.length && x - diagonal >= now.length) return differences;
    }
    if (steps > MOST_STEPS) return all;
  }
  return limit;
}
