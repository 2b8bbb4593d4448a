// Old cycles in files, and snapshots that a run makes of itself: what is packed is read as before, and goes when its time has come.

import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, gateRun, loop, until, begin, type Folder } from './rig.ts';

const GATES = `says: { run: "seq 1 40; echo cycle $GATE_CYCLE; echo apart >&2" }
silent: { run: "true" }`;
const packing = (keep = ''): Readonly<Record<string, string>> =>
  loop(GATES, `loop: { sleep: 0s }\nstate: { archive: { after: 1ms, to: packed }${keep} }`);

/** As folder or as file, each once. */
const kept = (folder: Folder): readonly string[] => [
  ...folder.list('packed').map((name) => name.replace('.tar.gz', '')),
  ...folder.list('.gate-run/cycles'),
];

const verified = async (folder: Folder): Promise<string> => {
  const { code, stdout, stderr } = await gateRun(folder, ['verify']);
  expect(code, stderr).toBe(0);
  return stdout;
};

describe('cycles that are packed', () => {
  test('are one file each, and `logs` and `verify` answer as before', async () => {
    const folder = folderWith(packing());
    expect((await gateRun(folder, ['--iterations', '6'])).code).toBe(0);
    const before = await gateRun(folder, ['logs', '6', 'says']);
    // A start believes its clock as far as the turn before it goes, so the newest of then may wait for the next one.
    for (let start = 0; start < 2; start += 1) expect((await gateRun(folder)).code).toBe(0);
    expect(kept(folder)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((cycle) => `00000${cycle}`));
    expect(folder.list('packed').length).toBeGreaterThanOrEqual(6);
    const after = await gateRun(folder, ['logs', '6', 'says']);
    expect(after).toMatchObject({ code: 0, stdout: before.stdout });
    const tail = await gateRun(folder, ['logs', '2', 'says', '--tail', '3']);
    expect(tail.stdout).toBe('40\ncycle 2\napart\n');
    const list = await gateRun(folder, ['logs', '3']);
    expect(list.stdout).toMatch(
      /✓ says +packed\/000003\.tar\.gz:000003\/check\.says\.1\.log\n✓ silent +no output\n/,
    );
    const json: readonly { readonly bytes: number | null }[] = JSON.parse(
      (await gateRun(folder, ['logs', '3', '--json'])).stdout,
    );
    expect(json[0]?.bytes).toBe(after.stdout.length);
    expect(await verified(folder)).toMatch(/8 turns, [67] without their folder/);
    const unpacked = spawnSync('tar', ['-xzOf', 'packed/000001.tar.gz', '000001/events.jsonl'], {
      cwd: folder.path,
    });
    expect(unpacked.stdout.toString()).toContain('"type":"attempt.ended"');
  });

  test('one that cannot be read says so, with 8; one that is gone is told as before', async () => {
    const folder = folderWith(packing());
    await gateRun(folder, ['--iterations', '3']);
    const file = join(folder.path, 'packed/000001.tar.gz');
    writeFileSync(file, readFileSync(file).subarray(0, 60));
    const spoilt = await gateRun(folder, ['logs', '1', 'says']);
    expect(spoilt.code).toBe(8);
    expect(spoilt.stderr).toContain('ends too early');
    spawnSync('rm', [file]);
    expect((await gateRun(folder, ['logs', '1', 'says'])).stdout).toContain(
      'the logs of this cycle are gone',
    );
  });

  test('go by number, age and size as folders do', async () => {
    const byNumber = folderWith(packing(', keep: { cycles: 3 }'));
    await gateRun(byNumber, ['--iterations', '8']);
    for (let start = 0; start < 2; start += 1) await gateRun(byNumber);
    expect(kept(byNumber)).toEqual(['000008', '000009', '000010']);
    expect(byNumber.list('packed')).toContain('000008.tar.gz');
    const byAge = folderWith(packing());
    await gateRun(byAge, ['--iterations', '4']);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    for (let start = 0; start < 2; start += 1) await gateRun(byAge, ['--set', 'state.keep.age=1s']);
    expect(kept(byAge).filter((name) => name <= '000004')).toEqual([]);
    const bySize = folderWith(packing());
    await gateRun(bySize, ['--iterations', '4']);
    await gateRun(bySize, ['--set', 'state.keep.size=3k']);
    expect(bySize.list('packed').length).toBeLessThan(4);
    expect(await verified(bySize)).toContain('is whole');
  });

  test('are in a backup, and come back as they were', async () => {
    const folder = folderWith(packing());
    await gateRun(folder, ['--iterations', '3']);
    await gateRun(folder, ['backup', 'kept.tar.gz']);
    const copy = folderWith(packing());
    expect((await gateRun(copy, ['restore', join(folder.path, 'kept.tar.gz')])).code).toBe(0);
    expect((await gateRun(copy, ['logs', '1', 'says'])).stdout).toContain('cycle 1\n');
  });

  test('where they cannot be written the folders stay, the run goes on, and the ledger says why', async () => {
    const folder = folderWith({ ...packing(), packed: 'a file stands here' });
    expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(0);
    expect(folder.list('.gate-run/cycles')).toEqual(['000001', '000002', '000003']);
    expect(folder.read('.gate-run/history.jsonl')).toContain(
      'the folder 000001 of an old cycle was not packed',
    );
  });

  test('a kill in the middle leaves the folder or its file, and the next start ends it', async () => {
    const folder = folderWith(packing());
    const run = begin(folder, ['--iterations', '500']);
    await until('something was packed', () => folder.has('packed/000004.tar.gz'));
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await verified(folder)).toContain('is whole');
    await gateRun(folder);
    await gateRun(folder);
    expect(folder.list('packed').filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await gateRun(folder, ['logs', '2', 'says'])).stdout).toContain('cycle 2\n');
    expect(await verified(folder)).toContain('is whole');
  });
});

describe('an archive of before', () => {
  test('[G11] behind the end of a run a stop is still heard: what is packed then stays a folder', async () => {
    const large = { says: `says: { run: 'test $GATE_CYCLE != 1 || head -c 400000000 /dev/urandom' }` };
    const top = 'loop: { sleep: 0s }\nstate: { archive: { after: 1ms, to: packed } }';
    const folder = folderWith(loop(large.says, top));
    const run = begin(folder, ['--iterations', '2']);
    await until(
      'the run has its end',
      () =>
        folder.has('.gate-run/history.jsonl') &&
        folder.read('.gate-run/history.jsonl').includes('"run.ended"'),
    );
    expect(run.child.exitCode).toBeNull();
    const from = performance.now();
    run.child.kill('SIGTERM');
    expect((await run.ended).code).toBe(0);
    expect(performance.now() - from).toBeLessThan(4000);
    expect(folder.list('.gate-run/cycles')).toEqual(['000001', '000002']);
    expect(folder.list('packed')).toEqual([]);
    expect(await verified(folder)).toContain('whole');
  });

  test('goes when its time has come, also where nothing is packed any more', async () => {
    const folder = folderWith(loop(GATES, 'loop: { sleep: 0s }\nstate: { archive: { after: 1ms } }'));
    expect((await gateRun(folder, ['--iterations', '4'])).code).toBe(0);
    expect((await gateRun(folder)).code).toBe(0);
    expect(folder.list('.gate-run/archives').length).toBeGreaterThan(2);
    folder.write(
      'loop.config.yaml',
      loop(GATES, 'loop: { sleep: 0s }\nstate: { keep: { cycles: 2 } }')['loop.config.yaml'] ?? '',
    );
    expect((await gateRun(folder)).code).toBe(0);
    expect(folder.list('.gate-run/archives').filter((name) => name < '000005')).toEqual([]);
  });

  test('a tail of a log with long lines is as long as of one that is a file', async () => {
    const folder = folderWith({ ...packing(), data: 'é'.repeat(5_000_000) });
    folder.write(
      'loop.config.yaml',
      folder.read('loop.config.yaml').replace('seq 1 40; echo cycle $GATE_CYCLE; echo apart >&2', 'cat data'),
    );
    expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(0);
    const tail = await gateRun(folder, ['logs', '1', 'says', '--tail', '2']);
    expect(folder.list('packed')).toContain('000001.tar.gz');
    expect(tail.stdout).toBe(`[gate-run: the beginning of this line is not shown] …${'é'.repeat(4096)}`);
    expect(tail.ms).toBeLessThan(10_000);
  });
});

describe('what fails behind the last cycle', () => {
  test('under cron, too, is told: the ledger takes nothing any more then, so on stderr', async () => {
    const top =
      'loop: { sleep: 0s }\nstate: { snapshots: { every: 1, keep: 1 }, archive: { after: 1ms, to: packed } }';
    const folder = folderWith({ ...loop(GATES, top), '.gate-run/x': '' });
    // A folder that is there and takes no file, which only the packing itself finds out.
    symlinkSync('/proc', join(folder.path, '.gate-run/snapshots'));
    symlinkSync('/proc', join(folder.path, 'packed'));
    const starts = [await gateRun(folder), await gateRun(folder), await gateRun(folder)];
    expect(starts.map(({ code }) => code)).toEqual([0, 0, 0]);
    const told = `${starts.map(({ stderr }) => stderr).join('')}${folder.read('.gate-run/history.jsonl')}`;
    for (const cycle of [1, 2, 3]) expect(told).toContain(`there is no snapshot of cycle ${cycle}: write`);
    expect(told).toContain('of an old cycle was not packed');
    // Whatever stands on stderr was too late for the ledger.
    for (const { stderr } of starts)
      expect(stderr).toMatch(/^(?:gate-run: there is no .*\n|gate-run: the folder .*\n)*$/);
  });
});

describe('what no archive could give back', () => {
  test.each([
    ['a link', 'ln -sf /etc/passwd $GATE_CYCLE_DIR/x'],
    ['a name that is not UTF-8', `touch \\"$GATE_CYCLE_DIR/x$(printf '\\\\377')\\"`],
  ])('%s keeps the folder as it is, and the ledger says why', async (_, deed) => {
    const folder = folderWith(
      loop(`a: { run: "${deed}" }`, 'loop: { sleep: 0s }\nstate: { archive: { after: 1ms, to: packed } }'),
    );
    expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(0);
    expect(folder.list('.gate-run/cycles/000001').length).toBe(2);
    expect(folder.has('packed') ? folder.list('packed') : []).toEqual([]);
    expect(folder.read('.gate-run/history.jsonl')).toMatch(
      /000001 of an old cycle was not packed: .*it holds links/,
    );
  });

  test('modes of files stay, and files of others beside the archives do too', async () => {
    const folder = folderWith({
      ...loop(
        'a: { run: "echo x > $GATE_CYCLE_DIR/x; chmod 750 $GATE_CYCLE_DIR/x" }',
        'loop: { sleep: 0s }\nstate: { archive: { after: 1ms, to: packed } }',
      ),
      'packed/.x.123.tmp': 'mine',
    });
    for (let start = 0; start < 3; start += 1)
      expect((await gateRun(folder, ['--iterations', '2'])).code).toBe(0);
    expect(folder.read('packed/.x.123.tmp')).toBe('mine');
    const listed = spawnSync('tar', ['-tvzf', 'packed/000001.tar.gz', '000001/x'], { cwd: folder.path });
    expect(listed.stdout.toString()).toMatch(/^-rwxr-x---/);
  });
});

describe('snapshots', () => {
  const SNAPPING = loop(GATES, 'loop: { sleep: 0s }\nstate: { snapshots: { every: 2, keep: 2 } }');

  test('are made every so many cycles, the newest stay, and each restores', async () => {
    const folder = folderWith(SNAPPING);
    for (let start = 0; start < 7; start += 1) expect((await gateRun(folder)).code).toBe(0);
    const names = folder.list('.gate-run/snapshots');
    expect(names.map((name) => name.slice(15))).toEqual(['-000004.tar.gz', '-000006.tar.gz']);
    const restored = await gateRun(folder, ['restore', `.gate-run/snapshots/${names[0]}`, '--force']);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(await verified(folder)).toContain('4 turns, 4 without their folder');
    // They stay where they are: one that was the wrong one must not take the others with it.
    expect(folder.list('.gate-run/snapshots')).toEqual(names);
    expect((await gateRun(folder)).stdout).toContain('cycle 5 passed');
  });

  test('a clock that was set ahead takes the newest one of them not away, nor files of others', async () => {
    const folder = folderWith({
      ...SNAPPING,
      '.gate-run/snapshots/20990101-000000-000099.tar.gz': 'ahead',
      '.gate-run/snapshots/20990101-000000-000100.tar.gz': 'ahead',
      '.gate-run/snapshots/0-mine.tar.gz': 'mine',
    });
    for (let start = 0; start < 2; start += 1) expect((await gateRun(folder)).code).toBe(0);
    const names = folder
      .list('.gate-run/snapshots')
      .map((name) => name.replace(/^(?!2099)\d{8}-\d{6}/, 'now'));
    expect(names.toSorted()).toEqual(['0-mine.tar.gz', '20990101-000000-000100.tar.gz', 'now-000002.tar.gz']);
  });

  test('one that cannot be made is noted, and the run goes on', async () => {
    const folder = folderWith({ ...SNAPPING, '.gate-run/snapshots': 'a file stands here' });
    expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(0);
    expect(folder.read('.gate-run/history.jsonl')).toContain('there is no snapshot of cycle 2');
  });

  test('`snapshots` without `every` is a problem with its mend', async () => {
    const folder = folderWith(loop(GATES, 'state: { snapshots: { keep: 2 } }'));
    const checked = await gateRun(folder, ['check']);
    expect(checked.code).toBe(2);
    expect(checked.stderr).toContain('`snapshots` without `every`');
  });
});
