// Where a path of a config stands in its text: for problems found later, which know nothing but the path.

import type { Path } from './problem.ts';
import { readTree, type Tree } from './tree.ts';

/** The place of a key or a value; of the nearest thing above it that is there, when it is not written down. */
export function locate(text: string, path: Path, on: 'key' | 'value'): readonly [number, number] {
  return locateIn(readTree(text), path, on);
}

export function locateIn(tree: Tree, path: Path, on: 'key' | 'value'): readonly [number, number] {
  const exact = tree.rangeOf(path, on);
  if (exact !== undefined && path.length > 0) return exact;
  for (let length = path.length - 1; length > 0; length -= 1) {
    const above = tree.rangeOf(path.slice(0, length), 'key');
    if (above !== undefined) return above;
  }
  const [top] = tree.rangeOf([], 'value') ?? [0, 0];
  return [top, top];
}
