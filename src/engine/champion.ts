// Keeps the files of a champion, whole or not at all: into a folder beside, synced, and only then under its name. Which cycle is a
// champion was decided before, and that it is one counts only once `champion.kept` says so.

import { crc32 } from '../core/crc32.ts';
import type { ChampionChosen, ChampionFacts, ChampionKept } from '../core/loop/champion-event.ts';
import type { ChampionProgress } from '../core/loop/champion-progress.ts';
import { RECORD, recordText, SIMS, type ChampionRecord } from '../core/loop/champion-record.ts';
import type { Recorded } from '../core/loop/event.ts';
import { cycleFolder } from '../core/loop/names.ts';
import { cycleOfFolder } from '../core/loop/retention.ts';
import { rivalOf, seedLines, type Rival } from '../core/loop/rival.ts';
import { championFolder, championsFolder } from '../core/plan/champion-names.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Disk, Failure } from '../ports.ts';
import { damageOf, foundFile, foundRecord, layFiles, type Damaged, type Unlaid } from './champion-found.ts';
import { sourcesOf, type Refused, type Source } from './champion-sources.ts';

/** Champions whose files stay, the one in force among them: for `champion restore`, and to see how they grew. */
export const MOST_CHAMPIONS = 20;
/** What is being written, and what is being removed, so that a crash never leaves a part under a champion's name. */
const NEW = '.new';
const OLD = '.old';
export const CURRENT = 'current';

export interface ChampionPlace {
  readonly disk: Disk;
  readonly plan: Plan;
  /** Absolute. */
  readonly folder: string;
  readonly stateDir: string;
  readonly cycles: string;
  /** `sha256:…` of some bytes. */
  readonly digest: (bytes: Uint8Array) => string;
}

export interface ChampionKeeper {
  /** `judgedAt`: when the cycle ended, ISO 8601. `inForce`: the cycle of the champion that it takes the place of. */
  keep(event: Recorded<ChampionChosen>, judgedAt: string, inForce: number | undefined): ChampionKept;
  /** What is wrong with what is kept of it; undefined: it is whole. */
  damage(champion: Crowned): string | undefined;
  /** Its value of each seed; undefined where the objective is no matter of pairs. */
  rival(champion: Crowned): Rival | Damaged | undefined;
  /** Puts the files that it kept of its cycle into `folder`, as they stood in that of its own; what is in the way. */
  lay(champion: Crowned, folder: string): Damaged | Unlaid | undefined;
}

type Crowned = Pick<ChampionProgress, 'cycle' | 'sum'>;

export function championKeeper(place: ChampionPlace): ChampionKeeper {
  let known: { readonly of: string; readonly rival: Rival | Damaged | undefined } | undefined;
  return {
    damage: ({ cycle, sum }) => damageOf(place, cycle, sum),
    // Every challenger meets the same one, until there is another.
    rival: ({ cycle, sum }) => {
      const of = `${cycle} ${sum}`;
      if (known?.of !== of) known = { of, rival: readRival(place, cycle, sum) };
      return known.rival;
    },
    lay: ({ cycle, sum }, to) => {
      const record = foundRecord(place, cycle, sum);
      return 'damaged' in record ? record : layFiles(place, record, to);
    },
    keep: (event, judgedAt, inForce) => {
      const kept = keep(place, event, judgedAt);
      if (kept.failed === undefined) prune(place, [event.cycle, ...(inForce === undefined ? [] : [inForce])]);
      return kept;
    },
  };
}

function keep(place: ChampionPlace, event: Recorded<ChampionChosen>, judgedAt: string): ChampionKept {
  const { disk, plan, folder, cycles, stateDir } = place;
  const { cycle } = event;
  const failed = (why: string): ChampionKept => ({
    type: 'champion.kept',
    cycle,
    files: 0,
    bytes: 0,
    failed: why,
  });
  const own = valuesOf(place, event);
  if ('refused' in own) return failed(own.refused);
  const found = sourcesOf(disk, plan.champion?.keep ?? [], {
    cycle: `${cycles}/${cycleFolder(cycle, 'cycle')}`,
    tree: folder,
    own: [stateDir, cycles],
    judgedAt: Date.parse(judgedAt),
  });
  if ('refused' in found) return failed(found.refused);
  const sources = [...found, ...own];
  const record = new TextEncoder().encode(recordOf(place, event, sources));
  const bytes = sources.reduce((sum, source) => sum + source.bytes.length, 0);
  const failure = put(place, cycle, [...sources, { path: RECORD, bytes: record }]);
  if (failure) return failed(`${failure.what} (${failure.failed})`);
  return { type: 'champion.kept', cycle, files: sources.length, bytes, sum: place.digest(record) };
}

/** The values of its seeds, which the next challenger is compared with. */
function valuesOf(
  { disk, cycles }: ChampionPlace,
  { cycle, sims }: ChampionChosen,
): readonly Source[] | Refused {
  if (!sims) return [];
  const { values, base, planned: count } = sims;
  if (!values) return { refused: 'the values of its seeds were not kept' };
  const read = disk.read(`${cycles}/${cycleFolder(cycle, 'cycle')}/${values.file}`);
  if (read === undefined) return { refused: `${values.file} is not there` };
  if ('failed' in read) return { refused: `${values.file} cannot be read (${read.failed})` };
  // Between the rung and the crown other tasks ran, and the next challengers are judged by these values.
  if (crc32(read).toString(16).padStart(8, '0') !== values.crc)
    return { refused: `${values.file} is not as its rung left it` };
  const lines = seedLines(new TextDecoder().decode(read), { base, count });
  if (lines.length !== count)
    return { refused: `${values.file} speaks of ${lines.length} of the ${count} seeds` };
  return [{ path: SIMS, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) }];
}

function readRival(
  place: ChampionPlace,
  cycle: number,
  sum: string | undefined,
): Rival | Damaged | undefined {
  const { objective } = place.plan;
  if (!objective?.pairing) return undefined;
  const record = foundRecord(place, cycle, sum);
  if ('damaged' in record) return record;
  const bytes = foundFile(place, record, SIMS);
  return 'damaged' in bytes ? bytes : rivalOf(cycle, objective, new TextDecoder().decode(bytes));
}

/** Every file is durable, and the folder with them, before it gets its name. */
function put(place: ChampionPlace, cycle: number, files: readonly Source[]): Failure | undefined {
  const { disk, stateDir } = place;
  const final = championFolder(stateDir, cycle);
  const fresh = `${final}${NEW}`;
  const written = disk.removeFolder(fresh) ?? disk.makeFolder(fresh) ?? writeAll(disk, fresh, files);
  if (written) {
    disk.removeFolder(fresh);
    return written;
  }
  return (
    outOfTheWay(disk, final) ??
    disk.rename(fresh, final) ??
    disk.syncFolder(championsFolder(stateDir)) ??
    point(disk, stateDir, cycle)
  );
}

function writeAll(disk: Disk, fresh: string, files: readonly Source[]): Failure | undefined {
  const folders = new Set<string>([fresh]);
  for (const { path, bytes } of files) {
    const parts = path.split('/').slice(0, -1);
    const above = parts.map((_, at) => `${fresh}/${parts.slice(0, at + 1).join('/')}`);
    const deepest = above.at(-1);
    for (const one of above) folders.add(one);
    const failure =
      (deepest === undefined ? undefined : disk.makeFolder(deepest)) ??
      disk.replace(`${fresh}/${path}`, bytes, true);
    if (failure) return failure;
  }
  for (const folder of [...folders].toReversed()) {
    const failure = disk.syncFolder(folder);
    if (failure) return failure;
  }
  return undefined;
}

/** What a crash between its name and its record has left. */
function outOfTheWay(disk: Disk, final: string): Failure | undefined {
  if (!disk.look(final)) return undefined;
  const aside = `${final}${OLD}`;
  return disk.removeFolder(aside) ?? disk.rename(final, aside) ?? disk.removeFolder(aside);
}

/** A link for people; nothing is read by it. A file system without links does without. */
export function point(disk: Disk, stateDir: string, cycle: number): undefined {
  disk.point(`${championsFolder(stateDir)}/${CURRENT}`, cycleFolder(cycle, 'cycle'));
  return undefined;
}

function recordOf(
  { plan, digest }: ChampionPlace,
  event: Recorded<ChampionChosen>,
  sources: readonly Source[],
): string {
  const { run, at, why } = event;
  const files = sources.map(({ path, bytes }) => ({ path, bytes: bytes.length, sum: digest(bytes) }));
  return recordText({ name: plan.name, run, at, ...factsIn(event), why, files });
}

/** Without what is the line's own. */
export function factsIn(event: Recorded<ChampionChosen>): ChampionFacts {
  const { v: _v, seq: _seq, type: _type, at: _at, mono: _mono, run: _run, why: _why, ...facts } = event;
  return facts;
}

/** Without what is the record's own. */
export function factsOfRecord(record: ChampionRecord): ChampionFacts {
  const { champion: _format, name: _name, run: _run, at: _at, why: _why, files: _files, ...facts } = record;
  return facts;
}

/** The oldest go first; those in force never do. */
function prune({ disk, stateDir }: ChampionPlace, inForce: readonly number[]): void {
  const home = championsFolder(stateDir);
  const names = disk.list(home);
  for (const name of names)
    if (name.endsWith(NEW) || name.endsWith(OLD)) disk.removeFolder(`${home}/${name}`);
  const cycles = names.flatMap((name) => (name.includes('.') ? [] : (cycleOfFolder(name) ?? [])));
  const old = cycles.filter((cycle) => !inForce.includes(cycle)).toSorted((one, other) => other - one);
  for (const cycle of old.slice(MOST_CHAMPIONS - inForce.length)) {
    const folder = championFolder(stateDir, cycle);
    if (!disk.rename(folder, `${folder}${OLD}`)) disk.removeFolder(`${folder}${OLD}`);
  }
}
