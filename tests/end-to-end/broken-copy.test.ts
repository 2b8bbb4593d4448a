// Breaks a copy of this repository once per gate of its own config, and sees exactly that gate go red.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../src/core/summary/result.ts';
import { BREAKS, breakFile } from './house/break.ts';
import { cloneTo, linkModules, remove, root, run, temporaryFolder, type Ran } from './house/tree.ts';

const SCENE_LIMIT_MS = 3 * 60_000;

const folder = temporaryFolder('broken-copy');
/** Carries the cycles out, and stays whole. */
const whole = join(folder, 'whole');
/** Is broken and mended again, once per gate. */
const copy = join(folder, 'copy');

interface LoopFile {
  readonly phases: Readonly<Record<string, { readonly gates?: Readonly<Record<string, unknown>> }>>;
}

const config: LoopFile = parse(readFileSync(join(root, 'loop.config.yaml'), 'utf8'));
const gates = Object.values(config.phases).flatMap((phase) => Object.keys(phase.gates ?? {}));

beforeAll(() => {
  for (const each of [whole, copy]) {
    cloneTo(each);
    linkModules(each);
  }
  addProfiles();
  const built = node(['scripts/build.mjs', '--bundle-only'], whole);
  expect(built.code, built.stdout + built.stderr).toBe(0);
}, SCENE_LIMIT_MS);

afterAll(() => remove(folder));

/** Every gate counts, and the dear ones are asked less: ten simulations, and no share of lines. */
function addProfiles(): void {
  const path = join(copy, 'loop.config.yaml');
  const document = parseDocument(readFileSync(path, 'utf8'));
  document.setIn(['profiles', 'quick'], {
    skip: ['coverage'],
    gates: { unused: { mode: 'strict' }, sims: { stages: [{ count: 10, timeout: '2m' }] } },
  });
  document.setIn(['profiles', 'few-tests'], {
    only: ['coverage'],
    gates: { coverage: { with: { 'at-least': 0, folders: { 'src/core': 0 } } } },
  });
  writeFileSync(path, String(document));
}

function node(args: readonly string[], cwd: string): Ran {
  const env = {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    NO_COLOR: '1',
  };
  return run(process.execPath, args, cwd, env);
}

/** One cycle of the copy, nothing held back by what failed before it: the ids of the gates that did not pass. */
function redGates(profile: string): readonly string[] {
  const goOn = Object.keys(config.phases).flatMap((phase) => ['--set', `phases.${phase}.policy=keep-going`]);
  const args = [join(whole, 'bin/gate-run.js'), '--profile', profile, '--json', ...goOn];
  const ran = node(args, copy);
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  const result: Result = JSON.parse(ran.stdout);
  expect(ran.code, ran.stderr).toBe(result.exit);
  return result.tasks.filter((task) => !['passed', 'skipped'].includes(task.verdict)).map((task) => task.id);
}

test('every gate of the config has its break', () => {
  expect(BREAKS.map((one) => one.gate).toSorted()).toEqual(gates.toSorted());
});

describe('with the gates that take seconds', () => {
  test('the copy as it is passes', { timeout: SCENE_LIMIT_MS }, () => {
    expect(redGates('quick')).toEqual([]);
  });

  test.each(BREAKS.filter((one) => one.gate !== 'coverage'))(
    '$gate alone goes red by $what',
    { timeout: SCENE_LIMIT_MS },
    (one) => {
      const mend = breakFile(copy, one);
      try {
        expect(redGates('quick')).toEqual([one.gate]);
      } finally {
        mend();
      }
    },
  );
});

/** The whole suite would take minutes, and would play this story again: one test stays, and less is asked of the lines. */
describe('with the tests of the copy cut down to one', () => {
  const coverage = BREAKS.filter((one) => one.gate === 'coverage');

  test.each(coverage)(
    '$gate goes red by $what, and is green without it',
    { timeout: SCENE_LIMIT_MS },
    (one) => {
      const text = readFileSync(join(copy, one.path), 'utf8');
      for (const name of readdirSync(join(copy, 'tests')))
        rmSync(join(copy, 'tests', name), { recursive: true });
      mkdirSync(dirname(join(copy, one.path)), { recursive: true });
      writeFileSync(join(copy, one.path), text);
      expect(redGates('few-tests')).toEqual([]);
      breakFile(copy, one);
      expect(redGates('few-tests')).toEqual(['coverage']);
    },
  );
});
