import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GateFile } from '../../../src/core/config/config.ts';
import { parseConfig, parseGateFile } from '../../../src/core/config/parse.ts';
import type { Folder } from '../../../src/core/init/folder.ts';
import { starter } from '../../../src/core/init/starter.ts';
import { NO_FLAGS } from '../../../src/core/plan/flags.ts';
import { makePlan, usedGates } from '../../../src/core/plan/make.ts';
import type { TaskPlan } from '../../../src/core/plan/plan.ts';

const KNOWN_SCRIPTS = [
  'typecheck',
  'types',
  'lint',
  'format:check',
  'build',
  'test',
  'coverage',
  'test:unit',
];
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a b',
    "it's",
    '"quoted"',
    '{{goal}}',
    '# no',
    '- x',
    'a: b',
    '&a',
    '*a',
    '!t',
    '\n',
    '\u0000',
    '~',
  ),
);
const scripts = fc.dictionary(fc.oneof(fc.constantFrom(...KNOWN_SCRIPTS), anyText), anyText);
const dependencies = fc.dictionary(
  fc.constantFrom('vitest', '@vitest/coverage-v8', 'typescript', 'x'),
  anyText,
);
const manifest = fc
  .record(
    {
      name: anyText,
      scripts: fc.oneof(scripts, fc.jsonValue()),
      devDependencies: fc.oneof(dependencies, fc.jsonValue()),
      packageManager: fc.oneof(
        fc.constantFrom('pnpm@10', 'yarn@4', 'bun@1', 'npm@11'),
        anyText,
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));
const makefile = fc
  .array(
    fc.oneof(
      fc.constantFrom('test:', 'lint: a', 'check build ::', '\techo x', 'all = test', 'x:=1'),
      anyText,
    ),
  )
  .map((lines) => lines.join('\n'));
const LOCKS = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'tsconfig.json',
  'pytest.ini',
  'src',
  'tests/test_a.py',
];
const folders: fc.Arbitrary<Folder> = fc.record({
  name: anyText,
  files: fc
    .tuple(
      fc.option(fc.oneof(manifest, anyText), { nil: undefined }),
      fc.option(makefile, { nil: undefined }),
      fc.option(fc.oneof(fc.constant('[tool.pytest]'), anyText), { nil: undefined }),
      fc.subarray(LOCKS),
    )
    .map(([manifestText, makeText, pythonText, names]) => {
      const texts = { 'package.json': manifestText, Makefile: makeText, 'pyproject.toml': pythonText };
      return new Map<string, string>([
        ...Object.entries(texts).flatMap(([path, text]) =>
          text === undefined ? [] : [[path, text] as const],
        ),
        ...names.map((name) => [name, ''] as const),
      ]);
    }),
});

function libraryGate(name: string): { file: string; gate: GateFile; from: 'library' } {
  const file = `gates/${name}.yaml`;
  const read = parseGateFile(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'), file);
  if (read.problems) throw new Error(`${file}: ${read.problems[0]?.message}`);
  return { file, gate: read.value, from: 'library' };
}

/** What a loop made of the text would run; every problem is an error here. */
function planned(text: string): { readonly name: string; readonly tasks: readonly TaskPlan[] } {
  const read = parseConfig(text, 'loop.config.yaml');
  if (read.problems) throw new Error(read.problems.map(({ message }) => message).join('\n'));
  const gates = new Map(usedGates(read.value).map((name) => [name, libraryGate(name)]));
  const made = makePlan({ config: read.value, gates, flags: NO_FLAGS, env: {}, cores: 2 });
  if (made.problems) throw new Error(made.problems.map(({ message }) => message).join('\n'));
  return { name: made.value.name, tasks: made.value.phases.flatMap(({ tasks }) => tasks) };
}

describe('whatever a folder holds', () => {
  test('the config that init writes has no problem and something to run, always without a shell', () => {
    fc.assert(
      fc.property(folders, (folder) => {
        const { tasks, name } = planned(starter(folder).text);
        expect(name).not.toBe('');
        expect(tasks.length).toBeGreaterThan(0);
        for (const { command } of tasks) expect(command?.kind).toBe('argv');
      }),
      { numRuns: 500 },
    );
  });

  test('it plans as many gates as it says it found', () => {
    fc.assert(
      fc.property(folders, (folder) => {
        const { text, gates } = starter(folder);
        expect(planned(text).tasks).toHaveLength(Math.max(1, gates.length));
      }),
      { numRuns: 200 },
    );
  });
});
