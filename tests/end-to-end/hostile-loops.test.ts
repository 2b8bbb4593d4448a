// Nights that go wrong: limits, hangs, breakers, budgets and stops, lived through by the built command.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { HISTORY, isIn, isResumed, lastOf, latest, linesOf, runs, verdicts } from './nights.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

/** So short that a night takes a second. */
const SHORT = 'loop: { sleep: 10ms, backoff: { from: 10ms, max: 20ms } }';

async function status(folder: Folder): Promise<string> {
  return (await gateRun(folder, ['status'])).stdout;
}

describe('a limit', () => {
  const LIMITED = `work:
  run: 'echo "limited, try again in 3600 s"; exit 75'
  exits: { limited: 75 }
  metrics: { retry-at: { regex: 'again in (?<value>\\d+) s' } }`;

  test('[A1] is waited for until it resets, on every surface, and a new start waits for the same instant', async () => {
    const folder = folderWith(loop(LIMITED, SHORT));
    const { child, ended } = begin(folder, ['--continuous', '--max-failures', '1']);
    await until('it waits', () => isIn(folder, 'waiting'));
    const { until: instant, forMs, cause } = lastOf(folder, 'rest.started');
    expect(cause).toBe('limit');
    expect(Number(forMs)).toBeGreaterThan(3_600_000);
    expect(Number(forMs)).toBeLessThan(3_610_000);
    expect(latest(folder)).toMatchObject({ nextAt: instant, consecutiveFailures: 0 });
    expect(await status(folder)).toMatch(/waiting for a limit/);
    expect(await status(folder)).toContain(String(instant).slice(11, 16));
    child.kill('SIGKILL');
    await ended;

    const again = begin(folder, ['--continuous', '--max-failures', '1']);
    await until('the second start has taken the run up', () => isResumed(folder));
    await until('it waits again', () => isIn(folder, 'waiting'));
    expect(latest(folder)).toMatchObject({ nextAt: instant });
    expect((await gateRun(folder, ['stop'])).code).toBe(EXIT.passed);
    const { code, stdout } = await again.ended;
    expect(code, stdout).toBe(EXIT.stopped);
    expect(verdicts(folder)).toEqual(['limited']);
  });

  test('[A1] that a step met is waited for like any other', async () => {
    const folder = folderWith({
      'loop.config.yaml': `version: 1
name: step
phases:
  work:
    steps:
      agent:
        run: '[ -e rested ] || { touch rested; echo "try again in 1 s"; exit 75; }'
        exits: { limited: 75 }
        metrics: { retry-at: { regex: 'again in (?<value>\\d+) s' } }
`,
    });
    const { code, stdout } = await gateRun(folder, ['--iterations', '1']);
    expect(code, stdout).toBe(EXIT.passed);
    expect(verdicts(folder)).toEqual(['limited', 'passed']);
    expect(lastOf(folder, 'rest.started')).toMatchObject({ cause: 'limit', by: 'wall' });
  });

  test('[A3] is neither passed nor failed: it uses up no cycle, no failure and no success', async () => {
    const folder = folderWith(
      loop(
        `work:
  run: 'echo again >> calls; [ $(grep -c . calls) != 2 ] || exit 75'
  exits: { limited: 75 }`,
        SHORT,
      ),
    );
    const { code, stdout } = await gateRun(folder, ['--iterations', '3', '--max-failures', '1']);
    expect(code, stdout).toBe(EXIT.passed);
    expect(verdicts(folder)).toEqual(['passed', 'limited', 'passed', 'passed']);
    expect(stdout).toContain('all 3 cycles passed');
    expect(latest(folder)).toMatchObject({ consecutiveFailures: 0, verdict: 'passed', cycle: 4 });
  });

  test('[A3] that one cycle alone meets is no success: it ends with 3', async () => {
    const folder = folderWith(loop("work: { run: 'exit 75', exits: { limited: 75 } }"));
    const { code, stdout } = await gateRun(folder);
    expect(code, stdout).toBe(EXIT.broken);
    expect(stdout).toContain('met a limit');
  });
});

describe('a child that does not come back', () => {
  test('[A4] is ended by its limits, the run goes on, and gives up in the end', async () => {
    const folder = folderWith(
      loop(
        `hangs: { run: sleep 600, timeout: 200ms, kill-after: 200ms }
silent: { run: sleep 600, stall: { warn: 100ms, kill: 300ms }, kill-after: 200ms }`,
        SHORT,
      ),
    );
    const { code, stdout } = await gateRun(folder, ['--continuous', '--max-failures', '3']);
    expect(code, stdout).toBe(EXIT.gaveUp);
    expect(verdicts(folder)).toEqual(['broken', 'broken', 'broken']);
    const { tasks } = lastOf(folder, 'cycle.ended');
    expect(tasks).toMatchObject([
      { id: 'hangs', outcome: 'timed-out' },
      { id: 'silent', outcome: 'stalled' },
    ]);
    expect(lastOf(folder, 'run.ended')).toMatchObject({ reason: 'gave-up', rule: 'failures-in-a-row >= 3' });
  });

  test('[A4] has limits that nobody wrote down: for the task, its silence, the cycle and the run', async () => {
    const folder = folderWith(loop('work: { run: echo 1 }'));
    const { child, ended } = begin(folder, ['--continuous']);
    await until('it rests', () => isIn(folder, 'resting'));
    child.kill('SIGTERM');
    const { stdout } = await ended;
    expect(stdout).toMatch(/give up +failures-in-a-row >= 5/);
    expect(stdout).toMatch(/a cycle of at most 1h/);
    const plan = JSON.parse((await gateRun(folder, ['plan', '--json'])).stdout);
    expect(JSON.stringify(plan)).toMatch(/"timeoutMs":600000/);
    expect(JSON.stringify(plan)).toMatch(/"killMs":900000/);
  });

  test('[A5] but works is not shot, however silent; one that only waits is warned of before it is', async () => {
    const folder = folderWith(
      loop(
        `busy: { run: 'end=$(($(date +%s) + 2)); while [ $(date +%s) -lt $end ]; do :; done', stall: { warn: 300ms, kill: 900ms } }
idle: { run: sleep 600, stall: { warn: 300ms, kill: 900ms }, kill-after: 200ms, mode: soft, on-broken: soft }`,
      ),
    );
    const { code, stdout } = await gateRun(folder);
    expect(code, stdout).toBe(EXIT.passed);
    const events = linesOf(folder, '.gate-run/cycles/000001/events.jsonl');
    const told = events.flatMap(({ type, task }) => (task === 'idle' ? [type] : []));
    expect(told.indexOf('attempt.quiet')).toBeGreaterThan(0);
    expect(told.indexOf('attempt.quiet')).toBeLessThan(told.indexOf('attempt.stopping'));
    expect(events.some(({ type, task }) => task === 'busy' && type === 'attempt.stopping')).toBe(false);
  });
});

describe('an end', () => {
  const COUNTS = `count:
  run: 'echo n >> calls; echo "n=$(grep -c . calls) tokens=400 cost=0.25"'
  metrics:
    n: { regex: 'n=(?<value>\\d+)' }
    tokens: { regex: 'tokens=(?<value>\\d+)' }
    cost: { regex: 'cost=(?<value>[\\d.]+)' }`;

  test('[A10] by a number of cycles is exact, under each of its names, and printed first', async () => {
    for (const flag of ['--iterations=3', '--max-iterations=3', '--cycles=3']) {
      const folder = folderWith(loop(COUNTS, SHORT));
      const { code, stdout } = await gateRun(folder, [flag]);
      expect(code, stdout).toBe(EXIT.passed);
      expect(verdicts(folder)).toHaveLength(3);
      expect(stdout.split('\n').slice(0, 5).join('\n')).toMatch(/budget +cycles >= 3/);
      expect(await status(folder)).toMatch(/cycles >= 3: now 3/);
    }
  });

  test('[A14] that nobody reached is none: a kill in mid-cycle is carried on by the next start, within the same budget', async () => {
    const folder = folderWith(
      loop(
        'work: { run: "echo n >> calls; [ $(grep -c . calls) != 2 ] || sleep 600" }',
        `${SHORT}\nexit: { budget: { cycles: 3 } }`,
      ),
    );
    const { child, ended } = begin(folder, ['--continuous']);
    await until('the second cycle hangs', () => folder.has('calls') && folder.read('calls') === 'n\nn\n');
    child.kill('SIGKILL');
    await ended;
    const before = folder.read(HISTORY);
    const again = await gateRun(folder, ['--continuous']);
    expect(again.code, again.stdout).toBe(EXIT.passed);
    expect(folder.read(HISTORY).startsWith(before)).toBe(true);
    expect(verdicts(folder)).toEqual(['passed', 'interrupted', 'passed', 'passed']);
    expect(runs(folder)).toBe(1);
    // An ended run is no answer: the next start runs.
    expect((await gateRun(folder, ['--continuous'])).code).toBe(EXIT.passed);
    expect(verdicts(folder)).toHaveLength(7);
    expect(runs(folder)).toBe(2);
  });

  test('[A18] by tokens and cost: what every attempt told is actual', async () => {
    const folder = folderWith(loop(COUNTS, `${SHORT}\nexit: { budget: { tokens: 1000, cost: 9usd } }`));
    const { code, stdout } = await gateRun(folder, ['--continuous']);
    expect(code, stdout).toBe(EXIT.passed);
    expect(verdicts(folder)).toHaveLength(3);
    expect(lastOf(folder, 'run.ended')).toMatchObject({ reason: 'budget', rule: 'tokens >= 1000' });
    expect(await status(folder)).toMatch(/tokens >= 1000: now 1\.2k \(actual\)/);
    expect(await status(folder)).toMatch(/cost >= 9usd: now 0\.75 usd \(actual\)/);
  });

  test('[A18] by tokens that some attempts kept to themselves is estimated, and by ones that never came unknown', async () => {
    const folder = folderWith(
      loop(
        `sometimes:
  run: 'echo n >> calls; [ $(grep -c . calls) = 2 ] || echo tokens=400'
  mode: soft
  on-broken: soft
  metrics: { tokens: { regex: 'tokens=(?<value>\\d+)' } }`,
        `${SHORT}\nexit: { budget: { tokens: 1100, cost: 5usd, cycles: 9 } }`,
      ),
    );
    const { code, stdout } = await gateRun(folder, ['--continuous']);
    expect(code, stdout).toBe(EXIT.passed);
    expect(verdicts(folder)).toHaveLength(3);
    expect(await status(folder)).toMatch(/tokens >= 1100: now 1\.2k \(estimated\)/);
    expect(await status(folder)).toMatch(/cost >= 5usd: unknown/);
  });

  test('[A22] by the same error again and again is told apart from failures that differ', async () => {
    const exits = `${SHORT}\nexit: { give-up: { same-error: 3, failures-in-a-row: 6 } }`;
    const same = folderWith(
      loop('work: { run: "echo the disk is gone; exit 2", exits: { broken: 2 } }', exits),
    );
    expect((await gateRun(same, ['--continuous'])).code).toBe(EXIT.gaveUp);
    expect(verdicts(same)).toHaveLength(3);
    expect(lastOf(same, 'run.ended')).toMatchObject({ rule: 'same-error >= 3' });

    const words =
      'case $GATE_CYCLE in 1) echo lost;; 2) echo torn;; 3) echo late;; 4) echo cold;; *) echo shut;; esac';
    const other = folderWith(loop(`work: { run: '${words}; exit 2', exits: { broken: 2 } }`, exits));
    expect((await gateRun(other, ['--continuous'])).code).toBe(EXIT.gaveUp);
    expect(verdicts(other)).toHaveLength(6);
    expect(lastOf(other, 'run.ended')).toMatchObject({ rule: 'failures-in-a-row >= 6' });
  });

  test('[A22] by a breaker is put off while half-open tries are left, and a try that passes closes it', async () => {
    const exits = `${SHORT}\nexit: { budget: { cycles: 6 }, give-up: { failures-in-a-row: 2, half-open: { after: 50ms, times: 2 } } }`;
    const stuck = folderWith(loop('work: { run: "exit 1" }', exits));
    expect((await gateRun(stuck, ['--continuous'])).code).toBe(EXIT.gaveUp);
    expect(verdicts(stuck)).toHaveLength(4);
    const causes = linesOf(stuck).flatMap(({ type, cause }) => (type === 'rest.started' ? [cause] : []));
    expect(causes).toEqual(['backoff', 'half-open', 'half-open']);

    const healed = folderWith(loop("work: { run: '[ $GATE_CYCLE -gt 2 ]' }", exits));
    expect((await gateRun(healed, ['--continuous'])).code).toBe(EXIT.passed);
    expect(verdicts(healed)).toEqual(['failed', 'failed', 'passed', 'passed', 'passed', 'passed']);
  });
});

describe('a stop', () => {
  test('[A21] file is looked for from the folder of the config, wherever the start was typed, told with its path, and stays', async () => {
    const folder = folderWith(loop('work: { run: echo 1 }', 'loop: { sleep: 1h }'));
    const words = ['-C', folder.path, '--continuous', '--stop-file', 'run/halt'];
    const { ended } = begin(folder, words, { from: folder.home });
    await until('it rests', () => isIn(folder, 'resting'));
    const from = performance.now();
    folder.write('run/halt', '');
    const { code, stdout } = await ended;
    expect(performance.now() - from).toBeLessThan(5000);
    expect(code, stdout).toBe(EXIT.stopped);
    const path = join(folder.path, 'run/halt');
    expect(stdout).toContain(path);
    expect(lastOf(folder, 'stop.seen')).toMatchObject({ by: 'file', path });
    expect(await status(folder)).toContain(path);
    expect(folder.has('run/halt')).toBe(true);

    const before = folder.read(HISTORY);
    const again = await gateRun(folder, words, { from: folder.home });
    expect(again.code).toBe(EXIT.stopped);
    expect(again.stdout + again.stderr).toContain(path);
    expect(folder.read(HISTORY)).toBe(before);
  });

  test('[B5] by Ctrl-C ends a rest at once, and what was resting goes on from there', async () => {
    const folder = folderWith(loop('work: { run: echo 1 }', 'loop: { sleep: 1h }'));
    const { child, ended } = begin(folder, ['--continuous']);
    await until('it rests', () => isIn(folder, 'resting'));
    const { until: instant } = lastOf(folder, 'rest.started');
    const from = performance.now();
    child.kill('SIGINT');
    expect((await ended).code).toBe(EXIT.stopped);
    expect(performance.now() - from).toBeLessThan(5000);
    const again = begin(folder, ['--continuous']);
    await until('it is carried on', () => isResumed(folder) && isIn(folder, 'resting'));
    expect(latest(folder)).toMatchObject({ nextAt: instant });
    again.child.kill('SIGINT');
    await again.ended;
    expect(verdicts(folder)).toEqual(['passed']);
  });
});

describe('what a night says', () => {
  test('[B14] is one line when all is well and nobody wants more', async () => {
    const folder = folderWith(loop('work: { run: echo chatter }', SHORT));
    const { code, stdout, stderr } = await gateRun(folder, ['-q', '--iterations', '5']);
    expect(code, stdout + stderr).toBe(EXIT.passed);
    expect((stdout + stderr).trim().split('\n')).toHaveLength(1);
    expect(stdout).toContain('all 5 cycles passed');
  });

  test('[B14] holds the whole output of the cycle that failed, and of no other', async () => {
    const folder = folderWith(loop("work: { run: 'echo chatter $GATE_CYCLE; [ $GATE_CYCLE != 2 ]' }", SHORT));
    const { code, stdout } = await gateRun(folder, ['--iterations', '3']);
    expect(code, stdout).toBe(EXIT.passed);
    expect(stdout.match(/chatter \d/g)).toEqual(expect.arrayContaining(['chatter 2']));
    expect(stdout).not.toMatch(/chatter [13]/);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('1 of 3 cycles failed');
  });
});

test('[A10] absurd and overflowing numbers are refused by flag and by file, each with its place, and nothing is started', async () => {
  const gate = "work: { run: 'echo n=1', metrics: { n: { regex: 'n=(?<value>.)' } } }";
  for (const [flag, value] of [
    ['--iterations', '99999999999999999999'],
    ['--iterations', 'never'],
    ['--sleep', '-5'],
    ['--sleep', '99999999999999999999'],
    ['--sleep', '9999999d'],
    ['--max-runtime', 'Infinity'],
    ['--target', 'n=NaN'],
  ] as const) {
    const folder = folderWith(loop(gate));
    const { code, stdout, stderr } = await gateRun(folder, [`${flag}=${value}`]);
    expect(code, `${flag}=${value}\n${stdout}${stderr}`).toBe(EXIT.usage);
    expect(stderr).toMatch(new RegExp(`^${flag}`, 'm'));
    expect(folder.has('.gate-run')).toBe(false);
  }
  for (const keys of [
    'loop: { sleep: -5m }',
    'loop: { sleep: 99999999999999999999d }',
    'loop: { backoff: { factor: .inf } }',
    'loop: { backoff: { factor: 1e400 } }',
    'loop: { rest: { failed: -2s } }',
    'exit: { give-up: { failure-rate: "> 80% over 0" } }',
    'exit: { give-up: { failure-rate: "> 800% over 30" } }',
    'state: { keep: { size: -1g } }',
  ]) {
    const folder = folderWith(loop(gate, keys));
    const { code, stdout, stderr } = await gateRun(folder, ['--continuous']);
    expect(code, `${keys}\n${stdout}${stderr}`).toBe(EXIT.usage);
    expect(stderr).toMatch(/^loop\.config\.yaml:3:\d+ /m);
    expect(folder.has('.gate-run')).toBe(false);
  }
});
