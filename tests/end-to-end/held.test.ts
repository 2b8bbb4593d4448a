// What holds the processes of tasks, from outside: nothing of a task outlives it, or gate-run, and every layer says the same of the same work.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/loop/run-end.ts';
import { descendants, survivors } from '../contract/descendants.ts';
import { linesOf } from './nights.ts';
import { asNobody, givenAway } from './nobody.ts';
import { copied } from './example-rig.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const HISTORY = '.gate-run/history.jsonl';
const DYING_MS = 250;

/** Asked by the test itself: gate-run that wrongly finds no layer is red. */
const canBwrap =
  spawnSync('bwrap', ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', 'true']).status === 0;
const nobody = canBwrap ? asNobody() : undefined;
if (!canBwrap) console.log('bwrap cannot run here: the layer `bwrap` was not tried');
else if (!nobody) console.log('a plain user cannot be played here: only one user was tried');

let count = 0;
const token = (): string => `grh-${process.pid}-${(count += 1)}`;

/** A gate that starts descendants of every kind. */
function gateOf(name: string, how: 'exit' | 'stay', more = ''): string {
  return `leaves: { run: ${JSON.stringify(descendants(name, how).argv)}, kill-after: 300ms${more} }`;
}

function layerIn(folder: Folder): unknown {
  const started = linesOf(folder, HISTORY).findLast(({ type }) => type === 'run.started');
  return started?.['containment'];
}

interface Who {
  readonly who: string;
  readonly within: readonly string[];
}

const isRoot = process.getuid?.() === 0;
const users: readonly Who[] = [
  { who: isRoot ? 'root' : 'a plain user', within: [] },
  ...(nobody ? [{ who: 'a plain user', within: nobody }] : []),
];

describe.runIf(canBwrap).each(users)('bwrap, for $who', ({ who, within }) => {
  const held = (gates: string, top = ''): Folder => {
    const folder = folderWith(loop(gates, `defaults: { isolation: bwrap }\n${top}`));
    return within.length > 0 ? givenAway(folder) : folder;
  };

  test('[A12] nothing is left behind a task, and it says how much it was', async () => {
    const name = token();
    const folder = held(gateOf(name, 'exit'));
    const { code, stdout, stderr } = await gateRun(folder, ['--json'], { within });
    expect(code, stdout + stderr).toBe(EXIT.passed);
    expect(await survivors(name)).toEqual([]);
    expect(JSON.stringify(linesOf(folder, '.gate-run/cycles/000001/events.jsonl'))).toMatch(
      // One that is never the same process for long is counted as often as it is seen.
      /"leftBehind":(?:[6-9]|[1-9]\d+)\b/,
    );
  });

  test('[A12] nothing is left behind a kill -9 of gate-run, before anybody starts it again', async () => {
    const name = token();
    const folder = held(gateOf(name, 'stay'));
    const { child, ended } = begin(folder, [], { within });
    await until('all kinds are there', () => existsSync(join(folder.path, `${name}-ready`)));
    if (within.length > 0) await killBelow(folder);
    else child.kill('SIGKILL');
    await ended;
    // The kernel ends a namespace from its first process down, and that takes a moment.
    await new Promise((resolve) => setTimeout(resolve, DYING_MS));
    expect(await survivors(name)).toEqual([]);
  });

  test('[G3] a stop asks the payload, which may still say something and choose its code', async () => {
    const script = `trap 'echo GOT-TERM; exit 7' TERM; : > ready; while :; do sleep 0.02; done`;
    const folder = held(`asked: { run: "${script}", kill-after: 20s }`);
    const { ended } = begin(folder, ['--iterations', '3'], { within });
    await until('it works', () => folder.has('ready'));
    await gateRun(folder, ['stop', '--now'], { within });
    const { code, stdout } = await ended;
    expect(code, stdout).toBe(EXIT.stopped);
    expect(folder.read('.gate-run/cycles/000001/check.asked.1.log')).toMatch(/^GOT-TERM$/m);
    const events = linesOf(folder, '.gate-run/cycles/000001/events.jsonl');
    expect(events.find(({ type }) => type === 'attempt.ended')).toMatchObject({ end: { code: 7 } });
  });

  test('without asking, a loop has the strongest layer and one cycle the fastest that lets nothing escape', async () => {
    const folder = folderWith(loop(`a: { run: 'true' }`));
    if (within.length > 0) givenAway(folder);
    await gateRun(folder, [], { within });
    const once = layerIn(folder);
    await gateRun(folder, ['--iterations', '1'], { within });
    const often = layerIn(folder);
    expect(often).toMatchObject({ layer: 'bwrap' });
    expect(once).toMatchObject({ layer: who === 'root' && 'unit' in Object(often) ? 'cgroup' : 'bwrap' });
    const status = await gateRun(folder, ['status'], { within });
    expect(status.stdout).toMatch(/^held by +bwrap$/m);
  });
});

/** gate-run is not the process that was started: something that it was started by is. */
async function killBelow(folder: Folder): Promise<void> {
  const owner: { pid: number } = JSON.parse(folder.read('.gate-run/owner.json'));
  process.kill(owner.pid, 'SIGKILL');
}

test('a layer that is asked for and cannot be had starts nothing, unless a weaker one may do', async () => {
  const folder = folderWith(loop(`a: { run: 'true', isolation: bwrap }`));
  const env = { PATH: '/nonexistent' };
  const { code, stderr } = await gateRun(folder, [], { env });
  expect(code).toBe(EXIT.broken);
  expect(stderr).toContain(
    'task `a` asks for isolation `bwrap`, which cannot be had here: there is no `bwrap` on PATH',
  );
  expect(folder.has('.gate-run')).toBe(false);
  const less = folderWith(loop(`a: { run: ['/bin/true'], isolation: { layer: bwrap, fallback: true } }`));
  expect((await gateRun(less, [], { env })).code).toBe(EXIT.passed);
});

test('[G18] without the layer that takes the network away nothing is started', async () => {
  const folder = folderWith(loop(`a: { run: 'true', network: none }`));
  const { code, stderr } = await gateRun(folder, [], { env: { PATH: '/nonexistent' } });
  expect(code).toBe(EXIT.broken);
  expect(stderr).toContain(
    'the `network` of task `a` takes the layer `bwrap`, which cannot be had here: there is no `bwrap`',
  );
  expect(stderr).toContain('`network: full`');
  expect(folder.has('.gate-run')).toBe(false);
});

/** Each with its ledger and its words. One is left out: `pre-push` looks for a minute. */
const EXAMPLES: readonly (readonly [name: string, history: string, words: string])[] = [
  ['package', HISTORY, ''],
  ['shell', HISTORY, ''],
  ['python-gates', HISTORY, ''],
  ['planner', 'state/run_cycle_history.jsonl', '--iterations 1 --sleep 0'],
  ['task-list', '.loop-logs/history.jsonl', '--profile bare --iterations 30 --set loop.backoff.from=10ms'],
  ['exploration', '.phase7/state/history.jsonl', '--max-iterations 1 --sleep 0'],
];

const LAYERS = ['group', ...(canBwrap ? ['bwrap'] : [])];

test.each(EXAMPLES)(
  'the example %s says the same by default and in every layer',
  { timeout: 120_000 },
  async (name, history, words) => {
    const said = async (layer: string | undefined): Promise<unknown> => {
      const folder = copied(name);
      const named = layer === undefined ? [] : ['--set', `defaults.isolation=${layer}`];
      const { code } = await gateRun(folder, [...words.split(' ').filter(Boolean), ...named]);
      const ends = linesOf(folder, history).filter(({ type }) => type === 'cycle.ended');
      const turns = ends.map(({ verdict, tasks }) => [
        verdict,
        tasks?.map((task) => [task.id, task.verdict, 'outcome' in task ? task.outcome : undefined]),
      ]);
      return { code, turns };
    };
    const expected = await said(undefined);
    expect(JSON.stringify(expected)).toContain('passed');
    for (const layer of LAYERS) expect(await said(layer), layer).toEqual(expected);
  },
);
