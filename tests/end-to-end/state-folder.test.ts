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

test('a start removes what a killed one left half written beside its files, and nothing else', async () => {
  const folder = folderWith(
    loop('one: { run: echo 1 }', 'questions: { file: notes/open.md }\nreporters: [{ junit: r.xml }]'),
  );
  expect((await gateRun(folder)).code).toBe(0);
  // Above the numbers that Linux gives.
  const dead = 4_194_305;
  const names = ['.gate-run/.latest.json', '.gate-run/.checkpoint.json', 'notes/.open.md', '.r.xml'];
  for (const name of names) folder.write(`${name}.${dead}.tmp`, 'half');
  folder.write(`.gate-run/.mine.${dead}.tmp`, 'kept');
  folder.write(`.gate-run/.latest.json.1.tmp`, 'of a living one');
  expect((await gateRun(folder)).code).toBe(0);
  const left = names.filter((name) => folder.has(`${name}.${dead}.tmp`));
  expect(left).toEqual([]);
  expect(folder.read(`.gate-run/.mine.${dead}.tmp`)).toBe('kept');
  expect(folder.has('.gate-run/.latest.json.1.tmp')).toBe(true);
});
