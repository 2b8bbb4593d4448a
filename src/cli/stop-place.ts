// Which stop file is meant, and which run looks at it. It has to work with a broken config too: it is the kill switch.

import { dirname, join, resolve } from 'node:path';
import { DEFAULT_LOOP } from '../core/plan/loop.ts';
import { DEFAULT_STATE_DIR } from '../core/plan/outputs.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import { findConfig } from '../system/config-file.ts';
import { isFolder } from '../system/sizes.ts';
import { readOwner, type Owner } from '../system/lock.ts';
import { isHeld } from '../system/owner.ts';
import { loadLoop, type LoopPaths } from './load.ts';
import type { CommandRequest } from './request.ts';

export interface StopPlace {
  /** Absolute. */
  readonly file: string;
  /** Named by a flag: then it is touched only if it can be nothing but a stop file. */
  readonly isAsked: boolean;
  /** For people, where it is not what the config says. */
  readonly remarks: readonly string[];
  readonly paths: Pick<LoopPaths, 'stateDir' | 'history' | 'cycles'>;
  readonly stopWithinMs: number | undefined;
  /** Whether a run is under way, and who carries it; undefined when this cannot be told from here. */
  readonly isUnderWay: boolean | undefined;
  readonly owner: Owner | undefined;
}

/** `nowhere`: no loop is here at all, and a file in some folder would stop nothing. */
export async function stopPlace(request: CommandRequest): Promise<StopPlace | { readonly nowhere: string }> {
  const { folder, config, flags = NO_FLAGS } = request;
  const loop = await loadLoop({ config, folder, flags }, { ...request.env });
  if (!('problems' in loop)) {
    const { paths, plan } = loop;
    const asked = flags.stopFile === undefined ? undefined : paths.stopFile;
    const { stopWithinMs } = plan;
    const usual = paths.stopFile;
    return placeOf({ asked, planned: usual, usual, paths, stopWithinMs, remarks: [] });
  }
  const why = loop.problems[0]?.message ?? 'it has problems';
  const isHere = flags.stopFile !== undefined || isFolder(join(folder, DEFAULT_STATE_DIR));
  const base = (await configFolder(folder, config)) ?? (isHere ? folder : undefined);
  if (base === undefined)
    return {
      nowhere: `${why}; nothing was written: \`-C\`, \`-c\` or \`--stop-file\` say which loop is meant`,
    };
  const stateDir = resolve(base, DEFAULT_STATE_DIR);
  const paths = { stateDir, history: `${stateDir}/history.jsonl`, cycles: `${stateDir}/cycles` };
  const asked = flags.stopFile === undefined ? undefined : resolve(base, flags.stopFile);
  const remarks = [`the config cannot be used (${why}): see \`gate-run check\``];
  const usual = resolve(base, DEFAULT_LOOP.stopFile);
  return placeOf({ asked, planned: undefined, usual, paths, stopWithinMs: undefined, remarks });
}

type Wanted = Pick<StopPlace, 'paths' | 'stopWithinMs' | 'remarks'> & {
  readonly asked: string | undefined;
  readonly planned: string | undefined;
  readonly usual: string;
};

/** A flag counts most; then where the run under way looks, whatever its config says by now. */
function placeOf(wanted: Wanted): StopPlace {
  const { asked, planned, usual, paths, stopWithinMs } = wanted;
  const isUnderWay = isHeld(paths.stateDir);
  const owner = isUnderWay === false ? undefined : readOwner(paths.stateDir);
  const file = asked ?? owner?.stopFile ?? planned ?? usual;
  const remarks = [...wanted.remarks, ...remarksOn({ file, asked, planned, owner })];
  return { file, isAsked: asked !== undefined, remarks, paths, stopWithinMs, isUnderWay, owner };
}

interface Choice {
  readonly file: string;
  readonly asked: string | undefined;
  readonly planned: string | undefined;
  readonly owner: Owner | undefined;
}

function remarksOn({ file, asked, planned, owner }: Choice): readonly string[] {
  const looksAt = owner?.stopFile;
  if (asked !== undefined && looksAt !== undefined && looksAt !== asked)
    return [`the run under way does not look there: it looks at ${looksAt}`];
  if (asked === undefined && looksAt !== undefined && planned !== undefined && looksAt !== planned)
    return [`the run under way was started with another stop file than the config names now: ${looksAt}`];
  if (asked === undefined && looksAt === undefined && planned === undefined)
    return [`so this is the usual stop file, ${file}; \`--stop-file FILE\` names another one`];
  return [];
}

async function configFolder(folder: string, explicit: string | undefined): Promise<string | undefined> {
  const found = await findConfig(folder, explicit);
  return 'path' in found ? dirname(found.path) : undefined;
}
