// What the looking commands share: the ledger of this folder, folded, with or without a config that can be planned.

import { resolve } from 'node:path';
import { DEFAULT_STATE_DIR } from '../core/plan/outputs.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Progress } from '../core/loop/progress.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { readState } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import { BUILD } from '../system/parse-cache.ts';
import { unreadableText } from './damage.ts';
import { LATER_FLAGS } from './flag-table.ts';
import { configOf, loadLoop } from './load.ts';
import type { CommandRequest } from './request.ts';

export interface State {
  /** Undefined when the config has problems; the ledger can be read all the same. */
  readonly plan: Plan | undefined;
  /** The config, absolute; undefined as the plan is. */
  readonly file?: string;
  readonly folder: string;
  /** Absolute. */
  readonly paths: StatePaths;
  /** As people name them. */
  readonly shown: { readonly history: string; readonly cycles: string };
  readonly progress: Progress;
}

export interface StatePaths {
  readonly stateDir: string;
  readonly history: string;
  readonly cycles: string;
  readonly build: string | undefined;
}

/** The state, or an exit code after the reason was said. */
export async function openState(request: CommandRequest): Promise<State | number> {
  const place = await openPlace(request);
  return typeof place === 'number' ? place : folded(request, place);
}

export type Place = Omit<State, 'progress'>;

interface Finding {
  /** Neither the ledger nor a config need be there. */
  readonly mayLack?: boolean;
  /** A config that is there says where the state lies, so one with problems is refused: the usual place may hold another state. */
  readonly mustKnow?: boolean;
}

/** Where the ledger lies, or would: it is not read. */
export async function openPlace(
  request: CommandRequest,
  { mayLack = false, mustKnow = false }: Finding = {},
): Promise<Place | number> {
  const { folder, config, flags } = request;
  const loop = await loadLoop({ config, folder, flags: flags ?? NO_FLAGS }, { ...request.env });
  if (!('problems' in loop)) {
    const { plan, paths } = loop;
    const shown = { history: plan.state.history, cycles: plan.state.cycles };
    return { plan, file: configOf(loop), folder: loop.folder, paths, shown };
  }
  const stateDir = resolve(folder, DEFAULT_STATE_DIR);
  const [first] = loop.problems;
  const why = `${first?.file ?? ''}${first?.file === undefined ? '' : ': '}${first?.message ?? 'no config'}`;
  if (mustKnow && loop.isNone !== true) {
    request.writeError(
      `${why}\nso it cannot be told where the state lies; \`gate-run check\` shows every problem\n`,
    );
    return EXIT.usage;
  }
  if (!mayLack && realDisk().size(stateDir) === undefined) {
    request.writeError(`${why}\nno state either: there is no ${DEFAULT_STATE_DIR} in ${folder}\n`);
    return EXIT.usage;
  }
  request.writeError(
    `${why}\nreading ${DEFAULT_STATE_DIR} without it; \`gate-run check\` shows every problem\n`,
  );
  const paths = {
    stateDir,
    history: `${stateDir}/history.jsonl`,
    cycles: `${stateDir}/cycles`,
    build: BUILD,
  };
  const shown = { history: `${DEFAULT_STATE_DIR}/history.jsonl`, cycles: `${DEFAULT_STATE_DIR}/cycles` };
  return { plan: undefined, folder, paths, shown };
}

/** The ledger as it is by now; the config is not read again. */
export function readAgain(request: CommandRequest, state: State): State | number {
  return folded(request, state);
}

function folded(request: CommandRequest, state: Place): State | number {
  const read = readState(realDisk(), state.paths);
  if ('progress' in read) return { ...state, progress: read.progress };
  request.writeError(`${unreadableText(read)}\n`);
  return EXIT.storage;
}

/** An own flag of a looking command, for `--last 5` and `--last=5`; what is left are its words. */
export function takeFlags<Name extends string>(
  words: readonly string[],
  known: Readonly<Record<Name, 'value' | 'none'>>,
): {
  readonly flags: Partial<Record<Name, string>>;
  readonly rest: readonly string[];
  readonly problem?: string;
} {
  const flags: Partial<Record<Name, string>> = {};
  const rest: string[] = [];
  const isKnown = (name: string): name is Name => Object.hasOwn(known, name);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [name = '', ...parts] = word.replace(/^--/, '').split('=');
    if (!word.startsWith('-')) {
      rest.push(word);
      continue;
    }
    if (!word.startsWith('--') || !isKnown(name))
      return { flags, rest, problem: unknownText(word, name, Object.keys(known)) };
    if (known[name] === 'none') {
      if (parts.length > 0) return { flags, rest, problem: `--${name} takes no value` };
      flags[name] = '';
      continue;
    }
    const value = parts.length > 0 ? parts.join('=') : words[(at += 1)];
    if (value === undefined || value === '') return { flags, rest, problem: `--${name} needs a value` };
    flags[name] = value;
  }
  return { flags, rest };
}

function unknownText(word: string, name: string, known: readonly string[]): string {
  if (LATER_FLAGS.has(name)) return `the flag \`--${name}\` is not built yet`;
  const names = known.map((one) => `--${one}`);
  return `unknown flag \`${word}\`; this command knows ${names.length === 0 ? 'none of its own' : names.join(', ')}`;
}

/** A whole number from 1; no sign, no leading zero. */
export function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

export function refuse(request: CommandRequest, command: string, why: string): number {
  request.writeError(`gate-run ${command}: ${why}\n`);
  return EXIT.usage;
}
