import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/core/loop/checkpoint.ts';
import { crc32Text } from '../../../src/core/crc32.ts';
import { encodeLine } from '../../../src/core/loop/line.ts';
import { readState } from '../../../src/engine/read.ts';
import { verify } from '../../../src/engine/verify.ts';
import type { Disk } from '../../../src/ports.ts';
import type { SimulatedDisk } from '../../../src/simulation/disk.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

const FIRST = '/state/history.000001.jsonl';
const EVENTS = '/state/cycles/000002/events.jsonl';

function written(segmentBytes = 3000): SimulatedDisk {
  const disk = emptyDisk();
  const writer = new Writer(disk, { segmentBytes }).start();
  for (let cycle = 1; cycle <= 12; cycle += 1) writer.cycle().between();
  writer.checkpoint().cycle();
  writer.ledger.close();
  return disk;
}

function change(disk: SimulatedDisk, file: string, by: (lines: string[]) => readonly string[]): void {
  const bytes = disk.read(file);
  if (!bytes) throw new Error(`${file} is not there`);
  const lines = by(new TextDecoder().decode(bytes).trimEnd().split('\n'));
  disk.replace(file, new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')), true);
}

test('[G6] an honest ledger of many segments is whole, and verifying it changes no byte', () => {
  const disk = written();
  const names = disk.list('/state');
  const bytes = names.map((name) => disk.read(`/state/${name}`));
  expect(verify(disk, PATHS)).toMatchObject({ cycles: 13, pruned: 0, checkpoint: 'honest', damages: [] });
  expect(names.filter((name) => /^history\.\d{6}\.jsonl$/.test(name)).length).toBeGreaterThan(1);
  expect(disk.list('/state').map((name) => disk.read(`/state/${name}`))).toEqual(bytes);
});

test('an empty state directory is whole', () => {
  expect(verify(emptyDisk(), PATHS)).toMatchObject({ lines: 0, checkpoint: 'none', damages: [] });
});

test.each<[string, (disk: SimulatedDisk) => void, object]>([
  [
    'a changed byte before the checkpoint',
    (disk) => change(disk, FIRST, (lines) => lines.with(2, (lines[2] ?? '').replace('1', '2'))),
    { damaged: FIRST, line: 3, why: 'bad' },
  ],
  [
    'a line cut cleanly out of the history',
    (disk) => change(disk, FIRST, (lines) => lines.toSpliced(1, 1)),
    { damaged: FIRST, line: 2, why: 'gap' },
  ],
  [
    'a line cut cleanly out of a cycle’s file',
    (disk) => change(disk, EVENTS, () => []),
    { damaged: EVENTS, line: 1, why: 'gap' },
  ],
  [
    'a line that stands twice',
    (disk) => change(disk, FIRST, (lines) => lines.toSpliced(3, 0, lines[2] ?? '')),
    { damaged: FIRST, line: 4, why: 'order' },
  ],
  [
    'a torn end in a cycle that is over',
    (disk) => void disk.truncate(EVENTS, 20),
    { damaged: EVENTS, line: 1, why: 'bad' },
  ],
  [
    'a file of events that was taken out of its folder',
    (disk) => {
      disk.replace('/state/cycles/000002/prove.sims.1.log', new Uint8Array(3), true);
      disk.remove(EVENTS);
    },
    { damaged: EVENTS, line: 1, why: 'gap' },
  ],
])('[G6] %s is found, with its place', (_, spoil, damage) => {
  const disk = written();
  spoil(disk);
  expect(verify(disk, PATHS)).toMatchObject({ damages: [damage] });
});

test('[G20] a turn’s folder that another run left, whole in itself, is found', () => {
  const disk = written();
  const other = emptyDisk();
  const writer = new Writer(other, {}, PATHS, 'run-2').start().cycle().cycle();
  writer.ledger.close();
  const bytes = other.read(EVENTS);
  disk.replace(EVENTS, bytes ?? new Uint8Array(), true);
  expect(verify(disk, PATHS)).toMatchObject({ damages: [{ damaged: EVENTS, line: 1, why: 'order' }] });
});

test.each([
  ['question.opened', 2],
  ['question.opened', 6],
  ['cycle.started', 3],
  ['cycle.started', 7],
  ['cycle.ended', 4],
  ['cycle.ended', 6],
])('[G6] %s of cycle %i cut out of the history is found by every start, with its place', (type, cycle) => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start().cycle().cycle(2).cycle().cycle();
  writer.checkpoint().cycle().cycle(2).cycle();
  writer.ledger.close();
  let cutAt = -1;
  change(disk, PATHS.history, (lines) => {
    cutAt = lines.findIndex(
      (line) => line.includes(`"type":"${type}"`) && line.includes(`"cycle":${cycle},`),
    );
    expect(cutAt).toBeGreaterThan(0);
    return lines.toSpliced(cutAt, 1);
  });
  const line = type === 'cycle.ended' ? expect.any(Number) : cutAt + 1;
  expect(readState(disk, PATHS)).toMatchObject({ damaged: PATHS.history, line, why: 'gap' });
  expect(verify(disk, PATHS)).not.toMatchObject({ damages: [] });
});

test('[G6] a segment that is gone is found by every start, also behind a checkpoint', () => {
  const disk = written();
  disk.remove(FIRST);
  const damage = { damaged: FIRST, why: 'missing' };
  expect(verify(disk, PATHS)).toMatchObject({ damages: [damage] });
  expect(readState(disk, PATHS)).toMatchObject(damage);
});

test('a segment that is set aside under the eyes of a reader takes no cycle out of its sight', () => {
  for (const segmentBytes of [3000, 1_000_000])
    for (const before of [1, 2, 3]) {
      const looks = [readState, verify].map((look) =>
        look(settingAside(written(segmentBytes), before), PATHS),
      );
      expect(looks, `${before}`).toMatchObject([
        { progress: { cycle: 13 } },
        { cycles: 13, checkpoint: 'honest', damages: [] },
      ]);
    }
});

/** Behind the look into the folder, before the look into a file of it that is named. */
function settingAside(disk: SimulatedDisk, before: number): Disk {
  let looks = 0;
  return new Proxy<Disk>(disk, {
    get: (target, name) => {
      if (name === 'readFrom') looks += 1;
      if (name === 'readFrom' && looks === before) {
        const aside = disk.list('/state').filter((one) => /^history\.\d/.test(one)).length;
        disk.rename(PATHS.history, `/state/history.${String(aside + 1).padStart(6, '0')}.jsonl`);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('the end of an older segment that is torn is told with its line', () => {
  const disk = written();
  const bytes = disk.read(FIRST) ?? new Uint8Array();
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
  const offset = bytes.length - (lines.at(-1)?.length ?? 0) - 1;
  disk.truncate(FIRST, bytes.length - 7);
  const damage = { damaged: FIRST, line: lines.length, offset, why: 'bad' };
  expect(verify(disk, PATHS)).toMatchObject({ damages: [damage] });
  disk.remove('/state/checkpoint.json');
  expect(readState(disk, PATHS)).toMatchObject(damage);
});

test('folders of old cycles may be gone', () => {
  const disk = written();
  for (const cycle of ['000001', '000002', '000005']) disk.removeFolder(`/state/cycles/${cycle}`);
  expect(verify(disk, PATHS)).toMatchObject({ cycles: 13, pruned: 3, damages: [] });
});

test('a bad line behind the checkpoint, with good ones after it, stops a start; one before it does not', () => {
  const behind = written();
  const early = written();
  change(behind, PATHS.history, (lines) =>
    lines.map((line, at) => (at === lines.length - 2 ? line.replace('cycle', 'cycel') : line)),
  );
  change(early, FIRST, (lines) => lines.with(2, (lines[2] ?? '').replace('cycle', 'cycel')));
  expect(readState(behind, PATHS)).toMatchObject({ damaged: PATHS.history, why: 'bad' });
  expect(readState(early, PATHS)).toMatchObject({ progress: { cycle: 13 } });
});

test('a ledger of a newer gate-run is told as that, and a flipped bit is not', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start().cycle();
  const old = { v: 1, seq: 99, at: '', mono: 1, run: 'r', type: 'rest.ended' } as const;
  const newer = new TextDecoder().decode(encodeLine(Object.assign({ ...old }, { v: 2 })));
  const file = disk.append(PATHS.history);
  if ('failed' in file) throw new Error(file.what);
  file.write(new TextEncoder().encode(newer));
  expect(verify(disk, PATHS)).toMatchObject({ damages: [{ why: 'newer' }] });
  expect(readState(disk, PATHS)).toMatchObject({ why: 'newer' });
  writer.ledger.close();
  const flipped = written();
  change(flipped, FIRST, (lines) => lines.with(1, (lines[1] ?? '').replace('{"v":1', '{"v":3')));
  expect(verify(flipped, PATHS)).toMatchObject({ damages: [{ why: 'bad', line: 2 }] });
});

test('a line with a right checksum that is no event of ours is told, and ends in no bug', () => {
  const [older, later] = [
    { v: 1, at: '', mono: 1, run: 'r' },
    { seq: 99, type: 'run.dreamt' },
  ];
  const sealed = (body: string) => `${body},"crc":${crc32Text(body)}}\n`;
  const told: readonly (readonly [string, string])[] = [
    [sealed(JSON.stringify({ ...older, ...later }).slice(0, -1)), 'newer'],
    [sealed('{"v":1,"seq":99,"type":'), 'bad'],
    [sealed('garbage'), 'bad'],
    [sealed('{"v":1'), 'bad'],
    [sealed('{"v":1,"seq":"x","type":"noted"'), 'bad'],
  ];
  for (const [line, why] of told) {
    const disk = emptyDisk();
    new Writer(disk).start().cycle().cycle().ledger.close();
    change(disk, PATHS.history, (lines) => lines.toSpliced(3, 0, line.trimEnd()));
    expect(verify(disk, PATHS), line).toMatchObject({ damages: [{ why, line: 4 }] });
    expect(readState(disk, PATHS), line).toMatchObject({ why, line: 4 });
  }
});

test('[G6] a checkpoint that is believed and says otherwise than the ledger is found', () => {
  const disk = written();
  const file = `${PATHS.stateDir}/checkpoint.json`;
  const honest = decodeCheckpoint(new TextDecoder().decode(disk.read(file)), PATHS.build);
  if (!honest) throw new Error('no checkpoint');
  const progress = { ...honest.progress, failuresInARow: 77 };
  disk.replace(file, new TextEncoder().encode(encodeCheckpoint({ ...honest, progress }, PATHS.build)), true);
  expect(verify(disk, PATHS)).toMatchObject({ checkpoint: 'lies', damages: [] });
  disk.replace(file, new Uint8Array(9), true);
  expect(verify(disk, PATHS)).toMatchObject({ checkpoint: 'not believed', damages: [] });
});

test('a field that a living run holds as undefined, and its ledger not at all, makes no checkpoint lie', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk);
  const ends = { target: [], budget: [], giveUp: [], halfOpen: undefined };
  const conditions = { ends, marks: [] };
  const watch = { cycles: 3, metrics: {}, labels: [], conditions };
  const about = { plan: 'p', name: 'n', version: '0', mode: 'continuous', limits: {} } as const;
  writer.put({ type: 'run.started', ...about, watch });
  writer.cycle().checkpoint().ledger.close();
  expect(verify(disk, PATHS)).toMatchObject({ checkpoint: 'honest', damages: [] });
});

test('the moving end of a run under way is no damage', () => {
  const disk = written();
  const writer = new Writer(disk);
  writer.begin();
  writer.put({ type: 'attempt.started', task: 'sims', attempt: 1 });
  writer.put({ type: 'noted', what: 'x' });
  for (const path of [PATHS.history, '/state/cycles/000014/events.jsonl']) {
    const file = disk.append(path);
    if (!('failed' in file)) file.write(new TextEncoder().encode('{"v":1,"se'));
  }
  expect(verify(disk, PATHS)).toMatchObject({ damages: [], torn: [{ bytes: 10 }, { bytes: 10 }] });
});
