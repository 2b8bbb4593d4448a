// Descendants of every kind, from tests/contract/descendants.pl, or where there is only a busybox from descendants.sh, and who of them is
// still alive.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

/** `eat`: the task itself takes memory until it is ended for that. */
export type How = 'exit' | 'stay' | 'eat';

/** One look can miss whoever forks at that moment. */
const LOOKS = 60;
const LOOK_MS = 2;
/** From their start; none lives longer. */
export const LIFE_MS = 30_000;
/** Takes the same words. */
export const BUSYBOX_SCRIPT = join(import.meta.dirname, 'descendants.sh');

export function descendants(token: string, how: How): { readonly argv: readonly string[] } {
  return { argv: ['/usr/bin/perl', join(import.meta.dirname, 'descendants.pl'), token, how] };
}

/** All of them are there. */
export async function ready(folder: string, token: string): Promise<void> {
  await until(() => existsSync(join(folder, `${token}-ready`)));
}

/**
 * Whoever is seen alive in any of many looks; zombies are not life. With its folder, the one that is never the same for long ends once it
 * was seen: it keeps a core from everybody else.
 */
export async function survivors(token: string, folder?: string): Promise<readonly Kind[]> {
  const seen = new Set<Kind>();
  for (let look = 0; look < LOOKS; look++) {
    for (const { kind } of named(token)) seen.add(kind);
    if (folder !== undefined && seen.has('hopping')) endHopping(token, folder);
    await pause(LOOK_MS);
  }
  return KINDS.filter((kind) => seen.has(kind));
}

/** Behind a test of a layer that lets some escape. */
export async function endSurvivors(token: string, folder: string): Promise<void> {
  endHopping(token, folder);
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

/** It is quicker than any look. */
function endHopping(token: string, folder: string): void {
  rmSync(join(folder, `${token}-hopping`), { force: true });
}

function named(token: string): readonly { readonly pid: number; readonly kind: Kind }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const words = pid > 0 ? wordsOf(pid) : [];
    const kind = KINDS.find((one) => words.includes(`${token}-${one}`));
    return kind === undefined ? [] : [{ pid, kind }];
  });
}

/** Of a dead one there are none. */
function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
