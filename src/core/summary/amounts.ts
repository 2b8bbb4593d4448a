// Counts, sizes and lists as people read them; durations, numbers and thresholds have their words in core/judge.

/** `1 task`, `3 tasks`; `nouns`: where an s does not make them many. */
export function countText(count: number, noun: string, nouns: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** `a, b, c and 4 more`: names are many, lines are not. */
export function listText(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/** `1.2 MiB`, for people; sizes in a config count in the same steps. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = bytes;
  let unit = 0;
  for (; amount >= STEP && unit < units.length - 1; unit += 1) amount /= STEP;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

const STEP = 1024;
