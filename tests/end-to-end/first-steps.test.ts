// The first minutes of a newcomer: help, `init` in several folders, `check`, `plan`, `schema`, and a first run.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, runScreen, screen, type Folder } from './rig.ts';

async function said(folder: Folder, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return screen(folder, stdout);
}

test('help and version answer anywhere, and write nothing', async () => {
  const folder = folderWith();
  const help = await said(folder, '--help');
  expect(await said(folder, '-h')).toBe(help);
  expect(await said(folder, 'check', '--help')).toBe(help);
  expect(help).toContain('Exit codes: 0 passed, 1 a strict gate failed');
  expect(help.split('\n').filter((line) => line.length > 120 || line.endsWith(' '))).toEqual([]);
  expect(await said(folder, '--version')).toMatch(/^\n\d+\.\d+\.\d+\n$/);
  expect(await said(folder, 'status', '--version')).toMatch(/^\n\d+\.\d+\.\d+\n$/);
  expect(folder.list()).toEqual([]);
});

test('`init` in an empty folder writes a config that passes at once', async () => {
  const folder = folderWith();
  expect(await said(folder, 'init')).toMatchInlineSnapshot(`
    "
    wrote <folder>/loop.config.yaml
      nothing to check was found here, so the file checks itself for now
    next: \`gate-run\` runs one cycle, \`gate-run plan\` says what it would run
    keep \`.gate-run/\` out of version control: it is where runs are recorded
    "
  `);
  expect(folder.read('loop.config.yaml')).toMatchInlineSnapshot(`
    "# Try:  gate-run   (one cycle)   gate-run plan   (what would run, and why)
    version: 1
    name: work

    phases:
      check:
        gates:
          validate: { uses: validate }                       # this file; nothing else was found to check
          # Your first gate, any command that exits with 0 when all is well:
          # test: { run: ./test.sh }

    # Next:
    #   a limit for each task: defaults: { timeout: 5m }
    #   is this file right?    gate-run check
    "
  `);
  expect(await said(folder, 'check')).toMatchInlineSnapshot(`
    "
    loop.config.yaml is fine: 1 phase, 1 gate
    "
  `);
  const { code, stdout } = await gateRun(folder);
  expect(code).toBe(0);
  expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
    "
    gate-run <version>  work  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)
    cycle 1: 1 task in 1 phase
    ✓ validate <time>
    cycle 1 passed in <time>: 1 passed
    "
  `);
});

test('`init` takes the scripts of a package.json, and a red one is red', async () => {
  const folder = folderWith({
    'package.json': JSON.stringify({
      name: 'shop',
      scripts: { test: 'echo 1 failed; exit 1', lint: 'echo clean', start: 'node .' },
    }),
  });
  expect(await said(folder, 'init')).toMatchInlineSnapshot(`
    "
    wrote <folder>/loop.config.yaml
      lint: npm run -s lint (from package.json)
      test: npm run -s test (from package.json)
    next: \`npx gate-run\` runs one cycle, \`npx gate-run plan\` says what it would run
    keep \`.gate-run/\` out of version control: it is where runs are recorded
    "
  `);
  const { code, stdout } = await gateRun(folder);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\n✗ test  exit 1.*\n$/);
});

test('`init` takes the targets of a Makefile', async () => {
  const folder = folderWith({ Makefile: '.PHONY: test lint\ntest:\n\techo fine\nlint:\n\techo clean\n' });
  expect(await said(folder, 'init')).toMatchInlineSnapshot(`
    "
    wrote <folder>/loop.config.yaml
      lint: make lint (from Makefile)
      test: make test (from Makefile)
    next: \`gate-run\` runs one cycle, \`gate-run plan\` says what it would run
    keep \`.gate-run/\` out of version control: it is where runs are recorded
    "
  `);
  expect((await gateRun(folder)).code).toBe(0);
});

test('`init` never writes over a config, and `--print` writes none at all', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  const before = folder.read('loop.config.yaml');
  const again = await gateRun(folder, ['init']);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 2, stdout: '' });
  expect(screen(folder, again.stderr)).toMatchInlineSnapshot(`
    "
    init: <folder>/loop.config.yaml is there already, and nothing was written
      see what it would be with \`gate-run init --print\`, or move the old file away first
    "
  `);
  expect(folder.read('loop.config.yaml')).toBe(before);
  const empty = folderWith();
  expect(await said(empty, 'init', '--print')).toContain('version: 1\n');
  expect(empty.list()).toEqual([]);
});

test('`check` says how large the loop is, `plan` what would run and where each value comes from', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: shop
jobs: 2
phases:
  shape:
    gates:
      types: { run: echo types, timeout: 2m }
      lint: { run: echo lint, mode: soft, when: { exists: src } }
  prove:
    steps: { build: { run: echo build } }
    gates: { test: { run: 'echo "$HOME" | cat', shell: bash, needs: [types] } }
profiles:
  quick: { skip: [test], jobs: 1 }
`,
  });
  expect(await said(folder, 'check')).toMatchInlineSnapshot(`
    "
    loop.config.yaml is fine: 2 phases, 3 gates, 1 step
    "
  `);
  expect(
    (await said(folder, 'plan', '--profile', 'quick', '--timeout', '90')).replace(
      /plan [0-9a-f]{8}/,
      'plan <id>',
    ),
  ).toMatchInlineSnapshot(`
    "
    shop: 4 tasks in 2 phases, plan <id>
      jobs: 1 (profile)
      loop.timeout: 1m30s (flag)
      loop.stop-within: 5m (default)
      state.dir: .gate-run (default)
      questions.file: .gate-run/questions.md (default)
      profile: quick (flag)
      a task has, unless it says otherwise: timeout 10m, stall 5m to warn, 15m to kill, kill-after 10s, log-limit 1g

    1 shape
      1.1 gate types, strict
        runs: echo types
        timeout: 2m (file)
      1.2 gate lint, soft (file)
        runs: echo lint
        when: src exists (file)

    2 prove
      2.1 step build
        runs: echo build
      2.2 gate test, strict: skipped, profile quick
    "
  `);
  expect(await said(folder, 'explain', 'lint')).toMatchInlineSnapshot(`
    "
    1.2 gate lint, soft, in phase shape
      runs: echo lint
      mode: soft (file)
      when: src exists (file)
      timeout: 10m (default)
      stall: warn 5m, kill 15m (default)
      kill-after: 10s (default)
      log-limit: 1g (default)
    "
  `);
  const wrong = await gateRun(folder, ['explain', 'tset']);
  expect({ code: wrong.code, stderr: screen(folder, wrong.stderr) }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "
    gate-run explain: unknown task \`tset\` — did you mean \`test\`?
    ",
    }
  `);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('`check` warns of a pipe that would hide a failure, and the config is fine all the same', async () => {
  const folder = folderWith(loop(`a: { run: 'false | cat' }`));
  const { code, stdout, stderr } = await gateRun(folder, ['check']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'loop.config.yaml is fine: 1 phase, 1 gate\n' });
  expect(screen(folder, stderr)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:17  a pipe passes when only its last command does
      6 │       a: { run: 'false | cat' }
        │                 ^^^^^^^^^^^^^
      write \`shell: bash\`, which fails when any part of a pipe does

    "
  `);
});

test('`schema` prints what editors ask for', async () => {
  const folder = folderWith();
  for (const name of [[], ['loop'], ['gate'], ['output']]) {
    const { code, stdout } = await gateRun(folder, ['schema', ...name]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  }
});

test('a run from a folder below uses the config above it, and paths start at the config', async () => {
  const folder = folderWith({ ...loop('a: { run: touch here }'), 'deep/down/x': '' });
  const { code } = await gateRun(folder, [], { from: `${folder.path}/deep/down` });
  expect(code).toBe(0);
  expect(folder.has('here')).toBe(true);
  expect(folder.has('.gate-run')).toBe(true);
  expect(folder.list('deep/down')).toEqual(['x']);
});

test('a config in TypeScript, in JSON and in package.json runs as one in YAML does', async () => {
  const config = { version: 1, name: 'story', phases: { check: { gates: { a: { run: 'true' } } } } };
  const files: readonly (readonly [string, string])[] = [
    ['loop.config.ts', `const jobs: number = 1;\nexport default { ...${JSON.stringify(config)}, jobs };\n`],
    ['loop.config.mjs', `export default ${JSON.stringify(config)};\n`],
    ['loop.config.json', JSON.stringify(config, null, 2)],
    ['package.json', JSON.stringify({ name: 'x', loop: config })],
    ['.config/looprc.yaml', JSON.stringify(config)],
  ];
  for (const [name, text] of files) {
    const folder = folderWith({ [name]: text });
    const { code, stdout, stderr } = await gateRun(folder);
    expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' });
    expect(stdout).toContain('✓ a');
  }
});

test('a Node that is too old gets one clear line and 78', async () => {
  const folder = folderWith({
    'old.cjs': `Object.defineProperty(process.versions, 'node', { value: '20.19.0' });\n`,
  });
  const { code, stdout, stderr } = await gateRun(folder, [], {
    env: { NODE_OPTIONS: `--require ${folder.path}/old.cjs` },
  });
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  expect(stderr).toBe(
    'gate-run: Node 20.19.0 is too old or not supported; it needs ^22.18.0 || ^24.11.0 || >=26.0.0\n',
  );
});
