// Layers by name, where they can be had and where they cannot: a plain user has no control groups here.

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asNobody, givenAway } from './nobody.ts';
import { begin, folderWith, gateRun, loop, type Ended, type Folder } from './rig.ts';

const nobody = asNobody();
if (!nobody) console.log('a plain user cannot be played here: what it is refused is not tested');

function byNobody(folder: Folder, args: readonly string[]): Promise<Ended> {
  return begin(givenAway(folder), args, { within: nobody ?? [] }).ended;
}

describe.runIf(nobody !== undefined)('a plain user without control groups', () => {
  test('[G18] is told that a layer asked for by name cannot be had: exit 3, nothing is started, nothing is written', async () => {
    const folder = folderWith(loop('a: { run: touch ran, isolation: cgroup }'));
    const { code, stderr } = await byNobody(folder, []);
    expect(code).toBe(3);
    expect(stderr).toContain(
      'task `a` asks for isolation `cgroup`, which cannot be had here: to make a control group in',
    );
    expect(stderr).toContain('isolation: { layer: cgroup, fallback: true }');
    expect(readdirSync(folder.path)).toEqual(['loop.config.yaml']);
    const doctor = await byNobody(folder, ['doctor']);
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toContain('which cannot be had here');
    const json = await byNobody(folder, ['--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ exit: 3, reason: 'isolation' });
  });

  test('[G1] gets the strongest layer below it where the config permits that, and status says which and what it does not hold', async () => {
    const folder = folderWith(loop('a: { run: touch ran, isolation: { layer: cgroup, fallback: true } }'));
    const ended = await byNobody(folder, []);
    expect(ended.code, ended.stderr).toBe(0);
    expect((await byNobody(folder, ['status'])).stdout).toMatch(/^held by +\S+/m);
  });
});

test('a layer that does not exist is a problem, with those that do', async () => {
  const folder = folderWith(loop('a: { run: touch ran, isolation: cgruop }'));
  const { code, stderr } = await gateRun(folder);
  expect(code).toBe(2);
  expect(stderr).toContain('expected `group`,');
  expect(folder.has('ran')).toBe(false);
});
