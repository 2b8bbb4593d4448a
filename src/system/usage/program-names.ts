// What processes are called for people: the program, and the script that it runs.

import { basename } from 'node:path';
import { CUT } from '../../core/cut-text.ts';
import { textOf } from '../proc.ts';
import type { Member } from './roll.ts';

/** Of a command line, so many words are looked at for a script. */
const MOST_WORDS = 8;
/** What Node calls the first thread of every process of its own. */
const NAMES_OF_NOBODY: ReadonlySet<string> = new Set(['MainThread', 'node-MainThread']);
/** The kernel keeps no more of a name. */
const NAME_BYTES = 15;
const SCRIPT = /\.(?:[cm]?[jt]s|py|rb|pl|php|lua|jar|sh)$/;

/** Asked at each look, and found out once for each program that a process becomes. */
export class ProgramNames {
  #known: ReadonlyMap<number, { readonly of: string; readonly name: string }> = new Map();

  /** In their order. Who is not among them is forgotten. */
  of(members: readonly Member[]): readonly string[] {
    const known = new Map(
      members.map((one) => {
        const of = `${one.startTicks} ${one.name}`;
        const before = this.#known.get(one.pid);
        return [one.pid, before?.of === of ? before : { of, name: nameOf(one) }];
      }),
    );
    this.#known = known;
    return members.map(({ pid, name }) => known.get(pid)?.name ?? name);
  }
}

/** Other arguments are not told: who knows what they hold. */
function nameOf({ pid, name }: Member): string {
  const words = (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0', MOST_WORDS).map((word) => basename(word));
  const program = NAMES_OF_NOBODY.has(name) ? (words[0] ?? name) : name;
  const script = words.slice(1).find((word) => SCRIPT.test(word));
  const isCut = program !== words[0] && Buffer.byteLength(program) === NAME_BYTES;
  const told = isCut ? program + CUT : program;
  return script === undefined || script.startsWith(program) ? told : `${told} ${script}`;
}
