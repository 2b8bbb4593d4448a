import { expect, test } from 'vitest';
import { capture, type Captured } from '../../../src/engine/capture.ts';
import type { Disk } from '../../../src/ports.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

function captured(disk: Disk): Captured {
  const found = capture(disk, PATHS);
  if (found === undefined || !('seq' in found)) throw new Error(`not captured: ${JSON.stringify(found)}`);
  return found;
}

/** The history as it was at some moment; every other file as it is now. */
function withOldHistory(disk: Disk, bytes: number): Disk {
  return {
    ...bound(disk),
    size: (path) => (path === PATHS.history ? bytes : disk.size(path)),
    readFrom: (path, offset, length) =>
      disk.readFrom(
        path,
        offset,
        path === PATHS.history ? Math.max(0, Math.min(length, bytes - offset)) : length,
      ),
  };
}

function bound(disk: Disk): Disk {
  return new Proxy<Disk>(disk, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    ownKeys: () => [
      'read',
      'list',
      'makeFolder',
      'append',
      'truncate',
      'replace',
      'rename',
      'remove',
      'syncFolder',
      'removeFolder',
      'weigh',
    ],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}

test('[G20] the events of the open turn end where the history would have to go on', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start().cycle();
  writer.begin();
  writer.put({ type: 'attempt.started', task: 'sims', attempt: 1 });
  const bytes = disk.size(PATHS.history) ?? 0;
  const seq = writer.progress.seq;
  writer.put({ type: 'attempt.quiet', task: 'sims', attempt: 1, quietMs: 1 });
  writer.put({ type: 'stop.seen', by: 'signal', now: false });
  writer.put({ type: 'attempt.stopping', task: 'sims', attempt: 1, signal: 'TERM', cause: 'stop' });
  const found = captured(withOldHistory(disk, bytes));
  // The one behind the history's last line belongs to it, the one behind the stop does not.
  expect(found.seq).toBe(seq + 1);
  expect(new TextDecoder().decode(found.open?.events).trim().split('\n')).toHaveLength(2);
  expect(captured(disk).seq).toBe(seq + 3);
});

test('[G20] between turns there is no open one, and every folder is of a turn that has ended', () => {
  const disk = emptyDisk();
  new Writer(disk).start().cycle().cycle();
  disk.makeFolder(`${PATHS.cycles}/mine`);
  const found = captured(disk);
  expect(found).toMatchObject({ open: undefined, folders: ['000001', '000002'], cycle: 2, run: 'run-1' });
  expect(found.newestBytes).toBe(disk.size(PATHS.history));
});
