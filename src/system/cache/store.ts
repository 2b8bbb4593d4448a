// The folder of the answers. A file comes into it whole, by a rename, and goes by its name alone, so that runs side by side need no
// lock: whoever reads one that is being removed has it open, and whoever writes the same one writes the same.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { FileSums } from '../../core/cache/differences.ts';
import { makeFolders } from '../files.ts';
import { readAnswer, type Answer } from './answer.ts';

/** What is asked for again within a day is not marked as used again: a hit writes nothing then. */
const USED_GRAIN_MS = 86_400_000;
/** A pruning goes down to this share of the bound, so that not each further answer is followed by another. */
const PRUNE_TO = 0.8;
/** What a run that died left half written. */
const LEFT_BEHIND_MS = 3_600_000;
const TEMPORARY = '.tmp';

export interface Weight {
  readonly bytes: number;
  readonly answers: number;
}

export class Store {
  readonly #dir: string;
  #written = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  get indexPath(): string {
    return `${this.#dir}/index`;
  }

  read(key: string): Answer | undefined | 'damaged' {
    return readAnswer(this.path(key), key);
  }

  path(key: string): string {
    return `${this.#dir}/answers/${key.slice(0, 2)}/${key}`;
  }

  /** Where one is written before it has its name. */
  temporary(): string {
    this.#written += 1;
    // In two containers that share a folder processes have the same number; hardly ever in the same nanosecond.
    return `${this.#dir}/${process.pid}-${process.hrtime.bigint()}-${this.#written}${TEMPORARY}`;
  }

  /** Throws as the system does. Git never sees what lies here. */
  open(): void {
    makeFolders(`${this.#dir}/answers`);
    makeFolders(`${this.#dir}/lists`);
    const ignored = `${this.#dir}/.gitignore`;
    if (statSync(ignored, { throwIfNoEntry: false }) === undefined) writeFileSync(ignored, '*\n');
  }

  /** Throws as the system does. */
  place(temporary: string, path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    renameSync(temporary, path);
  }

  /** Whole or not at all; throws as the system does. */
  write(path: string, bytes: string | Uint8Array): void {
    const temporary = this.temporary();
    try {
      writeFileSync(temporary, bytes);
      this.place(temporary, path);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  }

  discard(key: string): void {
    discard(this.path(key));
  }

  listPath(digest: string): string {
    return `${this.#dir}/lists/${digest}`;
  }

  /** Paths and sums of a list that some answer was kept for; undefined where they are gone or not what they were. */
  files(digest: string): FileSums | undefined {
    try {
      const text = readFileSync(this.listPath(digest), 'utf8');
      const { hash } = process.getBuiltinModule('node:crypto');
      if (hash('sha256', text, 'hex') !== digest) return undefined;
      return new Map(text.split('\n').slice(0, -1).map(pairOf));
    } catch {
      return undefined;
    }
  }

  /** Answer and list are marked as used now; failing at that costs them nothing but their place in the row. */
  used(answer: Pick<Answer, 'mtimeMs'>, key: string, digest: string, now: number): void {
    if (now - answer.mtimeMs < USED_GRAIN_MS) return;
    for (const path of [this.path(key), this.listPath(digest)]) {
      try {
        utimesSync(path, now / 1000, now / 1000);
      } catch {
        // Read-only, or pruned a moment ago.
      }
    }
  }

  weigh(): Weight {
    const held = this.#held();
    return {
      bytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
      answers: held.filter(({ path }) => path.includes('/answers/')).length,
    };
  }

  /** What was not used for longest goes first, until all fit. What is left. */
  prune(limitBytes: number, now: number): number {
    const held = this.#held().toSorted((one, other) => one.usedMs - other.usedMs);
    let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
    for (const one of held) {
      const isDead = one.path.endsWith(TEMPORARY) && now - one.usedMs > LEFT_BEHIND_MS;
      if (bytes <= limitBytes * PRUNE_TO && !isDead) continue;
      if (!isDead && one.path.endsWith(TEMPORARY)) continue;
      discard(one.path);
      bytes -= one.bytes;
    }
    return bytes;
  }

  /** Everything, with what runs under way are writing. How much it was. */
  clean(): Weight {
    const weight = this.weigh();
    for (const name of ['answers', 'lists', 'index'])
      rmSync(`${this.#dir}/${name}`, { recursive: true, force: true });
    for (const { path } of this.#held()) discard(path);
    return weight;
  }

  #held(): readonly Held[] {
    const found: Held[] = [];
    const see = (folder: string, depth: number): void => {
      for (const entry of entriesOf(folder)) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          if (depth > 0) see(path, depth - 1);
          continue;
        }
        if (depth === 2 && !entry.name.endsWith(TEMPORARY)) continue;
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat) found.push({ path, bytes: stat.size, usedMs: stat.mtimeMs });
      }
    };
    see(this.#dir, 2);
    return found;
  }
}

interface Held {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

function entriesOf(folder: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that cannot be written keeps what it holds.
  }
}

function pairOf(line: string): readonly [string, string] {
  const pair: unknown = JSON.parse(line);
  if (!Array.isArray(pair)) throw new Error('no line of a list');
  return [String(pair[0]), String(pair[1])];
}
