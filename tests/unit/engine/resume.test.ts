import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resume } from '../../../src/engine/resume.ts';
import { realDisk } from '../../../src/system/files.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gate-run-resume-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function resumed() {
  const found = resume(realDisk(), {
    history: join(folder, 'history.jsonl'),
    cycles: join(folder, 'cycles'),
  });
  if ('ledger' in found) found.ledger.close();
  return found;
}

test('every torn tail is kept, also where two starts in a row were cut off before their first line', () => {
  for (const tail of ['{"v":1,"seq":1,"ty', '{"v":1,"seq']) {
    appendFileSync(join(folder, 'history.jsonl'), tail);
    expect(resumed()).toMatchObject({ recovered: [{ type: 'recovered', bytes: tail.length }] });
  }
  const kept = readdirSync(folder).filter((name) => name.includes('.torn-'));
  expect(kept.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    '{"v":1,"seq":1,"ty',
    '{"v":1,"seq',
  ]);
  expect(readFileSync(join(folder, 'history.jsonl'), 'utf8')).toBe('');
});

test('what crashes leave has an end: then a person is asked to look', () => {
  for (let copy = 1; copy <= 1000; copy += 1) writeFileSync(join(folder, `history.jsonl.torn-${copy}`), '');
  appendFileSync(join(folder, 'history.jsonl'), '{"v":1,"seq');
  expect(resumed()).toMatchObject({
    failed: 'EEXIST',
    what: expect.stringContaining('move its .torn files'),
  });
  expect(readFileSync(join(folder, 'history.jsonl'), 'utf8')).toBe('{"v":1,"seq');
});
