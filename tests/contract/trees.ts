// Real trees for tests of what tasks write: made, changed, and held against what they were, byte for byte.

import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import type { AttemptUndone, Writes } from '../../src/core/writes/event.ts';
import type { Event } from '../../src/core/loop/event.ts';
import type { Order, TreeOrder } from '../../src/ports.ts';
import { TreeKeeper } from '../../src/system/writes/keeper.ts';

/** By path, as bytes (one character each): kind, permissions, and content or target; times of files too. */
export type Picture = Readonly<Record<string, string>>;

export function pictureOf(folder: string, without: readonly string[] = []): Picture {
  const picture: Record<string, string> = {};
  const folders = [''];
  for (const above of folders) {
    const names = readdirSync(Buffer.from(join(folder, above), 'latin1'), { encoding: 'buffer' });
    for (const bytes of names) {
      const name = bytes.toString('latin1');
      const path = above === '' ? name : `${above}/${name}`;
      if (without.includes(path)) continue;
      const whole = Buffer.from(`${folder}/${path}`, 'latin1');
      const stat = lstatSync(whole);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) folders.push(path);
      const content = stat.isFile()
        ? readFileSync(whole).toString('latin1')
        : stat.isSymbolicLink()
          ? readlinkSync(whole, { encoding: 'buffer' }).toString('latin1')
          : '';
      const kind = stat.isFile()
        ? 'file'
        : stat.isDirectory()
          ? 'folder'
          : stat.isSymbolicLink()
            ? 'link'
            : 'other';
      // A link has no permissions of its own. To the microsecond: no call of Node sets a time more exactly.
      const at = kind === 'file' || kind === 'link' ? lstatSync(whole, { bigint: true }).mtimeNs / 1000n : '';
      picture[path] = `${kind} ${kind === 'link' ? '' : mode} ${at} ${content}`;
    }
  }
  return picture;
}

export function treeOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-tree-'));
  for (const [path, text] of Object.entries(files)) put(folder, path, text);
  return folder;
}

/** `-> x` is a link to x, a path that ends in `/` a folder. */
export function put(folder: string, path: string, text: string): void {
  const whole = join(folder, path);
  if (path.endsWith('/')) {
    mkdirSync(whole, { recursive: true });
    return;
  }
  mkdirSync(dirname(whole), { recursive: true });
  if (text.startsWith('-> ')) symlinkSync(text.slice(3), whole);
  else writeFileSync(whole, text);
}

export function sh(
  folder: string,
  script: string,
  who: { readonly uid?: number; readonly gid?: number } = {},
): void {
  execFileSync('sh', ['-ec', script], { cwd: folder, stdio: 'pipe', ...who });
}

/** Whom no permission is passed over for; where the tests run as such a one already, nothing changes. */
const PLAIN = 65_534;
const isRoot = process.getuid?.() === 0;
export const PLAIN_USER: { readonly uid?: number; readonly gid?: number } = isRoot
  ? { uid: PLAIN, gid: PLAIN }
  : {};

export function giveToPlainUser(folder: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${PLAIN}:${PLAIN}`, folder]);
}

/** Carries a deed out with the rights of a plain user. */
export async function asPlainUser<T>(deed: () => Promise<T>): Promise<T> {
  if (!isRoot) return deed();
  process.setegid?.(PLAIN);
  process.seteuid?.(PLAIN);
  try {
    return await deed();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Also what nobody may enter. */
export function removeTree(folder: string): void {
  try {
    execFileSync('chmod', ['-R', 'u+rwX', folder], { stdio: 'pipe' });
  } catch {
    // Not all of it is ours; what can be removed is.
  }
  rmSync(folder, { recursive: true, force: true });
}

export interface Kept {
  readonly keeper: TreeKeeper;
  readonly facts: readonly Event[];
  readonly order: Order & { readonly tree: TreeOrder };
  readonly before: () => Promise<unknown>;
  readonly after: () => Promise<Writes>;
  readonly undo: () => Promise<AttemptUndone>;
}

/** The keeper alone, around whatever a test does to a tree. */
export function keptTree(folder: string, more: Partial<TreeOrder> = {}): Kept {
  const facts: Event[] = [];
  const keeper = new TreeKeeper({ inbox: { put: (fact) => void facts.push(fact) }, secrets: [] });
  const tree: TreeOrder = {
    folder,
    except: ['state'],
    only: undefined,
    lines: undefined,
    mayUndo: true,
    isFirst: true,
    keep: join(folder, 'state', 'cycles', 'p.t.before.tar'),
    list: join(folder, 'state', 'cycles', 'p.t.writes.jsonl'),
    ...more,
  };
  const ref = { task: 't', attempt: 1 };
  const order = orderFor(folder, tree);
  const ended: AttemptEnded = { type: 'attempt.ended', ...ref, end: { code: 0 }, durationMs: 1, bytes: 0 };
  return {
    keeper,
    facts,
    order,
    before: () => keeper.before(order, tree),
    after: async () => (await keeper.after(ended)).writes ?? { files: -1 },
    undo: async () => {
      await keeper.undo(ref);
      const fact = facts.at(-1);
      if (fact?.type !== 'attempt.undone') throw new Error('nothing was said');
      return fact;
    },
  };
}

function orderFor(folder: string, tree: TreeOrder): Order & { readonly tree: TreeOrder } {
  return {
    ref: { task: 't', attempt: 1 },
    command: { argv: ['true'] },
    cwd: folder,
    stdin: undefined,
    env: {},
    pass: undefined,
    log: join(folder, 'state', 'cycles', 'p.t.1.log'),
    shown: 'true',
    header: '#',
    logLimitBytes: 1,
    quietAfterMs: [],
    killAfterMs: 0,
    read: [],
    apart: false,
    tree,
  };
}
