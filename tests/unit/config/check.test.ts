import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { check } from '../../../src/cli/check.ts';
import { schema } from '../../../src/cli/schema.ts';
import { NO_FLAGS } from '../../../src/core/plan/flags.ts';

let folder = '';

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'gate-run-check-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(name: string, ...lines: readonly string[]): void {
  fs.mkdirSync(dirname(join(folder, name)), { recursive: true });
  fs.writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
}

async function called(
  command: typeof check | typeof schema,
  { args = [], json = false }: { readonly args?: readonly string[]; readonly json?: boolean } = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const write = (text: string): void => void (out += text);
  const writeError = (text: string): void => void (err += text);
  const env = { PATH: '/bin' };
  const code = await command({ folder, args, json, color: false, env, write, writeError, flags: NO_FLAGS });
  return { code, out, err };
}

const HEAD = ['version: 1', 'name: x', 'phases:'];

test('a fine config is counted', async () => {
  write(
    'loop.config.yaml',
    ...HEAD,
    '  a: { steps: { s: { run: make } }, gates: { g: { run: make }, h: { run: make } } }',
    '  b: { gates: { i: { run: make } } }',
  );
  expect(await called(check)).toEqual({
    code: 0,
    out: 'loop.config.yaml is fine: 2 phases, 3 gates, 1 step\n',
    err: '',
  });
});

test('[B10] problems of the config, of the plan and of every gate file are told at once', async () => {
  write('loop.config.yaml', ...HEAD, '  a: { gates: { g: { run: make, needs: [gone] } } }');
  write('gates/unused.yaml', 'about: a', 'tool: b', 'run: [make]', 'samples: []', 'mode: soft');
  const { code, err } = await called(check);
  expect(code).toBe(2);
  expect(err).toContain('loop.config.yaml:4:41  unknown task `gone`');
  expect(err).toContain('gates/unused.yaml:5:1  `mode` is set by the loop, never by the gate file');
});

test('a used gate that cannot be read is told once, at its own place', async () => {
  write('loop.config.yaml', ...HEAD, '  a: { gates: { g: { uses: mine } } }');
  write('gates/mine.yaml', 'about: a');
  const { code, err } = await called(check);
  expect(code).toBe(2);
  expect(err).not.toContain('loop.config.yaml');
  expect(err).toContain('gates/mine.yaml:1:1  missing key `run`');
});

test('a gate that nobody has is a problem of the config', async () => {
  write('loop.config.yaml', ...HEAD, '  a: { gates: { g: { uses: nobody-has } } }');
  expect((await called(check)).err).toContain('loop.config.yaml:4:28  ');
});

test('no config at all: what to do', async () => {
  const { code, err } = await called(check);
  expect(code).toBe(2);
  expect(err).toContain('`gate-run init` writes a first one');
});

test('for programs stdout holds one object with places and mends', async () => {
  write('loop.config.yaml', ...HEAD, '  a: { gates: { g: { run: make, tymeout: 5m } } }');
  const { code, out, err } = await called(check, { json: true });
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    schemaVersion: 1,
    exit: 2,
    problems: [{ file: 'loop.config.yaml', line: 4, column: 33, path: 'phases.a.gates.g.tymeout' }],
  });
  write('loop.config.yaml', ...HEAD, '  a: { gates: { g: { run: make } } }');
  expect(JSON.parse((await called(check, { json: true })).out)).toMatchObject({
    exit: 0,
    problems: [],
    phases: [{ id: 'a', tasks: ['g'] }],
  });
});

test('`schema` prints what ships, the one of the loop when none is named', async () => {
  const shipped = (name: string): string =>
    fs.readFileSync(join(import.meta.dirname, '../../../schema', `${name}.schema.json`), 'utf8');
  expect(await called(schema)).toEqual({ code: 0, out: shipped('loop'), err: '' });
  for (const name of ['loop', 'gate', 'output']) {
    expect((await called(schema, { args: [name] })).out).toBe(shipped(name));
  }
  expect(await called(schema, { args: ['cycles'] })).toEqual({
    code: 2,
    out: '',
    err: 'gate-run schema: expected baseline, cache, champion, champion-history, check, cycle, detach, doctor, explain, gate, history, logs, loop, output, plan, plan-diff, questions, ratchet, rehearse, replay, report, robustness, schedule, status, stop, verify, not `cycles`\n',
  });
});
