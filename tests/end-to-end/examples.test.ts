// The loops that people copy: each is without problems, rehearses, and lives through a few cycles with the commands that its page tells to type.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { linesOf, verdictsIn, type Line } from './nights.ts';
import { copied, EXAMPLES } from './example-rig.ts';
import { begin, gateRun, until, type Folder } from './rig.ts';

const LINES_OF_A_PAGE = 14;

function rests(lines: readonly Line[]): readonly (readonly [cause: unknown, forMs: unknown])[] {
  const started = lines.filter(({ type }) => type === 'rest.started');
  return started.map((line) => [line['cause'], line['forMs']]);
}

/** The rule that ended the last run. */
function rule(lines: readonly Line[]): unknown {
  return lines.findLast(({ type }) => type === 'run.ended')?.['rule'];
}

describe.each(readdirSync(EXAMPLES))('the example %s', (name) => {
  test('is without problems', async () => {
    const { code, stdout, stderr } = await gateRun(copied(name), ['check']);
    expect(code, stdout + stderr).toBe(EXIT.passed);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
  });

  test('rehearses: its nights end by a rule or last, and the same seed says the same', async () => {
    const folder = copied(name);
    const words = ['rehearse', '--nights', '5', '--seed', '7'];
    const { code, stdout, stderr } = await gateRun(folder, words);
    expect(code, stdout + stderr).toBe(EXIT.passed);
    expect(stdout.match(/^night \d/gm)).toHaveLength(5);
    expect((await gateRun(folder, words)).stdout).toBe(stdout);
    expect(folder.list()).toEqual(copied(name).list());
  });

  test('has a page of its own', () => {
    const page = copied(name).read('README.md').trimEnd().split('\n');
    expect(page[0]).toMatch(/^# /);
    expect(page.length).toBeLessThanOrEqual(LINES_OF_A_PAGE);
  });
});

test.each(['package', 'shell'])('the example %s passes twice', async (name) => {
  const folder = copied(name);
  for (const words of [[], ['-q']]) {
    const ended = await gateRun(folder, words);
    expect(ended.code, ended.stdout + ended.stderr).toBe(EXIT.passed);
    expect(ended.stderr).toBe('');
  }
});

describe('the planner', () => {
  const HISTORY = 'state/run_cycle_history.jsonl';
  const LATEST = 'logs/run_cycle/latest.json';
  const STOP = 'state/run_cycle.stop';
  const FOR_WEEKS = '--continuous --sleep 600 --max-failures 5 --max-backoff 3600 --stop-file'.split(' ');

  test('one cycle a start, as cron does it: its files stand where people tail them', async () => {
    const folder = copied('planner');
    for (const cycle of [1, 2]) {
      const ended = await gateRun(folder, '--iterations 1 --sleep 0 --timeout 300'.split(' '));
      expect(ended.code, ended.stdout + ended.stderr).toBe(EXIT.passed);
      expect(folder.read('state/planner_digests.jsonl').trim().split('\n')).toHaveLength(cycle);
      expect(folder.list('state/planner_digest_archives')).toHaveLength(cycle);
      expect(JSON.parse(folder.read(LATEST))).toMatchObject({ state: 'ended', cycle, verdict: 'passed' });
    }
    expect(verdictsIn(linesOf(folder, HISTORY))).toEqual(['passed', 'passed']);
    expect(folder.has('.gate-run')).toBe(false);
  });

  test('for weeks: it rests ten minutes, sees its stop file, and the next start carries the rest on', async () => {
    const folder = copied('planner');
    const { ended } = begin(folder, [...FOR_WEEKS, STOP]);
    const isResting = () => folder.has(LATEST) && folder.read(LATEST).includes('"resting"');
    await until('it rests', isResting);
    expect(rests(linesOf(folder, HISTORY))).toEqual([['sleep', 600_000]]);
    folder.write(STOP, '');
    const { code, stdout } = await ended;
    expect(code, stdout).toBe(EXIT.stopped);
    expect(stdout).toContain(join(folder.path, STOP));

    const refused = await gateRun(folder, [...FOR_WEEKS, STOP]);
    expect(refused.code).toBe(EXIT.stopped);
    expect(verdictsIn(linesOf(folder, HISTORY))).toEqual(['passed']);

    rmSync(join(folder.path, STOP));
    const again = begin(folder, [...FOR_WEEKS, STOP]);
    await until('it rests again', isResting);
    expect((await gateRun(folder, ['stop'])).code).toBe(EXIT.passed);
    expect((await again.ended).code).toBe(EXIT.stopped);
    const lines = linesOf(folder, HISTORY);
    expect(new Set(lines.map(({ run }) => run)).size).toBe(1);
    expect(verdictsIn(lines)).toEqual(['passed']);
    expect(lines.findLast(({ type }) => type === 'run.resumed')).toMatchObject({ goesOn: true });
  });

  test('a planner in trouble backs off, and five broken cycles in a row give up', async () => {
    const folder = copied('planner');
    folder.write('sandbox/trouble', 'rain\n');
    const words = '--continuous --max-failures 5 --set loop.backoff.from=40ms --max-backoff 1'.split(' ');
    const { code, stdout } = await gateRun(folder, words);
    expect(code, stdout).toBe(EXIT.gaveUp);
    expect(stdout).toContain('the planner found trouble: rain');
    const lines = linesOf(folder, HISTORY);
    expect(verdictsIn(lines)).toEqual(['broken', 'broken', 'broken', 'broken', 'broken']);
    expect(rests(lines)).toHaveLength(4);
    expect(rule(lines)).toBe('failures-in-a-row >= 5');
    expect(JSON.parse(folder.read(LATEST))).toMatchObject({ consecutiveFailures: 5, exit: EXIT.gaveUp });
  });

  test('[A16] a planner that writes where it may not is put back, and the cycle has failed', async () => {
    const folder = copied('planner');
    folder.write(
      'tools/run_cycle.sh',
      `${folder.read('tools/run_cycle.sh')}\nrm README.md; echo oops > oops\n`,
    );
    const { code, stdout } = await gateRun(folder, ['--iterations', '1', '--sleep', '0']);
    expect(code, stdout).toBe(EXIT.failed);
    expect(stdout).toContain('wrote outside of sandbox/**, state/**: README.md removed, oops added');
    expect([folder.has('README.md'), folder.has('oops'), folder.has('sandbox/acted.txt')]).toEqual([
      true,
      false,
      false,
    ]);
    // The digest lies in the state directory, and what is there is gate-run's.
    expect(folder.has('state/planner_digests.jsonl')).toBe(true);
    const capped = await gateRun(folder, ['plan', '--cap-writes', '2']);
    expect(capped.stdout).toContain(
      'writes: at most 2 files, only sandbox/**, state/**, else put back; it runs alone (flag)',
    );
  });

  test('the careful mission acts on one finding a cycle, for the goal it is given', async () => {
    const folder = copied('planner');
    const words = ['--iterations', '1', '--sleep', '0', '--mode', 'careful', '--goal', 'Tidy "up"'];
    expect((await gateRun(folder, words)).code).toBe(EXIT.passed);
    expect(folder.read('sandbox/acted.txt').trim().split('\n')).toHaveLength(1);
    expect((await gateRun(folder, ['logs', 'cycle'])).stdout).toContain('mode careful, goal: Tidy "up"');
  });
});

describe('the task list', () => {
  test('[A6] ends when every box is ticked, the agent says so, and every gate is green', async () => {
    const folder = copied('task-list');
    const { code, stdout, stderr } = await gateRun(folder, ['--profile', 'bare', '--iterations', '30']);
    expect(code, stdout + stderr).toBe(EXIT.passed);
    const lines = linesOf(folder, '.loop-logs/history.jsonl');
    // The third one that counts ticks the last boxes and says /done over a red test: it is not believed.
    expect(verdictsIn(lines)).toEqual(['passed', 'limited', 'passed', 'failed', 'passed']);
    expect(rests(lines).map(([cause]) => cause)).toEqual(['limit', 'backoff']);
    expect(rule(lines)).toBe('done >= 1 and tasks-left == 0');
    expect(folder.read('workplace/IMPLEMENTATION_PLAN.md')).not.toContain('[ ]');
    expect(folder.read('IMPLEMENTATION_PLAN.md')).not.toContain('[x]');
    const status = await gateRun(folder, ['status']);
    expect(status.stdout).toContain('tasks-left == 0: now 0');
    // The limit used up no cycle.
    expect(status.stdout).toContain('cycles >= 30: now 4');
  });

  test('is picked up by the next start where a number of cycles was too few', async () => {
    const folder = copied('task-list');
    const few = await gateRun(folder, ['--profile', 'bare', '--iterations', '1']);
    expect(few.code, few.stdout).toBe(EXIT.budget);
    const rest = await gateRun(folder, [
      '--profile',
      'bare',
      '--iterations',
      '30',
      '--set',
      'loop.backoff.from=10ms',
    ]);
    expect(rest.code, rest.stdout).toBe(EXIT.passed);
    expect(new Set(linesOf(folder, '.loop-logs/history.jsonl').map(({ run }) => run)).size).toBe(2);
  });
});

describe('the exploration', () => {
  const HISTORY = '.phase7/state/history.jsonl';
  const AT_ONCE = ['--sleep', '0', '--set', 'loop.rest.failed=0s'];
  /** The rung of 100 ends as soon as it knows, and what its workers had begun by then counts too. */
  const REUSED: unknown = expect.toSatisfy((reused: number) => reused >= 50 && reused <= 100);

  test('the first candidate is crowned, better ones take its place seed by seed, and an edge above 527 ends the search', async () => {
    const folder = copied('exploration');
    const { code, stdout } = await gateRun(folder, ['--continuous', ...AT_ONCE]);
    expect(code, stdout).toBe(EXIT.passed);
    const lines = linesOf(folder, HISTORY);
    // Rejected twice, too weak to climb in cycle 2, no better than the champion in cycle 5: none of it backs off or gives up.
    expect(verdictsIn(lines).join(' ')).toBe('passed passed failed failed passed passed passed');
    expect(rests(lines)).toEqual([]);
    expect(JSON.stringify(lines)).toContain('"prunedAt":100');
    expect(stdout).toContain('99 % sure that it is no better than the champion');
    expect(rule(lines)).toBe('edge > 527');
    const crowned = lines.filter(({ type }) => type === 'champion.chosen');
    expect(crowned.map(({ cycle }) => cycle)).toEqual([1, 6, 7]);
    const edges = crowned.map(({ value }) => Number(value));
    expect(edges).toEqual(edges.toSorted((one, other) => one - other));
    for (const { sims } of crowned.slice(1))
      expect(sims).toMatchObject({ done: 1000, reused: REUSED, paired: { n: 1000, wins: true } });
    expect(lines.filter(({ type }) => type === 'mark.reached').map((line) => line['mark'])).toEqual([
      'stretch',
    ]);
  });

  test('[A9] an ageing champion is measured again on fresh seeds while the search goes on', async () => {
    const folder = copied('exploration');
    const asked = ['--max-iterations', '4', '--set', 'champion.confirm.every=2', ...AT_ONCE];
    const { code, stdout } = await gateRun(folder, asked);
    expect(code, stdout).toBe(EXIT.budget);
    const lines = linesOf(folder, HISTORY);
    const confirmed = lines.filter(({ type }) => type === 'champion.confirmed');
    expect(confirmed).toMatchObject([{ cycle: 1, ran: 3, base: 1000, count: 1000, verdict: 'held' }]);
  });

  test('[A10] a short test of three candidates has three, each two seconds after the last', async () => {
    const folder = copied('exploration');
    const { code, stdout } = await gateRun(folder, ['--max-iterations', '3']);
    expect(code, stdout).toBe(EXIT.budget);
    const lines = linesOf(folder, HISTORY);
    expect(verdictsIn(lines)).toEqual(['passed', 'passed', 'failed']);
    expect(rests(lines)).toEqual([
      ['sleep', 2000],
      ['sleep', 2000],
    ]);
    expect(rule(lines)).toBe('cycles >= 3');
  });

  test('a target on the command line keeps the comparison of the file', async () => {
    const folder = copied('exploration');
    const tuned = '--max-runtime 7200 --max-iterations 50 --target-edge 450'.split(' ');
    const { code, stdout } = await gateRun(folder, [...tuned, ...AT_ONCE]);
    expect(code, stdout).toBe(EXIT.passed);
    expect(stdout).toMatch(/target +edge > 450/);
    const budget = stdout.split('\n').find((line) => /^ *budget /.test(line));
    for (const limit of ['runtime >= 7200s', 'cycles >= 50']) expect(budget).toContain(limit);
    expect(rule(linesOf(folder, HISTORY))).toBe('edge > 450');
  });

  test('a search that was stopped is carried on by the same command, as the same run', async () => {
    const folder = copied('exploration');
    const { child, ended } = begin(folder, ['--continuous', ...AT_ONCE]);
    await until('two candidates are judged', () => verdictsIn(linesOf(folder, HISTORY)).length >= 2);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(EXIT.stopped);
    const { code, stdout } = await gateRun(folder, ['--continuous', ...AT_ONCE]);
    expect(code, stdout).toBe(EXIT.passed);
    const lines = linesOf(folder, HISTORY);
    expect(new Set(lines.map(({ run }) => run)).size).toBe(1);
    expect(lines.filter(({ type, turn }) => type === 'cycle.started' && turn === 'start')).toHaveLength(1);
  });
});

describe('the gates of a Python repository', () => {
  const ASKED = 'docs/reference/codex_questions.md';
  const python = pythonWithTests();
  const ruff = spawnSync('ruff', ['--version']).status === 0;
  if (!ruff) console.warn('ruff is not on PATH: a stand-in that only compiles took its place');

  /** A repository of its own, with one commit. */
  function repository(): { readonly folder: Folder; readonly env: Readonly<Record<string, string>> } {
    const folder = copied('python-gates');
    const tools = join(folder.home, 'bin');
    mkdirSync(tools);
    if (python === undefined) writeFileSync(join(tools, 'python3'), NO_PYTHON, { mode: 0o755 });
    else symlinkSync(python, join(tools, 'python3'));
    if (!ruff) {
      const standIn = `#!/bin/sh\n[ "$1" = format ] && exit 0\nfind src tests -name '*.py' -exec python3 -m py_compile {} + || exit 1\n`;
      writeFileSync(join(tools, 'ruff'), standIn, { mode: 0o755 });
    }
    const env = {
      PATH: `${tools}:${process.env['PATH'] ?? ''}`,
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    };
    for (const words of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-qm', 'begin'],
    ])
      expect(spawnSync('git', words, { cwd: folder.path, env }).status, words.join(' ')).toBe(0);
    return { folder, env };
  }

  const commits = (folder: Folder): number =>
    Number(spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: folder.path, encoding: 'utf8' }).stdout);

  test('soft at the desk, strict for a release; a failure opens one question and one ticket', async () => {
    const { folder, env } = repository();
    const green = await gateRun(folder, [], { env });
    expect(green.code, green.stdout + green.stderr).toBe(EXIT.passed);
    expect(green.stdout).toMatch(/coverage .*lines 100 >= 80/);
    const source = folder.read('src/prices.py');
    folder.write('src/prices.py', source.replace('100 - percent', '100 + percent'));
    for (let time = 1; time <= 2; time += 1) {
      const soft = await gateRun(folder, [], { env });
      expect(soft.code, soft.stdout).toBe(EXIT.passed);
      expect(soft.stdout).toContain('1 soft failure: tests');
    }
    expect((await gateRun(folder, ['--profile', 'release'], { env })).code).toBe(EXIT.failed);
    expect(folder.read(ASKED).match(/^While performing \[3\.2:tests\]/gm)).toHaveLength(1);
    expect(folder.read('out/tickets.txt').trim().split('\n')).toHaveLength(1);
    expect(folder.read('out/gates.junit.xml')).toContain('name="tests"');
  });

  test('commits a patch when every gate passed, and none else', async () => {
    const { folder, env } = repository();
    folder.write('src/prices.py', `${folder.read('src/prices.py')}\n\nFREE = 0\n`);
    folder.write('notes.bak', '');
    expect((await gateRun(folder, ['--profile', 'patch'], { env })).code).toBe(EXIT.failed);
    expect(commits(folder)).toBe(1);
    rmSync(join(folder.path, 'notes.bak'));
    const { code, stdout, stderr } = await gateRun(folder, ['--profile', 'patch'], { env });
    expect(code, stdout + stderr).toBe(EXIT.passed);
    expect(commits(folder)).toBe(2);
  });
});

/** Says and writes what the real one would; the config around it is tried all the same. */
const NO_PYTHON = `#!/bin/sh
case "$*" in *pytest*) ;; *) exit 0 ;; esac
if grep -q '100 + percent' src/prices.py; then echo 'FAILED tests/test_prices.py::test_a_discount_is_taken_off'; exit 1; fi
mkdir -p out
echo '<coverage lines-valid="4" lines-covered="4" line-rate="1"></coverage>' > out/coverage.xml
echo '2 passed in 0.01s'
`;

/** A Python that has pytest and pytest-cov; Debian's own has them where its packages are installed. */
function pythonWithTests(): string | undefined {
  const has = (python: string): boolean =>
    spawnSync(python, ['-c', 'import pytest, pytest_cov']).status === 0;
  const found = ['/usr/bin/python3', '/usr/local/bin/python3'].find(has);
  if (found === undefined)
    console.warn(
      'no Python with pytest and pytest-cov is here: a stand-in took its place in the Python example',
    );
  return found;
}
