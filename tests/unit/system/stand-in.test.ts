import { mkdtempSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { realDisk } from '../../../src/system/files.ts';
import { removeLeft, standInOf } from '../../../src/system/stand-in.ts';

/** No process has this number: it is above what Linux gives. */
const DEAD = 4_194_305;
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gate-run-stand-in-'));
  folders.push(made);
  return made;
}

afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

test('only stand-ins of these targets and of dead processes are removed', () => {
  const place = folder();
  const stay = [
    '.latest.json.tmp',
    `.latest.json.${DEAD}.tmp.bak`,
    `.other.json.${DEAD}.tmp`,
    `latest.json.${DEAD}.tmp`,
    `.latest.json.${process.pid}.tmp`,
    '.latest.json.1.tmp',
    'latest.json',
  ];
  const go = [`.latest.json.${DEAD}.tmp`, `.questions.md.${DEAD + 1}.tmp`];
  for (const name of [...stay, ...go]) writeFileSync(join(place, name), '');
  removeLeft([join(place, 'latest.json'), join(place, 'questions.md'), join(place, 'missing', 'report.xml')]);
  expect(readdirSync(place).toSorted()).toEqual(stay.toSorted());
});

test('behind a link they lie beside the file that is replaced, and a folder of that name is left alone', () => {
  const [place, behind] = [folder(), folder()];
  writeFileSync(join(behind, 'real.md'), '');
  symlinkSync(join(behind, 'real.md'), join(place, 'questions.md'));
  writeFileSync(join(behind, `.real.md.${DEAD}.tmp`), '');
  mkdirSync(join(behind, `.real.md.${DEAD + 1}.tmp`));
  removeLeft([join(place, 'questions.md')]);
  expect(readdirSync(behind).toSorted()).toEqual([`.real.md.${DEAD + 1}.tmp`, 'real.md']);
});

test('what a replacement leaves behind when its process dies in it is such a file', () => {
  const place = folder();
  const target = join(place, 'latest.json');
  // A folder in the way of the rename: the stand-in was there, under the name that is looked for.
  mkdirSync(standInOf(target));
  expect(realDisk().replace(target, new Uint8Array(1), false)).toMatchObject({ failed: 'EISDIR' });
  expect(standInOf(target)).toBe(join(place, `.latest.json.${process.pid}.tmp`));
});
