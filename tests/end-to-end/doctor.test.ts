// `doctor`: what a run needs and has not is missing, exit 3, each with its mend; what it has is shown with versions.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

interface Finding {
  readonly area: string;
  readonly name: string;
  readonly level: string;
  readonly says: string;
  readonly mend?: string;
}

interface Answer {
  readonly exit: number;
  readonly why: string;
  readonly findings: readonly Finding[];
}

async function found(
  folder: Folder,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Answer & { readonly of: (name: string) => Finding }> {
  const { code, stdout, stderr } = await gateRun(folder, ['doctor', '--json', ...args], { env });
  const answer: Answer = JSON.parse(stdout);
  expect(ANSWERS['doctor']?.safeParse(answer).error).toBeUndefined();
  expect(code, stderr).toBe(answer.exit);
  for (const { level, mend, name } of answer.findings)
    expect(level === 'ok' || level === 'note' || mend !== undefined, name).toBe(true);
  const of = (name: string): Finding =>
    answer.findings.find((one) => one.name === name) ?? { area: '', name, level: 'none', says: '' };
  return { ...answer, of };
}

test('a folder in which all is well: versions, room, lock, clock, terminal, and nothing is written', async () => {
  const folder = folderWith(loop('a: { run: "true", when: { command: [no-such-tool, git] } }'));
  const { exit, why, of, findings } = await found(folder);
  expect({ exit, why }).toEqual({ exit: 0, why: 'what a run needs is there' });
  expect(of('node').says).toContain(process.versions.node);
  expect(of('git')).toMatchObject({ level: 'ok', says: expect.stringMatching(/^git version \d/) });
  expect(of('no-such-tool')).toMatchObject({ level: 'note', says: 'not there; optional, for a' });
  expect(of('lock')).toMatchObject({ level: 'ok', says: 'free' });
  expect(of('ledger').says).toBe('empty');
  expect(of('clock').says).toContain('time zone ');
  expect(of('next cycles').says).toContain('no calendar');
  expect(of('terminal').says).toContain('stdout is no terminal');
  expect(of('CI').says).toBe('none');
  expect(findings.find(({ name }) => name.startsWith('room at '))?.says).toMatch(/^\d+(\.\d)? GiB free/);
  expect(folder.list()).toEqual(['loop.config.yaml']);
  const { stdout } = await gateRun(folder, ['doctor']);
  expect(stdout).toMatch(/^✓ gate-run +\d/);
  expect(stdout).toMatch(/\nwhat a run needs is there\n$/);
  expect((await found(folder, { GITHUB_ACTIONS: 'true', CI: 'true' })).of('CI').says).toContain(
    'GitHub Actions',
  );
});

test('what a gate requires and a strict task starts is missing, what a soft one can do without is not', async () => {
  const folder = folderWith({
    ...loop(`
strict: { uses: needs-tool }
soft: { uses: needs-other, mode: soft, on-broken: soft }
started: { run: no-such-command --fast }
later: { run: ./made-by-a-step }
`),
    'gates/needs-tool.yaml': gate('no-such-tool'),
    'gates/needs-other.yaml': gate('no-such-other'),
  });
  const { exit, why, of } = await found(folder);
  expect(exit).toBe(3);
  expect(why).toBe('no-such-tool, no-such-command: a run could not do its work here');
  expect(of('no-such-tool')).toMatchObject({
    level: 'missing',
    says: 'not found on PATH, for strict',
    mend: expect.stringContaining('install `no-such-tool`'),
  });
  expect(of('no-such-other').level).toBe('note');
  expect(of('./made-by-a-step').level).toBe('warning');
  const one = await found(folder, {}, ['--skip', 'strict,started']);
  expect(one.exit).toBe(0);
});

function gate(tool: string): string {
  return `about: a gate\ntool: https://example.com\nrequires: [${tool}]\nrun: [echo, "1"]\nsamples: [{ name: green, from: echo, exit: 0, output: "1", verdict: passed }]\n`;
}

test('a tool of a gate whose task has a PATH of its own is not sought on another one', async () => {
  const folder = folderWith({
    ...loop('own: { uses: needs-tool, env: { set: { PATH: /opt/tools } } }'),
    'gates/needs-tool.yaml': gate('no-such-tool'),
  });
  const { exit, of } = await found(folder);
  expect({ exit, level: of('no-such-tool').level }).toEqual({ exit: 0, level: 'none' });
});

test('only the tool of a gate is asked for its version, not what a task starts or looks for', async () => {
  const folder = folderWith({
    ...loop(
      'a: { uses: telling }\nb: { run: deploys now }\nc: { run: "true", when: { command: ./deploy.sh } }',
    ),
    'gates/telling.yaml': gate('tells'),
    'deploy.sh': '#!/bin/sh\ntouch deployed\n',
    'node_modules/.bin/deploys': '#!/bin/sh\ntouch deployed\n',
    'node_modules/.bin/tells': '#!/bin/sh\nprintf "tells 1.2\\033[31m.3\\nmore\\n"\n',
  });
  for (const name of ['node_modules/.bin/deploys', 'node_modules/.bin/tells', 'deploy.sh'])
    chmodSync(join(folder.path, name), 0o755);
  const { of, exit } = await found(folder);
  expect(exit).toBe(0);
  expect(of('./deploy.sh').says).toBe('it is there, for c');
  expect(of('deploys').says).toBe('it is there, for b');
  expect(of('tells').says).toBe('tells 1.2 [31m.3, for a');
  expect(folder.has('deployed')).toBe(false);
});

test('the gates at the start are carried out beside a living loop, which is named as the holder of the lock', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1
name: story
phases:
  first:
    at: start
    steps: { builds: { run: touch built } }
    gates:
      well: { run: echo fine }
      ill: { run: "test ! -e ill || { echo no network; exit 1; }" }
      odd: { run: "test ! -e ill", mode: soft }
  work: { gates: { waits: { run: 'touch ready; while [ ! -e go ]; do sleep 0.02; done' } } }
`,
  });
  const running = begin(folder);
  await until('the task runs', () => folder.has('ready'));
  const before = folder.read('.gate-run/history.jsonl');
  folder.write('ill', '');
  const { exit, of } = await found(folder);
  expect(exit).toBe(3);
  expect(of('well')).toMatchObject({ area: 'gates', level: 'ok' });
  expect(of('ill')).toMatchObject({
    level: 'missing',
    says: expect.stringContaining('exit 1'),
    mend: expect.stringMatching(/^its output: .*ill.*\.log$/),
  });
  expect(of('odd').level).toBe('warning');
  expect(of('builds').level).toBe('none');
  expect(of('lock')).toMatchObject({
    level: 'note',
    says: expect.stringContaining(`held by process ${running.child.pid} on `),
  });
  expect(folder.read('.gate-run/history.jsonl')).toBe(before);
  folder.write('go', '');
  expect((await running.ended).code).toBe(0);
});

test('a config with problems, a stop file, a damaged ledger, a holder that died, a place that cannot be written', async () => {
  const folder = folderWith(
    loop('waits: { run: touch ready; sleep 60 }'.replace('touch ready; sleep 60', "'touch ready; sleep 60'")),
  );
  const killed = begin(folder);
  await until('the task runs', () => folder.has('ready'));
  await until('the holder has a name', () => folder.has('.gate-run/owner.json'));
  killed.child.kill('SIGKILL');
  await killed.ended;
  folder.write('.gate-run/stop', '');
  const ill = await found(folder);
  expect(ill.exit).toBe(0);
  expect(ill.of('lock')).toMatchObject({
    level: 'note',
    says: expect.stringContaining('the next start takes over'),
  });
  expect(ill.of('stop file')).toMatchObject({ level: 'warning', mend: '`gate-run stop --undo`' });
  await gateRun(folder, ['stop', '--undo']);
  folder.write('loop.config.yaml', loop('waits: { run: echo 1 }')['loop.config.yaml'] ?? '');
  await gateRun(folder);
  folder.write(
    '.gate-run/history.jsonl',
    folder.read('.gate-run/history.jsonl').replace('run.started', 'run.strated'),
  );
  expect((await found(folder)).of('ledger')).toMatchObject({
    level: 'missing',
    mend: expect.stringContaining('gate-run verify'),
  });
  folder.write('file', '');
  folder.write(
    'loop.config.yaml',
    loop('a: { run: echo 1 }', 'state: { dir: file/state }')['loop.config.yaml'] ?? '',
  );
  expect((await found(folder)).of(`${folder.path}/file/state`)).toMatchObject({
    level: 'missing',
    says: 'cannot be written: ENOTDIR',
  });
  folder.write('loop.config.yaml', 'version: 1\n');
  const broken = await found(folder);
  expect(broken.exit).toBe(3);
  expect(broken.of('config')).toMatchObject({
    level: 'missing',
    mend: '`gate-run check` shows every problem',
  });
  expect((await found(folderWith())).of('config').level).toBe('missing');
});

test('[B18] the next fire times of the calendar are shown in its own time zone', async () => {
  const folder = folderWith(
    loop('a: { run: echo 1 }', 'loop: { cron: "30 3 * * *", timezone: Asia/Kolkata }'),
  );
  const { of } = await found(folder);
  expect(of('next cycles').says).toMatch(
    /^`30 3 \* \* \*` in Asia\/Kolkata: (.*03:30 \S+ \(\S+T22:00:00\.000Z\)(, )?){3}$/,
  );
});

test('words that it does not know are refused', async () => {
  const folder = folderWith(loop('a: { run: echo 1 }'));
  expect((await gateRun(folder, ['doctor', 'now'])).code).toBe(2);
  const { code, stderr } = await gateRun(folder, ['doctor', '--prov']);
  expect(code).toBe(2);
  expect(stderr).toContain('--prove');
});

test('a layer is tried once, also where tasks have limits', async () => {
  const held = 'isolation: { layer: bwrap, fallback: true }, resources: { open-files: 64 }';
  const folder = folderWith({
    ...loop(`a: { run: "true", ${held} }`),
    'tools/bwrap': '#!/bin/sh\necho tried >> "${0%/*}/tries"\nexit 1\n',
  });
  chmodSync(join(folder.path, 'tools/bwrap'), 0o755);
  const { of } = await found(folder, { PATH: `${join(folder.path, 'tools')}:${process.env['PATH'] ?? ''}` });
  expect(of('limits').says).toBe('tasks are held to open-files');
  expect(folder.read('tools/tries')).toBe('tried\n');
});
