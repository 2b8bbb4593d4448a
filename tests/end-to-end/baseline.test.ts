// `gate-run baseline` as people use it: it takes the lock, runs every gate, records all of it or nothing, and holds later cycles to it.

import { describe, expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, shell, until, type Folder } from './rig.ts';

const MIXED = loop(`good: { run: "true" }
old: { run: 'cat findings; exit 1', fail-on: new, metrics: { findings: { regex: "(?<value>[0-9]+) findings", better: lower } }, thresholds: { findings: "<= baseline" } }
gone: { run: ./nope, mode: soft, on-broken: soft }`);

function mixed(): Folder {
  const folder = folderWith(MIXED);
  folder.write('findings', '41 findings\n');
  return folder;
}

function typesIn(folder: Folder): readonly string[] {
  if (!folder.has('.gate-run/history.jsonl')) return [];
  const lines = folder.read('.gate-run/history.jsonl').trim().split('\n');
  return lines.map((line) => String(JSON.parse(line).type));
}

/** Commands of processes that stand in the folder. */
async function runningIn(folder: Folder): Promise<string> {
  const look =
    'for p in /proc/[0-9]*; do [ "$(readlink $p/cwd)" = "$PWD" ] && [ "${p#/proc/}" != $$ ] && tr "\\0" " " < $p/cmdline; done; true';
  return (await shell(folder, look)).stdout.replaceAll(/bash -c \S.*$/gs, '');
}

describe('gate-run baseline', () => {
  test('[A20] what was red before the loop is told apart from what the loop broke', async () => {
    const folder = mixed();
    const recorded = await gateRun(folder, ['baseline', '-n', '2']);
    // One gate could not be judged, and whoever goes on by the exit code has to know.
    expect(recorded.code).toBe(3);
    expect(recorded.stderr).toMatch(/^run 1 of 2: 3 gates in \S+ ?m?s, not green: old, gone$/m);
    expect(recorded.stdout).toContain('✓ good  green');
    expect(recorded.stdout).toContain('✗ old  red: exit 1');
    expect(recorded.stdout).toContain('findings 41 (sd 0)');
    expect(recorded.stdout).toContain('! gone  broken: could not be started');
    expect(typesIn(folder)).toEqual(['baseline.recorded']);
    const passed = await gateRun(folder);
    expect(passed.code).toBe(0);
    expect(passed.stdout).toMatch(/~ old .*soft-failed: exit 1; red in the baseline of/);
    folder.write('findings', '42 findings\n');
    const worse = await gateRun(folder);
    expect(worse.code).toBe(1);
    expect(worse.stdout).toMatch(/✗ old .*new: findings is worse than in the baseline of/);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test.each([['baseline', '-n', '1'], ['run']])(
    'what a killed one left running is ended before `%s` runs anything',
    async (...words) => {
      const slow = 'touch started; sleep 600';
      const folder = folderWith(loop(`slow: { run: '${slow}' }`));
      const running = begin(folder, ['baseline']);
      await until('the gate runs', () => folder.has('started'));
      running.child.kill('SIGKILL');
      await running.ended;
      folder.write('loop.config.yaml', folder.read('loop.config.yaml').replace(slow, 'true'));
      expect(await runningIn(folder)).toContain('sleep 600');
      expect((await gateRun(folder, words)).code).toBe(0);
      expect(await runningIn(folder)).toBe('');
      expect(folder.has('.gate-run/measuring')).toBe(false);
    },
  );

  describe('one finding that is mended and one that has come are not as before', () => {
    const sarif = (...found: readonly (readonly [rule: string, line: number, print?: string])[]) =>
      JSON.stringify({
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'lint' } },
            results: found.map(([ruleId, startLine, print]) => ({
              ruleId,
              level: 'error',
              message: { text: `mend ${ruleId}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: 'a.c' }, region: { startLine } } }],
              ...(print !== undefined && { partialFingerprints: { 'hash/v1': print } }),
            })),
          },
        ],
      });
    const junit = (...failed: readonly string[]) =>
      `<testsuite>${['one', 'two', 'three'].map((name) => `<testcase classname="a" name="${name}">${failed.includes(name) ? '<failure/>' : ''}</testcase>`).join('')}</testsuite>`;

    test.each([
      ['sarif', sarif(['one', 1], ['two', 2]), sarif(['one', 1], ['three', 2]), 1],
      ['sarif, of other lines', sarif(['one', 1], ['two', 2]), sarif(['two', 7], ['one', 9]), 0],
      ['sarif, one of a kind more often', sarif(['one', 1], ['two', 2]), sarif(['one', 1], ['one', 2]), 1],
      [
        'sarif, by its fingerprints',
        sarif(['one', 1, 'x'], ['one', 2, 'y']),
        sarif(['one', 1, 'x'], ['one', 2, 'z']),
        1,
      ],
      ['sarif, fewer', sarif(['one', 1], ['two', 2]), sarif(['two', 2]), 0],
      ['junit', junit('one', 'two'), junit('one', 'three'), 1],
      ['junit, fewer', junit('one', 'two'), junit('two'), 0],
    ])('%s', async (name, before, after, code) => {
      const source = name.startsWith('sarif') ? 'sarif: out, field: results' : 'junit: out, field: failures';
      const folder = folderWith({
        ...loop(
          `lint: { run: 'cat before > out', fail-on: new, metrics: { found: { ${source} } }, thresholds: { found: "== 0" } }`,
        ),
        before,
      });
      expect((await gateRun(folder, ['baseline', '-n', '2'])).code).toBe(0);
      expect((await gateRun(folder)).code).toBe(0);
      folder.write('before', after);
      const now = await gateRun(folder);
      expect(now.code).toBe(code);
      if (code === 1) expect(now.stdout).toContain('new: 1 of the found was not there in the baseline of');
    });
  });

  test('the report tells how each gate stood before the loop, what was not green first', async () => {
    const folder = mixed();
    await gateRun(folder, ['baseline', '-n', '2']);
    await gateRun(folder);
    const { stdout } = await gateRun(folder, ['report']);
    const [, section = ''] = stdout.split('## Before the loop\n');
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(0, 5);
    expect(rows[0]).toBe('| gate | before the loop | values | why | recorded | runs |');
    expect(rows.slice(2).map((row) => row.split(' | ').slice(0, 4).join(' '))).toEqual([
      '| old red findings 41 (sd 0), now 41 exit 1',
      expect.stringMatching(/^\| gone broken {2}could not be started/),
      '| good green  ',
    ]);
    const { baseline } = JSON.parse((await gateRun(folder, ['report', '--json'])).stdout);
    expect(baseline).toMatchObject({
      of: 3,
      rows: [{ id: 'old', state: 'red' }, { id: 'gone' }, { id: 'good' }],
    });
    await gateRun(folder, ['baseline', 'clear']);
    expect((await gateRun(folder, ['report'])).stdout).not.toContain('Before the loop');
  });

  test('[B7] shows value, limit, headroom and the noise of the baseline', async () => {
    const folder = folderWith(
      loop(
        `edge: { run: 'cat edge', metrics: { edge: { regex: "(?<value>[0-9.]+)", better: higher } }, thresholds: { edge: ">= baseline - 0.5" } }`,
      ),
    );
    folder.write('edge', '5\n');
    await gateRun(folder, ['baseline', '--times', '2']);
    folder.write('edge', '4.8\n');
    const { stdout } = await gateRun(folder, ['-v']);
    expect(stdout).toContain('edge 4.8 >= baseline - 0.5 = 4.5 (0.3 above, noise ± 0)');
  });

  test('`show` and `clear`, for people and as JSON', async () => {
    const folder = mixed();
    expect((await gateRun(folder, ['baseline', 'clear'])).stdout).toBe('the baseline was cleared\n');
    expect((await gateRun(folder, ['baseline', 'show'])).stdout).toContain('no baseline is recorded');
    await gateRun(folder, ['baseline', '-n2']);
    await gateRun(folder);
    const shown = await gateRun(folder, ['baseline', 'show', 'old', '--json']);
    expect(ANSWERS['baseline']?.safeParse(JSON.parse(shown.stdout)).error).toBeUndefined();
    expect(JSON.parse(shown.stdout)).toMatchObject({
      exit: 0,
      missing: [],
      gates: [{ id: 'old', state: 'red', aside: null, metrics: { findings: { mean: 41, now: 41 } } }],
    });
    const again = await gateRun(folder, ['baseline', '--json', '-n', '1']);
    expect(ANSWERS['baseline']?.safeParse(JSON.parse(again.stdout)).error).toBeUndefined();
    expect(JSON.parse(again.stdout).gates[1].metrics.findings.sd).toBeNull();
    await gateRun(folder, ['baseline', 'clear']);
    const cleared = JSON.parse((await gateRun(folder, ['baseline', 'show', '--json'])).stdout);
    expect(cleared).toMatchObject({ gates: [], missing: ['good', 'old', 'gone'] });
  });

  test('a gate that has changed since is set aside, and said', async () => {
    const folder = mixed();
    await gateRun(folder, ['baseline', '-n', '1']);
    folder.write(
      'loop.config.yaml',
      (MIXED['loop.config.yaml'] ?? '').replace('cat findings', 'cat ./findings'),
    );
    const { stdout } = await gateRun(folder);
    expect(stdout).toContain('new: the gate is another one than in the baseline of');
    const shown = await gateRun(folder, ['baseline', 'show']);
    expect(shown.stdout).toContain('- old  set aside: the gate has changed since');
    expect(shown.stdout).toContain('no baseline of old: `gate-run baseline` records one');
    const status = await gateRun(folder, ['status']);
    expect(status.stdout).toMatch(
      /^baseline +3 gates on \S+; not green then: gone; set aside, because they have changed: old$/m,
    );
  });

  test('gates are chosen as for a run, and the others keep theirs', async () => {
    const folder = mixed();
    await gateRun(folder, ['baseline', '-n', '1']);
    const { stdout, code } = await gateRun(folder, ['baseline', '--only', 'old', '-n', '3']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('good');
    const { gates } = JSON.parse((await gateRun(folder, ['baseline', 'show', '--json'])).stdout);
    expect(gates.map((gate: { runs: readonly string[] }) => gate.runs.length)).toEqual([1, 3, 1]);
  });

  test.each([
    [['-n', '0'], '-n takes a whole number from 1 to 1000, not `0`'],
    [['-n', '1001'], '-n takes a whole number from 1 to 1000, not `1001`'],
    [['-n'], '--times needs a value'],
    [['nothing'], '`nothing` is none of `show` and `clear`'],
    [['show', '-n', '2'], '`show` runs nothing'],
    [['show', 'nobody'], 'there is no gate `nobody`'],
    [['--only', 'nobody'], 'unknown task `nobody`'],
    [['--skip', 'good,old,gone'], 'no gate that a baseline could be recorded of'],
  ])('%j is refused, and nothing is recorded', async (words, problem) => {
    const folder = mixed();
    folder.write('.gate-run/history.jsonl', '');
    const { code, stderr } = await gateRun(folder, ['baseline', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(folder.read('.gate-run/history.jsonl')).toBe('');
  });
});

describe('a baseline beside other starts', () => {
  const SLOW = loop(`slow: { run: 'echo >> began; while [ ! -e go ]; do sleep 0.02; done' }`);

  test('stopped in a run it records nothing, and says so', async () => {
    const folder = folderWith(SLOW);
    const running = begin(folder, ['baseline']);
    await until('the gate runs', () => folder.has('began'));
    running.child.kill('SIGTERM');
    await until('it was heard', () => folder.has('began'));
    folder.write('go', '');
    const { code, stderr } = await running.ended;
    expect(code).toBe(6);
    expect(stderr).toContain('stopped in run 1: no baseline was recorded');
    expect(typesIn(folder)).toEqual([]);
  });

  test('it holds the lock like a run, waits for nobody, and respects the stop file', async () => {
    const folder = folderWith(SLOW);
    const running = begin(folder, ['baseline', '-n', '1']);
    await until('the gate runs', () => folder.has('began'));
    expect((await gateRun(folder)).code).toBe(7);
    expect((await gateRun(folder, ['baseline'])).code).toBe(7);
    expect((await gateRun(folder, ['baseline', 'clear'])).code).toBe(7);
    folder.write('go', '');
    expect((await running.ended).code).toBe(0);
    folder.write('.gate-run/stop', '');
    expect((await gateRun(folder, ['baseline'])).code).toBe(6);
    expect(typesIn(folder)).toEqual(['baseline.recorded']);
  });

  test('a run without an end is neither closed nor lost by it', async () => {
    const folder = folderWith(SLOW);
    const running = begin(folder, ['--continuous']);
    await until('the gate runs', () => folder.has('began'));
    running.child.kill('SIGKILL');
    await running.ended;
    folder.write('go', '');
    expect((await gateRun(folder, ['baseline', '-n', '1'])).code).toBe(0);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
    const { code } = await gateRun(folder, ['--iterations', '1']);
    expect(code).toBe(0);
    expect(typesIn(folder).filter((type) => type !== 'question.opened')).toEqual([
      'run.started',
      'cycle.started',
      'baseline.recorded',
      'run.resumed',
      'cycle.ended',
      'run.ended',
      'run.started',
      'cycle.started',
      'cycle.ended',
      'run.ended',
    ]);
    expect((await gateRun(folder, ['verify'])).code).toBe(0);
  });

  test('a secret that a gate prints is in no baseline', async () => {
    const folder = folderWith(
      loop(
        `a: { run: 'echo "x: $MY_TOKEN"; exit 1', labels: { l: { regex: "x: (?<value>.*)" } } }`,
        'redact: ["MY_TOKEN"]',
      ),
    );
    await gateRun(folder, ['baseline', '-n', '1'], { env: { MY_TOKEN: 'hush-hush-hush' } });
    expect(folder.read('.gate-run/history.jsonl')).not.toContain('hush-hush');
  });
});
