// The morning's report: there on every path, also behind a kill; from any folder, during a run, after it.

import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const QUICK = 'loop: { sleep: 1ms, backoff: { from: 1ms, max: 2ms } }';
const HELD = `slow: { run: 'touch running; while [ ! -e go ]; do sleep 0.02; done' }`;
const MD = '.gate-run/report.md';
const HTML = '.gate-run/report.html';

function headline(folder: Folder, file = MD): string {
  return folder.read(file).split('\n')[2] ?? '';
}

describe('a run writes it by itself', () => {
  test('[B15] when its budget is spent, when it gives up, when it is stopped', async () => {
    const folder = folderWith(loop('g: { run: "test ! -e red" }', QUICK));
    expect((await gateRun(folder, ['--iterations', '3'])).code).toBe(0);
    expect(headline(folder)).toBe(
      '**✓ Budget spent.** The budget is spent: cycles >= 3; all 3 cycles passed.',
    );
    expect(folder.read(HTML)).toMatch(/^<!doctype html>[^]*<h1>Budget spent<\/h1>[^]*<\/html>\n$/);
    folder.write('red', '');
    expect((await gateRun(folder, ['--continuous', '--max-failures', '2'])).code).toBe(4);
    expect(headline(folder)).toMatch(/^\*\*✗ Gave up\.\*\* Gave up: failures-in-a-row >= 2/);
    const { child, ended } = begin(folder, ['--continuous', '--max-failures', '100000']);
    await until('a cycle of it has ended', () => headline(folder).includes('Under way'));
    child.kill('SIGTERM');
    expect((await ended).code).toBe(6);
    expect(headline(folder)).toBe('**~ Stopped.** Stopped by SIGTERM.');
  });

  test('[B15] when no cycle began, and says that there was none', async () => {
    const phases =
      'phases:\n  first: { at: start, gates: { f: { run: "false" } } }\n  c: { gates: { g: { run: "true" } } }\n';
    const folder = folderWith({ 'loop.config.yaml': `version: 1\nname: story\n${phases}` });
    expect((await gateRun(folder, ['--iterations', '2'])).code).toBe(3);
    expect(headline(folder)).toMatch(/^\*\*✗ Did not begin\.\*\* The phases at the start failed/);
    expect(folder.read(MD)).toContain('No cycle has ended yet.');
    expect(folder.read(MD)).toMatch(/\| f \| failed \| start phases \|/);
  });

  test('[B15] behind a kill: it says that it is under way, and the next start goes on with it', async () => {
    const folder = folderWith(loop(HELD, QUICK));
    const first = begin(folder, ['--continuous']);
    await until('it runs and the report is there', () => folder.has('running') && folder.has(HTML));
    expect(headline(folder)).toBe('**· Under way.** Cycle 1 is under way.');
    first.child.kill('SIGKILL');
    await first.ended;
    const asked = await gateRun(folder, ['report']);
    expect(asked.stdout.split('\n')[2]).toMatch(
      /^\*\*✗ Cut off\.\*\* Gate-run was ended in the middle of cycle 1/,
    );
    rmSync(`${folder.path}/running`);
    const second = begin(folder, ['--continuous']);
    await until(
      'it is carried on',
      () => folder.has('running') && folder.read(MD).includes('carried on: 1 times'),
    );
    second.child.kill('SIGTERM');
    folder.write('go', '');
    expect((await second.ended).code).toBe(6);
    expect(headline(folder)).toBe('**~ Stopped.** Stopped by SIGTERM.');
    expect(folder.read(MD)).toContain('carried on: 1 times, 1 attempts cut off');
  });

  test('[B15] of a loop that was killed, by the next start, whichever that is', async () => {
    const folder = folderWith(loop(HELD, QUICK));
    const killed = async (): Promise<void> => {
      rmSync(`${folder.path}/running`, { force: true });
      rmSync(`${folder.path}/go`, { force: true });
      const { child, ended } = begin(folder, ['--iterations', '5']);
      await until('it runs', () => folder.has('running'));
      child.kill('SIGKILL');
      await ended;
      folder.write('go', '');
    };
    await killed();
    expect((await gateRun(folder)).code).toBe(0);
    expect(headline(folder)).toMatch(/^\*\*✗ Interrupted\.\*\* Gate-run was ended before the run had an end/);
    await killed();
    expect((await gateRun(folder, ['--iterations', '2'])).code).toBe(0);
    expect(headline(folder)).toMatch(/^\*\*✓ Budget spent\.\*\*/);
    expect(headline(folder, '.gate-run/report.closed.md')).toMatch(/^\*\*✗ Interrupted\.\*\*/);
    expect(folder.read('.gate-run/report.closed.html')).toContain('<h1>Interrupted</h1>');
  });

  test('[B15] where the config wants it, and of one cycle only where it does', async () => {
    const one = folderWith(loop('g: { run: "true" }'));
    expect((await gateRun(one)).code).toBe(0);
    expect(one.has(MD)).toBe(false);
    const named = folderWith(
      loop('g: { run: "true" }', 'reporters: [{ report: { file: out/night.html, top: 1 } }]'),
    );
    expect((await gateRun(named)).code).toBe(0);
    expect(named.list('out')).toEqual(['night.html', 'night.md']);
    expect(headline(named, 'out/night.md')).toBe('**✓ Passed.** The cycle passed.');
    expect((await gateRun(one, ['--reporter', 'report=a.md'])).code).toBe(0);
    expect(one.list()).toEqual(['.gate-run', 'a.html', 'a.md', 'loop.config.yaml']);
  });

  test('[B15] that cannot be written is said, and changes no verdict', async () => {
    const folder = folderWith({ ...loop('g: { run: "true" }', QUICK), blocked: 'a file' });
    const { code, stderr } = await gateRun(folder, [
      '--iterations',
      '2',
      '--reporter',
      'report=blocked/r.md',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/a report is missing: .*blocked.* could not be written: \w+; the verdict stands/);
  });
});

describe('gate-run report', () => {
  test('before the first run, of an empty state directory, says that there is nothing, and makes no folder', async () => {
    const folder = folderWith(loop('g: { run: "true" }'));
    const { code, stdout, stderr } = await gateRun(folder, ['report']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('**· No run yet.** Nothing has run here.');
    expect(folder.list()).toEqual(['loop.config.yaml']);
    folder.write('.gate-run/.keep', '');
    const again = await gateRun(folder, ['report']);
    expect([again.code, again.stderr]).toEqual([
      0,
      'written to .gate-run/report.md and .gate-run/report.html\n',
    ]);
    expect(folder.read(MD)).toBe(again.stdout);
  });

  test('tells by label, with as many rows and cycles as are asked for, and as an object', async () => {
    const labelled = `g: { run: 'echo "kind $((GATE_CYCLE % 3))"', labels: { kind: { regex: 'kind (?<value>.*)' } } }`;
    const folder = folderWith(loop(labelled, QUICK));
    expect((await gateRun(folder, ['--iterations', '6'])).code).toBe(0);
    const { code, stdout } = await gateRun(folder, [
      'report',
      '--by',
      'kind',
      '--top',
      '2',
      '--last',
      '5',
      '--file',
      'r.md',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('5 cycles of 1 run (cycles 2 to 6). Older cycles are not looked at here');
    expect(stdout).toMatch(
      /## By kind\n\n\| kind \| cycles \|.*\n\|.*\n\| \d \| 2 \| 2 \|.*\n\| \d \| 2 \| 2 \|.*\n\n1 more\n/,
    );
    expect(folder.list()).toEqual(['.gate-run', 'loop.config.yaml', 'r.html', 'r.md']);
    const object: unknown = JSON.parse((await gateRun(folder, ['report', '--json', '--by=kind'])).stdout);
    expect(object).toMatchObject({
      schemaVersion: 1,
      reason: 'budget',
      status: { state: 'ended', exit: 0 },
      scope: { kind: 'run', cycles: 6 },
      verdicts: { passed: 6 },
      labels: [{ label: 'kind', rows: { of: 3 } }],
      files: { markdown: MD, html: HTML },
    });
  });

  test('under cron, where each cycle is a run of its own, tells of the last day', async () => {
    const folder = folderWith(loop('g: { run: "true" }'));
    for (const _ of [1, 2]) expect((await gateRun(folder)).code).toBe(0);
    expect((await gateRun(folder, ['report'])).stdout).toContain('2 cycles of 2 runs (cycles 1 to 2).');
  });

  test('works without a config that can be read, and refuses a ledger that is damaged', async () => {
    const folder = folderWith(loop('g: { run: "true" }', QUICK));
    expect((await gateRun(folder, ['--iterations', '2'])).code).toBe(0);
    folder.write('loop.config.yaml', 'version: [');
    const { code, stdout } = await gateRun(folder, ['report']);
    expect([code, stdout.split('\n')[0]]).toEqual([0, '# story']);
    const ledger = folder.read('.gate-run/history.jsonl');
    folder.write('.gate-run/history.jsonl', ledger.replace('"cycle":1', '"cycle":7'));
    rmSync(`${folder.path}/.gate-run/checkpoint.json`, { force: true });
    expect(await gateRun(folder, ['report'])).toMatchObject({ code: 8, stdout: '' });
  });

  test('refuses words and values that it does not know, and a place that is none', async () => {
    const folder = folderWith(loop('g: { run: "true" }'));
    for (const [args, why] of [
      [['x'], 'takes no words, not `x`'],
      [['--top', '0'], '--top takes a number from 1, not `0`'],
      [['--last', 'all'], '--last takes a number from 1, not `all`'],
      [
        ['--file', 'r.txt'],
        '`r.txt` is no place for a report: end it with `.md` or `.html`; the other one is written beside it',
      ],
      [
        ['--since', 'x', '--bye', 'y'],
        'unknown flag `--bye`; this command knows --by, --top, --last, --file',
      ],
    ] as const) {
      const { code, stderr } = await gateRun(folder, ['report', ...args]);
      expect([code, stderr]).toEqual([2, `gate-run report: ${why}\n`]);
    }
    const wrong = folderWith(
      loop('g: { run: "true" }', 'reporters: [{ report: night }, { junit: a.md }, { report: a.html }]'),
    );
    const { code, stderr } = await gateRun(wrong);
    expect(code).toBe(2);
    expect(stderr).toContain('`night` is no place for a report');
    expect(stderr).toContain('`a.md` is the report of junit already');
  });

  test('says so when its files cannot be written, and shows it all the same', async () => {
    const folder = folderWith({ ...loop('g: { run: "true" }'), blocked: 'a file' });
    expect((await gateRun(folder)).code).toBe(0);
    const { code, stdout, stderr } = await gateRun(folder, ['report', '--file', 'blocked/r.md']);
    expect(code).toBe(8);
    expect(stderr).toMatch(/^gate-run report: .*blocked.* could not be written: \w+\n$/);
    expect(stdout).toContain('**✓ Passed.**');
  });

  test('holds no secret that the ledger does not', async () => {
    const gate = `g: { run: 'echo "key $TOKEN"; exit 1', env: { pass: [TOKEN] }, labels: { key: { regex: 'key (?<value>.*)' } } }`;
    const folder = folderWith(loop(gate, `${QUICK}\nredact: [TOKEN]`));
    const env = { TOKEN: 'sesame-open-42' };
    expect((await gateRun(folder, ['--iterations', '2'], { env })).code).toBe(1);
    const { stdout } = await gateRun(folder, ['report', '--by', 'key'], { env });
    expect(stdout).toContain(String.raw`\*\*\*TOKEN\*\*\*`);
    for (const text of [stdout, folder.read(MD), folder.read(HTML)]) expect(text).not.toContain('sesame');
  });
});
