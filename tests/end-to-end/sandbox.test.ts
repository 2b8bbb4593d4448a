// The task-list example in its sandbox, with podman in the place of docker and an image made here: this Node and a busybox.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { makeImage, podman, removeImage, whyNoPodman } from '../contract/images.ts';
import { folderWith, gateRun, type Folder } from './rig.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/task-list');
const IMAGE = `localhost/gate-run-sandbox-${process.pid}:1`;
const NETWORK = `gate-run-sandbox-${process.pid}`;
const SMALL = { MEMORY_LIMIT: '512m', CPU_LIMIT: '1', PIDS_LIMIT: '64' };
/** What no machine without a registry can do: build the image, and reach hosts. */
const INSIDE = ['--skip', 'image', '--skip', 'closed', '--skip', 'open'];

function copied(): Folder {
  const folder = folderWith();
  cpSync(EXAMPLE, folder.path, { recursive: true });
  return folder;
}

/** Whether it can be had here is a matter of the kernel and of packages. */
function hasNetwork(): boolean {
  try {
    podman('network', 'create', '--internal', NETWORK);
    return true;
  } catch (error) {
    console.log(`figure: no network of podman can be made here: ${String(error).split('\n')[0]}`);
    return false;
  }
}

describe.runIf(whyNoPodman === undefined)('the task list in its sandbox', { timeout: 120_000 }, () => {
  let network = 'none';
  beforeAll(() => {
    makeImage(IMAGE, true);
    if (hasNetwork()) network = NETWORK;
  }, 90_000);
  afterAll(() => {
    removeImage(IMAGE);
    if (network === NETWORK) podman('network', 'rm', '--force', NETWORK);
  });

  test('the agent works in a container with limits and a network of its own, and what it did is there for the gates', async () => {
    const folder = copied();
    const text = folder
      .read('loop.config.yaml')
      .replace('engine: docker, image: sandbox-loop', `engine: podman, image: "${IMAGE}"`)
      .replace(
        'network: { name: sandbox-net }',
        network === 'none' ? 'network: none' : `network: { name: ${NETWORK} }`,
      );
    folder.write('loop.config.yaml', text);
    const asked = ['--iterations', '1', ...INSIDE];
    const { code, stdout, stderr } = await gateRun(folder, asked, { env: SMALL, limitMs: 90_000 });
    expect(code, stdout + stderr).toBe(EXIT.budget);
    expect(stdout).toContain('passed');
    expect(folder.read('workplace/IMPLEMENTATION_PLAN.md').match(/\[x\]/g)).toHaveLength(1);
    const status = await gateRun(folder, ['status']);
    expect(status.stdout).toMatch(/held by .*agent.* by container; containers are of podman/);
    const looked = await gateRun(folder, ['explain', 'agent', ...INSIDE], { env: SMALL });
    expect(looked.stdout).toContain('512m');
  });
});

test('without docker the sandbox is an error that names it, and `bare` leaves it out', async () => {
  const folder = copied();
  // Where docker is there, its image and its network are not.
  const { code, stderr } = await gateRun(folder, ['--iterations', '1', ...INSIDE], { env: SMALL });
  expect(code).toBe(3);
  expect(stderr).toMatch(/asks for isolation `container`, which cannot be had here: |not started/);
});

test('the scripts of its network are for a person: readable by sh, and named by no task', () => {
  for (const name of ['setup', 'teardown']) {
    const script = join(EXAMPLE, `scripts/${name}-sandbox-network.sh`);
    execFileSync('sh', ['-n', script]);
    expect(readFileSync(script, 'utf8')).toContain('As root');
  }
  expect(readFileSync(join(EXAMPLE, 'loop.config.yaml'), 'utf8')).not.toMatch(/run:.*sandbox-network/);
});
