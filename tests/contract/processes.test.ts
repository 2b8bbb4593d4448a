import { crc32 } from 'node:zlib';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SourcePlan } from '../../src/core/plan/plan.ts';
import { realClock } from '../../src/system/clock.ts';
import { lookBefore } from '../../src/system/freshness.ts';
import { alive, benches, metric, pause, reads, until } from './attempts.ts';

const make = benches();

describe('how a command ends', () => {
  test('[A7] the end keeps what was started, how long it ran, and a sum of what it printed', async () => {
    const b = make();
    const small = await b.run('printf hello');
    expect(small).toMatchObject({ command: 'printf hello', bytes: 5, sum: '3610a686' });
    expect(small.durationMs).toBeGreaterThan(0);
    const large = await b.run('head -c 1000000 /dev/zero');
    expect(large).toMatchObject({ bytes: 1_000_000, sum: crc32(Buffer.alloc(1_000_000)).toString(16) });
    expect((await b.run('true')).sum).toBeUndefined();
  });

  test('an exit code is told as it is, with and without a shell', async () => {
    const b = make();
    expect((await b.run({ argv: ['true'] })).end).toEqual({ code: 0 });
    expect((await b.run({ argv: ['sh', '-c', 'exit 7'] })).end).toEqual({ code: 7 });
    expect((await b.run('exit 255')).end).toEqual({ code: 255 });
    expect((await b.run({ shell: 'bash', script: 'false | true' })).end).toEqual({ code: 1 });
    expect((await b.run('false\necho not reached')).end).toEqual({ code: 1 });
  });

  test('a signal is told by name', async () => {
    const b = make();
    expect((await b.run('kill -SEGV $$')).end).toEqual({ signal: 'SIGSEGV' });
  });

  test.each(['kill -INT $$', 'exit 143'])(
    'an end by the signal of a stop lets that stop be told first: %s',
    async (script) => {
      const b = make();
      const before = performance.now();
      const { durationMs } = await b.run(script);
      expect(performance.now() - before - durationMs).toBeGreaterThan(45);
    },
  );

  test('a command that is not found did not start, and its detail names it', async () => {
    const b = make();
    const { end } = await b.run({ argv: ['no-such-command-here', 'x'] });
    expect(end).toMatchObject({ notStarted: 'not-found' });
    expect(JSON.stringify(end)).toContain('`no-such-command-here` was not found on PATH');
  });

  test('a file without execute permission, and a folder, are not executable', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'plain.sh'), '#!/bin/sh\n');
    const plain = await b.run({ argv: [join(b.folder, 'plain.sh')] });
    const folder = await b.run({ argv: [b.folder] });
    expect([plain.end, folder.end]).toMatchObject([
      { notStarted: 'not-executable' },
      { notStarted: 'not-executable' },
    ]);
  });

  test('a missing interpreter is told apart from a missing command', async () => {
    const b = make();
    const script = join(b.folder, 'tool');
    writeFileSync(script, '#!/no/such/interpreter\n');
    chmodSync(script, 0o755);
    const { end } = await b.run({ argv: [script] });
    expect(end).toMatchObject({ notStarted: 'not-found', detail: expect.stringContaining('interpreter') });
  });

  test('a missing folder and a file in its place are told as such, not as a missing command', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'file'), '');
    const missing = await b.run({ argv: ['true'] }, { cwd: join(b.folder, 'none') });
    const file = await b.run({ argv: ['true'] }, { cwd: join(b.folder, 'file') });
    expect([missing.end, file.end]).toMatchObject([{ notStarted: 'no-folder' }, { notStarted: 'no-folder' }]);
  });

  test('more arguments than the system takes is a fact, not an exception', async () => {
    const b = make();
    const { end } = await b.run({ argv: ['true', 'x'.repeat(3_000_000)] });
    expect(end).toMatchObject({ notStarted: 'no-resources', detail: expect.stringContaining('E2BIG') });
  });

  test('a word with a zero byte did not start', async () => {
    const b = make();
    expect((await b.run({ argv: ['echo', 'a\0b'] })).end).toMatchObject({ notStarted: 'not-executable' });
  });
});

describe('stdin', () => {
  test('a command that reads stdin meets its end at once', async () => {
    const b = make();
    const ended = await b.run('cat; echo done; test -t 0 || echo no terminal');
    expect(b.log(ended)).toContain('done\nno terminal\n');
  });

  test('there is no terminal to ask on', async () => {
    const b = make();
    expect((await b.run('exec < /dev/tty')).end).not.toEqual({ code: 0 });
  });

  test('a file is read from its beginning', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'prompt.md'), 'do the work\n');
    const ended = await b.run({ argv: ['cat'] }, { stdin: join(b.folder, 'prompt.md') });
    expect(b.log(ended)).toMatch(/\ndo the work\n$/);
  });

  test('a file that is missing, a folder and a FIFO start nothing and block nothing', async () => {
    const b = make();
    await b.run({ argv: ['mkfifo', 'fifo'] });
    mkdirSync(join(b.folder, 'folder'));
    for (const name of ['none', 'folder', 'fifo']) {
      const { end } = await b.run({ argv: ['cat'] }, { stdin: join(b.folder, name) });
      expect(end).toMatchObject({ notStarted: 'no-stdin' });
    }
  });
});

describe('groups', () => {
  test('[A13] a command that ignores TERM ends by KILL, with all its children', async () => {
    const b = make();
    const order = b.start(`trap "" TERM; sleep ${stay(3)} & echo ready; while :; do sleep ${stay(3)}; done`);
    await until(() => b.log(order).includes('ready'));
    b.processes.signal(order.ref, 'TERM');
    await pause(100);
    expect(b.facts).toEqual([]);
    b.processes.signal(order.ref, 'KILL');
    const ended = await b.fact('attempt.ended');
    expect(ended.end).toEqual({ signal: 'SIGKILL' });
    expect(alive(stay(3))).toEqual([]);
  });

  test('a command may clean up on TERM, and its own code is told', async () => {
    const b = make();
    const order = b.start('trap "echo GOT-TERM; exit 7" TERM; echo ready; while :; do sleep 0.05; done');
    await until(() => b.log(order).includes('ready'));
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ code: 7 });
    expect(b.log(order)).toContain('GOT-TERM');
  });

  test('TERM reaches a process that was stopped', async () => {
    const b = make();
    const order = b.start(`echo ready; kill -STOP $$; sleep ${stay(4)}`);
    await until(() => b.log(order).includes('ready'));
    await pause(50);
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGTERM' });
  });

  test('an attempt ends with its group: what the leader leaves behind is ended and counted, its code still decides', async () => {
    const b = make();
    const ended = await b.run(
      `(trap "" TERM; echo up; sleep ${stay(5)}; sleep ${stay(5)}) & sleep 0.1; exit 3`,
    );
    expect(ended.end).toEqual({ code: 3 });
    expect(ended.leftBehind).toBeGreaterThanOrEqual(2);
    expect(ended.durationMs).toBeGreaterThanOrEqual(400);
    expect(alive(stay(5))).toEqual([]);
  });

  test('a child that ends by itself right after its parent is not counted as left behind', async () => {
    const b = make();
    const ended = await b.run('(sleep 0.04; echo late) & exit 0');
    expect(ended.leftBehind).toBeUndefined();
    expect(b.log(ended)).toContain('late');
  });

  test('a grandchild that holds the log open does not hold up the end', async () => {
    const b = make();
    const before = Date.now();
    const ended = await b.run(
      `setsid sh -c "touch away; sleep ${stay(6)}" & until [ -e away ]; do sleep 0.01; done`,
    );
    expect(ended.end).toEqual({ code: 0 });
    expect(Date.now() - before).toBeLessThan(3_000);
    expect(b.processes.close()).toBeGreaterThanOrEqual(1);
    await until(() => alive(stay(6)).length === 0);
  });

  test('what escaped from an attempt that is ended by force is ended with it', async () => {
    const b = make();
    const order = b.start(
      `setsid sh -c "trap : TERM; while :; do sleep ${stay(7)}; done" & echo ready; sleep 60`,
    );
    await until(() => b.log(order).includes('ready') && alive(stay(7)).length > 0);
    b.processes.signal(order.ref, 'KILL');
    await b.fact('attempt.ended');
    await until(() => alive(stay(7)).length === 0);
  });

  test('closing ends what still runs, and tells its end', async () => {
    const b = make();
    const order = b.start(`echo ready; sleep ${stay(8)} & sleep ${stay(8)}`);
    await until(() => b.log(order).includes('ready') && alive(stay(8)).length === 2);
    b.processes.close();
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGKILL' });
    expect(alive(stay(8))).toEqual([]);
  });

  test('signalling what is over, or was never there, is silent', async () => {
    const b = make();
    const ended = await b.run({ argv: ['true'] });
    b.processes.signal({ task: ended.task, attempt: 1 }, 'KILL');
    b.processes.signal({ task: 'nobody', attempt: 9 }, 'TERM');
    expect(b.facts).toHaveLength(1);
  });
});

describe('logs', () => {
  test('both streams stand in the log in order, behind its header', async () => {
    const b = make();
    const ended = await b.run('echo one; echo two >&2; echo three');
    expect(b.log(ended)).toBe(`# gate-run ${ended.task} attempt 1\none\ntwo\nthree\n`);
    expect(ended.bytes).toBe(14);
    expect(ended.log).toBeUndefined();
  });

  test('where stderr is read apart it has a file of its own', async () => {
    const b = make();
    const ended = await b.run('echo out; echo err >&2', {
      apart: true,
      read: reads('t1', [
        metric('errors', { reader: 'count', pattern: 'err', in: { stream: 'stderr' } }),
        metric('outs', { reader: 'count', pattern: 'err', in: { stream: 'stdout' } }),
        metric('all', { reader: 'count', pattern: 'err|out', in: { stream: 'output' } }),
      ]),
    });
    expect(b.log(ended)).toMatch(/\nout\n$/);
    expect(readdirSync(join(b.folder, 'cycles/000001')).toSorted()).toEqual([
      'p.t1.1.log',
      'p.t1.1.stderr.log',
    ]);
    expect(ended.evidence?.['t1']?.metrics).toEqual({
      errors: { value: 1 },
      outs: { value: 0 },
      all: { value: 2 },
    });
  });

  test('a log that stayed silent leaves no file; one that is being written bears its own name', async () => {
    const b = make();
    const first = await b.run({ argv: ['true'] });
    const second = b.start('sleep 0.3');
    expect(first.log).toBe('none');
    expect(readdirSync(join(b.folder, 'cycles/000001'))).toEqual(['p.t2.1.log']);
    expect(b.log(second)).toBe('# gate-run t2 attempt 1\n');
    await b.fact('attempt.ended', ({ task }) => task === 't2');
    b.processes.close();
    expect(readdirSync(join(b.folder, 'cycles/000001'))).toEqual([]);
  });

  test('a silent log of an attempt that failed stays, for the words that are written below it', async () => {
    const b = make();
    const ended = await b.run({ argv: ['false'] });
    expect(ended.log).toBeUndefined();
    expect(b.log(ended)).toBe('# gate-run t1 attempt 1\n');
  });

  test('an attempt whose output is evidence gets a file that nobody has held before', async () => {
    const b = make();
    const silent = await b.run(
      'setsid sh -c "touch away; sleep 0.6; echo forged 99" & until [ -e away ]; do sleep 0.01; done',
    );
    expect(silent).toMatchObject({ log: 'none' });
    const ended = await b.run('sleep 1; echo score 1', {
      read: reads('t2', [
        metric('score', {
          reader: 'regex',
          pattern: '(?:score|forged) (?<value>\\d+)',
          in: { stream: 'output' },
        }),
      ]),
    });
    expect(ended.evidence?.['t2']?.metrics).toEqual({ score: { value: 1 } });
    expect(b.log(ended)).not.toContain('forged');
  });

  test('a log that the task emptied through /dev/stderr is told as emptied', async () => {
    const b = make();
    const ended = await b.run('echo before; echo after > /dev/stderr');
    expect(ended.log).toBe('emptied');
    expect(ended.bytes).toBeGreaterThan(0);
  });

  test('it is told as emptied too when more than the header was written after that', async () => {
    const b = make();
    const ended = await b.run('echo before; head -c 1000 /dev/zero | tr "\\0" x > /dev/stderr');
    expect(ended).toMatchObject({ log: 'emptied', bytes: 1_000 });
  });

  test('writing to /dev/stderr for appending is no harm', async () => {
    const b = make();
    const ended = await b.run('echo before; echo after >> /dev/stderr; echo on >&2');
    expect(ended.log).toBeUndefined();
    expect(b.log(ended)).toContain('before\nafter\non\n');
  });

  test('invalid UTF-8 reaches the log byte for byte and disturbs no reading', async () => {
    const b = make();
    const ended = await b.run(String.raw`printf 'score \377\376 5\nscore 7\n'; exit 1`, {
      read: reads('t1', [
        metric('score', { reader: 'regex', pattern: 'score (?<value>\\d+)', in: { stream: 'output' } }),
      ]),
    });
    expect(ended.bytes).toBe(19);
    expect(ended.evidence?.['t1']?.metrics).toEqual({ score: { value: 7 } });
  });

  test('a line of 64 MB is kept whole, read in its end only, and excerpted short', async () => {
    const b = make();
    const ended = await b.run('head -c 64000000 /dev/zero | tr "\\0" x; echo; echo score 5; exit 1', {
      read: reads('t1', [
        metric('score', { reader: 'regex', pattern: 'score (?<value>\\d+)', in: { stream: 'output' } }),
        metric('times', { reader: 'count', pattern: 'score', in: { stream: 'output' } }),
      ]),
    });
    expect(ended.bytes).toBe(64_000_009);
    expect(ended.evidence?.['t1']?.metrics['score']).toEqual({ value: 5 });
    expect(ended.evidence?.['t1']?.metrics['times']).toMatchObject({ unread: 'too-long' });
    expect(ended.excerpt?.length).toBeLessThanOrEqual(500);
  });

  test('[A8] a number that the searched end begins within is no number', async () => {
    const b = make();
    const number: SourcePlan = { reader: 'regex', pattern: '^(?<value>\\d+)$', in: { stream: 'output' } };
    const filler = 'head -c 16777212 /dev/zero | tr "\\0" x; echo';
    const cut = await b.run(`echo 100045; ${filler}`, { read: reads('t1', [metric('edge', number)]) });
    const whole = await b.run(`echo 1000; echo 45; ${filler}`, {
      read: reads('t2', [metric('edge', number)]),
    });
    expect(cut.bytes).toBe(16_777_220);
    expect(cut.evidence?.['t1']?.metrics['edge']).toMatchObject({ unread: 'missing' });
    expect(whole.evidence?.['t2']?.metrics['edge']).toEqual({ value: 45 });
  });

  test('[A8] one line that is longer than the searched end is not searched in half', async () => {
    const b = make();
    const ended = await b.run('head -c 16777300 /dev/zero | tr "\\0" 1', {
      read: reads('t1', [
        metric('edge', { reader: 'regex', pattern: '(?<value>\\d)$', in: { stream: 'output' } }),
      ]),
    });
    expect(ended.evidence?.['t1']?.metrics['edge']).toMatchObject({ unread: 'too-long' });
  });

  test('[A8] of such a line what stands behind its first space is searched, and is not its beginning', async () => {
    const b = make();
    const number = (name: string, pattern: string) =>
      metric(name, { reader: 'regex', pattern, in: { stream: 'output' } });
    const ended = await b.run('head -c 16777300 /dev/zero | tr "\\0" 1; echo " 7 edge 5"', {
      read: reads('t1', [number('edge', 'edge (?<value>\\d+)'), number('first', '^ *(?<value>\\d+)')]),
    });
    expect(ended.evidence?.['t1']?.metrics).toMatchObject({
      edge: { value: 5 },
      first: { unread: 'missing' },
    });
  });

  test('[A8] nor is it left out because of a line behind it; one that is cut and short is', async () => {
    const b = make();
    const edge = reads('t1', [
      metric('edge', { reader: 'regex', pattern: 'edge (?<value>\\d+)', in: { stream: 'output' } }),
    ]);
    const long = await b.run('head -c 16777300 /dev/zero | tr "\\0" 1; echo " edge 5"; echo done', {
      read: edge,
    });
    expect(long.evidence?.['t1']?.metrics['edge']).toEqual({ value: 5 });
    const short = await b.run(
      'head -c 1000 /dev/zero | tr "\\0" 1; echo " edge 5"; head -c 16777000 /dev/zero | tr "\\0" "\\n"',
      { read: edge },
    );
    expect(short.evidence?.['t1']?.metrics['edge']).toMatchObject({ unread: 'missing' });
  });

  test('a log above its bound keeps head and tail around a marked cut', async () => {
    const b = make();
    const ended = await b.run('echo first; head -c 30000 /dev/zero | tr "\\0" x; echo; echo last', {
      logLimitBytes: 10_000,
    });
    const text = b.log(ended);
    expect(ended).toMatchObject({ end: { code: 0 }, log: 'cut', bytes: 30_012 });
    expect(text).toMatch(/^# gate-run t1 attempt 1\nfirst\n/);
    expect(text).toMatch(/\n\[gate-run: \d+ bytes were cut out here\]\n/);
    expect(text).toMatch(/x\nlast\n$/);
    expect(text.length).toBeLessThan(10_200);
  });

  test('a log that runs away is ended at four times its bound, as a matter of storage', async () => {
    const b = make();
    const ended = await b.run('yes', { logLimitBytes: 100_000, quietAfterMs: [500] });
    expect(ended).toMatchObject({ end: { storage: 'EFBIG' }, log: 'cut' });
    expect(b.log(ended).length).toBeLessThan(101_000);
  });

  test('[A16] a task that removes the folder of its own log ends as it ends, and the next one has its log', async () => {
    const b = make();
    const removed = await b.run('rm -r cycles; echo on; exit 4');
    const silent = await b.run('rm -r cycles || true');
    const next = await b.run('echo next');
    expect(removed).toMatchObject({ end: { code: 4 }, log: 'none', excerpt: 'on' });
    expect(silent).toMatchObject({ end: { code: 0 }, log: 'none' });
    expect(b.log(next)).toContain('next');
  });

  test('an unwritable place for the log is a matter of storage, and nothing is started', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'file'), '');
    const ended = await b.run('touch started', { log: join(b.folder, 'file', 'x.log') });
    expect(ended.end).toEqual({ storage: 'ENOTDIR' });
    expect(existsSync(join(b.folder, 'started'))).toBe(false);
  });

  test('the line that says what went wrong is excerpted from failures alone', async () => {
    const b = make();
    const failed = await b.run('echo compiling; echo "error: no such type" >&2; echo bye; exit 1');
    const passed = await b.run('echo "error: not really"');
    expect(failed.excerpt).toBe('error: no such type');
    expect(passed.excerpt).toBeUndefined();
  });

  test('the end of a JavaScript heap is noticed in the output', async () => {
    const b = make();
    const ended = await b.run(
      'echo "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"; kill -ABRT $$',
    );
    expect(ended).toMatchObject({ end: { signal: 'SIGABRT' }, heapMessage: true });
  });
});

describe('metric files', () => {
  test('[B20] a file from before the attempt is stale, however young it is', async () => {
    const b = make();
    for (let round = 0; round < 20; round += 1) {
      writeFileSync(join(b.folder, 'metrics.json'), '{"score":1}');
      const ended = await b.run({ argv: ['true'] }, { read: score(`t${round + 1}`) });
      expect(ended.evidence?.[`t${round + 1}`]?.metrics['score']).toMatchObject({ unread: 'stale' });
    }
  });

  test('[B20] a file that the attempt writes is fresh, however fast it is and whatever it held before', async () => {
    const b = make();
    for (let round = 0; round < 20; round += 1) {
      writeFileSync(join(b.folder, 'metrics.json'), '{"score":1}');
      const ended = await b.run(`printf '{"score":1}' > metrics.json`, { read: score(`t${round + 1}`) });
      expect(ended.evidence?.[`t${round + 1}`]?.metrics['score']).toEqual({ value: 1 });
    }
  });

  test('[B20] an old file that is copied with its old time, or only touched in its rights, is stale', async () => {
    const b = make();
    const old = join(b.folder, 'old.json');
    writeFileSync(old, '{"score":1}');
    utimesSync(old, new Date('2026-01-01'), new Date('2026-01-01'));
    const copied = await b.run('cp -p old.json metrics.json', { read: score('t1') });
    const touched = await b.run('chmod 600 metrics.json', { read: score('t2') });
    expect(copied.evidence?.['t1']?.metrics['score']).toMatchObject({ unread: 'stale' });
    expect(touched.evidence?.['t2']?.metrics['score']).toMatchObject({ unread: 'stale' });
  });

  test('[B20] a file that bears a time to come is stale when nobody wrote it', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'metrics.json'), '{"score":1}');
    utimesSync(join(b.folder, 'metrics.json'), new Date('2199-01-01'), new Date('2199-01-01'));
    const ended = await b.run({ argv: ['true'] }, { read: score('t1') });
    expect(ended.evidence?.['t1']?.metrics['score']).toMatchObject({ unread: 'stale' });
  });

  test('[B20] where two writes could bear the same time, the start waits until they cannot', async () => {
    const b = make();
    const path = join(b.folder, 'metrics.json');
    const clock = realClock();
    writeFileSync(path, '{}');
    const { wall } = lookBefore([path, join(b.folder, 'none')], () => clock.now());
    expect(wall - statSync(path).mtimeMs).toBeGreaterThanOrEqual(9);
  });

  test('a file written beside and renamed into place is fresh; one that never comes is missing', async () => {
    const b = make();
    const renamed = await b.run(`printf '{"score":3}' > m.tmp; mv m.tmp metrics.json`, { read: score('t1') });
    const removed = await b.run('rm metrics.json', { read: score('t2') });
    expect(renamed.evidence?.['t1']?.metrics['score']).toEqual({ value: 3 });
    expect(removed.evidence?.['t2']?.metrics['score']).toMatchObject({ unread: 'missing' });
  });

  test('a folder in place of the file is unreadable', async () => {
    const b = make();
    const ended = await b.run('mkdir metrics.json', { read: score('t1') });
    expect(ended.evidence?.['t1']?.metrics['score']).toMatchObject({ unread: 'unreadable' });
  });

  test('a JUnit file is read, and its library is loaded only then', async () => {
    const b = make();
    const ended = await b.run(
      `echo '<testsuite tests="2" failures="1"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>' > junit.xml`,
      {
        read: reads('t1', [
          metric('failures', {
            reader: 'junit',
            field: 'failures',
            folder: undefined,
            in: { file: 'junit.xml' },
          }),
        ]),
      },
    );
    expect(ended.evidence?.['t1']?.metrics).toEqual({ failures: { value: 1 } });
  });
});

function score(task: string): ReturnType<typeof reads> {
  return reads(task, [metric('score', { reader: 'json', at: '/score', in: { file: 'metrics.json' } })]);
}

/** Seconds to sleep that tell these processes from those of any other test run on the machine. */
function stay(which: number): string {
  return `60.${process.pid}${which}`;
}
