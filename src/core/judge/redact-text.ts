// Secrets out of a text that is there at once. Most texts are shortened where they are made, before anything in them is hidden: whoever does
// that puts `…` there, and beside it may stand half of what nobody would recognise any more.

import { CUT } from '../cut-text.ts';
import { joined } from './bytes.ts';
import { holdsUnshown, shownText } from './excerpt.ts';
import { makeRedactor, markerOf, SECRET_LENGTH_MIN, type Secret } from './redact.ts';
import { mayHoldShape } from './shape-search.ts';
import { shapeMark } from './shape-redactor.ts';
import { SHAPES } from './shapes.ts';

/** Of a token so much more than what it begins with; with less it may be any word, and tells little. */
const TOKEN_CHARACTERS = 8;
/** No shape needs to see more before it is certain. */
const TOKEN_LOOK_CHARACTERS = 2_048;

const UTF8 = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** For events, questions, lines on a screen. Beside a cut, six characters and more of a value go as well, and the beginning of a token. */
export function redactText(text: string, secrets: readonly Secret[]): string {
  if (text.length < SECRET_LENGTH_MIN) return text;
  return withoutHalves(withoutSpread(withoutWholes(text, secrets), secrets), secrets);
}

/** Where what nobody is shown stands within a secret, its line goes without all of that, colours too: whoever shows it puts the halves together. */
export function withoutSpread(text: string, secrets: readonly Secret[]): string {
  if (joinedHalves(text, secrets) === text) return text;
  const lines = text.split(LINE_ENDS).map((line) => joinedHalves(line, secrets));
  return joinedHalves(lines.join(''), secrets);
}

/** With what ends them. */
const LINE_ENDS = /(?<=[\r\n])/;

function joinedHalves(text: string, secrets: readonly Secret[]): string {
  if (!holdsUnshown(text)) return text;
  const shown = shownText(text);
  if (shown.length === text.length) return text;
  const hidden = withoutWholes(shown, secrets);
  return hidden === shown ? text : hidden;
}

function withoutWholes(text: string, secrets: readonly Secret[]): string {
  const hasValue = secrets.some(({ value }) => value.length >= SECRET_LENGTH_MIN && text.includes(value));
  if (!hasValue && !mayHoldShape(text)) return text;
  const redactor = makeRedactor(secrets);
  return DECODER.decode(joined([redactor.push(UTF8.encode(text)), redactor.end()]));
}

function withoutHalves(text: string, secrets: readonly Secret[]): string {
  if (!text.includes(CUT)) return text;
  const parts = text.split(CUT);
  const last = parts.length - 1;
  return parts
    .map((part, at) => {
      const begun = at === 0 ? part : withoutEnd(part, secrets);
      return at === last ? begun : withoutBeginning(begun, secrets);
    })
    .join(CUT);
}

/** Of a value, at the beginning of what follows a cut. */
function withoutEnd(text: string, secrets: readonly Secret[]): string {
  const [length, secret] = longest(secrets, (value) => overlap(value, text));
  return secret ? markerOf(secret, secrets) + text.slice(length) : text;
}

/** Of a value or a token, directly before a cut. */
function withoutBeginning(text: string, secrets: readonly Secret[]): string {
  const [length, secret] = longest(secrets, (value) => overlap(text, value));
  const [from, name] = tokenAtEnd(text) ?? [text.length, ''];
  if (secret && text.length - length <= from) return text.slice(0, -length) + markerOf(secret, secrets);
  return name === '' ? text : text.slice(0, from) + shapeMark(name);
}

function longest(
  secrets: readonly Secret[],
  lengthOf: (value: string) => number,
): readonly [length: number, secret: Secret | undefined] {
  let most = SECRET_LENGTH_MIN - 1;
  let found: Secret | undefined;
  for (const secret of secrets) {
    const length = lengthOf(secret.value);
    if (length <= most) continue;
    most = length;
    found = secret;
  }
  return [most, found];
}

/** How much of the end of one is the beginning of the other. In one pass, as Knuth, Morris and Pratt search: values may be long, and cuts many. */
function overlap(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  const end = one.slice(one.length - most);
  if (most < SECRET_LENGTH_MIN || !end.includes(other.slice(0, SECRET_LENGTH_MIN))) return 0;
  const shorter = new Uint32Array(most);
  for (let at = 1; at < most; at += 1) shorter[at] = longer(other, shorter[at - 1] ?? 0, other[at], shorter);
  let length = 0;
  for (let at = 0; at < most; at += 1) length = longer(other, length, end[at], shorter);
  return length;
}

/** Of how much of a beginning one ends in, with one character more; `shorter`: for each length, the longest beginning that it ends in itself. */
function longer(
  beginning: string,
  length: number,
  next: string | undefined,
  shorter: Readonly<Uint32Array>,
): number {
  let now = length;
  while (now > 0 && (now === shorter.length || beginning[now] !== next)) now = shorter[now - 1] ?? 0;
  return beginning[now] === next ? now + 1 : now;
}

/** What any shape begins with, as one pattern: a text may be cut in many places. */
const STARTS = new RegExp(
  SHAPES.flatMap(({ starts }) => starts.map((start) => start.replaceAll('.', String.raw`\.`))).join('|'),
  'g',
);
const NOTHING = new Uint8Array(0);

/** The first place behind which all may belong to a token of which more would have to be seen. */
function tokenAtEnd(text: string): readonly [from: number, name: string] | undefined {
  const first = Math.max(0, text.length - TOKEN_LOOK_CHARACTERS);
  const bytes = UTF8.encode(text.slice(first));
  const letters = String.fromCharCode(...bytes);
  STARTS.lastIndex = 0;
  for (let found = STARTS.exec(letters); found; found = STARTS.exec(letters)) {
    const { index: at } = found;
    STARTS.lastIndex = at + 1;
    for (const { name, starts, look } of SHAPES) {
      const start = starts.find((one) => letters.startsWith(one, at));
      if (start === undefined || bytes.length - at < start.length + TOKEN_CHARACTERS) continue;
      if (look(bytes, at, NOTHING) === 'undecided')
        return [first + DECODER.decode(bytes.subarray(0, at)).length, name];
    }
  }
  return undefined;
}
