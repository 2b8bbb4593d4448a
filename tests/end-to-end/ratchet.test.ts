// `gate-run ratchet`: it lists the room that thresholds leave, and writes tighter limits into the config of a person.

import { chmodSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, until } from './rig.ts';

const CONFIG = `# my loop
version: 1
name: story
phases:
  check:
    gates:
      lint:   # slowly better
        run: 'cat warnings'
        metrics: { warnings: { regex: "(?<value>[0-9]+)", better: lower } }
        thresholds: { warnings: "<= 50" }   # 92 in spring
      lines:
        run: [cat, lines]
        metrics: { lines: { regex: '(?<value>[0-9.]+)', better: higher } }
        thresholds: { lines: '>= best - 1' }
`;

function story(config = CONFIG) {
  const folder = folderWith({ 'loop.config.yaml': config });
  folder.write('warnings', '41\n');
  folder.write('lines', '83.4\n');
  return folder;
}

test('slack is listed, the pin is written and nothing else, and the next worse run fails', async () => {
  const folder = story();
  expect((await gateRun(folder)).code).toBe(0);
  const listed = await gateRun(folder, ['ratchet']);
  expect(listed.stdout).toBe(
    'lint.warnings  <= 50  now 41 (cycle 1), 9 of slack  pin: <= 41 (noise unknown: no baseline of two runs)\n' +
      'lines.lines  >= best - 1  now 83.4 (cycle 1)  it follows its `best` by itself\n' +
      'write them with: gate-run ratchet --pin\n',
  );
  expect(folder.read('loop.config.yaml')).toBe(CONFIG);
  chmodSync(join(folder.path, 'loop.config.yaml'), 0o600);
  const pinned = await gateRun(folder, ['ratchet', '--pin', '--json']);
  expect(ANSWERS['ratchet']?.safeParse(JSON.parse(pinned.stdout)).error).toBeUndefined();
  expect(JSON.parse(pinned.stdout)).toMatchObject({
    exit: 0,
    ratchets: [{ written: true }, { written: false }],
  });
  expect(folder.read('loop.config.yaml')).toBe(CONFIG.replace('<= 50', '<= 41'));
  expect(statSync(join(folder.path, 'loop.config.yaml')).mode & 0o777).toBe(0o600);
  expect((await gateRun(folder, ['ratchet', 'lint'])).stdout).toContain('there is no room to take away');
  folder.write('warnings', '42\n');
  expect((await gateRun(folder)).code).toBe(1);
});

test('a config behind a link stays behind it, with its byte order mark and its line ends', async () => {
  const folder = story();
  const odd = `\uFEFF${CONFIG.replaceAll('\n', '\r\n')}`;
  folder.write('real/loop.yaml', odd);
  const linked = folderWith();
  linked.write('warnings', '41\n');
  linked.write('lines', '83.4\n');
  symlinkSync(join(folder.path, 'real/loop.yaml'), join(linked.path, 'loop.config.yaml'));
  await gateRun(linked);
  expect((await gateRun(linked, ['ratchet', '--pin'])).code).toBe(0);
  expect(folder.read('real/loop.yaml')).toBe(odd.replace('<= 50', '<= 41'));
});

test('what gate-run does not write is told with the line to write: JSON, and limits that stand elsewhere', async () => {
  const folder = folderWith();
  folder.write('warnings', '41\n');
  const gate = {
    run: 'cat warnings',
    metrics: { warnings: { regex: '(?<value>[0-9]+)', better: 'lower' } },
    thresholds: { warnings: '<= 50' },
  };
  const text = JSON.stringify({ version: 1, name: 'x', phases: { check: { gates: { lint: gate } } } });
  folder.write('loop.config.json', text);
  await gateRun(folder);
  const refused = await gateRun(folder, ['ratchet', '--pin']);
  expect(refused.code).toBe(2);
  expect(refused.stdout).toContain(
    'not written, only a config in YAML is written by gate-run; by hand: phases.check.gates.lint.thresholds.warnings: "<= 41"',
  );
  expect(folder.read('loop.config.json')).toBe(text);
  const flagged = story();
  await gateRun(flagged);
  const { stdout, code } = await gateRun(flagged, [
    'ratchet',
    '--pin',
    '--set',
    'gates.lint.thresholds.warnings=<= 45',
  ]);
  expect(code).toBe(2);
  expect(stdout).toContain('what is written, `<= 50`, is not what is in force');
  expect(flagged.read('loop.config.yaml')).toBe(CONFIG);
});

test('the line to write stands where it has the last word: in the profile that is in force', async () => {
  const gate = `cat warnings, metrics: { warnings: { regex: '(?<value>[0-9]+)' } }`;
  const folder = folderWith({
    ...loop(
      `lint: { run: ${gate} }`,
      'profile: p\nprofiles: { p: { gates: { "*": { thresholds: { warnings: "<= 50" } } } } }',
    ),
    warnings: '41\n',
  });
  await gateRun(folder);
  const { code, stdout } = await gateRun(folder, ['ratchet', '--pin']);
  expect(code).toBe(2);
  expect(stdout).toContain(
    'a glob of a profile, a gate file or a flag; by hand: profiles.p.gates.lint.thresholds.warnings: "<= 41"',
  );
  folder.write(
    'loop.config.yaml',
    folder.read('loop.config.yaml').replace('"*": ', 'lint: { thresholds: { warnings: "<= 41" } }, "*": '),
  );
  expect((await gateRun(folder, ['ratchet'])).stdout).toContain('<= 41  now 41');
});

test('a name that is none, and a config with problems, write nothing', async () => {
  const folder = story();
  const { code, stderr } = await gateRun(folder, ['ratchet', '--pin', 'lnit']);
  expect(code).toBe(2);
  expect(stderr).toContain('no threshold is called `lnit`; there is lint.warnings, lines.lines');
  folder.write('loop.config.yaml', `${CONFIG}tymeout: 1\n`);
  expect((await gateRun(folder, ['ratchet', '--pin'])).code).toBe(2);
});

test('a run under way is told: it goes on with the limits that it began with', async () => {
  const folder = story(
    CONFIG.replace("'cat warnings'", "'cat warnings; echo >> began; while [ -e hold ]; do sleep 0.02; done'"),
  );
  await gateRun(folder);
  folder.write('hold', '');
  folder.write('began', '');
  const running = begin(folder, ['--continuous']);
  await until('the gate runs', () => folder.read('began') !== '');
  const { code, stderr, stdout } = await gateRun(folder, ['ratchet', '--pin']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('pinned: <= 41')]);
  expect(stderr).toContain('a run is under way');
  expect(stderr).toContain('--accept-config');
  running.child.kill('SIGTERM');
  await gateRun(folder, ['stop', '--now']);
  expect((await running.ended).code).toBe(6);
});
