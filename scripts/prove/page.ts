// docs/RELIABILITY.md: between two marks a row for each promise and each proof of it, around them what people wrote. Pure.

import { PROMISES, PROOFS, type Proof } from './proofs.ts';

const BEGIN = '<!-- figures of `npm run prove` -->';
const END = '<!-- end of figures -->';
const HEAD = [
  '| promise | proof | result | figure | date | machine | seed | commit |',
  '|---|---|---|---|---|---|---|---|',
];
/** For proofs that stand for no single promise. */
const ALL = 'all';

export interface Proved {
  readonly proof: Proof;
  readonly ok: boolean;
  readonly seconds: number;
  readonly figure: string;
}

/** Where and when all of one go was proved. */
export interface Occasion {
  readonly date: string;
  readonly machine: string;
  readonly seed: number;
  readonly commit: string;
}

/** The page anew: rows of proofs that were not run stay as they were. */
export function pageWith(page: string, results: readonly Proved[], occasion: Occasion): string {
  const [before = '', rest] = page.split(BEGIN, 2);
  const [old = '', after = '\n'] = rest?.split(END, 2) ?? [];
  const known = rowsIn(old);
  const wanted = rowKeys().map(({ id, proof }) => {
    const result = results.find((one) => one.proof === proof);
    if (result) return rowOf(id, result, occasion);
    return (
      known.get(keyOf(promiseText(id), proof.name)) ??
      cells([promiseText(id), proof.name, 'not run yet', '', '', '', '', ''])
    );
  });
  const figures = [BEGIN, '', ...HEAD, ...wanted, '', END].join('\n');
  return `${before.trimEnd()}\n\n${figures}${after}`;
}

/** What was run this time, and what was not, for the screen. */
export function linesOf(results: readonly Proved[]): readonly string[] {
  const left = PROOFS.filter((proof) => results.every((one) => one.proof !== proof));
  return [
    ...results.map(
      ({ proof, ok, seconds, figure }) =>
        `${ok ? 'holds' : 'FAILS'}  ${proof.name} (${seconds.toFixed(0)} s): ${figure}`,
    ),
    ...left.map(({ name }) => `not run this time: ${name}`),
  ];
}

/** Behind the last `figure: ` of each kind of line; a test run without one is told by its count. */
export function figureIn(output: string): string {
  const lines = output
    .replaceAll(ANSI, '')
    .split('\n')
    .map((line) => line.trim());
  const figures = lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length));
  const count = lines.findLast((line) => /^Tests\s+\d/.test(line));
  const said = figures.length > 0 ? figures : [count ?? lines.findLast((line) => line !== '') ?? 'nothing'];
  return said.join('; ').replaceAll('|', '/');
}

/** A pattern that no test's title holds is no proof, although nothing failed; nor is a story that this machine cannot tell. */
export function hasProved(output: string): boolean {
  if (output.includes(UNTRIED)) return false;
  const count = output.replaceAll(ANSI, '').match(/^\s*Tests\s.*$/m)?.[0];
  return count === undefined || /\d+ passed/.test(count);
}

const MARK = 'figure: ';
/** What a story says where it needs more than the machine grants. */
const UNTRIED = 'could not be tried';
// oxlint-disable-next-line no-control-regex -- Colours begin with that very character.
const ANSI = /\u001B\[[\d;]*m/g;

function rowKeys(): readonly { readonly id: string; readonly proof: Proof }[] {
  const ofPromises = Object.keys(PROMISES).flatMap((id) =>
    PROOFS.filter(({ promises }) => promises.includes(id)).map((proof) => ({ id, proof })),
  );
  const others = PROOFS.filter(({ promises }) => promises.length === 0).map((proof) => ({ id: ALL, proof }));
  return [...ofPromises, ...others];
}

function promiseText(id: string): string {
  return id === ALL ? 'Everything that is said here' : `${id}: ${PROMISES[id] ?? ''}`;
}

function rowOf(id: string, { proof, ok, figure }: Proved, { date, machine, seed, commit }: Occasion): string {
  const result = `${ok ? 'holds' : 'FAILS'}: ${proof.what}`;
  return cells([promiseText(id), proof.name, result, figure, date, machine, String(seed), commit]);
}

function rowsIn(table: string): ReadonlyMap<string, string> {
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && line.endsWith(' |'));
  return new Map(
    rows.map((row) => {
      const [promise = '', name = ''] = row.slice(2, -2).split(' | ');
      return [keyOf(promise, name), row];
    }),
  );
}

/** By the promise's number: its words may be mended. */
function keyOf(promise: string, name: string): string {
  return `${promise.split(':')[0]} | ${name}`;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}
