// `gate-run TASK…`: the named tasks and what they need, beside a living loop. It takes no lock and writes no ledger.

import { basename } from 'node:path';
import { EMPTY } from '../core/loop/evolve.ts';
import type { Progress } from '../core/loop/progress.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { runCarousel, type CarouselEnd } from '../engine/carousel.ts';
import { carouselParts } from '../engine/run.ts';
import type { Caching } from '../engine/perform.ts';
import { unrecorded } from '../engine/unrecorded.ts';
import type { Guard, View } from '../ports.ts';
import { makeTemporary, removeFolder } from '../system/temporary.ts';
import type { Arguments } from './args.ts';
import type { Loop } from './load.ts';
import type { OpenedCache } from './open-cache.ts';
import { openViews } from './open-views.ts';
import { closeViews } from './run.ts';
import { sayFailure, sayLacking } from './say.ts';
import type { Terminal } from './terminal.ts';
import { openUnitsFor } from './units.ts';
import { openWorld, type Here } from './world.ts';

interface Start {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly cache: OpenedCache | undefined;
}

export async function adHoc(start: Start): Promise<number> {
  const { args, terminal } = start;
  const held = await openUnitsFor(start.loop.plan);
  if ('lacks' in held) return sayLacking(terminal, held);
  const logs = makeTemporary('gate-run-');
  const loop = withLogsIn(start.loop, logs);
  const here = await openWorld(loop.plan, { folder: loop.folder, units: held.units }, terminal.env);
  const answers = start.cache?.beside(here.world.inbox);
  const guard = loop.plan.protect ? (await import('./protect.ts')).guardOf(loop, here, logs) : {};
  const views = await openViews({ args, terminal, loop, here, keepsState: false });
  try {
    const end = await carryOut({ terminal, loop, here, guard, views: views.all, cache: answers?.port });
    await answers?.settle();
    await closeViews(views, end, terminal);
    if (end.failure) return sayFailure({ ...terminal, json: undefined }, end.failure, loop);
    const exit = end.progress.run?.ended?.exit ?? EXIT.bug;
    // What failed may want to be read again; the system's own cleaning takes it later.
    if (exit === EXIT.passed) removeFolder(logs);
    return exit;
  } finally {
    views.close();
    here.close();
    await held.close();
  }
}

interface AdHoc {
  readonly terminal: Pick<Terminal, 'version' | 'bin'>;
  /** With its cycles in a folder of its own. */
  readonly loop: Loop;
  readonly here: Here;
  readonly views: readonly View[];
  readonly cache?: Caching | undefined;
  readonly guard?: { readonly guard?: Guard };
  /** What limits may be compared with; absent: nothing was measured before. */
  readonly from?: Progress;
}

/** Whatever the plan names, without lock and ledger. */
export function carryOut({
  terminal,
  loop,
  here,
  views,
  cache,
  guard,
  from = EMPTY,
}: AdHoc): Promise<CarouselEnd> {
  const { plan, folder, paths } = loop;
  const logs = paths.cycles;
  const { machine } = here;
  const asked = { run: basename(logs), version: terminal.version, failOn: plan.failOn };
  const request = { ...asked, ...(machine && { machine }) };
  const { stateDir } = paths;
  const surroundings = { folder, stateDir, cycles: logs, node: process.execPath, bin: terminal.bin };
  const { redact } = here;
  const world = { ...here.world, ...(cache && { cache }), ...guard };
  const parts = { plan, request, world, paths, surroundings, views, redact };
  return runCarousel({ ...carouselParts(parts, unrecorded(here.world.disk, logs)), progress: from });
}

export function withLogsIn(loop: Loop, logs: string): Loop {
  return {
    ...loop,
    plan: { ...loop.plan, state: { ...loop.plan.state, cycles: logs } },
    paths: { ...loop.paths, cycles: logs },
  };
}
