// A text that is too long for its place. Each cut is marked, so that whoever hides secrets knows where half of one may stand.

export const CUT = '…';

/** At most so many UTF-16 units, and the mark behind them if there were more; never half a character. */
export function cutAt(text: string, most: number): string {
  return text.length > most ? text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '') + CUT : text;
}
