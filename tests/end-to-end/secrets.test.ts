// Secrets of the environment: what tasks get of them, what is told of that, and that no value of theirs is seen anywhere.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop } from './rig.ts';

const env = { ANTHROPIC_API_KEY: 'hunter2-hunter2', SHORT_TOKEN: 'ab' };

test('[B19] a task gets no secret that it does not list, and a failure for want of one says so', async () => {
  const agent = 'sh -c "[ -n \\"$ANTHROPIC_API_KEY\\" ] || { echo Invalid API key; exit 1; }"';
  const folder = folderWith(loop(`agent: { run: '${agent}' }`));
  const refused = await gateRun(folder, [], { env });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('hides them: ANTHROPIC_API_KEY, SHORT_TOKEN');
  const listed = folder
    .read('loop.config.yaml')
    .replace("' }", "', env: { pass: ['*', ANTHROPIC_API_KEY] } }");
  folder.write('loop.config.yaml', listed);
  expect((await gateRun(folder, [], { env })).code).toBe(0);
});

test('[B19] `plan`, `explain` and `doctor` tell what is withheld, before anybody wonders', async () => {
  const folder = folderWith(loop("a: { run: 'true' }\nb: { run: 'true', env: { pass: ['*', '*_KEY'] } }"));
  const told = async (...words: string[]) => (await gateRun(folder, words, { env })).stdout;
  expect(await told('plan')).toContain('env.pass` lists them: ANTHROPIC_API_KEY, SHORT_TOKEN (`redact`)');
  expect(await told('explain', 'b')).toContain('env.pass` lists them: SHORT_TOKEN (`redact`)');
  expect(JSON.parse(await told('plan', '--json'))).toMatchObject({
    withheld: ['ANTHROPIC_API_KEY', 'SHORT_TOKEN'],
  });
  expect(await told('doctor')).toContain(
    'tasks get ANTHROPIC_API_KEY, SHORT_TOKEN only where `env.pass` lists them; too short to be hidden where a task prints it: SHORT_TOKEN',
  );
  folder.write('loop.config.yaml', `redact: ["!*"]\n${folder.read('loop.config.yaml')}`);
  expect(await told('plan')).not.toContain('withheld');
});

test('[B10] patterns of `redact` that mean nothing or everything, and values that nobody can hide, start nothing', async () => {
  const folder = folderWith(loop("a: { run: 'touch started' }", 'redact: ["", "*", "SHORT_*"]'));
  const { code, stderr } = await gateRun(folder, [], { env });
  expect(code).toBe(2);
  expect(folder.has('started')).toBe(false);
  expect(stderr).toContain('loop.config.yaml:3:10  expected text, not an empty text');
  expect(stderr).toContain('loop.config.yaml:3:14  `*` matches every name, so that not even PATH would pass');
  expect(stderr).toContain('loop.config.yaml:3:19  the value of `SHORT_TOKEN` in the environment is shorter');
  expect(stderr).toContain('let the name go: `redact: […, "!SHORT_TOKEN"]`');
});

test('[B19] a hook that fails for want of a variable which was kept from it is told so, as a task is', async () => {
  const hook = 'test -n "$DEPLOY_KEY_TOKEN" || { echo "DEPLOY_KEY_TOKEN is not set" >&2; exit 1; }';
  const folder = folderWith(loop(`a: { run: 'true' }`, `hooks: { on-exit: '${hook}' }`));
  const ran = await gateRun(folder, [], { env: { DEPLOY_KEY_TOKEN: 'hunter2hunter2' } });
  expect(ran.stdout).toContain('DEPLOY_KEY_TOKEN is not set; not given to it, because `redact` hides it');
  const other = await gateRun(folder, [], { env: { OTHER_TOKEN: 'hunter2hunter2' } });
  expect(other.stdout).toContain('DEPLOY_KEY_TOKEN is not set');
  expect(other.stdout).not.toContain('not given to it');
});
