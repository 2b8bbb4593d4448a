import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../../src/core/config/parse.ts';
import { describeTask } from '../../../src/core/plan/describe.ts';
import { complaints, configOf, gateOf, oneGate, planOf, taskOf } from './planning.ts';

const GIB = 1024 ** 3;
const MACHINE = { memoryBytes: 4 * GIB, cores: 2, pids: 1000 };

function resourcesOf(written: string, top = '') {
  return taskOf(planOf(`${top}\n${oneGate(`run: "true"\nresources: ${written}`)}`), 'a').resources;
}

test('a task that says nothing of them has none', () => {
  expect(gateOf('run: "true"')).not.toHaveProperty('resources');
});

test('every limit in its own unit, `never` for none of it', () => {
  expect(
    resourcesOf(
      '{ memory: 4g, cpus: 1.5, pids: 512, open-files: 1024, file-size: 100m, cpu-time: 1m30s, lock: db, weight: 3 }',
    ),
  ).toEqual({
    memoryBytes: 4 * GIB,
    cpus: 1.5,
    pids: 512,
    openFiles: 1024,
    fileSizeBytes: 100 * 1024 ** 2,
    cpuTimeMs: 90_000,
    locks: ['db'],
    weight: 3,
  });
  expect(
    resourcesOf(
      '{ memory: never, cpus: never, pids: never, open-files: never, file-size: never, cpu-time: never }',
    ),
  ).toEqual({ locks: [], weight: 1 });
});

test('variables are filled in, whatever they hold', () => {
  const vars = 'vars: { memory: { env: MEMORY_LIMIT, default: 2g }, cpus: { env: C, default: 1 }, gpu: 1 }';
  const written = '{ memory: "{{vars.memory}}", cpus: "{{vars.cpus}}", lock: "gpu-{{vars.gpu}}" }';
  expect(resourcesOf(written, vars)).toMatchObject({ memoryBytes: 2 * GIB, cpus: 1, locks: ['gpu-1'] });
  const config = `${vars}\n${oneGate(`run: "true"\nresources: ${written}`)}`;
  expect(complaints(config, { env: { MEMORY_LIMIT: 'a lot' } })).toEqual([
    'phases.check.gates.a.resources.memory: `a lot` is no size of memory from 1m on (write a number with its unit: 512m, 8g; or `never`)',
  ]);
});

test('a profile adds to what `defaults` say, and takes away with `never`', () => {
  const config = `
defaults: { resources: { memory: 2g, cpus: 2 } }
profile: p
profiles: { p: { gates: { a: { resources: { memory: never, weight: 2 } } } } }
${oneGate('run: "true"\nresources: { lock: db }')}`;
  expect(taskOf(planOf(config), 'a').resources).toEqual({ cpus: 2, locks: ['db'], weight: 2 });
});

test('locks are taken in the order of their names, each once', () => {
  expect(resourcesOf('{ lock: [net, db, net] }')?.locks).toEqual(['db', 'net']);
});

describe('what cannot be meant is a problem with a mend', () => {
  const written = (resources: string) =>
    (checkConfig(configOf(oneGate(`run: "true"\nresources: ${resources}`)), 'c').problems ?? []).map(
      ({ message, mend }) => `${message} (${mend ?? ''})`,
    );

  test.each([
    ['{ memory: 0 }', 'above zero, or `never`, not the number 0', '`never` stands for no limit'],
    ['{ memory: 0g }', 'above zero, or `never`, not the text `0g`', '`never` stands'],
    ['{ memory: -1 }', 'above zero, or `never`, not the number -1', '`never` stands for no limit'],
    ['{ memory: 8 GB }', 'expected a size such as', 'one letter, without a space'],
    ['{ memory: 1.5g }', 'expected a size such as', 'a whole number and one letter'],
    ['{ cpus: 0 }', 'expected a number of CPUs', '`never` stands for no limit'],
    ['{ cpus: -2 }', 'expected a number of CPUs', '`never` stands for no limit'],
    ['{ cpus: many }', 'expected a number of CPUs', ''],
    ['{ pids: 0 }', 'expected a whole number from 1 on, or `never`', '`never` stands for no limit'],
    ['{ pids: 1.5 }', 'expected a whole number from 1 on, or `never`', ''],
    ['{ file-size: 0 }', 'above zero, or `never`, not the number 0', '`never` stands for no limit'],
    ['{ cpu-time: 0s }', 'above zero, or `never`', '`never` switches it off'],
    ['{ cpu-time: 30 }', 'expected a duration', 'add the unit: `30s`'],
    ['{ weight: 0 }', 'expected a whole number from 1 on', ''],
    ['{ lock: [] }', undefined, ''],
    ['{ memry: 1g }', 'unknown key `memry` — did you mean `memory`?', ''],
  ])('%s', (resources, message, mend) => {
    const found = written(resources);
    if (message === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(message)]);
    expect(found.join('')).toContain(mend);
  });

  test.each([
    ['{ memory: 8 }', '`8` is no size of memory from 1m on'],
    ['{ open-files: 2 }', '`2` is no whole number from 8 on'],
    ['{ cpu-time: 500ms }', 'CPU time is counted in whole seconds'],
    ['{ weight: 100000 }', '`100000` is no whole number from 1 to 10000'],
    ['{ lock: a/b }', '`a/b` is no name of a lock'],
    ['{ lock: ../x }', '`../x` is no name of a lock'],
  ])('%s', (resources, message) => {
    expect(complaints(oneGate(`run: "true"\nresources: ${resources}`))).toEqual([
      expect.stringContaining(message),
    ]);
  });
});

describe('more than the machine has', () => {
  const over = oneGate('run: "true"\nresources: { memory: 8g, cpus: 3, pids: 5000 }');

  test('is a problem where something is to be started', () => {
    expect(complaints(over, { machine: MACHINE })).toEqual([
      'phases.check.gates.a.resources.memory: `8g` is more than this machine has: 4096m (write less, or `never` where this machine need not be held to it)',
      expect.stringContaining('resources.cpus: `3` is more than this machine has: 2'),
      expect.stringContaining('resources.pids: `5000` is more than this machine has: 1000'),
    ]);
  });

  test('is none for a plan alone, which may be meant for another machine', () => {
    expect(complaints(over)).toEqual([]);
  });

  test('is none where the task is left out', () => {
    expect(complaints(over, { machine: MACHINE, flags: { skip: ['a'] } })).toEqual([]);
  });

  test('exactly what it has is not too much', () => {
    expect(
      complaints(oneGate('run: "true"\nresources: { memory: 4g, cpus: 2, pids: 1000 }'), {
        machine: MACHINE,
      }),
    ).toEqual([]);
  });
});

test('`explain` shows them as they are written', () => {
  const plan = planOf(
    oneGate('run: "true"\nresources: { memory: 2g, cpu-time: 90s, lock: [b, a], weight: 2 }'),
  );
  const [phase] = plan.phases;
  const text = phase && describeTask(plan, { phase, task: taskOf(plan, 'a') }, []);
  expect(text).toContain('resources: memory 2g, cpu-time 1m30s, lock a and b, weight 2');
});

test('`--set` reaches them', () => {
  const set = [
    ['gates.a.resources.memory', '1g'],
    ['gates.a.resources.cpu-time', '30'],
  ] as const;
  const flags = { set: set.map(([key, value]): [string, string] => [key, value]) };
  expect(taskOf(planOf(oneGate('run: "true"'), { flags }), 'a').resources).toMatchObject({
    memoryBytes: GIB,
    cpuTimeMs: 30_000,
  });
});
