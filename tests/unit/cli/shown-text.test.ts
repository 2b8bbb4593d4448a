import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ShownText, shownEnd } from '../../../src/cli/shown-text.ts';

const SECRETS = [{ name: 'TOKEN', value: 'hunter2hunter2' }];
const TORN = 'A hunter2\u001B[31mhunter2 B\n';

test('[B19] a value that a colour tears is shown in no piece, wherever pieces end', () => {
  for (let at = 0; at <= TORN.length; at += 1) {
    const shown = new ShownText(SECRETS);
    const pieces = [TORN.slice(0, at), TORN.slice(at)].map((piece) => shown.see(Buffer.from(piece)));
    expect(pieces.join('') + shown.end()).toBe('A ***TOKEN*** B\n');
  }
});

test('a line that is not over waits only where something in it is not shown, and not for ever', () => {
  const shown = new ShownText(SECRETS);
  expect(shown.see(Buffer.from('how far: 1 %'))).toBe('how far: 1 %');
  expect(shown.see(Buffer.from('\n\u001B[32mgreen'))).toBe('\n');
  expect(shown.see(Buffer.from('\u001B[0m\rnext'))).toBe('\u001B[32mgreen\u001B[0m\rnext');
  expect(shown.see(Buffer.from(`\u001B[0m${'x'.repeat(20_000)}`))).toContain('xxxx');
  expect(shown.see(Buffer.from('\u001B[0m.')) + shown.end()).toContain('.');
});

test('the end of a log shows nothing of what stands before it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-shown-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'log'), `${'before \u001B[32m'.repeat(100)}${'after'.repeat(10)}`);
  expect(shownEnd(join(folder, 'log'), 50, SECRETS)).toBe(`…${'after'.repeat(10)}`);
});
