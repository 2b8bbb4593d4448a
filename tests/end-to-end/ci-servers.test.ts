// What CI servers other than GitHub get from the built command: files that stand whole on every path, and words that their own
// programs take. JUnit and GitHub have a story of their own (reports.test.ts).

import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outputSchema } from '../../src/core/summary/output.ts';
import { readCodeQuality, readSarifLog, readTap } from '../unit/views/ci-reports.ts';
import { begin, folderWith, gateRun, loop, runScreen, until, type Folder } from './rig.ts';

const GATES = [
  `types: { run: 'echo "src/a.ts(3,7): error TS2322: no"; exit 1' }`,
  `odd: { run: 'exit 1', mode: soft }`,
  `fine: { run: "true" }`,
].join('\n');
const REPORTERS =
  'reporters: [plain, { tap: out/g.tap }, { sarif: out/g.sarif }, { code-quality: out/q.json }, { junit: out/j.xml }]';
const keepGoing = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...files,
  'loop.config.yaml': (files['loop.config.yaml'] ?? '').replace(
    '  check:\n',
    '  check:\n    policy: keep-going\n',
  ),
});

function everyReport(folder: Folder) {
  expect([...folder.list('out')].toSorted()).toEqual(['g.sarif', 'g.tap', 'j.xml', 'q.json']);
  return {
    tap: readTap(folder.read('out/g.tap')),
    sarif: readSarifLog(folder.read('out/g.sarif')),
    quality: readCodeQuality(folder.read('out/q.json')),
  };
}

describe('reports in files', () => {
  test('[B15] tell of one run the same, and change nothing about it', async () => {
    const folder = folderWith(keepGoing(loop(GATES, `jobs: 1\n${REPORTERS}`)));
    const { code } = await gateRun(folder);
    expect(code).toBe(1);
    const { tap, sarif, quality } = everyReport(folder);
    expect(tap.points.map(({ ok, todo }) => `${ok} ${todo || ''}`)).toEqual([
      'false ',
      'false soft: exit 1',
      'true ',
    ]);
    expect(sarif.results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      'types error',
      'odd warning',
    ]);
    expect(quality.map(({ location }) => location)).toEqual([
      { path: 'src/a.ts', lines: { begin: 3 } },
      { path: 'loop.config.yaml', lines: { begin: 1 } },
    ]);
    // The prove of Debian stable knows TAP up to version 13; what this report uses is the same there.
    folder.write('13.tap', folder.read('out/g.tap').replace('TAP version 14', 'TAP version 13'));
    const prove = spawnSync('prove', ['--exec', 'cat', '13.tap'], { cwd: folder.path, encoding: 'utf8' });
    if (prove.error) console.log('prove is missing (apt: perl), so only tap-parser has read the TAP');
    else expect(prove.stdout).toMatch(/Failed test: {2}1\nFiles=1, Tests=3/);
  });

  test('[B15] stand when the run is stopped, when it is broken, and when it is killed', async () => {
    const waits = `a: { run: 'touch running; while [ ! -e go ]; do sleep 0.05; done' }\nb: { run: "true", needs: [a] }`;
    const stopped = folderWith(loop(waits, REPORTERS));
    const { child, ended } = begin(stopped);
    await until('the gate runs', () => stopped.has('running'));
    child.kill('SIGTERM');
    await until('the stop is on record', () => stopped.read('.gate-run/history.jsonl').includes('stop.seen'));
    stopped.write('go', '');
    expect((await ended).code).toBe(6);
    expect(everyReport(stopped).tap.points).toMatchObject([
      { ok: true },
      { skip: expect.stringContaining('stop') },
    ]);

    const broken = folderWith(loop('a: { run: no-such-command-anywhere }', REPORTERS));
    expect((await gateRun(broken)).code).toBe(3);
    expect(everyReport(broken)).toMatchObject({
      sarif: { invocations: [{ executionSuccessful: false }] },
      quality: [{ severity: 'critical' }],
    });

    const killed = folderWith(loop(waits, REPORTERS));
    const run = begin(killed);
    await until('the gate runs', () => killed.has('running'));
    run.child.kill('SIGKILL');
    await run.ended;
    killed.write('go', '');
    expect(everyReport(killed)).toMatchObject({
      tap: { ok: false },
      quality: [{ severity: 'blocker' }, { severity: 'blocker' }],
    });
  });

  test('[B15] that cannot be written are said, each, and change no verdict', async () => {
    const folder = folderWith({ ...loop('a: { run: "true" }', REPORTERS), out: 'a file' });
    const { code, stderr } = await gateRun(folder);
    expect(code).toBe(0);
    expect(
      stderr.match(/a report is missing: .*out\/(?:g\.tap|g\.sarif|q\.json|j\.xml) could not be written/g),
    ).toHaveLength(4);
  });

  test('two reports of one path are refused before anything runs', async () => {
    const folder = folderWith(loop('a: { run: "true" }', 'reporters: [{ tap: x }, { sarif: ./x }]'));
    const { code, stderr } = await gateRun(folder);
    expect(code).toBe(2);
    expect(stderr).toContain('`./x` is the report of tap already');
  });
});

describe('a GitLab job', () => {
  const GITLAB = { GITLAB_CI: 'true' };

  test('finds paths from the root of the checkout, and the line for its `coverage:` regex', async () => {
    const covered = `tests: { run: 'printf "SF:a.c\\nLF:3\\nLH:2\\nend_of_record\\n" > lcov.info', metrics: { lines: { lcov: lcov.info } } }`;
    const files = loop(
      `types: { run: 'echo "src/a.ts(3,7): error TS2322: no"; exit 1' }\n${covered}`,
      'jobs: 1',
    );
    const folder = folderWith({ 'deep/loop.config.yaml': keepGoing(files)['loop.config.yaml'] ?? '' });
    const env = { ...GITLAB, CI_PROJECT_DIR: folder.path };
    const { code, stdout } = await gateRun(folder, ['--reporter=code-quality=q.json'], {
      env,
      from: `${folder.path}/deep`,
    });
    expect(code).toBe(1);
    expect(readCodeQuality(folder.read('deep/q.json'))[0]?.location.path).toBe('deep/src/a.ts');
    expect(/gate-run coverage: (\d+(?:\.\d+)?)%/.exec(stdout)?.[1]).toBe('66.66');
    expect(stdout).toMatch(/section_start:\d+:gate_run_1\[collapsed=true\]\r/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^✗ types {2}exit 1/);
  });
});

describe('a Buildkite job', () => {
  function withAgent(script: string): { folder: Folder; env: Record<string, string> } {
    const folder = folderWith({ ...loop(GATES, 'jobs: 1'), 'bin/buildkite-agent': `#!/bin/sh\n${script}\n` });
    chmodSync(`${folder.path}/bin/buildkite-agent`, 0o755);
    const path = `${folder.path}/bin:${process.env['PATH'] ?? ''}`;
    return { folder, env: { BUILDKITE: 'true', BUILDKITE_STEP_KEY: 'gates', PATH: path } };
  }

  test('is annotated through its agent', async () => {
    const { folder, env } = withAgent('echo "$@" > args; cat > body.md');
    const { code } = await gateRun(folder, [], { env });
    expect(code).toBe(1);
    expect(folder.read('args')).toBe('annotate --style error --context gate-run gates\n');
    expect(folder.read('body.md')).toContain('- ✗ types: src/a.ts:3 error TS2322: no\n');
  });

  test('whose agent refuses, or reads nothing, hears of it, and the verdict stands', async () => {
    const { folder, env } = withAgent('exec <&-; echo "no token" >&2; exit 1');
    const { code, stderr } = await gateRun(folder, [], { env });
    expect(code).toBe(1);
    expect(runScreen(folder, stderr)).toContain(
      'a report is missing: Buildkite has no annotation: Command failed with exit code 1',
    );
  });

  test('without an agent on PATH runs as anywhere else', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    const { code, stderr } = await gateRun(folder, [], { env: { BUILDKITE: 'true' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

test('a server that is detected changes no gate: the same tasks with the same verdicts everywhere', async () => {
  const folder = folderWith(keepGoing(loop(GATES, 'jobs: 1')));
  const told = async (env: Record<string, string>): Promise<unknown> => {
    const { code, stdout } = await gateRun(folder, ['--json'], { env });
    const { exit, verdict, tasks } = outputSchema.parse(JSON.parse(stdout));
    return { code, exit, verdict, tasks: tasks.map((task) => `${task.id} ${task.verdict}`).toSorted() };
  };
  const home = await told({});
  for (const name of ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE'])
    expect(await told({ [name]: 'true' }), name).toEqual(home);
});
