// How a work tree stands: by git where it is there, else by its files. Of what git has, only what differs from the last commit is read.

import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReceiptsTold } from '../core/receipts/event.ts';
import type { Inbox, WorkTree } from '../ports.ts';
import { runCommand } from './command.ts';
import { digestOf } from './digest.ts';
import { filesOf } from './walk.ts';

/** A tree that takes longer is not waited for: the cycle ends without a receipt. */
const LOOK_LIMIT_MS = 20_000;
const GIT_LIMIT_BYTES = 16_777_216;
/** Files whose bytes are read; of all others size and time have to do. */
const MOST_READ = 5_000;
const MOST_READ_BYTES = 268_435_456;

export interface WorkTreeParts {
  /** Of the config, absolute. */
  readonly folder: string;
  /** What gate-run itself writes, as globs that take away. */
  readonly except: readonly string[];
  readonly inbox: Inbox;
}

type Told = Omit<ReceiptsTold, 'type'>;

export function realWorkTree({ folder, except, inbox }: WorkTreeParts): WorkTree {
  return {
    look: (since) => {
      void lookAt(folder, except, since).then(
        (told) => inbox.put({ type: 'receipts.told', ...told }),
        (error: unknown) => {
          const failed = `the work tree could not be looked at: ${error instanceof Error ? error.message : String(error)}`;
          inbox.put({ type: 'receipts.told', failed });
        },
      );
    },
  };
}

async function lookAt(folder: string, except: readonly string[], since: string | undefined): Promise<Told> {
  const until = performance.now() + LOOK_LIMIT_MS;
  const git = (...words: readonly string[]) =>
    runCommand(['git', '--no-optional-locks', ...words], {
      cwd: folder,
      timeoutMs: Math.max(1, Math.ceil(until - performance.now())),
      maxBytes: GIT_LIMIT_BYTES,
    });
  const top = await git('rev-parse', '--show-toplevel');
  if (top.code !== 0) return { tree: await sumOfFiles(folder, except, until) };
  // Excluded, so that what gate-run writes is no work; `top` since names below are from there.
  const ours = except.map((one) => `:(exclude,glob)${one.slice(1)}`);
  const status = await git(
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=all',
    '--',
    '.',
    ...ours,
  );
  if (status.code !== 0) return { failed: `git: ${status.detail}` };
  const head = /# branch\.oid ([0-9a-f]+)/.exec(status.stdout)?.[1];
  const base = head === undefined ? '' : (await git('rev-parse', 'HEAD^{tree}')).stdout;
  const hash = createHash('sha256').update(base);
  await addFiles(hash, top.stdout, changedIn(status.stdout), until);
  const told = { tree: hash.digest('hex'), ...(head !== undefined && { head }) };
  if (head === undefined || since === undefined || head === since) return told;
  const count = await git('rev-list', '--count', `${since}..HEAD`);
  return count.code === 0 ? { ...told, commits: Number(count.stdout) } : told;
}

/** Paths of porcelain v2 with `-z`: behind the fields of a line, and after a renamed one the name that it had. */
function changedIn(status: string): readonly string[] {
  const parts = status.split('\0');
  const paths: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const line = parts[at] ?? '';
    const fields = FIELDS[line.slice(0, 1)];
    if (fields === undefined) continue;
    paths.push(line.split(' ').slice(fields).join(' '));
    if (!line.startsWith('2')) continue;
    at += 1;
    paths.push(parts[at] ?? '');
  }
  return paths.toSorted();
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
