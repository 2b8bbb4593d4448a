// What `gate-run files` answers beside presence: room, manifests, questions. The commands behind the gates of those names.

import { resolve } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { compare, manifestText, parseManifest } from '../core/manifest.ts';
import { harvest } from '../core/questions/harvest.ts';
import { digestOf } from '../system/digest.ts';
import { realDisk } from '../system/files.ts';
import { freeSpace } from '../system/log.ts';
import { filesOf } from '../system/walk.ts';
import type { CommandRequest } from './request.ts';

type Refuse = (exit: number, why: string) => number;

/** `files room PATH`: what is free there, for people who are not root. */
export function room(request: CommandRequest, refuse: Refuse): number {
  const path = resolve(request.folder, request.args[1] ?? '.');
  // Asked by a file in it, which need not be there.
  const space = freeSpace(resolve(path, 'file'));
  if (space === undefined) return refuse(EXIT.broken, `\`${path}\` has no disk that tells its room`);
  request.write(`free: ${(space.free / GIB).toFixed(2)} GiB of ${(space.total / GIB).toFixed(2)} GiB\n`);
  return EXIT.passed;
}

const GIB = 1024 ** 3;

/** `files manifest-build MANIFEST GLOB…`: a new one in the place of the old, whole or not at all. */
export async function buildManifest(request: CommandRequest, refuse: Refuse): Promise<number> {
  const asked = await manifested(request, refuse);
  if (typeof asked === 'number') return asked;
  const { manifest, folder, found } = asked;
  if (found.length === 0) return refuse(EXIT.broken, 'no file matches, so there is nothing to keep');
  const empty = await emptyOf(folder, request.args.slice(2));
  if (empty.length > 0) {
    // A manifest that lost a whole folder must not take the place of one that had it.
    request.write(`${empty.map((glob) => `empty: ${glob}`).join('\n')}\n`);
    return EXIT.failed;
  }
  const files = found.map((path) => ({ path, sum: digestOf(resolve(folder, path)) }));
  const unread = files.find(({ sum }) => sum === undefined);
  if (unread) return refuse(EXIT.broken, `\`${unread.path}\` could not be read`);
  const text = manifestText(files.map(({ path, sum = '' }) => ({ path, sum })));
  const failure = realDisk().replace(resolve(folder, manifest), new TextEncoder().encode(text), false);
  if (failure) return refuse(EXIT.broken, `\`${manifest}\` could not be written: ${failure.failed}`);
  request.write(`${files.length} listed in ${manifest}\n`);
  return EXIT.passed;
}

/** `files manifest-verify MANIFEST GLOB…`: every listed file as it was, and none that is not listed. */
export async function verifyManifest(request: CommandRequest, refuse: Refuse): Promise<number> {
  const asked = await manifested(request, refuse);
  if (typeof asked === 'number') return asked;
  const { manifest, folder, found } = asked;
  const bytes = realDisk().read(resolve(folder, manifest));
  if (!(bytes instanceof Uint8Array))
    return refuse(EXIT.broken, `there is no manifest \`${manifest}\`: build it first`);
  const kept = parseManifest(new TextDecoder().decode(bytes));
  if ('badLine' in kept)
    return refuse(EXIT.broken, `line ${kept.badLine} of \`${manifest}\` is none that sha256sum writes`);
  if (kept.length === 0) return refuse(EXIT.broken, `\`${manifest}\` lists nothing`);
  const { holds, lines } = compare(kept, (path) => digestOf(resolve(folder, path)), found);
  request.write(`${lines.join('\n')}\n`);
  return holds ? EXIT.passed : EXIT.failed;
}

async function emptyOf(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  const excluded = globs.filter((glob) => glob.startsWith('!'));
  const empty: string[] = [];
  for (const glob of globs.filter((one) => !one.startsWith('!'))) {
    const found = await filesOf(folder, [glob, ...excluded]);
    if ('unlisted' in found || found.length === 0) empty.push(glob);
  }
  return empty;
}

async function manifested(
  { folder, args }: CommandRequest,
  refuse: Refuse,
): Promise<
  { readonly manifest: string; readonly folder: string; readonly found: readonly string[] } | number
> {
  const [, manifest, ...globs] = args;
  if (manifest === undefined || globs.length === 0)
    return refuse(EXIT.usage, 'no manifest or no path is named');
  const found = await filesOf(folder, globs);
  if ('unlisted' in found)
    return refuse(EXIT.broken, `a path ${found.unlisted}: name the files more closely`);
  return {
    manifest,
    folder,
    found: found.filter((path) => resolve(folder, path) !== resolve(folder, manifest)),
  };
}

/** `files questions GLOB…`: each that is open, then how many there are. */
export async function questionsIn(request: CommandRequest, refuse: Refuse): Promise<number> {
  const { folder, args } = request;
  const globs = args.slice(1);
  if (globs.length === 0) return refuse(EXIT.usage, 'no path is named');
  const found = await filesOf(folder, globs);
  if ('unlisted' in found)
    return refuse(EXIT.broken, `a path ${found.unlisted}: name the files more closely`);
  if (found.length === 0) return refuse(EXIT.broken, 'no file matches, so there is nothing to harvest');
  let [open, closed] = [0, 0];
  for (const path of found) {
    const bytes = realDisk().read(resolve(folder, path));
    if (!(bytes instanceof Uint8Array)) return refuse(EXIT.broken, `\`${path}\` could not be read`);
    for (const { line, step, error, isOpen } of harvest(new TextDecoder().decode(bytes))) {
      if (isOpen) request.write(`open: ${path}:${line} [${step}] ${error}\n`);
      if (isOpen) open += 1;
      else closed += 1;
    }
  }
  request.write(`${open} open, ${closed} closed\n`);
  return EXIT.passed;
}
