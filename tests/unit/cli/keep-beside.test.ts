import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pinLedger } from '../../../src/cli/contents.ts';
import { keepBeside } from '../../../src/cli/keep-beside.ts';
import { loadLoop } from '../../../src/cli/load.ts';
import { EMPTY } from '../../../src/core/loop/evolve.ts';
import { NO_FLAGS } from '../../../src/core/plan/flags.ts';

const CONFIG = `version: 1
name: story
state: { snapshots: { every: 1, keep: 1 } }
phases: { check: { gates: { a: { run: "true" } } } }
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-beside-'));
  mkdirSync(join(folder, '.gate-run'));
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG);
  writeFileSync(join(folder, '.gate-run/history.jsonl'), '');
  writeFileSync(join(folder, '.gate-run/history.000001.jsonl'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const openFiles = (): number => readdirSync('/proc/self/fd').length;

test('a snapshot that fails leaves no file open, however often', async () => {
  const loop = await loadLoop({ folder, flags: NO_FLAGS, config: undefined }, {});
  if ('problems' in loop) throw new Error(loop.problems[0]?.message);
  const { snapshots } = keepBeside(loop);
  writeFileSync(join(folder, '.gate-run/snapshots'), 'a file stands here');
  const before = openFiles();
  for (let once = 0; once < 5; once += 1)
    expect(await snapshots?.take(EMPTY, new AbortController().signal)).toMatchObject({
      failed: expect.stringMatching(/^E/),
    });
  expect(openFiles()).toBe(before);
});

test('a ledger of which a segment is gone leaves none of the others open', () => {
  const files = ['history.000001.jsonl', 'history.000002.jsonl', 'history.jsonl'];
  const segments = files.map((name, at) => ({ number: at + 1, file: join(folder, '.gate-run', name) }));
  const before = openFiles();
  expect(() => pinLedger(segments, 0)).toThrow('history.000002.jsonl');
  expect(openFiles()).toBe(before);
});
