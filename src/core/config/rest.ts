// What is left of a config when its mistakes are taken out, so that the rest can be checked further.
// Names stay, and what stands in for a mistake asks for nothing. It is never run.

import type { ConfigFile } from './config.ts';
import { isMap } from '../is-map.ts';
import { configFile } from './loop-schema.ts';
import type { Path, Problem } from './problem.ts';
import { Repair } from './repair.ts';

export interface Rest<File> {
  readonly value: File;
  /** Whether a problem of the rest only repeats what was told, or comes from what was taken out; `lacking` was not found in it. */
  readonly explains: (problem: Problem, lacking: string | undefined) => boolean;
}

export interface Spoilt {
  readonly value: unknown;
  readonly told: readonly Problem[];
  /** Whether this place has its problem already, where a parser knows. */
  readonly isReported?: (path: Path) => boolean;
  /** Given when the text holds more than the value: what YAML could not read. */
  readonly text?: string | undefined;
}

/** Taking something out may leave a map without what it needs, which is then taken out too. */
const MAX_PASSES = 10;

export function restOf(spoilt: Spoilt): Rest<ConfigFile> | undefined {
  if (!isMap(spoilt.value)) return undefined;
  const repair = new Repair(spoilt.value);
  for (const { path, message } of spoilt.told) if (path !== undefined) repair.rule(path, message);
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    const checked = configFile.safeParse(repair.root);
    if (checked.success) {
      return { value: checked.data, explains: (...found) => explains(spoilt, repair.lost, found) };
    }
    for (const issue of checked.error.issues) {
      const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
      if (issue.code !== 'unrecognized_keys') repair.value(path);
      else for (const key of issue.keys) repair.unknownKey(path, key);
    }
  }
  return undefined;
}

function explains(
  { told, isReported, text }: Spoilt,
  lost: ReadonlySet<string>,
  [{ path, on = 'value' }, lacking]: readonly [Problem, string | undefined],
): boolean {
  if (path !== undefined && (isReported?.(path) ?? false)) return true;
  if (path !== undefined && told.some((one) => isTold(one, path, on))) return true;
  // A gate is looked for in folders, not in the config.
  if (lacking === undefined || path?.at(-1) === 'uses') return false;
  const words = [lacking, lacking.slice(lacking.lastIndexOf('.') + 1)];
  // The word may be a key itself, as a threshold is.
  const own = on === 'key' ? 1 : 0;
  return words.some((word) => lost.has(word) || (text !== undefined && keysIn(text, word) > own));
}

function isTold({ path: told, on = 'value' }: Problem, path: Path, where: 'key' | 'value'): boolean {
  if (told === undefined) return false;
  // A map of which something was taken out looks as if it lacked it.
  if (told.length === path.length + 1) return path.every((part, at) => told[at] === part);
  const isAbove = told.every((part, at) => path[at] === part);
  return isAbove && (told.length === path.length ? on === where : on === 'value');
}

function keysIn(text: string, word: string): number {
  const plain = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return [...text.matchAll(new RegExp(`(?:^|[\\s{,"'])${plain}["']?\\s*:`, 'gm'))].length;
}
