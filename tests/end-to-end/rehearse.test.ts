// A rehearsed night is held to a real one: the same outcomes, played by real commands and by a script, leave the same ledger.
// And the command as people type it: what it prints, what it refuses, and that it leaves the folder alone.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadLoop } from '../../src/cli/load.ts';
import { playNight } from '../../src/cli/rehearsed-night.ts';
import { NO_FLAGS } from '../../src/core/plan/flags.ts';
import { ScriptedOutcomes, readScript } from '../../src/simulation/rehearsal-script.ts';
import { begin, folderWith, gateRun, until, type Folder } from './rig.ts';

const CONFIG = String.raw`version: 1
name: scripted
jobs: 1
loop: { sleep: 40ms, backoff: { from: 30ms, factor: 2, max: 100ms, jitter: false }, rest: { killed: 20ms } }
exit:
  target: { edge: ">= 20" }
  budget: { cycles: 20 }
  give-up: { failures-in-a-row: 6 }
marks: { rising: { level: info, all: { edge: ">= 12" } } }
defaults: { run: sh act.sh, isolation: group }
phases:
  check:
    policy: keep-going
    gates:
      quota: { run: sh act.sh, exits: { limited: 75 }, metrics: { retry-at: { regex: 'retry (?<value>\d+)' } } }
      tests: { run: sh act.sh, retry: { limit: 1 } }
      lint: { run: sh act.sh, mode: soft, needs: [tests] }
      docs: { run: sh act.sh, needs: [tests], exits: { skipped: 77 } }
      sims:
        run: sh act.sh
        needs: [lint]
        metrics: { edge: { regex: 'edge (?<value>[\d.]+)', better: higher } }
        labels: { idea: { regex: 'idea (?<value>\w+)' } }
        stages: [{ count: 10, thresholds: { edge: "> 1" }, promote: { edge: "> 8" } }, { count: 100, thresholds: { edge: ">= best - 5" } }]
`;

/** Plays what the folder of acts holds for this task, cycle, rung and attempt. */
const ACT = `name="$GATE_TASK\${GATE_COUNT:+@$GATE_COUNT}"
for act in "acts/$GATE_CYCLE/$name#$GATE_ATTEMPT" "acts/$GATE_CYCLE/$name" "acts/all/$name"; do
  if [ -d "$act" ]; then
    [ ! -f "$act/output" ] || cat "$act/output"
    [ ! -f "$act/signal" ] || kill -s "$(cat "$act/signal")" $$
    exit "$(cat "$act/exit" 2>/dev/null || echo 0)"
  fi
done
`;

interface Written {
  readonly exit?: number;
  readonly signal?: string;
  readonly output?: string;
}

const ACTS: Readonly<Record<string, Readonly<Record<string, Written>>>> = {
  '*': {
    quota: { output: 'retry 0\n' },
    'sims@10': { output: 'edge 9\nidea ants\n' },
    'sims@100': { output: 'edge 11\nidea bees\n' },
  },
  '1': { 'sims@10': { output: 'edge 5\nidea ants\n' } },
  '2': {
    'tests#1': { exit: 1, output: 'error: a test fell over\n' },
    'tests#2': {},
    lint: { exit: 1, output: '2 warnings\n' },
  },
  '3': { quota: { exit: 75, output: 'too many requests, retry 0\n' } },
  '4': { tests: { exit: 1, output: 'error: a test fell over\n' } },
  '5': { tests: { signal: 'SEGV' } },
  '6': { docs: { exit: 77 }, 'sims@100': { output: 'edge 13\n' } },
  '7': { 'sims@10': { output: 'no number at all\n' } },
  '8': { 'sims@100': { output: 'edge 4\n' } },
  '9': { 'sims@100': { output: 'edge 25\nidea wasps\n' } },
};

function played(): Folder {
  const folder = folderWith({ 'loop.config.yaml': CONFIG, 'act.sh': ACT });
  for (const [cycle, acts] of Object.entries(ACTS)) {
    for (const [name, { exit, signal, output }] of Object.entries(acts)) {
      const place = `acts/${cycle === '*' ? 'all' : cycle}/${name}`;
      folder.write(`${place}/exit`, `${exit ?? 0}`);
      if (signal !== undefined) folder.write(`${place}/signal`, signal);
      if (output !== undefined) folder.write(`${place}/output`, output);
    }
  }
  return folder;
}

function scriptText(): string {
  const act = ({ signal, ...rest }: Written) =>
    signal === undefined ? rest : { ...rest, signal: `SIG${signal}` };
  const cycles = Object.entries(ACTS).map(([cycle, acts]) => [
    cycle,
    Object.fromEntries(Object.entries(acts).map(([name, one]) => [name, act(one)])),
  ]);
  return JSON.stringify(Object.fromEntries(cycles));
}

type Line = Readonly<Record<string, unknown>> & { readonly seq: number; readonly type: string };

function realLedger(folder: Folder): readonly Line[] {
  const files = [
    'history.jsonl',
    ...readdirSync(join(folder.path, '.gate-run/cycles')).map((name) => `cycles/${name}/events.jsonl`),
  ];
  const lines = files.flatMap((file) =>
    readFileSync(join(folder.path, '.gate-run', file), 'utf8')
      .trimEnd()
      .split('\n'),
  );
  return lines.map((line): Line => JSON.parse(line)).toSorted((one, other) => one.seq - other.seq);
}

/** What times, processes and command lines make different in any two runs; of processes that are played nobody can find out more. */
const PASSING: ReadonlySet<string> = new Set([
  'at',
  'mono',
  'run',
  'crc',
  'durationMs',
  'until',
  'retryAt',
  'version',
  'flags',
  'containment',
  'machine',
  'peakBytes',
  'cpuMs',
  'forensics',
]);

function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => lasting(one));
  if (typeof value === 'string')
    return value
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|after [\d.]+ m?s|log \S+(?=cycles\/)/g, '…')
      .replaceAll(/, forensics [^\s\]]+/g, '');
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !PASSING.has(name));
  return Object.fromEntries(kept.map(([name, held]) => [name, lasting(held)]));
}

test('a real and a rehearsed run of the same outcomes write the same ledger but for times and processes', async () => {
  const folder = played();
  const real = await gateRun(folder, ['--continuous']);
  expect(real.code, real.stdout + real.stderr).toBe(0);
  const before = realLedger(folder);
  expect(before[0]).toMatchObject({ type: 'run.started', flags: ['--continuous'] });

  const loop = await loadLoop(
    { folder: folder.path, config: undefined, flags: { ...NO_FLAGS, continuous: true } },
    { XDG_CACHE_HOME: folder.home },
  );
  const script = readScript(scriptText());
  if ('problems' in loop || !('script' in script)) throw new Error('the story itself is wrong');
  const { facts, events } = await playNight({
    plan: loop.plan,
    night: 1,
    seed: 1,
    faults: new Set(),
    outcomes: new ScriptedOutcomes(script.script),
  });
  expect(facts.hurt).toEqual([]);
  const rehearsed: unknown = JSON.parse(JSON.stringify(events));
  expect(lasting(rehearsed)).toEqual(lasting(before));

  // The story holds what it is for.
  const ended = events.flatMap((event) => (event.type === 'cycle.ended' ? [event.verdict] : []));
  expect(ended.join(' ')).toBe('passed passed limited failed broken passed broken failed passed');
  const rests = events.flatMap((event) =>
    event.type === 'rest.started' ? [`${event.cause} ${event.forMs}`] : [],
  );
  expect(rests.join(', ')).toBe(
    'sleep 40, sleep 40, limit 5000, backoff 30, rule 20, sleep 40, backoff 30, backoff 60',
  );
  expect(events.some((event) => event.type === 'mark.reached')).toBe(true);
  expect(events.some((event) => event.type === 'question.closed')).toBe(true);
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', reason: 'target', rule: 'edge >= 20', exit: 0 });
});

const NIGHTLY = `version: 1
name: nightly
jobs: 2
loop: { sleep: 20m, stop-file: stop }
exit: { target: { score: ">= 90" } }
phases:
  work:
    steps: { build: { run: [touch, ran] } }
  check:
    gates:
      tests: { run: [touch, ran], metrics: { score: { regex: '(?<value>\\d+)', better: higher } } }
      lint: { run: [touch, ran], mode: soft }
`;

test('a rehearsal prints how each night ended, when and by which rule, and starts and writes nothing', async () => {
  const folder = folderWith({ 'loop.config.yaml': NIGHTLY, stop: '' });
  const { code, stdout, stderr } = await gateRun(folder, [
    'rehearse',
    '--nights',
    '2',
    '--faults',
    'failures',
  ]);
  expect(code, stderr).toBe(0);
  expect(folder.list()).toEqual(['loop.config.yaml', 'stop']);
  expect(stderr).toMatch(/^rehearsed in \d+ ms, [\d.]+ ms a night\n$/);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    nightly: 2 nights rehearsed, outcomes drawn from seed 1, with failures; nothing of yours was started
    target score >= 90 · give up failures-in-a-row >= 5 · sleep 20m · cycle 1h · stop within 5m · jobs 2

    night 1  target: score >= 90 · exit 0 at 5h53m47s
      cycles     19: 18 passed, 1 failed · 57 attempts
      rests      17 sleep (5h40m), 1 backoff (16s)

    night 2  target: score >= 90 · exit 0 at 2h52m24s
      cycles     9: 9 passed · 27 attempts
      rests      8 sleep (2h40m)

    all nights
      2 of 2  target: score >= 90 · exit 0
      never near  give up failures-in-a-row >= 5 (nearest 1)
      every night ended by a rule or lasted, and no promise was broken
    "
  `);
});

test('the same seed prints the same bytes, as text and as JSON; another seed prints others', async () => {
  const folder = folderWith({ 'loop.config.yaml': NIGHTLY });
  const said = async (...words: string[]) =>
    (await gateRun(folder, ['rehearse', '--nights=3', ...words])).stdout;
  for (const form of [[], ['--json']]) {
    const once = await said('--seed', '7', ...form);
    expect(await said('--seed', '7', ...form)).toBe(once);
    expect(await said('--seed', '8', ...form)).not.toBe(once);
  }
});

test('with --json stdout is one object with every night and what they come to', async () => {
  const folder = folderWith({ 'loop.config.yaml': NIGHTLY });
  const { code, stdout } = await gateRun(folder, ['rehearse', '--json', '--faults', 'none', '--nights', '2']);
  const object: unknown = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(object).toMatchObject({
    schemaVersion: 1,
    exit: 0,
    mode: 'continuous',
    faults: [],
    nights: [{ night: 1, hurt: [] }, { night: 2 }],
    summary: { isSound: true },
  });
});

test('the flags of a run shape the nights: iterations, sleep, profile, set', async () => {
  const folder = folderWith({ 'loop.config.yaml': `${NIGHTLY}profiles: { quick: { skip: [lint] } }\n` });
  const words = [
    '--iterations',
    '3',
    '--sleep',
    '60',
    '--set',
    'jobs=1',
    '--target',
    'score=1000',
    '--profile',
    'quick',
  ];
  const { stdout } = await gateRun(folder, ['rehearse', '--nights=1', '--faults=none', ...words]);
  expect(stdout).toContain('budget: cycles >= 3 · exit 5');
  expect(stdout).toContain('3: 3 passed · 6 attempts');
  expect(stdout).toContain('2 sleep (2m)');
});

test('a rehearsal works beside a living loop and leaves its state alone', async () => {
  const folder = folderWith({
    'loop.config.yaml': `version: 1\nname: living\nloop: { stop-within: 1s }\nphases: { check: { gates: { wait: { run: sleep 60, kill-after: 1s } } } }\n`,
  });
  const living = begin(folder, ['--continuous']);
  const events = '.gate-run/cycles/000001/events.jsonl';
  const made = ['owner.json', 'report.md', 'report.html', 'plans'].map((name) => `.gate-run/${name}`);
  const written = [events, ...made];
  await until('the loop is under way', () => written.every((path) => folder.has(path)));
  const state = () => [folder.list('.gate-run'), folder.list('.gate-run/cycles'), realLedger(folder)];
  const before = state();
  const { code, stderr } = await gateRun(folder, ['rehearse', '--nights', '2']);
  expect([code, state()], stderr).toEqual([0, before]);
  living.child.kill('SIGTERM');
  expect((await living.ended).code).toBe(6);
});

test('what cannot be meant is refused with exit 2, and a config with problems shows them all', async () => {
  const folder = folderWith({
    'loop.config.yaml': NIGHTLY,
    'bad.json': '{ "1": { "tests": { "exitt": 1 } } }',
    'strange.json': '{ "1": { "test#2": { "exit": 1 }, "*": { "exit": 0 } } }',
  });
  const refused = async (...words: string[]) => {
    const { code, stdout, stderr } = await gateRun(folder, ['rehearse', ...words]);
    expect([code, stdout]).toEqual([2, '']);
    return stderr;
  };
  expect(await refused('--faults', 'hang')).toContain('not `hang` — did you mean `hangs`?');
  expect(await refused('--faults', 'all,crash')).toContain('`all` or `none` alone');
  expect(await refused('--nights', '0')).toContain('--nights takes a number from 1 to 1000, not `0`');
  expect(await refused('--nights', '1001')).toContain('not `1001`');
  expect(await refused('--seed', '-1')).toContain('--seed takes a whole number');
  expect(await refused('--script', 'none.json')).toContain('--script none.json: there is no such file');
  expect(await refused('--script', 'bad.json')).toContain('unknown key `exitt` — did you mean `exit`?');
  expect(await refused('--script', 'strange.json')).toContain(
    'no task is called `test` — did you mean `tests`?',
  );
  expect(await refused('tests')).toContain('takes no words, not `tests`');
  folder.write('loop.config.yaml', NIGHTLY.replace('jobs: 2', 'jobz: 2'));
  expect(await refused()).toContain('unknown key `jobz`');
});
