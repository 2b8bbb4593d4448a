// One word out of a few, as written in a file, a profile or a flag.

import type { Path } from '../config/problem.ts';
import { unknownWord } from './names.ts';
import type { Reader } from './reader.ts';

/** A word from a flag was checked by nobody yet. The first one is the default. */
export function readChoice<Word extends string>(
  written: Word | undefined,
  known: readonly [Word, ...Word[]],
  key: string | Path,
  reader: Reader,
): Word {
  if (written === undefined) return known[0];
  const path = typeof key === 'string' ? [key] : key;
  const text = reader.text(written, path);
  const meant = known.find((word) => word === text);
  if (meant === undefined && text !== undefined) {
    reader.say(path, unknownWord(String(path.at(-1)), text, known), { mend: `write ${known.join(' or ')}` });
  }
  return meant ?? known[0];
}
