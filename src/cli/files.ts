// `gate-run files`: the command behind the gates that look at files. Not meant to be typed by people.

import { join, resolve } from 'node:path';
import { isGlob } from '../core/glob.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { presence, type Asked, type Match } from '../core/presence.ts';
import { changedMs } from '../system/changed.ts';
import { realDisk } from '../system/files.ts';
import { filesOf, type Unlisted } from '../system/walk.ts';
import { buildManifest, questionsIn, room, verifyManifest } from './files-kept.ts';
import type { CommandRequest } from './request.ts';

/** Wrong words (`usage`), or a question that cannot be answered: the gates call these broken. */
const UNANSWERED = EXIT.broken;

/** `files exist any|cycle|INSTANT PATH…`, `files absent PATH…`, and those of `files-kept.ts`. */
export async function files(request: CommandRequest): Promise<number> {
  const [verb, ...rest] = request.args;
  const kept = KEPT[verb ?? ''];
  if (kept) return kept(request, (exit, why) => refuse(request, exit, why));
  if (verb === 'absent') return answer(request, { exist: [], absent: rest, newerThan: undefined });
  if (verb !== 'exist')
    return refuse(
      request,
      EXIT.usage,
      `the first word is one of exist, absent, ${Object.keys(KEPT).join(', ')}`,
    );
  const [age = 'any', ...exist] = rest;
  if (age === 'any') return answer(request, { exist, absent: [], newerThan: undefined });
  const newerThan = age === 'cycle' ? cycleStart(request) : Date.parse(age);
  if (newerThan === undefined) {
    return refuse(request, UNANSWERED, 'no cycle is under way, so nothing can be newer than it');
  }
  if (Number.isNaN(newerThan)) {
    return refuse(
      request,
      EXIT.usage,
      `\`${age}\` is neither \`any\` nor \`cycle\` nor an instant such as 2026-02-10T06:30:00Z`,
    );
  }
  return answer(request, { exist, absent: [], newerThan });
}

const KEPT: Readonly<Record<string, typeof buildManifest>> = {
  room: async (request, refusal) => room(request, refusal),
  'manifest-build': buildManifest,
  'manifest-verify': verifyManifest,
  questions: questionsIn,
};

async function answer(request: CommandRequest, asked: Asked): Promise<number> {
  if (asked.exist.length + asked.absent.length === 0) return refuse(request, EXIT.usage, 'no path is named');
  const found = new Map<string, readonly Match[]>();
  for (const pattern of [...asked.exist, ...asked.absent]) {
    const matches = await matching(request.folder, pattern);
    if ('unlisted' in matches) {
      return refuse(request, UNANSWERED, `\`${pattern}\` ${matches.unlisted}: name the files more closely`);
    }
    found.set(pattern, matches);
  }
  const { holds, lines } = presence(asked, (pattern) => found.get(pattern) ?? []);
  request.write(`${lines.join('\n')}\n`);
  return holds ? EXIT.passed : EXIT.failed;
}

/** A plain path may be a folder too; a glob means files. */
async function matching(folder: string, pattern: string): Promise<readonly Match[] | Unlisted> {
  const paths = isGlob(pattern) ? await filesOf(folder, [pattern]) : [pattern];
  return 'unlisted' in paths ? paths : stamped(folder, paths);
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
