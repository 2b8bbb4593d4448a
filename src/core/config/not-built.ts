// What the config language has and this version does not carry out yet: refused by name, never ignored.

import type { Room } from './room.ts';

/** Keys by the kind of map they stand in, and what is written before them in the message. */
export const NOT_BUILT_KEYS: Readonly<Partial<Record<Room, { before: string; keys: readonly string[] }>>> = {
  task: {
    before: '',
    keys: ['stream'],
  },
};

/** Words that the language knows as values, by the key they stand under. */
export const NOT_BUILT_VALUES = {
  in: ['message'],
  'retry.when': ['network'],
} as const;

export function notBuiltKey(room: Room, key: string): string | undefined {
  const entry = NOT_BUILT_KEYS[room];
  return entry?.keys.includes(key) === true ? `key \`${entry.before}${key}\` is not built yet` : undefined;
}

export function notBuiltValue(under: keyof typeof NOT_BUILT_VALUES, value: string): string | undefined {
  const words: readonly string[] = NOT_BUILT_VALUES[under];
  return words.includes(value) ? `\`${value}\` is not built yet` : undefined;
}
