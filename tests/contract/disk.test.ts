import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/ports.ts';
import { realDisk } from '../../src/system/files.ts';
import { bytes, diskContract } from './disk-contract.ts';

const folders: string[] = [];

function folder(): string {
  const made = fs.mkdtempSync(join(tmpdir(), 'gate-run-disk-'));
  folders.push(made);
  return made;
}

afterAll(() => {
  for (const made of folders) fs.rmSync(made, { recursive: true, force: true });
});

diskContract('the real disk', () => ({ disk: realDisk(), folder: folder() }));

describe('the real disk alone', () => {
  test('a link that a person made stays a link when what it names is replaced', () => {
    const place = folder();
    fs.writeFileSync(`${place}/real.md`, 'old');
    fs.symlinkSync('real.md', `${place}/link.md`);
    expect(realDisk().replace(`${place}/link.md`, bytes('new'), false)).toBeUndefined();
    expect(fs.lstatSync(`${place}/link.md`).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(`${place}/real.md`, 'utf8')).toBe('new');
  });

  test('replacing keeps who may read the file', () => {
    const place = folder();
    fs.writeFileSync(`${place}/private.md`, 'old', { mode: 0o600 });
    realDisk().replace(`${place}/private.md`, bytes('new'), false);
    expect(fs.statSync(`${place}/private.md`).mode & 0o777).toBe(0o600);
  });

  test('a folder read as a file is a failure, not nothing', () => {
    expect(realDisk().read(folder())).toMatchObject({ failed: 'EISDIR' });
  });

  test('a full disk is told by a short count first, then by ENOSPC, and a cut still works', () => {
    const place = folder();
    const seen = onSmallDisk(place);
    if (seen === undefined) {
      expect(process.getuid?.()).not.toBe(0);
      return;
    }
    expect(seen.short).toBeGreaterThan(0);
    expect(seen.short).toBeLessThan(400_000);
    expect(seen.after).toMatchObject({ failed: 'ENOSPC' });
    expect(seen.replaced).toMatchObject({ failed: 'ENOSPC' });
    expect(seen.cut).toBeUndefined();
    expect(seen.names).toEqual(['log']);
  });
});

interface SmallDisk {
  readonly short: number | Failure;
  readonly after: number | Failure;
  readonly replaced: Failure | undefined;
  readonly cut: Failure | undefined;
  readonly names: readonly string[];
}

/** Fills a tmpfs of 256 KiB; undefined where nothing may be mounted. */
function onSmallDisk(place: string): SmallDisk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  try {
    const disk = realDisk();
    const log = disk.append(`${place}/log`);
    if ('failed' in log) throw new Error(log.what);
    const short = log.write(new Uint8Array(400_000));
    const after = log.write(new Uint8Array(5_000));
    const replaced = disk.replace(`${place}/latest.json`, bytes('x'.repeat(5_000)), true);
    const names = disk.list(place);
    const cut = disk.truncate(`${place}/log`, 100);
    log.close();
    return { short, after, replaced, cut, names };
  } finally {
    execFileSync('umount', [place], { stdio: 'ignore' });
  }
}
