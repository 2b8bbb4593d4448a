// How a work tree stands: by git where it is there, else by its files. Of what git has, only what differs from the last commit is read.

import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReceiptsTold } from '../core/receipts/event.ts';
import type { Inbox, WorkTree } from '../ports.ts';
import { runCommand, type CommandResult } from './command.ts';
import { digestOf } from './digest.ts';
import { isFolder } from './sizes.ts';
import { filesOf } from './walk.ts';

/** A tree that takes longer is not waited for: the cycle ends without a receipt. */
const LOOK_LIMIT_MS = 20_000;
const GIT_LIMIT_BYTES = 16_777_216;
/** Files whose bytes are read; of all others size and time have to do. */
const MOST_READ = 5_000;
const MOST_READ_BYTES = 268_435_456;
/** Submodules of submodules. */
const MOST_NESTED = 5;

export interface WorkTreeParts {
  /** Of the config, absolute. */
  readonly folder: string;
  /** What gate-run itself writes, as globs that take away. */
  readonly except: readonly string[];
  readonly inbox: Inbox;
  /** For all of a look. */
  readonly limitMs?: number;
}

type Told = Omit<ReceiptsTold, 'type'>;

export function realWorkTree({ folder, except, inbox, limitMs = LOOK_LIMIT_MS }: WorkTreeParts): WorkTree {
  return {
    look: (since) => {
      void lookAt({ folder, except, limitMs }, since).then(
        (told) => inbox.put({ type: 'receipts.told', ...told }),
        (error: unknown) => {
          const failed = `the work tree could not be looked at: ${error instanceof Error ? error.message : String(error)}`;
          inbox.put({ type: 'receipts.told', failed });
        },
      );
    },
  };
}

type Git = (cwd: string, ...words: readonly string[]) => Promise<CommandResult>;

async function lookAt(
  { folder, except, limitMs }: Required<Omit<WorkTreeParts, 'inbox'>>,
  since: string | undefined,
): Promise<Told> {
  const until = performance.now() + limitMs;
  const git: Git = (cwd, ...words) =>
    runCommand(['git', '--no-optional-locks', ...words], {
      cwd,
      timeoutMs: Math.max(1, Math.ceil(until - performance.now())),
      maxBytes: GIT_LIMIT_BYTES,
    });
  const top = await git(folder, 'rev-parse', '--show-toplevel');
  // Files are looked at in its place only where git will never answer, since a sum of another kind would look like work.
  if (top.ended !== 'exited' && top.ended !== 'not-started') return { failed: `git: ${top.detail}` };
  if (top.code !== 0) return { tree: await sumOfFiles(folder, except, until) };
  const hash = createHash('sha256');
  const seen = await addRepository(hash, { git, folder, top: top.stdout, except, until, depth: 0 });
  if ('failed' in seen) return seen;
  const { head } = seen;
  const told = { tree: hash.digest('hex'), ...(head !== undefined && { head }) };
  if (head === undefined || since === undefined || head === since) return told;
  const count = await git(folder, 'rev-list', '--count', `${since}..HEAD`);
  return count.code === 0 ? { ...told, commits: Number(count.stdout) } : told;
}

interface Repository {
  readonly git: Git;
  /** Of its files those below this. */
  readonly folder: string;
  /** Where its paths begin. */
  readonly top: string;
  readonly except: readonly string[];
  readonly until: number;
  readonly depth: number;
}

/** The last commit's tree, and what differs from it; of a submodule git tells only that something in it does. */
async function addRepository(
  hash: Hash,
  { git, folder, top, except, until, depth }: Repository,
): Promise<{ readonly head: string | undefined } | { readonly failed: string }> {
  // Excluded, so that what gate-run writes is no work.
  const ours = except.map((one) => `:(exclude,glob)${one.slice(1)}`);
  const words = ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=all', '--', '.', ...ours];
  const status = await git(folder, ...words);
  if (status.code !== 0) return { failed: `git: ${status.detail}` };
  const head = /# branch\.oid ([0-9a-f]+)/.exec(status.stdout)?.[1];
  hash.update(head === undefined ? '' : (await git(folder, 'rev-parse', 'HEAD^{tree}')).stdout);
  const { files, modules } = changedIn(status.stdout);
  await addFiles(hash, top, files, until);
  for (const path of modules) {
    const within = resolve(top, path);
    hash.update(JSON.stringify([path]));
    if (!isFolder(within)) continue;
    if (depth === MOST_NESTED) return { failed: `${path} lies in more than ${MOST_NESTED} repositories` };
    const seen = await addRepository(hash, {
      git,
      folder: within,
      top: within,
      except: [],
      until,
      depth: depth + 1,
    });
    if ('failed' in seen) return seen;
  }
  return { head };
}

interface Changed {
  readonly files: readonly string[];
  /** Submodules. */
  readonly modules: readonly string[];
}

/** Paths of porcelain v2 with `-z`: behind the fields of a line, and after a renamed one the name that it had. */
function changedIn(status: string): Changed {
  const parts = status.split('\0');
  const files: string[] = [];
  const modules: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const line = parts[at] ?? '';
    const fields = FIELDS[line.slice(0, 1)];
    if (fields === undefined) continue;
    const words = line.split(' ');
    const isModule = fields > 1 && words[2]?.startsWith('S') === true;
    (isModule ? modules : files).push(words.slice(fields).join(' '));
    if (!line.startsWith('2')) continue;
    at += 1;
    files.push(parts[at] ?? '');
  }
  return { files: files.toSorted(), modules: modules.toSorted() };
}

/** How many fields stand before a path. */
const FIELDS: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

async function sumOfFiles(folder: string, except: readonly string[], until: number): Promise<string> {
  const files = await filesOf(folder, ['**', ...except]);
  if ('unlisted' in files) throw new Error(`a list of it ${files.unlisted}`);
  const hash = createHash('sha256');
  await addFiles(hash, folder, files, until);
  return hash.digest('hex');
}

/** Facts of running tasks and signals are heard between two files. */
async function addFiles(hash: Hash, folder: string, paths: readonly string[], until: number): Promise<void> {
  let bytes = MOST_READ_BYTES;
  let since = performance.now();
  for (const [at, path] of paths.entries()) {
    const whole = resolve(folder, path);
    const stat = lstatSync(whole, { throwIfNoEntry: false });
    bytes -= stat?.size ?? 0;
    const isRead = at < MOST_READ && bytes >= 0;
    const content =
      stat?.isSymbolicLink() === true ? readlinkSync(whole) : isRead ? digestOf(whole) : stat?.mtimeMs;
    hash.update(JSON.stringify([path, stat?.mode, stat?.size, content]));
    if (performance.now() - since < LONGEST_HOLD_MS) continue;
    if (performance.now() > until) throw new Error(`it takes longer than ${LOOK_LIMIT_MS / 1000} s`);
    await new Promise((resume) => setImmediate(resume));
    since = performance.now();
  }
}

const LONGEST_HOLD_MS = 20;
