// Words that name tasks: ids, and globs over ids. What the words are for is decided by others.

import { nearest } from '../config/nearest.ts';

/** `*` stands for any characters, `?` for one; a word without them is only itself. */
export function matcherOf(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern;
  if (pattern === '*') return () => true;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => expression.test(name);
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/** The names that any of the words means; `unknown` hears of each word that means none. */
export function namesMeant(
  words: readonly string[],
  names: readonly string[],
  unknown: (word: string, at: number) => void,
): ReadonlySet<string> {
  const known = new Set(names);
  const meant = new Set<string>();
  words.forEach((word, at) => {
    const before = meant.size;
    if (known.has(word)) meant.add(word);
    if (isGlob(word)) names.filter(matcherOf(word)).forEach((name) => meant.add(name));
    if (meant.size === before && !meant.has(word) && !(isGlob(word) && names.some(matcherOf(word))))
      unknown(word, at);
  });
  return meant;
}

/** "unknown task `tpes` — did you mean `types`?" */
export function unknownWord(what: string, word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  if (near !== undefined) return `unknown ${what} \`${word}\` — did you mean \`${near}\`?`;
  return isGlob(word) ? `\`${word}\` matches no ${what}` : `unknown ${what} \`${word}\``;
}

/** The word that a problem says is not there; what an `unknownWord` says is read here alone. */
export function lackingWord(message: string): string | undefined {
  const word = LACKING.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  return word?.replace(/^tasks\.(.*)\.log$/, '$1');
}

const LACKING: readonly RegExp[] = [
  /^(?:unknown (?:task|step|gate|phase|profile|metric|label|measure|key)|no metric) `([^`]+)`/,
  /^(?:unknown name )?`\{\{([^{}]+)\}\}`(?: has no value| is known only in|$| —)/,
  /^`([^`]+)` (?:is no task|matches no )/,
];
