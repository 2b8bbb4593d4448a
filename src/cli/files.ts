// `gate-run files`: the command behind the gates must-exist and must-not-exist. Not meant to be typed by people.

import { join, parse, relative, resolve } from 'node:path';
import { isGlob } from '../core/glob.ts';
import { presence, type Asked, type Match } from '../core/presence.ts';
import { changedMs } from '../system/changed.ts';
import { realDisk } from '../system/files.ts';
import { FILE_LIMIT, filesOf } from '../system/walk.ts';
import type { CommandRequest } from './request.ts';

const HOLDS = 0;
const FAILS = 1;
/** Wrong words, or a question that cannot be answered: the gates call these broken. */
const USAGE = 2;
const UNANSWERED = 3;

/** `files exist any|cycle|INSTANT PATH…` and `files absent PATH…`. */
export function files(request: CommandRequest): number {
  const [verb, ...rest] = request.args;
  if (verb === 'absent') return answer(request, { exist: [], absent: rest, newerThan: undefined });
  if (verb !== 'exist') return refuse(request, USAGE, 'the first word is `exist` or `absent`');
  const [age = 'any', ...exist] = rest;
  if (age === 'any') return answer(request, { exist, absent: [], newerThan: undefined });
  const newerThan = age === 'cycle' ? cycleStart(request) : Date.parse(age);
  if (newerThan === undefined) {
    return refuse(request, UNANSWERED, 'no cycle is under way, so nothing can be newer than it');
  }
  if (Number.isNaN(newerThan)) {
    return refuse(
      request,
      USAGE,
      `\`${age}\` is neither \`any\` nor \`cycle\` nor an instant such as 2026-02-10T06:30:00Z`,
    );
  }
  return answer(request, { exist, absent: [], newerThan });
}

function answer(request: CommandRequest, asked: Asked): number {
  if (asked.exist.length + asked.absent.length === 0) return refuse(request, USAGE, 'no path is named');
  const found = new Map<string, readonly Match[]>();
  for (const pattern of [...asked.exist, ...asked.absent]) {
    const matches = matching(request.folder, pattern);
    if (matches === undefined) {
      return refuse(
        request,
        UNANSWERED,
        `\`${pattern}\` matches more than ${FILE_LIMIT} files: name them more closely`,
      );
    }
    found.set(pattern, matches);
  }
  const { holds, lines } = presence(asked, (pattern) => found.get(pattern) ?? []);
  request.write(`${lines.join('\n')}\n`);
  return holds ? HOLDS : FAILS;
}

/** A plain path may be a folder too; a glob means files. */
function matching(folder: string, pattern: string): readonly Match[] | undefined {
  if (!isGlob(pattern)) return stamped(folder, [pattern]);
  // A walk begins at a folder and goes down, so a glob with a root begins at that root.
  const { root } = parse(pattern);
  const paths = filesOf(root === '' ? folder : root, [relativeGlob(folder, pattern, root)]);
  return paths && stamped(folder, root === '' ? paths : paths.map((path) => join(root, path)));
}

function relativeGlob(folder: string, pattern: string, root: string): string {
  return root === '' ? pattern : relative(root, resolve(folder, pattern));
}

function stamped(folder: string, paths: readonly string[]): readonly Match[] {
  return paths.flatMap((path) => {
    const changed = changedMs(resolve(folder, path));
    return changed === undefined ? [] : [{ path, changedMs: changed }];
  });
}

/** The first event of the cycle's file was written before anything of the cycle was started. */
function cycleStart({ env }: CommandRequest): number | undefined {
  const folder = env['GATE_CYCLE_DIR'];
  const bytes = folder === undefined ? undefined : realDisk().read(join(folder, 'events.jsonl'));
  if (!(bytes instanceof Uint8Array)) return undefined;
  const at = /"at":"([^"]+)"/.exec(new TextDecoder().decode(bytes.subarray(0, FIRST_LINE_BYTES)))?.[1];
  const start = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(start) ? undefined : start;
}

/** More than any first line needs up to its time. */
const FIRST_LINE_BYTES = 65_536;

function refuse(request: CommandRequest, exit: number, why: string): number {
  request.writeError(`files: ${why}\n`);
  return exit;
}
