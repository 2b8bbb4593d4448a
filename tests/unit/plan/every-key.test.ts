import { describe, expect, test } from 'vitest';
import type { GateFile } from '../../../src/core/config/config.ts';
import { configFile } from '../../../src/core/config/loop-schema.ts';
import type { Path } from '../../../src/core/config/problem.ts';
import { keysAt } from '../../../src/core/config/schema-keys.ts';
import type { Flags } from '../../../src/core/plan/flags.ts';
import { VARIABLES } from '../../../src/core/plan/overrides.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { configOf, planOf, type Circumstances } from './planning.ts';

/** A config in which every key of the language can stand; each row below is laid over it. */
const BASE = `
profile: p
profiles: { p: { }, q: { } }
vars: { v: { env: VARIABLE, default: x } }
objective: { metric: y }
phases:
  before: { steps: { early: { run: "true" } }, gates: { seen: { run: "true", metrics: { o: { count: a, better: lower } } }, sought: { run: [a, '{{seed}}'], per: seed, metrics: { y: { better: higher } }, stages: [{ count: 2 }] } } }
  check:
    steps: { s: { run: "true" } }
    gates:
      g: { run: "a | b", mode: soft, labels: { l: { json: f, at: /l } }, metrics: { m: { regex: "(?<value>1)", better: higher } }, thresholds: { m: ">= 1" }, stages: [{ count: 1 }, { count: 9 }] }
      u: { uses: used, with: { p: a } }
      c: { run: a, inputs: [a], cache: true }
      w: { run: [a, '{{seed}}', '{{count}}'], per: batch, metrics: { x: { better: higher } }, stages: [{ count: 1 }] }
`;

const used: GateFile = {
  about: 'a gate',
  tool: 'https://example.com',
  parameters: { p: { about: 'a word', type: 'text' } },
  run: ['tool', '{{with.p}}'],
  samples: [],
};
const other: GateFile = { ...used, run: ['other', '{{with.p}}'] };
const gates: Circumstances['gates'] = new Map([
  ['used', { file: 'gates/used.yaml', gate: used, from: 'loop' }],
  ['other', { file: 'gates/other.yaml', gate: other, from: 'loop' }],
]);
const env = { VARIABLE: 'from outside', FULL: '1' };

const G: Path = ['phases', 'check', 'gates', 'g'];
const W: Path = ['phases', 'check', 'gates', 'w'];
const C: Path = ['phases', 'check', 'gates', 'c'];
const METRIC = { regex: '(?<value>2)', better: 'higher' };
const LABEL: Path = [...G, 'labels', 'l'];

function confirmed(confirm: object): object {
  return { keep: ['{{cycle.dir}}/a'], confirm };
}

/** By place: what is written there, once in this way and once in that; undefined takes the key away. */
const BOX = { layer: 'container', image: 'box' };

const TASK: readonly (readonly [key: readonly (string | number)[], one: unknown, two: unknown])[] = [
  [['run'], ['a'], ['b']],
  [['shell'], 'sh', 'bash'],
  [['needs'], [], ['seen']],
  [['mode'], 'strict', 'soft'],
  [['on-broken'], undefined, 'soft'],
  [['fail-on'], undefined, 'new'],
  [['soft-until'], '2026-12-31', '2027-01-01'],
  [['quarantine-until'], '2026-12-31', '2027-01-01'],
  [['when', 'changed'], ['a'], ['b']],
  [['when', 'exists'], 'a', ['b']],
  [['when', 'command'], 'a', 'b'],
  [['when', 'env'], 'FULL', 'EMPTY'],
  [['when', 'every'], 2, 3],
  [['when', 'profile'], 'p', 'q'],
  [['when', 'passed'], ['seen'], ['*']],
  [['when', 'failed'], ['seen'], ['early']],
  [['timeout'], '1m', 'never'],
  [['stall'], '1m', '2m'],
  [['stall', 'warn'], '1m', '2m'],
  [['stall', 'kill'], '6m', '7m'],
  [['kill-after'], '1s', '0s'],
  [['retry', 'limit'], 1, 2],
  [['retry'], { limit: 1, when: ['oom'] }, { limit: 1, when: ['exit.7'] }],
  [['retry'], { limit: 1, delay: '1s' }, { limit: 1 }],
  [['retry'], { limit: 1, factor: 2 }, { limit: 1 }],
  [['exits'], { broken: 2 }, { broken: [2, 3] }],
  [['stages'], [{ count: 1 }], [{ count: 2 }]],
  [['stages', 0, 'timeout'], '1s', undefined],
  [['stages', 0, 'thresholds'], { m: '> 1' }, { m: '> 2' }],
  [['stages', 0, 'promote'], { m: '> 1' }, undefined],
  [['thresholds', 'm'], '>= 1', '> 1'],
  [['thresholds', 'm'], { require: '>= 1' }, { want: '>= 1' }],
  [['thresholds', 'm'], { 'at-least': 1 }, { 'at-least': 2 }],
  [['thresholds', 'm'], { 'at-most': 1 }, { 'at-most': 2 }],
  [['thresholds', 'm'], { require: '>= best', 'on-missing': 'fail' }, { require: '>= best' }],
  [['metrics', 'm'], METRIC, { ...METRIC, regex: '(?<value>3)' }],
  [['metrics', 'm'], METRIC, { ...METRIC, better: 'lower' }],
  [['metrics', 'm'], { ...METRIC, bounds: [0, 1] }, METRIC],
  [['metrics', 'm'], { ...METRIC, unit: '%' }, METRIC],
  [['metrics', 'm'], { ...METRIC, in: 'stderr' }, METRIC],
  [['metrics', 'm'], { count: 'a' }, { count: 'b' }],
  [['metrics', 'm'], { json: 'f', at: '/a' }, { json: 'f', at: '/b' }],
  [['metrics', 'm'], { json: 'f', at: '/a' }, { json: 'g', at: '/a' }],
  [['metrics', 'm'], { junit: 'f', field: 'tests' }, { junit: 'f', field: 'errors' }],
  [['metrics', 'm'], { junit: 'f', field: 'tests' }, { junit: 'g', field: 'tests' }],
  [['metrics', 'm'], { istanbul: 'f', folder: 'src' }, { istanbul: 'f' }],
  [['metrics', 'm'], { lcov: 'f' }, { cobertura: 'f' }],
  [['metrics', 'm'], { sarif: 'f', field: 'errors' }, { sarif: 'f', field: 'results' }],
  [['labels', 'l'], { regex: '(?<value>a)' }, { regex: '(?<value>b)' }],
  [['env', 'pass'], ['A'], undefined],
  [['env', 'set'], { A: '1' }, { A: '2' }],
  [['isolation'], 'group', undefined],
  [['isolation'], { layer: 'bwrap', root: 'read-only' }, { layer: 'bwrap', tmp: 'private' }],
  [
    ['isolation'],
    { layer: 'bwrap', root: 'read-only' },
    { layer: 'bwrap', root: 'read-only', writable: ['a'] },
  ],
  [['isolation'], 'group', 'cgroup'],
  [['isolation'], { layer: 'cgroup', fallback: true }, 'cgroup'],
  [['isolation'], BOX, { ...BOX, engine: 'podman' }],
  [['isolation'], BOX, { ...BOX, image: 'other' }],
  [['isolation'], BOX, { ...BOX, mounts: ['.:/repo'] }],
  [['isolation'], BOX, { ...BOX, user: 'host' }],
  [['network'], 'full', undefined],
  [['network'], { allow: ['a:1'] }, { allow: ['a:2'] }],
  [['log-limit'], '1m', '2m'],
  [['cwd'], 'a', undefined],
  [['stdin'], 'a', undefined],
  [['resources', 'memory'], '1g', 'never'],
  [['resources', 'cpus'], 2, '0.5'],
  [['resources', 'pids'], 8, '9'],
  [['resources', 'open-files'], 64, 65],
  [['resources', 'file-size'], '1m', '2m'],
  [['resources', 'cpu-time'], '1m', 'never'],
  [['resources', 'lock'], 'a', ['a', 'b']],
  [['resources', 'weight'], 1, 2],
  [['writes'], { files: 1 }, { files: 2 }],
  [['writes'], { lines: 1 }, { lines: 2 }],
  [['writes'], { only: ['a'] }, { only: ['b'] }],
  [['writes'], { files: 1, 'on-violation': 'restore' }, { files: 1 }],
  [['prove'], { write: { a: 'b' } }, { write: { a: 'c' } }],
  [['prove'], { append: { a: 'b' } }, { write: { a: 'b' } }],
  [['prove'], { remove: ['a'] }, undefined],
];

const REST_KEYS = [
  'passed',
  'failed',
  'broken',
  'limited',
  'exited',
  'timed-out',
  'stalled',
  'killed',
  'oom',
  'heap-limit',
  'cpu-limit',
  'file-limit',
  'not-started',
];

const ROWS: readonly (readonly [path: Path, one: unknown, two: unknown])[] = [
  [['name'], 'a', 'b'],
  [['goal'], 'a', 'b'],
  [['profile'], 'p', 'q'],
  [['profiles', 'p', 'goal'], 'a', undefined],
  [['profiles', 'p', 'vars'], { v: 'a' }, undefined],
  [['profiles', 'p', 'jobs'], 1, 2],
  [['profiles', 'p', 'loop'], { timeout: '1m' }, undefined],
  [['profiles', 'p', 'exit'], { budget: { cycles: 2 } }, undefined],
  [['profiles', 'p', 'marks'], { a: { all: { cycles: 2 } } }, undefined],
  [['profiles', 'p', 'defaults'], { timeout: '1m' }, undefined],
  [['profiles', 'p', 'questions'], { ask: 'a' }, undefined],
  [['profiles', 'p', 'redact'], ['A'], undefined],
  [['profiles', 'p', 'reporters'], ['plain'], undefined],
  [['profiles', 'p', 'state'], { dir: 'a' }, undefined],
  [['profiles', 'p', 'skip'], ['s'], undefined],
  [['profiles', 'p', 'only'], ['s'], undefined],
  [['profiles', 'p', 'steps'], { s: { timeout: '1s' } }, undefined],
  [['profiles', 'p', 'gates'], { '*': { timeout: '1s' } }, undefined],
  [['vars', 'v'], 'a', 'b'],
  [['vars', 'v'], { env: 'VARIABLE' }, { env: 'FULL' }],
  [['vars', 'v'], { env: 'EMPTY', default: 1 }, { env: 'EMPTY', default: 2 }],
  [['jobs'], 1, 2],
  [['loop', 'sleep'], '1m', '0s'],
  [['loop', 'cron'], '* * * * *', '0 * * * *'],
  [['loop'], { cron: '* * * * *', timezone: 'UTC' }, { cron: '* * * * *', timezone: 'Asia/Tokyo' }],
  ...REST_KEYS.map((key) => [['loop', 'rest', key], '7s', 'sleep'] as const),
  [['loop', 'rest', 'passed'], 'backoff', 'reset'],
  [['loop', 'backoff', 'from'], '1s', '0s'],
  [['loop', 'backoff', 'factor'], 1, '2.5'],
  [['loop', 'backoff', 'max'], '1m', '2m'],
  [['loop', 'backoff', 'jitter'], true, false],
  [['loop', 'stop-file'], 'a', 'b'],
  [['loop', 'overlap'], 'skip', 'queue'],
  [['loop', 'overlap'], 'queue', 'replace'],
  [['exit', 'target'], { m: '> 1' }, { m: '>= 1' }],
  [['exit', 'target'], { 'g.1.m': 1 }, { 'g.9.m': 1 }],
  [['exit', 'target'], { 'm.best': 1 }, { 'm.mean': 1 }],
  [['exit', 'target'], { m: 1 }, { m: 'never' }],
  [['exit', 'budget'], { cycles: 1 }, { cycles: 2 }],
  [['exit', 'budget'], { runtime: '1m' }, { runtime: '2m' }],
  [['exit', 'budget'], { tokens: '2k' }, { tokens: '2M' }],
  [['exit', 'budget'], { cost: '1usd' }, { cost: '1.50usd' }],
  [['exit', 'give-up'], { 'failures-in-a-row': 2 }, { 'failures-in-a-row': 'never' }],
  [['exit', 'give-up'], { 'broken-in-a-row': 2 }, { 'oom-in-a-row': 2 }],
  [['exit', 'give-up'], { 'same-error': 2 }, undefined],
  [['exit', 'give-up'], { 'failure-rate': '> 30%' }, { 'failure-rate': '> 30% over 2' }],
  [['exit', 'give-up', 'half-open'], { after: '1m' }, { after: '2m' }],
  [['exit', 'give-up', 'half-open'], { times: 1 }, { times: 2 }],
  [['exit', 'give-up', 'half-open'], {}, 'never'],
  [['exit', 'when'], 'cycles > 2', 'cycles > 3'],
  [['objective'], { metric: 'o' }, { metric: 'm' }],
  [['objective'], { metric: 'o' }, { metric: 'o', 'min-delta': 1 }],
  [['champion', 'keep'], ['a'], ['b']],
  [['champion'], confirmed({ every: 2 }), confirmed({ every: 3 })],
  [['champion'], confirmed({ every: 2, seeds: 5 }), confirmed({ every: 2, seeds: 6 })],
  [['champion', 'robustness'], { batches: 2 }, { batches: 3 }],
  [['champion', 'robustness'], { bands: { a: 1 } }, { bands: { a: 2 } }],
  [['profiles', 'p', 'objective'], { metric: 'm' }, undefined],
  [['profiles', 'p', 'champion'], { keep: ['a'] }, undefined],
  [['marks', 'a'], { all: { cycles: 2 } }, { any: { cycles: 2 } }],
  [['marks', 'a'], { level: 'info', all: { cycles: 2 } }, { level: 'critical', all: { cycles: 2 } }],
  [['marks', 'a'], { all: { 'cycles-per-hour': '< 2' } }, { all: { 'cycles-per-hour': '< 2 over 3' } }],
  [['marks', 'a'], { all: { 'l.distinct': 2 } }, { all: { 'l.distinct': 3 } }],
  [['loop', 'timeout'], '1m', 'never'],
  [['loop', 'stop-within'], '1m', '0s'],
  [['questions', 'file'], 'a', 'b'],
  [['questions', 'ask'], 'a', 'b'],
  [['hooks', 'before-cycle'], ['a'], ['b']],
  [['hooks', 'after-cycle'], ['a'], { run: 'a | b', shell: 'bash' }],
  [['hooks', 'on-failure'], 'a | b', { run: 'a | b', shell: 'bash' }],
  [['hooks', 'on-question'], ['a'], { run: ['a'], timeout: '2m' }],
  [['hooks', 'on-champion'], ['a'], ['b']],
  [['hooks', 'on-exit'], { run: ['a'] }, { run: ['a'], env: { pass: ['A'] } }],
  [['notify'], [{ webhook: 'https://a' }], [{ webhook: 'https://b' }]],
  [['notify'], [{ webhook: 'https://a' }], [{ webhook: 'https://a', for: ['info'] }]],
  [['notify'], [{ webhook: 'https://a' }], [{ webhook: 'https://a', secret: { env: 'A' } }]],
  [['notify'], [{ webhook: 'https://a' }], [{ webhook: 'https://a', timeout: '1s' }]],
  [['notify'], [{ heartbeat: 'f' }], [{ heartbeat: 'f', every: '2m' }]],
  [['notify'], [{ heartbeat: 'f' }], [{ heartbeat: 'https://a' }]],
  [['profiles', 'p', 'hooks'], { 'on-exit': 'a' }, undefined],
  [['profiles', 'p', 'notify'], [{ heartbeat: 'f' }], undefined],
  [['protect'], ['a'], ['b']],
  [['protect'], ['a'], [{ 'append-only': 'a' }]],
  [['profiles', 'p', 'protect'], ['a'], undefined],
  [['redact'], ['A'], ['B']],
  [['reporters'], ['plain'], [{ junit: 'a' }]],
  [['reporters'], [{ report: 'a.md' }], [{ report: { file: 'b.md' } }]],
  [['reporters'], [{ report: { top: 1 } }], [{ report: { top: 2 } }]],
  [['reporters'], [{ report: { by: ['l'] } }], [{ report: { by: ['m'] } }]],
  [['state', 'dir'], 'a', 'b'],
  [['state', 'history'], 'a', 'b'],
  [['state', 'latest'], 'a', 'b'],
  [['state', 'logs'], 'a', 'b'],
  [['state', 'keep', 'cycles'], 1, 'never'],
  [['state', 'keep', 'age'], '1d', 'never'],
  [['state', 'keep', 'size'], '1g', 'never'],
  [['state', 'archive', 'after'], '1d', 'never'],
  [['state', 'archive', 'to'], 'a', 'b'],
  [['state', 'snapshots'], { every: 1 }, { every: 2 }],
  [['state', 'snapshots', 'every'], 1, 2],
  [['state', 'snapshots'], { every: 1, keep: 1 }, { every: 1, keep: 2 }],
  [['phases', 'check', 'title'], 'a', 'b'],
  [['phases', 'check', 'when'], { exists: 'a' }, undefined],
  [['phases', 'check', 'jobs'], 1, 2],
  [['phases', 'check', 'timeout'], '1m', undefined],
  [['phases', 'check', 'at'], 'end', 'cycle'],
  [['phases', 'check', 'always'], true, false],
  [['phases', 'check', 'policy'], 'kill', 'keep-going'],
  [['phases', 'check', 'steps', 't'], { run: 'a' }, undefined],
  [['phases', 'check', 'gates', 't'], { run: 'a' }, undefined],
  [['phases', 'check', 'gates', 'j'], { judges: 's' }, { judges: 'seen' }],
  [[...C, 'inputs'], ['a'], ['a', 'b']],
  [
    [...C, 'inputs'],
    ['a', 'env:A'],
    ['a', 'env:B'],
  ],
  [[...C, 'outputs'], ['out/**'], ['out/a']],
  [[...C, 'cache'], true, false],
  [[...C, 'cache'], { failed: true }, true],
  [[...C, 'versions'], ['a --version'], ['b --version']],
  [['state', 'cache'], { dir: 'a' }, { dir: 'b' }],
  [['state', 'cache'], { size: '1m' }, { size: '2m' }],
  [[...W, 'per'], 'seed', 'batch'],
  [[...W, 'seeds', 'base'], 1, '2'],
  [[...W, 'seeds', 'batch'], 2, undefined],
  [[...W, 'seeds', 'timeout'], '1s', 'never'],
  [[...W, 'max-failed'], '1%', 1],
  [[...W, 'stop-early'], { confidence: 0.99 }, undefined],
  [[...W, 'stop-early', 'confidence'], 0.99, 0.95],
  [['phases', 'check', 'gates', 'u', 'uses'], 'used', 'other'],
  [['phases', 'check', 'gates', 'u', 'with'], { p: 'a' }, { p: 'b' }],
  [['defaults'], { timeout: '1m' }, undefined],
  [LABEL, { json: 'f', at: '/a' }, undefined],
  ...TASK.map(([key, one, two]) => [[...G, ...key], one, two] as const),
];

/** They change what people see, what is kept and what a start does beside a run, and not what the run itself does. */
const BESIDE_THE_RUN: readonly Path[] = [
  ['loop', 'overlap'],
  ['hooks'],
  ['marks'],
  ['notify'],
  ['phases', 'check', 'title'],
  [...G, 'prove'],
  ['questions', 'ask'],
  ['reporters'],
  ['state', 'keep'],
  ['state', 'archive'],
  ['state', 'snapshots'],
  ['state', 'latest'],
  ['state', 'cache'],
];

function isBesideTheRun(path: Path, value?: unknown): boolean {
  const [first, , ...inProfile] = path;
  const own = first === 'profiles' ? inProfile : path;
  return BESIDE_THE_RUN.some(
    (beside) =>
      beside.every((part, at) => own[at] === part) ||
      (own.every((part, at) => beside[at] === part) && mentions(value, beside.slice(own.length))),
  );
}

function laidOver(path: Path, value: unknown): ReturnType<typeof configOf> {
  const config: unknown = structuredClone(configOf(BASE));
  let here = config;
  path.forEach((part, at) => {
    if (typeof here !== 'object' || here === null) throw new Error(`nothing at ${path.join('.')}`);
    const isLast = at === path.length - 1;
    if (isLast && value === undefined) Reflect.deleteProperty(here, part);
    else if (isLast) Reflect.set(here, part, value);
    else if (typeof Reflect.get(here, part) !== 'object') Reflect.set(here, part, {});
    here = Reflect.get(here, part);
  });
  return configFile.parse(config);
}

describe('[A11] two configs that differ in one key alone give different plans', () => {
  test.each(ROWS.map(([path, one, two]) => ({ path, one, two, name: path.join('.') })))(
    '$name: $one or $two',
    ({ path, one, two }) => {
      const [first, second] = [one, two].map((value) => planOf(laidOver(path, value), { gates, env }));
      expect(contentOf(first)).not.toBe(contentOf(second));
      // A run may be carried on by the second plan exactly where the key decides nothing of it.
      expect(first?.id === second?.id).toBe(isBesideTheRun(path, one));
      expect(planOf(laidOver(path, one), { gates, env }).id).toBe(first?.id);
    },
  );

  test('no key of the schema is without a row', () => {
    const missing: string[] = [];
    const see = (schemaPath: Path, has: (key: string) => boolean) => {
      for (const key of keysAt(configFile, schemaPath))
        if (!has(key)) missing.push([...schemaPath, key].join('.'));
    };
    const rowAt = (...path: Path) =>
      ROWS.some(([row, one, two]) => {
        if (path.every((part, at) => row[at] === part)) return true;
        const rest = path.slice(row.length);
        const isBelow = row.every((part, at) => path[at] === part);
        return isBelow && [one, two].some((value) => mentions(value, rest));
      });
    see([], (key) => key === 'version' || rowAt(key));
    see(['profiles', 'p'], (key) => key === 'profile' || rowAt('profiles', 'p', key));
    for (const key of ['loop', 'exit', 'questions', 'state']) see([key], (inner) => rowAt(key, inner));
    for (const key of ['rest', 'backoff']) see(['loop', key], (inner) => rowAt('loop', key, inner));
    see(['exit', 'give-up', 'half-open'], (key) => rowAt('exit', 'give-up', 'half-open', key));
    see(['marks', 'a'], (key) => rowAt('marks', 'a', key));
    for (const key of ['keep', 'archive', 'snapshots', 'cache'])
      see(['state', key], (inner) => rowAt('state', key, inner));
    for (const key of ['objective', 'champion']) see([key], (inner) => rowAt(key, inner));
    see(['champion', 'confirm'], (key) => rowAt('champion', 'confirm', key));
    see(['hooks'], (key) => rowAt('hooks', key));
    see(['hooks', 'on-exit'], (key) =>
      ROWS.some(([, one, two]) => [one, two].some((hook) => mentions(hook, [key]))),
    );
    see(['notify', 0], (key) =>
      ROWS.some(([, one, two]) => [one, two].some((list) => mentions(list, [0, key]))),
    );
    see(['vars', 'v'], (key) => rowAt('vars', 'v', key));
    see(['phases', 'check'], (key) => rowAt('phases', 'check', key));
    see(
      G,
      (key) =>
        rowAt(...G, key) ||
        rowAt(...W, key) ||
        rowAt(...C, key) ||
        rowAt('phases', 'check', 'gates', 'u', key) ||
        rowAt('phases', 'check', 'gates', 'j', key),
    );
    for (const key of ['seeds', 'stop-early']) see([...W, key], (inner) => rowAt(...W, key, inner));
    for (const key of ['when', 'retry', 'stall', 'env', 'resources'])
      see([...G, key], (inner) => rowAt(...G, key, inner));
    see([...G, 'metrics', 'm'], (key) => rowAt(...G, 'metrics', 'm', key));
    see([...G, 'thresholds', 'm'], (key) => rowAt(...G, 'thresholds', 'm', key));
    see([...G, 'stages', 0], (key) => key === 'count' || rowAt(...G, 'stages', 0, key));
    expect(missing).toEqual([]);
    expect(rowAt('nothing')).toBe(false);
  });

  test.each<readonly [name: string, flags: Partial<Flags>]>([
    ['--profile', { profile: 'q' }],
    ['--goal', { goal: 'x' }],
    ['--jobs', { jobs: '7' }],
    ['--timeout', { timeout: '7' }],
    ['--stop-within', { stopWithin: '7' }],
    ['--continuous', { continuous: true }],
    ['--iterations', { iterations: '7' }],
    ['--max-runtime', { maxRuntime: '7' }],
    ['--target', { targets: [['m', '7']] }],
    ['--sleep', { sleep: '7' }],
    ['--max-failures', { maxFailures: '7' }],
    ['--max-backoff', { maxBackoff: '7' }],
    ['--stop-file', { stopFile: '7' }],
    ['--overlap', { overlap: 'queue' }],
    ['--set', { set: [['gates.g.timeout', '7']] }],
    ['--skip', { skip: ['s'] }],
    ['--only', { only: ['s'] }],
    ['--phase', { phases: ['check'] }],
    ['--failed', { failed: ['s'] }],
    ['task', { tasks: ['s'] }],
    ['--reporter', { reporters: ['junit=a'] }],
    ['--fail-on', { failOn: 'soft' }],
  ])('%s changes the plan', (name, flags) => {
    const config = laidOver(['phases', 'check', 'title'], 'x');
    const [flagged, plain] = [planOf(config, { gates, env, flags }), planOf(config, { gates, env })];
    expect(contentOf(flagged)).not.toBe(contentOf(plain));
    expect(flagged.id === plain.id).toBe(name === '--reporter' || name === '--overlap');
  });

  test('--since changes the plan of a task that asks what changed', () => {
    const config = laidOver([...G, 'when'], { changed: ['src/**'] });
    expect(planOf(config, { gates, env, flags: { since: 'main' } }).id).not.toBe(
      planOf(config, { gates, env }).id,
    );
  });

  test.each(VARIABLES)('%s changes the plan', (name, key) => {
    const config = laidOver(['phases', 'check', 'title'], 'x');
    const value =
      new Map([
        ['profile', 'q'],
        ['loop.overlap', 'queue'],
      ]).get(key) ?? '7';
    const plan = planOf(config, { gates, env: { ...env, [name]: value } });
    const plain = planOf(config, { gates, env });
    expect(contentOf(plan)).not.toBe(contentOf(plain));
    expect(plan.id === plain.id).toBe(isBesideTheRun(key.split('.')));
    expect(plan.sources[key]).toBe('variable');
  });
});

function contentOf(plan: Plan | undefined): string {
  return JSON.stringify({ ...plan, id: undefined, sources: undefined });
}

function mentions(value: unknown, path: Path): boolean {
  let here = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return false;
    here = Reflect.get(here, part);
  }
  return true;
}

test('[A14] a machine with other cores makes no other plan, so that it may carry a run on; jobs that are written do', () => {
  const idOn = (cores: number, config = configOf(BASE)) => planOf(config, { gates, env, cores }).id;
  expect(idOn(2)).toBe(idOn(64));
  expect(idOn(4, { ...configOf(BASE), jobs: 2 })).not.toBe(idOn(4));
  expect(idOn(2, { ...configOf(BASE), jobs: 2 })).toBe(idOn(64, { ...configOf(BASE), jobs: 2 }));
  expect(idOn(2, { ...configOf(BASE), jobs: 2 })).not.toBe(idOn(2, { ...configOf(BASE), jobs: 3 }));
});
