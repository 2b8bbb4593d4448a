import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { place, type Place } from './process-rig.ts';

let places: Place[] = [];

function story(gates: string): Place {
  const made = place(gates);
  places.push(made);
  return made;
}

afterEach(() => {
  for (const made of places) made.clear();
  places = [];
});

test('on a full disk a small cycle still runs; when a log fills it, exit 8, no hang, the old ledger a prefix', async () => {
  const s = story(
    `small: { run: echo fits }\nfills: { needs: [small], when: { exists: now }, run: 'head -c 1000000 /dev/zero' }\n`,
  );
  const state = join(s.folder, '.gate-run');
  mkdirSync(state);
  if (!mount(state, 'size=256k')) {
    expect(process.getuid?.()).not.toBe(0);
    return;
  }
  try {
    expect((await s.run()).code).toBe(0);
    const before = readFileSync(join(state, 'history.jsonl'));
    writeFileSync(join(s.folder, 'now'), '');
    const full = await s.run();
    expect(full.code).toBe(8);
    expect(full.ms).toBeLessThan(20_000);
    const after = readFileSync(join(state, 'history.jsonl'));
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
  } finally {
    execFileSync('umount', ['--lazy', state], { stdio: 'ignore' });
  }
});

function mount(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
