// Descendants of every kind, from tests/contract/descendants.pl, and who of them is still alive.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, until } from './attempts.ts';

export const KINDS = [
  'root',
  'plain',
  'deaf',
  'session',
  'group',
  'daemon',
  'wiped',
  'stopped',
  'hopping',
] as const;
export type Kind = (typeof KINDS)[number];

/** One look can miss whoever forks at that moment. */
const LOOKS = 60;
const LOOK_MS = 2;

export function descendants(token: string, how: 'exit' | 'stay'): { readonly argv: readonly string[] } {
  return { argv: ['/usr/bin/perl', join(import.meta.dirname, 'descendants.pl'), token, how] };
}

/** All of them are there. */
export async function ready(folder: string, token: string): Promise<void> {
  await until(() => existsSync(join(folder, `${token}-ready`)));
}

/** Whoever is seen alive in any of many looks; zombies are not life. */
export async function survivors(token: string): Promise<readonly Kind[]> {
  const seen = new Set<Kind>();
  for (let look = 0; look < LOOKS; look++) {
    for (const { kind } of named(token)) seen.add(kind);
    await pause(LOOK_MS);
  }
  return KINDS.filter((kind) => seen.has(kind));
}

/** Behind a test of a layer that lets some escape. */
export async function endSurvivors(token: string): Promise<void> {
  for (let clean = 0; clean < LOOKS; clean++) {
    for (const { pid } of named(token)) {
      clean = 0;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was quicker.
      }
    }
    await pause(1);
  }
}

function named(token: string): readonly { readonly pid: number; readonly kind: Kind }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const first = pid > 0 ? firstWord(pid) : '';
    const kind = KINDS.find((one) => first === `${token}-${one}`);
    return kind === undefined ? [] : [{ pid, kind }];
  });
}

/** Of a dead one it is empty. */
function firstWord(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0]?.trim() ?? '';
  } catch {
    return '';
  }
}
