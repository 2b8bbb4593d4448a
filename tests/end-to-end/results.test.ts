// How a run ends: exit code, last words and JSON, the same verdict on every surface.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outputSchema } from '../../src/core/summary/output.ts';
import { begin, folderWith, gateRun, loop, runScreen, shell, until, type Ended, type Folder } from './rig.ts';

const SAME_PRESS_MS = 300;
const RED = 'red: { run: \'echo "Error: boom"; exit 1\' }';

describe('exit codes', () => {
  test.each([
    ['0: every strict gate passed', 'a: { run: "true" }', 0],
    ['0: a soft gate failed', `a: { run: 'exit 1', mode: soft }`, 0],
    ['1: a strict gate failed', `a: { run: 'exit 1' }\nb: { run: 'exit 2', mode: soft }`, 1],
    ['3: a command is not there', 'a: { run: no-such-command-anywhere }', 3],
    [
      '3: a metric that never came',
      `a: { run: 'echo x', metrics: { m: { regex: '(?<value>\\d+)' } }, thresholds: { m: "> 1" } }`,
      3,
    ],
    ['3: a task ran into its time limit', 'a: { run: sleep 30, timeout: 100ms, kill-after: 100ms }', 3],
    ['3: broken is worse than failed', `a: { run: 'exit 1' }\nb: { run: no-such-command-anywhere }`, 3],
    ['3: nothing was judged', 'a: { run: "true", when: { exists: nowhere } }', 3],
  ])('%s', async (_title, gates, exit) => {
    const folder = folderWith(loop(gates, 'jobs: 2'));
    const { code, stdout } = await gateRun(folder, ['--json']);
    expect(code).toBe(exit);
    expect(outputSchema.parse(JSON.parse(stdout)).exit).toBe(exit);
  });

  test('1 instead of 0 for a soft failure, when `--fail-on soft` asks for it', async () => {
    const folder = folderWith(loop(`a: { run: 'exit 1', mode: soft }`));
    expect((await gateRun(folder, ['--fail-on', 'soft'])).code).toBe(1);
    expect((await gateRun(folder, ['--fail-on', 'any'])).code).toBe(0);
  });

  test('3: a step that fails makes the cycle broken, and no gate behind it runs', async () => {
    const folder = folderWith({
      'loop.config.yaml': `version: 1\nname: x\nphases: { p: { steps: { prepare: { run: 'exit 1' } }, gates: { g: { run: touch started } } } }\n`,
    });
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(3);
    expect(folder.has('started')).toBe(false);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  x  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)
      cycle 1: 2 tasks in 1 phase
      ! prepare <time>  broken: exit 1
        no output (.gate-run/cycles/000001/p.prepare.1.log)
      - not run because of prepare: g
      cycle 1 is broken in <time>: 1 broken, 1 not run
      1 new question in .gate-run/questions.md
      ! prepare  broken: exit 1  (log .gate-run/cycles/000001/p.prepare.1.log)
      "
    `);
  });

  test('6: asked to stop, the running task ends by itself and nothing new is started', async () => {
    const folder = folderWith(
      loop(
        `a: { run: 'touch running; while [ ! -e go ]; do sleep 0.05; done' }\nb: { run: touch started, needs: [a] }`,
      ),
    );
    const { child, ended } = begin(folder);
    await until('the gate runs', () => folder.has('running'));
    child.kill('SIGTERM');
    await until('the stop is on record', () => folder.read('.gate-run/history.jsonl').includes('stop.seen'));
    folder.write('go', '');
    const { code, stdout } = await ended;
    expect(code).toBe(6);
    expect(folder.has('started')).toBe(false);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)
      cycle 1: 2 tasks in 1 phase
      stopping (SIGTERM): running tasks have 5m to finish, a; a second signal ends them at once
      - b       skipped (stopped)
      ✓ a <time>
      cycle 1 was stopped in <time>: 1 passed, 1 skipped
      stopped by SIGTERM
      "
    `);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a second %s ends at once, with %d', async (signal, exit) => {
    const folder = folderWith(loop(`a: { run: 'touch running; sleep 30', kill-after: 200ms }`));
    const { child, ended } = begin(folder);
    await until('the gate runs', () => folder.has('running'));
    child.kill(signal);
    await until('the stop is on record', () => folder.read('.gate-run/history.jsonl').includes('stop.seen'));
    // So soon after the first it could be the same key press, passed on by npm.
    await new Promise((resolve) => setTimeout(resolve, SAME_PRESS_MS));
    child.kill(signal);
    const { code, stdout, ms } = await ended;
    expect(code).toBe(exit);
    expect(ms).toBeLessThan(15_000);
    expect(runScreen(folder, stdout)).toMatch(/stopped by SIG\w+, forced by a second one\n$/);
  });

  test('7: another run holds the lock, and is named; `--locked-ok` makes it 0', async () => {
    const folder = folderWith(loop(`a: { run: 'touch running; while [ ! -e go ]; do sleep 0.05; done' }`));
    const first = begin(folder);
    await until(
      'the first run is at work',
      () => folder.has('running') && folder.has('.gate-run/owner.json'),
    );
    const before = folder.read('.gate-run/history.jsonl');
    const second = await gateRun(folder);
    expect(second).toMatchObject({ code: 7, stdout: '' });
    expect(second.stderr).toContain(`process ${first.child.pid} on `);
    expect(runScreen(folder, second.stderr)).toMatchInlineSnapshot(`
      "
      gate-run: another run holds this state directory: process <pid> on <host>, since <instant> (run <run>)
        nothing was started; look at it with: gate-run status
      "
    `);
    const third = await gateRun(folder, ['--locked-ok', '--json']);
    expect(third.code).toBe(0);
    expect(outputSchema.parse(JSON.parse(third.stdout))).toMatchObject({
      exit: 0,
      reason: 'locked',
      verdict: 'none',
      tasks: [],
    });
    expect(folder.read('.gate-run/history.jsonl')).toBe(before);
    folder.write('go', '');
    expect((await first.ended).code).toBe(0);
  });

  test('8: a ledger damaged before good lines is not touched', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    await gateRun(folder);
    const [first = '', ...rest] = folder.read('.gate-run/history.jsonl').split('\n');
    const damaged = [first.replace('story', 'storx'), ...rest].join('\n');
    folder.write('.gate-run/history.jsonl', damaged);
    const { code, stdout, stderr } = await gateRun(folder);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(runScreen(folder, stderr)).toMatchInlineSnapshot(`
      "
      gate-run: the ledger is damaged: <folder>/.gate-run/history.jsonl, line 1 (byte 0) is not what was written, and good lines follow it
        nothing was started and nothing was changed; restore the file from a backup, or set the state directory aside
      "
    `);
    expect(folder.read('.gate-run/history.jsonl')).toBe(damaged);
    for (const command of ['status', 'history', 'logs', 'questions']) {
      expect((await gateRun(folder, [command])).code, command).toBe(8);
    }
  });
});

describe('the last words', () => {
  test('[B1] the first cause is the last line, after its siblings were ended because of it', async () => {
    const gates = `
red: { run: 'echo "Error: boom"; exit 1', needs: [quick] }
quick: { run: "true" }
slow: { run: sleep 30, kill-after: 200ms }
after: { run: touch started, needs: [red] }`;
    const folder = folderWith({
      'loop.config.yaml':
        loop(gates, 'jobs: 3')['loop.config.yaml']?.replace('  check:\n', '  check:\n    policy: kill\n') ??
        '',
    });
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(1);
    expect(folder.has('started')).toBe(false);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 3 tasks at once, a stop waits 5m)
      cycle 1: 4 tasks in 1 phase
      ✓ quick <time>
      ✗ red <time>  exit 1
        output of red (.gate-run/cycles/000001/check.red.1.log)
        │ Error: boom
      - cancelled because of red: slow
      - not run because of red: after
      cycle 1 failed in <time>: 1 passed, 1 failed, 1 cancelled, 1 not run
      1 new question in .gate-run/questions.md
      ✗ red  exit 1: Error: boom  (log .gate-run/cycles/000001/check.red.1.log)
      "
    `);
  });

  test('[B6] a soft failure is amber on every surface: screen, JSON, JUnit, status, history, questions', async () => {
    const folder = folderWith(
      loop(`lint: { run: 'echo "Error: unused x"; exit 1', mode: soft }\ntypes: { run: "true" }`, 'jobs: 1'),
    );
    const { code, stdout } = await gateRun(folder, ['--reporter', 'junit=out/j.xml']);
    expect(code).toBe(0);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
      cycle 1: 2 tasks in 1 phase
      ~ lint <time>  soft-failed: exit 1
        output of lint (.gate-run/cycles/000001/check.lint.1.log)
        │ Error: unused x
      ✓ types <time>
      ~ 1 soft failure: lint
      cycle 1 passed in <time>: 1 passed, 1 soft-failed
      1 new question in .gate-run/questions.md
      "
    `);
    expect(folder.read('out/j.xml')).toContain('<property name="lint.verdict" value="soft-failed"/>');
    expect(await said(folder, 'status')).toMatchInlineSnapshot(`
      "
      state      ended: the cycle passed
      last       cycle 1 passed in <time>, <time> ago: 1 passed, 1 soft-failed
      soft       lint  exit 1
      questions  1 open in .gate-run/questions.md
      limits     a cycle of at most 1h, 1 task at once, a stop waits 5m
      held by    <layer>
      logs       .gate-run/cycles/000001
      disk       <size> of state, <size> free
      "
    `);
    expect(await said(folder, 'history')).toMatchInlineSnapshot(`
      "
      <instant>  cycle 1 passed in <time>: 1 passed, 1 soft-failed
      "
    `);
    expect(await said(folder, 'questions')).toContain(
      'While performing [1.1:lint], encountered the following error:',
    );
    const { stdout: json } = await gateRun(folder, ['--json']);
    expect(JSON.parse(json)).toMatchObject({
      verdict: 'passed',
      tasks: [
        { id: 'lint', verdict: 'soft-failed' },
        { id: 'types', verdict: 'passed' },
      ],
    });
    const colored = await gateRun(folder, [], { env: { FORCE_COLOR: '1' } });
    expect(colored.stdout).toContain('\u001B[33m~ 1 soft failure: lint\u001B[39m');
  });

  test('[B7] value, limit and headroom are shown for what passed and for what did not', async () => {
    const metric = (value: number) =>
      `run: 'echo warnings ${value}', metrics: { warnings: { regex: 'warnings (?<value>\\d+)', better: lower } }, thresholds: { warnings: "<= 50" }`;
    const folder = folderWith(loop(`near: { ${metric(41)} }\nover: { ${metric(63)} }`, 'jobs: 1'));
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(1);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
      cycle 1: 2 tasks in 1 phase
      ✓ near <time>  warnings 41 of 50 (9 left)
      ✗ over <time>  warnings 63 of 50 (13 over)
        output of over (.gate-run/cycles/000001/check.over.1.log)
        │ warnings 63
      cycle 1 failed in <time>: 1 passed, 1 failed
      1 new question in .gate-run/questions.md
      ✗ over  warnings 63 of 50 (13 over)  (log .gate-run/cycles/000001/check.over.1.log)
      "
    `);
  });

  test('[B11] what was skipped is no pass, names its rule, and a run in which nothing was judged is not green', async () => {
    const folder = folderWith(loop(`a: { run: "true", when: { exists: nowhere } }\nb: { run: "true" }`));
    const { code, stdout } = await gateRun(folder, ['--skip', 'b']);
    expect(code).toBe(3);
    expect(runScreen(folder, stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)
      cycle 1: 2 tasks in 1 phase
      - b       skipped (--skip)
      - a       skipped (when exists)
      cycle 1 is broken in <time>: 2 skipped
      nothing was judged, and that is not green
      "
    `);
  });

  test('[A10] the limits that hold are the first line, wherever they were set', async () => {
    const folder = folderWith(loop('a: { run: "true" }', 'jobs: 3\nloop: { timeout: 20m }'));
    const first = async (args: readonly string[], env?: Record<string, string>) =>
      runScreen(folder, (await gateRun(folder, args, env && { env })).stdout).split('\n')[1];
    expect(await first([])).toMatchInlineSnapshot(
      `"gate-run <version>  story  (limits: 1 cycle of at most 20m, 3 tasks at once, a stop waits 5m)"`,
    );
    expect(await first(['--timeout', '90', '-j', '1'])).toMatchInlineSnapshot(
      `"gate-run <version>  story  (limits: 1 cycle of at most 1m30s, 1 task at once, a stop waits 5m)"`,
    );
    expect(await first([], { GATE_RUN_JOBS: '2' })).toMatchInlineSnapshot(
      `"gate-run <version>  story  (limits: 1 cycle of at most 20m, 2 tasks at once, a stop waits 5m)"`,
    );
    expect(await said(folder, 'status')).toContain('limits ');
  });

  test('quiet says what went wrong and the last line, verbose shows the output of what passed', async () => {
    const folder = folderWith(loop('a: { run: echo hello }', 'jobs: 1'));
    expect(runScreen(folder, (await gateRun(folder, ['-q'])).stdout)).toMatchInlineSnapshot(`
      "
      cycle 1 passed in <time>: 1 passed
      "
    `);
    expect(runScreen(folder, (await gateRun(folder, ['-v'])).stdout)).toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
      cycle 2: 1 task in 1 phase
      ✓ a <time>
        output of a (.gate-run/cycles/000002/check.a.1.log)
        │ hello
      cycle 2 passed in <time>: 1 passed
      "
    `);
  });
});

describe('JSON', () => {
  test('owns stdout: one object, words for people on stderr, in a red run too', async () => {
    const folder = folderWith(loop(RED));
    const ran = await gateRun(folder, ['--json']);
    expect(ran.code).toBe(1);
    const result = outputSchema.parse(JSON.parse(ran.stdout));
    expect(result).toMatchObject({ exit: 1, reason: 'finished', verdict: 'failed', cycle: 1 });
    expect(ran.stderr).toContain('✗ red');
    expect(ran.stdout + ran.stderr).not.toContain('\u001B');
  });

  test.each([
    ['a config with problems', [], 'version: 1\nnaem: x\n'],
    ['a flag that is none', ['--bogus'], undefined],
    ['a task that is none', ['nope'], undefined],
    ['no config', [], ''],
  ])('is one object also when nothing ran: %s', async (_title, args, text) => {
    const folder = folderWith(
      text === '' ? {} : text === undefined ? loop(RED) : { 'loop.config.yaml': text },
    );
    const ran = await gateRun(folder, [...args, '--json']);
    expect(ran.code).toBe(2);
    const result = outputSchema.parse(JSON.parse(ran.stdout));
    expect(result).toMatchObject({
      exit: 2,
      reason: 'problems',
      run: null,
      cycle: null,
      verdict: 'none',
      tasks: [],
    });
    expect(result.problems?.length).toBeGreaterThan(0);
    expect(ran.stderr).not.toBe('');
  });

  test('problems have one shape, whichever command found them, and are one line among lines', async () => {
    const folder = folderWith(loop('a: { run: "true", needs: [b], tiemout: 5s }'));
    const problems = [
      {
        file: 'loop.config.yaml',
        line: 6,
        column: 37,
        path: 'phases.check.gates.a.tiemout',
        message: 'unknown key `tiemout` — did you mean `timeout`?',
      },
      {
        file: 'loop.config.yaml',
        line: 6,
        column: 33,
        path: 'phases.check.gates.a.needs.0',
        message: 'unknown task `b`',
      },
    ];
    for (const command of ['run', 'check', 'plan']) {
      const { code, stdout } = await gateRun(folder, [command, '--json']);
      expect({ code, ...JSON.parse(stdout) }, command).toMatchObject({ code: 2, exit: 2, problems });
    }
    const lines = (await gateRun(folder, ['--json=lines'])).stdout.split('\n');
    expect(lines).toHaveLength(2);
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ type: 'result', exit: 2, reason: 'problems', problems });
    expect(outputSchema.safeParse(line).error).toBeUndefined();
  });

  test('that is lost is never green', async () => {
    const folder = folderWith(loop('a: { run: "true" }'));
    const lost = 'gate-run: the answer could not be written to stdout';
    for (const line of ['--json >/dev/full', '--json=lines >/dev/full', 'a --json >/dev/full']) {
      const { code, stderr } = await shell(folder, `"$GATE" ${line}`);
      expect({ line, code, stderr }).toMatchObject({ line, code: 8, stderr: expect.stringContaining(lost) });
      expect(stderr).toMatch(/\(ENOSPC\), or not all of it; exit 8 in place of 0\n$/);
    }
    for (const line of ['status', 'plan', 'schema', 'check', 'history --json']) {
      const { code, stderr } = await shell(folder, `"$GATE" ${line} >/dev/full`);
      expect({ line, code, stderr }).toMatchObject({ line, code: 8, stderr: expect.stringContaining(lost) });
    }
    for (const line of ['>/dev/full', '--json | true', 'plan | true']) {
      const { code, stderr } = await shell(folder, `set -o pipefail; "$GATE" ${line}`);
      expect({ line, code, lost: stderr.includes(lost) }).toEqual({ line, code: 0, lost: false });
    }
  });

  test('as lines, every event is one object while it happens', async () => {
    const folder = folderWith(loop(RED));
    const ran = await gateRun(folder, ['--json=lines']);
    const events = ran.stdout
      .trim()
      .split('\n')
      .map((line): { type?: string } => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual([
      'run.started',
      'cycle.started',
      'attempt.started',
      'attempt.ended',
      'task.judged',
      'cycle.ended',
      'question.opened',
      'run.ended',
    ]);
  });

  test('of `check` and `plan` names the place of each problem', async () => {
    const folder = folderWith({
      'loop.config.yaml':
        'version: 1\nname: x\nphases: { p: { gates: { g: { run: make, tymeout: 5m } } } }\n',
    });
    for (const command of ['check', 'plan']) {
      const { code, stdout } = await gateRun(folder, [command, '--json']);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({
        exit: 2,
        problems: [
          {
            file: 'loop.config.yaml',
            line: 3,
            column: 41,
            message: 'unknown key `tymeout` — did you mean `timeout`?',
          },
        ],
      });
    }
  });
});

describe('colours', () => {
  const ESCAPE = '\u001B[';

  async function screenWith(
    env: Record<string, string>,
    ...args: readonly string[]
  ): Promise<Ended & { folder: Folder }> {
    const folder = folderWith(
      loop(`red: { run: 'printf "\\033[31mError: boom\\033[0m\\n"; echo "force=$FORCE_COLOR"; exit 1' }`),
    );
    return { folder, ...(await gateRun(folder, args, { env })) };
  }

  test('[B4] none without a terminal, and a task is not told to show any', async () => {
    const { stdout, folder } = await screenWith({});
    expect(stdout).not.toContain(ESCAPE);
    expect(readFileSync(`${folder.path}/.gate-run/cycles/000001/check.red.1.log`, 'utf8')).toContain(
      'force=\n',
    );
  });

  test('[B4] FORCE_COLOR shows them without a terminal, NO_COLOR and --color win as they say', async () => {
    expect((await screenWith({ FORCE_COLOR: '1' })).stdout).toContain(`${ESCAPE}31m✗ red`);
    expect((await screenWith({ FORCE_COLOR: '0' })).stdout).not.toContain(ESCAPE);
    expect((await screenWith({ NO_COLOR: '1' })).stdout).not.toContain(ESCAPE);
    expect((await screenWith({ NO_COLOR: '1' }, '--color', 'always')).stdout).toContain(ESCAPE);
    expect((await screenWith({ FORCE_COLOR: '1' }, '--color=never')).stdout).not.toContain(ESCAPE);
  });

  test('[B4] a terminal shows them, unless NO_COLOR, --color or a dumb terminal say no', async () => {
    const folder = folderWith(loop(RED));
    const onTerminal = async (env: Record<string, string>, flags = ''): Promise<string> => {
      const line = `script -qec '"$GATE" ${flags}' /dev/null </dev/null`;
      return (await shell(folder, line, { TERM: 'xterm', ...env })).stdout;
    };
    const color = new RegExp(ESCAPE.replace('[', '\\[3[0-9]m'));
    expect(await onTerminal({})).toMatch(color);
    expect(await onTerminal({ NO_COLOR: '1' })).not.toMatch(color);
    expect(await onTerminal({}, '--color=never')).not.toMatch(color);
    expect(await onTerminal({ TERM: 'dumb' })).not.toContain('\u001B');
  });

  test('[B4] colours stay out of files and JSON, whatever is forced', async () => {
    const { stdout, folder } = await screenWith({ FORCE_COLOR: '1' }, '--json', '--reporter', 'junit=j.xml');
    expect(stdout).not.toContain('\u001B');
    expect(folder.read('j.xml')).not.toContain('\u001B');
    expect(folder.read('j.xml')).toContain('Error: boom');
    expect(folder.read('.gate-run/questions.md')).toContain('[exit 1: Error: boom]');
    expect(folder.read('.gate-run/history.jsonl')).not.toContain('u001b');
  });

  test('[B4] problems are coloured on stderr when that is wished', async () => {
    const folder = folderWith({ 'loop.config.yaml': '' });
    expect((await gateRun(folder, [], { env: { FORCE_COLOR: '1' } })).stderr).toContain(ESCAPE);
    expect((await gateRun(folder)).stderr).not.toContain(ESCAPE);
  });
});

async function said(folder: Folder, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return runScreen(folder, stdout);
}
