// A request to stop reaches whoever does the work, however deep it sits, from wherever gate-run was started, in each layer.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMAND } from './kills/start.ts';
import { LAYERS_HERE } from './layers-here.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

/** Heeds TERM, says so, and ends with a code of its own. */
const PAYLOAD = `trap 'echo GOT-TERM >> told; exit 7' TERM
: > ready
while :; do sleep 0.02; done
`;
const PACKAGE = JSON.stringify({ name: 'deep', scripts: { work: 'sh payload.sh' } });
const NESTED = loop(
  `inner: { run: 'sh payload.sh' }`,
  'state: { dir: .inner }\nloop: { stop-file: .inner/stop }',
);

const WAYS: readonly (readonly [name: string, run: string])[] = [
  ['a command', '[sh, payload.sh]'],
  ['a shell', `'sh payload.sh; true'`],
  ['a shell in a shell', `"sh -c 'sh payload.sh; true'; true"`],
  ['npm run', '[npm, run, -s, work]'],
  ['another gate-run', JSON.stringify([...COMMAND, '-c', 'inner.config.yaml'])],
];

function story(run: string, layer: string): Folder {
  return folderWith({
    ...loop(`deep: { run: ${run}, kill-after: 10s, isolation: ${layer} }`),
    'payload.sh': PAYLOAD,
    'package.json': PACKAGE,
    'inner.config.yaml': NESTED['loop.config.yaml'] ?? '',
  });
}

describe.each(LAYERS_HERE)('[G3] in the layer %s', (layer) => {
  test.each(WAYS)('a stop at once reaches the work behind %s, which ends by itself', async (_, run) => {
    const folder = story(run, layer);
    const running = begin(folder);
    await until('the work has begun', () => folder.has('ready'));
    expect((await gateRun(folder, ['stop', '--now'])).code).toBe(0);
    const { code, ms } = await running.ended;
    expect(code).toBe(6);
    expect(folder.read('told')).toBe('GOT-TERM\n');
    expect(ms).toBeLessThan(15_000);
  });
});

/** What cron and systemd start their commands with; nothing else is there. */
const SURROUNDINGS: readonly (readonly [name: string, words: (folder: Folder) => readonly string[]])[] = [
  ['cron', ({ home }) => [`HOME=${home}`, 'LOGNAME=root', 'SHELL=/bin/sh', 'PATH=/usr/bin:/bin']],
  [
    'systemd',
    ({ home }) => [
      `HOME=${home}`,
      'LANG=C.UTF-8',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'INVOCATION_ID=0123456789abcdef0123456789abcdef',
      'JOURNAL_STREAM=8:12345',
      'SYSTEMD_EXEC_PID=1',
    ],
  ],
];

test.each(SURROUNDINGS)(
  '[G3] TERM to a gate-run with the surroundings of %s: the work ends by itself, exit 6',
  async (_, words) => {
    const folder = story('[sh, payload.sh]', 'group');
    folder.write('loop.config.yaml', `${folder.read('loop.config.yaml')}loop: { stop-within: 0s }\n`);
    const running = begin(folder, [], { within: ['env', '-i', ...words(folder)] });
    await until('the work has begun', () => folder.has('ready'));
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(6);
    expect(folder.read('told')).toBe('GOT-TERM\n');
  },
);

test('[G3] a service manager that tells every process of a service at once ends the work once, and gate-run says stopped', async () => {
  const folder = story('[sh, payload.sh]', 'group');
  const running = begin(folder, []);
  await until('the work has begun', () => folder.has('ready'));
  running.child.kill('SIGTERM');
  for (const pid of childrenOf(running.child.pid ?? 0)) process.kill(pid, 'SIGTERM');
  const { code } = await running.ended;
  expect(code).toBe(6);
  expect(folder.read('told')).toBe('GOT-TERM\n');
});

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .map(Number)
    .filter((one) => one > 0);
}
