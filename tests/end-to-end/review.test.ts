// Looking back on many cycles, and closely at one: filters, sorting, tables, following, a cycle told whole, plans compared.

import { expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, runScreen, shell, until, type Folder } from './rig.ts';

/** Each cycle takes the next line of `script`: what it measures, what it is called, and how it ends. */
const GATES = `
edge:
  run: 'line=$(sed -n "$GATE_CYCLE"p script); echo "$line"; exit "\${line##* }"'
  exits: { broken: 2, limited: 75 }
  metrics: { edge: { regex: 'edge (?<value>[\\d.]+)', better: higher } }
  labels: { idea: { regex: 'idea (?<value>.+) \\d$' } }
slow: { run: 'exec sleep 5', timeout: 200ms, mode: soft, on-broken: soft, when: { every: 3 } }`;

const SCRIPT = `edge 300 idea left 0
edge 512.5 idea right 0
edge 100 idea left 1
idea up 2
edge 400 idea right 0
edge 512.4 idea up, or "down" 0
`;

async function afterCycles(count = 6): Promise<Folder> {
  const folder = folderWith({ ...loop(GATES, 'goal: review'), script: SCRIPT });
  await gateRun(folder, ['--iterations', String(count), '--sleep', '0', '--set', 'loop.backoff.from=1ms']);
  return folder;
}

async function said(folder: Folder, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function refused(folder: Folder, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
  return stderr;
}

const cyclesIn = (text: string): readonly number[] =>
  Array.from(text.matchAll(/ cycle (\d+) /g), ([, number]) => Number(number));

test('history shows the cycles that were asked for: by verdict, by outcome, the best first, with labels', async () => {
  const folder = await afterCycles();
  expect(cyclesIn(await said(folder, 'history', '--verdict', 'failed,broken'))).toEqual([3, 4]);
  expect(cyclesIn(await said(folder, 'history', '--outcome', 'timed-out'))).toEqual([1, 4]);
  expect(cyclesIn(await said(folder, 'history', '--outcome', 'oom'))).toEqual([]);
  const best = await said(folder, 'history', '--sort', 'edge', '--last', '3', '--show', 'edge,idea');
  expect(cyclesIn(best)).toEqual([2, 6, 5]);
  expect(best).toContain('  edge 512.5  idea right');
  expect(best).toMatch(/^2 more, see --last$/m);
  expect(cyclesIn(await said(folder, 'history', '--last', '2', '--verdict', 'passed'))).toEqual([5, 6]);
});

test('history as a table is read by any program: quotes, commas, every metric and label', async () => {
  const folder = await afterCycles();
  const rows = (await said(folder, 'history', '--csv')).split('\r\n');
  expect(rows[0]).toMatch(/^at,run,cycle,turn,verdict,duration_ms,.*,edge\.edge,idea$/);
  expect(rows).toHaveLength(8);
  expect(rows[2]).toMatch(/,2,cycle,passed,\d+(?:\.\d+)?,1,0,0,0,1,,,512\.5,right$/);
  expect(rows[4]).toContain(',4,cycle,broken,');
  const one = await said(folder, 'history', '--csv', '--show', 'idea', '--last', '1');
  expect(one.split('\r\n')[1]).toMatch(/,"up, or ""down"""$/);
});

test('a table has every cycle, and no cell that a spreadsheet would take for a formula', async () => {
  const gate = `a: { run: 'echo "idea =1+1"', labels: { idea: { regex: 'idea (?<value>.*)' } } }`;
  const folder = folderWith(loop(gate));
  await gateRun(folder, ['--iterations', '25', '--sleep', '0']);
  const rows = (await said(folder, 'history', '--csv')).trim().split('\r\n');
  expect(rows).toHaveLength(26);
  expect(rows.map((row) => row.split(',')[2])).toEqual([
    'cycle',
    ...Array.from({ length: 25 }, (_, at) => String(at + 1)),
  ]);
  expect(rows[1]).toMatch(/,'=1\+1$/);
  expect((await said(folder, 'history', '--csv', '--last', '3')).trim().split('\r\n')).toHaveLength(4);
});

test('whoever follows ends when nobody reads any more, and says so where the place is full', async () => {
  const folder = folderWith(loop('a: { run: echo 1 }'));
  const run = begin(folder, ['--continuous', '--sleep', '100ms']);
  await until('two cycles have ended', () => folder.has('.gate-run/cycles/000003'));
  for (const follower of [
    'status --watch 1',
    'history --follow',
    'logs --follow',
    'history --follow --csv',
  ]) {
    const piped = await shell(folder, `timeout 20 "$GATE" ${follower} | head -1; exit \${PIPESTATUS[0]}`);
    expect({ follower, code: piped.code }).toEqual({ follower, code: 0 });
    const full = await shell(folder, `timeout 20 "$GATE" ${follower} > /dev/full`);
    expect({ follower, code: full.code }).toEqual({ follower, code: 8 });
  }
  run.child.kill('SIGTERM');
  expect((await run.ended).code).toBe(6);
});

test('history says what it does not know, and what was probably meant', async () => {
  const folder = await afterCycles(2);
  expect(await refused(folder, 'history', '--verdict', 'fialed')).toContain('did you mean `failed`?');
  expect(await refused(folder, 'history', '--outcome', 'timeout')).toContain('did you mean `timed-out`?');
  expect(await refused(folder, 'history', '--sort', 'egde')).toContain('did you mean `edge`?');
  expect(await refused(folder, 'history', '--show', 'idae')).toContain('did you mean `idea`?');
  expect(await refused(folder, 'history', '--csv', '--json')).toContain('two answers');
  expect(await refused(folder, 'logs', 'edge', '--activity')).toContain('not built yet');
});

test('[B14] history --follow and logs --follow go on with the run, lose nothing, and end with it', async () => {
  const folder = folderWith({ ...loop(GATES), script: SCRIPT });
  const waits = loop(
    `${GATES}\nheld: { run: 'echo held; while [ ! -e go ]; do sleep 0.02; done; rm go; echo freed' }`,
  );
  folder.write('loop.config.yaml', waits['loop.config.yaml'] ?? '');
  const run = begin(folder, ['--iterations', '2', '--sleep', '0']);
  await until('the first cycle is under way', () => folder.has('.gate-run/cycles/000001/check.held.1.log'));
  const following = ['history', 'logs'].map((command) => begin(folder, [command, '--follow']));
  // One that begins to follow when the run has ended follows nothing.
  await new Promise((resolve) => setTimeout(resolve, 700));
  folder.write('go', '');
  await until('the second cycle is under way', () => folder.has('.gate-run/cycles/000002/check.held.1.log'));
  folder.write('go', '');
  expect((await run.ended).code).toBe(0);
  const [history, logs] = await Promise.all(following.map((one) => one.ended));
  expect([history?.code, logs?.code]).toEqual([0, 0]);
  expect(cyclesIn(history?.stdout ?? '')).toEqual([1, 2]);
  for (const cycle of ['000001', '000002'])
    expect(logs?.stdout).toContain(`==> ${cycle}/check.held.1.log <==`);
  expect(logs?.stdout.match(/^freed$/gm)).toHaveLength(2);
  expect(logs?.stdout.match(/^edge 512\.5 idea right 0$/gm)).toHaveLength(1);
});

test('a run whose holder is not named yet is followed: a start names it beside its first task', async () => {
  // It may well be there before its own holder is named.
  const script = `while ! mv .gate-run/owner.json away 2> mv; do sleep 0.02; done; echo unnamed; while [ ! -e seen ]; do sleep 0.02; done; mv away .gate-run/owner.json; while [ ! -e go ]; do sleep 0.02; done; echo rest`;
  const folder = folderWith({ ...loop('a: { run: [sh, work.sh] }'), 'work.sh': script });
  const run = begin(folder, []);
  await until('nobody is named', () => folder.has('away'));
  const follows = begin(folder, ['logs', '--follow']);
  let shown = '';
  follows.child.stdout?.on('data', (text: string) => (shown += text));
  await until('it is followed', () => shown.includes('unnamed'));
  folder.write('seen', '');
  await until('the holder is named again', () => folder.has('.gate-run/owner.json'));
  folder.write('go', '');
  expect((await run.ended).code).toBe(0);
  expect((await follows.ended).stdout).toContain('unnamed\nrest\n');
});

test('explain --cycle tells one cycle whole, also when only its summary or its archive is left', async () => {
  const folder = await afterCycles();
  const told = runScreen(folder, await said(folder, 'explain', '--cycle', '3'));
  expect(told.replaceAll(/question [0-9a-f]{8}/g, 'question <id>')).toMatchInlineSnapshot(`
    "
    cycle 3 failed in <time>, because of edge
    ended at <instant>, run <run>
      ✗ edge <time>  exit 1
        measured edge 100
        idea: left
        question <id>, closed now
        log .gate-run/cycles/000003/check.edge.1.log
        attempt 1 from <instant>: exit 1, after <time>, <size> of output
          ran line=$(sed -n "$GATE_CYCLE"p script); echo "$line"; exit "\${line##* }"
          said edge 100 idea left 1
      - slow  skipped (when every)
    "
  `);
  const story: unknown = JSON.parse(await said(folder, 'explain', '--cycle', '3', '--json'));
  expect(ANSWERS['cycle']?.safeParse(story).error).toBeUndefined();
  expect(story).toMatchObject({
    cycle: 3,
    turns: [
      {
        verdict: 'failed',
        cause: 'edge',
        attempts: [{ task: 'edge', end: 'exit 1', excerpt: 'edge 100 idea left 1' }],
      },
    ],
  });
  expect(await refused(folder, 'explain', '--cycle', '9')).toContain('the last one is 6');
  expect(await refused(folder, 'explain', '--cycle', '0')).toContain('takes a number from 1');
  const { rmSync } = await import('node:fs');
  rmSync(`${folder.path}/.gate-run/cycles/000003`, { recursive: true });
  expect(await said(folder, 'explain', '--cycle', '3')).toContain('its folder is gone');
});

test('plan --diff says what changed since the last run, by the flags of that run', async () => {
  const folder = await afterCycles(2);
  const same = await gateRun(folder, ['plan', '--diff']);
  expect({ code: same.code, stdout: same.stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^the same plan as run /),
  });
  expect(same.stderr).toContain('--iterations 2');
  const config = folder.read('loop.config.yaml');
  folder.write(
    'loop.config.yaml',
    config.replace('timeout: 200ms', 'timeout: 3s').replace('limited: 75', 'limited: 76'),
  );
  const { code, stdout } = await gateRun(folder, ['plan', '--diff']);
  expect({ code, stdout }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stdout": "gates.edge.exits.1.codes
      - 75
      + 76
    gates.slow.timeout
      - 200ms
      + 3s
    ",
    }
  `);
  const { stdout: json } = await gateRun(folder, ['plan', '--diff', '--json']);
  expect(ANSWERS['plan-diff']?.safeParse(JSON.parse(json)).error).toBeUndefined();
});

test('questions come by age or by how often they were seen', async () => {
  const folder = folderWith(
    loop(`early: { run: 'test "$GATE_CYCLE" != 1', mode: soft }\noften: { run: 'test "$GATE_CYCLE" = 1' }`),
  );
  await gateRun(folder, ['--iterations', '4', '--sleep', '0', '--set', 'loop.backoff.from=1ms']);
  const order = async (...args: readonly string[]): Promise<readonly string[]> =>
    Array.from(
      (await said(folder, 'questions', ...args)).matchAll(/^(?:open|closed) {2}(\w+)/gm),
      ([, id = '']) => id,
    );
  expect(await order('--open')).toEqual(['often']);
  expect(await order('--closed')).toEqual(['early']);
  expect(await order('--sort', 'count', '--open', '--closed')).toEqual(['often', 'early']);
  expect(await said(folder, 'questions', '--open')).toMatch(/open for \d+.* seen 3 times, last in cycle 4/);
});
