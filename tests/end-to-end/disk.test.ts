// State directories that are full, read-only, damaged, in the way, or held by somebody else.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { smallDisk } from './kills/disk.ts';
import { changedFiles, eventsIn, faultsOf, ledgerFiles, linesOf } from './kills/ledger.ts';
import { marked, textOf } from './kills/start.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const TOUCHES = loop('touches: { run: touch started }');

function state(folder: Folder): string {
  return join(folder.path, '.gate-run');
}

describe('a disk of 256 KiB', () => {
  test('a small cycle runs on it, and another, and another', async () => {
    const folder = folderWith(
      loop('says: { run: echo said }\nfails: { run: "echo no; exit 1", mode: soft }'),
    );
    const disk = await smallDisk(folder, 'size=256k');
    if (!disk) return;
    for (let cycle = 1; cycle <= 3; cycle += 1) {
      const { code, out } = await disk.run();
      expect(code, out).toBe(0);
    }
    expect(faultsOf(ledgerFiles(disk.state), true)).toEqual([]);
  });

  for (const [what, gates, top] of [
    ['a log', `fills: { run: 'yes', timeout: 30s, log-limit: 4m }`, ''],
    ['a log of a command that ends well', `fills: { run: 'head -c 1000000 /dev/zero || true' }`, ''],
    [
      'a redacted log',
      `fills: { run: 'yes', timeout: 30s, log-limit: 4m, env: { pass: [PATH, MY_TOKEN] } }`,
      `redact: ['*_TOKEN']`,
    ],
    [
      'a file of a command',
      `fills: { run: 'head -c 20000000 /dev/zero > "$GATE_STATE/file" || true; sleep 0.2' }`,
      '',
    ],
    [
      'logs side by side',
      [1, 2, 3, 4].map((at) => `fills-${at}: { run: 'yes', timeout: 30s, log-limit: 4m }`).join('\n'),
      '',
    ],
  ] as const) {
    test(`when ${what} fills it, the run ends with 8 and says why, within seconds, and no recorded byte is lost`, async () => {
      const folder = folderWith({
        ...loop('says: { run: echo said }'),
        'full.yaml':
          loop(`${gates}\nnext: { run: touch next, needs: [${idsOf(gates).join(', ')}] }`, top)[
            'loop.config.yaml'
          ] ?? '',
      });
      const disk = await smallDisk(folder, 'size=256k');
      if (!disk) return;
      expect((await disk.run()).code).toBe(0);
      const before = ledgerFiles(disk.state);
      const { code, out, ms } = await disk.run('-c', 'full.yaml');
      expect(out).toMatch(/disk is full|ENOSPC/);
      expect(code, out).toBe(8);
      expect(ms).toBeLessThan(15_000);
      const after = ledgerFiles(disk.state);
      expect(changedFiles(before, after)).toEqual([]);
      expect(faultsOf(after, false)).toEqual([]);
      expect(folder.has('next')).toBe(false);
      expect(marked(`GATE_STATE=${state(folder)}`)).toEqual([]);
      disk.inside('rm -rf .gate-run/file .gate-run/cycles/*/*.log');
      const again = await disk.run();
      expect(again.code, again.out).toBe(0);
      expect(changedFiles(after, ledgerFiles(disk.state))).toEqual([]);
      expect(faultsOf(ledgerFiles(disk.state), true)).toEqual([]);
    });
  }

  test('a disk that is full before the start: nothing is started, nothing is lost', async () => {
    const folder = folderWith(TOUCHES);
    const disk = await smallDisk(folder, 'size=256k');
    if (!disk) return;
    expect((await disk.run()).code).toBe(0);
    rmSync(join(folder.path, 'started'));
    const before = ledgerFiles(disk.state);
    disk.inside('head -c 20000000 /dev/zero > .gate-run/file');
    const { code, out, ms } = await disk.run();
    expect(code, out).toBe(8);
    expect(out).toContain('the disk is full');
    expect(ms).toBeLessThan(10_000);
    expect(folder.has('started')).toBe(false);
    expect(changedFiles(before, ledgerFiles(disk.state))).toEqual([]);
    disk.inside('rm .gate-run/file');
    expect((await disk.run()).code).toBe(0);
    expect(faultsOf(ledgerFiles(disk.state), true)).toEqual([]);
  });
});

function idsOf(gates: string): readonly string[] {
  return [...gates.matchAll(/^([\w-]+):/gm)].map((found) => found[1] ?? '');
}

describe('a state directory that cannot be used', () => {
  test('read-only: it is named, exit 8, and nothing is started', async () => {
    const folder = folderWith(TOUCHES);
    const disk = await smallDisk(folder, 'ro,size=1m');
    if (!disk) return;
    const { code, out } = await disk.run();
    expect(code, out).toBe(8);
    expect(out).toContain(state(folder));
    expect(out).toContain('read-only');
    expect(folder.has('started')).toBe(false);
  });

  test('read-only with a ledger on it: looking still works', async () => {
    const folder = folderWith(TOUCHES);
    const disk = await smallDisk(folder, 'size=1m');
    if (!disk) return;
    expect((await disk.run()).code).toBe(0);
    disk.inside('mount -o remount,ro .gate-run');
    const { code, out } = await disk.run();
    expect(code, out).toBe(8);
    expect(out).toContain('read-only');
    const status = await disk.run('status');
    expect(status.code, status.out).toBe(0);
    expect((await disk.run('history')).code).toBe(0);
  });

  test('a file stands in its place: it is named, exit 8, and the file is as it was', async () => {
    const folder = folderWith({ ...TOUCHES, '.gate-run': 'a file' });
    const { code, stderr } = await gateRun(folder);
    expect(code).toBe(8);
    expect(stderr).toContain(state(folder));
    expect(stderr).toContain('a file stands where a folder is needed');
    expect(folder.read('.gate-run')).toBe('a file');
    expect(folder.has('started')).toBe(false);
  });

  for (const name of ['history.jsonl', 'lock.db', 'latest.json', 'owner.json', 'questions.md', 'cycles']) {
    test(`${name} is of the wrong kind: a clear end, and nothing of it is touched`, async () => {
      const folder = folderWith(loop('fails: { run: "exit 1" }'));
      const inTheWay = join(state(folder), name);
      if (name === 'cycles') {
        mkdirSync(state(folder));
        writeFileSync(inTheWay, 'a file');
      } else mkdirSync(join(inTheWay, 'kept'), { recursive: true });
      const { code, stdout, stderr } = await gateRun(folder);
      expect(stdout + stderr).not.toContain('bug');
      if (['history.jsonl', 'lock.db', 'cycles'].includes(name)) {
        expect(code, stdout + stderr).toBe(8);
        expect(stderr).toContain(inTheWay);
      } else expect(code, stdout + stderr).toBe(1);
      if (name === 'cycles') expect(folder.read('.gate-run/cycles')).toBe('a file');
      else expect(existsSync(join(inTheWay, 'kept'))).toBe(true);
    });
  }
});

describe('a ledger that is not as it was written', () => {
  async function twoCycles(): Promise<Folder> {
    const folder = folderWith(TOUCHES);
    for (let cycle = 1; cycle <= 2; cycle += 1) expect((await gateRun(folder)).code).toBe(0);
    rmSync(join(folder.path, 'started'));
    return folder;
  }

  test('[G6] damaged in the middle: exit 8, file and line are named, and not a byte is changed', async () => {
    const folder = await twoCycles();
    const path = join(state(folder), 'history.jsonl');
    for (const damage of ['changed', 'missing', 'garbage'] as const) {
      const good = readFileSync(path);
      const lines = good.toString('latin1').split('\n');
      if (damage === 'changed') lines[2] = lines[2]?.replace('passed', 'failed') ?? '';
      if (damage === 'missing') lines[2] = '';
      if (damage === 'garbage') lines[2] = '\0'.repeat(300);
      writeFileSync(path, lines.join('\n'), 'latin1');
      const bad = readFileSync(path);
      const { code, stderr } = await gateRun(folder);
      expect(code, stderr).toBe(8);
      expect(stderr).toContain(`${path}, line 3`);
      expect(readFileSync(path)).toEqual(bad);
      expect(folder.has('started')).toBe(false);
      for (const command of ['status', 'history']) {
        const looked = await gateRun(folder, [command]);
        expect(looked.code, `${command}: ${looked.stdout}${looked.stderr}`).not.toBe(70);
        expect(looked.stdout + looked.stderr).toMatch(/line 3|:3:/);
      }
      writeFileSync(path, good);
    }
    expect((await gateRun(folder)).code).toBe(0);
  });

  test('[G6] a torn tail is cut, kept aside byte for byte, and noted', async () => {
    const folder = await twoCycles();
    const path = join(state(folder), 'history.jsonl');
    const good = readFileSync(path);
    const tails = [
      Buffer.from('{"v":1,"seq":99,"type":"run.sta'),
      Buffer.from('{"v":1,"seq":99}\n'),
      Buffer.alloc(4096),
      good.subarray(0, 40),
    ];
    for (const tail of tails) {
      const before = ledgerFiles(state(folder));
      appendFileSync(path, tail);
      const { code, stderr } = await gateRun(folder);
      expect(code, stderr).toBe(0);
      const after = ledgerFiles(state(folder));
      expect(changedFiles(before, after)).toEqual([]);
      expect(faultsOf(after, true)).toEqual([]);
      const noted = eventsIn(after).findLast(({ type }) => type === 'recovered');
      expect(noted).toMatchObject({ file: path, bytes: tail.length });
      expect(readFileSync(String(noted?.['aside']))).toEqual(tail);
    }
    truncateSync(path, readFileSync(path).length - 1);
    expect((await gateRun(folder)).code).toBe(0);
    expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
  });

  test('[G6] the file of an open cycle that is damaged in the middle stops the start too', async () => {
    const folder = folderWith(loop('a: { run: echo a }\nb: { run: sleep 61.5, needs: [a] }'));
    const { child, ended } = begin(folder);
    const path = join(state(folder), 'cycles/000001/events.jsonl');
    await until('b runs', () => /attempt.started[^\n]*"task":"b"/.test(textOf(path)));
    child.kill('SIGKILL');
    await ended;
    const good = readFileSync(path);
    writeFileSync(path, good.toString('latin1').replace('"task":"a"', '"task":"z"'), 'latin1');
    const { code, stderr } = await gateRun(folder);
    expect(code, stderr).toBe(8);
    expect(stderr).toContain(`${path}, line 1`);
    writeFileSync(path, good);
    folder.write(
      'loop.config.yaml',
      loop('a: { run: echo a }\nb: { run: echo b, needs: [a] }')['loop.config.yaml'] ?? '',
    );
    expect((await gateRun(folder)).code).toBe(0);
    expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
    expect(linesOf(readFileSync(path)).lines.at(-1)).toMatchObject({ task: 'b', end: { interrupted: true } });
  });
});

describe('a state directory that somebody holds', () => {
  const WAITS = loop(`waits: { run: 'while [ ! -e go ]; do sleep 0.02; done', timeout: 50s }`);

  test('[A15] a second start ends with 7 and says who holds it; with --locked-ok it ends with 0', async () => {
    const folder = folderWith(WAITS);
    const first = begin(folder);
    await until(
      'the first one runs',
      () => marked(`GATE_STATE=${state(folder)}`).length > 0 && folder.has('.gate-run/owner.json'),
    );
    const before = ledgerFiles(state(folder));
    const second = await gateRun(folder);
    expect(second.code).toBe(7);
    expect(second.stderr).toContain(`process ${first.child.pid} on `);
    expect((await gateRun(folder, ['--locked-ok'])).code).toBe(0);
    expect(changedFiles(before, ledgerFiles(state(folder)))).toEqual([]);
    const status = await gateRun(folder, ['status']);
    expect(status.code, status.stderr).toBe(0);
    folder.write('go', '');
    expect((await first.ended).code).toBe(0);
    expect((await gateRun(folder)).code).toBe(0);
    expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
  });

  test(
    '[A15] of sixteen starts at once exactly one wins, and the others end with 7',
    { timeout: 120_000 },
    async () => {
      const folder = folderWith(WAITS);
      const all = Array.from({ length: 16 }, () => begin(folder));
      let over = 0;
      for (const { ended } of all) void ended.then(() => (over += 1));
      await until('fifteen have ended', () => over >= 15);
      folder.write('go', '');
      const codes = (await Promise.all(all.map(({ ended }) => ended))).map(({ code }) => code);
      expect(codes.filter((code) => code === 0)).toHaveLength(1);
      expect(codes.filter((code) => code === 7)).toHaveLength(15);
      const events = eventsIn(ledgerFiles(state(folder)));
      expect(events.filter(({ type }) => type === 'run.started')).toHaveLength(1);
      expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
    },
  );

  test('[A15] a lock whose holder was killed is free at once, also while its tasks live on', async () => {
    const folder = folderWith(WAITS);
    const { child, ended } = begin(folder);
    await until('a task runs', () => marked(`GATE_STATE=${state(folder)}`).length > 0);
    child.kill('SIGKILL');
    await ended;
    expect(marked(`GATE_STATE=${state(folder)}`).length).toBeGreaterThan(0);
    folder.write('go', '');
    const { code, ms, stderr } = await gateRun(folder);
    expect(code, stderr).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });
});
