// One value of a config in YAML replaced in its text: every other byte stays as it is, comments, quotes and line ends among them.
// What cannot be replaced so is refused, never rewritten.

import * as yaml from 'yaml';
import type { Path } from './problem.ts';

export interface Pin {
  /** Of the threshold: `phases`, `check`, `gates`, `lint`, `thresholds`, `warnings`. */
  readonly path: Path;
  /** What is in force: `>= 80`. */
  readonly from: Limit;
  readonly to: Limit;
}

export interface Limit {
  readonly operator: string;
  readonly value: number;
  /** `>= 80`. */
  readonly text: string;
}

/** `isThere`: something is written at that place, though it cannot be replaced. */
export type Pinned = { readonly text: string } | Refused;

export interface Refused {
  readonly refused: string;
  readonly isThere: boolean;
}

export function pinned(text: string, { path, from, to }: Pin): Pinned {
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const document = yaml.parseDocument(text.slice(bom), { keepSourceTokens: true });
  if (document.errors.length > 0) return refusal('the file does not read as YAML');
  const found = nodeAt(document.contents, path);
  if ('refused' in found) return found;
  const limit = limitIn(found.node, from);
  if ('refused' in limit) return limit;
  const { scalar, isNumber } = limit;
  const written = writtenAs(scalar, isNumber ? String(to.value) : to.text);
  if (written === undefined) return refusal('it is written as a block of text');
  const [start, end] = scalar.range ?? [0, 0];
  const next = text.slice(0, bom + start) + written + text.slice(bom + end);
  return isOnlyChange({ text, next, bom }) ? { text: next } : refusal('it cannot be replaced alone');
}

function refusal(refused: string): Refused {
  return { refused, isThere: true };
}

type Found = { readonly node: unknown } | Refused;

const NOT_HERE: Refused = {
  refused:
    'it is not written at the gate: it comes from `defaults`, a glob of a profile, a gate file or a flag',
  isThere: false,
};

function nodeAt(root: unknown, path: Path): Found {
  let node = root;
  for (const key of path) {
    const shared = sharedBy(node);
    if (shared !== undefined) return refusal(shared);
    if (!yaml.isMap(node) && !yaml.isSeq(node)) return NOT_HERE;
    node = node.get(key, true);
    if (node === undefined) return NOT_HERE;
  }
  const shared = sharedBy(node);
  return shared === undefined ? { node } : refusal(shared);
}

/** Undefined: what stands there stands there alone. */
function sharedBy(node: unknown): string | undefined {
  if (yaml.isAlias(node)) return 'it stands behind an alias, which others share';
  const anchor = yaml.isNode(node) && 'anchor' in node ? node.anchor : undefined;
  return anchor === undefined ? undefined : `it has the anchor \`&${anchor}\`, which others may share`;
}

type LimitIn = { readonly scalar: yaml.Scalar; readonly isNumber: boolean } | Refused;

/** The scalar that holds the limit in force: a comparison, `require` of a map, or the number of `at-least` or `at-most`. */
function limitIn(node: unknown, from: Limit): LimitIn {
  if (yaml.isScalar(node)) return asWritten(node, from);
  if (!yaml.isMap(node)) return refusal('it is no threshold');
  const bare = from.operator === '>=' ? 'at-least' : from.operator === '<=' ? 'at-most' : undefined;
  const scalar = bare === undefined ? undefined : node.get(bare, true);
  if (yaml.isScalar(scalar) && sharedBy(scalar) === undefined && Number(scalar.value) === from.value)
    return { scalar, isNumber: true };
  const required = node.get('require', true);
  return yaml.isScalar(required) && sharedBy(required) === undefined
    ? asWritten(required, from)
    : refusal('it is not written as a comparison');
}

function asWritten(scalar: yaml.Scalar, from: Limit): LimitIn {
  if (scalar.anchor !== undefined)
    return refusal(`it has the anchor \`&${scalar.anchor}\`, which others may share`);
  if (String(scalar.value).trim() === from.text) return { scalar, isNumber: false };
  return refusal(`what is written, \`${String(scalar.value)}\`, is not what is in force`);
}

/** In the quotes that it has. A comparison holds nothing that would have to be escaped in them. */
function writtenAs({ type }: yaml.Scalar, text: string): string | undefined {
  if (type === 'QUOTE_DOUBLE') return `"${text}"`;
  if (type === 'QUOTE_SINGLE') return `'${text}'`;
  if (type !== 'PLAIN') return undefined;
  // Without quotes `>` begins a block of text.
  return /^[>|]/.test(text) ? `"${text}"` : text;
}

interface Change {
  readonly text: string;
  readonly next: string;
  readonly bom: number;
}

/** The file that comes out reads as the old one but for one value. */
function isOnlyChange({ text, next, bom }: Change): boolean {
  const after = yaml.parseDocument(next.slice(bom));
  if (after.errors.length > 0) return false;
  const [one, other] = [leavesOf(yaml.parseDocument(text.slice(bom))), leavesOf(after)];
  return one.length === other.length && one.filter((leaf, at) => leaf !== other[at]).length === 1;
}

function leavesOf(document: yaml.Document): readonly string[] {
  const leaves: string[] = [];
  yaml.visit(document, {
    Scalar: (_, { value }) => void leaves.push(JSON.stringify(value)),
    Alias: (_, { source }) => void leaves.push(`*${source}`),
    Map: (_, { items }) => void leaves.push(`{${items.length}`),
    Seq: (_, { items }) => void leaves.push(`[${items.length}`),
  });
  return leaves;
}
