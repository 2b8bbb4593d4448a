import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { staleSchemas } from '../../../scripts/schemas.ts';
import type { ConfigFile, GateFile, TaskConfig } from '../../../src/core/config/config.ts';
import { NOT_BUILT_KEYS } from '../../../src/core/config/not-built.ts';
import { checkConfig, parseGateFile } from '../../../src/core/config/parse.ts';
import type { Path, Problem } from '../../../src/core/config/problem.ts';

// `Required`: a key that only the written type has does not compile here; the levels below are held by `Same` in src.
const METRIC = { regex: '(?<value>.)', better: 'higher', bounds: [0, 1], unit: 's', in: 'output' } as const;
const TASK: TaskConfig = {
  run: ['make', 1],
  needs: ['other'],
  mode: 'soft',
  'on-broken': 'soft',
  'soft-until': '2026-12-31',
  'quarantine-until': '2026-12-31',
  when: {
    changed: ['a'],
    exists: 'a',
    command: ['a'],
    env: 'A',
    every: 2,
    profile: 'dev',
    passed: ['*'],
    failed: ['other'],
  },
  timeout: '5m',
  stall: { warn: '1m', kill: 'never' },
  'kill-after': '0s',
  retry: { limit: 2, when: ['timeout', 'exit.75'], delay: '2s', factor: 2 },
  exits: { passed: [0, 7], failed: 1, broken: [2], skipped: 77, limited: 75 },
  env: { pass: ['PATH'], set: { A: 1 } },
  isolation: {
    root: 'read-only',
    writable: ['a'],
    tmp: 'private',
    layer: 'container',
    fallback: true,
    engine: 'podman',
    image: 'a',
    mounts: ['.:/repo'],
    user: 'host',
  },
  network: { name: 'a', allow: ['a:1'] },
  'log-limit': '1g',
  cwd: 'a',
  stdin: 'b',
  resources: {
    memory: '1g',
    cpus: 1.5,
    pids: 64,
    'open-files': 64,
    'file-size': 'never',
    'cpu-time': '1m',
    lock: ['a', 'b'],
    weight: 2,
  },
  prove: { write: { a: 'b' }, append: { 'a/**': 'b' }, remove: ['c'] },
};
const JUDGED: Required<
  Pick<
    TaskConfig,
    'metrics' | 'labels' | 'thresholds' | 'stages' | 'per' | 'seeds' | 'max-failed' | 'stop-early'
  >
> = {
  metrics: {
    a: METRIC,
    b: { json: 'f', at: '/x' },
    c: { junit: 'f', field: 'failures' },
    d: { istanbul: 'f', field: 'lines.pct', folder: 'src' },
    e: { lcov: 'f' },
    f: { cobertura: 'f' },
    g: { sarif: 'f', field: 'results' },
  },
  labels: { l: { regex: '(?<value>.)' } },
  thresholds: {
    a: '>= 80',
    b: { require: '> 1', want: '>= best', 'on-missing': 'fail' },
    c: { 'at-least': 1, 'at-most': 2 },
  },
  stages: [{ count: 1, timeout: '1m', thresholds: { a: '> 1' }, promote: { a: '> 2' } }, { count: 10 }],
  per: 'batch',
  seeds: { base: 1, batch: 2, timeout: '1s' },
  'max-failed': '1%',
  'stop-early': { confidence: 0.99 },
};
const COMMON = {
  goal: 'g',
  vars: { a: 1, b: { env: 'B', default: 'x' } },
  defaults: { timeout: '1m' },
  jobs: 2,
  loop: {
    sleep: '1m',
    cron: '* * * * *',
    timezone: 'UTC',
    rest: {
      passed: 'sleep',
      failed: '1m',
      broken: 'backoff',
      limited: 'reset',
      exited: '0s',
      'timed-out': '1m',
      stalled: '1m',
      killed: '1m',
      oom: '1m',
      'heap-limit': '1m',
      'cpu-limit': '1m',
      'file-limit': '1m',
      'not-started': '1m',
    },
    backoff: { from: '1s', factor: 2, max: '1m', jitter: false },
    timeout: '1h',
    'stop-file': 's',
    'stop-within': '5m',
    overlap: 'queue',
  },
  exit: {
    target: { m: '> 1' },
    budget: { cycles: 3 },
    'give-up': { 'failures-in-a-row': 'never', 'half-open': { after: '1m', times: 2 } },
  },
  marks: { high: { level: 'info', all: { m: 1 }, any: { cycles: 1 } } },
  questions: { file: 'q.md', ask: 'me' },
  redact: ['*_TOKEN'],
  reporters: ['plain', { junit: 'f' }, { github: 'auto' }],
  hooks: {
    'before-cycle': 'a',
    'after-cycle': ['a', 1],
    'on-failure': { run: 'a', shell: 'bash', timeout: '1m', env: { pass: ['A'], set: { B: '1' } } },
    'on-question': { run: ['a'] },
    'on-champion': 'a',
    'on-exit': 'a',
  },
  objective: { metric: 'm', 'min-delta': 0.5 },
  champion: { keep: ['a'], robustness: { batches: 3, bands: { good: 1 } } },
  notify: [
    { webhook: 'https://a', for: ['exit'], secret: { env: 'A' }, timeout: '1s' },
    { heartbeat: 'f', every: '1m' },
  ],
  protect: ['gates/**', { 'append-only': 'log.txt' }],
  state: { dir: 's', history: 'h', latest: 'l', logs: 'g', keep: { cycles: 9, age: '1d', size: '1g' } },
} as const;
const EVERYTHING: Required<ConfigFile> = {
  ...COMMON,
  version: 1,
  name: 'x',
  profile: 'dev',
  profiles: {
    dev: { ...COMMON, skip: ['a'], only: ['b'], steps: { s: {} }, gates: { '*': { mode: 'soft' } } },
  },
  phases: {
    p: {
      title: 't',
      when: { env: 'A' },
      jobs: 1,
      timeout: '1h',
      at: 'start',
      always: true,
      policy: 'kill',
      steps: { other: { run: 'make | cat', shell: 'bash' } },
      gates: {
        g: { ...TASK, ...JUDGED },
        u: { uses: 'coverage', with: { 'at-least': 80 } },
        j: { judges: 'other' },
      },
    },
  },
};
const GATE: Required<Omit<GateFile, 'shell'>> = {
  about: 'a',
  tool: 't',
  requires: ['make'],
  parameters: { p: { about: 'a', type: 'text', default: 'x' } },
  run: ['make'],
  timeout: '5m',
  env: { pass: ['PATH'], set: { A: 'b' } },
  exits: { passed: 0 },
  metrics: JUDGED.metrics,
  labels: JUDGED.labels,
  thresholds: JUDGED.thresholds,
  stages: JUDGED.stages,
  each: { of: 'p', metrics: { a: METRIC }, thresholds: { a: '> 1' } },
  prove: { write: { a: 'b' }, append: { 'a/**': 'b' }, remove: ['c'], with: { p: 'y' } },
  samples: [
    {
      name: 'n',
      from: 'f',
      with: { p: 'x' },
      exit: { 'not-started': 'not-found' },
      output: 'o',
      files: { f: 'x' },
      verdict: 'broken',
      reason: 'r',
    },
  ],
};

function checkGate(value: unknown): readonly Problem[] {
  return parseGateFile(JSON.stringify(value), 'g').problems ?? [];
}

test('a config with every key of its type is fine, and so is a gate file', () => {
  expect(checkConfig(EVERYTHING, 'c').problems).toBeUndefined();
  expect(checkGate(GATE)).toEqual([]);
});

/** Maps whose keys are words of the language, not names that people choose. */
function mapsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => mapsOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, item]) => mapsOf(item, [...path, key]));
  return isNamed(path) ? inner : [path, ...inner];
}

const NAMED = new Set([
  'phases',
  'profiles',
  'steps',
  'gates',
  'vars',
  'bands',
  'target',
  'budget',
  'give-up',
  'marks',
  'all',
  'any',
  'metrics',
  'labels',
  'thresholds',
  'promote',
  'exits',
  'set',
  'with',
  'parameters',
  'files',
  'write',
  'append',
]);

function isNamed(path: Path): boolean {
  return path.includes('reporters') || NAMED.has(String(path.at(-1)));
}

function withKey(value: unknown, path: Path, key: string): unknown {
  const [head, ...rest] = path;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === head ? withKey(item, rest, key) : item));
  const map = Object.fromEntries(Object.entries(value ?? {}));
  return head === undefined ? { ...map, [key]: 1 } : { ...map, [head]: withKey(map[head], rest, key) };
}

function valueAt(value: unknown, path: Path): object {
  const found = path.reduce<unknown>(
    (at, part) => Object.entries(at ?? {}).find(([key]) => key === String(part))?.[1],
    value,
  );
  return entriesOf(found);
}

function entriesOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

const FILES = [
  ['config', EVERYTHING, (value: unknown) => checkConfig(value, 'c').problems ?? []],
  ['gate file', GATE, checkGate],
] as const;

for (const [name, whole, check] of FILES) {
  test.each(mapsOf(whole).map((path) => [path.join('.') || 'the top', path] as const))(
    `[B9] an unknown key of a ${name} is refused with the nearest one at %s`,
    (_, path) => {
      const known = Object.keys(valueAt(whole, path)).find((key) => key.length > 4);
      const slip = known === undefined ? 'zzzzzz' : `${known.slice(0, 2)}x${known.slice(3)}`;
      const found = check(withKey(whole, path, slip)).map(({ message }) => message);
      const expected =
        known === undefined
          ? `unknown key \`${slip}\``
          : `unknown key \`${slip}\` — did you mean \`${known}\`?`;
      expect(found).toContain(expected);
    },
  );
}

test('[B9] what is not built yet is no key of the schema, so it leaves the list when it enters the code', () => {
  const schema: { properties: object; $defs: Record<string, { properties?: object }> } = JSON.parse(
    readFileSync(new URL('../../../schema/loop.schema.json', import.meta.url), 'utf8'),
  );
  const built = [schema.properties, schema.$defs['Task']?.properties ?? {}];
  const later = [NOT_BUILT_KEYS.file?.keys ?? [], NOT_BUILT_KEYS.task?.keys ?? []];
  later.forEach((keys, index) => {
    for (const key of keys) expect(Object.keys(built[index] ?? {})).not.toContain(key);
  });
});

test('the schemas on disk are what the code says', () => {
  expect(staleSchemas(), 'write them with: node scripts/schemas.ts').toEqual([]);
});

test.each(['loop', 'gate'])('every key of the %s schema is described', (name) => {
  const undescribed: string[] = [];
  const walk = (at: unknown, path: string): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const [key, inner] of Object.entries(entriesOf(at))) {
      if (key === 'properties' && !path.endsWith('properties')) {
        for (const [property, schema] of Object.entries(entriesOf(inner))) {
          const isTold =
            typeof schema === 'object' && schema !== null && ('description' in schema || '$ref' in schema);
          if (!isTold) undescribed.push(`${path}.${property}`);
        }
      }
      walk(inner, `${path}.${key}`);
    }
  };
  const file = new URL(`../../../schema/${name}.schema.json`, import.meta.url);
  const schema: { title?: string; examples?: unknown[] } = JSON.parse(readFileSync(file, 'utf8'));
  walk(schema, name);
  expect(undescribed).toEqual([]);
  expect(schema.title).toMatch(/^gate-run/);
  expect(schema.examples?.length).toBeGreaterThan(0);
});
