// `gate-run [run]`: one cycle of the loop, under its lock. Named tasks go to ad-hoc.ts.

import { EXIT } from '../core/loop/run-end.ts';
import { run as runEngine } from '../engine/run.ts';
import type { CarouselEnd } from '../engine/carousel.ts';
import { realDisk } from '../system/files.ts';
import { takeLock, type Lock } from '../system/lock.ts';
import { endLeftBehind } from '../system/strays.ts';
import type { Arguments } from './args.ts';
import { loadLoop, type Loop } from './load.ts';
import { openViews, type Views } from './open-views.ts';
import { sayFailure, sayLocked, sayProblems } from './say.ts';
import type { Terminal } from './terminal.ts';
import { openWorld } from './world.ts';

export async function run(args: Arguments, terminal: Terminal): Promise<number> {
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  if (args.flags.tasks.length > 0) return (await import('./ad-hoc.ts')).adHoc({ args, terminal, loop });
  const { stateDir, cycles } = loop.paths;
  const lock = takeLock(stateDir, terminal.version);
  if ('failed' in lock) return sayFailure(terminal, lock, loop);
  if ('heldBy' in lock) return sayLocked(terminal, lock, args.lockedOk);
  try {
    const failure = realDisk().makeFolder(cycles);
    return failure ? sayFailure(terminal, failure, loop) : await underLock({ args, terminal, loop, lock });
  } finally {
    lock.release();
  }
}

interface Start {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly lock: Lock;
}

async function underLock({ args, terminal, loop, lock }: Start): Promise<number> {
  const { plan, folder, paths } = loop;
  const here = openWorld(plan, folder, terminal.env);
  const views = await openViews({ args, terminal, loop, here, keepsState: true });
  try {
    const end = await runEngine({
      plan,
      request: { run: lock.run, version: terminal.version, cycles: 1, failOn: plan.failOn },
      world: here.world,
      paths,
      surroundings: {
        folder,
        stateDir: paths.stateDir,
        cycles: paths.cycles,
        node: process.execPath,
        bin: terminal.bin,
      },
      views: views.all,
      foundRun: endLeftBehind,
    });
    if (!('progress' in end)) return sayFailure(terminal, end, loop);
    await closeViews(views, end, terminal);
    if (end.failure) return sayFailure(terminal, end.failure, loop);
    return end.progress.run?.ended?.exit ?? EXIT.bug;
  } finally {
    views.close();
    here.close();
  }
}

/** On every path, one after another, each on its own: a report that fails takes no other one with it. */
export async function closeViews(
  { all }: Views,
  { progress }: CarouselEnd,
  terminal: Terminal,
): Promise<void> {
  for (const view of all) {
    try {
      await view.close(progress);
    } catch (error) {
      terminal.err.write(`gate-run: a report could not be written: ${String(error)}\n`);
    }
  }
}
