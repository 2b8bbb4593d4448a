// Which known word a person meant: nothing rather than a far-fetched guess.

/** Longer words are no typos of keys, and comparing them costs time. */
const MAX_WORD = 60;

/** The candidate with the fewest slips (wrong, missing, extra or swapped letters), if there are few enough. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word === '' || word.length > MAX_WORD) return undefined;
  const plain = kebab(word);
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > MAX_WORD) continue;
    const slips = distance(plain, kebab(candidate));
    if (slips < fewest && slips < Math.max(plain.length, candidate.length)) {
      fewest = slips;
      best = candidate;
    }
  }
  return best;
}

function kebab(word: string): string {
  return word
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[_.\s]/g, '-')
    .toLowerCase();
}

/** Damerau-Levenshtein, adjacent swaps only: the last three rows of the table are enough. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, at(before, column - 2) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? MAX_WORD;
}
