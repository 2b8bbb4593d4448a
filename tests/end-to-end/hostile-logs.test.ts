// Output that is too long, no text at all, or emptied behind gate-run's back. PROVE_LOG_MB says how much is printed.

import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endings, hearAll, judged } from './kills/judged.ts';
import { eventsIn, ledgerFiles } from './kills/ledger.ts';
import { COMMAND, peakMegabytes, start } from './kills/start.ts';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

const MB = 1_000_000;
const LONG_LOG_MB = Number(process.env['PROVE_LOG_MB'] ?? 300);
const MEMORY_LIMIT_MB = 120;
const LOOK_EVERY_MS = 20;
/** A search that goes back at each line takes ten seconds. */
const BLANK_LIMIT_MS = 5000;

function logPath(folder: Folder, task: string): string {
  return join(folder.path, `.gate-run/cycles/000001/check.${task}.1.log`);
}

/** What the command printed: the log behind its header line. */
function printed(folder: Folder, task: string): Buffer {
  const bytes = readFileSync(logPath(folder, task));
  return bytes.subarray(bytes.indexOf(10) + 1);
}

/** Runs it, and looks how much memory gate-run itself takes. */
async function weighed(
  folder: Folder,
  args: readonly string[] = [],
): Promise<{ code: number | null; out: string; peakMb: number }> {
  const { child, over } = start(folder, [...COMMAND, ...args]);
  let peakMb = 0;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, peakMegabytes(child.pid ?? 0))), LOOK_EVERY_MS);
  const { code, out } = await over;
  clearInterval(timer);
  return { code, out, peakMb };
}

describe('output that is no text', () => {
  test('invalid UTF-8, zero bytes and terminal codes are kept byte for byte, and every report of them is text', async () => {
    const folder = folderWith(
      hearAll(`
bytes: { run: 'printf "error: \\377\\376 \\303 end\\n"; exit 1' }
zeros: { run: 'printf "error: a\\000b\\000\\n"; exit 1' }
codes: { run: 'printf "\\033[31merror: red\\033[0m \\033]0;title\\007\\r\\n"; exit 1' }
no-newline: { run: 'printf "error: no newline"; exit 1' }
`),
    );
    const ended = await gateRun(folder, ['--json', '--reporter', 'junit=out.xml']);
    expect(ended.code).toBe(1);
    expect(Object.values(endings(judged(ended)))).toEqual(Array.from({ length: 4 }, () => 'failed exited'));
    // Behind what was printed stands the question that the failure opened.
    expect(printed(folder, 'bytes').toString('latin1')).toMatch(/^error: \xff\xfe \xc3 end\n\nQuestion for /);
    expect(printed(folder, 'zeros').toString('latin1')).toMatch(/^error: a\0b\0\n\nQuestion for /);
    for (const text of [
      ended.stderr,
      ended.stdout,
      folder.read('out.xml'),
      folder.read('.gate-run/questions.md'),
    ]) {
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\0\x07\x1b]/);
    }
  });

  test('[G17] a line that has no end yet is not held in memory by whoever shows it as it comes', async () => {
    const folder = folderWith(
      loop(`endless: { run: 'head -c 200000000 /dev/zero | tr "\\000" x; sleep 1; echo; echo behind' }`),
    );
    const { code, out, peakMb } = await weighed(folder, ['--verbose']);
    expect(code, out.slice(-2000)).toBe(0);
    expect(out).toContain('behind');
    expect(out.length).toBeLessThan(20_000);
    expect(peakMb).toBeLessThan(MEMORY_LIMIT_MB);
  });
});

describe('output that is too long', () => {
  test(`a log of ${LONG_LOG_MB} MB is kept whole, and gate-run stays below ${MEMORY_LIMIT_MB} MB`, async () => {
    const folder = folderWith(
      loop(
        `long: { run: 'head -c ${LONG_LOG_MB * MB} /dev/zero | tr "\\000" "\\n"; echo last; exit 1', log-limit: 4g, timeout: 50s }`,
      ),
    );
    const { code, out, peakMb } = await weighed(folder);
    expect(code, out.slice(-2000)).toBe(1);
    expect(out).toContain('│ last');
    expect(statSync(logPath(folder, 'long')).size).toBeGreaterThan(LONG_LOG_MB * MB);
    expect(peakMb).toBeGreaterThan(0);
    expect(peakMb).toBeLessThan(MEMORY_LIMIT_MB);
  });

  test('above `log-limit` head and tail are kept, the cut is marked, and the command is judged by its code', async () => {
    const folder = folderWith(
      loop(
        `long: { run: 'echo first; head -c 3000000 /dev/zero | tr "\\000" x; echo; echo last', log-limit: 1m }`,
      ),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code, ended.stderr).toBe(0);
    const log = printed(folder, 'long').toString('latin1');
    expect(log.startsWith('first\nxxx')).toBe(true);
    expect(log.endsWith('xxx\nlast\n')).toBe(true);
    expect(log).toMatch(/\n\[gate-run: \d+ bytes were cut out here\]\n/);
    expect(log.length).toBeLessThan(1.1 * 1024 * 1024);
    expect(ended.stdout + ended.stderr).not.toContain('bug');
    expect(endOf(folder)).toMatchObject({ log: 'cut' });
  });

  test('blank lines without end are printed as fast as any others', async () => {
    const blank = 'head -c 3000000 /dev/zero | tr "\\000" "\\n"; echo last; exit 1';
    const folder = folderWith(hearAll(`one: { run: '${blank}' }\ntwo: { run: '${blank}' }`));
    const { code, out, peakMb } = await weighed(folder);
    expect(code, out.slice(-2000)).toBe(1);
    expect(peakMb).toBeLessThan(MEMORY_LIMIT_MB);
    const times = eventsIn(ledgerFiles(join(folder.path, '.gate-run'))).map((event) => Number(event['mono']));
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(BLANK_LIMIT_MS);
  });

  test('at four times the bound the command is ended, and its gate is broken', async () => {
    const folder = folderWith(loop(`floods: { run: 'yes', log-limit: 1m, timeout: 40s }`));
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code).toBe(3);
    expect(endings(judged(ended))).toEqual({ floods: 'broken storage-failed' });
    expect(judged(ended)['floods']?.reasons.join(' ')).toContain('EFBIG');
    expect(statSync(logPath(folder, 'floods')).size).toBeLessThan(1.1 * 1024 * 1024);
  });
});

describe('output that is taken away', () => {
  test('a command that empties its own log is broken, and the mend is named; one that appends to it passes', async () => {
    const folder = folderWith(
      hearAll(`
empties: { run: 'echo one; echo two > /dev/stderr' }
empties-stdout: { run: 'echo one; echo two > /dev/stdout' }
appends: { run: 'echo one; echo two >> /dev/stderr; echo three >&2' }
`),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code).toBe(3);
    const tasks = judged(ended);
    expect(endings(tasks)).toEqual({
      empties: 'broken exited',
      'empties-stdout': 'broken exited',
      appends: 'passed exited',
    });
    expect(tasks['empties']?.reasons.join(' ')).toContain('>&2');
    expect(printed(folder, 'appends').toString()).toBe('one\ntwo\nthree\n');
  });

  test('a command that removes its log loses no verdict', async () => {
    const folder = folderWith(
      loop(`
log: { run: 'rm "$GATE_CYCLE_DIR"/*.log; echo gone; exit 1', mode: soft }
next: { run: echo next, needs: [log] }
`),
    );
    const ended = await gateRun(folder, ['--json']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(endings(judged(ended))).toEqual({ log: 'soft-failed exited', next: 'passed exited' });
  });

  for (const what of ['"$GATE_CYCLE_DIR"', '"$GATE_STATE"']) {
    test(`a command that removes ${what} takes the record of the run with it: never green, and the next start begins anew`, async () => {
      const folder = folderWith(loop(`cleans: { run: 'test ! -e armed || rm -r ${what}' }`));
      folder.write('armed', '');
      const { code, stderr } = await gateRun(folder);
      expect(code, stderr).toBe(8);
      expect(stderr).toContain('it was removed while it was in use');
      expect(stderr).toContain('keep the state where no task removes it');
      rmSync(join(folder.path, 'armed'));
      expect((await gateRun(folder)).code).toBe(0);
      expect(eventsIn(ledgerFiles(join(folder.path, '.gate-run'))).at(-1)).toMatchObject({
        type: 'run.ended',
        exit: 0,
      });
    });
  }
});

function endOf(folder: Folder): unknown {
  const events = eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
  return events.find(({ type }) => type === 'attempt.ended');
}
