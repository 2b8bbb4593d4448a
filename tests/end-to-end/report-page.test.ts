// The page in a real browser, and its size and time after many cycles. Where there is no Chromium the test says so.

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { writeLongLedger } from '../../bench/long-ledger.ts';
import { folderWith, gateRun, loop, shell, type Folder } from './rig.ts';

const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CYCLES = 100_000;
const MOST_SECONDS = 5;
const MOST_BYTES = 5_000_000;
const HOSTILE = '<img src=x onerror=document.title=1>';

test(
  '[G20] after 100,000 cycles it takes under 5 s and the page is below 5 MB',
  { timeout: 60_000 },
  async () => {
    const folder = folderWith(loop('check: { run: "true" }'));
    writeLongLedger(join(folder.path, '.gate-run'), CYCLES);
    const line = `TIMEFORMAT='%U %S'; time ${process.execPath} "$GATE" report --json --by hypothesis 2>err`;
    const { code, stdout, stderr, ms } = await shell(folder, line);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      scope: { cycles: CYCLES, isCut: false },
      verdicts: { passed: CYCLES },
    });
    // Of the processor alone: the machine may be at work for others.
    const seconds = stderr
      .trim()
      .split(' ')
      .reduce((sum, one) => sum + Number(one), 0);
    const bytes = statSync(join(folder.path, '.gate-run/report.html')).size;
    console.log(
      `figure: report of ${CYCLES} cycles, without a checkpoint: ${seconds.toFixed(1)} s of processor time ` +
        `(${(ms / 1000).toFixed(1)} s on the wall), HTML ${Math.round(bytes / 1000)} kB`,
    );
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(MOST_SECONDS);
  },
);

test(
  'opened in Chromium it draws every plot, runs no script of a label, and asks no network',
  { timeout: 60_000 },
  async () => {
    const chromium = CHROMIUMS.find((path) => existsSync(path));
    if (chromium === undefined) {
      console.log(
        `peer: chromium is not here (${CHROMIUMS.join(', ')}), so the page was not opened in a browser`,
      );
      expect(CHROMIUMS.some((path) => existsSync(path))).toBe(false);
      return;
    }
    const folder = await aNight();
    const dom = await opened(chromium, folder, ['--dump-dom']);
    const plots = dom.match(/class="plot"/g)?.length ?? 0;
    expect(plots).toBe(4);
    expect(dom).toContain(`data-drawn="${plots}"`);
    expect(dom).toContain('<title>story: Budget spent</title>');
    expect(dom).toContain('&lt;img src=x');
    expect(dom).not.toContain('<img');
    const picture = join(folder.path, 'page.png');
    await opened(chromium, folder, [`--screenshot=${picture}`, '--window-size=1100,3000']);
    expect(statSync(picture).size).toBeGreaterThan(20_000);
    if (process.env['KEEP_PICTURE'] !== undefined) copyFileSync(picture, process.env['KEEP_PICTURE']);
  },
);

/** A label and a metric in every cycle, some failures, some pauses. */
async function aNight(): Promise<Folder> {
  const gate = `g: { run: 'echo "edge $((GATE_CYCLE * 7 % 40)) ${HOSTILE}"; test $((GATE_CYCLE % 5)) -ne 0', labels: { why: { regex: '(?<value><.*)' } }, metrics: { edge: { regex: 'edge (?<value>\\d+)', better: higher } } }`;
  const top =
    'loop: { sleep: 5ms, backoff: { from: 5ms, max: 9ms } }\nreporters: [{ report: { by: [why] } }]';
  const folder = folderWith(loop(gate, top));
  expect((await gateRun(folder, ['--iterations', '14', '--max-failures', 'never'])).code).toBe(0);
  return folder;
}

async function opened(chromium: string, folder: Folder, words: readonly string[]): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'gate-run-chromium-'));
  mkdirSync(profile, { recursive: true });
  const quiet = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
  ];
  const own = [
    `--user-data-dir=${profile}`,
    '--virtual-time-budget=3000',
    '--host-resolver-rules=MAP * ~NOTFOUND',
  ];
  const page = `file://${join(folder.path, '.gate-run/report.html')}`;
  try {
    const limits = { timeout: 45_000, maxBuffer: 32 * 1024 * 1024, killSignal: 'SIGKILL' } as const;
    return (await promisify(execFile)(chromium, [...quiet, ...own, ...words, page], limits)).stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
