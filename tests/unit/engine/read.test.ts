import { expect, test } from 'vitest';
import { encodeLine } from '../../../src/core/loop/line.ts';
import type { Recorded } from '../../../src/core/loop/event.ts';
import { readState } from '../../../src/engine/read.ts';
import { SimulatedDisk } from '../../../src/simulation/disk.ts';
import { Dice } from '../../../src/simulation/random.ts';

const PATHS = { history: '/state/history.jsonl', cycles: '/state/cycles' };

function noted(seq: number): Recorded {
  return { v: 1, seq, type: 'noted', at: '2026-02-10T06:30:00.000Z', mono: seq, run: 'run-1', what: 'x' };
}

function stateOf(seqs: readonly number[]) {
  const disk = new SimulatedDisk(new Dice(1));
  disk.makeFolder('/state');
  const file = disk.append(PATHS.history);
  if ('failed' in file) throw new Error(file.failed);
  for (const seq of seqs) file.write(encodeLine(noted(seq)));
  return readState(disk, PATHS);
}

test('[G6] a history without a gap is read', () => {
  expect(stateOf([1, 2, 3])).toMatchObject({ progress: { seq: 3 } });
});

test('[G6] lines that are gone between two turns are damage', () => {
  expect(stateOf([1, 2, 5])).toMatchObject({ damaged: PATHS.history, line: 3, why: 'gap' });
});

test('[G6] a whole line that stands twice, or out of its place, is damage', () => {
  expect(stateOf([1, 2, 2])).toMatchObject({ damaged: PATHS.history, line: 3, why: 'order' });
  expect(stateOf([1, 2, 1])).toMatchObject({ damaged: PATHS.history, line: 3, why: 'order' });
});

test('[G6] a history whose beginning is gone is damage', () => {
  expect(stateOf([6, 7])).toMatchObject({ damaged: PATHS.history, line: 1 });
});

test('[G6] a crash tears one line: two whole ones that are none are damage, whatever stands behind them', () => {
  const disk = new SimulatedDisk(new Dice(1));
  disk.makeFolder('/state');
  const file = disk.append(PATHS.history);
  if ('failed' in file) throw new Error(file.failed);
  const good = encodeLine(noted(1));
  file.write(good);
  file.write(Buffer.from('{"v":1,"sEq":2}\n'));
  expect(readState(disk, PATHS)).toMatchObject({ torn: [{ goodBytes: good.length }] });
  file.write(Buffer.from('{"v":1,"sEq":3}\n{"v":1'));
  expect(readState(disk, PATHS)).toMatchObject({ damaged: PATHS.history, line: 2, why: 'bad' });
});
