// `gate-run champion`: shows the best cycle so far, tells all that were, and makes an earlier one the best again.

import { championFolder } from '../core/plan/champion-names.ts';
import { whyNotComparable } from '../core/loop/crown.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { ChampionRows, championShow } from '../core/summary/champion.ts';
import { appendAside } from '../engine/append.ts';
import { factsOfRecord, point } from '../engine/champion.ts';
import { damageOf, foundRecord } from '../engine/champion-found.ts';
import { walkHistory } from '../engine/walk-history.ts';
import { realClock } from '../system/clock.ts';
import { sumOfBytes } from '../system/digest.ts';
import { realDisk } from '../system/files.ts';
import { takeLock } from '../system/lock.ts';
import { championRows, showText } from '../views/champion.ts';
import type { Arguments } from './args.ts';
import { loadLoop, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { sayFailure, sayLocked, sayProblems } from './say.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';
import type { Terminal } from './terminal.ts';

const WORDS = 'show, history, restore N, robustness';

export async function champion(
  args: Arguments,
  terminal: Terminal,
  request: CommandRequest,
): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { batches: 'value' });
  if (problem !== undefined) return refuse(request, 'champion', problem);
  const [word = 'show', ...more] = rest;
  if (flags.batches !== undefined && word !== 'robustness')
    return refuse(request, 'champion', '`--batches` belongs to `robustness`');
  if (word === 'restore') return restore(args, { terminal, request, words: more });
  if (more.length > 0) return refuse(request, 'champion', `\`${word}\` takes no further words`);
  if (word === 'robustness') {
    const { robustness } = await import('./robustness.ts');
    return robustness(args, { terminal, request, batches: flags.batches });
  }
  if (word !== 'show' && word !== 'history')
    return refuse(request, 'champion', `\`${word}\` is none of ${WORDS}`);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  return word === 'show' ? show(request, state) : history(request, state);
}

function placeOf(stateDir: string): Parameters<typeof foundRecord>[0] {
  return { disk: realDisk(), stateDir, digest: sumOfBytes };
}

function show(request: CommandRequest, { plan, progress, paths: { stateDir } }: State): number {
  const { champion: best } = progress;
  const answer = championShow({
    plan,
    progress,
    folder: (cycle) => championFolder(stateDir, cycle),
    damage: best && damageOf(placeOf(stateDir), best.cycle, best.sum),
    exit: EXIT.passed,
  });
  request.write(request.json ? `${JSON.stringify(answer, null, 2)}\n` : showText(answer, request.color));
  return EXIT.passed;
}

function history(request: CommandRequest, { paths }: State): number {
  const { rows } = rowsOf(paths);
  request.write(request.json ? `${JSON.stringify(rows, null, 2)}\n` : championRows(rows, request.color));
  return EXIT.passed;
}

function rowsOf({ stateDir, history: file }: Pick<State['paths'], 'stateDir' | 'history'>): ChampionRows {
  const rows = new ChampionRows(
    (cycle) => realDisk().look(championFolder(stateDir, cycle))?.kind === 'folder',
  );
  walkHistory(realDisk(), file, (event) => rows.see(event));
  return rows;
}

interface Restoring {
  readonly terminal: Terminal;
  readonly request: CommandRequest;
  readonly words: readonly string[];
}

async function restore(args: Arguments, { terminal, request, words }: Restoring): Promise<number> {
  const cycle = words.length === 1 ? countOf(words[0] ?? '') : undefined;
  if (cycle === undefined)
    return refuse(request, 'champion', '`restore` takes the number of a cycle that `champion history` shows');
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { stateDir, history: file, stopFile } = loop.paths;
  const lock = takeLock({ stateDir, history: file, version: terminal.version, stopFile });
  if ('failed' in lock) return sayFailure(terminal, lock, loop);
  if ('heldBy' in lock) return sayLocked(terminal, lock, args.lockedOk);
  try {
    return await underLock(request, { loop, terminal, cycle, run: lock.run });
  } finally {
    lock.release();
  }
}

interface Locked {
  readonly loop: Loop;
  readonly terminal: Terminal;
  readonly cycle: number;
  readonly run: string;
}

async function underLock(request: CommandRequest, { loop, terminal, cycle, run }: Locked): Promise<number> {
  const { plan, paths } = loop;
  const { objective } = plan;
  const sum = rowsOf(paths).sumOf(cycle);
  if (!objective || sum === undefined) {
    const why = objective ? `cycle ${cycle} was never crowned` : 'the config has no `objective`';
    return refuse(request, 'champion', `${why}; \`gate-run champion history\` tells who was`);
  }
  const place = placeOf(paths.stateDir);
  const record = foundRecord(place, cycle, sum);
  const damage = 'damaged' in record ? record.damaged : damageOf(place, cycle, sum);
  if ('damaged' in record || damage !== undefined) {
    request.writeError(`gate-run champion: it cannot be restored: ${damage}\n`);
    return EXIT.storage;
  }
  const otherwise = whyNotComparable(objective, record);
  if (otherwise !== undefined) return refuse(request, 'champion', `it cannot be restored: ${otherwise}`);
  const { files } = record;
  const bytes = files.reduce((total, one) => total + one.bytes, 0);
  const where = { disk: realDisk(), clock: realClock(), paths, run };
  const kept = { files: files.length, bytes, sum };
  const event = { type: 'champion.restored', ...factsOfRecord(record), ...kept } as const;
  const progress = await appendAside(where, event);
  if (!('seq' in progress)) return sayFailure(terminal, progress, loop);
  point(realDisk(), paths.stateDir, cycle);
  return show(request, { plan, progress, folder: loop.folder, paths, shown: { history: '', cycles: '' } });
}
