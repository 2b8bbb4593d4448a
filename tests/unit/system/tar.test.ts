import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { below } from '../../../src/system/folder.ts';
import { isOfContent, isSameFile, pack, pin, unpackTo, unpin, type Part } from '../../../src/system/tar.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-tar-'));
  mkdirSync(join(folder, 'in'));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'in', name), name);
});
afterEach(() => rmSync(folder, { recursive: true }));

const partOf = (name: string): Part => ({ name, path: join(folder, 'in', name) });
const to = (): string => join(folder, 'out.tar.gz');
const openFiles = (): number => readdirSync('/proc/self/fd').length;

async function unpacked() {
  const found = await unpackTo(
    to(),
    (name) => join(folder, 'back', name),
    () => false,
  );
  return 'failed' in found ? found : found.map(({ name }) => name);
}

describe('a file that is gone when its turn comes', () => {
  const missed: string[] = [];
  const of = () => ({ folder: join(folder, 'in'), missed: (name: string) => void missed.push(name) });
  beforeEach(() => void (missed.length = 0));

  test('[G20] is left out alone and told while its folder stands', async () => {
    const parts = ['a', 'gone', 'c'].map(partOf);
    expect(await pack({ to: to(), groups: [{ parts, of: of() }] })).toHaveLength(2);
    expect([await unpacked(), missed]).toEqual([['a', 'c'], ['gone']]);
  });

  test('takes the others with it where the folder is gone, or none is named', async () => {
    const parts = ['a', 'gone'].map(partOf);
    const elsewhere = { ...of(), folder: join(folder, 'none') };
    expect(await pack({ to: to(), groups: [{ parts, of: elsewhere }, { parts }] })).toEqual([]);
    expect(missed).toEqual([]);
  });
});

test('[G20] what came to its place meanwhile is not written over, and nothing else of it stays', async () => {
  function* groups() {
    yield { parts: [partOf('a')] };
    writeFileSync(to(), 'mine');
  }
  expect(await pack({ to: to(), isNew: true, groups: groups() })).toMatchObject({ failed: 'EEXIST' });
  expect(readdirSync(folder)).toEqual(['in', 'out.tar.gz']);
  expect(statSync(to()).size).toBe(4);
});

test('what cannot be read is told by its own name, not by that of the file that was to be written', async () => {
  const long = join(folder, 'in', 'x'.repeat(300));
  const before = openFiles();
  const packed = await pack({ to: to(), groups: [{ parts: [partOf('a'), { name: 'long', path: long }] }] });
  expect(packed).toEqual({ failed: 'ENAMETOOLONG', what: `read ${long}` });
  expect(openFiles()).toBe(before);
  expect(() => below(long)).toThrow(`read ${long}`);
});

test('the bits of a mode come back, and its owner can read whatever it was', async () => {
  chmodSync(join(folder, 'in/a'), 0o755);
  chmodSync(join(folder, 'in/b'), 0o000);
  chmodSync(join(folder, 'in/c'), 0o600);
  await pack({ to: to(), groups: [{ parts: ['a', 'b', 'c'].map(partOf) }] });
  await unpacked();
  const modes = ['a', 'b', 'c'].map((name) => statSync(join(folder, 'back', name)).mode & 0o777);
  expect(modes).toEqual([0o755, 0o600, 0o600]);
});

test('[G20] a disk that fails is not told as a file that is wrong', async () => {
  await pack({ to: to(), groups: [{ parts: [partOf('a')] }] });
  writeFileSync(join(folder, 'back'), 'a file stands here');
  const wrong = await unpacked();
  rmSync(join(folder, 'back'));
  const place = `/proc/self/fd/none/${'x'.repeat(20)}`;
  const failed = await unpackTo(
    to(),
    () => place,
    () => false,
  );
  expect([wrong, failed].map((one) => 'failed' in one && isOfContent(one))).toEqual([true, false]);
  expect(failed).toMatchObject({ failed: 'ENOENT', what: `write ${place}` });
});

test('bytes that are no gzip are told in words', async () => {
  await pack({ to: to(), groups: [{ parts: [partOf('a')] }] });
  const bytes = new Uint8Array(400).fill(0xff);
  bytes.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  writeFileSync(to(), bytes);
  const found = await unpacked();
  expect(found).toMatchObject({
    failed: expect.stringMatching(/^Z_/),
    what: expect.stringMatching(/: \S.*\S$/),
  });
});

test('links, devices and names that are not UTF-8 are counted, and nobody follows them', () => {
  symlinkSync('/', join(folder, 'in', 'link'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/in/x`), Buffer.from([0xff])]), '');
  mkdirSync(Buffer.concat([Buffer.from(`${folder}/in/y`), Buffer.from([0xff])]));
  writeFileSync(join(folder, 'in', 'whole\u{FFFD}'), '');
  expect(below(join(folder, 'in'))).toEqual({ files: ['a', 'b', 'c', 'whole\u{FFFD}'], others: 3 });
});

test('a name that leads to another file by now is seen', () => {
  const pinned = pin('a', join(folder, 'in', 'a'));
  if (!pinned) throw new Error('it is there');
  expect(isSameFile(pinned, join(folder, 'in', 'a'))).toBe(true);
  rmSync(join(folder, 'in', 'a'));
  expect(isSameFile(pinned, join(folder, 'in', 'a'))).toBe(false);
  writeFileSync(join(folder, 'in', 'a'), 'other');
  expect(isSameFile(pinned, join(folder, 'in', 'a'))).toBe(false);
  unpin([pinned]);
});
