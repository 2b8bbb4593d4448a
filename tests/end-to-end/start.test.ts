// What a start of the built command loads. Bytes and files, not time: other work on the machine changes neither.

import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, gateRun, loop } from './rig.ts';

/** 440 kB on 29 November 2026; 150 kB that are never called cost a start 3 %. */
const HOT_BYTES = 460_000;

test('a plain run loads its entry and one file of code, of a known size', async () => {
  const folder = folderWith(loop(`quick: { run: 'true' }`));
  const list = join(folder.home, 'loaded');
  folder.write(
    'list.cjs',
    `process.once('exit', () => {
      const loaded = Object.keys(require.cache).filter((file) => file.includes('/dist/'));
      require('node:fs').writeFileSync(${JSON.stringify(list)}, loaded.join('\\n'));
    });`,
  );
  // The first start reads and checks the config, and so loads more.
  await gateRun(folder);
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(join(folder.path, 'list.cjs'))}` };
  for (const args of [[], ['--set', 'state.dir=fresh']]) {
    const { code, stderr } = await gateRun(folder, args, { env });
    expect(code, stderr).toBe(0);
    const loaded = readFileSync(list, 'utf8').split('\n');
    expect(loaded.map((file) => basename(file).replace(/-.*/, ''))).toEqual(['main.cjs', 'run']);
    const { size } = statSync(loaded.at(-1) ?? '');
    expect(size, 'what not every run needs belongs behind `await import`').toBeLessThan(HOT_BYTES);
  }
});
