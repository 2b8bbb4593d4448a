// Beginning anew without losing anything, and a state that the work itself cannot destroy.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const GATE = 'a: { run: "echo said $GATE_CYCLE" }';

const asideOf = (stderr: string): string => stderr.match(/the old state is in (\S+);/)?.[1] ?? '';

describe('--clean-state', () => {
  test('sets the old state aside whole, says where, and begins with cycle 1', async () => {
    const folder = folderWith(loop(GATE, 'loop: { sleep: 0s }'));
    await gateRun(folder, ['--iterations', '3']);
    const old = folder.read('.gate-run/history.jsonl');
    const clean = await gateRun(folder, ['--clean-state']);
    expect(clean.code).toBe(0);
    expect(clean.stdout).toContain('cycle 1 passed');
    const aside = asideOf(clean.stderr);
    expect(readFileSync(join(aside, 'history.jsonl'), 'utf8')).toBe(old);
    const looked = await gateRun(folder, ['logs', '3', 'a', '--set', `state.dir=${aside}`]);
    expect(looked.stdout).toContain('said 3');
    for (const flags of [['verify'], ['verify', '--set', `state.dir=${aside}`]])
      expect((await gateRun(folder, flags)).stdout).toContain('the ledger is whole');
    expect(folder.list('.gate-run/cycles')).toEqual(['000001']);
    // A second one in the same second has a place of its own.
    const again = await gateRun(folder, ['--clean-state']);
    expect(asideOf(again.stderr)).not.toBe(aside);
  });

  test('needs no ledger that can be read, and none at all', async () => {
    const folder = folderWith(loop(GATE));
    const none = await gateRun(folder, ['--clean-state']);
    expect(none).toMatchObject({ code: 0 });
    expect(none.stderr).toContain('there was no old state');
    await gateRun(folder);
    folder.write(
      '.gate-run/history.jsonl',
      folder.read('.gate-run/history.jsonl').replace('"cycle":1', '"cycle":4'),
    );
    expect((await gateRun(folder)).code).toBe(8);
    expect((await gateRun(folder, ['--clean-state'])).code).toBe(0);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test('touches nothing of others in a folder that is shared, and no questions that people keep elsewhere', async () => {
    const places =
      'questions: { file: docs/questions.md }\nstate: { dir: state, history: state/run.jsonl, logs: logs/run, latest: logs/run/latest.json }';
    const folder = folderWith({
      ...loop('a: { run: "false" }', places),
      'state/mine.txt': 'mine',
      'logs/run/mine.txt': 'mine',
    });
    await gateRun(folder);
    const clean = await gateRun(folder, ['--clean-state']);
    expect(clean.code).toBe(1);
    const name = asideOf(clean.stderr).split('/').at(-1) ?? '';
    expect(
      folder.list('state').filter((one) => !/^(?:lock\.db|owner\.json|checkpoint\.json)$/.test(one)),
    ).toEqual([name, 'mine.txt', 'plans', 'run.jsonl']);
    expect(folder.list(`state/${name}`)).toEqual(['cycles', 'run.jsonl']);
    expect(folder.list('logs/run')).toEqual(['000001', 'latest.json', 'mine.txt']);
    expect(folder.read('docs/questions.md').match(/Question for/g)).toHaveLength(1);
  });

  test('waits for no run that is under way: 7, and its state stays', async () => {
    const folder = folderWith(loop('a: { run: "sleep 20" }'));
    const run = begin(folder);
    await until('the task runs', () => folder.has('.gate-run/cycles/000001/events.jsonl'));
    expect((await gateRun(folder, ['--clean-state'])).code).toBe(7);
    await gateRun(folder, ['stop', '--now']);
    await run.ended;
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test.each([[['status', '--clean-state']], [['--clean-state', 'a']], [['--clean-state', '--failed']]])(
    'goes with a run alone: %j is a problem',
    async (flags) => {
      const folder = folderWith(loop(GATE));
      const refused = await gateRun(folder, flags);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('--clean-state');
      expect(folder.list()).toEqual(['loop.config.yaml']);
    },
  );
});

describe('[A16] the state and the work', () => {
  const git = (folder: Folder, ...words: readonly string[]): string =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: folder.path,
      encoding: 'utf8',
    }).stdout;

  test('[A16] a state outside the work tree outlives a task that wipes the tree, and the run goes on', async () => {
    const folder = folderWith(
      loop(
        'wipes: { run: "git clean -xfdq; git checkout -q ." }\nchecks: { run: "test ! -e junk", needs: [wipes] }',
        'loop: { sleep: 0s }\nstate: { dir: ../kept }\nquestions: { file: ../kept/questions.md }',
      ),
    );
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-qm', 'a');
    folder.write('junk', 'x');
    const run = await gateRun(folder, ['--iterations', '3']);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    expect(folder.list()).toEqual(['.git', 'loop.config.yaml']);
    expect(folder.list('../kept/cycles')).toEqual(['000001', '000002', '000003']);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test('[A16] failures, kills, backups and restores leave every file of the tree as people have it', async () => {
    const folder = folderWith(
      loop('a: { run: "false" }', 'loop: { sleep: 0s, backoff: { from: 1ms, max: 1ms } }'),
    );
    git(folder, 'init', '-q');
    folder.write('tracked', 'one\n');
    git(folder, 'add', '.');
    git(folder, 'commit', '-qm', 'a');
    folder.write('tracked', 'changed and not committed\n');
    folder.write('untracked', 'mine\n');
    mkdirSync(join(folder.path, 'empty'));
    const before = git(folder, 'status', '--porcelain');
    await gateRun(folder, ['--iterations', '3']);
    const run = begin(folder, ['--continuous']);
    await until('it goes on', () => folder.has('.gate-run/cycles/000004'));
    run.child.kill('SIGKILL');
    await run.ended;
    await gateRun(folder, ['backup', '../kept.tar.gz']);
    await gateRun(folder);
    expect((await gateRun(folder, ['restore', '../kept.tar.gz', '--force'])).code).toBe(0);
    await gateRun(folder, ['--clean-state']);
    expect(git(folder, 'status', '--porcelain')).toBe(before);
    expect(folder.read('tracked')).toBe('changed and not committed\n');
    expect(folder.list()).toEqual(
      ['.git', '.gate-run', 'empty', 'loop.config.yaml', 'tracked', 'untracked'].toSorted(),
    );
  });
});
