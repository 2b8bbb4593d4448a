// What nobody can have meant, or nobody should believe: senseless numbers, calendars and ledgers, met by the built command.

import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { folderWith, gateRun, loop, type Ended } from './rig.ts';

function refused(ended: Ended, words: RegExp): void {
  expect(ended.code, ended.stdout + ended.stderr).toBe(EXIT.usage);
  expect(ended.stderr).toMatch(words);
}

describe('senseless numbers', () => {
  test.each([
    ['--iterations', '0'],
    ['--iterations', '-3'],
    ['--iterations', '03'],
    ['--iterations', '3.5'],
    ['--iterations', '1e3'],
    ['--iterations', '99999999999999999999'],
    ['--iterations', 'never'],
    ['--sleep', '-5'],
    ['--sleep', '5 minutes'],
    ['--sleep', '99999999999999999999'],
    ['--sleep', '9999999d'],
    ['--max-runtime', '0'],
    ['--max-runtime', '-1h'],
    ['--max-runtime', 'Infinity'],
    ['--max-backoff', '0'],
    ['--max-failures', '0'],
    ['--max-failures', '-1'],
    ['--timeout', '0'],
    ['--target', 'n='],
    ['--target', 'n=NaN'],
  ])('%s=%s is refused by its name, and nothing is started', async (flag, value) => {
    const gate = "work: { run: 'echo n=1', metrics: { n: { regex: 'n=(?<value>.)' } } }";
    const folder = folderWith(loop(gate));
    refused(await gateRun(folder, [`${flag}=${value}`]), new RegExp(flag));
    expect(folder.has('.gate-run')).toBe(false);
  });

  test.each([
    ['loop: { sleep: -5m }', /-5m/],
    ['loop: { sleep: 0 }', /0s/],
    ['loop: { sleep: never }', /never/],
    ['loop: { sleep: 99999999999999999999d }', /99999999999999999999d/],
    ['loop: { backoff: { from: 1h, max: 1m } }', /max|from/],
    ['loop: { backoff: { factor: 0 } }', /factor/],
    ['loop: { backoff: { factor: .inf } }', /factor/],
    ['loop: { backoff: { factor: 1e400 } }', /factor/],
    ['loop: { rest: { failed: -2s } }', /-2s/],
    ['exit: { budget: { cycles: 0 } }', /cycles/],
    ['exit: { budget: { cycles: -1 } }', /cycles/],
    ['exit: { budget: { runtime: 0s } }', /runtime/],
    ['exit: { give-up: { failures-in-a-row: 0 } }', /failures-in-a-row/],
    ['exit: { give-up: { failure-rate: "> 80% over 0" } }', /failure-rate/],
    ['exit: { give-up: { failure-rate: "> 800% over 30" } }', /failure-rate/],
    ['exit: { give-up: { failures-in-a-row: 5, half-open: { after: 0s, times: 2 } } }', /after/],
    ['exit: { give-up: { failures-in-a-row: 5, half-open: { after: 1m, times: 0 } } }', /times/],
    ['state: { keep: { cycles: 0 } }', /cycles/],
    ['state: { keep: { size: -1g } }', /size/],
    ['loop: { cron: "0 0 30 2 *" }', /30 2|never/],
    ['loop: { cron: "61 * * * *" }', /61/],
    ['loop: { cron: "0 4 * * *", timezone: Europe/Atlantis }', /Atlantis/],
  ])('%s is a problem with its place', async (top, words) => {
    const folder = folderWith(loop('work: { run: echo 1 }', top));
    const ended = await gateRun(folder, ['--continuous']);
    refused(ended, words);
    expect(ended.stderr).toMatch(/loop\.config\.yaml:\d+:\d+/);
    expect(folder.has('.gate-run')).toBe(false);
  });
});
