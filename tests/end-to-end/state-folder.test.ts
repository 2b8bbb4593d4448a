import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen } from './rig.ts';

test('a state folder where no folder can be made is refused at once, not tried for ever', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }', 'state: { dir: /proc/gate-run/state }'));
  const { code, stdout, stderr } = await gateRun(folder);
  expect(code).toBe(8);
  expect(stdout).toBe('');
  expect(screen(folder, stderr)).toBe(`
gate-run: the state in /proc/gate-run/state could not be written: ENOENT at lock /proc/gate-run/state
  no folder can be made there: point \`state: { dir }\` to a place that can be written; what was recorded before is kept
`);
});
