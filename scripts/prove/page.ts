// docs/RELIABILITY.md: between two marks the promises with the names of their proofs, and each proof with its figure; around
// them what people wrote. Pure.

import { PROMISES, PROOFS, type Proof } from './proofs.ts';

const BEGIN = '<!-- figures of `npm run prove` -->';
const END = '<!-- end of figures -->';
/** For proofs that stand for no single promise. */
const ALL = 'all that is said here';
const UNPROVED = 'not run yet';

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

/** The page anew: what is said of proofs that were not run stays as it was. */
export function pageWith(page: string, results: readonly Proved[], occasion: Occasion): string {
  const [before = '', rest] = page.split(BEGIN, 2);
  const [old = '', after = '\n'] = rest?.split(END, 2) ?? [];
  const known = sectionsIn(old);
  const proofs = PROOFS.flatMap((proof) => {
    const result = results.find((one) => one.proof === proof);
    const said = result ? saidOf(result, occasion) : (known.get(proof.name) ?? UNPROVED);
    return [`### ${proof.name}`, '', `Proves ${namesOf(proof)}: ${proof.what}.`, '', said, ''];
  });
  const figures = [BEGIN, '', ...promiseTable(), '', ...proofs, END].join('\n');
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
  return said.join('; ');
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

function promiseTable(): readonly string[] {
  const rows = Object.entries(PROMISES).map(([id, promise]) => {
    const proofs = PROOFS.filter(({ promises }) => promises.includes(id)).map(({ name }) => name);
    return `| ${id} | ${promise} | ${proofs.join(', ')} |`;
  });
  return ['| | promise | proved by |', '|---|---|---|', ...rows];
}

function namesOf({ promises }: Proof): string {
  return promises.length === 0 ? ALL : promises.join(', ');
}

function saidOf({ ok, figure }: Proved, { date, machine, seed, commit }: Occasion): string {
  const where = `${date}, ${machine}, seed ${seed}, commit ${commit}`;
  return `**${ok ? 'Holds' : 'FAILS'}** (${where}): ${figure}`;
}

/** By proof, the last line said of it. */
function sectionsIn(old: string): ReadonlyMap<string, string> {
  const [, ...sections] = old.split(/^### /m);
  return new Map(
    sections.map((section) => {
      const lines = section.split('\n').filter((line) => line !== '');
      return [lines[0] ?? '', lines.at(-1) ?? UNPROVED];
    }),
  );
}
