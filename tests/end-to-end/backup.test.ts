// Backups that are taken while a run is writing, and what comes back out of them. PROVE_BACKUPS says how many.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { pack, unpack } from '../../src/system/tar.ts';
import { smallDisk } from './kills/disk.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const BACKUPS = Number(process.env['PROVE_BACKUPS'] ?? 4);
/** A run of these stories may last 50 seconds. */
const A_ROUND = 10;
const LONG_MS = 1_800_000;

/** Turns of a few milliseconds, with failures, questions and retries; old folders go all the time. */
const BUSY = loop(
  `says: { run: "seq 50; test $((GATE_CYCLE % 3)) -ne 0" }
tries: { run: "test $((GATE_CYCLE % 4)) -ne 0 -o $GATE_ATTEMPT -gt 1", retry: { limit: 1 }, mode: soft }
then: { run: "sleep 0.01; echo then", needs: [says] }`,
  'loop: { sleep: 0s, backoff: { from: 1ms, max: 2ms } }\nexit: { budget: { runtime: 10h }, give-up: { failures-in-a-row: never } }\nstate: { keep: { cycles: 6 } }',
);

const QUICK = loop('a: { run: "echo said $GATE_CYCLE" }', 'loop: { sleep: 0s }');

const history = (folder: Folder): Buffer => readFileSync(join(folder.path, '.gate-run/history.jsonl'));

/** Without the last line of all, which says where the ledger comes from. */
function takenOver(folder: Folder): Buffer {
  const bytes = history(folder);
  return bytes.subarray(0, bytes.lastIndexOf('\n', -2) + 1);
}

async function cycles(folder: Folder, count: number): Promise<void> {
  expect((await gateRun(folder, ['--iterations', String(count)])).code).toBe(0);
}

const backupOf = async (folder: Folder, name = 'kept.tar.gz'): Promise<string> => {
  const made = await gateRun(folder, ['backup', name]);
  expect(made, made.stderr).toMatchObject({ code: 0, stderr: '' });
  return join(folder.path, name);
};

const restore = (folder: Folder, file: string, ...flags: readonly string[]) =>
  gateRun(folder, ['restore', file, ...flags]);

/** Everything in the state folder, but what only locks. */
function filesOf(folder: Folder): readonly string[] {
  const names = readdirSync(join(folder.path, '.gate-run'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => !/^(?:lock\.db|owner\.json)$/.test(name)).toSorted();
}

/** As many backups, one after another, of one run that is carried on from the round before. */
async function taken(folder: Folder, count: number): Promise<readonly string[]> {
  const before = folder.has('.gate-run/history.jsonl') ? history(folder).length : 0;
  const run = begin(folder, ['--continuous']);
  await until(
    'some cycles have ended',
    () => folder.has('.gate-run/history.jsonl') && history(folder).length > before + 5000,
  );
  const files: string[] = [];
  for (let one = 0; one < count; one += 1) files.push(await backupOf(folder, `${before}-${one}.tar.gz`));
  run.child.kill('SIGTERM');
  expect((await run.ended).code).toBe(6);
  return files;
}

/** In a folder of its own; the ledger that came back. */
async function comesBack(file: string): Promise<Buffer> {
  const copy = folderWith(BUSY);
  const restored = await restore(copy, file);
  expect(restored, restored.stderr).toMatchObject({ code: 0, stderr: '' });
  const verified = await gateRun(copy, ['verify']);
  expect(verified, verified.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(filesOf(copy).filter((name) => /restoring|aside|unsettled|reserve|torn/.test(name))).toEqual([]);
  return takenOver(copy);
}

describe('[G20] a backup that is taken while a run is writing', () => {
  let whole = 0;
  let inTurn = 0;
  afterAll(() => {
    console.log(
      `figure: ${whole} of ${BACKUPS} backups taken while a run was writing came back whole and verified, ${inTurn} of them in the middle of a turn`,
    );
  });

  test(
    'restores to a state that verifies, and whose ledger is the beginning of the one it was taken of',
    async () => {
      const folder = folderWith(BUSY);
      for (let done = 0; done < BACKUPS; done += A_ROUND)
        for (const file of await taken(folder, Math.min(A_ROUND, BACKUPS - done))) {
          const ledger = await comesBack(file);
          expect(ledger.length).toBeGreaterThan(1000);
          expect(history(folder).subarray(0, ledger.length).equals(ledger)).toBe(true);
          whole += 1;
          const last = ledger
            .toString()
            .match(/"type":"cycle\.(?:started|ended)"/g)
            ?.at(-1);
          if (last?.includes('started') === true) inTurn += 1;
        }
    },
    LONG_MS,
  );

  test('is not carried on, for the run may live on where it was taken: the next start has a run of its own', async () => {
    const folder = folderWith(BUSY);
    const run = begin(folder, ['--continuous']);
    await until('some cycles have ended', () => folder.has('.gate-run/cycles/000004'));
    const file = await backupOf(folder);
    run.child.kill('SIGTERM');
    await run.ended;
    const copy = folderWith(BUSY);
    await restore(copy, file);
    const status = await gateRun(copy, ['status']);
    expect(status.stdout).toMatch(
      /the backup was taken .*; the next start closes that as interrupted and goes on/,
    );
    const next = await gateRun(copy, ['--continuous', '--iterations', '2']);
    expect([0, 1]).toContain(next.code);
    const lines = history(copy).toString().trim().split('\n');
    const events = lines.map((line): { type: string; run: string; goesOn?: boolean } => JSON.parse(line));
    const restored = events.findIndex(({ type }) => type === 'ledger.restored');
    expect(events.slice(restored + 1).find(({ type }) => type === 'run.resumed')?.goesOn).toBe(false);
    const runs = new Set(events.map((event) => event.run));
    expect(runs.size).toBe(3);
    expect((await gateRun(copy, ['verify'])).code).toBe(0);
  });
});

describe('[G20] restoring', () => {
  test('an older state gives way, a newer one only to --force, and what was there is set aside whole', async () => {
    const folder = folderWith(QUICK);
    await cycles(folder, 2);
    const older = await backupOf(folder, 'older.tar.gz');
    await cycles(folder, 1);
    const newer = await backupOf(folder, 'newer.tar.gz');
    const before = filesOf(folder);
    const bytes = history(folder);
    const refused = await restore(folder, older);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/the state here has event \d+ of cycle 3, which the backup does not have/);
    expect(refused.stderr).toContain('--force');
    expect(filesOf(folder)).toEqual(before);
    expect(history(folder).equals(bytes)).toBe(true);
    const forced = await restore(folder, older, '--force');
    expect(forced, forced.stderr).toMatchObject({ code: 0 });
    const aside = forced.stdout.match(/the state that was here is in (\S+)/)?.[1] ?? '';
    expect(readFileSync(join(aside, 'history.jsonl')).equals(bytes)).toBe(true);
    expect(readdirSync(join(aside, 'cycles'))).toEqual(['000001', '000002', '000003']);
    expect(readdirSync(join(folder.path, '.gate-run/cycles'))).toEqual(['000001', '000002']);
    const looked = await gateRun(folder, ['status', '--set', `state.dir=${aside}`]);
    expect(looked.stdout).toContain('cycle 3 passed');
    // What was restored is marked; that line alone is nothing that could be lost with it.
    expect((await restore(folder, newer)).code).toBe(0);
    expect((await gateRun(folder, ['logs', '3', 'a'])).stdout).toContain('said 3');
  });

  test('a state that is the beginning of the backup needs no force', async () => {
    const folder = folderWith(QUICK);
    await cycles(folder, 1);
    const young = history(folder);
    await cycles(folder, 1);
    const file = await backupOf(folder);
    const copy = folderWith(QUICK);
    copy.write('.gate-run/history.jsonl', young);
    const restored = await restore(copy, file);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(takenOver(copy).equals(history(folder))).toBe(true);
  });

  test('[G20] beside a run that is under way is refused with 7, and changes nothing', async () => {
    const folder = folderWith({ ...QUICK, ...loop('a: { run: "sleep 20" }') });
    const run = begin(folder);
    await until('the task runs', () => folder.has('.gate-run/cycles/000001/events.jsonl'));
    const file = await backupOf(folder);
    const refused = await restore(folder, file, '--force');
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('a run is under way here');
    await gateRun(folder, ['stop', '--now']);
    await run.ended;
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test('a damaged state is set aside only with --force', async () => {
    const folder = folderWith(QUICK);
    await cycles(folder, 2);
    const file = await backupOf(folder);
    const spoilt = history(folder).toString().replace('"cycle":1', '"cycle":9');
    folder.write('.gate-run/history.jsonl', spoilt);
    const refused = await restore(folder, file);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('the ledger is damaged');
    expect((await restore(folder, file, '--force')).code).toBe(0);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test('a questions file outside the state folder is what people write in: it stays', async () => {
    const files = loop('a: { run: "false" }', 'questions: { file: docs/questions.md }');
    const folder = folderWith(files);
    await gateRun(folder);
    const file = await backupOf(folder);
    folder.write('docs/questions.md', 'mine\n');
    expect((await restore(folder, file, '--force')).code).toBe(0);
    expect(folder.read('docs/questions.md')).toBe('mine\n');
    const copy = folderWith(files);
    expect((await restore(copy, file)).code).toBe(0);
    expect(copy.read('docs/questions.md')).toContain('While performing [1.1:a]');
  });

  test('parts that lie in other places come back to them, and files of others there are left alone', async () => {
    const places =
      'state: { dir: state, history: ledger/run.jsonl, logs: logs/run, latest: logs/run/latest.json }';
    const folder = folderWith({
      ...loop('a: { run: "echo said" }', places),
      'state/mine.txt': 'mine',
      'logs/run/mine.txt': 'mine',
    });
    await gateRun(folder);
    const file = await backupOf(folder);
    await gateRun(folder);
    expect((await restore(folder, file, '--force')).code).toBe(0);
    expect(folder.list('logs/run')).toEqual(['000001', 'latest.json', 'mine.txt']);
    expect(folder.list('ledger')).toEqual(['run.jsonl', 'run.jsonl.lock']);
    expect(folder.read('state/mine.txt')).toBe('mine');
    expect((await gateRun(folder, ['verify'])).stdout).toContain('is whole');
    expect((await gateRun(folder, ['logs', '1', 'a'])).stdout).toContain('said');
  });

  test('without a config the state comes to its usual place, with the config of then beside it', async () => {
    const folder = folderWith(QUICK);
    await cycles(folder, 1);
    const file = await backupOf(folder);
    const bare = folderWith();
    const restored = await restore(bare, file);
    expect(restored.code).toBe(0);
    expect(bare.read('.gate-run/config-of-backup/loop.config.yaml')).toBe(folder.read('loop.config.yaml'));
    expect(bare.read('.gate-run/.gitignore')).toBe('*\n');
  });
});

describe('a backup that is none', () => {
  async function kept(): Promise<{
    readonly folder: Folder;
    readonly file: string;
    readonly before: readonly string[];
  }> {
    const folder = folderWith(QUICK);
    await cycles(folder, 2);
    const file = await backupOf(folder);
    return { folder, file, before: filesOf(folder) };
  }

  async function isRefused(
    { folder, file, before }: Awaited<ReturnType<typeof kept>>,
    why: RegExp,
  ): Promise<void> {
    const refused = await restore(folder, file, '--force');
    expect(refused.code).toBe(8);
    expect(refused.stderr).toMatch(why);
    expect(refused.stderr).toContain('nothing was restored');
    expect(filesOf(folder)).toEqual(before);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  }

  /** The same backup with one thing about it changed. */
  async function tampered(
    file: string,
    change: (name: string, bytes: Buffer) => readonly [string, Buffer] | undefined,
  ): Promise<void> {
    const parts: { name: string; bytes: Uint8Array }[] = [];
    await unpack(file, (name) => {
      const chunks: Uint8Array[] = [];
      const end = (): void => {
        const part = change(name, Buffer.concat(chunks));
        if (part) parts.push({ name: part[0], bytes: part[1] });
      };
      return { see: (chunk) => void chunks.push(Buffer.from(chunk)), end };
    });
    rmSync(file);
    await pack({ to: file, groups: [{ parts }] });
  }

  test('[G20] cut short, at any place: 8, and the state is as it was', async () => {
    const one = await kept();
    const { size } = statSync(one.file);
    for (const bytes of [size - 1, Math.floor(size / 2), 5, 0]) {
      truncateSync(one.file, bytes);
      await isRefused(one, /is no whole backup: read .*(ends too early|header|Z_|manifest)/);
    }
  });

  test('[G20] with a byte of a log, a line of the ledger, a file or the manifest changed: 8, with the name', async () => {
    const changes: readonly (readonly [RegExp, Parameters<typeof tampered>[1]])[] = [
      [
        /cycles\/000001\/.*log is not what was written/,
        (name, bytes) => [name, name.endsWith('1/check.a.1.log') ? Buffer.from('other\n') : bytes],
      ],
      [
        /history\.jsonl is not what was written/,
        (name, bytes) => [name, name === 'history.jsonl' ? bytes.subarray(0, -1) : bytes],
      ],
      [
        /events\.jsonl is missing/,
        (name, bytes) => (name.endsWith('2/events.jsonl') ? undefined : [name, bytes]),
      ],
      [/no manifest\.json/, (name, bytes) => (name === 'manifest.json' ? undefined : [name, bytes])],
      [
        /a newer gate-run made it/,
        (name, bytes) => [name, name === 'manifest.json' ? Buffer.from('{"backup":2}') : bytes],
      ],
      [
        /no file of a backup/,
        (name, bytes) => [name.replace('cycles/000001/', 'cycles/000001/../../../'), bytes],
      ],
      [
        /no file of a backup/,
        (name, bytes) => [name.replace('questions.md', 'owner.json').replace('history', '/history'), bytes],
      ],
    ];
    for (const [why, change] of changes) {
      const one = await kept();
      await tampered(one.file, change);
      await isRefused(one, why);
    }
  });

  test('[G20] that agrees with itself, and whose ledger does not: 8', async () => {
    const one = await kept();
    const { createHash } = await import('node:crypto');
    let spoilt = Buffer.alloc(0);
    await tampered(one.file, (name, bytes) => {
      if (name === 'history.jsonl') spoilt = Buffer.from(bytes.toString().replace('"cycle":1', '"cycle":7'));
      if (name !== 'manifest.json') return [name, name === 'history.jsonl' ? spoilt : bytes];
      const said: { files: { name: string; sha256: string }[] } = JSON.parse(bytes.toString());
      for (const part of said.files)
        if (part.name === 'history.jsonl') part.sha256 = createHash('sha256').update(spoilt).digest('hex');
      return [name, Buffer.from(JSON.stringify(said))];
    });
    await isRefused(one, /the ledger is damaged/);
  });

  test('no file, a folder, or something else altogether', async () => {
    const folder = folderWith({ ...QUICK, 'text.txt': 'no backup\n' });
    expect(await restore(folder, 'missing.tar.gz')).toMatchObject({ code: 2 });
    expect(await restore(folder, '.')).toMatchObject({ code: 2 });
    const other = await restore(folder, 'text.txt');
    expect(other).toMatchObject({ code: 8 });
    expect(other.stderr).toContain('is no whole backup');
    expect(await gateRun(folder, ['restore'])).toMatchObject({ code: 2 });
  });
});

describe('taking a backup', () => {
  test('[G20] of a damaged ledger is refused with 8 and the place of the damage; nothing is written', async () => {
    const folder = folderWith(QUICK);
    await cycles(folder, 2);
    const text = folder.read('.gate-run/cycles/000001/events.jsonl');
    folder.write('.gate-run/cycles/000001/events.jsonl', text.replace('"attempt":1', '"attempt":2'));
    const made = await gateRun(folder, ['backup', 'kept.tar.gz']);
    expect(made.code).toBe(8);
    expect(made.stderr).toMatch(/no backup was made\nthe ledger is damaged: .*000001\/events\.jsonl, line 1/);
    expect(folder.list()).toEqual(['.gate-run', 'loop.config.yaml']);
  });

  test('to a place inside the state, by whatever link, to a file that is there, to no folder: 2', async () => {
    const folder = folderWith({ ...QUICK, 'there.tar.gz': 'mine' });
    await cycles(folder, 1);
    symlinkSync('.gate-run/cycles', join(folder.path, 'link'));
    symlinkSync('nowhere', join(folder.path, 'dangling.tar.gz'));
    const whys: readonly (readonly [string, string])[] = [
      ['.gate-run/kept.tar.gz', 'inside the state'],
      ['.gate-run', 'inside the state'],
      ['link/kept.tar.gz', 'inside the state'],
      ['there.tar.gz', 'is there already'],
      ['dangling.tar.gz', 'is there already'],
      ['missing/kept.tar.gz', 'there is no folder'],
    ];
    for (const [target, why] of whys) {
      const made = await gateRun(folder, ['backup', target]);
      expect(made).toMatchObject({ code: 2 });
      expect(made.stderr).toContain(why);
    }
    expect(folder.read('there.tar.gz')).toBe('mine');
  });

  test('of nothing is refused, and of a state without a name to it goes to a name of its time', async () => {
    const folder = folderWith(QUICK);
    expect(await gateRun(folder, ['backup'])).toMatchObject({ code: 2 });
    await cycles(folder, 1);
    const made = await gateRun(folder, ['backup', '--json']);
    const said: { file: string; cycle: number } = JSON.parse(made.stdout);
    expect(said.cycle).toBe(1);
    expect(said.file).toMatch(/\/work\/gate-run-backup-\d{8}-\d{6}\.tar\.gz$/);
    expect(spawnSync('tar', ['-tzf', said.file], { encoding: 'utf8' }).stdout).toContain(
      'cycles/000001/check.a.1.log',
    );
  });

  test('what tasks left in a folder that is no file is left out, and no link leads anywhere', async () => {
    const folder = folderWith(
      loop(
        'a: { run: "ln -s /etc/passwd $GATE_CYCLE_DIR/x; ln -s / $GATE_CYCLE_DIR/y; mkfifo $GATE_CYCLE_DIR/z; mkdir $GATE_CYCLE_DIR/d; echo in > $GATE_CYCLE_DIR/d/e" }',
      ),
    );
    await gateRun(folder);
    const made = await gateRun(folder, ['backup', 'kept.tar.gz']);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('left out: 3');
    const copy = folderWith(
      folder.has('loop.config.yaml') ? { 'loop.config.yaml': folder.read('loop.config.yaml') } : {},
    );
    await restore(copy, join(folder.path, 'kept.tar.gz'));
    expect(copy.list('.gate-run/cycles/000001')).toEqual(['d', 'events.jsonl']);
    expect(copy.read('.gate-run/cycles/000001/d/e')).toBe('in\n');
  });

  test('[G20] on a disk that is too small: 8, and nothing half written stays', async () => {
    const folder = folderWith(loop('a: { run: "head -c 600000 /dev/urandom" }'));
    const disk = await smallDisk(folder, 'size=4m');
    if (!disk) return;
    await disk.run();
    disk.inside('mkdir small && mount -t tmpfs -o size=256k tmpfs small');
    const made = await disk.run('backup', 'small/kept.tar.gz');
    expect(made.code).toBe(8);
    expect(made.out).toContain('ENOSPC');
    expect(disk.inside('ls -A small')).toBe('');
    // With room it works.
    expect((await disk.run('backup', 'kept.tar.gz')).code).toBe(0);
  });
});

describe('[G20] kill -9', () => {
  const KILLS = Math.max(4, Math.floor(BACKUPS / 2));

  /** A state that takes a while to be packed. */
  async function large(): Promise<Folder> {
    const folder = folderWith({ ...loop('a: { run: "cat data" }', 'loop: { sleep: 0s }') });
    folder.write('data', Buffer.from(Array.from({ length: 1_500_000 }, (_, at) => (at * 7919) % 251)));
    await cycles(folder, 3);
    return folder;
  }

  test(
    'while a backup is made leaves a whole one or none',
    async () => {
      const folder = await large();
      const copy = folderWith({ 'loop.config.yaml': folder.read('loop.config.yaml') });
      let done = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const making = begin(folder, ['backup', 'kept.tar.gz']);
        await new Promise((resolve) => setTimeout(resolve, 40 + (kill * 400) / KILLS));
        making.child.kill('SIGKILL');
        await making.ended;
        if (!folder.has('kept.tar.gz')) continue;
        done += 1;
        const restored = await restore(copy, join(folder.path, 'kept.tar.gz'), '--force');
        expect(restored, restored.stderr).toMatchObject({ code: 0 });
        rmSync(join(folder.path, 'kept.tar.gz'));
      }
      expect(done).toBeLessThanOrEqual(KILLS);
      await backupOf(folder, 'kept.tar.gz');
    },
    LONG_MS,
  );

  test(
    'while a backup is restored leaves the old state or the new one, or says what to do, and the next try ends well',
    async () => {
      const folder = await large();
      const file = await backupOf(folder);
      await cycles(folder, 1);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const making = begin(folder, ['restore', file, '--force']);
        await new Promise((resolve) => setTimeout(resolve, 60 + (kill * 400) / KILLS));
        making.child.kill('SIGKILL');
        await making.ended;
        const verified = await gateRun(folder, ['verify']);
        if (verified.code === 0) expect(verified.stdout).toMatch(/[34] turns/);
        else expect(verified.stderr).toContain('restore again: gate-run restore');
      }
      expect((await restore(folder, file, '--force')).code).toBe(0);
      expect(filesOf(folder).filter((name) => name.includes('restoring'))).toEqual([]);
      expect((await gateRun(folder, ['verify'])).stdout).toContain('3 turns');
    },
    LONG_MS,
  );
});
