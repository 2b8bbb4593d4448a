// A restore that meets what it did not expect: people's folders, names that will not move, a full disk, its own end in the middle.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smallDisk } from './kills/disk.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const QUICK = loop('a: { run: "echo said $GATE_CYCLE" }', 'loop: { sleep: 0s }');

async function backedUp(folder: Folder, cycles: number): Promise<string> {
  expect((await gateRun(folder, ['--iterations', String(cycles)])).code).toBe(0);
  const file = join(folder.path, 'kept.tar.gz');
  expect((await gateRun(folder, ['backup', file])).code).toBe(0);
  return file;
}

const verified = async (folder: Folder): Promise<string> => {
  const { code, stdout, stderr } = await gateRun(folder, ['verify']);
  expect(code, stderr).toBe(0);
  return stdout;
};

test('[G20] folders of people beside the ledger and the archives stay, whatever they are called', async () => {
  const places = 'state: { history: ledger/run.jsonl, archive: { after: 1d, to: packed } }';
  const folder = folderWith({ ...loop('a: { run: "true" }', places), 'text.txt': 'no backup\n' });
  await gateRun(folder);
  for (const home of ['ledger', 'packed', '.gate-run', '.gate-run/cycles'])
    folder.write(`${home}/restoring/notes.txt`, 'mine');
  expect((await gateRun(folder, ['restore', 'text.txt'])).code).toBe(8);
  expect((await gateRun(folder, ['backup', 'kept.tar.gz'])).code).toBe(0);
  expect((await gateRun(folder, ['restore', 'kept.tar.gz'])).code).toBe(0);
  for (const home of ['ledger', 'packed', '.gate-run', '.gate-run/cycles'])
    expect(folder.read(`${home}/restoring/notes.txt`)).toBe('mine');
});

test('[G20] cut off in the middle it says so wherever one looks, and the same command ends it', async () => {
  const folder = folderWith(QUICK);
  const file = await backedUp(folder, 3);
  expect((await gateRun(folder, ['--iterations', '2'])).code).toBe(0);
  // As a kill behind the first renames leaves it.
  const said = { backup: file, old: '20260210-063000-abcdef', step: 'aside' };
  folder.write('.gate-run/history.jsonl.restoring', `${JSON.stringify(said)}\n`);
  const aside = join(folder.path, '.gate-run/aside-20260210-063000-abcdef');
  spawnSync('sh', ['-c', `mkdir -p ${aside}/cycles && mv .gate-run/cycles/000001 ${aside}/cycles`], {
    cwd: folder.path,
  });
  for (const words of [
    ['verify'],
    ['status'],
    [],
    ['--continuous'],
    ['history'],
    ['backup', 'other.tar.gz'],
  ]) {
    const told = await gateRun(folder, words);
    expect(told.code, words.join(' ')).toBe(8);
    expect(told.stderr).toContain('a restore is under way here, or was cut off');
    expect(told.stderr).toContain(`restore again: gate-run restore ${file}`);
  }
  const again = await gateRun(folder, ['restore', file]);
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(again.stdout).toContain(`the state that was here is in ${aside}`);
  expect(await verified(folder)).toContain('3 turns\n');
  const old = await gateRun(folder, ['verify', '--set', `state.dir=${aside}`]);
  expect(old.stdout).toContain('5 turns\n');
  // And once more, although the state here has a line more than the backup: it says only that it was restored.
  expect((await gateRun(folder, ['restore', file])).code).toBe(0);
});

test('[G20] a state that a restore was cut off in is given up for a new one by --clean-state', async () => {
  const folder = folderWith(QUICK);
  await backedUp(folder, 2);
  folder.write('.gate-run/history.jsonl.restoring', 'torn');
  expect((await gateRun(folder)).stderr).toContain('restore again: gate-run restore FILE');
  expect((await gateRun(folder, ['--clean-state'])).code).toBe(0);
  expect(await verified(folder)).toContain('one turn\n');
});

test('[G20] a ledger that cannot be read gives way to --force, whole as it is', async () => {
  const folder = folderWith(QUICK);
  const file = await backedUp(folder, 2);
  const history = join(folder.path, '.gate-run/history.jsonl');
  rmSync(history);
  expect(spawnSync('mkfifo', [history]).status).toBe(0);
  const refused = await gateRun(folder, ['restore', file]);
  expect(refused.code).toBe(8);
  const forced = await gateRun(folder, ['restore', file, '--force']);
  expect(forced, forced.stderr).toMatchObject({ code: 0 });
  expect(await verified(folder)).toContain('2 turns\n');
});

test('[G20] a full disk is told as that, with what was written, and not as a backup that is wrong', async () => {
  const folder = folderWith(loop('a: { run: "head -c 600000 /dev/urandom" }'));
  const disk = await smallDisk(folder, 'size=1m');
  if (!disk) return;
  await disk.run();
  expect((await disk.run('backup', 'kept.tar.gz')).code).toBe(0);
  const restored = await disk.run('restore', 'kept.tar.gz');
  expect(restored.code).toBe(8);
  expect(restored.out).toMatch(/could not be unpacked here: ENOSPC \(write .*check\.a\.1\.log\)/);
  expect(restored.out).not.toContain('no whole backup');
  expect((await disk.run('verify')).code).toBe(0);
  expect(disk.inside('ls -A .gate-run')).not.toContain('restoring');
});

test('[G20] kill -9 while many folders change places leaves a state that can be used, or one that says what to do', async () => {
  const folder = folderWith(loop('a: { run: "true" }', 'loop: { sleep: 0s }'));
  const file = await backedUp(folder, 150);
  let told = 0;
  for (let kill = 0; kill < 4; kill += 1) {
    const restoring = begin(folder, ['restore', file, '--force']);
    const mark = join(folder.path, '.gate-run/history.jsonl.restoring');
    const done = restoring.ended.then(() => true);
    let isOver = false;
    void done.then(() => (isOver = true));
    await until('it moves files, or is over', () => existsSync(mark) || isOver);
    restoring.child.kill('SIGKILL');
    await restoring.ended;
    const look = await gateRun(folder, ['verify']);
    if (look.code !== 0) {
      told += 1;
      expect(look.stderr).toContain('a restore is under way here, or was cut off');
    } else expect(look.stdout).toMatch(/150 turns\n/);
  }
  console.log(`figure: ${told} of 4 kills met a restore that moves files`);
  expect((await gateRun(folder, ['restore', file])).code).toBe(0);
  expect(await verified(folder)).toContain('150 turns\n');
  const left = readdirSync(join(folder.path, '.gate-run')).filter((name) => name.includes('restoring'));
  expect(left).toEqual([]);
});
