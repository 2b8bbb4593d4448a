import { expect, test } from 'vitest';
import { isNameOfBackup } from '../../../src/core/backup/manifest.ts';

test('a config under each of its usual names may stand in a backup', () => {
  const names = ['loop.config.yaml', '.looprc', '.looprc.yaml', 'looprc.json', 'package.json', '...'];
  for (const name of names) expect(isNameOfBackup(`config/${name}`), name).toBe(true);
});

test('[G20] nothing may stand in it that leads out of its home, or belongs to none', () => {
  for (const name of [
    'config/',
    'config/.',
    'config/..',
    'config/a/b',
    'cycles/000001',
    'cycles/000001/../x',
    'cycles/mine/x',
    'archives/mine.tar.gz',
    '/history.jsonl',
    'owner.json',
  ])
    expect(isNameOfBackup(name), name).toBe(false);
});
