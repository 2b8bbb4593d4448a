// How many columns a text takes on a terminal, nearly: exact for Latin, CJK and most emoji, one for all else.

/** Cut to at most `columns` columns, the cut marked. */
export function fitted(text: string, columns: number): string {
  if (columns <= 0) return '';
  // Nearly every text is short ASCII: then characters are columns.
  if (text.length <= columns && !hasWide(text)) return text;
  if (displayWidth(text) <= columns) return text;
  let width = 1;
  let kept = '';
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;

function hasWide(text: string): boolean {
  return WIDE.test(text);
}

function widthOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
