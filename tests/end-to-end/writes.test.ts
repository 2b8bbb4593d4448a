// Stories of tasks that may write only so much: what is too much fails, is told, and where it is wished put back, whatever cuts it off.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pictureOf } from '../contract/trees.ts';
import { begin, folderWith, gateRun, until, type Folder } from './rig.ts';

const OWN = ['.gate-run', '.git'];

function agent(script: string, writes: string, top = ''): Readonly<Record<string, string>> {
  return {
    'loop.config.yaml': `version: 1
name: story
${top}
phases:
  work:
    steps:
      agent: { run: [sh, agent.sh], writes: ${writes} }
    gates:
      lint: { run: "true" }
`,
    'agent.sh': script,
  };
}

function git(folder: Folder, ...words: readonly string[]): string {
  const all = ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words];
  return spawnSync('git', all, { cwd: folder.path, encoding: 'utf8' }).stdout;
}

const events = (folder: Folder, cycle = '000001'): readonly string[] =>
  (read(folder, `.gate-run/cycles/${cycle}/events.jsonl`).match(/"type":"[\w.]+"/g) ?? []).map((one) =>
    one.slice(8, -1),
  );

function read(folder: Folder, path: string): string {
  return folder.has(path) ? folder.read(path) : '';
}

describe('a cap on what a step writes', () => {
  test('holds, and nothing is said of it', async () => {
    const folder = folderWith(agent('echo 1 > one; echo 2 > two\n', '{ files: 2 }'));
    const run = await gateRun(folder);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    expect(folder.read('one')).toBe('1\n');
  });

  test('leaves what a task that was cut off was doing to be read, as without it', async () => {
    const cut = 'defaults: { timeout: 500ms, kill-after: 100ms }';
    const folder = folderWith(agent('echo working; sleep 30\n', '{ files: 2 }', cut));
    expect((await gateRun(folder)).code).toBe(3);
    const told = JSON.parse(folder.read('.gate-run/cycles/000001/work.agent.1.forensics.json'));
    expect(told).toMatchObject({ stopped: 'timeout', output: { lines: ['working'] } });
  });

  test('does not hold: the cycle has failed, exit 1, with the list on the screen, in the question and in --json', async () => {
    const folder = folderWith(
      agent('echo 1 > one; echo 2 > two; echo "# x" >> agent.sh\n', '{ files: 2, only: ["t*"] }'),
    );
    const run = await gateRun(folder);
    expect(run, run.stdout).toMatchObject({ code: 1 });
    const why =
      'wrote outside of t*: agent.sh changed, one added; wrote 3 files of at most 2: agent.sh changed, one added, two added';
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain(why);
    expect(folder.read('.gate-run/questions.md')).toContain(
      'wrote outside of t*: agent.sh changed, one added',
    );
    // Nothing is put back where nobody asked for it.
    expect(folder.has('two')).toBe(true);
    const story = JSON.parse((await gateRun(folder, ['explain', '--cycle', '1', '--json'])).stdout);
    expect(JSON.stringify(story)).toContain('"outside":2');
    expect((await gateRun(folder, ['explain', '--cycle', '1'])).stdout).toContain(
      'wrote 3 files, 2 outside of what it may',
    );
  });

  test('--cap-writes sets it wherever `writes` stands, and is a problem where it stands nowhere', async () => {
    const folder = folderWith(agent('echo 1 > one; echo 2 > two\n', '{ only: ["*"] }'));
    expect((await gateRun(folder)).code).toBe(0);
    folder.write('one', 'x');
    folder.write('two', 'x');
    const capped = await gateRun(folder, ['--cap-writes', '1']);
    expect(capped).toMatchObject({ code: 1 });
    expect(capped.stdout).toContain('wrote 2 files of at most 1');
    expect((await gateRun(folder, ['plan', '--cap-writes', '1'])).stdout).toContain(
      'writes: at most 1 file, only *; it runs alone (flag)',
    );
    const none = folderWith({
      'loop.config.yaml': 'version: 1\nname: a\nphases: { p: { gates: { g: { run: "true" } } } }\n',
    });
    const refused = await gateRun(none, ['--cap-writes', '3']);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('caps nothing: no task of this config has `writes`');
    expect((await gateRun(folder, ['--cap-writes', 'three'])).code).toBe(2);
  });

  test('is judged by what the task wrote itself: gates side by side are not blamed for one another', async () => {
    const folder = folderWith({
      'loop.config.yaml': `version: 1
name: story
jobs: 4
phases:
  check:
    gates:
      many: { run: "sleep 0.1; for i in 1 2 3 4 5; do echo x > many$i; sleep 0.02; done" }
      format: { run: "echo x > one; sleep 0.3", writes: { files: 1, on-violation: restore } }
      more: { run: "sleep 0.1; for i in 1 2 3 4 5; do echo x > more$i; sleep 0.02; done" }
`,
    });
    const run = await gateRun(folder);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    expect(folder.list()).toHaveLength(12 + 1);
  });
});

describe('[A16] putting back what was too much', () => {
  test('gives the person the work back that `git clean` and `git checkout` destroyed, and gate-run resets nothing itself', async () => {
    const folder = folderWith(
      agent(
        'git clean -xfdqe .gate-run; git checkout -q .; git rm -q --cached agent.sh\n',
        '{ files: 0, on-violation: restore }',
      ),
    );
    git(folder, 'init', '-q');
    folder.write('tracked', 'one\n');
    git(folder, 'add', '.');
    git(folder, 'commit', '-qm', 'a');
    folder.write('tracked', 'changed and not committed\n');
    folder.write('untracked/mine', 'mine\n');
    mkdirSync(join(folder.path, 'empty'));
    const before = pictureOf(folder.path, OWN);
    const run = await gateRun(folder);
    expect(run, run.stdout).toMatchObject({ code: 1 });
    expect(run.stdout).toContain('put back as it was: 3 paths');
    expect(pictureOf(folder.path, OWN)).toEqual(before);
    expect(events(folder)).toEqual(expect.arrayContaining(['attempt.undoing', 'attempt.undone']));
    // What was kept is not needed any more.
    expect(folder.list('.gate-run/cycles/000001').filter((name) => name.endsWith('.tar'))).toEqual([]);
  });

  test('a step within its caps keeps what it wrote', async () => {
    const folder = folderWith(agent('echo 1 > one\n', '{ files: 1, on-violation: restore }'));
    expect((await gateRun(folder)).code).toBe(0);
    expect(folder.read('one')).toBe('1\n');
  });

  test('also behind a time limit and a stop, so that being cut off is no way around a cap', async () => {
    const folder = folderWith(
      agent(
        'echo 1 > one; echo 2 > two; sleep 30\n',
        '{ files: 1, on-violation: restore }',
        'defaults: { timeout: 500ms, kill-after: 100ms }',
      ),
    );
    const late = await gateRun(folder);
    expect(late, late.stdout).toMatchObject({ code: 3 });
    expect(folder.list()).toEqual(['.gate-run', 'agent.sh', 'loop.config.yaml']);
    const run = begin(folder, ['--set', 'defaults.timeout=30s']);
    await until('it wrote', () => folder.has('two'));
    await gateRun(folder, ['stop', '--now']);
    expect((await run.ended).code).toBe(6);
    await gateRun(folder, ['stop', '--undo']);
    expect(folder.list()).toEqual(['.gate-run', 'agent.sh', 'loop.config.yaml']);
  });

  test('named tasks beside a loop are held to it too', async () => {
    const folder = folderWith(agent('echo 1 > one\n', '{ files: 0, on-violation: restore }'));
    const run = await gateRun(folder, ['agent']);
    expect(run, run.stdout).toMatchObject({ code: 1 });
    expect(folder.has('one')).toBe(false);
  });

  test('kill -9 while the task runs: the next start says so, touches nothing, and the tree as it was is there', async () => {
    const folder = folderWith(
      agent('test -e told || sleep 30\n', '{ files: 1, on-violation: restore }', 'loop: { sleep: 0s }'),
    );
    folder.write('mine', 'mine\n');
    const run = begin(folder, ['--continuous']);
    await until('the task runs', () => events(folder).includes('attempt.started'));
    await until('the tree is noted', () =>
      folder.list('.gate-run/cycles/000001').some((name) => name.endsWith('.log')),
    );
    run.child.kill('SIGKILL');
    await run.ended;
    folder.write('mine', 'written by a task that nobody watches\n');
    folder.write('told', '');
    const next = await gateRun(folder, ['--continuous', '--iterations', '1']);
    const tar = '.gate-run/cycles/000001/work.agent.before.tar';
    expect(next.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `agent was cut off in cycle 1, and what it wrote was neither judged nor put back: nothing of the tree is touched now; the tree as it was before is in ${tar}`,
    );
    expect(folder.read('mine')).toBe('written by a task that nobody watches\n');
    mkdirSync(join(folder.path, 'back'));
    spawnSync('tar', ['-xpf', tar, '-C', 'back'], { cwd: folder.path });
    expect(folder.read('back/mine')).toBe('mine\n');
  });

  test('kill -9 while it puts back: every path is as it was before or as the task left it, and the next start says so', async () => {
    const MANY = 6_000;
    const folder = folderWith(
      agent(
        `test -e told || for i in $(seq ${MANY}); do echo later > f$i; done\n`,
        '{ files: 1, on-violation: restore }',
        'loop: { sleep: 0s }',
      ),
    );
    for (let nth = 1; nth <= MANY; nth += 1) folder.write(`f${nth}`, 'before\n');
    const run = begin(folder, ['--continuous']);
    await until('it puts back', () => events(folder).includes('attempt.undoing'));
    await until('some is back', () => folder.read('f7') === 'before\n');
    run.child.kill('SIGKILL');
    await run.ended;
    const contents = Array.from({ length: MANY }, (_, nth) => folder.read(`f${nth + 1}`));
    const kinds = Map.groupBy(contents, (text) => text);
    expect([...kinds.keys()].toSorted()).toEqual(['before\n', 'later\n']);
    const standIns = folder.list().filter((name) => name.startsWith('.gate-run-undo'));
    expect(standIns.length).toBeLessThanOrEqual(1);
    folder.write('told', '');
    const next = await gateRun(folder, ['--continuous', '--iterations', '1']);
    expect(next.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'putting back what agent wrote was cut off in cycle 1, and may be done in part: nothing of the tree is touched now',
    );
    expect(Array.from({ length: MANY }, (_, nth) => folder.read(`f${nth + 1}`))).toEqual(contents);
  });
});
