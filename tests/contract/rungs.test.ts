// A rung whose simulations are processes of their own, in the real world: how many run, what is read of them, and that nothing is left.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alive, benches, pause, until } from './attempts.ts';
import { EDGE, rungOrder, runRung, simsOf, TENFOLD, valuesIn } from './rungs.ts';

const make = benches();

describe('a process for each seed', () => {
  test('every seed is run once, its value is kept, and one fact tells of all', async () => {
    const b = make();
    const ended = await runRung(b, { script: `${TENFOLD}; echo "$GATE_SEED" >> seeds`, base: 5 });
    expect(ended).toMatchObject({ end: { code: 0 }, task: 'sims', rung: 10, attempt: 1 });
    expect(simsOf(ended)).toMatchObject({ planned: 10, done: 10, failed: 0, reused: 0, base: 5 });
    expect(simsOf(ended).metrics['edge']).toMatchObject({ n: 10, mean: 95, min: 50, max: 140 });
    expect(valuesIn(b)).toEqual(
      Array.from({ length: 10 }, (_, i) => `{"seed":${5 + i},"edge":${10 * (5 + i)}}`),
    );
    const seeds = readFileSync(join(b.folder, 'seeds'), 'utf8').trim().split('\n').map(Number);
    expect(seeds.toSorted((one, other) => one - other)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(b.facts.filter(({ type }) => type === 'attempt.ended')).toHaveLength(1);
  });

  test('no more run at once than there are places', async () => {
    const b = make();
    const script = `mkdir run.$GATE_SEED; ls -d run.* | wc -l >> most; sleep 0.03; rmdir run.$GATE_SEED; ${TENFOLD}`;
    await runRung(b, { script, lanes: 3 });
    const most = Math.max(...readFileSync(join(b.folder, 'most'), 'utf8').trim().split('\n').map(Number));
    expect(most).toBe(3);
  });

  test('the log says under a heading for each simulation what it said', async () => {
    const b = make();
    const ended = await runRung(b, {
      script: `echo "at work" >&2; ${TENFOLD}; [ "$GATE_SEED" != 1 ] || exit 3`,
      planned: 2,
      lanes: 1,
    });
    const log = readFileSync(join(b.folder, 'cycles/000001/p.sims.1.log'), 'utf8');
    expect(log.replaceAll(/\d+ ms/g, 'N ms')).toContain(
      '=== seed 0: done, N ms\nat work\n{"seed":0,"edge":0}\n=== seed 1: failed, exit 3, N ms\nat work\n',
    );
    expect(simsOf(ended)).toMatchObject({ failed: 1, firstFailed: { seed: 1, why: 'exit 3' } });
    expect(simsOf(ended).causes).toEqual(['exit', 'exit.3']);
  });

  test('the end of a long output is read, both ends are kept, and nothing grows', async () => {
    const b = make();
    const order = { ref: { task: 'sims', attempt: 1 }, logLimitBytes: 100_000 };
    const script = `yes "a line of talk" | head -c 3000000; echo; ${TENFOLD}`;
    const ended = await runRung(b, { script, planned: 4, order });
    expect(simsOf(ended)).toMatchObject({ done: 4, failed: 0 });
    expect(ended.bytes).toBeLessThan(120_000);
    expect(readFileSync(join(b.folder, 'cycles/000001/p.sims.1.log'), 'utf8')).toContain(
      'bytes are left out …',
    );
  });

  test('other sources read the output of each simulation, and files by seed', async () => {
    const b = make();
    const metrics = [
      { ...EDGE, source: { reader: 'regex', pattern: 'edge=(?<value>\\d+)', in: { stream: 'output' } } },
      {
        ...EDGE,
        name: 'deep',
        source: { reader: 'json', at: '/a', in: { file: 'out.json' } },
      },
    ] as const;
    const wish = {
      script: 'echo "edge=$((GATE_SEED + 1))"; echo "{\\"a\\":$GATE_SEED}" > "out.$GATE_SEED.json"',
      metrics,
      planned: 3,
    };
    const order = rungOrder(b, wish);
    const sims = order.sims && {
      ...order.sims,
      process: (seed: number, count: number) => {
        const process = order.sims?.process(seed, count);
        if (!process) throw new Error('no order');
        const [edge, deep] = metrics;
        const file = { ...deep, source: { ...deep.source, in: { file: `out.${seed}.json` } } };
        return { ...process, metrics: [edge, file] };
      },
    };
    const ended = await b.run(wish.script, { ...order, ...(sims && { sims }) });
    expect(simsOf(ended).metrics).toMatchObject({ edge: { mean: 2 }, deep: { mean: 1 } });
  });

  test('secrets reach neither the log nor the values', async () => {
    const b = make({ env: { ...process.env, TOKEN: 'hush-hush-hush' }, secrets: [SECRET] });
    const ended = await runRung(b, {
      script: 'echo "$TOKEN"; echo "{\\"edge\\":\\"$TOKEN\\"}"',
    });
    expect(JSON.stringify(ended)).not.toContain('hush-hush');
    for (const name of readdirSync(join(b.folder, 'cycles/000001')))
      expect(readFileSync(join(b.folder, 'cycles/000001', name), 'utf8')).not.toContain('hush-hush');
  });
});

const SECRET = { name: 'TOKEN', value: 'hush-hush-hush' };

describe('a simulation that says what cannot be believed', () => {
  test.each([
    ['prints garbage', 'echo hello', 'no line of its output is a JSON object'],
    [
      'prints half a line',
      'printf \'{"seed":0,"ed\'',
      'the last line of its output has no end: `{"seed":0,"ed`',
    ],
    [
      'prints half a line behind another one',
      'echo \'{"edge":1}\'; printf \'{"seed":0,"edge":38\'',
      'the last line of its output has no end: `{"seed":0,"edge":38`',
    ],
    ['answers another seed', 'echo \'{"seed":99,"edge":1}\'', 'it answered seed 99'],
    ['says NaN', 'echo \'{"edge":NaN}\'', '`edge` is NaN in its line, which is not a finite number'],
    ['says 1e999', 'echo \'{"edge":1e999}\'', '`edge` is Infinity in its line, which is not a finite number'],
    ['does not say it', 'echo \'{"other":1}\'', '`edge` is not in its line'],
    ['dies by a signal', 'kill -SEGV $$', 'killed by SIGSEGV'],
  ])('%s', async (_, script, why) => {
    const b = make();
    const ended = await runRung(b, { script, planned: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 0, failed: 1, firstFailed: { seed: 0, why }, metrics: {} });
  });

  test('never ends: it is ended after its own time, and only it', async () => {
    const b = make();
    const script = `[ "$GATE_SEED" != 1 ] || sleep 300; ${TENFOLD}`;
    const ended = await runRung(b, { script, planned: 3, mayFail: 1, timeoutMs: 150 });
    const { done, failed, firstFailed, causes } = simsOf(ended);
    expect({ done, failed, firstFailed, causes }).toEqual({
      done: 2,
      failed: 1,
      firstFailed: { seed: 1, why: 'not done within 150 ms' },
      causes: ['timeout'],
    });
  });

  test('writes without end: it is ended, and only it', async () => {
    const b = make();
    const order = { ref: { task: 'sims', attempt: 1 }, logLimitBytes: 200_000, quietAfterMs: [250] };
    const script = `[ "$GATE_SEED" != 1 ] || yes; ${TENFOLD}`;
    const ended = await runRung(b, { script, planned: 3, mayFail: 1, order });
    expect(ended.end).toEqual({ code: 0 });
    expect(simsOf(ended)).toMatchObject({
      done: 2,
      firstFailed: { seed: 1, why: 'its output outgrew `log-limit`' },
    });
  });

  test('more fail than may: the rest is not run', async () => {
    const b = make();
    const ended = await runRung(b, { script: 'echo x >> runs; exit 1', planned: 100, mayFail: 2, lanes: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 0, failed: 3, mayFail: 2 });
    expect(readFileSync(join(b.folder, 'runs'), 'utf8')).toBe('x\nx\nx\n');
  });

  test('a command that is not there is no failed simulation', async () => {
    const b = make();
    const order = rungOrder(b, { script: 'true' });
    const sims = order.sims;
    if (!sims) throw new Error('no order');
    const process = (seed: number, count: number) => ({
      ...sims.process(seed, count),
      command: { argv: ['no-such-command'] },
    });
    const ended = await b.run('true', { ...order, sims: { ...sims, process } });
    expect(ended.end).toMatchObject({ notStarted: 'not-found' });
  });
});

describe('what was found out is not run again', () => {
  test('a rung above runs only what is missing', async () => {
    const b = make();
    const script = `${TENFOLD}; echo "$GATE_SEED" >> seeds`;
    const first = simsOf(await runRung(b, { script, planned: 4, isTop: false }));
    const ended = await runRung(b, { script, planned: 6, fileCrc: first.values?.crc });
    expect(simsOf(ended)).toMatchObject({ planned: 6, done: 6, reused: 4 });
    expect(readFileSync(join(b.folder, 'seeds'), 'utf8').trim().split('\n')).toHaveLength(6);
    expect(valuesIn(b)).toHaveLength(6);
  });

  test('a retry runs the seeds that failed, and only those', async () => {
    const b = make();
    const script = `echo "$GATE_SEED" >> seeds; [ -e well ] || [ "$GATE_SEED" != 2 ] || exit 1; ${TENFOLD}`;
    const first = simsOf(await runRung(b, { script, planned: 4, lanes: 1 }));
    expect(first).toMatchObject({ done: 2, failed: 1 });
    writeFileSync(join(b.folder, 'well'), '');
    const again = await runRung(b, { script, planned: 4, lanes: 1, attempt: 2, fileCrc: first.values?.crc });
    expect(simsOf(again)).toMatchObject({ done: 4, failed: 0, reused: 2 });
    expect(readFileSync(join(b.folder, 'seeds'), 'utf8')).toBe('0\n1\n2\n2\n3\n');
  });

  test('[A8] values that somebody changed are not believed', async () => {
    const b = make();
    const script = `${TENFOLD}; echo "$GATE_SEED" >> seeds`;
    const first = simsOf(await runRung(b, { script, planned: 2, isTop: false }));
    writeFileSync(join(b.folder, 'cycles/000001/p.sims.sims.jsonl'), '{"seed":0,"edge":1e9}\n');
    const ended = await runRung(b, { script, planned: 4, fileCrc: first.values?.crc });
    expect(simsOf(ended)).toMatchObject({ done: 4, reused: 0 });
    expect(simsOf(ended).metrics['edge']).toMatchObject({ max: 30 });
    expect(b.facts.filter(({ type }) => type === 'noted')).toHaveLength(1);
  });
});

describe('a batch', () => {
  const BATCH = 'i=$GATE_SEED; while [ $i -lt $((GATE_SEED + GATE_COUNT)) ]; do';

  test('runs several seeds in one process, the last of them fewer', async () => {
    const b = make();
    const script = `echo "$GATE_SEED $GATE_COUNT" >> runs; ${BATCH} echo "{\\"seed\\":$i,\\"edge\\":$i}"; i=$((i+1)); done`;
    const ended = await runRung(b, { script, per: 'batch', batch: 4, lanes: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 10, metrics: { edge: { mean: 4.5 } } });
    expect(readFileSync(join(b.folder, 'runs'), 'utf8')).toBe('0 4\n4 4\n8 2\n');
  });

  test('that dies at seed 7 each time fails that seed, and the others are run all the same', async () => {
    const b = make();
    const script = `${BATCH} [ $i = 7 ] && exit 9; echo "{\\"seed\\":$i,\\"edge\\":$i}"; i=$((i+1)); done`;
    const ended = await runRung(b, { script, per: 'batch', batch: 5, mayFail: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 9, failed: 1, firstFailed: { seed: 7, why: 'exit 9' } });
  });

  test.each([
    ['a seed twice', 'echo \'{"seed":0,"edge":1}\'; echo \'{"seed":0,"edge":2}\'', 'it was answered twice'],
    [
      'a seed that it was not given',
      'echo \'{"seed":0,"edge":1}\'; echo \'{"seed":5,"edge":2}\'',
      'it answered seed 5, which it was not given',
    ],
    ['a line without a seed', 'echo \'{"edge":1}\'', 'a line names no seed: `{"edge":1}`'],
    [
      'half a line',
      'printf \'{"seed":0,"ed\'',
      'no line of the output answers seed 0; a line is no whole JSON object: `{"seed":0,"ed`',
    ],
    ['nothing', 'true', 'no line of the output answers seed 0'],
  ])('that says %s', async (_, script, why) => {
    const b = make();
    const ended = await runRung(b, { script, per: 'batch', batch: 1, planned: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 0, failed: 1, firstFailed: { seed: 0, why } });
  });
});

describe('a rung that is stopped', () => {
  test.each(['TERM', 'KILL'] as const)('by %s ends all of its simulations', async (signal) => {
    const b = make();
    const word = `sleeper-${process.pid}-${signal}`;
    const order = b.start('', rungOrder(b, { script: `sh -c 'sleep 300; :' ${word}`, lanes: 3 }));
    await until(() => alive(word).length === 3);
    b.processes.signal(order.ref, signal);
    const ended = await b.fact('attempt.ended');
    expect(ended.end).toEqual({ signal: `SIG${signal}` });
    expect(alive(word)).toEqual([]);
    expect(simsOf(ended)).toMatchObject({ done: 0, failed: 0 });
  });

  test('before its code is loaded runs nothing', async () => {
    const b = make();
    const order = b.start('', rungOrder(b, { script: 'echo x >> runs' }));
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGTERM' });
    expect(existsSync(join(b.folder, 'runs'))).toBe(false);
  });

  test('what a simulation leaves behind is ended with it', async () => {
    const b = make();
    const word = `left-${process.pid}`;
    const ended = await runRung(b, { script: `sh -c 'sleep 300; :' ${word} & ${TENFOLD}`, planned: 1 });
    expect(ended).toMatchObject({ end: { code: 0 }, leftBehind: 2 });
    expect(alive(word)).toEqual([]);
    await pause(1);
  });
});
