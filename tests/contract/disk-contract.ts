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
