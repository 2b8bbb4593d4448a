// Limits of tasks, as root and as a plain user: what is held and what is only written, and that this is said.

import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { asNobody, givenAway } from './nobody.ts';
import { folderWith, gateRun, loop } from './rig.ts';

const NOBODY = asNobody();
const isRoot = process.getuid?.() === 0;
const hasTrees = readdirSync('/sys/fs/cgroup').includes('memory');
const mayHold = isRoot && hasTrees;

beforeAll(() => {
  if (!mayHold)
    console.warn('memory, CPUs and processes cannot be held to anything here: their stories were not tried');
  if (!NOBODY) console.warn('nobody else can be become here: the stories of a plain user were not tried');
});

const EATS = `node -e 'const all = []; for (;;) all.push(Buffer.alloc(8388608, 1))'`;

describe.runIf(mayHold)('where control groups can be written to', () => {
  test('[A12] [G12] out of memory is told apart from a failure, also where the shell hides it, and rests as such', async () => {
    const folder = folderWith(
      loop(
        `plain:\n  run: ${JSON.stringify(EATS)}\n  resources: { memory: 64m }\nhidden:\n  run: ${JSON.stringify(`${EATS} || true`)}\n  resources: { memory: 64m }\nfree:\n  run: "true"`,
      ),
    );
    const { code, stdout, stderr } = await gateRun(folder, ['--json', '--jobs', '3']);
    expect(code, stderr).toBe(3);
    const { tasks } = JSON.parse(stdout);
    expect(tasks).toMatchObject([
      { id: 'plain', verdict: 'broken', outcome: 'oom' },
      { id: 'hidden', verdict: 'broken', outcome: 'oom' },
      { id: 'free', verdict: 'passed' },
    ]);
  });

  test('nothing is said where everything is held, and `doctor` says that it is', async () => {
    const folder = folderWith(
      loop(`a:\n  run: "true"\n  resources: { memory: 64m, cpus: 1, pids: 50, open-files: 64 }`),
    );
    const ran = await gateRun(folder);
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).not.toContain('not held');
    expect(folder.read('.gate-run/history.jsonl')).toMatch(/"machine":\{"memoryBytes":\d+\}/);
    const { stdout } = await gateRun(folder, ['doctor']);
    expect(stdout).toContain('tasks are held to memory, cpus, pids, open-files');
  });

  test('the simulations of a rung are held to it together', async () => {
    const gates = `sims:\n  run: [node, -e, 'setTimeout(() => console.log("{}"), 400); const all = []; for (let at = 0; at < 5; at += 1) all.push(Buffer.alloc(8388608, 1)); console.log("{\\"m\\": 1}")', '{{seed}}']\n  per: seed\n  metrics: { m: { better: higher } }\n  stages: [{ count: 8 }]\n  resources: { memory: 96m }`;
    const folder = folderWith(loop(gates, 'jobs: 4'));
    const { stdout } = await gateRun(folder, ['--json']);
    expect(JSON.parse(stdout).tasks).toMatchObject([{ id: 'sims', verdict: 'broken', outcome: 'oom' }]);
  });
});

test('[G12] who was killed behind its limit of CPU time is told as killed, with what it had used; another one is not', async () => {
  const gates = `deaf:\n  run: "trap '' XCPU; while :; do :; done"\n  resources: { cpu-time: 1s }\nother:\n  run: sleep 2; kill -9 $$\n  resources: { cpu-time: 1s }`;
  const { stdout } = await gateRun(folderWith(loop(gates, 'jobs: 2')), ['--json']);
  const [deaf, other] = JSON.parse(stdout).tasks;
  expect([deaf, other]).toMatchObject([{ outcome: 'killed' }, { outcome: 'killed' }]);
  expect(deaf.reasons.at(-1)).toMatch(
    /^it had used \S+ s of CPU time, and `cpu-time: 1s` may be what ended it$/,
  );
  expect(other.reasons.join()).not.toContain('CPU time');
});

describe.runIf(NOBODY)('as a plain user', () => {
  const within = NOBODY ?? [];
  const GATES = `a:\n  run: ulimit -n; ulimit -f\n  resources: { memory: 64m, pids: 50, open-files: 64, file-size: 1m }`;

  test('what cannot be held is said at the start, by status, by doctor and in the ledger; the rest is held', async () => {
    const folder = givenAway(folderWith(loop(GATES)));
    const ran = await gateRun(folder, [], { within });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/! not held here: memory: no control group can be made in \S+ \(EACCES\)/);
    expect(ran.stdout).toMatch(/! not held here: pids: no control group can be made in \S+ \(EACCES\)/);
    expect(ran.stdout).not.toMatch(/not held here: .*open-files/);
    expect(folder.read('.gate-run/history.jsonl')).toMatch(/"unheld":\{"memory":"no control group/);
    const log = folder.list('.gate-run/cycles/000001').find((name) => name.endsWith('.log')) ?? '';
    expect(folder.read(`.gate-run/cycles/000001/${log}`)).toMatch(/\n64\n2048\n/);
    const doctor = await gateRun(folder, ['doctor'], { within });
    expect(doctor.stdout).toContain('tasks are held to open-files, file-size');
    expect(doctor.stdout).toMatch(/tasks cannot be held to memory: no control group can be made/);
    expect(doctor.code).toBe(0);
  });

  test('a limit above what the system allows is said, and what it allows holds', async () => {
    const few = ['sh', '-c', 'ulimit -n 100 && exec "$@"', 'sh', ...within];
    const folder = givenAway(folderWith(loop(`a:\n  run: ulimit -n\n  resources: { open-files: 4096 }`)));
    const ran = await gateRun(folder, [], { within: few });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain(
      '! not held here: open-files: the system allows 100 at most here, and that is what holds',
    );
    const log = folder.list('.gate-run/cycles/000001').find((name) => name.endsWith('.log')) ?? '';
    expect(folder.read(`.gate-run/cycles/000001/${log}`)).toMatch(/\n100\n/);
  });

  test('CPU time and file size end a task as root and as anybody', async () => {
    const gates = `cpu:\n  run: 'while :; do :; done'\n  resources: { cpu-time: 1s }\nfile:\n  run: [head, -c, '3000000', /dev/zero]\n  resources: { file-size: 1m }`;
    const folder = givenAway(folderWith(loop(gates)));
    const { stdout } = await gateRun(folder, ['--json'], { within });
    expect(JSON.parse(stdout).tasks).toMatchObject([
      { id: 'cpu', verdict: 'broken', outcome: 'cpu-limit' },
      { id: 'file', verdict: 'broken', outcome: 'file-limit' },
    ]);
  });
});
