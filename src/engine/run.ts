// One start of the engine, from the files to the run's end: the same function in the real and in the simulated world.

import { indexPlan, type PlanIndex } from '../core/cycle/plan-index.ts';
import { isFound, mayGoOn } from '../core/loop/next.ts';
import type { Progress, RunProgress } from '../core/loop/progress.ts';
import type { Request } from '../core/loop/request.ts';
import type { Plan } from '../core/plan/plan.ts';
import { cutWrites } from '../core/writes/cut.ts';
import type {
  Clock,
  Disk,
  Failure,
  Guard,
  Hooks,
  Locks,
  Notices,
  Processes,
  View,
  WorkTree,
} from '../ports.ts';
import type { Archive } from './archivist.ts';
import type { ChampionKeeper } from './champion.ts';
import { runCarousel, type Carousel, type CarouselEnd } from './carousel.ts';
import type { FactInbox } from './inbox.ts';
import type { LedgerPaths, Recorder } from './ledger.ts';
import { performer, type Caching, type Surroundings } from './perform.ts';
import type { Damage } from './read.ts';
import { resume } from './resume.ts';
import { Retention } from './retention.ts';
import { Snapshots, type Snapshotting } from './snapshots.ts';

export interface World {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly processes: Processes;
  readonly inbox: FactInbox;
  /** Absent where the plan has none, and where nothing is to be started. */
  readonly hooks?: Hooks;
  /** Absent where no task needs one, and in a rehearsal. */
  readonly locks?: Locks;
  /** Absent where nothing is protected, and in a rehearsal. */
  readonly guard?: Guard;
  /** Absent where nobody asks for receipts, and in a rehearsal. */
  readonly workTree?: WorkTree;
  readonly notices?: Notices;
  /** Absent where the plan has no objective, and where nothing is kept. */
  readonly champions?: ChampionKeeper;
  /** Absent: every task that may be cached runs. */
  readonly cache?: Caching;
}

export interface RunParts {
  readonly plan: Plan;
  readonly request: Request;
  readonly world: World;
  readonly paths: LedgerPaths;
  readonly surroundings: Surroundings;
  readonly views: readonly View[];
  /** Takes secrets out of a text; absent where there are none. */
  readonly redact?: ((text: string) => string) | undefined;
  /** Called when a run without an end was found, before anything is started: ends what it left running. Told is why something of it may be alive. */
  readonly foundRun?: (run: RunProgress) => Promise<string | undefined>;
  /** Called before a run's end is recorded: ends what escaped, so that behind a run with an end nobody has to look. */
  readonly ending?: () => void;
  /** Looks at the kill switch at once. */
  readonly lookForStop?: (() => void) | undefined;
  /** Where packed cycles lie, absolute, also those of runs that packed them and did not mean this one to; absent: there are none. */
  readonly archives?: string | undefined;
  /** Packs folders of old cycles into files there; absent: they stay folders. */
  readonly archive?: Archive | undefined;
  readonly snapshots?: Snapshotting | undefined;
  /** A segment of the history that has grown to this size is set aside; absent: at 64 MiB. */
  readonly segmentBytes?: number;
}

/** The run that would be carried on follows another plan; nothing was written. */
export interface PlanChanged {
  readonly changedSince: string;
}

/** Something of a dead run may be alive, so nothing was started beside it. */
export interface StillThere {
  readonly stillThere: string;
}

export interface RunEnd extends CarouselEnd {
  /** What was noted behind the run's end, where the ledger takes nothing any more. */
  readonly unheard: readonly string[];
}

export async function run(parts: RunParts): Promise<RunEnd | Damage | Failure | PlanChanged | StillThere> {
  const { disk, inbox } = parts.world;
  const { plan, paths, segmentBytes } = parts;
  const note = (what: string) => inbox.put({ type: 'noted', what });
  // One cycle alone is started often, and must not pay for what only long runs need.
  const keepsReserve = plan.loop.mode !== 'once';
  const resumed = resume(disk, paths, { note, keepsReserve, ...(segmentBytes && { segmentBytes }) });
  if (!('ledger' in resumed)) return resumed;
  const { progress, ledger, recovered } = resumed;
  const carousel = carouselParts(parts, ledger);
  const { run: last } = progress;
  if (last && isFound(carousel.index, last)) {
    const changed = planChanged(carousel.index, parts.request, progress);
    if (changed) {
      ledger.close();
      return changed;
    }
    const stillThere = await parts.foundRun?.(last);
    if (stillThere !== undefined) {
      ledger.close();
      return { stillThere };
    }
    const isThere = (path: string) => disk.size(`${paths.cycles}/${path}`) !== undefined;
    cutWrites(carousel.index, progress, { cycles: plan.state.cycles, isThere }).forEach(note);
  }
  const damage = progress.champion && parts.world.champions?.damage(progress.champion);
  if (progress.champion && damage !== undefined)
    inbox.put({ type: 'champion.set-aside', cycle: progress.champion.cycle, why: damage });
  const { archive, archives } = parts;
  const { lastTurnAt } = progress;
  const lastWall = lastTurnAt === undefined ? undefined : Date.parse(lastTurnAt);
  const { keep } = plan;
  const beside = new AbortController();
  const { signal: over } = beside;
  const retention = new Retention({
    disk,
    cycles: paths.cycles,
    keep,
    archives,
    archive,
    over,
    note,
    lastWall,
  });
  const snapshots = parts.snapshots && new Snapshots(parts.snapshots, { note, over });
  const end = await runCarousel({
    ...carousel,
    progress,
    found: recovered,
    between: (then, now) => {
      retention.between(then.cycle, now);
      snapshots?.between(then);
      return ledger.between(then, now);
    },
  });
  if (!end.failure) ledger.ended(end.progress);
  if (end.progress.run?.ended?.reason === 'stopped') beside.abort();
  const work = [retention.work, snapshots?.work].filter((one) => one !== undefined);
  const unheard = await unheardUntil(work, parts.world, () => beside.abort());
  return { ...end, unheard };
}

/** Behind a run's end a stop still means something: what is packed then is given up. Gives back what was noted. */
async function unheardUntil(
  work: readonly Promise<void>[],
  { inbox, clock }: Pick<World, 'inbox' | 'clock'>,
  giveUp: () => void,
): Promise<readonly string[]> {
  const noted: string[] = [];
  let isDone = work.length === 0;
  void Promise.all(work).then(() => {
    isDone = true;
    clock.wake();
  });
  for (;;) {
    const fact = inbox.take();
    if (fact?.type === 'noted') noted.push(fact.what);
    else if (fact?.type === 'stop.seen') giveUp();
    else if (fact === undefined && isDone) return noted;
    else if (fact === undefined) await clock.wait(undefined);
  }
}

/** Undefined: nothing would be carried on, or by the plan that it began with, or somebody accepts the other one. */
export function planChanged(
  index: PlanIndex,
  { acceptConfig }: Pick<Request, 'acceptConfig'>,
  { run: last }: Progress,
): PlanChanged | undefined {
  if (!last || acceptConfig === true || last.plan === index.plan.id) return undefined;
  return isFound(index, last) && mayGoOn(index, last) ? { changedSince: last.id } : undefined;
}

/** The parts of a carousel that do not depend on what the files hold. */
export function carouselParts(parts: RunParts, recorder: Recorder): Omit<Carousel, 'progress'> {
  const { plan, request, world, surroundings, views } = parts;
  const index = indexPlan(plan);
  const perform = performer({ index, world, surroundings });
  const { clock, inbox, processes } = world;
  return {
    index,
    request,
    clock,
    inbox,
    processes,
    recorder,
    views,
    perform,
    ending: parts.ending,
    redact: parts.redact,
    lookForStop: parts.lookForStop,
  };
}
