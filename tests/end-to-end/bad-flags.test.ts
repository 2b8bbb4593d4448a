// Command lines that people get wrong: what is said, exit 2, and nothing started. Nothing is ever guessed.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen, type Folder } from './rig.ts';

function fine(): Folder {
  return folderWith(loop('types: { run: touch started }\nlint: { run: touch started }'));
}

/** What the person sees; a command line with a problem starts nothing. */
async function refused(...args: readonly string[]): Promise<string> {
  const folder = fine();
  const ran = await gateRun(folder, args);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
  expect(folder.list()).toEqual(['loop.config.yaml']);
  return screen(folder, ran.stderr);
}

test('a misspelt flag names the nearest one, an unknown one the help, and all are told at once', async () => {
  expect(await refused('--jbos', '3', '--bogus', '-x')).toMatchInlineSnapshot(`
    "
    --jbos  unknown flag — did you mean \`--jobs\`?

    --bogus  unknown flag
      \`gate-run --help\` lists all that this version knows

    -x  unknown flag
      \`gate-run --help\` lists all that this version knows
    "
  `);
});

test('[A10] a flag without its value', async () => {
  expect(await refused('-j')).toMatchInlineSnapshot(`
    "
    -j  needs a value: \`-j N\`
    "
  `);
  expect(await refused('--timeout', '--skip', 'types')).toMatchInlineSnapshot(`
    "
    --timeout  needs a value: \`--timeout TIME\`
    "
  `);
  expect(await refused('--profile=')).toMatchInlineSnapshot(`
    "
    --profile  needs a value: \`--profile NAME\`
    "
  `);
  expect(await refused('--skip=')).toMatchInlineSnapshot(`
    "
    --skip  needs a value: \`--skip IDS\`
    "
  `);
  expect(await refused('-q=1')).toMatchInlineSnapshot(`
    "
    -q  takes no value, not \`1\`
    "
  `);
  expect(await refused('-j', '2', '--jobs', '3')).toMatchInlineSnapshot(`
    "
    --jobs  given twice, as \`2\` and as \`3\`
      keep one of them
    "
  `);
});

test('[A10] no zero, no leading zero, no sign and no word becomes a number of jobs', async () => {
  for (const jobs of ['0', '01', '-1', '1.5', 'many', '1e3', ' 2', '1001']) {
    expect(await refused('-j', jobs)).toBe(`\n--jobs  \`${jobs}\` is no whole number from 1 to 1000\n`);
  }
});

test('[A10] a limit below zero, of zero and without a meaning is no limit', async () => {
  for (const time of ['-5', '0', '0s', '5x', 'forever', '']) {
    expect(await refused(`--timeout=${time}`), time).toMatch(/^\n--timeout {2}.*\n/);
  }
  expect(await refused('--timeout', '-5')).toMatchInlineSnapshot(`
    "
    --timeout  \`-5\` is no duration
      write a number with its unit: 250ms, 90s, 5m, 1h30m, 2d
    "
  `);
});

test('[A11] commands of later versions say that they are not built yet', async () => {
  for (const command of ['monitor', 'classify'])
    expect(await refused(command)).toContain(`${command}  this command is not built yet`);
});

test('a word that is neither a command nor a task names the nearest of both', async () => {
  expect(await refused('chekc')).toMatchInlineSnapshot(`
    "
    command line  \`chekc\` is no task — did you mean the command \`gate-run check\`?
    "
  `);
  expect(await refused('tpyes')).toMatchInlineSnapshot(`
    "
    command line  unknown task \`tpyes\` — did you mean \`types\`?
    "
  `);
  expect(await refused('help')).toMatchInlineSnapshot(`
    "
    command line  unknown task \`help\`
      \`gate-run plan\` shows every task, \`gate-run --help\` every command
    "
  `);
});

test('tasks and phases that are none', async () => {
  expect(await refused('--skip', 'nope')).toMatchInlineSnapshot(`
    "
    --skip  unknown task \`nope\`
    "
  `);
  expect(await refused('--only', 'type')).toMatchInlineSnapshot(`
    "
    --only  unknown task \`type\` — did you mean \`types\`?
    "
  `);
  expect(await refused('--only', 'z*')).toMatchInlineSnapshot(`
    "
    --only  \`z*\` matches no task
    "
  `);
  expect(await refused('--phase', 'chekc')).toMatchInlineSnapshot(`
    "
    --phase  unknown phase \`chekc\` — did you mean \`check\`?
    "
  `);
  expect(await refused('--phase', 'types')).toMatchInlineSnapshot(`
    "
    --phase  unknown phase \`types\`
    "
  `);
  expect(await refused('check-all')).toMatchInlineSnapshot(`
    "
    command line  unknown task \`check-all\`
      \`gate-run plan\` shows every task, \`gate-run --help\` every command
    "
  `);
  expect(await refused('--failed')).toMatchInlineSnapshot(`
    "
    --failed  no cycle has ended yet, so nothing can have failed
      run without \`--failed\`
    "
  `);
});

test('settings and reporters that are none', async () => {
  expect(await refused('--set', 'jobs')).toMatchInlineSnapshot(`
    "
    --set  takes KEY=VALUE, not \`jobs\`
    "
  `);
  expect(await refused('--set', 'jbos=3')).toMatchInlineSnapshot(`
    "
    --set jbos  unknown key \`jbos\` — did you mean \`jobs\`?
      write the key as \`plan\` shows it; lists and commands are set in the file or a profile
    "
  `);
  expect(await refused('--reporter', 'junit')).toMatchInlineSnapshot(`
    "
    --reporter  \`junit\` without a file
      write \`junit: FILE\`, or as a flag \`--reporter junit=FILE\`
    "
  `);
  expect(await refused('--reporter', 'jnit=x.xml')).toMatchInlineSnapshot(`
    "
    --reporter  unknown reporter \`jnit\` — did you mean \`junit\`?
      known are terminal, plain, report, junit, tap, sarif, code-quality, github, gitlab, buildkite
    "
  `);
  expect(await refused('--color', 'sometimes')).toMatchInlineSnapshot(`
    "
    --color  takes always, never, auto, not \`sometimes\`
    "
  `);
  expect(await refused('--fail-on', 'never')).toMatchInlineSnapshot(`
    "
    --fail-on  takes any, soft, not \`never\`
    "
  `);
});

test('a variable of the environment that gate-run would read is checked as a flag is', async () => {
  const folder = fine();
  const ran = await gateRun(folder, [], { env: { GATE_RUN_JOBS: '0' } });
  expect(ran.code).toBe(2);
  expect(screen(folder, ran.stderr)).toMatchInlineSnapshot(`
    "
    GATE_RUN_JOBS  \`0\` is no whole number from 1 to 1000
    "
  `);
});

test('a variable that is spelt wrong is told, with the nearest one', async () => {
  const folder = fine();
  const env = { GATE_RUN_JBOS: '3', GATE_RUN_NONSENSE: '1', GATE_RUN_TIMEOUTS: '' };
  const ran = await gateRun(folder, [], { env });
  expect(ran.code).toBe(2);
  expect(screen(folder, ran.stderr)).toMatchInlineSnapshot(`
    "
    GATE_RUN_JBOS  unknown variable — did you mean \`GATE_RUN_JOBS\`?

    GATE_RUN_NONSENSE  unknown variable
      known are GATE_RUN_PROFILE, GATE_RUN_GOAL, GATE_RUN_JOBS, GATE_RUN_SLEEP, GATE_RUN_TIMEOUT, GATE_RUN_MAX_BACKOFF, GATE_RUN_MAX_FAILURES, GATE_RUN_MAX_RUNTIME, GATE_RUN_STOP_FILE, GATE_RUN_OVERLAP, GATE_RUN_STOP_WITHIN, GATE_RUN_STATE_DIR and GATE_RUN_VAR_NAME
    "
  `);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('a run inside a task takes the variables of the outer one as they are', async () => {
  const inner = loop('deep: { run: "true" }')['loop.config.yaml'] ?? '';
  const folder = folderWith({
    ...loop(
      `inner: { run: '"$NODE" "$BIN" -c inner.yaml --set state.dir=inner', env: { set: { NODE: '{{gate-run.node}}', BIN: '{{gate-run.bin}}' } } }`,
      'vars: { size: 1 }',
    ),
    'inner.yaml': inner,
  });
  const ran = await gateRun(folder, [], { env: { GATE_RUN_VAR_SIZE: '3', GATE_RUN_VAR_OTHER_LOOP: 'x' } });
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
});

test('flags that commands have of their own are checked too', async () => {
  expect(await refused('status', '--runing')).toMatchInlineSnapshot(`
    "
    gate-run status: unknown flag \`--runing\`; this command knows --running, --watch
    "
  `);
  expect(await refused('history', '--last', '0')).toMatchInlineSnapshot(`
    "
    gate-run history: --last takes a number from 1, not \`0\`
    "
  `);
  expect(await refused('logs', '0')).toMatchInlineSnapshot(`
    "
    gate-run logs: \`0\` is no cycle number
    "
  `);
  expect(await refused('check', '--fix')).toMatchInlineSnapshot(`
    "
    --fix  \`check\` does not know it
    "
  `);
  expect(await refused('plan', '--all')).toMatchInlineSnapshot(`
    "
    gate-run plan: unknown flag \`--all\`; this command knows --diff
    "
  `);
  expect(await refused('schema', 'loops')).toMatchInlineSnapshot(`
    "
    gate-run schema: expected baseline, cache, champion, champion-history, check, cycle, detach, doctor, explain, gate, history, logs, loop, output, plan, plan-diff, questions, ratchet, rehearse, replay, report, robustness, schedule, status, stop, verify, not \`loops\`
    "
  `);
  expect(await refused('init', '--force')).toMatchInlineSnapshot(`
    "
    init: unknown argument \`--force\` — it knows \`--print\` alone
    "
  `);
  expect(await refused('explain')).toMatchInlineSnapshot(`
    "
    gate-run explain: name one task, or \`exit\`, or --cycle N
      gate-run plan shows the tasks, gate-run explain exit the ends, gate-run history the cycles
    "
  `);
});

test('a folder that is not there', async () => {
  expect(await refused('-C', 'nowhere')).toMatchInlineSnapshot(`
    "
    --folder  there is no folder \`nowhere\`
    "
  `);
  expect(await refused('-C', 'loop.config.yaml')).toMatchInlineSnapshot(`
    "
    --folder  there is no folder \`loop.config.yaml\`
    "
  `);
});
