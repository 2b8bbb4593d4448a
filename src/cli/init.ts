// `gate-run init`: writes a first `loop.config.yaml` from what the folder holds, and never over one that is there.

import { basename, join, relative } from 'node:path';
import { NAMES, TEXTS, type Folder } from '../core/init/folder.ts';
import { starter, type Starter } from '../core/init/starter.ts';
import type { Disk } from '../ports.ts';
import { look } from '../system/config-look.ts';
import { findAnyConfig } from '../system/config-search.ts';
import { realDisk } from '../system/files.ts';
import type { CommandRequest } from './request.ts';

const TARGET = 'loop.config.yaml';
const WRITTEN = 0;
const NOT_WRITTEN = 2;

export async function init(request: CommandRequest): Promise<number> {
  const unknown = request.args.find((argument) => argument !== '--print');
  if (unknown !== undefined) {
    request.writeError(`init: unknown argument \`${unknown}\` — it knows \`--print\` alone\n`);
    return NOT_WRITTEN;
  }
  const disk = realDisk();
  const made = starter(lookInto(request.folder, disk));
  if (request.args.includes('--print')) {
    request.write(request.json ? `${JSON.stringify(made)}\n` : made.text);
    return WRITTEN;
  }
  return write(request, made, disk);
}

async function write(request: CommandRequest, made: Starter, disk: Disk): Promise<number> {
  const there = await configIn(request.folder);
  if (there !== undefined) {
    request.writeError(
      `init: ${there} is there already, and nothing was written\n` +
        '  see what it would be with `gate-run init --print`, or move the old file away first\n',
    );
    return NOT_WRITTEN;
  }
  const path = join(request.folder, TARGET);
  const failed = disk.replace(path, new TextEncoder().encode(made.text), true);
  if (failed !== undefined) {
    request.writeError(`init: ${path} could not be written: ${failed.failed}\n`);
    return NOT_WRITTEN;
  }
  request.write(request.json ? `${JSON.stringify({ ...made, file: path })}\n` : told(made, path));
  return WRITTEN;
}

/** A second config beside the first would stop both; one in a folder above goes on for the other folders. */
async function configIn(folder: string): Promise<string | undefined> {
  const found = await findAnyConfig(folder, look);
  const hits = 'hits' in found ? found.hits : [];
  return hits.find((path) => !relative(folder, path).startsWith('..'));
}

function told({ gates, left, command }: Starter, path: string): string {
  const lines = [
    `wrote ${path}`,
    ...gates.map((gate) => `  ${gate}`),
    ...(gates.length === 0 ? ['  nothing to check was found here, so the file checks itself for now'] : []),
    ...left.map((what) => `  left out: ${what}`),
    `next: \`${command}\` runs one cycle, \`${command} plan\` says what it would run`,
    'keep `.gate-run/` out of version control: it is where runs are recorded',
  ];
  return `${lines.join('\n')}\n`;
}

/** Names are listed, texts are read only where `folder.ts` asks for them. */
function lookInto(folder: string, disk: Disk): Folder {
  const files = new Map<string, string>();
  const names = new Set(disk.list(folder));
  for (const name of NAMES) if (names.has(name)) files.set(name, '');
  for (const name of TEXTS) {
    const bytes = names.has(name) ? disk.read(join(folder, name)) : undefined;
    if (bytes instanceof Uint8Array && bytes.length <= TEXT_LIMIT_BYTES) {
      files.set(name, new TextDecoder().decode(bytes));
    }
  }
  for (const inside of ['', 'tests', 'test']) {
    for (const name of disk.list(join(folder, inside))) {
      if (name.endsWith('.py')) files.set(inside === '' ? name : `${inside}/${name}`, '');
    }
  }
  return { name: basename(folder), files };
}

/** A package.json or Makefile that is longer is none that a person keeps. */
const TEXT_LIMIT_BYTES = 5_000_000;
