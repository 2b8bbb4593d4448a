// The simulated disk is held to the contract of the real one: what is proved on it would else prove nothing.

import { expect, test } from 'vitest';
import type { Appender } from '../../src/ports.ts';
import { NO_FAULTS, SimulatedDisk } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { diskContract } from './disk-contract.ts';

diskContract('the simulated disk', () => {
  const disk = new SimulatedDisk(new Dice(7));
  disk.makeFolder('/folder');
  return { disk, folder: '/folder' };
});

const SEEDS = 60;
const FILE = '/folder/file';

function opened(disk: SimulatedDisk): Appender {
  disk.makeFolder('/folder/inner');
  const file = disk.append(FILE);
  if ('failed' in file) throw new Error(file.failed);
  return file;
}

/** What a file is after the power went, with each of many dice. */
function afterCuts(play: (disk: SimulatedDisk) => void, path = FILE): readonly (string | undefined)[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const disk = new SimulatedDisk(new Dice(seed));
    play(disk);
    disk.cutPower();
    const bytes = disk.read(path);
    return bytes && new TextDecoder().decode(bytes);
  });
}

test('[G5] what a failed sync gave up is gone with the power, though the next sync succeeds', () => {
  const left = afterCuts((disk) => {
    const file = opened(disk);
    file.write(Buffer.from('one\n'));
    expect(file.sync()).toBeUndefined();
    disk.start({ ...NO_FAULTS, syncFailsAt: 1, syncDrops: true });
    file.write(Buffer.from('two\n'));
    expect(file.sync()).toMatchObject({ failed: 'EIO' });
    file.write(Buffer.from('three\n'));
    expect(file.sync()).toBeUndefined();
    expect(Buffer.from(disk.read(FILE) ?? []).toString()).toBe('one\ntwo\nthree\n');
  });
  expect(new Set(left)).toEqual(new Set(['one\n\0\0\0\0three\n']));
});

test('[G5] a power cut may leave zeroes in the last page of what was not synced, and nowhere else', () => {
  const left = afterCuts((disk) => {
    const file = opened(disk);
    file.write(Buffer.from('s'.repeat(5000)));
    file.sync();
    file.write(Buffer.from('p'.repeat(9000)));
  });
  for (const one of left) expect(one).toMatch(/^s{5000}p*\0{0,4096}$/);
  expect(left.some((one) => one?.includes('\0'))).toBe(true);
  expect(new Set(left.map((one) => one?.length)).size).toBeGreaterThan(SEEDS / 2);
});

test.each([true, false])(
  '[G5] what was removed may come back until its folder is synced (synced: %s)',
  (isSynced) => {
    const [file, inner] = [FILE, '/folder/inner/file'].map((path) =>
      afterCuts((disk) => {
        opened(disk).sync();
        disk.replace('/folder/inner/file', Buffer.from('inner'), true);
        disk.syncFolder('/folder');
        disk.remove(FILE);
        disk.removeFolder('/folder/inner');
        expect(disk.read(path)).toBeUndefined();
        if (isSynced) disk.syncFolder('/folder');
      }, path),
    );
    expect(file?.some((one) => one !== undefined)).toBe(!isSynced);
    expect(inner?.some((one) => one !== undefined)).toBe(!isSynced);
  },
);
