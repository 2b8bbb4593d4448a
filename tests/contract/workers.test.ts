// Workers of a rung, in the real world: what they may say, what happens when they do not, and that none is left.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import { alive, benches, until, type Bench } from './attempts.ts';
import { rungOrder, simsOf, type RungWish } from './rungs.ts';

const WORKER = new URL('sim-worker.mjs', import.meta.url).pathname;

const make = benches();
const REF = { task: 'sims', attempt: 1 };

function order(b: Bench, argv: readonly string[], wish: Partial<RungWish> = {}) {
  const made = rungOrder(b, { script: '', per: 'worker', ...wish });
  const { sims } = made;
  if (!sims) throw new Error('no order');
  const process = (seed: number, count: number) => ({ ...sims.process(seed, count), command: { argv } });
  return { ...made, sims: { ...sims, process } };
}

async function employ(b: Bench, how: string, wish: Partial<RungWish> = {}): Promise<AttemptEnded> {
  const { ref } = b.start('', order(b, ['node', WORKER, how], wish));
  return b.fact('attempt.ended', ({ rung }) => rung === ref.rung);
}

function lines(b: Bench, file: string): readonly string[] {
  return readFileSync(join(b.folder, file), 'utf8').trim().split('\n');
}

test('a few processes run many simulations, each once', async () => {
  const b = make();
  const ended = await employ(b, '', { planned: 200 });
  expect(ended.end).toEqual({ code: 0 });
  expect(simsOf(ended)).toMatchObject({ done: 200, failed: 0, metrics: { edge: { mean: 995 } } });
  expect(lines(b, 'starts')).toHaveLength(2);
  expect(new Set(lines(b, 'seeds')).size).toBe(200);
  expect(lines(b, 'seeds')).toHaveLength(200);
});

test('CPU time of workers is that of their looks', async () => {
  const b = make();
  const script = `
    const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      for (const from = cpuMs(); cpuMs() - from < 100; );
      setTimeout(() => console.log(JSON.stringify({ seed: JSON.parse(line).seed, edge: 1 })), 400);
    });`;
  const made = order(b, ['node', '-e', script], { planned: 5, lanes: 1 });
  b.start('', made);
  const ended = await b.fact('attempt.ended');
  expect(simsOf(ended)).toMatchObject({ done: 5, failed: 0 });
  expect(ended.cpuMs).toBeGreaterThan(50);
});

test('the log says which simulation said what, also beside the answers, and no secret', async () => {
  const b = make({
    env: { ...process.env, TALK: '1' },
    secrets: [{ name: 'ABOUT', value: 'about 1' }].map((one) => ({ ...one, value: 'about 1' })),
  });
  await employ(b, '', { planned: 3, lanes: 1 });
  const log = readFileSync(join(b.folder, 'cycles/000001/p.sims.1.log'), 'utf8');
  expect(log.replaceAll(/\d+ ms/g, 'N ms')).toContain(
    '=== seed 0: done, N ms\n{"seed":0,"edge":0}\nabout 0\n=== seed 1: done, N ms\n{"seed":1,"edge":10}\n***ABOUT***\n',
  );
});

describe('a worker that at seed 3', () => {
  test.each([
    ['prints garbage', 'garbage', 'its worker said no JSON object: `hello there`'],
    [
      'prints half a line and ends',
      'half',
      'its worker ended with exit 0 in place of an answer; the last line has no end: `{"seed":3,"e`',
    ],
    ['answers the wrong seed', 'wrong', 'its worker answered seed 4: `{"seed":4,"edge":40}`'],
    ['names no seed', 'nameless', 'its worker answered a line without a seed: `{"edge":1}`'],
    ['answers twice', 'twice', 'it was answered twice'],
    ['says NaN', 'nan', '`edge` is NaN in its line, which is not a finite number'],
    ['says 1e999', 'huge', '`edge` is Infinity in its line, which is not a finite number'],
    ['dies', 'dies', 'exit 9'],
    ['is killed', 'killed', 'killed by SIGSEGV'],
  ])('%s fails that one, and the others are run all the same', async (_, how, why) => {
    const b = make();
    const ended = await employ(b, `${how}@3`, { planned: 6, mayFail: 1, lanes: 1 });
    expect(ended.end).toEqual({ code: 0 });
    expect(simsOf(ended)).toMatchObject({ done: 5, failed: 1, firstFailed: { seed: 3, why } });
    const seeds = lines(b, 'seeds');
    expect(new Set(seeds).size).toBe(6);
  });

  test('never answers is ended after its time, and another one goes on', async () => {
    const b = make();
    const ended = await employ(b, 'silent@3', { planned: 6, mayFail: 1, lanes: 1, timeoutMs: 300 });
    expect(simsOf(ended)).toMatchObject({
      done: 5,
      firstFailed: { seed: 3, why: 'not done within 300 ms' },
      causes: ['timeout'],
    });
    expect(lines(b, 'starts')).toHaveLength(2);
  });

  test.each([
    ['closes its output', 'mute@3', 3, 'its worker has closed its output and lived on'],
    ['closes its input', 'deaf@3', 4, 'its worker reads no more of what it is asked and lived on'],
  ])('%s and lives on is ended, also without a time of its own', async (_, how, seed, why) => {
    const b = make();
    const ended = await employ(b, how, { planned: 6, mayFail: 1, lanes: 1 });
    expect(simsOf(ended)).toMatchObject({
      done: 5,
      failed: 1,
      firstFailed: { seed, why },
      causes: ['answer'],
    });
    expect(lines(b, 'starts')).toHaveLength(2);
    expect(alive(WORKER)).toEqual([]);
  });

  test('writes a line without end is no growing buffer', async () => {
    const b = make();
    const ended = await employ(b, 'endless@3', { planned: 6, mayFail: 1, lanes: 1 });
    expect(simsOf(ended)).toMatchObject({ done: 5, failed: 1 });
    expect(simsOf(ended).firstFailed?.why).toMatch(/^its worker said no JSON object: `x{80}…`$/);
  });
});

test('the log keeps no more of an answer than its share', async () => {
  const b = make();
  const ended = await employ(b, 'wordy@3', {
    planned: 6,
    lanes: 1,
    order: { ref: REF, logLimitBytes: 120_000 },
  });
  expect(simsOf(ended)).toMatchObject({ done: 6, failed: 0 });
  expect(ended.bytes).toBeLessThan(25_000);
  expect(ended.log).toBeUndefined();
});

test('a worker that answers the last seed twice, later, has not answered it', async () => {
  const b = make();
  const ended = await employ(b, 'late@2', { planned: 3, lanes: 1 });
  expect(simsOf(ended)).toMatchObject({ done: 2, failed: 1, firstFailed: { seed: 2 } });
});

test('all of them fail: no worker is started a second time for nothing', async () => {
  const b = make();
  const ended = await employ(b, 'dies', { planned: 100, lanes: 1 });
  expect(simsOf(ended)).toMatchObject({ done: 0, failed: 1, metrics: {} });
  expect(lines(b, 'starts')).toHaveLength(1);
});

test('one that cannot be started is no failed simulation', async () => {
  const b = make();
  b.start('', order(b, ['no-such-worker']));
  expect((await b.fact('attempt.ended')).end).toMatchObject({ notStarted: 'not-found' });
});

test.each(['TERM', 'KILL'] as const)('a stop by %s ends them all', async (signal) => {
  const b = make();
  const started = b.start('', order(b, ['node', WORKER, 'silent'], { lanes: 3 }));
  await until(() => alive(WORKER).length === 3);
  b.processes.signal(started.ref, signal);
  const ended = await b.fact('attempt.ended');
  expect(ended.end).toEqual({ signal: `SIG${signal}` });
  expect(simsOf(ended)).toMatchObject({ done: 0, failed: 0 });
  expect(alive(WORKER)).toEqual([]);
});
