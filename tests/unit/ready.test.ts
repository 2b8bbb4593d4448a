// What the install stamp, the build stamp and the lock of a work tree believe, on small trees made up for it.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alone } from '../../scripts/ready/alone.mjs';
import { buildProblem, sourceKey } from '../../scripts/ready/built.mjs';
import { forgetInstall, installProblem, markInstalled } from '../../scripts/ready/installed.mjs';
import { isAllowed } from '../../scripts/require-node.mjs';

const root = new URL('../../', import.meta.url).pathname;
const STAMP = 'node_modules/.gate-run-install.json';
const NODE_LINK = 'node_modules/.bin/node';
let tree: string;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function putManifest(extra: Readonly<Record<string, unknown>> = {}): void {
  put('package.json', JSON.stringify({ devDependencies: { node: '24.21.0' }, ...extra }));
}

function putNode(answer: string): void {
  put('node_modules/node/bin/node', `#!/bin/sh\necho ${answer}\n`);
  chmodSync(join(tree, 'node_modules/node/bin/node'), 0o755);
  mkdirSync(join(tree, 'node_modules/.bin'), { recursive: true });
  rmSync(join(tree, NODE_LINK), { force: true });
  symlinkSync('../node/bin/node', join(tree, NODE_LINK));
}

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'gate-run-ready-'));
  const other = process.platform === 'linux' ? 'win32' : 'linux';
  const packages = {
    '': { name: 'x' },
    'node_modules/node': {},
    'node_modules/plain': {},
    'node_modules/plain/node_modules/nested': {},
    'node_modules/elsewhere': { optional: true, os: [other] },
    'node_modules/not-there': { optional: true, os: [`!${process.platform}`] },
    'node_modules/only-elsewhere-needs-it': { optional: true },
    'node_modules/native': { optional: true, os: [process.platform], cpu: [process.arch] },
  };
  putManifest();
  put('package-lock.json', JSON.stringify({ packages }));
  for (const name of ['node', 'plain', 'plain/node_modules/nested', 'native']) {
    put(`node_modules/${name}/package.json`, '{}');
  }
  putNode('v24.21.0');
});

afterEach(() => rmSync(tree, { recursive: true, force: true }));

describe('an install', () => {
  test('is believed when it was finished, belongs to this lock, and is all there', () => {
    expect(installProblem(tree)).toMatch(/no finished install/);
    markInstalled(tree);
    expect(installProblem(tree)).toBeUndefined();
  });

  test('stays believed when only the scripts of package.json change', () => {
    markInstalled(tree);
    putManifest({ scripts: { test: 'true' } });
    expect(installProblem(tree)).toBeUndefined();
  });

  const changes: Readonly<Record<string, () => void>> = {
    'its stamp was taken away': () => forgetInstall(tree),
    'its stamp is cut short': () => truncateSync(join(tree, STAMP), 5),
    'its stamp is empty': () => truncateSync(join(tree, STAMP), 0),
    'its stamp holds null': () => put(STAMP, 'null'),
    'the lock file changed': () => put('package-lock.json', '{"packages":{}}'),
    'a dependency changed': () => putManifest({ dependencies: { left: '1.0.0' } }),
    'another Node is pinned': () => putManifest({ devDependencies: { node: '24.22.0' } }),
    'the folder of a package is gone': () => rmSync(join(tree, 'node_modules/plain'), { recursive: true }),
    'a nested package is gone': () =>
      rmSync(join(tree, 'node_modules/plain/node_modules'), { recursive: true }),
    'a package was left half': () => rmSync(join(tree, 'node_modules/plain/package.json')),
    'the native package of this platform is gone': () =>
      rmSync(join(tree, 'node_modules/native'), { recursive: true }),
    'the pinned Node is gone': () => rmSync(join(tree, 'node_modules/node/bin'), { recursive: true }),
    'the pinned Node is not the one on PATH': () => rmSync(join(tree, NODE_LINK)),
    'the pinned Node is another one': () => putNode('v20.20.2'),
    'the pinned Node cannot run': () => chmodSync(join(tree, 'node_modules/node/bin/node'), 0o644),
    'everything is gone': () => rmSync(join(tree, 'node_modules'), { recursive: true }),
  };
  test.each(Object.keys(changes))('is not believed when %s', (name) => {
    markInstalled(tree);
    changes[name]?.();
    expect(installProblem(tree)).toEqual(expect.any(String));
  });
});

describe('a build', () => {
  beforeEach(() => {
    put('src/main.ts', 'one');
    put('src/core/a.ts', 'two');
    put('scripts/build.mjs', '');
    put('scripts/ready/built.mjs', '');
    put('tsconfig.json', '');
    put('dist/bundle/main.cjs', '12345');
    put('dist/bundle/stamp.json', JSON.stringify({ key: sourceKey(tree), files: [['main.cjs', 5]] }));
  });

  test('is believed while no source changes, whatever their times say', () => {
    expect(buildProblem(tree)).toBeUndefined();
    put('src/main.ts', 'one');
    put('docs/any.md', 'no source');
    expect(buildProblem(tree)).toBeUndefined();
  });

  const changes: Readonly<Record<string, () => void>> = {
    'a source changed but kept its size': () => put('src/core/a.ts', 'owt'),
    'a source was added': () => put('src/core/b.ts', ''),
    'a source went away': () => rmSync(join(tree, 'src/core/a.ts')),
    'a source was renamed': () => {
      rmSync(join(tree, 'src/core/a.ts'));
      put('src/core/c.ts', 'two');
    },
    'the build itself changed': () => put('scripts/build.mjs', '// other'),
    'its stamp is cut short': () => truncateSync(join(tree, 'dist/bundle/stamp.json'), 9),
    'its stamp is gone': () => rmSync(join(tree, 'dist/bundle/stamp.json')),
    'a file of it is gone': () => rmSync(join(tree, 'dist/bundle/main.cjs')),
    'a file of it is cut short': () => truncateSync(join(tree, 'dist/bundle/main.cjs'), 4),
  };
  test.each(Object.keys(changes))('is not believed when %s', (name) => {
    changes[name]?.();
    expect(buildProblem(tree)).toEqual(expect.any(String));
  });

  test('is asked for in well under 100 ms on the real sources', () => {
    sourceKey(root);
    const from = performance.now();
    sourceKey(root);
    expect(performance.now() - from).toBeLessThan(100);
  });
});

describe('the lock of a work tree', () => {
  const nobody = (): void => {};
  const deadPid = (): number => spawnSync('true').pid;
  const putOwner = (owner: Readonly<Record<string, unknown>>): void =>
    put('out/ready.lock/owner.json', JSON.stringify({ host: hostname(), since: Date.now(), ...owner }));

  test('lets one work at a time', async () => {
    const seen: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push(`${name} ends`);
    };
    await Promise.all([
      alone(tree, nobody, work('a')),
      alone(tree, nobody, work('b')),
      alone(tree, nobody, work('c')),
    ]);
    expect(seen).toHaveLength(6);
    for (let i = 0; i < 6; i += 2) expect(seen[i + 1]).toBe(seen[i]?.replace('begins', 'ends'));
  });

  test('is released when the work throws', async () => {
    await expect(alone(tree, nobody, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(alone(tree, nobody, () => 'yes')).resolves.toBe('yes');
  });

  test('is taken over from an owner that died, together with its helper', async () => {
    putOwner({ pids: [deadPid(), deadPid()] });
    await expect(alone(tree, nobody, () => 'mine')).resolves.toBe('mine');
  });

  test('is not taken while the helper of a dead owner still runs', async () => {
    putOwner({ pids: [deadPid(), process.pid] });
    let isDone = false;
    const waiting = alone(tree, nobody, () => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isDone).toBe(false);
    rmSync(join(tree, 'out/ready.lock'), { recursive: true });
    await waiting;
    expect(isDone).toBe(true);
  });

  test('names its helper for those who wait', async () => {
    await alone(tree, nobody, (helper: (pid: number) => void) => {
      helper(4711);
      const owner: { pids: number[] } = JSON.parse(
        readFileSync(join(tree, 'out/ready.lock/owner.json'), 'utf8'),
      );
      expect(owner.pids).toEqual([process.pid, 4711]);
    });
  });
});

describe('a Node', () => {
  const range = '^22.18.0 || ^24.11.0 || >=26.0.0';
  test.each(['22.18.0', '22.20.1', '24.11.0', '24.21.0', '26.0.0', '27.1.0'])(
    '%s is in the range',
    (version) => {
      expect(isAllowed(range, version)).toBe(true);
    },
  );
  test.each([
    '18.20.0',
    '20.20.2',
    '22.17.9',
    '23.9.0',
    '24.10.9',
    '25.9.0',
    '26.0.0-rc.1'.replace('26.0.0', '25.0.0'),
  ])('%s is out of it', (version) => {
    expect(isAllowed(range, version)).toBe(false);
  });

  const spoken = [
    { what: 'the command', file: 'bin/gate-run.js', version: '22.17.0', says: /needs \^22\.18\.0/ },
    { what: 'the toolchain', file: 'scripts/require-node.mjs', version: '22.17.0', says: /npm start/ },
    { what: 'the install', file: 'scripts/ready.mjs', version: '18.20.0', says: />=20\.19\.0/ },
  ];
  test.each(spoken)('that is wrong for $what gets one clear line and exit 78', ({ file, version, says }) => {
    const fake = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
    put('fake.cjs', fake);
    const ran = spawnSync(process.execPath, ['--require', join(tree, 'fake.cjs'), join(root, file)], {
      encoding: 'utf8',
      cwd: tree,
    });
    expect(ran.status).toBe(78);
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain(version);
    expect(ran.stderr).toMatch(says);
    expect(ran.stdout).toBe('');
  });

  test('is wanted by bin exactly as package.json promises', () => {
    const manifest: { engines: { node: string } } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    expect(manifest.engines.node).toBe(range);
    expect(readFileSync(join(root, 'bin/gate-run.js'), 'utf8')).toContain(range);
  });
});
