// Commands that cannot be started, never end, leave others behind, or lie in their numbers.

import { chmodSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endings, everyEnding, hearAll, judged } from './kills/judged.ts';
import { eventsIn, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, marked, start } from './kills/start.ts';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
}

/** Processes of this folder's tasks that are there at this very moment. */
function left(folder: Folder): readonly number[] {
  return marked(`GATE_STATE=${folder.path}/.gate-run`);
}

describe('commands that cannot be started', () => {
  test('each is broken and not started, and its reason names what is missing', async () => {
    const folder = folderWith({
      ...hearAll(`
missing: { run: no-such-command x }
missing-in-shell: { run: 'no-such-command x > out' }
plain: { run: ./plain.txt }
plain-in-shell: { run: './plain.txt > out' }
interpreter: { run: ./script }
folder: { run: ./folder }
folder-in-shell: { run: './folder > out' }
behind-a-file: { run: ./plain.txt/x }
nowhere: { run: 'true', cwd: nowhere }
no-input: { run: cat, stdin: nowhere.txt }
folder-as-input: { run: cat, stdin: folder }
`),
      'plain.txt': 'echo never',
      script: '#!/no/such/interpreter\n',
    });
    chmodSync(join(folder.path, 'script'), 0o755);
    mkdirSync(join(folder.path, 'folder'));
    const ended = await gateRun(folder, ['--json']);
    const tasks = judged(ended);
    expect(ended.code, ended.stderr).toBe(3);
    expect(endings(tasks)).toEqual(everyEnding(tasks, 'broken not-started'));
    const reason = (id: string): string => tasks[id]?.reasons.join(' ') ?? '';
    expect(reason('missing')).toContain('`no-such-command` was not found on PATH');
    expect(reason('missing-in-shell')).toContain('not found');
    expect(reason('plain')).toContain('`./plain.txt` may not be executed');
    expect(reason('plain-in-shell')).toContain('not executable');
    expect(reason('interpreter')).toContain('the interpreter that `./script` names');
    expect(reason('folder')).toContain('`./folder` may not be executed');
    expect(reason('folder-in-shell')).toContain('not executable');
    expect(reason('behind-a-file')).toContain('`./plain.txt/x` was not found');
    expect(reason('nowhere')).toContain('nowhere');
    expect(reason('no-input')).toContain('nowhere.txt');
    expect(reason('folder-as-input')).toContain('folder');
  });
});

describe('commands that wait for somebody', () => {
  test('a command that reads stdin meets its end at once, also where gate-run itself is fed', async () => {
    const folder = folderWith(
      loop(`cat: { run: cat, timeout: 20s }\nread: { run: 'if read x; then exit 1; fi', timeout: 20s }`),
    );
    const { child, over } = start(folder, [...COMMAND], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin?.write('for nobody\n');
    const { code, out } = await over;
    child.stdin?.destroy();
    expect(code, out).toBe(0);
    expect(events(folder).filter(({ type }) => type === 'attempt.ended')).toMatchObject([
      { bytes: 0 },
      { bytes: 0 },
    ]);
  });

  test('[A13] a group that ignores TERM is ended at its timeout and its grace; one that listens may clean up', async () => {
    const folder = folderWith(
      hearAll(`
deaf:
  run: 'trap "" TERM; sleep 61.5 & while :; do sleep 61.5; done'
  timeout: 300ms
  kill-after: 400ms
deaf-child:
  run: '(trap "" TERM; while :; do sleep 61.5; done) & sleep 61.5'
  timeout: 300ms
  kill-after: 400ms
polite:
  run: 'trap "echo cleaned > cleaned; exit 0" TERM; while :; do sleep 0.05; done'
  timeout: 300ms
  kill-after: 15s
`),
    );
    const ended = await gateRun(folder, ['--json', '-j', '3']);
    expect(left(folder)).toEqual([]);
    const tasks = judged(ended);
    expect(ended.code).toBe(3);
    expect(endings(tasks)).toEqual(everyEnding(tasks, 'broken timed-out'));
    expect(folder.read('cleaned')).toBe('cleaned\n');
    const at = (task: string, type: string, signal?: string): number =>
      Number(
        events(folder).find(
          (one) =>
            one.task === task && one.type === type && (signal === undefined || one['signal'] === signal),
        )?.['mono'],
      );
    for (const task of ['deaf', 'deaf-child', 'polite'])
      within(at(task, 'attempt.stopping', 'TERM') - at(task, 'attempt.started'), 300);
    within(at('deaf', 'attempt.stopping', 'KILL') - at('deaf', 'attempt.stopping', 'TERM'), 400);
    for (const task of ['deaf', 'deaf-child'])
      within(at(task, 'attempt.ended') - at(task, 'attempt.stopping', 'TERM'), 400);
    expect(at('polite', 'attempt.stopping', 'KILL')).toBeNaN();
    within(at('polite', 'attempt.ended') - at('polite', 'attempt.stopping', 'TERM'), 0);
  });

  test('[A13] a command that stops itself is ended by its stall limit, or by its time limit', async () => {
    const folder = folderWith(
      hearAll(`
stalls: { run: 'kill -STOP $$', stall: { warn: 100ms, kill: 500ms }, kill-after: 200ms }
lasts: { run: 'kill -STOP $$', timeout: 500ms, kill-after: 200ms }
`),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(left(folder)).toEqual([]);
    expect(ended.code).toBe(3);
    expect(endings(judged(ended))).toEqual({ stalls: 'broken stalled', lasts: 'broken timed-out' });
    expect(ended.ms).toBeLessThan(15_000);
  });
});

/** Never sooner, and not much later: another's work on this machine is not gate-run's fault. */
function within(ms: number, limitMs: number): void {
  expect(ms).toBeGreaterThanOrEqual(limitMs - CLOCK_GRAIN_MS);
  expect(ms).toBeLessThan(limitMs + SLACK_MS);
}

/** Both moments are rounded to whole milliseconds. */
const CLOCK_GRAIN_MS = 2;
const SLACK_MS = 2000;

describe('commands that leave others behind', () => {
  test('[A12] nothing outlives the run: daemons in the group, in a group of their own, in a session of their own', async () => {
    const folder = folderWith(
      hearAll(
        `
in-group: { run: 'sleep 61.5 & exit 0' }
deaf-in-group: { run: '(trap "" TERM; while :; do sleep 61.5; done) & exit 0' }
own-group: { run: 'set -m; sleep 61.5 & exit 0', shell: bash }
own-session: { run: 'setsid sleep 61.5 & exit 0' }
double-fork: { run: '(setsid sh -c "(sleep 61.5; sleep 61.5) & exit 0" &) ; sleep 0.1; exit 0' }
fails: { run: 'setsid sleep 61.5 & sleep 61.5 & exit 1', mode: soft }
late: { run: 'setsid sleep 61.5 & sleep 61.5', timeout: 200ms, mode: soft, on-broken: soft }
`,
        'defaults: { kill-after: 300ms, timeout: 20s }',
      ),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(left(folder)).toEqual([]);
    expect(ended.code, ended.stderr).toBe(0);
    const behind = Object.fromEntries(
      events(folder)
        .filter(({ type }) => type === 'attempt.ended')
        .map((one) => [one.task, one['leftBehind'] ?? 0]),
    );
    // A control group counts also what has left the session.
    expect(behind).toMatchObject({ 'in-group': 1 });
    expect([0, 1]).toContain(behind['own-session']);
    expect(behind['deaf-in-group']).toBeGreaterThan(0);
  });

  test('[A12] a burst of fifty children is ended whole, in the group and out of it', async () => {
    const burst = 'i=0; while [ $i -lt 50 ]; do $HOW sleep 61.5 & i=$((i+1)); done; exit 0';
    const folder = folderWith(
      hearAll(
        `in-group: { run: '${burst}', env: { set: { HOW: '' } } }\nout-of-it: { run: '${burst}', env: { set: { HOW: setsid } } }`,
        'defaults: { kill-after: 300ms, timeout: 20s }',
      ),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(left(folder)).toEqual([]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(
      events(folder).find(({ type, task }) => type === 'attempt.ended' && task === 'in-group'),
    ).toMatchObject({
      leftBehind: 50,
    });
  });

  test('a grandchild that holds the output open keeps nobody waiting, also where output is redacted', async () => {
    const folder = folderWith(
      loop(
        `plain: { run: 'setsid sleep 61.5 & echo done; exit 0' }
redacted: { run: 'setsid sleep 61.5 & echo "the token is $MY_TOKEN"; exit 0', env: { pass: [PATH, MY_TOKEN] } }`,
        `redact: ['*_TOKEN']`,
      ),
    );
    const ended = await gateRun(folder, ['--json'], { env: { MY_TOKEN: 'open-sesame-1234' } });
    expect(left(folder)).toEqual([]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.ms).toBeLessThan(15_000);
    expect(folder.read('.gate-run/cycles/000001/check.redacted.1.log')).toContain(
      'the token is ***MY_TOKEN***',
    );
  });

  test('a command that closes its own output passes by its code', async () => {
    const folder = folderWith(loop(`closes: { run: 'exec 0<&- 1>&- 2>&-; sleep 0.05; true' }`));
    expect((await gateRun(folder)).code).toBe(0);
  });
});

describe('commands that end in odd ways', () => {
  test('death by any signal is broken, never failed, and the signal is named', async () => {
    const signals =
      'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ SYS'.split(' ');
    // Another process sends it: some shells ignore some signals, and what the shell becomes ignores none.
    const folder = folderWith(
      hearAll(
        signals
          .map((name) => `by-${name}: { run: 'ulimit -c 0; (sleep 0.05; kill -${name} $$) & exec sleep 9' }`)
          .join('\n'),
      ),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code).toBe(3);
    const tasks = judged(ended);
    expect(endings(tasks)).toEqual({
      ...everyEnding(tasks, 'broken killed'),
      'by-XCPU': 'broken cpu-limit',
      'by-XFSZ': 'broken file-limit',
    });
    for (const name of signals) expect(tasks[`by-${name}`]?.reasons.join(' ')).toContain(`SIG${name}`);
  });

  test('the exit codes of shells mean what shells mean by them; all others mean failed', async () => {
    const codes = [1, 2, 75, 125, 126, 127, 128, 134, 137, 143, 255];
    const folder = folderWith(
      hearAll(codes.map((code) => `code-${code}: { run: 'exit ${code}' }`).join('\n')),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code).toBe(3);
    expect(endings(judged(ended))).toEqual({
      'code-1': 'failed exited',
      'code-2': 'failed exited',
      'code-75': 'failed exited',
      'code-125': 'failed exited',
      'code-126': 'broken not-started',
      'code-127': 'broken not-started',
      'code-128': 'failed exited',
      'code-134': 'broken killed',
      'code-137': 'broken killed',
      'code-143': 'broken killed',
      'code-255': 'failed exited',
    });
  });
});

describe('numbers that are none', () => {
  test('[A8][B20] a metric that is missing, no number, not finite, out of bounds or stale is broken, never passed', async () => {
    const value = `metrics: { n: { regex: 'n=(?<value>\\S+)', bounds: [0, 100] } }, thresholds: { n: '>= 1' }`;
    const file = (name: string): string =>
      `metrics: { n: { json: ${name}, at: /n } }, thresholds: { n: '>= 1' }`;
    const folder = folderWith({
      ...hearAll(`
never: { run: echo nothing, ${value} }
nan: { run: echo n=NaN, ${value} }
infinite: { run: echo n=Infinity, ${value} }
huge: { run: echo n=1e999, ${value} }
hex: { run: echo n=0x50, ${value} }
word: { run: echo n=many, ${value} }
out-of-bounds: { run: echo n=101, ${value} }
stale: { run: 'true', ${file('stale.json')} }
future: { run: 'true', ${file('future.json')} }
absent: { run: 'true', ${file('absent.json')} }
half: { run: 'printf "{\\"n\\": 5" > half.json', ${file('half.json')} }
nothing: { run: 'echo "{\\"n\\": null}" > null.json', ${file('null.json')} }
folder: { run: mkdir -p folder.json, ${file('folder.json')} }
fifo: { run: mkfifo fifo.json, ${file('fifo.json')} }
good: { run: 'echo "{\\"n\\": 5}" > good.json', ${file('good.json')} }
`),
      'stale.json': '{"n": 5}',
      'future.json': '{"n": 5}',
    });
    const ahead = new Date(Date.now() + 3_600_000);
    utimesSync(join(folder.path, 'future.json'), ahead, ahead);
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code, ended.stderr).toBe(3);
    const tasks = judged(ended);
    expect(endings(tasks)).toEqual({ ...everyEnding(tasks, 'broken exited'), good: 'passed exited' });
    expect(tasks['stale']?.reasons.join(' ')).toContain('older than this attempt');
    expect(tasks['never']?.reasons.join(' ')).toContain('metric `n` was not found');
    expect(tasks['good']?.metrics).toEqual({ n: 5 });
  });
});
