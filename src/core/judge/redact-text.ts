// Secrets out of a text that is there at once. Most texts are shortened where they are made, before anything in them is hidden: whoever does
// that puts `…` there, and beside it may stand half of what nobody would recognise any more.

import { CUT } from '../cut-text.ts';
import { joined } from './bytes.ts';
import { makeRedactor, markerOf, SECRET_LENGTH_MIN, type Secret } from './redact.ts';
import { mayHoldShape } from './shape-search.ts';
import { shapeMark } from './shape-redactor.ts';
import { BEHIND_BYTES, SHAPES } from './shapes.ts';

/** Of a token so much more than what it begins with; with less it may be any word, and tells little. */
const TOKEN_CHARACTERS = 8;
/** No shape needs to see more before it is certain. */
const TOKEN_LOOK_CHARACTERS = 2_048;

const UTF8 = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** For events, questions, lines on a screen. Beside a cut, six characters and more of a value go as well, and the beginning of a token. */
export function redactText(text: string, secrets: readonly Secret[]): string {
  return text.length < SECRET_LENGTH_MIN ? text : withoutHalves(withoutWholes(text, secrets), secrets);
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
  return parts
    .map((part, at) => {
      const begun = at === 0 ? part : withoutEnd(part, secrets);
      return at === parts.length - 1 ? begun : withoutBeginning(begun, secrets);
    })
    .join(CUT);
}

/** Of a value, at the beginning of what follows a cut. */
function withoutEnd(text: string, secrets: readonly Secret[]): string {
  const [length, secret] = longest(secrets, text, (value, most) => text.startsWith(value.slice(-most)));
  return secret ? markerOf(secret, secrets) + text.slice(length) : text;
}

/** Of a value or a token, directly before a cut. */
function withoutBeginning(text: string, secrets: readonly Secret[]): string {
  const [length, secret] = longest(secrets, text, (value, most) => text.endsWith(value.slice(0, most)));
  const [from, name] = tokenAtEnd(text) ?? [text.length, ''];
  if (secret && text.length - length <= from) return text.slice(0, -length) + markerOf(secret, secrets);
  return name === '' ? text : text.slice(0, from) + shapeMark(name);
}

function longest(
  secrets: readonly Secret[],
  { length: room }: string,
  isThere: (value: string, length: number) => boolean,
): readonly [length: number, secret: Secret | undefined] {
  let most = SECRET_LENGTH_MIN - 1;
  let found: Secret | undefined;
  for (const secret of secrets) {
    for (let length = Math.min(room, secret.value.length - 1); length > most; length -= 1) {
      if (!isThere(secret.value, length)) continue;
      most = length;
      found = secret;
    }
  }
  return [most, found];
}

/** The first place behind which all may belong to a token of which more would have to be seen. */
function tokenAtEnd(text: string): readonly [from: number, name: string] | undefined {
  const first = Math.max(0, text.length - TOKEN_LOOK_CHARACTERS);
  for (let at = first; at < text.length; at += 1) {
    for (const { name, starts, look } of SHAPES) {
      const start = starts.find((one) => text.startsWith(one, at));
      if (start === undefined || text.length - at < start.length + TOKEN_CHARACTERS) continue;
      const near = UTF8.encode(text.slice(Math.max(0, at - BEHIND_BYTES), at));
      if (look(UTF8.encode(text.slice(at)), 0, near) === 'undecided') return [at, name];
    }
  }
  return undefined;
}
