// Looking at a run with `status`, `history`, `logs` and `questions`: before it, while it is under way, after it, after a kill.

import { expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop, runScreen, until, type Folder } from './rig.ts';

const HELD = `slow: { run: 'echo begun; touch running; while [ ! -e go ]; do sleep 0.05; done; echo done' }`;
const RED = `red: { run: 'echo "Error: boom"; exit 1' }`;

async function looked(folder: Folder, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return runScreen(folder, stdout).replaceAll(/\d+ process(?:es)?\b/g, '<processes>');
}

test('in an empty folder each says what is missing and what to do, and writes nothing', async () => {
  const folder = folderWith();
  for (const command of ['status', 'history', 'logs', 'questions']) {
    const { code, stdout, stderr } = await gateRun(folder, [command]);
    expect({ command, code, stdout }).toEqual({ command, code: 2, stdout: '' });
    expect(runScreen(folder, stderr)).toBe(
      '\nno loop.config.yaml (or .yml, .json, .ts, .js, .mjs) in <folder> or a folder above it\n' +
        'no state either: there is no .gate-run in <folder>\n',
    );
  }
  expect(folder.list()).toEqual([]);
});

test('before the first run each says so, and writes nothing', async () => {
  const folder = folderWith(loop('a: { run: "true" }', 'jobs: 2'));
  expect(await looked(folder, 'status')).toMatchInlineSnapshot(`
    "
    state      no run yet
    limits     a cycle of at most 1h, 2 tasks at once, a stop waits 5m
    "
  `);
  expect(await looked(folder, 'history')).toMatchInlineSnapshot(`
    "
    no cycle has ended yet
    "
  `);
  expect(await looked(folder, 'logs')).toMatchInlineSnapshot(`
    "
    no cycle yet, so there is no log
    "
  `);
  expect(await looked(folder, 'questions')).toMatchInlineSnapshot(`
    "
    0 open, 0 closed
    "
  `);
  expect((await gateRun(folder, ['status', '--running'])).code).toBe(1);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('after a red run each names the cause and where to read on', async () => {
  const folder = folderWith(
    loop(`${RED}\nsilent: { run: "true" }\nodd: { run: echo odd, needs: [red] }`, 'jobs: 1'),
  );
  expect((await gateRun(folder)).code).toBe(1);
  expect(await looked(folder, 'status')).toMatchInlineSnapshot(`
    "
    state      ended: the cycle failed: red exit 1
    last       cycle 1 failed in <time>, <time> ago: 1 failed, 2 not run
    cause      red  exit 1: Error: boom
    questions  1 open in .gate-run/questions.md
    limits     a cycle of at most 1h, 1 task at once, a stop waits 5m
    held by    <layer>
    logs       .gate-run/cycles/000001
    disk       <size> of state, <size> free
    "
  `);
  expect(await looked(folder, 'history')).toMatchInlineSnapshot(`
    "
    <instant>  cycle 1 failed in <time>: 1 failed, 2 not run  red exit 1
    "
  `);
  expect(await looked(folder, 'logs')).toMatchInlineSnapshot(`
    "
    ✗ red     .gate-run/cycles/000001/check.red.1.log
    - silent  nothing was started
    - odd     nothing was started
    "
  `);
  expect(await looked(folder, 'logs', 'red')).toMatchInlineSnapshot(`
    "
    # gate-run <instant> run <run>, cycle 1, check.red, attempt 1: echo "Error: boom"; exit 1
    Error: boom

    Question for ChatGPT @codex <instant>:
    While performing [1.1:red], encountered the following error:
    [exit 1: Error: boom]
    Context: [cycle 1, attempt 1 of 1, exit 1 after <time>, log .gate-run/cycles/000001/check.red.1.log]
    What are the possible causes, and how can this be resolved while preserving intended functionality?
    "
  `);
  expect(await looked(folder, 'logs', '1', 'silent')).toMatchInlineSnapshot(`
    "
    silent: nothing was started, so there is no log
    "
  `);
  expect((await looked(folder, 'questions')).replaceAll(/[0-9a-f]{8}/g, '<id>')).toMatchInlineSnapshot(`
    "
    open  red  (<id>, open for <time>, seen 1 time, last in cycle 1)
    Question for ChatGPT @codex <instant>:
    While performing [1.1:red], encountered the following error:
    [exit 1: Error: boom]
    Context: [cycle 1, attempt 1 of 1, exit 1 after <time>, log .gate-run/cycles/000001/check.red.1.log]
    What are the possible causes, and how can this be resolved while preserving intended functionality?

    1 open, 0 closed
    "
  `);
  for (const command of ['status', 'history', 'logs', 'questions']) {
    const { stdout } = await gateRun(folder, [command, '--json']);
    expect(() => JSON.parse(stdout), command).not.toThrow();
  }
});

test('a task or a cycle that is none is named with the nearest', async () => {
  const folder = folderWith(loop(RED));
  await gateRun(folder);
  const wrong = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await gateRun(folder, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return runScreen(folder, stderr);
  };
  expect(await wrong('logs', 'rde')).toMatchInlineSnapshot(`
    "
    gate-run logs: there is no task \`rde\` in cycle 1 — did you mean \`red\`?
    "
  `);
  expect(await wrong('logs', '7')).toMatchInlineSnapshot(`
    "
    gate-run logs: there is no cycle 7 in the ledger; the last one is 1
    "
  `);
});

test('while a run is under way each shows what has happened so far, and disturbs nothing', async () => {
  const folder = folderWith(
    loop(`${HELD}\nred: { run: 'echo "Error: boom"; exit 1', mode: soft }`, 'jobs: 2'),
  );
  const { ended } = begin(folder);
  await until(
    'one gate runs and one is judged',
    () => folder.has('running') && eventsOf(folder).includes('task.judged'),
  );
  expect((await gateRun(folder, ['status', '--running'])).code).toBe(0);
  expect(await looked(folder, 'status')).toMatchInlineSnapshot(`
    "
    state      running: cycle 1 is under way
    since      <instant> (<time> ago), 1 task done
    running    slow <time> of 10m
               <size> of output, the last <time> ago; <processes>, <size> of memory (<size> at most), <time> of CPU time
    limits     1 cycle of at most 1h, 2 tasks at once, a stop waits 5m
    held by    <layer>
    logs       .gate-run/cycles/000001
    disk       <size> of state, <size> free
    "
  `);
  expect(await looked(folder, 'logs')).toMatchInlineSnapshot(`
    "
    … slow  .gate-run/cycles/000001/check.slow.1.log
    ~ red   .gate-run/cycles/000001/check.red.1.log
    "
  `);
  expect(await looked(folder, 'logs', 'slow')).toContain('begun\n');
  expect(await looked(folder, 'history')).toMatchInlineSnapshot(`
    "
    no cycle has ended yet
    "
  `);
  await looked(folder, 'questions');
  const following = begin(folder, ['logs', 'slow', '--follow']);
  folder.write('go', '');
  expect((await following.ended).stdout).toContain('begun\ndone\n');
  expect((await ended).code).toBe(0);
});

test('named tasks run beside a living run: no lock, no ledger, no question', async () => {
  const folder = folderWith(
    loop(`${HELD}\n${RED}\nneeds-red: { run: touch started, needs: [red] }`, 'jobs: 1'),
  );
  const { ended } = begin(folder);
  await until('the run is at work', () => folder.has('running'));
  const before = folder.list('.gate-run/cycles');
  const history = folder.read('.gate-run/history.jsonl');
  const beside = await gateRun(folder, ['red']);
  expect(beside.code).toBe(1);
  expect(runScreen(folder, beside.stdout).replaceAll(/[^\s(]*gate-run-\w{6}(?=\/)/g, '<temporary>'))
    .toMatchInlineSnapshot(`
      "
      gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
      cycle 1: 1 task in 1 phase
      ✗ red <time>  exit 1
        output of red (<temporary>/000001/check.red.1.log)
        │ Error: boom
      cycle 1 failed in <time>: 1 failed
      ✗ red  exit 1: Error: boom  (log <temporary>/000001/check.red.1.log)
      "
    `);
  expect((await gateRun(folder, ['needs-red'])).code).toBe(1);
  expect(folder.has('started')).toBe(false);
  expect(folder.list('.gate-run/cycles')).toEqual(before);
  expect(folder.read('.gate-run/history.jsonl')).toBe(history);
  expect(folder.has('.gate-run/questions.md')).toBe(false);
  folder.write('go', '');
  expect((await ended).code).toBe(1);
});

test('named tasks in a folder without state leave none behind', async () => {
  const folder = folderWith(loop('a: { run: echo hello }\nb: { run: touch started }'));
  expect((await gateRun(folder, ['a'])).code).toBe(0);
  expect((await gateRun(folder, ['run', 'a', '--json'])).code).toBe(0);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('after a kill -9 each says what was under way; the next run closes it, ends what was left, and goes on', async () => {
  const folder = folderWith(loop(`${HELD}\n`, 'jobs: 1'));
  const { child, ended } = begin(folder);
  await until('the gate runs', () => folder.has('running'));
  child.kill('SIGKILL');
  await ended;
  expect((await gateRun(folder, ['status', '--running'])).code).toBe(1);
  expect(await looked(folder, 'status')).toMatchInlineSnapshot(`
    "
    state      crashed: gate-run was ended in the middle of cycle 1 (crash, kill or power); the next start closes that as interrupted and goes on
    since      <instant> (<time> ago), 0 tasks done
    cut off    slow (attempt 1)
    limits     1 cycle of at most 1h, 1 task at once, a stop waits 5m
    held by    <layer>
    logs       .gate-run/cycles/000001
    disk       <size> of state, <size> free
    "
  `);
  expect(await looked(folder, 'history')).toMatchInlineSnapshot(`
    "
    no cycle has ended yet
    "
  `);
  expect(await looked(folder, 'logs')).toMatchInlineSnapshot(`
    "
    … slow  .gate-run/cycles/000001/check.slow.1.log
    "
  `);
  expect(await looked(folder, 'logs', 'slow')).toContain('begun\n');
  const before = folder.read('.gate-run/history.jsonl');
  folder.write('go', '');
  const next = await gateRun(folder);
  expect(next.code).toBe(0);
  expect(runScreen(folder, next.stdout)).toMatchInlineSnapshot(`
    "
    the run before this one has no end; interrupted: slow
    gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
    cycle 2: 1 task in 1 phase
    ✓ slow <time>
    cycle 2 passed in <time>: 1 passed
    "
  `);
  expect(folder.read('.gate-run/history.jsonl').startsWith(before)).toBe(true);
  expect(await looked(folder, 'history')).toMatchInlineSnapshot(`
    "
    <instant>  cycle 1 was interrupted in <time>: 1 skipped  (neither passed nor failed)
    <instant>  cycle 2 passed in <time>: 1 passed
    "
  `);
});

test('a config that was broken since is named, and the state is shown all the same', async () => {
  const folder = folderWith(loop(RED));
  await gateRun(folder);
  folder.write('loop.config.yaml', 'version: 1\n');
  const { code, stdout, stderr } = await gateRun(folder, ['status']);
  expect(code).toBe(0);
  expect(runScreen(folder, stderr)).toMatchInlineSnapshot(`
    "
    loop.config.yaml: missing key \`name\`
    reading .gate-run without it; \`gate-run check\` shows every problem
    "
  `);
  expect(stdout).toContain('cause      red  exit 1: Error: boom');
});

test('the last cycle can be run again for what was not green', async () => {
  const folder = folderWith(
    loop(`${RED}\nfine: { run: "true" }\nbehind: { run: "true", needs: [red] }`, 'jobs: 1'),
  );
  expect((await gateRun(folder)).code).toBe(1);
  const again = await gateRun(folder, ['--failed']);
  expect(again.code).toBe(1);
  expect(runScreen(folder, again.stdout)).toMatchInlineSnapshot(`
    "
    gate-run <version>  story  (limits: 1 cycle of at most 1h, 1 task at once, a stop waits 5m)
    cycle 2: 3 tasks in 1 phase
    ✗ red <time>  exit 1
      output of red (.gate-run/cycles/000002/check.red.1.log)
      │ Error: boom
    - not run because of red: fine, behind
    cycle 2 failed in <time>: 1 failed, 2 not run
    ✗ red  exit 1: Error: boom  (log .gate-run/cycles/000002/check.red.1.log)
    "
  `);
});

test('what failed is run again with what it needs, in every cycle of a loop', async () => {
  const folder = folderWith(
    loop(
      `build: { run: "echo >> built" }\nred: { run: "test -e mended", needs: [build] }\nfine: { run: "echo >> other" }`,
      'loop: { sleep: 0s }',
    ),
  );
  expect((await gateRun(folder)).code).toBe(1);
  expect((await gateRun(folder, ['--failed', '--iterations', '2', '--max-failures', 'never'])).code).toBe(1);
  expect(folder.read('built')).toBe('\n'.repeat(3));
  expect(folder.read('other')).toBe('\n');
  const config = folder.read('loop.config.yaml');
  folder.write('loop.config.yaml', config.replace('red:', 'rot:'));
  const renamed = await gateRun(folder, ['--failed']);
  expect(renamed.code).toBe(2);
  expect(renamed.stderr).toContain('of cycle 3 red was not green, and the config has no such task any more');
  folder.write('loop.config.yaml', config);
  folder.write('mended', '');
  expect((await gateRun(folder, ['--failed'])).code).toBe(0);
});

function eventsOf(folder: Folder): string {
  return folder.has('.gate-run/cycles/000001/events.jsonl')
    ? folder.read('.gate-run/cycles/000001/events.jsonl')
    : '';
}
