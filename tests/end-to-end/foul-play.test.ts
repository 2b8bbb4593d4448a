// Tasks that mean harm, or behave as if: secrets in odd places, logs and state files swapped for something else.

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asNobody, givenAway } from './nobody.ts';
import { begin, folderWith, gateRun, loop, until } from './rig.ts';

const SECRET = 'hunter2-hunter2';

test('[B19] a secret in a command that is not found reaches no file, no report and no screen', async () => {
  const folder = folderWith(
    loop(
      "a: { run: 'nonexist-{{vars.x}}' }\nb: { run: 'cat note; exit 1', labels: { who: { json: note.json, at: /who } } }",
      ['redact: ["*_TOKEN"]', 'vars: { x: { env: LINE_TOKEN } }'].join('\n'),
    ),
  );
  folder.write('note.json', JSON.stringify({ who: SECRET }));
  const { stdout, stderr } = await gateRun(folder, ['--reporter', 'junit=out.xml', '--json=lines'], {
    env: { LINE_TOKEN: SECRET },
  });
  expect(stdout + stderr).not.toContain(SECRET);
  const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path !== 'note.json',
  );
  for (const path of files.filter((one) => statSync(join(folder.path, one)).isFile())) {
    expect(readFileSync(join(folder.path, path), 'utf8'), path).not.toContain(SECRET);
  }
  expect(folder.read('.gate-run/history.jsonl')).toContain('***LINE_TOKEN***');
});

test('[B19] a secret that a task reads by itself, or that the config sets, is marked in its log too', async () => {
  const set = 'b: { run: "env; exit 1", env: { set: { OWN_TOKEN: set-in-the-config } } }';
  const folder = folderWith(
    loop(`a: { run: "cat note; exit 1", mode: soft }\n${set}`, 'redact: ["*_TOKEN"]\njobs: 1'),
  );
  folder.write('note', `key=${SECRET}\n`);
  const { stdout } = await gateRun(folder, [], { env: { LINE_TOKEN: SECRET } });
  expect(stdout).toContain('key=***LINE_TOKEN***');
  const files = readdirSync(join(folder.path, '.gate-run'), { recursive: true, encoding: 'utf8' });
  for (const path of files.filter((one) => statSync(join(folder.path, '.gate-run', one)).isFile())) {
    const text = folder.read(`.gate-run/${path}`);
    expect(text, path).not.toContain(SECRET);
    expect(text, path).not.toContain('set-in-the-config');
  }
});

test.each([
  ['a link to the ledger', 'ln -s $GATE_STATE/history.jsonl $L'],
  ['a pipe', 'mkfifo $L'],
])('a task that swaps its log for %s harms nothing and holds nothing up', async (_what, swap) => {
  const folder = folderWith(loop(`a: { run: 'L=$(ls $GATE_CYCLE_DIR/*.log); mv $L $L.x; ${swap}; exit 1' }`));
  const { code } = await gateRun(folder);
  expect(code).toBe(1);
  expect((await gateRun(folder, ['status'])).code).toBe(0);
  expect(folder.read('.gate-run/history.jsonl')).not.toContain('\nQuestion for');
});

test('pipes where state files are due end the start instead of holding it up', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  await gateRun(folder);
  execFileSync('sh', ['-c', 'rm history.jsonl && mkfifo history.jsonl'], {
    cwd: join(folder.path, '.gate-run'),
  });
  const { code, stderr } = await gateRun(folder);
  expect(code).toBe(8);
  expect(stderr).toContain('a pipe, a device or a link stands where a file is needed');
});

test('a start in a copy of the folder leaves the run of the original alone', async () => {
  const folder = folderWith(loop("a: { run: 'touch begun; sleep 1.5' }"));
  const first = begin(folder);
  await until('the gate began', () => folder.has('begun'));
  const copy = join(folder.home, 'copy');
  cpSync(folder.path, copy, { recursive: true });
  await gateRun(folder, ['-C', copy]);
  expect((await first.ended).code).toBe(0);
});

test('two outputs in one file are refused before anything starts', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  const { code, stderr } = await gateRun(folder, ['--reporter', 'junit=.gate-run/history.jsonl']);
  expect(code).toBe(2);
  expect(stderr).toContain('is the ledger already');
  const config = folder.read('loop.config.yaml');
  const taken: readonly (readonly [flags: readonly string[], what: string])[] = [
    [['--reporter', 'junit=loop.config.yaml'], 'is the config already'],
    [['--reporter', 'tap=x/.././loop.config.yaml'], 'is the config already'],
    [['--set', 'state.latest=loop.config.yaml'], 'is the config already'],
    [['--set', 'questions.file=loop.config.yaml'], 'is the config already'],
    [['--reporter', 'junit=.gate-run/lock.db'], 'is a file of gate-run itself already'],
    [['--reporter', 'junit=.gate-run/stop'], 'is the report of junit'],
  ];
  for (const [flags, what] of taken) {
    const refused = await gateRun(folder, flags);
    expect({ flags, code: refused.code }).toEqual({ flags, code: 2 });
    expect(refused.stderr).toContain(what);
  }
  expect(folder.read('loop.config.yaml')).toBe(config);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('a pipe in the place of the owner file holds nobody up, least of all who wants to stop', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  await gateRun(folder);
  execFileSync('mkfifo', [join(folder.path, '.gate-run/owner.json')]);
  for (const words of [['stop'], ['status'], ['doctor'], ['stop', '--undo']]) {
    const { code } = await gateRun(folder, words);
    expect({ words, code }).toEqual({ words, code: 0 });
  }
});

test('a lock file that is no database says what to do, and a text that a terminal would obey is refused', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  await gateRun(folder);
  folder.write('.gate-run/lock.db', 'junk junk junk junk\n'.repeat(99));
  const locked = await gateRun(folder);
  expect(locked.code).toBe(8);
  expect(locked.stderr).toContain('take it away: it holds nothing but the lock');
  folder.write(
    'loop.config.yaml',
    folder.read('loop.config.yaml').replace('name: story', 'name: "x \\e[31m"'),
  );
  const refused = await gateRun(folder);
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('a control character (U+001B)');
  expect(refused.stderr).not.toContain('\u001B');
});

test('SIGUSR1 opens no debugger in a run', async () => {
  const folder = folderWith(loop('a: { run: "touch begun; sleep 1" }'));
  const { child, ended } = begin(folder);
  await until('the gate began', () => folder.has('begun'));
  child.kill('SIGUSR1');
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

/** Of what gate-run is about to write in the folder of a cycle. */
const OWN = ['t.1.usage.jsonl', 't.1.forensics.json', 't.writes.jsonl', 'after.1.log', 'kept.before.tar'];

test.each(['mkfifo', 'ln -s ../../../victim'])(
  'what gate-run writes beside a log waits for nobody and goes nowhere else: %s',
  async (how) => {
    const plant = OWN.map((name) => `${how} check.${name}`).join('; ');
    const script = `cd "$GATE_CYCLE_DIR"; ${plant}; for i in $(seq 30); do : > ../../../new$i; done; sleep 1.2; kill -9 $$`;
    const folder = folderWith({
      ...loop(
        `t: { run: [sh, -c, '${script}'], writes: { files: 1 } }
after: { run: "echo after" }
kept: { run: "true", writes: { files: 1, on-violation: restore } }`,
        'jobs: 1',
      ),
      victim: 'precious',
    });
    const config = folder.read('loop.config.yaml').replace('gates:', 'policy: keep-going\n    gates:');
    folder.write('loop.config.yaml', config);
    const run = await begin(folder, [], { limitMs: 20_000 }).ended;
    expect(run, run.stdout).toMatchObject({ code: 3, stderr: '' });
    expect(run.stdout).toContain('2 passed, 1 broken');
    expect(folder.read('victim')).toBe('precious');
  },
);

test.each(['mkfifo', 'ln -s ../../../victim'])(
  'a simulation that puts something in the place of the values of its ladder ends no run: %s',
  async (how) => {
    const script = `cd "$GATE_CYCLE_DIR"; rm -f check.s.sims.jsonl; ${how} check.s.sims.jsonl; echo "y 5"`;
    const run = `[sh, -c, '${script}', "{{seed}}"]`;
    const folder = folderWith({
      ...loop(
        `s: { run: ${run}, per: seed, metrics: { y: { regex: 'y (?<value>\\d+)', better: higher } }, stages: [{ count: 1 }] }`,
      ),
      victim: 'precious',
    });
    const ended = await begin(folder, [], { limitMs: 20_000 }).ended;
    expect(ended, ended.stdout).toMatchObject({ code: 0, stderr: '' });
    expect(folder.read('victim')).toBe('precious');
    expect(folder.read('.gate-run/cycles/000001/check.s.sims.jsonl')).toContain('"y":5');
  },
);

const nobody = asNobody();
if (!nobody) console.log('a plain user cannot be played here: what it cannot remove was not tried');

test.runIf(nobody !== undefined)(
  'a folder of gate-run that a task takes away from everybody is told as what it is, and is no bug',
  async () => {
    const folder = givenAway(
      folderWith(loop(`a: { run: 'chmod 000 "$TMPDIR"/gate-run-fifo-*' }`, 'redact: ["*_TOKEN"]')),
    );
    const env = { TMPDIR: folder.home, LINE_TOKEN: SECRET };
    const within = nobody ?? [];
    expect(await begin(folder, [], { env, within }).ended).toMatchObject({ code: 0, stderr: '' });
    folder.write('loop.config.yaml', loop(`a: { run: "chmod 000 ." }`)['loop.config.yaml'] ?? '');
    const { code, stderr } = await begin(folder, [], { within }).ended;
    expect(stderr).toContain('could not be written: EACCES');
    expect(stderr).not.toContain('bug');
    expect(code).toBe(8);
  },
);
