// What a backup holds of a state, wherever its parts lie and whoever moves them meanwhile; and what it says that it does not hold.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

const TEXT = loop('a: { run: "echo said $GATE_CYCLE" }', 'loop: { sleep: 0s }')['loop.config.yaml'] ?? '';

const namesIn = (file: string): readonly string[] =>
  spawnSync('tar', ['-tzf', file], { encoding: 'utf8' }).stdout.trim().split('\n');

const contentOf = (file: string, name: string): string =>
  spawnSync('tar', ['-xzOf', file, name], { encoding: 'utf8' }).stdout;

async function comesBack(file: string, folder: Folder): Promise<void> {
  const restored = await gateRun(folder, ['restore', file, '--force']);
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect((await gateRun(folder, ['verify'])).code).toBe(0);
}

test('[G20] a loop that is configured by a hidden file comes back, from a backup and from a snapshot', async () => {
  const folder = folderWith({ '.looprc.yaml': `${TEXT}state: { snapshots: { every: 1, keep: 1 } }\n` });
  expect((await gateRun(folder)).code).toBe(0);
  expect((await gateRun(folder, ['backup', 'kept.tar.gz'])).code).toBe(0);
  expect(namesIn(join(folder.path, 'kept.tar.gz'))).toContain('config/.looprc.yaml');
  await comesBack('kept.tar.gz', folder);
  await comesBack(`.gate-run/snapshots/${folder.list('.gate-run/snapshots')[0]}`, folder);
});

test('[G20] the config is in it from wherever it was made, and it is the one that counts', async () => {
  const folder = folderWith({
    'conf/loop.config.yaml': `${TEXT}state: { snapshots: { every: 1, keep: 1 } }\n`,
    'loop.config.yaml': 'of somebody else',
    'conf/sub/x': '',
  });
  const from = (where: string) => ({ from: join(folder.path, where) });
  const config = folder.read('conf/loop.config.yaml');
  expect((await gateRun(folder, [], from('conf/sub'))).code).toBe(0);
  mkdirSync(join(folder.path, 'kept'));
  expect((await gateRun(folder, ['backup', '../../kept/sub.tar.gz'], from('conf/sub'))).code).toBe(0);
  expect((await gateRun(folder, ['-c', 'conf/loop.config.yaml', 'backup', 'kept/above.tar.gz'])).code).toBe(
    0,
  );
  const snapshot = `conf/.gate-run/snapshots/${folder.list('conf/.gate-run/snapshots')[0]}`;
  for (const file of ['kept/sub.tar.gz', 'kept/above.tar.gz', snapshot])
    expect(contentOf(join(folder.path, file), 'config/loop.config.yaml'), file).toBe(config);
});
