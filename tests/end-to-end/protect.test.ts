// Protected files in a real folder: who changes a gate to pass ends the night, and no restart forgets it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, gateRun, type Folder } from './rig.ts';

/** The step is the agent; where `evil` is there, it makes its check easier. */
const CONFIG = `version: 1
name: story
protect: ["tools/**", { append-only: log.txt }]
phases:
  work:
    steps:
      agent: { run: 'echo x >> log.txt; if [ -e evil ]; then echo "exit 0" > tools/check.sh; fi; if [ -e cut ]; then : > log.txt; fi' }
    gates:
      check: { run: 'echo judged >> judged; sh tools/check.sh' }
  after:
    gates:
      late: { run: 'echo late >> judged' }
`;

function story(): Folder {
  return folderWith({ 'loop.config.yaml': CONFIG, 'tools/check.sh': 'exit 1\n' });
}

test('a file in the folder that the state lies in may be protected by its name: it grows, and is not cut', async () => {
  const folder = folderWith({
    'loop.config.yaml': CONFIG.replace('append-only: log.txt', 'append-only: state/log.txt')
      .replaceAll(' log.txt', ' state/log.txt')
      .replace('protect:', 'state: { dir: state }\nprotect:'),
    'tools/check.sh': 'exit 0\n',
    'state/log.txt': 'first\n',
  });
  const grown = await gateRun(folder);
  expect(grown.code, grown.stderr).toBe(0);
  folder.write('cut', '');
  const cut = await gateRun(folder);
  expect(cut.code, cut.stdout).toBe(9);
  expect(cut.stdout).toContain('state/log.txt');
});

describe('[A8] a gate that was edited to go green', () => {
  test('ends the cycle with the difference before it is judged, exit 9, and stays in doubt until somebody accepts it', async () => {
    const folder = story();
    expect((await gateRun(folder)).code, 'red, as it should be').toBe(1);
    folder.write('evil', '');
    const caught = await gateRun(folder, ['--reporter', 'plain']);
    expect(caught.code, caught.stderr).toBe(9);
    expect(caught.stdout).toContain('-exit 1\n');
    expect(caught.stdout).toContain('+exit 0\n');
    expect(caught.stdout).toContain(
      'a protected file changed: tools/check.sh changed, behind the steps of phase work',
    );
    expect(caught.stdout).toContain('--accept-config');
    expect(folder.read('judged'), 'judged once, in the first cycle').toBe('judged\n');
    const questions = folder.read('.gate-run/questions.md');
    expect(questions).toContain('[a protected file changed: tools/check.sh changed');
    expect(questions).toContain('-exit 1 +exit 0');
    const status = JSON.parse((await gateRun(folder, ['status', '--json'])).stdout);
    expect(status).toMatchObject({ exit: 9 });
    expect(JSON.stringify(status.tampering)).toContain('tools/check.sh changed');
    expect((await gateRun(folder, ['history'])).stdout).toContain('tools/check.sh changed, behind the steps');
    expect((await gateRun(folder, ['explain', '--cycle', '2'])).stdout).toContain('+exit 0');
    const report = await gateRun(folder, ['report']);
    expect(report.stdout).toContain('A protected file changed');
    expect(report.stdout).toContain('+exit 0');

    for (const args of [['--continuous'], ['--json']]) {
      const again = await gateRun(folder, args);
      expect(again.code, again.stdout).toBe(9);
      if (args[0] === '--json')
        expect(JSON.parse(again.stdout)).toMatchObject({ exit: 9, reason: 'integrity' });
      else expect(again.stdout).toContain('since the run before');
    }
    expect(folder.read('judged'), 'nothing ran').toBe('judged\n');
    folder.write('loop.config.yaml', CONFIG.replace(/^protect.*\n/m, ''));
    expect((await gateRun(folder)).code, 'without `protect`').toBe(9);
    folder.write('loop.config.yaml', CONFIG);
    const accepted = await gateRun(folder, ['--accept-config']);
    expect(accepted.code, accepted.stderr).toBe(0);
    expect(accepted.stdout).toContain(
      '! since the run before: tools/check.sh changed; noted as they are now',
    );
  });

  test('goes on without a word once the file is back', async () => {
    const folder = story();
    folder.write('evil', '');
    expect((await gateRun(folder)).code).toBe(9);
    folder.write('tools/check.sh', 'exit 1\n');
    rmSync(join(folder.path, 'evil'));
    expect((await gateRun(folder)).code).toBe(1);
  });

  test('a log that may only grow may grow, and not be cut', async () => {
    const folder = story();
    folder.write('tools/check.sh', 'exit 0\n');
    expect((await gateRun(folder, ['--iterations', '3', '--sleep', '0s'])).code).toBe(0);
    folder.write('cut', '');
    const cut = await gateRun(folder);
    expect(cut.code).toBe(9);
    expect(cut.stdout).toContain('log.txt was cut, although it may only grow');
  });

  test('named tasks look as well, and write nothing', async () => {
    const folder = story();
    folder.write('evil', '');
    const alone = await gateRun(folder, ['agent', 'check']);
    expect(alone.code, alone.stdout).toBe(9);
    expect(folder.has('.gate-run')).toBe(false);
    expect(folder.has('judged')).toBe(false);
  });

  test('a name at which nothing is protects nobody: a problem, before anything runs', async () => {
    const folder = folderWith({
      'loop.config.yaml': CONFIG.replace('tools/**', 'tool/**'),
      'tools/check.sh': '',
    });
    const { code, stderr } = await gateRun(folder);
    expect(code).toBe(2);
    expect(stderr).toContain('`protect` names `tool/**`, and nothing is there');
    expect(folder.has('judged')).toBe(false);
  });
});
