// What stands in a champion's folder, held to what the ledger and its own record say of it. Nothing damaged is ever compared with.

import { readRecord, RECORD, SIMS, TREE, type ChampionRecord } from '../core/loop/champion-record.ts';
import { championFolder } from '../core/plan/champion-names.ts';
import type { Disk } from '../ports.ts';

export interface FoundPlace {
  readonly disk: Disk;
  readonly stateDir: string;
  /** `sha256:…` of some bytes. */
  readonly digest: (bytes: Uint8Array) => string;
}

/** What is wrong with it, for people. */
export interface Damaged {
  readonly damaged: string;
}

/** `sum`: of the record, as the ledger has it; undefined: nobody knows, and the record speaks for itself. */
export function foundRecord(
  { disk, stateDir, digest }: FoundPlace,
  cycle: number,
  sum: string | undefined,
): ChampionRecord | Damaged {
  const shown = `champion/${championFolder('', cycle).split('/').at(-1)}/${RECORD}`;
  const bytes = disk.read(`${championFolder(stateDir, cycle)}/${RECORD}`);
  if (bytes === undefined) return { damaged: `${shown} is not there` };
  if ('failed' in bytes) return { damaged: `${shown} cannot be read (${bytes.failed})` };
  if (sum !== undefined && digest(bytes) !== sum)
    return { damaged: `${shown} is not what was written when it was crowned` };
  const record = readRecord(new TextDecoder().decode(bytes));
  if (record === 'newer') return { damaged: `${shown} was written by a later gate-run` };
  if (record?.cycle !== cycle) return { damaged: `${shown} is no record of cycle ${cycle}` };
  return record;
}

/** One of its files, byte for byte as it was kept. */
export function foundFile(
  { disk, stateDir, digest }: FoundPlace,
  { cycle, files }: ChampionRecord,
  path: string,
): Uint8Array | Damaged {
  const folder = championFolder(stateDir, cycle);
  const shown = `champion/${folder.split('/').at(-1)}/${path}`;
  const recorded = files.find((file) => file.path === path);
  if (!recorded) return { damaged: `${shown} was not kept` };
  const bytes = disk.read(`${folder}/${path}`);
  if (bytes === undefined) return { damaged: `${shown} is not there any more` };
  if ('failed' in bytes) return { damaged: `${shown} cannot be read (${bytes.failed})` };
  return digest(bytes) === recorded.sum ? bytes : { damaged: `${shown} is not what was kept` };
}

/** The first thing that is wrong with what is kept of it; undefined: it is whole. */
export function damageOf(place: FoundPlace, cycle: number, sum: string | undefined): string | undefined {
  const record = foundRecord(place, cycle, sum);
  if ('damaged' in record) return record.damaged;
  for (const { path } of record.files) {
    const bytes = foundFile(place, record, path);
    if ('damaged' in bytes) return bytes.damaged;
  }
  return undefined;
}

/** What is in the way of measuring it again, though nothing of it is damaged. */
export interface Unlaid {
  readonly unlaid: string;
}

/** Its files into `folder`, as they stood in that of its cycle, so that the same command finds them. */
export function layFiles(
  place: FoundPlace,
  record: ChampionRecord,
  folder: string,
): Damaged | Unlaid | undefined {
  const tree = record.files.find(({ path }) => path.startsWith(`${TREE}/`))?.path.slice(TREE.length + 1);
  if (tree !== undefined)
    return { unlaid: `${tree} lies in the work tree, where something else may stand by now` };
  for (const { path } of record.files) {
    if (isOfTurn(path)) continue;
    const bytes = foundFile(place, record, path);
    if ('damaged' in bytes) return bytes;
    const to = `${folder}/${path}`;
    const failure =
      place.disk.makeFolder(to.slice(0, to.lastIndexOf('/'))) ?? place.disk.replace(to, bytes, false);
    if (failure) return { unlaid: `${failure.what} (${failure.failed})` };
  }
  return undefined;
}

const OF_TURNS: ReadonlySet<string> = new Set(['events.jsonl', 'cycle.json', SIMS]);

/** What gate-run itself writes into the folder of every turn: laid over it, it would take the place of a ledger that is being written. */
function isOfTurn(path: string): boolean {
  return (
    OF_TURNS.has(path) ||
    /^[^/]+\.(?:\d+(?:\.stderr)?\.log|sims\.jsonl|writes\.jsonl|before\.tar)$/.test(path)
  );
}
