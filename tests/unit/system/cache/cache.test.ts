import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realEyes, type Eyes } from '../../../../src/system/cache/eyes.ts';
import { deskWith, KEYS, type Desk, type Start } from './desk.ts';

const FILES = { 'src/a': 'one\n', 'src/b': 'two\n', README: 'nothing\n' };

interface Change {
  readonly what: string;
  readonly runs: boolean;
  readonly change?: (desk: Desk) => void;
  readonly start?: Start;
}

const CHANGES: readonly Change[] = [
  { what: 'nothing', runs: false },
  { what: 'another content', runs: true, change: (desk) => desk.write('src/a', 'six\n') },
  { what: 'one more file', runs: true, change: (desk) => desk.write('src/deep/er/c', 'c\n') },
  { what: 'a file less', runs: true, change: ({ folder }) => rmSync(`${folder}/src/b`) },
  {
    what: 'another name',
    runs: true,
    change: ({ folder }) => renameSync(`${folder}/src/b`, `${folder}/src/c`),
  },
  {
    what: 'contents that change places',
    runs: true,
    change: (desk) => {
      desk.write('src/a', 'two\n');
      desk.write('src/b', 'one\n');
    },
  },
  {
    what: 'the right to execute a file',
    runs: true,
    change: ({ folder }) => chmodSync(`${folder}/src/a`, 0o755),
  },
  { what: 'a variable that it names', runs: true, start: { env: { FLAVOUR: 'sweet' } } },
  { what: 'a variable that is empty and not unset', runs: true, start: { env: { FLAVOUR: '' } } },
  { what: 'the command', runs: true, start: { keys: KEYS.replace('run: check', 'run: check it') } },
  { what: 'a folder to run in', runs: true, start: { keys: `${KEYS}\ncwd: src` } },
  { what: 'what it passes on', runs: true, start: { keys: `${KEYS}\nenv: { pass: [PATH] }` } },
  { what: 'what it sets', runs: true, start: { keys: `${KEYS}\nenv: { set: { A: b } }` } },
  { what: 'what it reads', runs: true, start: { keys: `${KEYS}\nmetrics: { m: { count: x } }` } },
  { what: 'a variable that it does not name', runs: false, start: { env: { COLOUR: 'red' } } },
  {
    what: 'its inputs in another order',
    runs: false,
    start: {
      keys: KEYS.replace('"src/**", "!src/notes", "env:FLAVOUR"', '"env:FLAVOUR", "!src/notes", "src/**"'),
    },
  },
  { what: 'a glob more', runs: true, start: { keys: KEYS.replace('"src/**",', '"src/**", "READ*",') } },
  { what: 'a limit of time', runs: false, start: { keys: `${KEYS}\ntimeout: 7m` } },
  { what: 'a file elsewhere', runs: false, change: (desk) => desk.write('README', 'more\n') },
  { what: 'a file that is taken out', runs: false, change: (desk) => desk.write('src/notes', 'n') },
  {
    what: 'a file that is touched',
    runs: false,
    change: ({ folder }) => utimesSync(`${folder}/src/a`, 1e9, 1e9),
  },
];

/** An hour later nothing is young any more, and every look that was had is believed. */
const LATER = { ...realEyes(), now: () => Date.now() + 3_600_000 };

describe.each([
  ['of files as young as the look', realEyes()],
  ['of files that are only looked at', LATER],
])('what a task depends on, %s', (_how, eyes) => {
  test.each(CHANGES)('$what: runs $runs', async ({ runs, change, start }) => {
    const desk = deskWith(FILES);
    expect(await desk.start({ eyes })).toMatchObject({ how: 'missed', why: [], remarks: [] });
    expect((await desk.start({ eyes })).how).toBe('restored');
    change?.(desk);
    const course = await desk.start({ ...start, eyes });
    expect(course.how).toBe(runs ? 'missed' : 'restored');
    // A miss is never without a reason.
    expect(course.why.length > 0).toBe(runs);
    expect((await desk.start({ ...start, eyes })).how).toBe('restored');
  });
});

describe('what a task depends on', () => {
  test('a file in a folder that was empty before', async () => {
    const desk = deskWith(FILES);
    await desk.start({ eyes: LATER });
    mkdirSync(`${desk.folder}/src/empty`);
    expect((await desk.start({ eyes: LATER })).how).toBe('restored');
    desk.write('src/empty/c', 'c');
    expect(await desk.start({ eyes: LATER })).toMatchObject({ how: 'missed', why: ['src/empty/c added'] });
  });

  test.each([
    ['young', realEyes()],
    ['old', LATER],
  ])('one byte, with size and time of the file as they were, which is %s', async (_how, eyes) => {
    const desk = deskWith(FILES);
    const path = `${desk.folder}/src/a`;
    utimesSync(path, 1e9, 1e9);
    await desk.start({ eyes });
    expect((await desk.start({ eyes })).how).toBe('restored');
    writeFileSync(path, 'onf\n');
    utimesSync(path, 1e9, 1e9);
    expect(statSync(path)).toMatchObject({ size: 4, mtimeMs: 1e12 });
    expect(await desk.start({ eyes })).toMatchObject({ how: 'missed', why: ['src/a changed'] });
  });

  test('a link counts as what it leads to', async () => {
    const desk = deskWith({ ...FILES, target: 'x' });
    symlinkSync('../target', `${desk.folder}/src/link`);
    await desk.start();
    desk.write('target', 'y');
    expect(await desk.start()).toMatchObject({ how: 'missed', why: ['src/link changed'] });
  });

  test('a link that led nowhere for a while counts as what it leads to again', async () => {
    const desk = deskWith(FILES);
    symlinkSync('../target', `${desk.folder}/src/link`);
    await desk.start({ eyes: LATER });
    expect((await desk.start({ eyes: LATER })).how).toBe('restored');
    desk.write('target', 'x');
    expect(await desk.start({ eyes: LATER })).toMatchObject({ how: 'missed', why: ['src/link added'] });
  });

  test('what cannot be read makes no key, and nothing is kept', async () => {
    const desk = deskWith(FILES);
    symlinkSync('nowhere', `${desk.folder}/src/link`);
    symlinkSync('../src', `${desk.folder}/src/circle`);
    const course = await desk.start();
    expect(course).toMatchObject({ how: 'missed', key: undefined });
    expect(course.why[0]).toContain('leads to a folder, which is not followed');
    expect(desk.answers()).toEqual([]);
  });

  test.each(['false', 'true', 'no-such-tool --version'])(
    'a tool that tells no version makes no key: %s',
    async (tool) => {
      const desk = deskWith(FILES);
      const keys = `${KEYS}\nversions: ["${tool}"]`;
      const eyes = realEyes();
      expect((await desk.start({ keys, eyes })).why[0]).toContain(`\`${tool}\` tells no version`);
      expect((await desk.start({ keys, eyes })).how).toBe('missed');
      expect(desk.answers()).toEqual([]);
    },
  );

  test('what it reads on stdin', async () => {
    const desk = deskWith({ ...FILES, 'told/it': 'one' });
    const keys = `${KEYS}\nstdin: told/it`;
    await desk.start({ keys });
    expect((await desk.start({ keys })).how).toBe('restored');
    desk.write('told/it', 'two');
    expect(await desk.start({ keys })).toMatchObject({ how: 'missed', why: ['told/it changed'] });
    desk.write('told/it', 'ten');
    const { remarks } = await desk.start({ keys, run: () => desk.write('told/it', 'six') });
    expect(remarks).toEqual(['cache: a is not kept: its inputs changed while it ran']);
  });

  test('all that a tool says of its version counts, however long it is', async () => {
    const desk = deskWith({ ...FILES, tool: `${'x'.repeat(5_000)} 1` });
    const keys = `${KEYS}\nversions: ["cat tool"]`;
    await desk.start({ keys });
    expect((await desk.start({ keys })).how).toBe('restored');
    desk.write('tool', `${'x'.repeat(5_000)} 2`);
    expect((await desk.start({ keys })).how).toBe('missed');
  });

  test('a tool is asked where the task runs, and with what it gets', async () => {
    const desk = deskWith({ ...FILES, tool: '1', 'deep/tool': '1', 'deep/bin/it': '#!/bin/sh\necho 1\n' });
    chmodSync(`${desk.folder}/deep/bin/it`, 0o755);
    const path = `${desk.folder}/deep/bin:${process.env['PATH'] ?? ''}`;
    const keys = `${KEYS}\ncwd: deep\nenv: { set: { PATH: "${path}" } }\nversions: ["cat tool", it]`;
    expect((await desk.start({ keys })).remarks).toEqual([]);
    desk.write('tool', '2');
    expect((await desk.start({ keys })).how).toBe('restored');
    desk.write('deep/tool', '2');
    expect(await desk.start({ keys })).toMatchObject({ why: ['`cat tool` said 1, and says 2'] });
    desk.write('deep/bin/it', '#!/bin/sh\necho 2\n');
    expect(await desk.start({ keys })).toMatchObject({ why: ['`it` said 1, and says 2'] });
  });

  test('a tool that is replaced while the task runs: nobody knows which it was, and nothing is kept', async () => {
    const desk = deskWith({ ...FILES, tool: '1' });
    const keys = `${KEYS}\nversions: ["cat tool"]`;
    const { remarks } = await desk.start({ keys, run: () => desk.write('tool', '2') });
    expect(remarks).toEqual(['cache: a is not kept: `cat tool` said 1, and says 2']);
    expect(desk.answers()).toEqual([]);
  });
});

describe('an answer that is not what was kept is a miss', () => {
  const keys = `${KEYS}\noutputs: [out/**]`;
  const run = (desk: Desk) => () => desk.write('out/one', 'made\n');

  test('whichever byte is flipped', async () => {
    const desk = deskWith(FILES);
    await desk.start({ keys, run: run(desk) });
    const [path = ''] = desk.answers();
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += at < 50 || at > whole.length - 30 ? 1 : 9) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8((bytes[at] ?? 0) ^ 0x01, at);
      writeFileSync(path, bytes);
      rmSync(`${desk.folder}/out`, { recursive: true, force: true });
      const { how, remarks } = await desk.start({ keys, run: run(desk) });
      expect([at, how, remarks.length]).toEqual([at, 'missed', 1]);
    }
    rmSync(`${desk.folder}/out`, { recursive: true });
    expect((await desk.start({ keys })).how).toBe('restored');
    expect(readFileSync(`${desk.folder}/out/one`, 'utf8')).toBe('made\n');
  });

  test('however short it is cut', async () => {
    const desk = deskWith(FILES);
    await desk.start({ keys, run: run(desk) });
    const [path = ''] = desk.answers();
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 11) {
      writeFileSync(path, whole.subarray(0, length));
      expect((await desk.start({ keys, run: run(desk) })).how).toBe('missed');
    }
  });

  test('of another key', async () => {
    const desk = deskWith(FILES);
    const { key = '' } = await desk.start();
    const [path = ''] = desk.answers();
    desk.write('src/a', 'six\n');
    const other = await desk.start();
    const wrong = desk.answers().find((one) => one !== path) ?? '';
    writeFileSync(wrong, readFileSync(path));
    expect(other.key).not.toBe(key);
    expect(await desk.start()).toMatchObject({ how: 'missed', key: other.key });
  });
});

test('an index with any byte flipped is no index, and costs nothing but time', async () => {
  const desk = deskWith(FILES);
  await desk.start();
  const path = join(desk.dir, 'index');
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 31) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 0x04, at);
    writeFileSync(path, bytes);
    expect(await desk.start()).toMatchObject({ how: 'restored', remarks: [] });
  }
});

function relink(folder: string, ...targets: readonly string[]): void {
  for (const target of targets) {
    rmSync(`${folder}/src/link`);
    symlinkSync(target, `${folder}/src/link`);
  }
}

describe('a look is as old as the clock of the disk says', () => {
  const AHEAD_MS = 60_000;
  const reading = (eyes: Eyes): readonly [Eyes, string[]] => {
    const paths: string[] = [];
    const read: Eyes['read'] = function* (path) {
      paths.push(basename(path));
      return yield* eyes.read(path);
    };
    return [{ ...eyes, read }, paths];
  };
  const ahead = { ...realEyes(), now: () => Date.now() + AHEAD_MS };

  test('where it goes behind the wall clock, what looks a minute old may be written again within its tick', async () => {
    const desk = deskWith(FILES);
    await desk.start({ eyes: { ...ahead, diskNow: Date.now } });
    const [eyes, paths] = reading({ ...ahead, diskNow: Date.now });
    expect((await desk.start({ eyes })).how).toBe('restored');
    expect(paths.toSorted()).toEqual(['a', 'b']);
  });

  test('where both agree, what is a minute old is not read again', async () => {
    const desk = deskWith(FILES);
    await desk.start({ eyes: ahead });
    const [eyes, paths] = reading(ahead);
    expect((await desk.start({ eyes })).how).toBe('restored');
    expect(paths).toEqual([]);
  });

  test('what a run has just written tells that clock', () => {
    const desk = deskWith({ ...FILES, ledger: '' });
    utimesSync(`${desk.folder}/ledger`, 1e9, 1e9);
    expect(realEyes(`${desk.folder}/ledger`).diskNow()).toBe(1e12);
    expect(realEyes(`${desk.folder}/none`).diskNow()).toBe(Infinity);
    expect(realEyes().diskNow()).toBe(Infinity);
  });
});

describe('what is not kept', () => {
  test.each<readonly [what: string, run: (desk: Desk) => void]>([
    ['a change', (desk) => desk.write('src/a', 'six\n')],
    ['a change and back', (desk) => desk.write('src/a', 'one\n')],
    ['a new file', (desk) => desk.write('src/new', '')],
    ['a link that led elsewhere and leads back', ({ folder }) => relink(folder, '../other', '../README')],
  ])('%s of the inputs while it runs', async (_what, run) => {
    const desk = deskWith({ ...FILES, other: 'else\n' });
    symlinkSync('../README', `${desk.folder}/src/link`);
    const { remarks } = await desk.start({ run: () => run(desk) });
    expect(remarks).toEqual(['cache: a is not kept: its inputs changed while it ran']);
    expect(desk.answers()).toEqual([]);
  });

  test('outputs that are not there', async () => {
    const desk = deskWith(FILES);
    const { remarks } = await desk.start({ keys: `${KEYS}\noutputs: [out/**]` });
    expect(remarks).toEqual(['cache: a is not kept: `out/**` matches no file']);
  });

  test('what would take more room than there is', async () => {
    const desk = deskWith(FILES);
    const { remarks } = await desk.start({ output: 'x'.repeat(2_000), limitBytes: 1_000 });
    expect(remarks).toEqual(['cache: a is not kept: it would take more room than the whole cache may']);
    expect(desk.answers()).toEqual([]);
  });
});

test('what was not used for longest goes first, until the rest has room', async () => {
  const desk = deskWith(FILES);
  const limitBytes = 50_000;
  for (let nth = 0; nth < 12; nth += 1) {
    desk.write('src/a', String(nth));
    await desk.start({ output: 'x'.repeat(9_000), limitBytes });
    // Written within one tick of a clock, they would else be of one age.
    for (const path of desk.answers())
      if (Date.now() - statSync(path).mtimeMs < 10_000) utimesSync(path, 1e9 + nth, 1e9 + nth);
  }
  const sizes = desk.answers().map((path) => statSync(path).size);
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(limitBytes);
  expect(sizes.length).toBeGreaterThan(2);
  expect((await desk.start()).how).toBe('restored');
  desk.write('src/a', '0');
  expect((await desk.start()).how).toBe('missed');
});

test('an answer with files that are not for everybody is not for everybody either', async () => {
  const desk = deskWith(FILES);
  const keys = `${KEYS}\noutputs: [out/**]`;
  await desk.start({ keys, run: () => desk.write('out/one', 'made\n') });
  const [open = ''] = desk.answers();
  expect(statSync(open).mode & 0o077).toBe(0o044);
  desk.write('src/a', 'six\n');
  await desk.start({ keys, run: () => chmodSync(`${desk.folder}/out/one`, 0o600) });
  const closed = desk.answers().find((path) => path !== open) ?? '';
  expect(statSync(closed).mode & 0o077).toBe(0);
});

test("what another process of the same number left half written is in nobody's way", async () => {
  const desk = deskWith(FILES);
  desk.write('cache/answers/.keep', '');
  for (let nth = 1; nth < 9; nth += 1) desk.write(`cache/${process.pid}-${nth}.tmp`, 'half');
  expect((await desk.start()).remarks).toEqual([]);
  expect((await desk.start()).how).toBe('restored');
});

describe('outputs', () => {
  const keys = `${KEYS}\noutputs: [out/**]`;
  const run = (desk: Desk) => () => {
    desk.write('out/one', 'made\n');
    desk.write('out/sub/run', '#!/bin/sh\n');
    chmodSync(`${desk.folder}/out/sub/run`, 0o755);
    if (!existsSync(`${desk.folder}/out/link`)) symlinkSync('one', `${desk.folder}/out/link`);
  };

  test('are put back as they were, and what else is there goes', async () => {
    const desk = deskWith(FILES);
    await desk.start({ keys, run: run(desk) });
    rmSync(`${desk.folder}/out`, { recursive: true });
    desk.write('out/old', 'of another build');
    desk.write('out/one', 'spoilt');
    expect((await desk.start({ keys })).how).toBe('restored');
    expect(readFileSync(`${desk.folder}/out/link`, 'utf8')).toBe('made\n');
    expect(statSync(`${desk.folder}/out/sub/run`).mode & 0o777).toBe(0o755);
    expect(existsSync(`${desk.folder}/out/old`)).toBe(false);
  });

  test('are kept without what a killed restoring left half written beside them', async () => {
    const desk = deskWith({ ...FILES, 'out/.one.4194305.tmp': 'half' });
    await desk.start({ keys, run: run(desk) });
    expect(existsSync(`${desk.folder}/out/.one.4194305.tmp`)).toBe(false);
    rmSync(`${desk.folder}/out`, { recursive: true });
    expect((await desk.start({ keys })).how).toBe('restored');
    expect(readdirSync(`${desk.folder}/out`).toSorted()).toEqual(['link', 'one', 'sub']);
  });

  test('that lie there already are not written', async () => {
    const desk = deskWith(FILES);
    await desk.start({ keys, run: run(desk) });
    const before = statSync(`${desk.folder}/out/one`);
    expect((await desk.start({ keys })).how).toBe('restored');
    expect(statSync(`${desk.folder}/out/one`)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  test('of which one cannot be put back are not put back at all', async () => {
    const desk = deskWith(FILES);
    await desk.start({ keys, run: run(desk) });
    rmSync(`${desk.folder}/out`, { recursive: true });
    desk.write('out/sub/run/in/the/way', 'a folder where a file was');
    const { how, remarks } = await desk.start({ keys });
    expect(how).toBe('missed');
    expect(remarks[0]).toContain(
      'its outputs could not be put back (EISDIR: a folder stands at out/sub/run)',
    );
    expect(existsSync(`${desk.folder}/out/one`)).toBe(false);
  });
});

test('a hit of which everything is in its place writes nothing', async () => {
  const desk = deskWith(FILES);
  for (const name of ['a', 'b']) utimesSync(`${desk.folder}/src/${name}`, 1e9, 1e9);
  const eyes = (await import('../../../../src/system/cache/eyes.ts')).realEyes();
  // An hour later nothing is young any more, and the index says so itself from then on.
  const later = { ...eyes, now: () => Date.now() + 3_600_000 };
  await desk.start();
  await desk.start({ eyes: later });
  const before = statSync(join(desk.dir, 'index')).ino;
  expect((await desk.start({ eyes: later })).how).toBe('restored');
  expect(statSync(join(desk.dir, 'index')).ino).toBe(before);
});
