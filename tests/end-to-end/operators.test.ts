// Every command that the operators of the five old guides type, each in one row with what takes its place; a row is run, and what
// the operator would look for is looked for. Rows that need what is not built yet stand in CONTRIBUTING.md's list of later words.

import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { begin, folderWith, gateRun, shell, until, type Ended, type Folder } from './rig.ts';

const CONFIG = `version: 1
name: desk
goal: find a better edge
profile: dev
vars:
  memory: { env: MEMORY_LIMIT, default: 8g }
  model: { env: CODEX_MODEL, default: small }
defaults: { env: { pass: [PATH, HOME, "TEMPLATE_*"] } }
state:
  dir: state
  history: state/run_cycle_history.jsonl
  latest: logs/run_cycle/latest.json
  archive: { after: 1d, to: state/cycle_archives }
  snapshots: { every: 2 }
  keep: { cycles: 50, size: 1g }
loop: { sleep: 20ms, stop-file: state/run_cycle.stop, backoff: { from: 5ms }, rest: { limited: reset } }
exit: { give-up: { failures-in-a-row: 5 } }
marks:
  mvp: { all: { cycles: ">= 2", edge: "> 300" } }
  failing: { level: warning, any: { failure-rate: "> 50% over 2" } }
phases:
  prerequisites:
    at: start
    steps:
      image: { run: "echo built >> images", when: { changed: [Dockerfile] } }
    gates:
      client: { run: sh --version-or-true, exits: { passed: [0, 2] } }
      writable: { uses: writable, with: { paths: [state, logs] } }
      disk: { uses: disk-space, with: { free: 1m } }
  work:
    steps:
      agent: { run: [sh, agent.sh, "{{profile}}", "{{goal}}", "{{vars.memory}}", "{{vars.model}}"], exits: { limited: 75 }, writes: { files: 9 } }
      archive: { run: "mkdir -p digests; gzip -c plan.md > digests/$GATE_CYCLE.gz" }
  check:
    gates:
      must-exist: { uses: must-exist, with: { paths: [plan.md] } }
      must-not-exist: { uses: must-not-exist, with: { paths: ["**/*.orig"] } }
      lint: { run: "true" }
      tests: { run: test ! -e red }
      plan: { run: cat plan.md, metrics: { tasks-left: { count: '^- \\[ \\]' }, tasks-done: { count: '^- \\[x\\]' } } }
      score:
        judges: agent
        metrics: { edge: { regex: 'edge (?<value>[\\d.]+)', better: higher } }
        labels: { strategy: { regex: 'strategy (?<value>\\w+)' }, hypothesis: { regex: 'hypothesis (?<value>\\w+)' } }
  final:
    steps:
      commit: { run: touch committed, when: { profile: [patch], passed: ["*"] } }
profiles:
  dev: { gates: { lint: { mode: soft } } }
  experimental: {}
  release: {}
  patch: {}
  bare: { skip: [image] }
`;

/** Says what it was given, works as the files beside it want it, and scores a little better each time. */
const AGENT = `echo "mode $1, goal $2, memory $3, model $4, template $TEMPLATE_MIN_EDGE"
echo "$GATE_CYCLE: warming up" >&2
[ ! -e limited ] || { rm limited; echo "limit reached, resets later"; exit 75; }
while [ -e hold ]; do sleep 0.02; done
[ ! -e broken ] || { echo "no tool" >&2; exit 3; }
echo "strategy s$GATE_CYCLE"
echo "hypothesis h$((GATE_CYCLE % 2))"
echo "edge $((400 + GATE_CYCLE))"
`;

const FILES = {
  'loop.config.yaml': CONFIG,
  'agent.sh': AGENT,
  'plan.md': '- [ ] one\n- [x] two\n- [ ] three\n',
  Dockerfile: 'FROM scratch\n',
};

const desk = (more: Readonly<Record<string, string>> = {}): Folder => folderWith({ ...FILES, ...more });

async function types(folder: Folder, line: string): Promise<Ended> {
  const words = Array.from(
    line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, one, two, three]) => one ?? two ?? three ?? '',
  );
  return gateRun(folder, words);
}

/** Exits as it should; gives back what it says. */
async function typed(folder: Folder, line: string, code = 0): Promise<string> {
  const ended = await types(folder, line);
  expect({ line, code: ended.code }, ended.stdout + ended.stderr).toEqual({ line, code });
  return ended.stdout + ended.stderr;
}

const HISTORY = 'state/run_cycle_history.jsonl';
const LATEST = 'logs/run_cycle/latest.json';

function cycles(folder: Folder): number {
  return folder.has(HISTORY)
    ? (folder.read(HISTORY).match(/"type":"cycle.ended",.*?"turn":"cycle"/g) ?? []).length
    : 0;
}

/** A loop that is in the middle of its agent, or in a rest, until the row is over. */
async function underWay(
  folder: Folder,
  words: readonly string[] = ['--continuous'],
  held = true,
): Promise<() => Promise<number | null>> {
  if (held) folder.write('hold', '');
  const run = begin(folder, words);
  const isThere = () => folder.has(LATEST) && folder.read(LATEST).includes(held ? '"running"' : '"resting"');
  await until(
    'the loop is under way',
    () => isThere() && (!held || folder.has('state/cycles/000001/work.agent.1.log')),
  );
  return async () => {
    rmSync(join(folder.path, 'hold'), { force: true });
    if (run.child.exitCode === null) await gateRun(folder, ['stop', '--now']);
    return (await run.ended).code;
  };
}

describe('start', () => {
  test('what is needed: `doctor` looks at tools, disk, write access and the gates of the start', async () => {
    const said = await typed(desk(), 'doctor');
    for (const word of ['client', 'writable', 'disk', 'can be made', 'GiB free'])
      expect(said).toContain(word);
    expect(
      await typed(desk({ 'loop.config.yaml': CONFIG.replace('free: 1m', 'free: 900000g') }), 'doctor', 3),
    ).toContain('disk');
  });

  test('one cycle, as cron starts it: `--iterations 1 --sleep 0 --timeout 300`', async () => {
    const folder = desk();
    expect(await typed(folder, '--iterations 1 --sleep 0 --timeout 300')).toContain('of at most 5m');
    expect(cycles(folder)).toBe(1);
  });

  test('at most three writes a cycle: `--cap-writes 3` fails the cycle with the list of what was written', async () => {
    const folder = desk({ 'agent.sh': `${AGENT}\nfor n in 1 2 3 4; do echo x > written-$n; done\n` });
    expect(await typed(folder, '--cap-writes 4')).toContain('cycle 1 passed');
    for (const n of [1, 2, 3, 4]) rmSync(join(folder.path, `written-${n}`));
    const said = await typed(folder, '--cap-writes 3', 1);
    expect(said).toContain(
      'wrote 4 files of at most 3: written-1 added, written-2 added, written-3 added, written-4 added',
    );
  });

  test('for weeks: `--continuous --sleep 600 --max-failures 5 --max-backoff 3600 --stop-file …`', async () => {
    const folder = desk();
    const words =
      '--continuous --sleep 600 --max-failures 5 --max-backoff 3600 --stop-file state/run_cycle.stop'.split(
        ' ',
      );
    const end = await underWay(folder, words, false);
    const said = await typed(folder, 'status');
    for (const word of ['resting', '10m', 'failures-in-a-row >= 5']) expect(said).toContain(word);
    expect(await end()).toBe(6);
  });

  test('a mission and a goal: `--mode experimental --goal "…"`', async () => {
    const folder = desk();
    await typed(folder, '--mode experimental --goal "prune the list"');
    expect(await typed(folder, 'logs agent')).toContain('mode experimental, goal prune the list');
  });

  test('a line of crontab and units of systemd: `schedule --cron`, `schedule --systemd`', async () => {
    const folder = desk();
    const line = await typed(folder, 'schedule --cron "*/30 * * * *" --iterations 1 --sleep 0');
    expect(line).toContain('--locked-ok');
    expect(line).toMatch(/^\*\/30 \* \* \* \* /m);
    expect(await typed(folder, 'schedule --systemd --continuous')).toMatch(
      /RestartPreventExitStatus=.*\b2\b.*\b6\b/,
    );
  });

  test('some gates, or all, strict or soft: names, `--profile release`', async () => {
    const folder = desk();
    const both = await typed(folder, 'lint tests');
    for (const name of ['lint', 'tests']) expect(both).toMatch(new RegExp(`✓ ${name} `));
    expect(cycles(folder)).toBe(0);
    folder.write('loop.config.yaml', CONFIG.replace('lint: { run: "true" }', 'lint: { run: "false" }'));
    expect(await typed(folder, '')).toContain('soft-failed');
    await typed(folder, '--profile release', 1);
    expect(await typed(folder, 'must-exist must-not-exist')).toContain('must-not-exist');
  });

  test('commit when every gate passed: `--profile patch`', async () => {
    const folder = desk({ red: '' });
    await typed(folder, '--profile patch', 1);
    expect(folder.has('committed')).toBe(false);
    rmSync(join(folder.path, 'red'));
    await typed(folder, '--profile patch');
    expect(folder.has('committed')).toBe(true);
  });

  test('a sandbox is built when its file has changed, and left out: `--iterations 30`, `--profile bare`', async () => {
    const folder = desk();
    await typed(folder, '--iterations 2 --profile dev');
    await typed(folder, '--iterations 2 --profile dev');
    expect(folder.read('images')).toBe('built\n');
    folder.write('Dockerfile', 'FROM other\n');
    await typed(folder, '--profile bare --iterations 1');
    expect(folder.read('images')).toBe('built\n');
    await typed(folder, '--iterations 1');
    expect(folder.read('images')).toBe('built\nbuilt\n');
  });

  test('limits and models by variables: `MEMORY_LIMIT=12g …`, `CODEX_MODEL`, `TEMPLATE_MIN_EDGE`', async () => {
    const folder = desk();
    const env = { MEMORY_LIMIT: '12g', CODEX_MODEL: 'large', TEMPLATE_MIN_EDGE: '350.0' };
    expect((await gateRun(folder, ['--iterations', '1'], { env })).code).toBe(0);
    expect(await typed(folder, 'logs agent')).toContain('memory 12g, model large, template 350.0');
    await typed(folder, '');
    expect(await typed(folder, 'logs agent')).toContain('memory 8g, model small, template \n');
  });

  test('a few iterations, and until a target: `--max-iterations 3`, `--max-runtime 7200 … --target-edge 402`', async () => {
    const folder = desk();
    await typed(folder, '--max-iterations 3');
    expect(cycles(folder)).toBe(3);
    expect(await typed(folder, '--max-runtime 7200 --max-iterations 50 --target-edge 404')).toContain(
      'edge > 404',
    );
    expect(cycles(folder)).toBe(5);
  });

  test('in the background: `--continuous --detach`', async () => {
    const folder = desk();
    const said = await typed(folder, '--continuous --sleep 600 --detach');
    expect(said).toMatch(/run \d{8}-\d{6}-\w+/);
    expect(said).toMatch(/\b\d+\b/);
    const log = /(\S+\.log)/.exec(said)?.[1] ?? '';
    await until('it rests', () => folder.has(LATEST) && folder.read(LATEST).includes('"resting"'));
    expect(readFileSync(join(folder.path, log.replace(folder.path, '')), 'utf8')).toContain('cycle 1');
    await typed(folder, 'stop');
    await until('it has ended', () => folder.read(LATEST).includes('"ended"'));
  });

  test('begin anew, in the place of the run that is there: `--replace --clean-state --iterations 1`', async () => {
    const folder = desk();
    const end = await underWay(folder, ['--continuous', '--sleep', '600'], false);
    await typed(folder, '--replace --clean-state --iterations 1');
    expect(await end()).toBe(6);
    expect(cycles(folder)).toBe(1);
    expect(folder.list('state').some((name) => name.startsWith('aside-'))).toBe(true);
  });
});

describe('watch', () => {
  test('what is printed, and each cycle: `logs --follow`, `history --follow`', async () => {
    const folder = desk();
    const run = begin(folder, ['--iterations', '3', '--sleep', '300ms']);
    await until('it has begun', () => cycles(folder) > 0);
    const [logs, history] = await Promise.all([
      types(folder, 'logs --follow'),
      types(folder, 'history --follow'),
    ]);
    await run.ended;
    expect(logs.stdout).toContain('edge 403');
    expect(history.stdout).toMatch(/cycle 3 passed/);
  });

  test('the files that monitors read: `latest.json`, the history, `jq` on both', async () => {
    const folder = desk();
    await typed(folder, '--iterations 1');
    expect(JSON.parse(folder.read(LATEST))).toMatchObject({ state: 'ended', verdict: 'passed', cycle: 1 });
    for (const line of folder.read(HISTORY).trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    expect(await typed(folder, 'history')).toContain('cycle 1 passed');
  });

  test('cycle, best, budgets left, rate, marks: `status`', async () => {
    const folder = desk();
    await typed(folder, '--max-iterations 3 --max-runtime 7200');
    const said = await typed(folder, 'status');
    for (const word of [
      'score.edge 403',
      'cycles >= 3',
      'runtime >= 7200s',
      'an hour',
      'mvp (info) reached in cycle 2',
      'failing (warning)',
      'tasks-left 2',
      'tasks-done 1',
      'of state',
      'free',
    ])
      expect(said).toContain(word);
  });

  test('is it running: `status --running`; what is it doing: bytes, sign of life, memory of the running task', async () => {
    const folder = desk();
    await typed(folder, 'status --running', 1);
    const end = await underWay(folder);
    await typed(folder, 'status --running');
    const said = await typed(folder, 'status');
    expect(said).toMatch(/running +agent /);
    expect(said).toMatch(
      /of output, the last .+ ago; \d+ process(?:es)?, .+ of memory \(.+ at most\), .+ of CPU time/,
    );
    const { open } = JSON.parse((await types(folder, 'status --json')).stdout);
    expect(open.running[0]).toMatchObject({ id: 'agent', log: { bytes: expect.any(Number) } });
    expect(open.running[0].usage.memoryBytes).toBeGreaterThan(100_000);
    await end();
  });

  test('again and again: `status --watch 30`, until somebody ends it', async () => {
    const folder = desk();
    await typed(folder, '--iterations 1');
    const watching = begin(folder, ['status', '--watch', '1']);
    let said = '';
    watching.child.stdout?.on('data', (chunk: string) => (said += chunk));
    await until('it was shown twice', () => (said.match(/^state/gm) ?? []).length >= 2);
    watching.child.kill('SIGINT');
    await watching.ended;
  });

  test('a limit is waited for, and said: nothing to do', async () => {
    const folder = desk({ limited: '' });
    const run = begin(folder, ['--continuous', '--set', 'loop.backoff.from=600s']);
    await until('it waits', () => folder.has(LATEST) && folder.read(LATEST).includes('"waiting"'));
    expect(await typed(folder, 'status')).toContain('waiting');
    await typed(folder, 'stop');
    expect((await run.ended).code).toBe(6);
  });
});

describe('stop', () => {
  test('a file, a signal, a command: each ends the run with 6, after the running task', async () => {
    const ways = [
      (folder: Folder) => folder.write('state/run_cycle.stop', ''),
      (_: Folder, pid: number) => process.kill(pid, 'SIGTERM'),
      (folder: Folder) => void gateRun(folder, ['stop']),
    ];
    for (const way of ways) {
      const folder = desk({ hold: '' });
      const run = begin(folder, ['--continuous']);
      await until('the agent works', () => folder.has('state/cycles/000001/work.agent.1.log'));
      way(folder, run.child.pid ?? 0);
      await until('the stop is seen', () => folder.has(LATEST) && folder.read(LATEST).includes('"stopping"'));
      rmSync(join(folder.path, 'hold'));
      expect((await run.ended).code).toBe(6);
      expect(await typed(folder, 'logs agent')).toContain('edge 401');
    }
  });

  test('at once: `stop --now` ends this run’s own tasks', async () => {
    const folder = desk();
    const end = await underWay(folder);
    await typed(folder, 'stop --now');
    await until('it has ended', () => folder.read(LATEST).includes('"ended"'));
    expect(await end()).toBe(6);
  });

  test('go on: `--continuous` after a kill, `stop --undo`, `resume`; and look first: `verify`', async () => {
    const folder = desk({ hold: '' });
    const run = begin(folder, ['--continuous', '--sleep', '600']);
    await until('the agent works', () => folder.has('state/cycles/000001/work.agent.1.log'));
    run.child.kill('SIGKILL');
    await run.ended;
    rmSync(join(folder.path, 'hold'));
    expect(await typed(folder, 'status')).toContain('crash, kill or power');
    await typed(folder, 'verify');
    const end = await underWay(folder, ['--continuous', '--sleep', '600'], false);
    await typed(folder, 'stop');
    expect(await end()).toBe(6);
    await typed(folder, '--continuous', 6);
    await typed(folder, 'stop --undo');
    await typed(folder, 'stop');
    const resumed = begin(folder, ['resume']);
    await until('it rests again', () => folder.read(LATEST).includes('"resting"'));
    await typed(folder, 'stop');
    expect((await resumed.ended).code).toBe(6);
    expect(new Set(folder.read(HISTORY).match(/"run":"[^"]+"/g)).size).toBe(1);
  });

  test('keep and bring back: `backup`, `restore FILE`, snapshots, archives, `--clean-state`', async () => {
    const folder = desk();
    await typed(folder, '--iterations 2');
    expect(folder.list('state').join(' ')).toContain('snapshots');
    await typed(folder, 'backup kept.tar.gz');
    await typed(folder, '--clean-state --iterations 1');
    expect(cycles(folder)).toBe(1);
    await typed(folder, 'restore kept.tar.gz --force');
    expect(cycles(folder)).toBe(2);
  });
});

describe('tune and review', () => {
  test('more words: `--verbose`; one step by its name: `archive`', async () => {
    const folder = desk();
    expect(await typed(folder, '--verbose')).toContain('strategy s1');
    expect(folder.list('digests')).toEqual(['1.gz']);
    rmSync(join(folder.path, 'digests'), { recursive: true });
    await typed(folder, 'archive');
    expect(readdirSync(join(folder.path, 'digests'))).toHaveLength(1);
  });

  test('a few cycles, then read, then other limits on the old night: `… && report`, `replay --set`', async () => {
    const folder = desk();
    const { code, stdout } = await shell(folder, '"$GATE" --max-iterations 5; "$GATE" report');
    expect({ code }, stdout).toEqual({ code: 0 });
    expect(stdout).toContain('mvp');
    expect(await typed(folder, 'replay --set "exit.target.edge=> 402"')).toContain('402');
  });

  test('what went wrong: `history --verdict failed,broken`, `logs 2 agent --stderr`, `explain --cycle 2`', async () => {
    const folder = desk();
    await typed(folder, '--iterations 1');
    folder.write('broken', '');
    await typed(folder, '--iterations 1', 3);
    const history = await typed(folder, 'history --verdict failed,broken --last 5');
    expect(history.match(/cycle 2 is broken/g)).toHaveLength(1);
    expect(await typed(folder, 'logs 2 agent')).toContain('no tool');
    expect(await typed(folder, 'explain --cycle 2')).toMatch(
      /! agent[\s\S]*attempt 1 .*exit 3[\s\S]*said no tool/,
    );
    expect(await typed(folder, 'history --outcome oom')).toContain('no cycle oom');
    expect(await typed(folder, 'questions --open')).toContain('no tool');
  });

  test('the best by name and idea: `history --sort edge --show strategy,hypothesis`, `report --by hypothesis`', async () => {
    const folder = desk();
    await typed(folder, '--max-iterations 4');
    const best = await typed(folder, 'history --sort edge --last 2 --show strategy,hypothesis');
    expect(best).toMatch(
      /cycle 4 .*strategy s4 {2}hypothesis h0[\s\S]*cycle 3 .*strategy s3 {2}hypothesis h1/,
    );
    expect(await typed(folder, 'report --by hypothesis')).toMatch(/h0[\s\S]*h1|h1[\s\S]*h0/);
  });

  test('why did it end: the last line of the run, and `status`', async () => {
    const folder = desk();
    const said = await typed(folder, '--max-iterations 2');
    expect(said.trimEnd().split('\n').at(-1)).toContain('cycles >= 2');
    expect(await typed(folder, 'status')).toContain('cycles >= 2');
  });
});
