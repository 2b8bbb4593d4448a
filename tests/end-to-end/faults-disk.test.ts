// A continuous run whose disk runs full, or turns read-only, while it goes on: real small disks in mount namespaces of their own.

import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { smallDisk, type SmallDisk } from './kills/disk.ts';
import { changedFiles, eventsIn, faultsOf, ledgerFiles, type Files, type Line } from './kills/ledger.ts';
import { marked, type Over } from './kills/start.ts';
import { folderWith, loop, until, type Folder } from './rig.ts';

/** Behind the fault, until the run is over. */
const LONGEST_HANG_MS = 5000;
const NAP = 'loop: { sleep: 10ms, backoff: { from: 10ms, max: 20ms } }';

function goingOn(gates: string, cycles: number): Folder {
  return folderWith(loop(gates, `${NAP}\nexit: { budget: { cycles: ${cycles} } }`));
}

const WORK = `says: { run: 'seq 300' }
then: { run: 'sleep 0.01; echo done', needs: [says] }`;

/** From each fault to the end of its run. */
const hangsMs: number[] = [];

afterAll(() => {
  const longest = Math.round(Math.max(0, ...hangsMs));
  console.log(`figure: ${hangsMs.length} faults in the middle of a run, each over within ${longest} ms`);
});

describe('a disk that runs full in the middle of a continuous run', () => {
  test('[G13] by the run itself: exit 8 with the reason, and with room again the next start carries on to a good end', async () => {
    const cycles = 60;
    const folder = goingOn(WORK, cycles);
    const disk = await smallDisk(folder, 'size=384k');
    if (!disk) return;
    const over = await disk.run('--continuous', '--set', 'state.keep.cycles=1000');
    const full = endedByStorage(folder, disk, over);
    endsSoon(hangOf(full, over));
    disk.inside('mount -o remount,size=8m .gate-run');
    await carriedOn({ folder, disk, cut: full, cycles }, '--set', 'state.keep.cycles=1000');
  });

  test('[G13] by somebody else, at four moments: each time 8 within seconds, and each time it goes on where it was', async () => {
    const cycles = 40;
    const folder = goingOn(WORK, cycles);
    const disk = await smallDisk(folder, 'size=1m');
    if (!disk) return;
    let cut: Files = new Map();
    for (const napMs of [0, 7, 23, 61]) {
      const { over } = disk.begin('--continuous');
      await until('a cycle of this start has ended', () => endsIn(ledgerFiles(disk.state)) > endsIn(cut));
      await new Promise((resolve) => setTimeout(resolve, napMs));
      const from = performance.now();
      disk.inside('head -c 20000000 /dev/zero > .gate-run/file');
      const end = await over;
      endsSoon(performance.now() - from);
      cut = endedByStorage(folder, disk, end, cut);
      disk.inside('rm .gate-run/file');
    }
    await carriedOn({ folder, disk, cut, cycles });
  });

  test('[G13][G19] only where the logs lie: the ledger says so itself, and nothing that ran there is green', async () => {
    const cycles = 30;
    const folder = goingOn(`${WORK}\nfills: { run: 'test ! -e fill || seq 200000', needs: [then] }`, cycles);
    const disk = await smallDisk(folder, 'size=4m');
    if (!disk) return;
    disk.inside('mkdir -p .gate-run/cycles && mount -t tmpfs -o size=256k tmpfs .gate-run/cycles');
    const { over } = disk.begin('--continuous');
    await until('a cycle has ended', () => endsIn(ledgerFiles(disk.state)) > 0);
    folder.write('fill', '');
    const from = performance.now();
    const end = await over;
    endsSoon(performance.now() - from);
    const full = endedByStorage(folder, disk, end);
    disk.inside('rm -f fill .gate-run/cycles/*/*.log; mount -o remount,size=4m .gate-run/cycles');
    await carriedOn({ folder, disk, cut: full, cycles });
  });
});

describe('a state directory that turns read-only', () => {
  test('[G13] the folder of the cycles, in the middle of a run: 8, said in the ledger, and it goes on afterwards', async () => {
    const cycles = 20;
    const folder = goingOn(WORK, cycles);
    const disk = await smallDisk(folder, 'size=4m');
    if (!disk) return;
    const { over } = disk.begin('--continuous');
    await until('a cycle has ended', () => endsIn(ledgerFiles(disk.state)) > 0);
    const from = performance.now();
    disk.inside('mount -t tmpfs -o ro,size=64k tmpfs .gate-run/cycles');
    const end = await over;
    endsSoon(performance.now() - from);
    disk.inside('umount .gate-run/cycles');
    await carriedOn({ folder, disk, cut: endedByStorage(folder, disk, end), cycles });
  });

  test('[G13] between two starts: 8, nothing is started, and what was stopped is carried on once it can be written again', async () => {
    const cycles = 12;
    const folder = goingOn(WORK, cycles);
    const disk = await smallDisk(folder, 'size=4m');
    if (!disk) return;
    const { over, child } = disk.begin('--continuous');
    await until('a cycle has ended', () => endsIn(ledgerFiles(disk.state)) > 0);
    child.kill('SIGTERM');
    expect((await over).code).toBe(6);
    const before = ledgerFiles(disk.state);
    disk.inside('mount -o remount,ro .gate-run');
    const refused = await disk.run('--continuous');
    expect(refused.code, refused.out).toBe(8);
    expect(refused.out).toContain('read-only');
    expect(ledgerFiles(disk.state)).toEqual(before);
    disk.inside('mount -o remount,rw .gate-run');
    await carriedOn({ folder, disk, cut: before, cycles });
  });
});

/** Said with its code and in words, nothing recorded is lost, nothing is green without proof, nothing is left running. */
function endedByStorage(
  folder: Folder,
  disk: SmallDisk,
  { code, out }: Over,
  before: Files = new Map(),
): Files {
  expect(code, out).toBe(8);
  expect(out).toMatch(/disk is full|read-only|could not be written|ENOSPC|EROFS/);
  const files = ledgerFiles(disk.state);
  expect(changedFiles(before, files), out).toEqual([]);
  expect(faultsOf(files, false), out).toEqual([]);
  expect(falseGreens(eventsIn(files)), out).toEqual([]);
  // Room was kept free for it.
  expect(['storage.failed', 'run.ended'], out).toContain(eventsIn(files).at(-1)?.type);
  expect(marked(`GATE_STATE=${join(folder.path, '.gate-run')}`), out).toEqual([]);
  return files;
}

interface Carried {
  readonly folder: Folder;
  readonly disk: SmallDisk;
  readonly cut: Files;
  readonly cycles: number;
}

async function carriedOn({ folder, disk, cut, cycles }: Carried, ...flags: readonly string[]): Promise<void> {
  const { code, out } = await disk.run('--continuous', ...flags);
  expect(code, out).toBe(0);
  const after = ledgerFiles(disk.state);
  expect(changedFiles(cut, after)).toEqual([]);
  expect(faultsOf(after, true)).toEqual([]);
  const events = eventsIn(after);
  expect(falseGreens(events)).toEqual([]);
  const ended = eventsIn(cut).findLast(({ type }) => type === 'run.ended');
  const isOver = ended !== undefined && ended.reason !== 'stopped';
  // A run that could still write down its end has one; any other keeps its name and its budget.
  const runs = new Set(events.map(({ run }) => run));
  expect(runs.size === 1 || isOver, [...runs].join(' ')).toBe(true);
  const last = events.at(-1);
  expect(last).toMatchObject({ type: 'run.ended', reason: 'budget' });
  const counted = events.filter(
    ({ type, turn, run, verdict }) =>
      type === 'cycle.ended' && turn === 'cycle' && run === last?.run && isCounted(verdict),
  );
  expect(counted.length).toBe(cycles);
  expect(marked(`GATE_STATE=${join(folder.path, '.gate-run')}`)).toEqual([]);
}

function isCounted(verdict: string | undefined): boolean {
  return verdict === 'passed' || verdict === 'failed' || verdict === 'broken';
}

/** Cycles that passed although a task of theirs has no record of passing; where its file is gone, the history alone speaks. */
function falseGreens(events: readonly Line[]): readonly string[] {
  const passed = new Set<string>();
  let cycle = 0;
  for (const event of events) {
    if (event.type === 'cycle.started') cycle = event.cycle ?? 0;
    if (event.type === 'task.judged' && event.verdict === 'passed') passed.add(`${cycle} ${event.task}`);
  }
  return events
    .filter(({ type, verdict }) => type === 'cycle.ended' && verdict === 'passed')
    .flatMap((ended) => (ended.tasks ?? []).map(({ id }) => `${ended.cycle} ${id}`))
    .filter((one) => !passed.has(one));
}

function endsIn(files: Files): number {
  return eventsIn(files).filter(({ type }) => type === 'cycle.ended').length;
}

function endsSoon(ms: number): void {
  hangsMs.push(ms);
  expect(ms).toBeLessThan(LONGEST_HANG_MS);
}

/** Between the last thing that could be written down and the end of the process. */
function hangOf(files: Files, { endedAt }: Over): number {
  return endedAt - Date.parse(String(eventsIn(files).at(-1)?.['at']));
}
