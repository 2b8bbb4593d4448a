// The terminal view on a real pseudo-terminal, in a process of its own.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { harmless } from '../../../src/views/sink.ts';
import { Terminal } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'gate-run-pty-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Session {
  readonly bytes: string;
  readonly plain: string;
}

function session(size: { columns: number; rows: number }, environment: string): Session {
  const file = join(folder, `plain-${size.columns}`);
  const program = new URL('./on-a-terminal.ts', import.meta.url).pathname;
  const command = `stty cols ${size.columns} rows ${size.rows}; ${environment} exec ${process.execPath} ${program} ${file}`;
  const env = { PATH: process.env['PATH'], TERM: 'xterm-256color' };
  const ran = spawnSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8', timeout: 30_000 });
  expect(ran.status).toBe(0);
  return { bytes: ran.stdout.replaceAll('\r\n', '\n'), plain: readFileSync(file, 'utf8') };
}

test('[B3] on a real terminal the region comes and goes, and the lines it leaves are the plain ones, once each', () => {
  const { bytes, plain } = session({ columns: 70, rows: 20 }, 'NO_COLOR=1');
  expect(bytes).toContain('gate-0 ');
  expect(bytes).toContain('\u001b[?25l');
  const terminal = new Terminal(70, 20);
  terminal.write(bytes);
  expect(terminal.all().join('\n')).toBe(plain.trimEnd());
  expect(terminal.isCursorShown).toBe(true);
});

test('[B17] no frame is higher than half of the terminal, however low it is', () => {
  const { bytes } = session({ columns: 40, rows: 8 }, 'NO_COLOR=1');
  const heights = [...bytes.matchAll(/\[(\d+)F/g)].map((match) => Number(match[1]));
  expect(heights.length).toBeGreaterThan(3);
  expect(Math.max(...heights)).toBeLessThanOrEqual(4);
});

test('[B4] a terminal shows colours, and with NO_COLOR none at all', () => {
  const color = new RegExp('\\[3[123]m');
  expect(session({ columns: 71, rows: 20 }, '').bytes).toMatch(color);
  const without = session({ columns: 70, rows: 20 }, 'NO_COLOR=1').bytes;
  expect(without).not.toMatch(color);
  expect(harmless(without, false)).toContain('a failing line');
});
