// The cache as people meet it: what answers, what does not, and that a cache in whatever state never makes anything fail.

import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { smallDisk } from './kills/disk.ts';
import { begin, folderWith, gateRun, loop, runScreen, type Ended, type Folder } from './rig.ts';

const FILES = { 'src/a.txt': 'one\n', 'src/b.txt': 'two\n', 'README.md': 'nothing\n' };

/** An empty object would match `null` too. */
const ANSWERED = { savedMs: expect.any(Number) };

interface Task {
  readonly id: string;
  readonly verdict: string;
  readonly attempts: number;
  readonly cached: { readonly at: string; readonly savedMs: number } | null;
  readonly metrics: Readonly<Record<string, number>>;
}

interface Told {
  readonly code: number | null;
  readonly tasks: readonly Task[];
  readonly stderr: string;
}

/** Counts its own runs in `ran`, so that a story can tell an answer from a run whatever the screen says. */
const COUNTS = `
count: { run: 'cat src/*.txt; echo x >> ran', inputs: ["src/**"], cache: true }
`;

async function told(
  folder: Folder,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Told> {
  const { code, stdout, stderr } = await gateRun(folder, ['--json', ...args], { env });
  const { tasks }: { tasks: readonly Task[] } = JSON.parse(stdout);
  return { code, tasks, stderr };
}

function runs(folder: Folder): number {
  return folder.has('ran') ? folder.read('ran').split('\n').length - 1 : 0;
}

function answersIn(folder: Folder): readonly string[] {
  const dir = join(folder.path, '.gate-run/cache/answers');
  if (!existsSync(dir)) return [];
  return readdirSync(dir).flatMap((name) => readdirSync(join(dir, name)).map((key) => join(dir, name, key)));
}

test('nothing changed: the verdict is there at once, marked as cached on every surface', async () => {
  const folder = folderWith({ ...FILES, ...loop(COUNTS) });
  expect((await gateRun(folder)).code).toBe(0);
  const again = await gateRun(folder, ['--reporter', 'junit=junit.xml', '--reporter', 'tap=run.tap']);
  expect(runScreen(folder, again.stdout)).toMatchInlineSnapshot(`
    "
    gate-run <version>  story  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)
    cycle 2: 1 task in 1 phase
    ✓ count <time>  cached, <time> saved
    cycle 2 passed in <time>: 1 passed (1 cached)
    "
  `);
  expect(runs(folder)).toBe(1);
  expect(folder.read('junit.xml')).toContain('<property name="count.cached"');
  expect(folder.read('run.tap')).toContain('cached');
  const third = await told(folder);
  expect(third.tasks[0]).toMatchObject({
    verdict: 'passed',
    attempts: 0,
    cached: { savedMs: expect.any(Number) },
  });
  const log = folder.read('.gate-run/cycles/000003/check.count.1.log').split('\n');
  expect(log[0]).toContain('(from the cache: kept of cycle 1 of run ');
  expect(log.slice(1).join('\n')).toBe('one\ntwo\n');
  const status: { last: { counts: { cached: number } } } = JSON.parse(
    (await gateRun(folder, ['status', '--json'])).stdout,
  );
  expect(JSON.stringify(status)).toContain('"cached":');
  expect((await gateRun(folder, ['history', '--json'])).stdout).toContain('"cached"');
  expect((await gateRun(folder, ['explain', '--cycle', '3'])).stdout).toContain('cached');
  expect((await gateRun(folder, ['verify'])).code).toBe(0);
});

test('command, versions and definition, but not the thresholds: those judge anew what was kept', async () => {
  const gate = (more: string, say = 'errors: 3') =>
    loop(`count: { run: 'echo "${say}"; echo x >> ran', inputs: ["src/**"], cache: true, ${more} }`);
  const metric = 'metrics: { errors: { regex: "errors: (?<value>\\\\d+)" } }';
  const folder = folderWith({ ...FILES, ...gate(metric) });
  const with_ = async (files: Readonly<Record<string, string>>): Promise<Told> => {
    for (const [name, text] of Object.entries(files)) folder.write(name, text);
    return told(folder);
  };
  await told(folder);
  const loose = await with_(gate(`${metric}, thresholds: { errors: "<= 5" }`));
  expect(loose.tasks[0]).toMatchObject({ verdict: 'passed', metrics: { errors: 3 }, attempts: 0 });
  // What would not pass is never answered with: it runs, and fails for itself.
  const tight = await with_(gate(`${metric}, thresholds: { errors: "<= 2" }`));
  expect(tight.tasks[0]).toMatchObject({ verdict: 'failed', cached: null, attempts: 1 });
  expect((await with_(gate(metric, 'errors: 4'))).tasks[0]?.cached).toBeNull();
  expect((await with_(gate(`${metric}, versions: ["echo 1"]`))).tasks[0]?.cached).toBeNull();
  expect((await with_(gate(`${metric}, versions: ["echo 1"]`))).tasks[0]?.cached).not.toBeNull();
  expect((await with_(gate(`${metric}, versions: ["echo 2"]`))).tasks[0]?.cached).toBeNull();
});

describe('[B8] a miss names its reasons', () => {
  test('the first three of what changed, and how many more', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const folder = folderWith({
      ...Object.fromEntries(names.map((name) => [`src/${name}`, name])),
      ...loop(`count: { run: "true", inputs: ["src/**"], cache: true }`),
    });
    await gateRun(folder);
    for (const name of names) folder.write(`src/${name}`, 'changed');
    const { stdout } = await gateRun(folder);
    expect(stdout).toContain(
      'count: not answered from the cache: src/a changed, src/b changed, src/c changed, 2 more',
    );
  });

  test('variables by name and never by value, tools by what they say', async () => {
    const gate = (version: string) =>
      loop(
        `count: { run: "true", inputs: ["src/**", "env:FLAVOUR"], cache: true, versions: ["${version}"] }`,
      );
    const folder = folderWith({ ...FILES, ...gate('cat tool') });
    folder.write('tool', '1.0');
    await gateRun(folder, [], { env: { FLAVOUR: 'hunter2' } });
    folder.write('tool', '1.1');
    const { stdout } = await gateRun(folder, [], { env: { FLAVOUR: 'swordfish' } });
    expect(stdout).toContain('FLAVOUR changed, `cat tool` said 1.0, and says 1.1');
    const kept = answersIn(folder)
      .map((path) => readFileSync(path, 'latin1'))
      .join('');
    expect(`${kept}${folder.read('.gate-run/cache/index')}${stdout}`).not.toMatch(/hunter2|swordfish/);
  });
});

test('what failed is not kept, but where that is asked for', async () => {
  const failing = (cache: string) =>
    loop(`count: { run: 'echo x >> ran; exit 1', inputs: ["src/**"], cache: ${cache} }`);
  const folder = folderWith({ ...FILES, ...failing('true') });
  await told(folder);
  expect((await told(folder)).tasks[0]).toMatchObject({ verdict: 'failed', cached: null });
  expect(runs(folder)).toBe(2);
  folder.write('loop.config.yaml', failing('{ failed: true }')['loop.config.yaml'] ?? '');
  await told(folder);
  expect(await told(folder)).toMatchObject({ code: 1, tasks: [{ verdict: 'failed', cached: ANSWERED }] });
  expect(runs(folder)).toBe(3);
  expect((await gateRun(folder)).stdout).toContain('cached: exit 1');
});

test('what runs because its answer would not pass any more is kept in its place', async () => {
  const gate = (limit: string) =>
    loop(
      `count: { run: 'echo x >> ran; echo "errors: $(cat errors)"', inputs: ["src/**"], cache: true, metrics: { errors: { regex: "errors: (?<value>\\\\d+)" } }, thresholds: { errors: "${limit}" } }`,
    );
  const folder = folderWith({ ...FILES, errors: '3', ...gate('<= 5') });
  await told(folder);
  folder.write('errors', '1');
  folder.write('loop.config.yaml', gate('<= 2')['loop.config.yaml'] ?? '');
  expect(await told(folder)).toMatchObject({ code: 0, tasks: [{ cached: null, metrics: { errors: 1 } }] });
  expect(await told(folder)).toMatchObject({
    code: 0,
    tasks: [{ cached: ANSWERED, metrics: { errors: 1 } }],
  });
  expect(runs(folder)).toBe(2);
});

test('what passed on its second attempt only is not kept', async () => {
  const folder = folderWith({
    ...FILES,
    ...loop(
      `count: { run: 'echo x >> ran; test -e once || { touch once; exit 1; }', retry: { limit: 1 }, inputs: ["src/**"], cache: true }`,
    ),
  });
  expect((await told(folder)).tasks[0]).toMatchObject({ verdict: 'passed', attempts: 2 });
  expect((await told(folder)).tasks[0]?.cached).toBeNull();
  expect((await told(folder)).tasks[0]?.cached).not.toBeNull();
});

describe('outputs', () => {
  const BUILD = `
build: { run: 'mkdir -p dist/sub; cat src/*.txt > dist/sub/all; ln -sf sub/all dist/link; cp src/a.txt dist/run; chmod +x dist/run; echo x >> ran', inputs: ["src/**"], outputs: ["dist/**"], cache: true }
`;

  test('are put back whole, and what else lies there goes', async () => {
    const folder = folderWith({ ...FILES, ...loop(BUILD) });
    await told(folder);
    rmSync(join(folder.path, 'dist'), { recursive: true });
    folder.write('dist/old', 'of another build');
    folder.write('dist/run', 'spoilt');
    expect((await told(folder)).tasks[0]?.cached).not.toBeNull();
    expect(runs(folder)).toBe(1);
    expect(folder.list('dist')).toEqual(['link', 'run', 'sub']);
    expect([folder.read('dist/sub/all'), folder.read('dist/link')]).toEqual(['one\ntwo\n', 'one\ntwo\n']);
    expect(statSync(join(folder.path, 'dist/run')).mode & 0o777).toBe(0o755);
  });

  test('that cannot be put back whole are not put back at all: the task runs', async () => {
    const folder = folderWith({ ...FILES, ...loop(BUILD.replace('mkdir', 'rm -rf dist; mkdir')) });
    await told(folder);
    rmSync(join(folder.path, 'dist'), { recursive: true });
    folder.write('dist/run/in/the/way', 'a folder where a file was');
    const { stdout } = await gateRun(folder);
    expect(stdout).toContain(
      'cache: build runs: its outputs could not be put back (EISDIR: a folder stands at dist/run)',
    );
    expect(runs(folder)).toBe(2);
    expect(folder.list('dist')).toEqual(['link', 'run', 'sub']);
  });
});

describe('a cache in any state', () => {
  test('with a flipped byte is a miss and a remark', async () => {
    const folder = folderWith({ ...FILES, ...loop(COUNTS) });
    await told(folder);
    const [path = ''] = answersIn(folder);
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes.at(-2) ?? 0) ^ 0x04, bytes.length - 2);
    writeFileSync(path, bytes);
    const { stdout, code } = await gateRun(folder);
    expect(code).toBe(0);
    expect(stdout).toContain('cache: an answer kept of count is damaged, and was removed; the task runs');
    expect(runs(folder)).toBe(2);
    expect((await told(folder)).tasks[0]?.cached).not.toBeNull();
  });

  test('cut short, without an index, or a file in its place', async () => {
    const folder = folderWith({ ...FILES, ...loop(COUNTS) });
    await told(folder);
    const [path = ''] = answersIn(folder);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 1));
    expect(await told(folder)).toMatchObject({ code: 0, tasks: [{ cached: null }] });
    writeFileSync(join(folder.path, '.gate-run/cache/index'), 'gate-run cache index 1 00000000\n{}');
    expect(await told(folder)).toMatchObject({ code: 0, tasks: [{ cached: ANSWERED }] });
    rmSync(join(folder.path, '.gate-run/cache'), { recursive: true });
    folder.write('.gate-run/cache', 'a file');
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(0);
    expect(stdout).toContain('cache: the cache takes no answers (');
  });
});

test('on a full disk and on a read-only one: a miss and a remark, and nothing of a half answer', async () => {
  const folder = folderWith({
    ...FILES,
    ...loop(
      `count: { run: 'cat src/*.txt; seq 40000; echo x >> ran', inputs: ["src/**"], cache: true }`,
      'state: { cache: { dir: small } }',
    ),
  });
  const disk = await smallDisk(folder, 'size=8m');
  if (!disk) return;
  disk.inside('mkdir small && mount -t tmpfs -o size=64k tmpfs small');
  const full = await disk.run();
  expect(full.code, full.out).toBe(0);
  expect(full.out).toContain('cache: the cache takes no answers (ENOSPC); nothing else is affected');
  expect((await disk.run('cache')).out).toContain('small: 0 answers');
  disk.inside('mount -o remount,ro,size=4m small');
  const fixed = await disk.run();
  expect(fixed.code, fixed.out).toBe(0);
  expect(fixed.out).toContain('cache: the cache takes no answers (EROFS)');
  disk.inside('mount -o remount,rw small');
  expect((await disk.run()).code).toBe(0);
  expect(runs(folder)).toBe(3);
  disk.inside('mount -o remount,ro small');
  // What is there can be read.
  expect((await disk.run()).out).toContain('cached');
});

describe('a glob that matches nothing', () => {
  const GATE = `count: { run: "true", inputs: ["src/**", "sorce/**"], cache: true }`;

  test.each([['check'], ['plan'], ['explain', 'count'], ['run'], ['run', 'count']])(
    'is a problem at `%s`',
    async (...args) => {
      const folder = folderWith({ ...FILES, ...loop(GATE) });
      const { code, stdout, stderr } = await gateRun(folder, args);
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toContain('`sorce/**` of `inputs` matches no file');
      expect(folder.has('.gate-run')).toBe(false);
    },
  );

  test('is none where another task makes those files', async () => {
    const folder = folderWith({
      ...FILES,
      ...loop(
        `build: { run: 'mkdir -p dist; cp src/a.txt dist', inputs: ["src/**"], outputs: ["dist/**"], cache: true }\n` +
          `count: { run: 'echo x >> ran; cat dist/*', needs: [build], inputs: ["dist/**"], cache: true }`,
      ),
    });
    expect((await told(folder)).code).toBe(0);
    rmSync(join(folder.path, 'dist'), { recursive: true });
    expect((await told(folder)).tasks.map(({ cached }) => cached !== null)).toEqual([true, true]);
  });
});

test('two runs side by side write and read one cache', async () => {
  const gates = Array.from(
    { length: 12 },
    (_, nth) =>
      `g${nth}: { run: 'echo ${nth}; mkdir -p out/${nth}; cat src/a.txt > out/${nth}/a.txt', inputs: ["src/**"], outputs: ["out/${nth}/**"], cache: true }`,
  ).join('\n');
  const folder = folderWith({ ...FILES, ...loop(gates) });
  const states = ['.gate-run', 'second'];
  for (const content of ['1', '2', '3']) {
    folder.write('src/a.txt', content);
    const both: readonly Ended[] = await Promise.all(
      states.map((dir) => begin(folder, ['--set', `state.dir=${dir}`]).ended),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
  }
  const last = await told(folder);
  expect(last.tasks.filter(({ cached }) => cached !== null)).toHaveLength(12);
  expect(readdirSync(join(folder.path, '.gate-run/cache')).filter((name) => name.endsWith('.tmp'))).toEqual(
    [],
  );
});

describe('before anything runs', () => {
  const GATES = `
types: { run: "true", inputs: ["src/**"], cache: true }
build: { run: 'mkdir -p dist; cp src/a.txt dist', inputs: ["src/**", "env:FLAVOUR"], outputs: ["dist/**"], cache: true }
unit: { run: "true", needs: [build], inputs: ["dist/**"], cache: true }
night: { run: [echo, "{{cycle}}"], inputs: ["src/**"], cache: true }
`;

  test('`plan` says what would be answered, what would run and why', async () => {
    const folder = folderWith({ ...FILES, ...loop(GATES) });
    const would = async (): Promise<readonly string[]> =>
      (await gateRun(folder, ['plan'])).stdout
        .split('\n')
        .filter((line) => line.includes('would '))
        .map((line) => runScreen(folder, line).trim());
    expect(await would()).toMatchInlineSnapshot(`
      [
        "would run: no answer was kept yet",
        "would run: no answer was kept yet",
        "would be answered or run: that hangs on what build leaves",
        "would be answered or run: \`{{cycle}}\` has another value in each cycle",
      ]
    `);
    await gateRun(folder);
    folder.write('src/c.txt', 'new');
    rmSync(join(folder.path, 'src/b.txt'));
    expect(await would()).toMatchInlineSnapshot(`
      [
        "would run: src/b.txt removed, src/c.txt added",
        "would run: src/b.txt removed, src/c.txt added",
        "would be answered or run: that hangs on what build leaves",
        "would be answered or run: \`{{cycle}}\` has another value in each cycle",
      ]
    `);
    await gateRun(folder);
    expect(await would()).toMatchInlineSnapshot(`
      [
        "would be answered from the cache, as kept of cycle 2 of run <run> at <instant> (saves <time>)",
        "would be answered from the cache, as kept of cycle 2 of run <run> at <instant> (saves <time>)",
        "would be answered from the cache, as kept of cycle 1 of run <run> at <instant> (saves <time>)",
        "would be answered or run: \`{{cycle}}\` has another value in each cycle",
      ]
    `);
  });

  test('[B8] `explain` names all that its key is made of, and all that changed', async () => {
    const folder = folderWith({ ...FILES, ...loop(GATES) });
    await gateRun(folder, [], { env: { FLAVOUR: 'hunter2' } });
    for (const name of ['a', 'b', 'c', 'd']) folder.write(`src/${name}.txt`, `another ${name}`);
    const { stdout } = await gateRun(folder, ['explain', 'build']);
    expect(
      stdout
        .slice(stdout.indexOf('  cache: would'))
        .replaceAll(/(?<=is |txt  )[0-9a-f]{12}/g, '<sum>')
        .replace(/\w+-\w+(?=, and)/, '<platform>'),
    ).toMatchInlineSnapshot(`
      "  cache: would run: FLAVOUR changed, src/a.txt changed, src/b.txt changed, 2 more
        changed since the last answer:
          FLAVOUR changed
          src/a.txt changed
          src/b.txt changed
          src/c.txt added
          src/d.txt added
        its key is <sum>, made of the command, the definition, <platform>, and
          FLAVOUR: not set
          4 files, 36 B
            src/a.txt  <sum>
            src/b.txt  <sum>
            src/c.txt  <sum>
            src/d.txt  <sum>
      "
    `);
    const json = (await gateRun(folder, ['explain', 'build', '--json'], { env: { FLAVOUR: 'hunter2' } }))
      .stdout;
    expect(json).not.toContain('hunter2');
    expect(JSON.parse(json)).toMatchObject({
      fromCache: {
        would: 'run',
        why: ['src/a.txt changed', 'src/b.txt changed', 'src/c.txt added', 'src/d.txt added'],
        key: { env: { FLAVOUR: 'set' } },
      },
    });
    for (const args of [['plan'], ['explain', 'types'], ['cache'], ['cache', 'clean']])
      expect(
        ANSWERS[args[0] ?? '']?.safeParse(JSON.parse((await gateRun(folder, [...args, '--json'])).stdout))
          .error,
      ).toBeUndefined();
  });
});

test('`cache` tells how much is kept, and takes all of it away', async () => {
  const folder = folderWith({ ...FILES, ...loop(COUNTS) });
  expect((await gateRun(folder, ['cache'])).stdout).toBe(
    '.gate-run/cache: 0 answers, 0 B of at most 1.0 GiB\n',
  );
  expect(folder.has('.gate-run')).toBe(false);
  await told(folder);
  expect((await gateRun(folder, ['cache', 'status'])).stdout).toMatch(
    /^\.gate-run\/cache: 1 answer, [\d.]+ \w+ of at most 1\.0 GiB\n$/,
  );
  // Setting a state aside leaves the answers alone: they are true whatever the ledger says.
  expect((await told(folder, ['--clean-state'])).tasks[0]?.cached).not.toBeNull();
  expect((await gateRun(folder, ['cache', 'clean'])).stdout).toMatch(
    /^1 answer removed from \.gate-run\/cache: /,
  );
  expect((await told(folder)).tasks[0]?.cached).toBeNull();
  expect((await gateRun(folder, ['cache', 'wash'])).code).toBe(2);
});

test('named tasks are answered too, and a baseline never is', async () => {
  const folder = folderWith({ ...FILES, ...loop(COUNTS) });
  await gateRun(folder, ['count']);
  const { stdout } = await gateRun(folder, ['count', '--verbose']);
  expect(stdout).toContain('cached');
  expect(stdout).toContain('two');
  expect(runs(folder)).toBe(1);
  await gateRun(folder, ['baseline', '-n', '2']);
  expect(runs(folder)).toBe(3);
});
