// Ledgers and checkpoints that nobody should believe, met by the built command: it says where, and changes nothing.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { HISTORY, lastOf, latest, linesOf } from './nights.ts';
import { folderWith, gateRun, loop, type Ended, type Folder } from './rig.ts';

const CHECKPOINT = '.gate-run/checkpoint.json';
/** Enough lines that a checkpoint is worth its while at the end of the run. */
const CYCLES = 130;

/** A state directory with a checkpoint near the end of its ledger. */
async function lived(): Promise<Folder> {
  const gates = [1, 2, 3, 4].map((number) => `gate-${number}: { run: 'true' }`).join('\n');
  const folder = folderWith(loop(gates));
  const { code, stdout } = await gateRun(folder, ['-q', '--iterations', String(CYCLES)]);
  expect(code, stdout).toBe(EXIT.passed);
  expect(folder.has(CHECKPOINT)).toBe(true);
  const verified = await gateRun(folder, ['verify']);
  expect(verified.code, verified.stderr).toBe(EXIT.passed);
  expect(verified.stdout).toContain('the checkpoint stands on it and agrees with it');
  return folder;
}

/** A second folder with the same state, for one more thing that may have happened to it. */
function twin(folder: Folder): Folder {
  const copy = folderWith();
  cpSync(folder.path, copy.path, { recursive: true });
  return copy;
}

/** One bit of the line that holds `text` is another one. */
function spoil(folder: Folder, text: string): number {
  const lines = folder.read(HISTORY).split('\n');
  const at = lines.findIndex((line) => line.includes(text));
  expect(at).toBeGreaterThan(-1);
  lines[at] = lines[at]?.replace('"type"', '"tipe"') ?? '';
  folder.write(HISTORY, lines.join('\n'));
  return at + 1;
}

/** Exit 8, the place is named, and not a byte of the ledger is changed. */
async function refused(folder: Folder, words: readonly string[], told: RegExp): Promise<Ended> {
  const before = folder.read(HISTORY);
  const ended = await gateRun(folder, words);
  expect(ended.code, ended.stdout + ended.stderr).toBe(EXIT.storage);
  expect(ended.stdout + ended.stderr).toMatch(told);
  expect(folder.read(HISTORY)).toBe(before);
  expect(folder.list('.gate-run').filter((name) => name.includes('torn'))).toEqual([]);
  return ended;
}

test('a bad line behind the checkpoint ends every start with 8; `verify` says where, and nothing is cut', async () => {
  const folder = await lived();
  expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(EXIT.passed);
  const line = spoil(folder, `"cycle":${CYCLES + 2},`);
  const place = new RegExp(`history\\.jsonl, line ${line}\\b`);
  await refused(folder, ['--iterations', '3'], place);
  await refused(folder, ['--continuous'], place);
  await refused(folder, ['verify'], new RegExp(`history\\.jsonl\\S*.*\\b${line}\\b`));
});

test('a bad line before the checkpoint holds nobody up, and only `verify` finds it', async () => {
  const folder = await lived();
  const line = spoil(folder, '"cycle":7,');
  await refused(folder, ['verify'], new RegExp(`history\\.jsonl\\S*.*\\b${line}\\b`));
  const { code, stdout } = await gateRun(folder, ['--iterations', '1']);
  expect(code, stdout).toBe(EXIT.passed);
  expect(latest(folder)).toMatchObject({ cycle: CYCLES + 1 });
});

test('a ledger from a newer gate-run is left alone, and said to be one', async () => {
  const folder = folderWith(loop("work: { run: 'true' }"));
  expect((await gateRun(folder)).code).toBe(EXIT.passed);
  const seq = linesOf(folder).at(-1)?.['seq'];
  const line = `{"v":2,"seq":${Number(seq) + 1},"type":"run.dreamt","at":"2031-01-01T00:00:00.000Z","check":"x"}`;
  folder.write(HISTORY, `${folder.read(HISTORY)}${line}\n`);
  await refused(folder, [], /newer/);
  await refused(folder, ['--continuous'], /newer/);
  await refused(folder, ['verify'], /newer/);
});

test('a checkpoint that lies is not believed: the next start knows what the ledger knows', async () => {
  const folder = await lived();
  const whole = folder.read(CHECKPOINT);
  const history = folder.read(HISTORY).split('\n');
  const lies: Readonly<Record<string, (copy: Folder) => void>> = {
    'it is gone': (copy) => rmSync(join(copy.path, CHECKPOINT)),
    'it is empty': (copy) => copy.write(CHECKPOINT, ''),
    'it is torn': (copy) => copy.write(CHECKPOINT, whole.slice(0, whole.length / 2)),
    'it counts otherwise': (copy) => copy.write(CHECKPOINT, whole.replace(/"cycle":\d+/, '"cycle":9')),
    'it is something else': (copy) => copy.write(CHECKPOINT, '{"v":1,"progress":{"cycle":9999}}\n'),
  };
  for (const [what, lie] of Object.entries(lies)) {
    const copy = twin(folder);
    lie(copy);
    const { code, stdout, stderr } = await gateRun(copy, ['--iterations', '1']);
    expect(code, what + stdout + stderr).toBe(EXIT.passed);
    expect(lastOf(copy, 'cycle.ended'), what).toMatchObject({ cycle: CYCLES + 1, verdict: 'passed' });
  }
  // The ledger is gone, and the checkpoint beside it says that there was one.
  const emptied = twin(folder);
  emptied.write(HISTORY, '');
  const { code, stdout } = await gateRun(emptied, ['verify']);
  expect([code, stdout]).toEqual([EXIT.passed, expect.stringContaining('a ledger stood here')]);
  // The ledger was taken back from an older copy, and the checkpoint was not.
  const older = twin(folder);
  const end = history.findIndex((line) => line.includes('"cycle.ended"') && line.includes('"cycle":100,'));
  older.write(HISTORY, `${history.slice(0, end + 1).join('\n')}\n`);
  expect((await gateRun(older, ['--iterations', '1'])).code).toBe(EXIT.passed);
  expect(lastOf(older, 'cycle.ended')).toMatchObject({ cycle: 101 });
});
