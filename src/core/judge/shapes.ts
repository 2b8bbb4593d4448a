// What well-known tokens look like, so that one is seen although nobody named its variable. Each decides by a bounded number of bytes.

export interface Shape {
  /** Stands in the mark: `***github-token***`. */
  readonly name: string;
  /** What it begins with. */
  readonly starts: readonly string[];
  /** Where in these the four bytes begin that are sought, and that should be rare; of three any letter or digit may follow. */
  readonly from?: number;
  /** What may follow, as bytes. */
  readonly body: Uint8Array;
  readonly look: (bytes: Uint8Array, start: number, behind: Uint8Array) => Look;
  /** Asked of each byte behind what was certain: the last one, where the body does not end it. */
  readonly closes?: (byte: number, state: Closing) => boolean;
}

/** How much of the bytes from a place on is a token for certain; or that more of them have to be seen. */
export type Look = 'none' | 'undecided' | number;

/** Counted while the rest of a block goes by. */
export interface Closing {
  /** In a row. */
  dashes: number;
  /** Of five dashes. */
  runs: number;
  bytes: number;
}

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ALNUM = `${UPPER}${UPPER.toLowerCase()}${DIGITS}`;
const ESCAPE = '\u001B';
const DASH = 45;
const DOT = 46;
const LETTER_B = 66;
const KEY_DASHES = 5;
/** A header with a certificate in it is longer, and no token of a session. */
const JWT_HEADER_BYTES = 1024;
const JWT_LEAST = 10;
/** Between the line that begins a key and its first whole line stand at most a few headers. */
const KEY_HEAD_BYTES = 400;
const KEY_LINE_BYTES = 24;
/** An RSA key of 16,384 bits; more is a text that never ends the key. */
const KEY_BYTES = 16_384;

const alnum = tableOf(ALNUM);
const word = tableOf(`${ALNUM}_`);
const wide = tableOf(`${ALNUM}_-`);
const dotted = tableOf(`${ALNUM}_-.`);
const base64 = tableOf(`${ALNUM}+/=`);
const KEY_STARTS = ['-----BEGIN '];
const NOTHING = new Uint8Array(0);
const anything = new Uint8Array(256).fill(1);

export const SHAPES: readonly Shape[] = [
  simple('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], { body: word, least: 30 }),
  { ...simple('github-token', ['github_pat_'], { body: word, least: 22 }), from: 3 },
  simple('gitlab-token', gitlab(), { body: wide, least: 20 }),
  simple('aws-key', ['AKIA', 'ASIA'], { body: tableOf(`${UPPER}234567`), least: 16 }),
  simple(
    'slack-token',
    ['a', 'b', 'e', 'p', 'r', 's'].map((kind) => `xox${kind}-`),
    { body: wide, least: 10 },
  ),
  simple('slack-token', ['xapp-'], { body: wide, least: 20 }),
  simple('api-key', ['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'], {
    body: wide,
    least: 20,
  }),
  // `task-` and `disk-` end in the same letters.
  simple('api-key', ['sk-'], { body: alnum, least: 20, holdsDigit: true, standsAlone: true }),
  simple('stripe-key', ['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_'], { body: alnum, least: 16 }),
  simple('npm-token', ['npm_'], { body: alnum, least: 36 }),
  simple('google-key', ['AIza'], { body: wide, least: 35 }),
  simple('google-key', ['GOCSPX-'], { body: wide, least: 20 }),
  simple('huggingface-token', ['hf_'], { body: alnum, least: 30 }),
  simple('pypi-token', ['pypi-AgE'], { body: wide, least: 40 }),
  simple('vault-token', ['hvs.'], { body: wide, least: 24 }),
  simple('docker-token', ['dckr_pat_', 'dckr_oat_'], { body: wide, least: 20 }),
  { name: 'jwt', starts: ['eyJ'], body: dotted, look: jwt },
  {
    name: 'private-key',
    starts: KEY_STARTS,
    body: anything,
    from: 4,
    look: privateKey,
    closes: keyCloses,
  },
];

/** Whether a byte may follow, for each byte. */
export function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

function gitlab(): readonly string[] {
  const kinds = ['pat', 'ptt', 'dt', 'rt', 'cbt', 'soat', 'ft', 'agent'];
  return kinds.map((kind) => `gl${kind}-`);
}

interface Simple {
  readonly body: Uint8Array;
  /** Bytes of the body that it takes. */
  readonly least: number;
  readonly holdsDigit?: boolean;
  /** Not behind a letter or a digit. */
  readonly standsAlone?: boolean;
}

function simple(name: string, starts: readonly string[], about: Simple): Shape {
  return {
    name,
    starts,
    body: about.body,
    look: (bytes, start, behind) => lookSimple(bytes, start, { ...about, starts, behind }),
  };
}

interface Sought extends Simple {
  readonly starts: readonly string[];
  readonly behind: Uint8Array;
}

function lookSimple(
  bytes: Uint8Array,
  start: number,
  { starts, behind, body, least, holdsDigit = false, standsAlone = false }: Sought,
): Look {
  const begun = literalAt(bytes, start, starts);
  if (typeof begun === 'string') return begun;
  if (standsAlone && !isAlone(bytes, start, behind)) return 'none';
  const from = start + begun;
  let hasDigit = false;
  for (let at = from; at < from + least; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 'undecided';
    if (body[byte] === 0) return 'none';
    hasDigit ||= byte >= 48 && byte <= 57;
  }
  return hasDigit || !holdsDigit ? begun + least : 'none';
}

/** The length of the one that stands there. */
function literalAt(bytes: Uint8Array, start: number, starts: readonly string[]): Look {
  let isOpen = false;
  for (const text of starts) {
    let at = 0;
    while (at < text.length && bytes[start + at] === text.charCodeAt(at)) at += 1;
    if (at === text.length) return text.length;
    isOpen ||= start + at >= bytes.length;
  }
  return isOpen ? 'undecided' : 'none';
}

/** `\n` as JSON writes it, and a colour of a terminal, end in a letter and are none. */
const ESCAPED = new RegExp(`(?:\\\\[nrt]|${ESCAPE}\\[[\\d;]{0,6}m)$`);

function isAlone(bytes: Uint8Array, start: number, behind: Uint8Array): boolean {
  const near = bytes.subarray(Math.max(0, start - BEHIND_BYTES), start);
  const before = near.length < BEHIND_BYTES ? [...behind, ...near] : [...near];
  const last = before.at(-1);
  return last === undefined || alnum[last] === 0 || ESCAPED.test(String.fromCharCode(...before));
}

/** How far a shape looks back. */
export const BEHIND_BYTES = 9;

/** Two parts that are JSON, whatever is signed. */
function jwt(bytes: Uint8Array, start: number): Look {
  let at = start;
  for (const limit = start + JWT_HEADER_BYTES; bytes[at] !== DOT; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 'undecided';
    if (at === limit || wide[byte] === 0) return 'none';
  }
  const payload = lookSimple(bytes, at + 1, {
    starts: ['eyJ'],
    behind: NOTHING,
    body: wide,
    least: JWT_LEAST,
  });
  return typeof payload === 'number' ? at + 1 + payload - start : payload;
}

const KEY_BEGINS = /^-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const MAY_BEGIN = /^-----BEGIN [A-Z0-9 ]{0,48}-{0,5}$/;
const KEY_BEGIN_BYTES = 80;

/** A line that names a key is none: something has to follow that may be one. */
function privateKey(bytes: Uint8Array, start: number): Look {
  const begun = literalAt(bytes, start, KEY_STARTS);
  if (typeof begun === 'string') return begun;
  const head = String.fromCharCode(...bytes.subarray(start, start + KEY_BEGIN_BYTES));
  const begins = KEY_BEGINS.exec(head);
  if (!begins) return MAY_BEGIN.test(head) && head.length < KEY_BEGIN_BYTES ? 'undecided' : 'none';
  let run = 0;
  let dashes = 0;
  for (let at = start + begins[0].length; at < start + KEY_HEAD_BYTES; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 'undecided';
    run = base64[byte] === 1 ? run + 1 : 0;
    dashes = byte === DASH ? dashes + 1 : 0;
    if (run === KEY_LINE_BYTES) return at + 1 - start;
    if (dashes === KEY_DASHES) return 'none';
  }
  return 'none';
}

/** Behind the second five dashes: those of the line that ends it begin and close it. Another key may begin before that. */
function keyCloses(byte: number, state: Closing): boolean {
  state.bytes += 1;
  if (state.runs === 1 && state.dashes === KEY_DASHES && byte === LETTER_B) state.runs = -1;
  state.dashes = byte === DASH ? state.dashes + 1 : 0;
  if (state.dashes === KEY_DASHES) state.runs += 1;
  return state.runs === 2 || state.bytes >= KEY_BYTES;
}
