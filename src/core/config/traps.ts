// Values that YAML reads as something else than the person meant: what was read, and how to write it.
// Asked only about lines on which the parser stumbled; traps it does not see are in tree.ts.

import { clip, quoted } from './describe.ts';
import { type Slot, slotsOf } from './slot.ts';

export interface Trap {
  /** Offsets in the line. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly mend: string;
  /** What the person meant, so that the rest of the file can still be checked. */
  readonly meant: string;
}

/** The traps of one line; none when nothing on it looks like one. */
export function trapsOn(line: string, startsInFlow: boolean): Trap[] {
  const tabs = /^ *\t[\t ]*(?=\S)/.exec(line)?.[0];
  if (tabs !== undefined && !startsInFlow) {
    const message = 'a tab in the indentation; YAML takes spaces only';
    const meant = tabs.replaceAll('\t', '  ');
    return [{ start: 0, end: tabs.length, message, mend: 'put two spaces in the place of each tab', meant }];
  }
  return slotsOf(line, startsInFlow).flatMap((slot) => {
    const text = line.slice(slot.start, slot.end);
    const message = trapIn(text, slot);
    if (message === undefined) return [];
    const meant = quoted(text);
    return [{ start: slot.start, end: slot.end, message, mend: `quote it: ${clip(meant, 100)}`, meant }];
  });
}

function trapIn(text: string, { key, inFlow }: Slot): string | undefined {
  const isCommand = key === 'run';
  if (/^>=?\s*\S/.test(text))
    return `without quotes \`${clip(text)}\` is a block of text in YAML, not a comparison`;
  if (text.startsWith('!=')) return `without quotes \`!=\` is a tag in YAML, and the comparison is lost`;
  if (text.startsWith('*'))
    return 'without quotes a leading `*` is an alias in YAML, and aliases are not read here';
  if (text.startsWith('{{') || (inFlow && text.includes('{{'))) {
    return inFlow
      ? 'inside `{ }` and `[ ]`, `{{` needs quotes around the whole value'
      : 'at the start of a value, `{{` needs quotes around the whole value';
  }
  if (isCommand && text.startsWith('!'))
    return 'without quotes `!` is a tag in YAML, and the command loses it';
  if (isCommand && text.startsWith('[')) return 'without quotes `[` starts a list in YAML, not a test';
  if (isCommand && text.startsWith('&'))
    return 'without quotes `&` is an anchor in YAML, and the command loses it';
  if (isCommand && /:(?:\s|$)/.test(text)) return 'without quotes `: ` makes a map of the command';
  if (/^[@`%]/.test(text)) return `without quotes a value cannot start with \`${text.charAt(0)}\``;
  if (/^["']/.test(text) && text.length > 1) return 'the text goes on behind its closing quote';
  return undefined;
}
