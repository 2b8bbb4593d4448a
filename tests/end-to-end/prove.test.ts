// `doctor --prove`: a gate that passes on what it must not pass is named; all of that happens in a copy, which is gone afterwards.

import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, shell, until, type Ended, type Folder } from './rig.ts';

interface Finding {
  readonly name: string;
  readonly level: string;
  readonly says: string;
  readonly mend?: string;
  readonly proof: string;
}

interface Answer {
  readonly exit: number;
  readonly why: string;
  readonly findings: readonly Finding[];
}

/** Copies go there, so that what is left of them can be seen. */
function temporaryOf(folder: Folder): string {
  const place = join(folder.home, 'tmp');
  mkdirSync(place, { recursive: true });
  return place;
}

async function proved(
  folder: Folder,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Answer & { of: (name: string) => Finding }> {
  const TMPDIR = temporaryOf(folder);
  const { code, stdout, stderr } = await gateRun(folder, ['doctor', '--prove', '--json', ...args], {
    env: { TMPDIR, ...env },
  });
  const answer: Answer = JSON.parse(stdout);
  expect(ANSWERS['doctor']?.safeParse(answer).error).toBeUndefined();
  expect(code, stderr).toBe(answer.exit);
  expect(readdirSync(TMPDIR)).toEqual([]);
  const none = { name: '', level: 'none', says: '', proof: 'none' };
  return { ...answer, of: (name) => answer.findings.find((one) => one.name === name) ?? none };
}

/** Every path below the folder with what stands there, when it changed, and its inode. */
async function looksOf(folder: Folder): Promise<string> {
  const { stdout } = await shell(
    folder,
    `find . -printf '%p %i %T@ %C@ %l\\n' | sort; find . -type f -exec md5sum {} + | sort`,
  );
  return stdout;
}

const CHECKS = `
honest: { run: "! grep -q bad data.txt", prove: { write: { data.txt: "bad" } } }
deaf: { run: "grep -q bad data.txt || true", prove: { append: { data.txt: "bad" } } }
counted:
  run: 'grep -c bad data.txt || true'
  metrics: { bad: { regex: '^(?<value>\\d+)$' } }
  thresholds: { bad: "== 0" }
  prove: { append: { "*.txt": "bad" } }
soft: { run: "test -e data.txt", mode: soft, prove: { remove: ["*.txt"] } }
mute: { run: "true" }
red: { run: "exit 3", prove: { remove: [data.txt] } }
`;

test('[A8] doctor --prove names every gate that cannot fail, by a known-bad input in a copy, and touches nothing', async () => {
  const folder = folderWith({ ...loop(CHECKS), 'data.txt': 'good\n' });
  const before = await looksOf(folder);
  const { exit, why, of } = await proved(folder);
  expect(exit).toBe(1);
  expect(why).toBe('cannot fail: deaf; 3 of 6 gates can fail; not proved: mute, red');
  expect(of('honest')).toMatchObject({
    proof: 'can-fail',
    level: 'ok',
    says: expect.stringContaining('exit 1'),
  });
  expect(of('deaf')).toMatchObject({
    proof: 'cannot-fail',
    level: 'missing',
    says: 'cannot fail: passed on what it must not pass: appends to data.txt',
  });
  expect(of('counted').says).toContain('bad 1');
  expect(of('soft').proof).toBe('can-fail');
  expect(of('mute')).toMatchObject({ proof: 'not-proved', says: expect.stringContaining('say `prove`') });
  expect(of('red')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('red before anything was planted: exit 3'),
  });
  expect(await looksOf(folder)).toBe(before);
  const lines = await gateRun(folder, ['doctor', '--prove', '--only', 'honest'], {
    env: { TMPDIR: temporaryOf(folder) },
  });
  expect(lines.code).toBe(0);
  expect(lines.stdout).toMatch(
    /^✓ honest +can fail: failed on writes data.txt: exit 1.*\n1 of 1 gate can fail\n$/,
  );
});

test('where no gate is proved nothing is said to be well', async () => {
  const folder = folderWith(loop('mute: { run: "true" }'));
  expect(await proved(folder)).toMatchObject({ exit: 3, why: 'no gate was proved; not proved: mute' });
});

test('without a known-bad input its inputs are emptied, then its command is silenced, and neither proves anything', async () => {
  const folder = folderWith({
    ...loop(`
emptied: { run: grep -q good data.txt, inputs: [data.txt], cache: true }
unmoved: { run: test -e data.txt, inputs: [data.txt], cache: true }
silenced: { run: "echo lines 90", metrics: { lines: { regex: 'lines (?<value>\\d+)' } }, thresholds: { lines: ">= 0" } }
counts: { run: "echo fine", metrics: { found: { count: bad } }, thresholds: { found: "== 0" } }
`),
    'data.txt': 'good\n',
  });
  const { exit, of } = await proved(folder);
  expect(exit).toBe(3);
  expect(of('emptied')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringMatching(
      /nothing was planted that is known to be bad; it was failed on its `inputs` emptied/,
    ),
  });
  expect(of('unmoved').proof).toBe('not-proved');
  expect(of('silenced')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('broken on a command that does nothing'),
  });
  expect(of('counts')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('which says nothing'),
  });
});

test('limits with a memory are held to what the clean copy measured, a ladder has its lowest rung, retries repeat nothing', async () => {
  const metric = `metrics: { size: { regex: 'size (?<value>\\d+)', better: lower } }`;
  const prove = `prove: { write: { size.txt: "size 9" } }`;
  const folder = folderWith({
    ...loop(
      `
best: { run: cat size.txt, ${metric}, thresholds: { size: "<= best" }, ${prove} }
baseline: { run: cat size.txt, ${metric}, thresholds: { size: "<= baseline + 2sd" }, ${prove} }
fresh: { run: cat size.txt, fail-on: new, ${metric}, thresholds: { size: "<= 7" }, ${prove} }
rungs: { run: [sh, -c, 'echo rung $1 >> "$0"; cat size.txt', '{{vars.ran}}', '{{count}}'], ${metric}, thresholds: { size: "<= 7" }, stages: [{ count: 1 }, { count: 1000 }], ${prove} }
again: { run: [sh, -c, 'echo once >> "$0"; grep -q 7 size.txt', '{{vars.ran}}'], retry: { limit: 2, delay: 30s }, ${prove} }
`,
      'vars: { ran: none }',
    ),
    'size.txt': 'size 7\n',
  });
  const ran = join(folder.home, 'ran');
  expect(await proved(folder, ['--set', `vars.ran=${ran}`])).toMatchObject({
    exit: 0,
    why: '5 of 5 gates can fail',
  });
  expect(readFileSync(ran, 'utf8')).toBe('rung 1\nrung 1\nonce\nonce\n');
});

test('what a gate needs runs in the copy too, what is red there keeps no other gate from being proved', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: story
phases:
  build:
    steps:
      agent: { run: touch agent-was-here }
      make: { run: cp source.txt built.txt }
    gates:
      source: { run: grep -q good source.txt, prove: { write: { source.txt: ugly } } }
  check:
    gates:
      built: { run: grep -q good built.txt, needs: [make, source], prove: { write: { source.txt: ugly } } }
      judged: { judges: built, metrics: { bytes: { regex: '(?<value>\\d+)', in: bytes.txt } }, thresholds: { bytes: "<= 9" } }
`,
    'source.txt': 'good\n',
  });
  const { of } = await proved(folder, ['--skip', 'judged']);
  expect(of('source').proof).toBe('can-fail');
  expect(of('built')).toMatchObject({ proof: 'can-fail', says: expect.stringContaining('failed on') });
  expect(folder.list()).toEqual(['loop.config.yaml', 'source.txt']);
});

test('links of the folder lead into the copy, hard links and installed tools are left alone, and nothing is planted through a link that leads out', async () => {
  const folder = folderWith({
    ...loop(`
linked: { run: grep -q good link.txt, prove: { append: { data.txt: "" }, write: { data.txt: bad } } }
hard: { run: grep -q good hard.txt, prove: { write: { hard.txt: bad } } }
through: { run: "true", prove: { write: { out/data.txt: bad } } }
tool: { run: tool, prove: { write: { node_modules/tool/word: bad } } }
cached: { run: "mkdir -p node_modules/.cache && touch node_modules/.cache/x && grep -q good data.txt", prove: { write: { data.txt: bad } } }
`),
    'data.txt': 'good\n',
    'node_modules/tool/word': 'good\n',
    'node_modules/.bin/tool': '#!/bin/sh\ngrep -q good node_modules/tool/word\n',
  });
  const outside = join(folder.home, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'data.txt'), 'good\n');
  symlinkSync('data.txt', join(folder.path, 'link.txt'));
  symlinkSync(outside, join(folder.path, 'out'));
  linkSync(join(folder.path, 'data.txt'), join(folder.path, 'hard.txt'));
  utimesSync(join(folder.path, 'data.txt'), 1, 1);
  await shell(folder, 'chmod +x node_modules/.bin/tool');
  const before = await looksOf(folder);
  const { of } = await proved(folder);
  expect(of('linked').proof).toBe('can-fail');
  expect(of('hard').proof).toBe('can-fail');
  expect(of('through')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('leads out of the copy'),
  });
  expect(of('tool')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('leads out of the copy'),
  });
  expect(of('cached').proof).toBe('can-fail');
  expect(await looksOf(folder)).toBe(before);
  expect(readFileSync(join(outside, 'data.txt'), 'utf8')).toBe('good\n');
});

test('a copy of a repository is one too: its own index and refs, and the objects of the original', async () => {
  const gates = `
tracked: { run: "git diff --quiet HEAD && git log --oneline | grep -q first", prove: { append: { data.txt: more } } }
commits: { run: "git -c user.name=a -c user.email=a commit -qm second --allow-empty && grep -q good data.txt", prove: { write: { data.txt: bad } } }
`;
  const folder = folderWith({ ...loop(gates), 'data.txt': 'good\n' });
  await shell(folder, 'git init -q && git add . && git -c user.name=a -c user.email=a commit -qm first');
  const before = await looksOf(folder);
  expect((await proved(folder)).why).toBe('2 of 2 gates can fail');
  expect(await looksOf(folder)).toBe(before);
  await shell(folder, 'git worktree add -q ../tree');
  const { code, stdout } = await gateRun(folder, ['doctor', '--prove', '-C', '../tree'], {
    env: { TMPDIR: temporaryOf(folder) },
  });
  expect(stdout).toMatch(/\n2 of 2 gates can fail\n$/);
  expect(code).toBe(0);
});

test('no setting and no variable of git leads from a copy back to the work tree', async () => {
  const reset = loop(
    'reset: { run: "git checkout -q -- data.txt && ! grep -q bad more.txt", prove: { append: { more.txt: bad } } }',
  );
  const folder = folderWith({ ...reset, 'data.txt': 'committed\n', 'more.txt': 'good\n' });
  const made = await shell(
    folder,
    'git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm one && git config core.worktree "$PWD" && echo mine >> data.txt',
  );
  expect(made.code, made.stderr).toBe(0);
  const GIT = { GIT_DIR: join(folder.path, '.git'), GIT_WORK_TREE: folder.path, GIT_INDEX_FILE: 'index' };
  for (const env of [{}, GIT]) {
    expect((await proved(folder, [], env)).of('reset')).toMatchObject({ proof: 'can-fail' });
    expect(folder.read('data.txt')).toBe('committed\nmine\n');
  }
});

test('a gate that cannot judge any more proves nothing, unless something was taken away; no wildcard means the settings of a tool', async () => {
  const folder = folderWith({
    ...loop(`
deaf: { run: "node lint.config.js", exits: { broken: [1] }, prove: { append: { lint.config.js: "(" } } }
gone: { run: "cat data.txt", exits: { broken: [1] }, prove: { remove: [data.txt] } }
wild: { run: "node lint.config.js && ! grep -q bad src.js", exits: { failed: [1], broken: [2] }, prove: { append: { "*.js": "// bad" } } }
`),
    'lint.config.js': 'process.exitCode = 0;\n',
    'src.js': '\n',
    'data.txt': 'good\n',
  });
  const { of } = await proved(folder);
  expect(of('deaf')).toMatchObject({
    proof: 'not-proved',
    says: expect.stringContaining('it could not judge'),
  });
  expect(of('gone').proof).toBe('can-fail');
  expect(of('wild').proof).toBe('can-fail');
});

test('nothing but its own lines is said of many gates, and no state of the loop is copied, also by a link', async () => {
  const many = Array.from(
    { length: 12 },
    (_, nth) =>
      `g${nth}: { run: "test ! -e .gate-run && ! grep -q bad data.txt", prove: { write: { data.txt: bad } } }`,
  );
  const folder = folderWith({ ...loop(many.join('\n')), 'data.txt': 'good\n' });
  mkdirSync(join(folder.path, '.gate-run'));
  symlinkSync(folder.path, join(folder.home, 'link'));
  const { code, stdout, stderr } = await gateRun(
    folder,
    ['doctor', '--prove', '-c', join(folder.home, 'link', 'loop.config.yaml')],
    { env: { TMPDIR: temporaryOf(folder) } },
  );
  expect(stdout).toMatch(/\n12 of 12 gates can fail\n$/);
  expect(code).toBe(0);
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('doctor: proving g'))).toEqual(
    [],
  );
});

test('a repository that is bare, a submodule, or behind a link is one in the copy as well, and runs no hook', async () => {
  const gates = loop(
    'tracked: { run: "git status --porcelain && git diff --quiet HEAD && git -c user.name=a -c user.email=a@b commit -qm two --allow-empty && grep -q good data.txt", prove: { write: { data.txt: bad } } }',
  );
  const folder = folderWith({ ...gates, 'data.txt': 'good\n' });
  const who = '-c user.name=a -c user.email=a@b -c protocol.file.allow=always';
  const made = await shell(
    folder,
    `git init -q . && git add . && git ${who} commit -qm one && printf '#!/bin/sh\ntouch "${folder.home}/hooked"\n' > ../hook && chmod +x ../hook &&
     mkdir ../hooks && cp ../hook ../hooks/pre-commit && git clone -q --bare . ../bare.git && git -C ../bare.git worktree add -q ../of-bare &&
     git init -q ../super && git -C ../super ${who} submodule add -q "$PWD" sub && git -C ../super ${who} commit -qm sub &&
     git clone -q . ../linked && mv ../linked/.git ../moved.git && ln -s ../moved.git ../linked/.git &&
     for each in ../of-bare ../super/sub ../linked; do git -C $each config core.hooksPath "$PWD/../hooks"; done`,
  );
  expect(made.code, made.stderr).toBe(0);
  for (const place of ['../of-bare', '../super/sub', '../linked']) {
    const { code, stdout } = await gateRun(folder, ['doctor', '--prove', '-C', place], {
      env: { TMPDIR: temporaryOf(folder) },
    });
    expect(stdout, place).toMatch(/\n1 of 1 gate can fail\n$/);
    expect(code).toBe(0);
  }
  expect(readdirSync(folder.home)).not.toContain('hooked');
});

test('what the clean run leaves does not make the planted one fail', async () => {
  const deaf = loop(
    'deaf: { run: "mkdir out && { grep -q bad data.txt || true; }", prove: { write: { data.txt: bad } } }',
  );
  const { of } = await proved(folderWith({ ...deaf, 'data.txt': 'good\n' }));
  expect(of('deaf')).toMatchObject({ proof: 'cannot-fail' });
});

test('what lies outside of the copy is not proved by it', async () => {
  const folder = folderWith(loop('up: { run: "true", cwd: .., prove: { write: { a: b } } }'));
  folder.write(
    'loop.config.yaml',
    `${folder.read('loop.config.yaml')}      whole: { run: 'test -d ${folder.path}', prove: { write: { a: b } } }
      needy: { run: 'true', needs: [first], prove: { write: { a: b } } }
    steps:
      first: { run: 'cd ${folder.path} && touch touched' }\n`,
  );
  const { of } = await proved(folder);
  expect(of('needy').says).toContain('first, which it needs, names the work tree');
  expect(folder.has('touched')).toBe(false);
  expect(of('up').says).toContain('outside of the folder');
  expect(of('whole').says).toContain('names the work tree');
});

const SLOW = loop('slow: { run: "touch $STARTED; sleep 60", prove: { write: { a: b } } }');

test.each(['SIGINT', 'SIGTERM'] as const)('after %s the copy is gone, and what ran in it', async (signal) => {
  const folder = folderWith(SLOW);
  const TMPDIR = temporaryOf(folder);
  const STARTED = join(folder.home, 'started');
  const running = begin(folder, ['doctor', '--prove'], { env: { TMPDIR, STARTED } });
  await until('the gate runs', () => readdirSync(folder.home).includes('started'));
  running.child.kill(signal);
  const { code }: Ended = await running.ended;
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('what a killed one left is removed by the next, with what still runs in it; a living one is left alone', async () => {
  const folder = folderWith(SLOW);
  const other = folderWith(loop('quick: { run: test ! -e a, prove: { write: { a: b } } }'));
  const TMPDIR = temporaryOf(folder);
  const STARTED = join(folder.home, 'started');
  const running = begin(folder, ['doctor', '--prove'], { env: { TMPDIR, STARTED } });
  await until('the gate runs', () => readdirSync(folder.home).includes('started'));
  const prove = () => gateRun(other, ['doctor', '--prove'], { env: { TMPDIR } });
  expect((await prove()).code).toBe(0);
  expect(readdirSync(TMPDIR)).toHaveLength(1);
  running.child.kill('SIGKILL');
  await running.ended;
  expect((await prove()).code).toBe(0);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a temporary place that is not there is said, and so is a file that is too large to plant in', async () => {
  const folder = folderWith({
    ...loop('big: { run: "test -e big.bin", prove: { append: { big.bin: bad } } }'),
    'big.bin': 'x'.repeat(17 * 1024 ** 2),
  });
  expect((await proved(folder)).of('big').says).toContain('`big.bin` is larger than 16 MiB');
  // Below a file nobody can make a folder, whoever asks.
  const TMPDIR = '/dev/null/tmp';
  const { code, stderr } = await gateRun(folder, ['doctor', '--prove'], { env: { TMPDIR } });
  expect(stderr).toContain(
    `cannot make a copy in ${TMPDIR}; set TMPDIR to a folder that can be written (ENOTDIR)`,
  );
  expect(code).toBe(2);
});

test('a temporary place in the work tree is refused', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  const { code, stderr } = await gateRun(folder, ['doctor', '--prove'], { env: { TMPDIR: folder.path } });
  expect(code).toBe(2);
  expect(stderr).toContain('set TMPDIR to another place');
  expect(folder.list()).toEqual(['loop.config.yaml']);
});
