// Loops that nobody can mean: by flags and by file, through the built command. The whole screen, exit 2, and nothing started.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen, type Folder } from './rig.ts';

function withKeys(keys: string): Folder {
  const config = `${loop('types: { run: touch started }')['loop.config.yaml'] ?? ''}${keys}`;
  return folderWith({ 'loop.config.yaml': config });
}

/** What the person sees; a loop with a problem starts nothing and leaves no state behind. */
async function refused(keys: string, ...args: readonly string[]): Promise<string> {
  const folder = withKeys(keys);
  const ran = await gateRun(folder, args);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
  expect(folder.list()).toEqual(['loop.config.yaml']);
  return screen(folder, ran.stderr);
}

test('[A10] no zero, no leading zero, no sign, no exponent and no overflow becomes a number of cycles', async () => {
  for (const [flag, ...value] of [
    ['--max-iterations', '03'],
    ['--max-iterations=0'],
    ['--iterations', '-1'],
    ['--cycles', '1e3'],
    ['--max-iterations', '99999999999'],
    ['--iterations', '2.5'],
    ['--iterations', 'never'],
  ] as const)
    expect(await refused('', flag, ...value)).toMatch(/^\n?--\S+ {2}`\S+` is no number of cycles\n/);
  expect(await refused('', '--max-iterations', '03', '--max-failures', '0', '--sleep', '007'))
    .toMatchInlineSnapshot(`
    "
    --max-failures  \`0\` is no number of failures
      digits only, from 1 to 1000000000: no sign, no leading zero, no exponent; \`never\` switches it off

    --sleep  \`007\` is no duration
      write 90, 90s, 5m or 1h30m

    --max-iterations  \`03\` is no number of cycles
      digits only, from 1 to 1000000000: no sign, no leading zero, no exponent
    "
  `);
});

test('[A10] no zero and no word becomes a limit of time', async () => {
  expect(await refused('', '--max-runtime', '0', '--max-backoff', 'long', '--sleep', '1e9'))
    .toMatchInlineSnapshot(`
    "
    --max-runtime  a limit of zero
      leave it out where there should be none

    --sleep  \`1e9\` is no duration
      write 90, 90s, 5m or 1h30m

    --max-backoff  \`long\` is no duration
      write 90, 90s, 5m or 1h30m
    "
  `);
});

test('one number of cycles under two names, a target without a value, and a loop of named tasks', async () => {
  expect(await refused('', '--iterations', '3', '--cycles', '4', '--target', 'edge')).toMatchInlineSnapshot(`
    "
    --target  takes NAME=VALUE, not \`edge\`

    --cycles  says \`4\`, and --iterations says \`3\`
      keep one of them
    "
  `);
  expect(await refused('', 'types', '--continuous')).toMatchInlineSnapshot(`
    "
    --continuous  named tasks run once, beside a loop
      leave the names or the flag out
    "
  `);
  expect(await refused('', '--target-edge', '450', '--overlap', 'replaces')).toMatchInlineSnapshot(`
    "
    --overlap  unknown word \`replaces\` — did you mean \`replace\`?
      write \`skip\`, \`queue\` or \`replace\`

    --target edge  unknown measure \`edge\`
      known are cycles, runtime, tokens, cost, failure-rate, cycles-per-hour, failures-in-a-row, broken-in-a-row, oom-in-a-row, same-error, no-progress, accepted, since-champion
    "
  `);
});

test('[B9] every mistake in the keys of a loop at once, each at its place', async () => {
  const keys = `loop:
  sleep: 10
  rest: { oomm: 5s, failed: never }
  backoff: { from: 2h, factor: 0 }
  stop-file: .gate-run/lock.db
exit:
  budget: { cycles: 0, runtime: 36000, failur-rate: 30% }
  give-up: { half-open: { after: 0s } }
marks: { flat: { level: loud, any: { cycles: "> 3 over 2" } } }
state: { keep: { cycles: 0 } }
`;
  expect(await refused(keys)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:10  expected a duration such as \`10s\`, \`5m\` or \`1h30m\`, not the number 10
      8 │   sleep: 10
        │          ^^
      add the unit: \`10s\` or \`10m\`

    loop.config.yaml:9:11  unknown key \`oomm\` — did you mean \`oom\`?
      9 │   rest: { oomm: 5s, failed: never }
        │           ^^^^

    loop.config.yaml:9:29  expected a duration such as \`30s\`, or \`sleep\`, \`backoff\` or \`reset\`, not the text \`never\`
      9 │   rest: { oomm: 5s, failed: never }
        │                             ^^^^^
      this one cannot be switched off

    loop.config.yaml:10:20  \`from\` is longer than \`max\`
     10 │   backoff: { from: 2h, factor: 0 }
        │                    ^^
      the first pause is at most as long as the longest

    loop.config.yaml:10:32  \`0\` is no factor
     10 │   backoff: { from: 2h, factor: 0 }
        │                                ^
      write a number from 1 to 100

    loop.config.yaml:11:14  \`.gate-run/lock.db\` is a file of gate-run itself, so every run would be stopped
     11 │   stop-file: .gate-run/lock.db
        │              ^^^^^^^^^^^^^^^^^
      name a file that nothing else makes

    loop.config.yaml:13:21  \`cycles >= 0\` always holds
     13 │   budget: { cycles: 0, runtime: 36000, failur-rate: 30% }
        │                     ^
      \`never\` switches it off

    loop.config.yaml:13:33  \`36000\` is no duration
     13 │   budget: { cycles: 0, runtime: 36000, failur-rate: 30% }
        │                                 ^^^^^
      add the unit: \`36000s\`

    loop.config.yaml:13:40  unknown measure \`failur-rate\` — did you mean \`failure-rate\`?
     13 │   budget: { cycles: 0, runtime: 36000, failur-rate: 30% }
        │                                        ^^^^^^^^^^^

    loop.config.yaml:14:34  a try after no pause at all
     14 │   give-up: { half-open: { after: 0s } }
        │                                  ^^

    loop.config.yaml:15:25  expected \`info\`, \`warning\` or \`critical\`, not the text \`loud\`
     15 │ marks: { flat: { level: loud, any: { cycles: "> 3 over 2" } } }
        │                         ^^^^

    loop.config.yaml:15:46  \`over\` means nothing for \`cycles\`
     15 │ marks: { flat: { level: loud, any: { cycles: "> 3 over 2" } } }
        │                                              ^^^^^^^^^^^^
      leave it out

    loop.config.yaml:16:26  \`0\` is no whole number from 1 to 1000000000
     16 │ state: { keep: { cycles: 0 } }
        │                          ^
    "
  `);
});

test('[A10] a calendar that is none, one that never fires, and a zone that is none', async () => {
  expect(await refused('loop: { cron: "0 0 31 2 *" }\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:15  \`0 0 31 2 *\` never fires
      7 │ loop: { cron: "0 0 31 2 *" }
        │               ^^^^^^^^^^^^
      there is no such day
    "
  `);
  expect(await refused('loop: { cron: "61 * * * *" }\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:15  \`61 * * * *\` is no calendar: field value (61) is out of range
      7 │ loop: { cron: "61 * * * *" }
        │               ^^^^^^^^^^^^
      five fields: minute, hour, day, month, weekday, such as "*/30 * * * *"
    "
  `);
  expect(await refused('loop: { cron: "* * * * *", timezone: Europe/Berln }\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:38  unknown time zone \`Europe/Berln\` — did you mean \`Europe/Berlin\`?
      7 │ loop: { cron: "* * * * *", timezone: Europe/Berln }
        │                                      ^^^^^^^^^^^^
      write such as \`Europe/Berlin\` or \`UTC\`
    "
  `);
  expect(await refused('', '--set', 'loop.cron=* * * *')).toMatchInlineSnapshot(`
    "
    --set loop.cron  \`* * * *\` is no calendar: too few fields
      five fields: minute, hour, day, month, weekday, such as "*/30 * * * *"
    "
  `);
});

test('[A10] a loop that nothing would ever end', async () => {
  const keys = 'exit: { give-up: { failures-in-a-row: never } }\n';
  expect(await refused(keys, '--continuous')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:18  nothing would ever end this loop: no budget, and every give-up is switched off
      7 │ exit: { give-up: { failures-in-a-row: never } }
        │                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      write \`budget: { runtime: 10h }\`, or leave \`give-up\` its \`failures-in-a-row\`
    "
  `);
  expect(await refused('', '--continuous', '--max-failures', 'never')).toMatchInlineSnapshot(`
    "
    --max-failures  nothing would ever end this loop: no budget, and every give-up is switched off
      write \`budget: { runtime: 10h }\`, or leave \`give-up\` its \`failures-in-a-row\`
    "
  `);
});

test('a stop file that is the state itself would stop every run', async () => {
  expect(await refused('', '--stop-file', '.gate-run')).toMatchInlineSnapshot(`
    "
    --stop-file  the ledger lies in \`.gate-run\`, so every run would be stopped
      name a file that nothing else makes
    "
  `);
  expect(await refused('', '--stop-file', 'loop.config.yaml')).toMatchInlineSnapshot(`
    "
    --stop-file  \`loop.config.yaml\` is the config, so every run would be stopped
      name a file that nothing else makes
    "
  `);
});

test('`plan` shows the mode, the pauses, the conditions and the marks, each with its source', async () => {
  const keys = `loop: { sleep: 1m, rest: { failed: 2s }, backoff: { max: 10m } }
exit: { budget: { cycles: 30 }, give-up: { same-error: 3, half-open: { times: 2 } } }
marks: { long: { level: warning, all: { cycles: ">= 9" }, any: { failure-rate: "> 30% over 5" } } }
state: { keep: { cycles: 200 } }
`;
  const folder = withKeys(keys);
  const ran = await gateRun(folder, ['plan', '--max-runtime', '7200', '--max-failures', '7', '-j', '2']);
  expect(ran.code).toBe(0);
  expect(screen(folder, ran.stdout).replace(/plan [0-9a-f]{8}/, 'plan <id>')).toMatchInlineSnapshot(`
    "
    story: 1 task in 1 phase, cycle after cycle, plan <id>
      jobs: 2 (flag)
      loop.timeout: 1h (default)
      loop.stop-within: 5m (default)
      loop.sleep: 1m (file)
      loop.stop-file: .gate-run/stop (default)
      loop.overlap: skip (default)
      exit.budget.cycles: >= 30 (file)
      exit.budget.runtime: >= 7200s (flag)
      exit.give-up.same-error: >= 3 (file)
      exit.give-up.failures-in-a-row: >= 7 (flag)
      state.dir: .gate-run (default)
      questions.file: .gate-run/questions.md (default)
      loop.rest.failed: 2s (file)
      loop.backoff.max: 10m (file)
      exit.give-up.half-open: after 30m, 2 times (file)
      marks.long: warning: all of cycles >= 9; any of failure-rate > 30% over 5 (file)
      state.keep.cycles: 200 (file)
      a task has, unless it says otherwise: timeout 10m, stall 5m to warn, 15m to kill, kill-after 10s, log-limit 1g

    1 check
      1.1 gate types, strict
        runs: touch started
    "
  `);
});
