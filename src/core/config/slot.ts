// Where values begin and end on one line of YAML as a person meant it, also when YAML reads it otherwise.

/** An unquoted value, or a quoted one with more text behind its closing quote. */
export interface Slot {
  readonly start: number;
  readonly end: number;
  /** The key before it on the same line, if any. */
  readonly key: string | undefined;
  /** Inside `{ }` or `[ ]`, where a comma or a bracket ends it. */
  readonly inFlow: boolean;
}

const KEY =
  /^(?:"[^"]*"|'[^']*'|[^\s"'#,[\]{}&*!|>%@`-][^#,[\]{}:]*|[^\s"'#,[\]{}:][^\s#,[\]{}:]*)\s*:(?=\s|$)/;

/** The slots of a line, left to right. */
export function slotsOf(line: string, startsInFlow: boolean): Slot[] {
  const slots: Slot[] = [];
  let depth = startsInFlow ? 1 : 0;
  let at = /^\s*(?:- +)*/.exec(line)?.[0].length ?? 0;
  let key: string | undefined;
  while (at < line.length) {
    const rest = line.slice(at);
    const character = rest.charAt(0);
    if (/^\s/.test(rest)) at += 1;
    else if (character === '#') break;
    else if (',]}'.includes(character)) {
      if (character !== ',') depth -= 1;
      key = undefined;
      at += 1;
    } else if ('[{'.includes(character) && !rest.startsWith('{{') && !(key === 'run' && goesOn(rest))) {
      depth += 1;
      key = undefined;
      at += 1;
    } else {
      const found: string | undefined = key === undefined ? KEY.exec(rest)?.[0] : undefined;
      if (found !== undefined) {
        key = found.slice(0, -1).trim();
        if (/^[*&!]/.test(key))
          slots.push({ start: at, end: at + key.length, key: undefined, inFlow: depth > 0 });
        at += found.length;
        continue;
      }
      const end = at + valueLength(rest, depth > 0);
      const isQuoted = /^(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')$/.test(line.slice(at, end).trim());
      if (!isQuoted)
        slots.push({ start: at, end: at + line.slice(at, end).trimEnd().length, key, inFlow: depth > 0 });
      key = undefined;
      at = Math.max(end, at + 1);
    }
  }
  return slots;
}

/** `[ -f x ] && y`: text behind the bracket that would close a list. */
function goesOn(rest: string): boolean {
  return /^\[[^\]]*\]\s*[^\s#,\]}]/.test(rest);
}

/** How far a value reaches: a quoted part, a test in brackets and a `{{name}}` are jumped over whole. */
function valueLength(rest: string, inFlow: boolean): number {
  let at = 0;
  const whole = /^(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|\[[^\]]*\])/.exec(rest);
  if (whole !== null) at = whole[0].length;
  while (at < rest.length) {
    if (rest.startsWith('{{', at)) {
      const close = rest.indexOf('}}', at);
      at = close < 0 ? rest.length : close + 2;
      continue;
    }
    if (inFlow && ',]}'.includes(rest.charAt(at))) return at;
    if (rest.charAt(at) === '#' && (at === 0 || /\s/.test(rest.charAt(at - 1)))) return at;
    at += 1;
  }
  return at;
}
