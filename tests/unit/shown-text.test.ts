import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pour } from '../../src/cli/pour.ts';
import { goneOn, shownFrom } from '../../src/cli/shown-text.ts';

const TOKEN = `ghp_${'aB3dE5gH7j'.repeat(3)}aB3dE5`;

/** A reader that has seen a log up to the middle of a token, and goes on once the log was covered in place. */
test('[B19] half of a token that waits is not shown when the log was covered before the rest was read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-shown-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  let seen = '';
  const write = (text: string): void => {
    seen += text;
  };
  const before = `# head\n${'word '.repeat(10)}key `;
  writeFileSync(path, `${before}${TOKEN.slice(0, 20)}`);
  const first = shownFrom(path, 0, []);
  const read = { at: pour({ write }, path, 0, first), shown: first };
  const mark = '***github-token***'.padEnd(TOKEN.length, '*');
  writeFileSync(path, `${before}${mark}\nbehind\n`);
  const { at, shown } = goneOn(path, read, []);
  pour({ write }, path, at, shown);
  write(shown.end());
  expect(seen).toBe(`${before}${mark}\nbehind\n`);
});

test('a log that only grew goes on where it was read to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-shown-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  writeFileSync(path, 'one\ntw');
  const shown = shownFrom(path, 0, []);
  const read = { at: pour({ write: () => undefined }, path, 0, shown), shown };
  writeFileSync(path, 'one\ntwo\n');
  expect(goneOn(path, read, [])).toEqual(read);
});
