import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32Text } from '../../../src/core/crc32.ts';
import type { ChampionChosen } from '../../../src/core/loop/champion-event.ts';
import type { Recorded } from '../../../src/core/loop/event.ts';
import type { KeptPath } from '../../../src/core/plan/champion-plan.ts';
import { championKeeper, MOST_CHAMPIONS } from '../../../src/engine/champion.ts';
import { MOST_BYTES } from '../../../src/engine/champion-sources.ts';
import type { Disk } from '../../../src/ports.ts';
import { sumOfBytes } from '../../../src/system/digest.ts';
import { realDisk } from '../../../src/system/files.ts';
import { rungOf } from '../judge/rung.ts';
import { plan as planWith } from '../../unit/plan-builder.ts';

let folder = '';
const state = () => join(folder, 'state');
const cycleDir = (cycle: number) => join(state(), 'cycles', String(cycle).padStart(6, '0'));
const champion = (cycle: number) => join(state(), 'champion', String(cycle).padStart(6, '0'));

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gate-run-champion-')));
  fs.mkdirSync(cycleDir(1), { recursive: true });
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function chosen(cycle: number, facts: Partial<ChampionChosen> = {}): Recorded<ChampionChosen> {
  return {
    v: 1,
    seq: 9,
    at: '2026-02-10T06:30:00.000Z',
    mono: 1,
    run: 'run-1',
    type: 'champion.chosen',
    cycle,
    metric: 'edge',
    key: 'sims.edge',
    better: 'higher',
    value: 412.3,
    measuredBy: '00000000',
    plan: 'plan-1',
    metrics: { 'sims.edge': 412.3 },
    labels: {},
    why: 'edge 412.3: the first that could be crowned',
    ...facts,
  };
}

interface Keeping {
  readonly cycle?: number;
  readonly inForce?: number;
  readonly judgedAt?: string;
  readonly disk?: Disk;
  readonly facts?: Partial<ChampionChosen>;
}

/** Texts are paths in the cycle's folder, or in the work tree behind `tree:`. */
function keep(paths: readonly string[], how: Keeping = {}) {
  const { cycle = 1, inForce, judgedAt, disk = realDisk(), facts } = how;
  const kept = paths.map((text): KeptPath =>
    text.startsWith('tree:') ? { from: 'tree', path: text.slice(5) } : { from: 'cycle', path: text },
  );
  const plan = planWith([], { champion: { keep: kept, robustness: { batches: 3, bands: [] } } });
  const place = {
    disk,
    plan,
    folder,
    stateDir: state(),
    cycles: join(state(), 'cycles'),
    digest: sumOfBytes,
  };
  return championKeeper(place).keep(chosen(cycle, facts), judgedAt ?? new Date().toISOString(), inForce);
}

function write(path: string, text: string): void {
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(path, text);
}

describe('a champion that is kept', () => {
  test('has its files under their own names, and a record with the hash of each', () => {
    write(join(cycleDir(1), 'best.json'), '{}');
    write(join(cycleDir(1), 'out/deep/a.sol'), 'a');
    write(join(cycleDir(1), 'out/b.sol'), 'b');
    write(join(cycleDir(1), 'out/c.txt'), 'c');
    write(join(folder, 'src/x.ts'), 'x');
    const event = keep(['best.json', 'out/**/*.sol', 'tree:src']);
    const record = fs.readFileSync(join(champion(1), 'champion.json'));
    expect(event).toEqual({
      type: 'champion.kept',
      cycle: 1,
      files: 4,
      bytes: 5,
      sum: sumOfBytes(record),
    });
    expect(JSON.parse(record.toString())).toMatchObject({
      champion: 1,
      cycle: 1,
      value: 412.3,
      run: 'run-1',
      files: [
        { path: 'best.json', bytes: 2, sum: sumOfBytes(Buffer.from('{}')) },
        { path: 'out/b.sol' },
        { path: 'out/deep/a.sol' },
        { path: 'tree/src/x.ts' },
      ],
    });
    expect(fs.readlinkSync(join(state(), 'champion/current'))).toBe('000001');
    expect(fs.readFileSync(join(state(), 'champion/current/out/deep/a.sol'), 'utf8')).toBe('a');
  });

  test('takes the place of what a crash has left under its name and beside it', () => {
    write(join(champion(1), 'half'), 'x');
    write(join(`${champion(1)}.new`, 'half'), 'x');
    write(join(cycleDir(1), 'a'), 'a');
    expect(keep(['a']).failed).toBeUndefined();
    expect(fs.readdirSync(champion(1))).toEqual(['a', 'champion.json']);
    expect(fs.readdirSync(join(state(), 'champion'))).toEqual(['000001', 'current']);
  });

  test('is one of so many: the oldest go, and the one in force before stays whatever its number', () => {
    for (let cycle = 1; cycle <= MOST_CHAMPIONS + 3; cycle += 1) {
      write(join(cycleDir(cycle), 'a'), 'a');
      expect(keep(['a'], { cycle, inForce: 1 }).failed).toBeUndefined();
    }
    const left = fs.readdirSync(join(state(), 'champion'));
    expect(left).toHaveLength(MOST_CHAMPIONS + 1);
    expect(left[0]).toBe('000001');
    expect(left[1]).toBe('000005');
  });
});

describe('what leads out of its place, or does not stand still', () => {
  test('a folder on the way of a glob that is a link is not followed either', () => {
    write(join(folder, 'elsewhere/b/secret.sol'), 'x');
    fs.symlinkSync(join(folder, 'elsewhere'), join(cycleDir(1), 'a'));
    expect(keep(['a/b/*.sol']).failed).toBe('a is a link, and links are not followed');
    expect(keep(['a/b/secret.sol']).failed).toBe('a is a link, and links are not followed');
  });

  test('a file that changes while it is copied is not kept in half', () => {
    const path = join(cycleDir(1), 'a');
    write(path, 'one half');
    const disk = realDisk();
    const restless: Disk = {
      ...disk,
      read: (from) => {
        const bytes = disk.read(from);
        if (from === path) fs.writeFileSync(path, 'one half and the other');
        return bytes;
      },
    };
    expect(keep(['a'], { disk: restless }).failed).toBe('{{cycle.dir}}/a was changed while it was copied');
  });
});

describe('the values of its seeds', () => {
  const VALUES = '{"seed":0,"edge":1}\n{"seed":1,"edge":2}\n';
  const sims = {
    ...rungOf([1, 2]),
    values: { file: 'prove.sims.sims.jsonl', crc: crc32Text(VALUES).toString(16).padStart(8, '0') },
  };

  test('are kept with it', () => {
    write(join(cycleDir(1), sims.values.file), VALUES);
    expect(keep([], { facts: { sims } }).failed).toBeUndefined();
    expect(fs.readFileSync(join(champion(1), 'sims.jsonl'), 'utf8')).toBe(VALUES);
  });

  test.each([
    ['changed since', VALUES.replace('"edge":2', '"edge":-2'), 'is not as its rung left it'],
    ['gone', undefined, 'is not there'],
  ])('that are %s make no champion', (_, text, why) => {
    if (text !== undefined) write(join(cycleDir(1), sims.values.file), text);
    expect(keep([], { facts: { sims } }).failed).toBe(`${sims.values.file} ${why}`);
    expect(fs.existsSync(champion(1))).toBe(false);
  });
});

describe('nothing is kept, and what is there stays', () => {
  const refusals: readonly (readonly [name: string, prepare: () => void, keep: string, why: string])[] = [
    ['a file that vanished', () => undefined, 'gone.json', 'gone.json is not there'],
    ['a glob without a match', () => undefined, '*.json', '*.json matches no file'],
    [
      'a link',
      () => fs.symlinkSync('/etc/passwd', join(cycleDir(1), 'a')),
      'a',
      'a is a link, and links are not followed',
    ],
    [
      'a link above it',
      () => fs.symlinkSync('/etc', join(cycleDir(1), 'etc')),
      'etc/passwd',
      'etc is a link, and links are not followed',
    ],
    [
      'a link in a folder',
      () => {
        write(join(cycleDir(1), 'out/a'), 'a');
        fs.symlinkSync('/etc/passwd', join(cycleDir(1), 'out/b'));
      },
      'out',
      'out/b is a link, and links are not followed',
    ],
    ['an empty folder', () => fs.mkdirSync(join(cycleDir(1), 'out')), 'out', 'out is an empty folder'],
    [
      'a file that is too large',
      () => {
        write(join(cycleDir(1), 'a'), '');
        fs.truncateSync(join(cycleDir(1), 'a'), MOST_BYTES + 1);
      },
      'a',
      '{{cycle.dir}}/a is larger than 64 MiB',
    ],
    [
      'files that are too many bytes together',
      () => {
        for (const name of ['a', 'b']) {
          write(join(cycleDir(1), name), '');
          fs.truncateSync(join(cycleDir(1), name), MOST_BYTES / 2 + 1);
        }
      },
      '?',
      'more than 64 MiB would be kept',
    ],
    [
      'files that are too many',
      () => {
        for (let nth = 0; nth <= 1000; nth += 1) write(join(cycleDir(1), `out/${nth}`), '');
      },
      'out',
      'more than 1000 files would be kept',
    ],
  ];

  test.each(refusals)('%s', (_name, prepare, path, why) => {
    write(join(champion(7), 'a'), 'the old one');
    prepare();
    expect(keep([path])).toEqual({ type: 'champion.kept', cycle: 1, files: 0, bytes: 0, failed: why });
    expect(fs.readdirSync(join(state(), 'champion'))).toEqual(['000007']);
  });

  test('a file that was changed after its cycle had been judged', () => {
    write(join(folder, 'best.json'), 'of another day');
    const judgedAt = new Date(Date.now() - 60_000).toISOString();
    expect(keep(['tree:best.json'], { judgedAt }).failed).toBe(
      'best.json was changed after its cycle had been judged',
    );
  });

  test('a disk that is full, or that fails a sync, at any file', () => {
    write(join(cycleDir(1), 'a'), 'a');
    write(join(champion(7), 'a'), 'the old one');
    for (const name of ['a', 'champion.json']) {
      const disk: Disk = {
        ...realDisk(),
        replace: (path, bytes, durable) =>
          path.endsWith(`/${name}`)
            ? { failed: 'ENOSPC', what: `write ${name}` }
            : realDisk().replace(path, bytes, durable),
      };
      expect(keep(['a'], { disk }).failed).toBe(`write ${name} (ENOSPC)`);
    }
    const unsynced: Disk = { ...realDisk(), syncFolder: () => ({ failed: 'EIO', what: 'sync' }) };
    expect(keep(['a'], { disk: unsynced }).failed).toBe('sync (EIO)');
    expect(fs.readdirSync(join(state(), 'champion'))).toEqual(['000007']);
  });
});

test('a work tree is looked through without the state that lies in it', () => {
  write(join(folder, 'a.json'), 'a');
  write(join(cycleDir(1), 'b.json'), 'b');
  keep(['tree:**/*.json']);
  expect(fs.readdirSync(join(champion(1), 'tree'), { recursive: true })).toEqual(['a.json']);
});
