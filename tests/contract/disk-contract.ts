// What every disk has to keep, the real one and the simulated one. A caller hands in the disk and a folder that exists on it.

import { describe, expect, test } from 'vitest';
import type { Appender, Disk, Failure } from '../../src/ports.ts';

export interface DiskUnderTest {
  readonly disk: Disk;
  /** An empty folder on it. */
  readonly folder: string;
}

export function diskContract(name: string, make: () => DiskUnderTest): void {
  describe(`${name}: reading`, () => readingContract(make));
  describe(`${name}: reading parts`, () => partsContract(make));
  describe(`${name}: folders`, () => foldersContract(make));
  describe(`${name}: appending`, () => appendingContract(make));
  describe(`${name}: replacing`, () => replacingContract(make));
}

function readingContract(make: () => DiskUnderTest): void {
  test('a file that is not there reads as nothing and has no size', () => {
    const { disk, folder } = make();
    expect(disk.read(`${folder}/none`)).toBeUndefined();
    expect(disk.size(`${folder}/none`)).toBeUndefined();
    expect(disk.list(`${folder}/none`)).toEqual([]);
  });

  test('folders are made with all that is above them, and twice is no failure', () => {
    const { disk, folder } = make();
    expect(disk.makeFolder(`${folder}/a/b/c`)).toBeUndefined();
    expect(disk.makeFolder(`${folder}/a/b/c`)).toBeUndefined();
    expect(disk.list(`${folder}/a`)).toEqual(['b']);
  });

  test('names are listed in order', () => {
    const { disk, folder } = make();
    for (const name of ['b', 'a', 'c']) disk.replace(`${folder}/${name}`, bytes(name), false);
    expect(disk.list(folder)).toEqual(['a', 'b', 'c']);
  });

  test('removing what is not there is silent', () => {
    const { disk, folder } = make();
    disk.remove(`${folder}/none`);
    disk.replace(`${folder}/there`, bytes('x'), false);
    disk.remove(`${folder}/there`);
    expect(disk.list(folder)).toEqual([]);
  });
}

function partsContract(make: () => DiskUnderTest): void {
  test('a part is read from an offset, and ends where the file does', () => {
    const { disk, folder } = make();
    disk.replace(`${folder}/log`, bytes('one two three'), false);
    const part = (offset: number, length: number) => {
      const read = disk.readFrom(`${folder}/log`, offset, length);
      return read instanceof Uint8Array ? new TextDecoder().decode(read) : read;
    };
    expect([part(0, 3), part(4, 3), part(8, 100), part(13, 5), part(99, 5), part(3, 0)]).toEqual([
      'one',
      'two',
      'three',
      '',
      '',
      '',
    ]);
    expect(disk.readFrom(`${folder}/none`, 0, 5)).toBeUndefined();
  });

  test('a part can be changed without changing the file', () => {
    const { disk, folder } = make();
    disk.replace(`${folder}/log`, bytes('one'), false);
    const read = disk.readFrom(`${folder}/log`, 0, 3);
    if (read instanceof Uint8Array) read.fill(0);
    expect(text(disk, `${folder}/log`)).toBe('one');
  });
}

function foldersContract(make: () => DiskUnderTest): void {
  test('a folder is weighed with all below it, and one that is not there weighs nothing', () => {
    const { disk, folder } = make();
    disk.makeFolder(`${folder}/cycle/deep`);
    disk.replace(`${folder}/cycle/a.log`, bytes('12345'), false);
    disk.replace(`${folder}/cycle/deep/b.log`, bytes('123'), false);
    disk.replace(`${folder}/beside`, bytes('1'), false);
    expect([disk.weigh(`${folder}/cycle`), disk.weigh(`${folder}/none`)]).toEqual([8, 0]);
  });

  test('a folder goes with everything in it, and nothing beside it does', () => {
    const { disk, folder } = make();
    disk.makeFolder(`${folder}/cycle/deep`);
    disk.makeFolder(`${folder}/cycle-2`);
    disk.replace(`${folder}/cycle/deep/b.log`, bytes('123'), false);
    disk.replace(`${folder}/cycle-2/a.log`, bytes('1'), false);
    expect(disk.removeFolder(`${folder}/cycle`)).toBeUndefined();
    expect(disk.list(folder)).toEqual(['cycle-2']);
    expect(disk.list(`${folder}/cycle-2`)).toEqual(['a.log']);
    expect(disk.removeFolder(`${folder}/cycle`)).toBeUndefined();
  });

  test('a folder can be synced', () => {
    const { disk, folder } = make();
    disk.replace(`${folder}/a`, bytes('a'), false);
    disk.rename(`${folder}/a`, `${folder}/b`);
    expect(disk.syncFolder(folder)).toBeUndefined();
    expect(disk.list(folder)).toEqual(['b']);
  });
}

function appendingContract(make: () => DiskUnderTest): void {
  test('bytes stand behind those that were there before, also through two appenders', () => {
    const { disk, folder } = make();
    const first = opened(disk.append(`${folder}/log`));
    const second = opened(disk.append(`${folder}/log`));
    expect([first.write(bytes('one ')), second.write(bytes('two ')), first.write(bytes('three'))]).toEqual([
      4, 4, 5,
    ]);
    expect(text(disk, `${folder}/log`)).toBe('one two three');
    expect(disk.size(`${folder}/log`)).toBe(13);
    first.close();
    second.close();
  });

  test('a sync succeeds at once and later, and closing twice is silent', async () => {
    const { disk, folder } = make();
    const log = opened(disk.append(`${folder}/log`));
    log.write(bytes('x'));
    expect(log.sync()).toBeUndefined();
    log.write(bytes('y'));
    expect(await log.syncLater()).toBeUndefined();
    log.close();
    log.close();
    expect(text(disk, `${folder}/log`)).toBe('xy');
  });

  test('appending goes on behind a cut', () => {
    const { disk, folder } = make();
    const log = opened(disk.append(`${folder}/log`));
    log.write(bytes('whole\ntorn'));
    expect(disk.truncate(`${folder}/log`, 6)).toBeUndefined();
    log.write(bytes('next'));
    expect(text(disk, `${folder}/log`)).toBe('whole\nnext');
    log.close();
  });

  test('no folder is a failure with the system’s word, never an exception', () => {
    const { disk, folder } = make();
    expect(failed(disk.append(`${folder}/none/log`)).failed).toBe('ENOENT');
    expect(failed(disk.truncate(`${folder}/none`, 0)).failed).toBe('ENOENT');
    expect(failed(disk.rename(`${folder}/none`, `${folder}/x`)).failed).toBe('ENOENT');
    expect(failed(disk.replace(`${folder}/none/x`, bytes('x'), true)).failed).toBe('ENOENT');
  });

  test('a file where a folder should be is a failure that names the place', () => {
    const { disk, folder } = make();
    disk.replace(`${folder}/file`, bytes('x'), false);
    const folderFailed = failed(disk.makeFolder(`${folder}/file/below`));
    expect(['ENOTDIR', 'EEXIST']).toContain(folderFailed.failed);
    expect(folderFailed.what).toContain(`${folder}/file/below`);
  });
}

function replacingContract(make: () => DiskUnderTest): void {
  test('a replaced file holds the new bytes alone, and nothing is left beside it', () => {
    const { disk, folder } = make();
    expect(disk.replace(`${folder}/latest.json`, bytes('a much longer first text'), true)).toBeUndefined();
    expect(disk.replace(`${folder}/latest.json`, bytes('second'), true)).toBeUndefined();
    expect(text(disk, `${folder}/latest.json`)).toBe('second');
    expect(disk.list(folder)).toEqual(['latest.json']);
  });

  test('an appender keeps to the file it opened when another takes its name', () => {
    const { disk, folder } = make();
    const log = opened(disk.append(`${folder}/log`));
    log.write(bytes('old'));
    expect(disk.rename(`${folder}/log`, `${folder}/log.1`)).toBeUndefined();
    log.write(bytes(' and on'));
    disk.replace(`${folder}/log`, bytes('new'), false);
    expect([text(disk, `${folder}/log.1`), text(disk, `${folder}/log`)]).toEqual(['old and on', 'new']);
    log.close();
  });

  test('a rename takes the place of what was there', () => {
    const { disk, folder } = make();
    disk.replace(`${folder}/a`, bytes('a'), false);
    disk.replace(`${folder}/b`, bytes('b'), false);
    expect(disk.rename(`${folder}/a`, `${folder}/b`)).toBeUndefined();
    expect(disk.list(folder)).toEqual(['b']);
    expect(text(disk, `${folder}/b`)).toBe('a');
  });
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(disk: Disk, path: string): string {
  const read = disk.read(path);
  if (!(read instanceof Uint8Array)) throw new Error(`${path} could not be read`);
  return new TextDecoder().decode(read);
}

function opened(result: Appender | Failure): Appender {
  if ('failed' in result) throw new Error(result.what);
  return result;
}

function failed(result: unknown): Failure {
  if (typeof result !== 'object' || result === null || !('failed' in result) || !('what' in result)) {
    throw new Error('expected a failure');
  }
  return { failed: String(result.failed), what: String(result.what) };
}
