// Tasks in containers, as a user writes them: podman and an image of one program, where this machine has them.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commandLinesWith,
  containersOf,
  makeImage,
  podman,
  removeImage,
  whyNoPodman,
} from '../contract/images.ts';
import { begin, folderWith, gateRun, loop, until } from './rig.ts';

const IMAGE = `localhost/gate-run-story-${process.pid}:1`;
const IN = `isolation: { layer: container, engine: podman, image: "${IMAGE}", mounts: [".:/repo"] }`;

describe.runIf(whyNoPodman === undefined)('a loop in containers', { timeout: 60_000 }, () => {
  beforeAll(() => makeImage(IMAGE), 60_000);
  afterAll(() => removeImage(IMAGE));

  test('a task works on the mounted folder, and status says in what it was held', async () => {
    const folder = folderWith(
      loop(
        `build: { run: "pwd > where; [ -x /bin/busybox ] && [ ! -e /usr ]", ${IN} }\nhost: { run: cat where, needs: [build] }`,
      ),
    );
    const { code, stdout, stderr } = await gateRun(folder);
    expect(code, stdout + stderr).toBe(0);
    expect(folder.read('where')).toBe('/repo\n');
    const { stdout: status } = await gateRun(folder, ['status']);
    expect(status).toMatch(/held by .*build by container; containers are of podman \d/);
  });

  test('[G4] kill -9 of gate-run leaves its container, and the next start removes it before anything runs', async () => {
    const folder = folderWith(loop(`long: { run: "echo UP-$((1+1)); sleep 300", ${IN} }`));
    const running = begin(folder, []);
    await until('it is under way', () => logOf(folder).includes('UP-2'));
    const run = runOf(folder);
    running.child.kill('SIGKILL');
    await running.ended;
    const left = containersOf('run', run);
    expect(left).toHaveLength(1);
    // Somebody else's, by all but one label.
    const other = `gate-run-other-${process.pid}`;
    podman(
      'create',
      '--name',
      other,
      '--label',
      `gate-run.run=${run}`,
      '--label',
      'gate-run.state=/elsewhere',
      IMAGE,
      'true',
    );
    try {
      const look = `podman ps --all --format '{{.Names}}' > seen`;
      folder.write('look.sh', look);
      folder.write('loop.config.yaml', loop('look: { run: sh look.sh }')['loop.config.yaml'] ?? '');
      const next = await gateRun(folder);
      expect(next.code, next.stdout + next.stderr).toBe(0);
      const seen = folder.read('seen').split('\n');
      expect(seen).not.toContain(left[0]);
      expect(seen).toContain(other);
    } finally {
      podman('rm', '--force', other);
    }
  });

  test('[G4] kill -9 of gate-run while a container is being made: the next start leaves nobody who makes or watches it, and no folder', async () => {
    const folder = folderWith(loop(`long: { run: "echo SLOW-TO-BE-MADE; sleep 25", ${IN} }`));
    // The real one, as it is on a machine that is short of time.
    folder.write('engine/runc', slowRuntime(folder.path));
    chmodSync(join(folder.path, 'engine/runc'), 0o755);
    const runtime = join(folder.path, 'engine/runc');
    folder.write(
      'engine/containers.conf',
      `[engine]\nruntime = "runc"\n[engine.runtimes]\nrunc = ["${runtime}"]\n`,
    );
    const tmp = join(folder.home, 'tmp');
    mkdirSync(tmp);
    const env = { CONTAINERS_CONF: join(folder.path, 'engine/containers.conf'), TMPDIR: tmp };
    const running = begin(folder, [], { env });
    await until('it is being made', () => folder.has('making'));
    const run = runOf(folder);
    expect(readdirSync(tmp).filter(isOurs)).toHaveLength(1);
    running.child.kill('SIGKILL');
    await running.ended;
    expect(commandLinesWith(run).length).toBeGreaterThan(0);
    folder.write('look.sh', `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' > seen; ls "$TMPDIR" > left`);
    folder.write('loop.config.yaml', loop('look: { run: sh look.sh }')['loop.config.yaml'] ?? '');
    const next = await gateRun(folder, [], { env });
    expect(next.code, next.stdout + next.stderr).toBe(0);
    expect(folder.read('seen')).not.toContain(`gate-run-${run}-long`);
    expect(containersOf('run', run)).toEqual([]);
    expect(folder.read('left').split('\n').filter(isOurs)).toEqual([]);
  });

  test('what an engine can do is tried once while it is the same program, and again behind a failure', async () => {
    const folder = folderWith(loop(`a: { run: "true", ${IN} }`));
    const path = join(folder.path, 'bin/podman');
    const real = execFileSync('sh', ['-c', 'command -v podman'], { encoding: 'utf8' }).trim();
    const wrapped = (refuses: string): void => {
      folder.write(
        'bin/podman',
        `#!/bin/sh\ncase " $* " in *"${refuses}"*) exit 1 ;; esac\necho "$@" >> ${folder.path}/asked\nexec ${real} "$@"\n`,
      );
      chmodSync(path, 0o755);
    };
    const env = { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}` };
    const tries = async (code: number): Promise<number> => {
      folder.write('asked', '');
      const ended = await gateRun(folder, [], { env });
      expect(ended.code, ended.stderr).toBe(code);
      return (folder.read('asked').match(/^info | --rm /gm) ?? []).length;
    };
    wrapped(' --rm ');
    expect(await tries(3)).toBe(1);
    wrapped(' never ');
    expect(await tries(0)).toBeGreaterThan(1);
    expect(await tries(0)).toBe(0);
    wrapped(' another-program ');
    expect(await tries(0)).toBeGreaterThan(1);
  });

  test('an engine or an image that cannot be had is an error, and nothing is started', async () => {
    const gone = IN.replace(IMAGE, 'localhost/nobody:1');
    const folder = folderWith(loop(`a: { run: touch made, ${gone} }`));
    const { code, stderr } = await gateRun(folder);
    expect(code).toBe(3);
    expect(stderr).toContain('there is no image `localhost/nobody:1` in podman, and gate-run pulls none');
    expect(folder.has('made')).toBe(false);
    folder.write(
      'loop.config.yaml',
      loop(`a: { run: touch made, ${gone.replace(' }', ', fallback: true }')} }`)['loop.config.yaml'] ?? '',
    );
    expect((await gateRun(folder)).code).toBe(0);
    expect(folder.has('made')).toBe(true);
  });

  test('a first task may build the image that the next one runs in', async () => {
    const built = `localhost/gate-run-built-${process.pid}:1`;
    const folder = folderWith(
      loop(
        `build: { run: podman tag ${IMAGE} ${built} }\nuse: { run: "true", needs: [build], ${IN.replace(IMAGE, built)} }`,
      ),
    );
    try {
      const { code, stdout, stderr } = await gateRun(folder);
      expect(code, stdout + stderr).toBe(0);
    } finally {
      removeImage(built);
    }
  });
});

test('without an engine a container is an error that says so', async () => {
  const folder = folderWith(loop(`a: { run: "true", ${IN} }`));
  const { code, stderr } = await gateRun(folder, [], { env: { PATH: '/nowhere' } });
  expect(code).toBe(3);
  expect(stderr).toContain(
    'task `a` asks for isolation `container`, which cannot be had here: `podman` is not installed; nothing was started',
  );
});

function slowRuntime(folder: string): string {
  return `#!/bin/sh
for word; do
  if grep -qs SLOW-TO-BE-MADE "$word/config.json"; then : > ${folder}/making; sleep 1; fi
done
exec runc "$@"
`;
}

function isOurs(name: string): boolean {
  return name.startsWith('gate-run-containers-');
}

/** The first one. */
function runOf(folder: ReturnType<typeof folderWith>): string {
  return /"run":"([^"]+)"/.exec(folder.read('.gate-run/history.jsonl'))?.[1] ?? '';
}

function logOf(folder: ReturnType<typeof folderWith>): string {
  const place = '.gate-run/cycles/000001';
  const name = folder.has(place) ? folder.list(place).find((one) => one.endsWith('.log')) : undefined;
  return name === undefined ? '' : folder.read(`${place}/${name}`);
}
