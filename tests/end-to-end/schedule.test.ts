// What `schedule` prints works as it is printed: a crontab line in cron's own environment, units in the eyes of systemd.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nextFireOf } from '../../src/system/schedule.ts';
import { onCalendar, readCalendar } from '../../src/core/service/calendar.ts';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { textOf } from './kills/start.ts';
import { verdicts } from './nights.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const TOLD = loop(`told: { run: 'printf "%s\\n" "$GATE_GOAL" >> told' }`);
const HOSTILE = `50% of "$HOME" isn't \`id\`; \\% \\\\% \\\\d+ \\n done \\`;
const HAS_SYSTEMD = (process.env['PATH'] ?? '')
  .split(':')
  .some((part) => existsSync(join(part, 'systemd-analyze')));

/** As cron does it: its own few variables, `%` taken from behind its backslash, the rest for sh. */
function cronRuns(
  folder: Folder,
  crontab: string,
  isVixie: boolean,
): { readonly code: number | null; readonly said: string } {
  const line = crontab.split('\n').find((one) => one !== '' && !one.startsWith('#')) ?? '';
  const command = asCronReads(line.split(' ').slice(5).join(' '), isVixie);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    cwd: folder.home,
    env: { HOME: folder.home, LOGNAME: 'story', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

/** Up to a bare percent sign, as `child_process` in do_command.c of Vixie cron reads it; cronie leaves two backslashes alone. */
function asCronReads(text: string, isVixie: boolean): string {
  let read = '';
  let isEscaped = false;
  for (const character of text) {
    if (isEscaped) {
      const isTaken = character === '%' || (isVixie && character === '\\');
      read = isTaken ? `${read.slice(0, -1)}${character}` : `${read}${character}`;
      isEscaped = false;
      continue;
    }
    if (character === '%') return read;
    isEscaped = character === '\\';
    read += character;
  }
  return read;
}

test('[B18] a crontab line runs a cycle from nowhere, and a start that meets the one before it is no error', async () => {
  const folder = folderWith(TOLD);
  const args = [
    'schedule',
    '--cron',
    '*/30 * * * *',
    '--iterations',
    '1',
    '--timeout',
    '300',
    '--goal',
    HOSTILE,
  ];
  const { code, stdout, stderr } = await gateRun(folder, args);
  expect(code, stderr).toBe(0);
  expect(stderr.match(/^next: .+$/gm)).toHaveLength(3);
  expect(stdout).toMatch(/^# .*crontab -e.*\n\*\/30 \* \* \* \* /);
  for (const isVixie of [true, false]) {
    expect(cronRuns(folder, stdout, isVixie)).toEqual({ code: 0, said: '' });
  }
  expect(folder.read('told')).toBe(`${HOSTILE}\n${HOSTILE}\n`);
  expect(verdicts(folder)).toEqual(['passed', 'passed']);
  expect(folder.read('.gate-run/cron.log')).toContain('1 passed');
  folder.write(
    'loop.config.yaml',
    loop(`waits: { run: 'touch ready; while [ ! -e go ]; do sleep 0.02; done' }`)['loop.config.yaml'] ?? '',
  );
  const held = begin(folder);
  await until('the task runs', () => folder.has('ready'));
  expect(cronRuns(folder, stdout, true)).toEqual({ code: 0, said: '' });
  expect(textOf(join(folder.path, '.gate-run/cron.log'))).toContain('another run holds this state directory');
  folder.write('go', '');
  expect((await held.ended).code).toBe(0);
});

test('the calendar of the config is taken where none is typed, but never in another time zone than cron has', async () => {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const folder = folderWith(loop('a: { run: echo 1 }', `loop: { cron: "5 4 * * sun", timezone: ${own} }`));
  const { stdout } = await gateRun(folder, ['schedule', '--cron']);
  expect(stdout).toContain('\n5 4 * * sun mkdir -p ');
  const other = own === 'Asia/Tokyo' ? 'Asia/Kolkata' : 'Asia/Tokyo';
  folder.write(
    'loop.config.yaml',
    folder.read('loop.config.yaml').replace(`timezone: ${own}`, `timezone: ${other}`),
  );
  const refused = await gateRun(folder, ['schedule', '--cron']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`the config's calendar in ${other}`);
  const timer = await gateRun(folder, ['schedule', '--systemd', '--cron', '--json']);
  const line = await gateRun(folder, ['schedule', '--cron', '@daily', '--json']);
  for (const text of [timer.stdout, line.stdout])
    expect(ANSWERS['schedule']?.safeParse(JSON.parse(text)).error).toBeUndefined();
  const { units, next } = JSON.parse(timer.stdout);
  expect(units.map(({ file }: { file: string }) => file)).toEqual([
    'gate-run-story.service',
    'gate-run-story.timer',
  ]);
  expect(units[1].text).toContain(`OnCalendar=Sun *-*-* 04:05:00 ${other}\n`);
  expect(next).toHaveLength(3);
});

test('units pass `systemd-analyze verify` without a word, for the system and for a user, whatever stands in names and flags', async () => {
  const folder = folderWith({});
  folder.write(
    'odd "place" 50%/$HOME/loop.config.yaml',
    TOLD['loop.config.yaml']?.replace('name: story', 'name: "50% \\"it\\"\\n[x]"') ?? '',
  );
  folder.write('units/.keep', '');
  const from = join(folder.path, 'odd "place" 50%/$HOME');
  const to = join(folder.path, 'units');
  for (const more of [
    ['--goal', HOSTILE],
    ['--user'],
    ['--cron', '0,30 6-22 1,15 * mon-fri'],
    ['--user', '--cron', '@daily'],
  ]) {
    const made = await gateRun(folder, ['schedule', '--systemd', '--to', to, ...more], { from });
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toBe('');
    const files = made.stderr.match(/^\/.+\.(service|timer)$/gm) ?? [];
    expect(files).toHaveLength(more.includes('--cron') ? 2 : 1);
    if (!HAS_SYSTEMD) continue;
    const verb = more.includes('--user') ? ['--user', 'verify'] : ['verify'];
    const { status, stderr } = spawnSync('systemd-analyze', [...verb, ...files], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder.home },
    });
    expect({ status, stderr }, more.join(' ')).toEqual({ status: 0, stderr: '' });
  }
  if (!HAS_SYSTEMD) console.warn('systemd-analyze is not on PATH: units were not verified');
});

test('a unit names whole paths, leaves the stop to gate-run, and is not started again after an end', async () => {
  const always = `loop: { stop-within: 2m }
defaults: { timeout: 40s }`;
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: story
${always}
phases:
  check: { gates: { a: { run: echo 1, kill-after: 20s } } }
  tidy: { always: true, steps: { b: { run: echo 1, retry: { limit: 1, delay: 5s } } } }
`,
  });
  const { stdout } = await gateRun(folder, ['schedule', '--systemd', '--profile', 'x'].slice(0, 2));
  expect(stdout).toContain(`ExecStart="${process.execPath}" "`);
  expect(stdout).toContain(`bin/gate-run.js" "--config" "${folder.path}/loop.config.yaml" "--continuous"\n`);
  expect(stdout).toContain(`WorkingDirectory=${folder.path}\n`);
  expect(stdout).toContain('\nDelegate=yes\n');
  expect(stdout).toContain('\nKillMode=mixed\nKillSignal=SIGTERM\n');
  // 2m, 20s of grace, two attempts of 40s and 10s of grace with 5s between them, 30s of slack.
  expect(stdout).toContain(`\nTimeoutStopSec=${120 + 20 + 2 * (40 + 10) + 5 + 30}\n`);
  expect(stdout).toContain('\nRestartPreventExitStatus=0 1 2 4 5 6 9 78 130 143\n');
  expect(stdout).toContain('\nSuccessExitStatus=6 130 143\n');
  const written = folder.read('loop.config.yaml');
  folder.write('loop.config.yaml', written.replace('timeout: 40s', 'timeout: never'));
  expect((await gateRun(folder, ['schedule', '--systemd'])).stdout).toContain('\nTimeoutStopSec=infinity\n');
  // A hook that the stop meets, and the one at the end.
  const hooks = 'hooks: { before-cycle: { run: a, timeout: 7m }, on-exit: { run: a, timeout: 3m } }\n';
  folder.write('loop.config.yaml', `${written}${hooks}exit: { budget: { cycles: 2 } }\n`);
  const bounded = (await gateRun(folder, ['schedule', '--systemd'])).stdout;
  expect(bounded).toContain(`\nTimeoutStopSec=${275 + 60 * (7 + 3)}\n`);
  // With a budget and no target 3 may be the code of an end, which a start anew would undo.
  expect(bounded).toContain('\nRestartPreventExitStatus=0 1 2 3 4 5 6 9 78 130 143\n');
  folder.write('loop.config.yaml', written);
  expect((await gateRun(folder, ['schedule', '--systemd', '--iterations', '3'])).stdout).toContain(
    '"--iterations" "3"\n',
  );
});

test.each([
  [[], 'say for whom'],
  [['--cron'], 'needs a calendar'],
  [['--cron', '*/30 * * *'], 'is no calendar that cron knows; write five fields'],
  [['--cron', '0 */5 * * * *'], 'is no calendar that cron knows'],
  [['--cron', '61 * * * *'], 'is no calendar'],
  [['--cron', '5/10 * * * *'], 'is no calendar that cron knows'],
  [['--cron', '0 0 31 2 *'], 'never fires'],
  [['--cron', '@reboot'], 'is no calendar that cron knows'],
  [['--cron', '* * * * *; rm -rf x'], 'is no calendar that cron knows'],
  [['--cron', '@daily', '--user'], 'go with `--systemd`'],
  [['--cron', '@daily', '--goal', 'two\nlines'], 'holds no line break'],
  [['--cron', '0 12 */2 * 1'], 'crons differ over'],
  [['--systemd', '--to', '/nowhere'], 'there is no folder /nowhere'],
  [['--systemd', '--timer'], 'does not know `--timer`'],
  [['--systemd', '--profile', 'none'], 'unknown profile `none`'],
])('`schedule %s` is refused: %s', async (args, words) => {
  const { code, stdout, stderr } = await gateRun(folderWith(TOLD), ['schedule', ...args]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(words);
});

test('a unit of another loop is not written over, and a folder whose path breaks a line has none', async () => {
  const one = folderWith(TOLD);
  const units = one.home;
  const write = (folder: Folder): ReturnType<typeof gateRun> =>
    gateRun(folder, ['schedule', '--systemd', '--to', units]);
  expect((await write(one)).code).toBe(0);
  expect((await write(one)).code).toBe(0);
  const other = await write(folderWith(TOLD));
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('gate-run-story.service is there already, and is not of this loop');
  one.write('two\nlines/loop.config.yaml', TOLD['loop.config.yaml'] ?? '');
  const broken = await gateRun(one, ['schedule', '--systemd'], { from: join(one.path, 'two\nlines') });
  expect({ code: broken.code, stdout: broken.stdout }).toEqual({ code: 2, stdout: '' });
  expect(broken.stderr).toContain('no line break');
});

test('a line that is too long for cron is refused, with what makes it shorter', async () => {
  const { code, stderr } = await gateRun(folderWith(TOLD), [
    'schedule',
    '--cron',
    '@daily',
    '--goal',
    'x'.repeat(1000),
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/has \d+ bytes, and cron takes 990: call it with a shorter PATH/);
});

test('systemd and cron mean the same instants by a calendar', () => {
  if (!HAS_SYSTEMD) return console.warn('systemd-analyze is not on PATH: calendars were not compared');
  const expressions = [
    '*/30 * * * *',
    '7 3 * * *',
    '0 6 1,15 * mon-fri',
    '0 12 1-31/2 * 1',
    '59 23 31 12 *',
    '0 0 29 2 *',
    '10-50/20 1-5,23 * jan,jul 7',
    '@weekly',
  ];
  const from = Date.UTC(2026, 1, 10, 6, 7, 30);
  for (const expression of expressions) {
    const calendar = readCalendar(expression);
    if (!calendar) throw new Error(expression);
    const nextFire = nextFireOf(expression.replace('@weekly', '0 0 * * 0'), 'UTC');
    const wanted: number[] = [];
    for (let wall = from; wanted.length < 5;) wanted.push((wall = nextFire(wall)));
    const found = onCalendar(calendar).flatMap((line) => {
      const args = [
        'calendar',
        '--iterations=5',
        `--base-time=${new Date(from).toISOString().slice(0, 19).replace('T', ' ')}`,
        line,
      ];
      const { status, stdout, stderr } = spawnSync('systemd-analyze', args, {
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC' },
      });
      expect(status, stderr).toBe(0);
      return Array.from(
        stdout.matchAll(/(?:Next elapse|Iter\. #\d+): \w+ (\S+) (\S+) UTC/g),
        ([, day, time]) => Date.parse(`${day}T${time}Z`),
      );
    });
    const times = [...new Set(found)].toSorted((a, b) => a - b).slice(0, 5);
    expect(
      times.map((at) => new Date(at).toISOString()),
      expression,
    ).toEqual(wanted.map((at) => new Date(at).toISOString()));
  }
});

test('every exit code has its place in the unit', async () => {
  const { stdout } = await gateRun(folderWith(TOLD), ['schedule', '--systemd']);
  const page = readFileSync(join(dirname(import.meta.dirname), '../docs/cli.md'), 'utf8');
  const codes = Array.from(page.matchAll(/^\| (\d+) \|/gm), ([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(10);
  const comments = stdout
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(comments))).toEqual([]);
});
