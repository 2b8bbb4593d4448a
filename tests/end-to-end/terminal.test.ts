// A phase of a thousand gates, run by the built command on a real pseudo-terminal and on one that can show no region.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Terminal } from '../unit/views/terminal.ts';

const GATES = 1000;
/** Only a disturbed round is followed by another one. */
const ROUNDS = 3;
const SCENE_LIMIT_MS = 5 * 60_000;
const MOST_EXTRA = 1.1;

const bin = new URL('../../bin/gate-run.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'gate-run-terminal-'));
const gates = Array.from({ length: GATES }, (_, index) => `      g${index}: { run: 'true' }\n`).join('');

beforeAll(() => {
  mkdirSync(join(folder, 'home'));
  const config = `version: 1\nname: thousand\njobs: 2\nphases:\n  checks:\n    gates:\n${gates}`;
  writeFileSync(join(folder, 'loop.config.yaml'), config);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly text: string;
  /** Seconds of CPU, the gates included: on a machine that others use, time on the wall says nothing. */
  readonly cpuSeconds: number;
}

function onTerminal(term: 'xterm' | 'dumb'): Ran {
  const env = { PATH: process.env['PATH'], HOME: join(folder, 'home'), NO_COLOR: '1', TERM: term };
  const command = `stty cols 80 rows 24; ${process.execPath} ${bin}; echo "exit $?"; times`;
  const options = {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: SCENE_LIMIT_MS,
    maxBuffer: 2 ** 26,
  } as const;
  const ran = spawnSync('script', ['-qec', command, '/dev/null'], options);
  const text = ran.stdout.replaceAll('\r\n', '\n');
  const times = [...text.slice(text.lastIndexOf('exit ')).matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = times
    .slice(-2)
    .reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { text, cpuSeconds: seconds };
}

test(
  '[B17] a phase of a thousand gates on a terminal costs less than a tenth more than plain lines',
  { timeout: SCENE_LIMIT_MS },
  () => {
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS && !ratios.some((ratio) => ratio < MOST_EXTRA); round += 1) {
      const plain = onTerminal('dumb');
      const live = onTerminal('xterm');
      expect(plain.text).not.toContain('\u001b');
      expect(live.text).toContain('\u001b[?25l');
      ratios.push(live.cpuSeconds / plain.cpuSeconds);
    }
    expect(Math.min(...ratios), `ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`).toBeLessThan(
      MOST_EXTRA,
    );
  },
);

test(
  '[B3] on that terminal each of a thousand gates stands in the scrollback once',
  { timeout: SCENE_LIMIT_MS },
  () => {
    const terminal = new Terminal(80, 24);
    terminal.write(onTerminal('xterm').text);
    const lines = terminal.all();
    const named = lines.flatMap((line) => /^✓ (g\d+) /.exec(line)?.[1] ?? []);
    expect(new Set(named).size).toBe(GATES);
    expect(named).toHaveLength(GATES);
    expect(lines.find((line) => line.startsWith('exit '))).toBe('exit 0');
  },
);
