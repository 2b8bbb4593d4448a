// `protect` as written → the paths that are hashed. Config and gate files join it, and what gate-run writes itself is left out.

import type { ProtectConfig } from '../config/beside-config.ts';
import { isGlob } from '../glob.ts';
import type { Draft } from './draft.ts';
import { DEFAULT_STATE_DIR } from './outputs.ts';
import { absolute, exceptOwn, ownPaths, type OwnParts } from './own-paths.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

/** Paths and globs from the config's folder. */
export interface ProtectPlan {
  readonly paths: readonly string[];
  /** Files that may only grow. */
  readonly appendOnly: readonly string[];
  /** What stands in `paths` although nobody wrote it: the config, and the gate files that it uses. */
  readonly implied: readonly string[];
  /** What gate-run itself writes, as globs that take away. */
  readonly except: readonly string[];
}

export interface ProtectWishes {
  readonly own: OwnParts;
  /** What the file of the config is called. */
  readonly file: string | undefined;
  /** Gate files of the loop's own folder that it uses. */
  readonly gateFiles: readonly string[];
}

/** Undefined: `protect` is not written, so nothing is hashed. */
export function readProtect(
  { settings, fixed, problems }: Draft,
  { own, file, gateFiles }: ProtectWishes,
): ProtectPlan | undefined {
  const written = settings.top.protect;
  if (written === undefined) return undefined;
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const taken = [...ownPaths(own, undefined), [own.loop.stopFile, 'the stop file'] as const];
  const paths: string[] = [];
  const appendOnly: string[] = [];
  written.forEach((one, at) => {
    const place = typeof one === 'string' ? ['protect', at] : ['protect', at, 'append-only'];
    const path = reader.text(textOf(one), place);
    if (path === undefined) return;
    if (path.trim() === '') return reader.say(place, 'an empty path');
    const what = isGlob(path) ? undefined : ownWord(path, own, taken);
    if (what !== undefined) {
      const mend = 'leave it out: gate-run writes there itself';
      return reader.say(place, `\`${path}\` is ${what}`, { mend });
    }
    (typeof one === 'string' ? paths : appendOnly).push(path);
  });
  const implied = [...(file === undefined ? [] : [file]), ...gateFiles];
  const except = exceptOwn(own);
  return {
    paths: [...new Set([...paths, ...implied])],
    appendOnly: [...new Set(appendOnly)],
    implied,
    except,
  };
}

function textOf(one: ProtectConfig): string {
  return typeof one === 'string' ? one : one['append-only'];
}

/** What gate-run itself has at this path, if it has anything. */
function ownWord(
  path: string,
  { state }: OwnParts,
  taken: readonly (readonly [string, string])[],
): string | undefined {
  const whole = absolute(path);
  const own = taken.find(([other]) => absolute(other) === whole)?.[1];
  if (own !== undefined) return own;
  if (whole.startsWith(`${absolute(state.cycles)}/`)) return 'inside the folder of the cycles';
  // A folder that somebody chose for the state may hold files of theirs.
  const isOwn = state.dir === DEFAULT_STATE_DIR && whole.startsWith(`${absolute(state.dir)}/`);
  return isOwn ? 'inside the state directory' : undefined;
}
