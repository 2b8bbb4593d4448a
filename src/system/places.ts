// What the world gives a run: room and leave to write at a path, programs on PATH and their versions. It changes nothing.

import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { cutAt } from '../core/cut-text.ts';
import { runCommand } from './command.ts';
import { errorCode } from './files.ts';

const VERSION_LIMIT_MS = 5_000;
const VERSION_BYTES = 65_536;
const VERSION_SHOWN = 80;

/** Magic numbers of statfs(2), kinds whose locks other hosts may not see. */
const NETWORK: Readonly<Record<number, string>> = {
  0x69_69: 'NFS',
  0xff_53_4d_42: 'CIFS',
  0xfe_53_4d_42: 'SMB',
  0x65_73_55_46: 'FUSE',
  0x01_02_19_97: '9p',
};

export interface Room {
  readonly freeBytes: number;
  /** Names that can still be given; undefined where the file system has no such number. */
  readonly freeNames: number | undefined;
  /** Of a file system over the network. */
  readonly network: string | undefined;
  /** Tells one file system from another. */
  readonly device: number;
}

/** The path itself, or the nearest folder above it that is there. */
export function nearestThere(path: string): string {
  let here = path;
  while (!existsSync(here) && dirname(here) !== here) here = dirname(here);
  return here;
}

export function roomAt(path: string): Room | undefined {
  const here = nearestThere(path);
  try {
    const { bavail, bsize, files, ffree, type } = statfsSync(here);
    return {
      freeBytes: bavail * bsize,
      freeNames: files > 0 ? ffree : undefined,
      network: NETWORK[type],
      device: statSync(here).dev,
    };
  } catch {
    return undefined;
  }
}

/** The system's word for why nothing can be written there; undefined: it can. */
export function whyUnwritable(path: string): string | undefined {
  const here = nearestThere(path);
  try {
    const isFolder = statSync(here).isDirectory();
    if (here !== path && !isFolder) return 'ENOTDIR';
    accessSync(here, isFolder ? constants.W_OK | constants.X_OK : constants.W_OK);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

/** The first line of what it says of itself; undefined when it says nothing of use. Only for programs that are known to answer. */
export async function versionOf(
  name: string,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const own = Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const options = { cwd: folder, timeoutMs: VERSION_LIMIT_MS, maxBytes: VERSION_BYTES, env: own };
  const { ended, code, stdout, stderr } = await runCommand([name, '--version'], options);
  if (ended !== 'exited' || code !== 0) return undefined;
  const line = (stdout || stderr).split('\n').find((one) => one.trim() !== '');
  return line === undefined ? undefined : cutAt(line.replaceAll(/\p{Cc}/gu, ' ').trim(), VERSION_SHOWN);
}
