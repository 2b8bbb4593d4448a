// Reports for CI servers: JUnit on every path, and what a GitHub runner is told.

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { outputSchema } from '../../src/core/summary/output.ts';
import { readJunit } from '../unit/views/junit-shape.ts';
import { begin, folderWith, gateRun, loop, runScreen, screen, until, type Folder } from './rig.ts';

const RED = 'red: { run: \'printf "\\033[31mError: <boom> & ]]> \\001\\377\\033[0m\\n"; exit 1\' }';

/** Read by the table of the schema that CI servers use, and by xmllint where that is installed. */
function junitOf(folder: Folder, file: string) {
  const report = readJunit(folder.read(file));
  const lint = spawnSync('xmllint', ['--noout', `${folder.path}/${file}`], { encoding: 'utf8' });
  if (lint.error)
    console.log('xmllint is missing (apt: libxml2-utils), so only our own reader has read the report');
  else expect(lint.stderr).toBe('');
  return report;
}

describe('JUnit', () => {
  test('[B15] is written when the run fails, with the failure in it, whatever the output holds', async () => {
    const folder = folderWith(
      loop(
        `${RED}\nfine: { run: "true" }\nodd: { run: 'exit 1', mode: soft }\nleft: { run: "true", when: { exists: nowhere } }`,
        'jobs: 1',
      ),
    );
    const { code } = await gateRun(folder, ['--reporter', 'junit=out/deep/j.xml']);
    expect(code).toBe(1);
    const report = junitOf(folder, 'out/deep/j.xml');
    expect(report.attributes).toMatchObject({ name: 'story', tests: '4', failures: '1', errors: '0' });
    expect(folder.read('out/deep/j.xml')).toContain('Error: &lt;boom&gt; &amp; ]]&gt;');
    expect(folder.list('out/deep')).toEqual(['j.xml']);
  });

  test('[B15] is written when the run is broken and when it is stopped', async () => {
    const broken = folderWith(
      loop('a: { run: no-such-command-anywhere }', 'reporters: [plain, { junit: j.xml }]'),
    );
    expect((await gateRun(broken)).code).toBe(3);
    expect(junitOf(broken, 'j.xml').attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });

    const stopped = folderWith(
      loop(
        `a: { run: 'touch running; while [ ! -e go ]; do sleep 0.05; done' }\nb: { run: "true", needs: [a] }`,
      ),
    );
    const { child, ended } = begin(stopped, ['--reporter=junit=j.xml']);
    await until('the gate runs', () => stopped.has('running'));
    child.kill('SIGTERM');
    await until('the stop is on record', () => stopped.read('.gate-run/history.jsonl').includes('stop.seen'));
    stopped.write('go', '');
    expect((await ended).code).toBe(6);
    expect(junitOf(stopped, 'j.xml').attributes).toMatchObject({ tests: '2', failures: '0' });
  });

  test('[B15] that cannot be written is said, and changes no verdict', async () => {
    const folder = folderWith({ ...loop('a: { run: "true" }'), out: 'a file' });
    const { code, stderr } = await gateRun(folder, ['--reporter', 'junit=out/j.xml']);
    expect(code).toBe(0);
    expect(runScreen(folder, stderr)).toMatchInlineSnapshot(`
      "
      gate-run: a report is missing: <folder>/out/j.xml could not be written: ENOTDIR write <folder>/out/j.xml; the verdict stands
      "
    `);
  });

  test('of the run before is replaced, whole', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    await gateRun(folder, ['--reporter', 'junit=j.xml']);
    folder.write('j.xml', folder.read('j.xml').replace('name="story"', 'name="yesterday"'));
    await gateRun(folder, ['--reporter', 'junit=j.xml']);
    expect(junitOf(folder, 'j.xml').attributes).toMatchObject({ name: 'story' });
  });
});

describe('a GitHub runner', () => {
  const GITHUB = { GITHUB_ACTIONS: 'true' };

  test('[B16] is told each failure as an annotation, with the last line for people still last', async () => {
    const folder = folderWith({
      ...loop(
        `types: { run: 'echo "src/a.ts(3,7): error TS2322: no"; exit 1' }\nodd: { run: 'exit 1', mode: soft }`,
        'jobs: 1',
      ),
      'src/a.ts': 'x\n',
    });
    const env = {
      ...GITHUB,
      GITHUB_STEP_SUMMARY: `${folder.path}/summary.md`,
      GITHUB_WORKSPACE: folder.path,
    };
    const { code, stdout } = await gateRun(folder, [], { env });
    expect(code).toBe(1);
    expect(runScreen(folder, stdout).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<token>'))
      .toMatchInlineSnapshot(`
        "
        gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
        cycle 1: 2 tasks in 1 phase
        ✗ types <time>  exit 1
        ::group::output of types (.gate-run/cycles/000001/check.types.1.log)
        ::stop-commands::<token>
        src/a.ts(3,7): error TS2322: no
        ::<token>::
        ::endgroup::
        ::error file=src/a.ts,line=3,col=7,title=types failed::error TS2322: no
        - not run because of types: odd
        cycle 1 failed in <time>: 1 failed, 1 not run
        1 new question in .gate-run/questions.md
        ✗ types  exit 1: src/a.ts(3,7): error TS2322: no  (log .gate-run/cycles/000001/check.types.1.log)
        "
      `);
    expect(runScreen(folder, folder.read('summary.md'))).toMatchInlineSnapshot(`
      "
      ### gate-run: cycle 1 failed in <time>: 1 failed, 1 not run

      | | task | time | |
      |---|---|---|---|
      | ✗ | types | <time> | exit 1 |
      | - | odd |  | skipped (after failure of types) |

      #### ✗ types

      \`\`\`text
      Question for ChatGPT @codex <instant>:
      While performing [1.1:types], encountered the following error:
      [exit 1: src/a.ts(3,7): error TS2322: no]
      Context: [cycle 1, attempt 1 of 1, exit 1 after <time>, log .gate-run/cycles/000001/check.types.1.log]
      What are the possible causes, and how can this be resolved while preserving intended functionality?
      \`\`\`

      "
    `);
  });

  test('[B16] gets ten annotations at most, and hears how many were left out', async () => {
    const gates = Array.from({ length: 14 }, (_, index) => `g${index}: { run: 'exit 1' }`).join('\n');
    const { 'loop.config.yaml': text = '' } = loop(gates, 'jobs: 4');
    const folder = folderWith({
      'loop.config.yaml': text.replace('  check:\n', '  check:\n    policy: keep-going\n'),
    });
    const { stdout } = await gateRun(folder, [], { env: GITHUB });
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(stdout).toContain('\n4 more findings left out: GitHub shows 10 annotations of a step; ');
    expect(stdout).toContain('14 failed');
  });

  test('[B16] whose summary cannot be written is told so, and the verdict stands', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    const { code, stderr } = await gateRun(folder, [], {
      env: { ...GITHUB, GITHUB_STEP_SUMMARY: `${folder.path}/no/such/summary.md` },
    });
    expect(code).toBe(0);
    expect(screen(folder, stderr)).toMatchInlineSnapshot(`
      "
      gate-run: a report is missing: open <folder>/no/such/summary.md (ENOENT); the verdict stands
      "
    `);
  });

  test('[B16] is told of a summary that a full disk did not take', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    const { code, stderr } = await gateRun(folder, [], {
      env: { ...GITHUB, GITHUB_STEP_SUMMARY: '/dev/full' },
    });
    expect(code).toBe(0);
    expect(stderr).toBe('gate-run: a report is missing: write /dev/full (ENOSPC); the verdict stands\n');
  });

  test('[B16] is told of problems in the config too, at their place', async () => {
    const folder = folderWith({
      'loop.config.yaml':
        'version: 1\nname: x\nphases: { p: { gates: { g: { run: make, tymeout: 5m } } } }\n',
    });
    const { code, stderr } = await gateRun(folder, [], { env: GITHUB });
    expect(code).toBe(2);
    expect(stderr).toContain('loop.config.yaml:3:41');
  });

  test('problems of a config stand at their lines', async () => {
    const folder = folderWith({ 'deep/loop.config.yaml': 'version: 1\nname: x\njbos: 2\nphases: {}\n' });
    const place = { from: `${folder.path}/deep`, env: { ...GITHUB, GITHUB_WORKSPACE: folder.path } };
    const expected = [
      '::error file=deep/loop.config.yaml,line=3,col=1,title=gate-run::unknown key `jbos` — did you mean `jobs`?',
      '::error file=deep/loop.config.yaml,line=4,col=1,title=gate-run::there is no phase, so nothing would be judged' +
        '%0Asuch as phases: { check: { gates: { test: { run: npm test } } } }',
      '',
    ].join('\n');
    for (const command of ['run', 'check', 'plan']) {
      const { code, stdout } = await gateRun(folder, [command], place);
      expect({ code, stdout }, command).toEqual({ code: 2, stdout: expected });
    }
    const { stdout, stderr } = await gateRun(folder, ['--json'], place);
    expect(JSON.parse(stdout)).toMatchObject({ exit: 2 });
    expect(stderr).toContain(expected);
    const flag = await gateRun(folder, ['--jbos'], place);
    expect(flag.stdout).toBe('::error title=gate-run%3A --jbos::unknown flag — did you mean `--jobs`?\n');
  });

  test('a surrounding that is detected changes no gate: the same tasks run on GitHub and at home', async () => {
    const folder = folderWith(loop('a: { run: "true" }\nb: { run: "true", when: { env: GITHUB_ACTIONS } }'));
    const tasks = async (env: Record<string, string>): Promise<unknown> => {
      const { stdout } = await gateRun(folder, ['--json'], { env });
      return outputSchema
        .parse(JSON.parse(stdout))
        .tasks.map(({ id, verdict }) => `${id} ${verdict}`)
        .toSorted();
    };
    expect(await tasks({ CI: 'true' })).toEqual(['a passed', 'b skipped']);
    expect(await tasks(GITHUB)).toEqual(['a passed', 'b passed']);
  });
});
