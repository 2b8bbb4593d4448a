// The end of every switch over a union: the compiler proves that it cannot be reached.

export function unreachable(value: never): never {
  throw new Error(`bug: unexpected ${JSON.stringify(value)}`);
}
