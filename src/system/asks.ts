// Answers the conditions that only the world can decide: what exists, what is on PATH, what changed. In doubt a task runs.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, relative, resolve } from 'node:path';
import type { TaskAnswered } from '../core/cycle/event.ts';
import { compileGlobs } from '../core/glob.ts';
import type { Problem } from '../core/config/problem.ts';
import type { Ask } from '../core/plan/plan.ts';
import { unreachable } from '../core/unreachable.ts';
import { runCommand, type CommandOptions } from './command.ts';
import { inputsOf } from './inputs.ts';
import { hasMatch } from './walk.ts';

export interface AskContext {
  readonly folder: string;
  readonly path: string | undefined;
  /** What `changed` saw when the task last passed. */
  readonly seen: string | undefined;
}

const GIT_LIMIT_MS = 30_000;
const GIT_LIMIT_BYTES = 16_777_216;

export async function answer(task: string, asks: readonly Ask[], context: AskContext): Promise<TaskAnswered> {
  let inputs: string | undefined;
  for (const ask of asks) {
    // What `changed` sees is kept also where `since` decides, so that a later cycle can compare.
    if (ask.key === 'changed') inputs = await inputsOf(context.folder, ask.globs, inputs);
    if (!(await holds(ask, context, inputs))) {
      return { type: 'task.answered', task, unmet: ask.key, ...(inputs !== undefined && { inputs }) };
    }
  }
  return { type: 'task.answered', task, ...(inputs !== undefined && { inputs }) };
}

async function holds(ask: Ask, context: AskContext, inputs: string | undefined): Promise<boolean> {
  switch (ask.key) {
    case 'exists':
      for (const path of ask.paths) if ((await hasMatch(context.folder, path)) === false) return false;
      return true;
    case 'command':
      return ask.names.every((name) => isCommand(name, context));
    case 'changed':
      if (ask.since !== undefined) return changedSince(ask.since, ask.globs, context.folder);
      return inputs === undefined || inputs !== context.seen;
    default:
      return unreachable(ask);
  }
}

/** Against a commit, with what is not yet committed and not yet known to git. Without an answer of git everything changed. */
async function changedSince(since: string, globs: readonly string[], folder: string): Promise<boolean> {
  // Of what is outside the folder, git below it says nothing.
  const named = globs.map((glob) => fromFolder(folder, glob));
  if (named.some((glob) => glob.startsWith('../'))) return true;
  // `--end-of-options` keeps a reference that begins with a dash from being read as an option.
  const lists = await Promise.all([
    git(folder, ['diff', '--name-only', '-z', '--relative', '--end-of-options', since, '--']),
    git(folder, ['ls-files', '--others', '--exclude-standard', '-z']),
  ]);
  if (lists.includes(undefined)) return true;
  return lists.join('\0').split('\0').some(compileGlobs(named));
}

/** A glob with a root as git would name its files: from the folder on. */
function fromFolder(folder: string, glob: string): string {
  const not = glob.startsWith('!') ? '!' : '';
  const plain = glob.slice(not.length);
  if (!isAbsolute(plain)) return glob;
  return `${not}${relative(folder, plain)}${plain.endsWith('/') ? '/' : ''}`;
}

async function git(folder: string, words: readonly string[]): Promise<string | undefined> {
  const result = await runCommand(['git', ...words], gitIn(folder));
  return result.ended === 'exited' && result.code === 0 ? result.stdout : undefined;
}

/** Why nothing can be compared with this reference; asked before a run, since in it everything would count as changed. */
export async function sinceProblem(since: string, folder: string): Promise<Problem | undefined> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${since}^{commit}`];
  const { ended, code, stderr, detail } = await runCommand(['git', ...words], gitIn(folder));
  if (ended === 'exited' && code === 0) return undefined;
  if (ended === 'exited' && code === UNKNOWN_REFERENCE) {
    const mend = 'name a commit, branch or tag of this repository; a shallow clone has to fetch it first';
    return { file: '--since', message: `git knows no commit \`${since}\``, mend };
  }
  const why = ended === 'exited' ? stderr.split('\n', 1)[0] : detail;
  const mend = 'run without `--since`, or where git can answer';
  return { file: '--since', message: `git cannot compare here: ${why || 'it gave no reason'}`, mend };
}

const UNKNOWN_REFERENCE = 1;

function gitIn(cwd: string): CommandOptions {
  return { cwd, timeoutMs: GIT_LIMIT_MS, maxBytes: GIT_LIMIT_BYTES };
}

export function isCommand(name: string, { folder, path }: Pick<AskContext, 'folder' | 'path'>): boolean {
  if (name.includes('/')) return isExecutable(resolve(folder, name));
  return (path ?? '').split(delimiter).some((part) => isExecutable(resolve(folder, part, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
