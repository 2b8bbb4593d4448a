import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  FOLD_VERSION,
  type Checkpoint,
} from '../../../src/core/loop/checkpoint.ts';
import { EMPTY } from '../../../src/core/loop/evolve.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import type { Disk } from '../../../src/ports.ts';
import { resume } from '../../../src/engine/resume.ts';
import { verify } from '../../../src/engine/verify.ts';
import { emptyDisk, PATHS, stateOf, wholeFold, Writer } from './ledger-rig.ts';

const FILE = `${PATHS.stateDir}/checkpoint.json`;

/** Ten cycles, a checkpoint, and some more behind it. */
function ledgerWithCheckpoint(behind = 3) {
  const disk = emptyDisk();
  const writer = new Writer(disk, { segmentBytes: 4000 }).start();
  for (let cycle = 1; cycle <= 10; cycle += 1) writer.cycle().between();
  writer.checkpoint();
  for (let cycle = 1; cycle <= behind; cycle += 1) writer.cycle();
  writer.ledger.close();
  return disk;
}

function textOf(disk: Disk, path = FILE): string {
  const bytes = disk.read(path);
  if (!(bytes instanceof Uint8Array)) throw new Error(`${path} is not there`);
  return new TextDecoder().decode(bytes);
}

function write(disk: Disk, text: string, path = FILE): void {
  disk.replace(path, new TextEncoder().encode(text), true);
}

function read(disk: Disk): Checkpoint {
  const checkpoint = decodeCheckpoint(textOf(disk), PATHS.build);
  if (!checkpoint) throw new Error('the checkpoint is not one');
  return checkpoint;
}

/** Whether a start reads less than the whole ledger. */
function isBelieved(disk: ReturnType<typeof emptyDisk>): boolean {
  return stateOf(disk).end.behind < wholeFold(disk).end.behind;
}

test('[G5] a fold from a checkpoint is the fold from the start, wherever the checkpoint and the end stand', () => {
  const deed = fc.constantFrom('cycle', 'cycle', 'checkpoint', 'restart', 'segment', 'open');
  fc.assert(
    fc.property(
      fc.array(deed, { maxLength: 40 }),
      fc.integer({ min: 400, max: 5000 }),
      (deeds, segmentBytes) => {
        const disk = emptyDisk();
        let writer = new Writer(disk, { segmentBytes }).start();
        for (const [at, one] of deeds.entries()) {
          if (writer.progress.open) writer.end(at);
          if (one === 'cycle') writer.cycle(at).between();
          if (one === 'segment') writer.between();
          if (one === 'checkpoint') writer.checkpoint();
          if (one === 'open') writer.begin();
          if (one === 'restart') {
            writer.ledger.close();
            writer = new Writer(disk, { segmentBytes });
          }
        }
        const state = stateOf(disk);
        expect(state.progress).toStrictEqual(wholeFold(disk).progress);
        expect(state.progress).toEqual(writer.progress);
        expect(state.end).toMatchObject({ ...wholeFold(disk).end, behind: state.end.behind });
      },
    ),
    { numRuns: 150 },
  );
});

test('a start behind a checkpoint reads only what came after it', () => {
  const disk = ledgerWithCheckpoint();
  expect(isBelieved(disk)).toBe(true);
  expect(stateOf(disk).progress).toStrictEqual(wholeFold(disk).progress);
});

test('[G6] a checkpoint with any one byte changed is not believed', () => {
  const disk = ledgerWithCheckpoint();
  const honest = textOf(disk);
  for (let at = 0; at < honest.length; at += 1) {
    const code = honest.charCodeAt(at);
    write(disk, `${honest.slice(0, at)}${String.fromCharCode(code ^ 1)}${honest.slice(at + 1)}`);
    if (isBelieved(disk)) throw new Error(`believed with byte ${at} changed`);
  }
  write(disk, honest);
  expect(isBelieved(disk)).toBe(true);
});

test.each<[string, (disk: ReturnType<typeof emptyDisk>, honest: Checkpoint) => void]>([
  ['cut short', (disk) => write(disk, textOf(disk).slice(0, -20))],
  ['empty', (disk) => write(disk, '')],
  ['no JSON', (disk) => write(disk, 'not this')],
  ['of another build', (disk, honest) => write(disk, encodeCheckpoint(honest, 'another build'))],
  ['on another line number', (disk, honest) => lie(disk, honest, { seq: honest.at.seq + 1 })],
  ['with another checksum', (disk, honest) => lie(disk, honest, { crc: honest.at.crc ^ 1 })],
  ['into the middle of a line', (disk, honest) => lie(disk, honest, { offset: honest.at.offset + 1 })],
  ['over two lines', (disk, honest) => lie(disk, honest, { bytes: honest.at.bytes + 1 })],
  ['into another segment', (disk, honest) => lie(disk, honest, { segment: honest.at.segment - 1 })],
  ['into a segment that is not there', (disk, honest) => lie(disk, honest, { segment: 99 })],
  [
    'of a fold that stands elsewhere',
    (disk, honest) =>
      write(disk, encodeCheckpoint({ ...honest, progress: { ...honest.progress, seq: 3 } }, PATHS.build)),
  ],
  [
    'of a ledger that was cut before it',
    (disk, honest) => {
      if (honest.at.segment !== stateOf(disk).end.segment) throw new Error('it has to stand in the newest');
      disk.truncate(PATHS.history, honest.at.offset);
    },
  ],
  ['of another ledger', (disk) => write(disk, textOf(otherDisk()))],
])('[G6] a checkpoint %s is not believed, and the whole ledger is read', (_, spoil) => {
  const disk = ledgerWithCheckpoint(0);
  const { at, progress } = read(disk);
  expect(isBelieved(disk)).toBe(true);
  spoil(disk, { at, progress });
  expect(isBelieved(disk)).toBe(false);
  expect(stateOf(disk).progress).toStrictEqual(wholeFold(disk).progress);
});

test('[A14] a start on a ledger that lost what its checkpoint knew says so, and goes on', () => {
  const disk = ledgerWithCheckpoint(0);
  const { at } = read(disk);
  const notes: string[] = [];
  const resumedWith = () => {
    const found = resume(disk, PATHS, { note: (what) => notes.push(what) });
    if (!('ledger' in found)) throw new Error(JSON.stringify(found));
    found.ledger.close();
  };
  resumedWith();
  expect(notes).toEqual([]);
  expect(verify(disk, PATHS)).toMatchObject({ checkpoint: 'honest', damages: [] });
  disk.truncate(PATHS.history, at.offset);
  resumedWith();
  expect(notes).toEqual([expect.stringMatching(new RegExp(`^the ledger ends at .* knew line ${at.seq}:`))]);
  expect(verify(disk, PATHS)).toMatchObject({ checkpoint: 'orphaned', damages: [] });
});

function lie(disk: Disk, honest: Checkpoint, at: Partial<Checkpoint['at']>): void {
  const seq = at.seq ?? honest.progress.seq;
  const lying = { at: { ...honest.at, ...at }, progress: { ...honest.progress, seq } };
  write(disk, encodeCheckpoint(lying, PATHS.build));
}

function otherDisk(): Disk {
  const disk = emptyDisk();
  const writer = new Writer(disk, { segmentBytes: 4000 });
  writer.mono = 77;
  writer.start();
  for (let cycle = 1; cycle <= 10; cycle += 1) writer.cycle().between();
  writer.checkpoint();
  return disk;
}

test('without a build, or without a place, none is kept', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk, {}, { ...PATHS, build: undefined }).start();
  writer.cycle().checkpoint();
  new Writer(disk, {}, { ...PATHS, stateDir: undefined }).cycle().checkpoint();
  expect(disk.list('/state')).toEqual(['cycles', 'history.jsonl', 'history.jsonl.unsettled']);
});

test('a checkpoint is written after 30 seconds or 1,000 cycles, and never more than once a second', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start();
  writer.cycle().between().cycle().between(20_000);
  expect(disk.size(FILE)).toBeUndefined();
  writer.cycle().between(10_000);
  const first = read(disk).at.seq;
  expect(first).toBe(writer.progress.seq);
  // More than a thousand cycles in less than a second.
  const { mono } = writer;
  for (let cycle = 1; cycle <= 1100; cycle += 1) {
    writer.begin();
    writer.end(1);
    writer.mono = mono + 500;
    writer.between();
  }
  expect(read(disk).at.seq).toBe(first);
  writer.cycle(1).between(1000);
  expect(read(disk).at.seq).toBe(writer.progress.seq);
});

test('a short run on a small ledger pays for no checkpoint, one on a large ledger leaves one', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start().cycle();
  writer.ledger.ended(writer.progress);
  expect(disk.size(FILE)).toBeUndefined();
  while (stateOf(disk).end.behind < 140_000) writer.cycle();
  writer.ledger.ended(writer.progress);
  expect(isBelieved(disk)).toBe(true);
});

test('a checkpoint that cannot be written is noted once, and nothing is stopped', () => {
  const disk = emptyDisk();
  disk.makeFolder(FILE);
  const notes: string[] = [];
  const writer = new Writer(disk, { note: (what) => notes.push(what) }).start();
  writer.cycle().checkpoint().cycle().between(31_000);
  expect(notes).toEqual([expect.stringContaining('the checkpoint was not written')]);
});

test('whatever a progress holds comes back, also what JSON has no word for', () => {
  const progress = { ...EMPTY, seq: 7, passes: new Map([['$map', { cycle: 1, inputs: undefined }]]) };
  const at = { segment: 1, offset: 0, bytes: 9, seq: 7, crc: 1 };
  const back = decodeCheckpoint(encodeCheckpoint({ at, progress }, 'b'), 'b');
  expect(back).toStrictEqual({ at, progress });
});

test('a checkpoint whose checksum is right and whose shape is not is not believed', () => {
  const turn = { type: 'cycle.ended', cycle: 1, turn: 'cycle', verdict: 'passed', durationMs: 1 } as const;
  const whole: Progress = { ...fullProgress(), seq: 7 };
  const at = { segment: 1, offset: 0, bytes: 9, seq: 7, crc: 1 };
  const isTaken = (progress: object) => {
    const text = encodeCheckpoint({ at, progress: { ...whole, ...progress } }, 'b');
    return decodeCheckpoint(text, 'b') !== undefined;
  };
  expect([{}, { last: undefined, lastTurn: undefined, run: undefined }].map(isTaken)).toEqual([true, true]);
  const wrong = [{ last: 'x' }, { last: turn }, { lastTurn: -1 }, { run: { ...whole.run, ended: {} } }];
  expect([...wrong, { run: 1 }, { metrics: {} }].filter(isTaken)).toEqual([]);
});

/** A progress with something in every place that one loop's ledger fills. */
function fullProgress() {
  const writer = new Writer(emptyDisk()).start();
  for (let cycle = 1; cycle <= 3; cycle += 1) writer.cycle();
  const gate = { measures: 'a', limits: 'b', runs: [], late: 0, metrics: {}, fingerprints: [], reasons: [] };
  const [startedAt, until] = ['2026-02-10T06:00:00.000Z', '2026-02-10T07:00:00.000Z'];
  writer.put({ type: 'baseline.recorded', plan: 'p', times: 1, startedAt, durationMs: 1, gates: { gate } });
  writer.put({ type: 'rest.started', cause: 'sleep', forMs: 9, until, by: 'mono', why: 'x' });
  writer.put({ type: 'stop.seen', by: 'file', path: '/stop', now: false });
  return writer.progress;
}

function fieldsOf(value: unknown): string {
  if (value instanceof Map) return fieldsOf([...value.values()].at(-1));
  return typeof value === 'object' && value !== null ? Object.keys(value).toSorted().join(' ') : typeof value;
}

test('whoever changes the shape of the progress raises the version of the fold', () => {
  const progress = fullProgress();
  const { run } = progress;
  expect({
    version: FOLD_VERSION,
    progress: fieldsOf(progress),
    metrics: fieldsOf(progress.metrics),
    passes: fieldsOf(progress.passes),
    gates: fieldsOf(progress.gates),
    baselines: fieldsOf([...progress.baselines.values()].at(-1)?.[0]),
    questions: fieldsOf(progress.questions),
    run: fieldsOf(run),
    recent: fieldsOf(run?.recent.at(-1)),
    rest: fieldsOf(run?.rest),
    stop: fieldsOf(run?.stop),
    streaks: fieldsOf(run?.streaks),
    hooks: fieldsOf(run?.hooks),
    tokens: fieldsOf(run?.tokens),
  }).toEqual({
    version: 17,
    progress:
      'baselines challenger champion confirming crowning cut cycle failuresInARow gates last lastAt lastTurn lastTurnAt memory metrics mono open passes questions run seq startsInARow storageFailed',
    metrics: 'cycle highest last lowest',
    passes: 'cycle inputs',
    gates: 'debt runs',
    baselines: 'at cycle fingerprints late limits measures metrics reasons runs',
    questions: 'closedAt fingerprint lastAt lastCycle openedAt seen task text',
    run: 'accepted bornMono containment cost crownedAt cycles distinct earlierMs endTurn ended failed flags holder hooks id isClosing isRestored isTrying lastVerdict lastWasIdle limitedStart limits machine marks mode owesRest plan protect recent rest series softFailures startTurn startedAt stillFor stop streaks tokens trials unaccepted watch',
    recent: 'cycle failed runMs',
    rest: 'by cause fromMono leftMs startedAt until why',
    stop: 'at by forcedBy mono now path signal signals who',
    hooks: 'count owed readied running told',
    streaks: 'broken failures fingerprint limited oom sameError',
    tokens: 'silent sum told',
  });
});
