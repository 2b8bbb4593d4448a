// `redact`: which names of variables the config adds to the usual ones or lets go, and values that nobody could hide.

import { SECRET_LENGTH_MIN, secretsOf } from '../judge/redact.ts';
import { compileGlob } from '../glob.ts';
import type { Draft } from './draft.ts';
import { hiddenNames, type HiddenNames } from './hidden-names.ts';
import type { Reader } from './reader.ts';

/** What is matched by a pattern that matches all of these is no kind of names. */
const ORDINARY = ['PATH', 'HOME', 'USER', 'LANG', 'TERM', 'PWD'] as const;

/** As far as they are right; what is wrong with the others is told where they are read. */
export function hiddenIn(redact: readonly string[] | undefined): HiddenNames {
  return hiddenNames((redact ?? []).filter((entry) => faultOf(entry) === undefined));
}

export function readRedact({ settings, env }: Draft, reader: Reader): readonly string[] {
  const entries = (settings.top.redact ?? []).map((written, at) => {
    const entry = reader.text(written, ['redact', at]) ?? '';
    const fault = faultOf(entry);
    if (fault) reader.say(['redact', at], fault.message, { mend: fault.mend });
    return { entry, at, fault };
  });
  const fine = entries.filter(({ fault }) => fault === undefined);
  const redact = entries.map(({ entry }) => entry);
  const { isListed } = hiddenNames(fine.map(({ entry }) => entry));
  for (const name of secretsOf(env, isListed).tooShort) {
    const decides = fine.findLast(({ entry }) => compileGlob(entry)(name));
    reader.say(['redact', decides?.at ?? 0], ...tooShort(name, 'the environment'));
  }
  return redact;
}

/** Of a value that the config sets itself; what is filled in later is longer than its placeholder says. */
export function refuseShort(
  set: Readonly<Record<string, string>>,
  { isListed }: HiddenNames,
  reader: Reader,
): void {
  const known = Object.fromEntries(Object.entries(set).filter(([, value]) => !value.includes('{{')));
  for (const name of secretsOf(known, isListed).tooShort)
    reader.say(['env', 'set', name], ...tooShort(name, '`env.set`'));
}

function tooShort(name: string, where: string): [message: string, how: { mend: string }] {
  return [
    `the value of \`${name}\` in ${where} is shorter than ${SECRET_LENGTH_MIN} characters: it would be found all over an innocent text`,
    { mend: `give it a longer value, or let the name go: \`redact: […, "!${name}"]\`` },
  ];
}

function faultOf(entry: string): { readonly message: string; readonly mend: string } | undefined {
  const pattern = entry.startsWith('!') ? entry.slice(1) : entry;
  if (pattern.trim() === '')
    return { message: 'an empty pattern', mend: 'write a name or a glob of names: `"*_TOKEN"`' };
  const odd = /[\s$=]/.exec(pattern)?.[0];
  if (odd !== undefined)
    return {
      message: `\`${entry}\` matches no variable: no name holds \`${odd}\``,
      mend: 'write the name alone, as in `API_TOKEN`',
    };
  const test = compileGlob(pattern);
  // To let all go that is usual is a decision; to hide all leaves no variable to any task.
  if (entry.startsWith('!') || !ORDINARY.every((name) => test(name))) return undefined;
  return {
    message: `\`${entry}\` matches every name, so that not even PATH would pass to a task`,
    mend: 'name those that hold secrets: `"*_TOKEN"`; the usual ones are hidden without being named',
  };
}
