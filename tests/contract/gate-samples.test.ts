import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConfigFile, GateFile, SampleConfig } from '../../src/core/config/config.ts';
import { parseGateFile } from '../../src/core/config/parse.ts';
import { NO_FLAGS } from '../../src/core/plan/flags.ts';
import { makePlan } from '../../src/core/plan/make.ts';
import type { TaskPlan } from '../../src/core/plan/plan.ts';
import { play } from './play-sample.ts';

const folder = new URL('../../gates/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''));
const SHIPPED = [
  'validate compile types lint format test coverage sims must-exist must-not-exist eslint prettier unused licenses secrets',
  'writable disk-space manifest-build manifest-verify capabilities questions',
  'ruff ruff-format pytest pyright go-vet go-test cargo-clippy cargo-test',
].flatMap((line) => line.split(' '));
const KINDS = ['passed', 'failed', 'broken'] as const;

function gateOf(name: string): GateFile {
  const file = `gates/${name}.yaml`;
  const read = parseGateFile(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), file);
  if (read.problems) throw new Error(read.problems.map(({ message }) => `${file}: ${message}`).join('\n'));
  return read.value;
}

/** The task that a loop gets by `uses`, as the plan has it. */
function taskOf(name: string, gate: GateFile, sample: SampleConfig): TaskPlan {
  const config: ConfigFile = {
    version: 1,
    name: 'samples',
    phases: { check: { gates: { gate: { uses: name, ...(sample.with && { with: sample.with }) } } } },
  };
  const gates = new Map([[name, { file: `gates/${name}.yaml`, gate, from: 'library' as const }]]);
  const made = makePlan({ config, gates, flags: NO_FLAGS, env: {}, cores: 2 });
  expect(made.problems ?? []).toEqual([]);
  const task = made.problems ? undefined : made.value.phases[0]?.tasks[0];
  if (task === undefined) throw new Error(`nothing was planned for ${name}`);
  return task;
}

function withoutKind(samples: readonly SampleConfig[]): readonly string[] {
  return KINDS.filter((kind) => !samples.some(({ verdict }) => verdict === kind));
}

test('the library ships every gate that it promises', () => {
  expect(names).toEqual(expect.arrayContaining(SHIPPED));
});

test('a gate file without one of the three kinds of samples is found', () => {
  const passed = gateOf('types').samples.find(({ verdict }) => verdict === 'passed');
  expect(withoutKind(passed ? [passed] : [])).toEqual(['failed', 'broken']);
});

describe.each(names)('the gate %s', (name) => {
  const gate = gateOf(name);

  test('has a sample that passed, one that failed and one that was broken', () => {
    expect(withoutKind(gate.samples)).toEqual([]);
  });

  test('links to the page of its tool and says what each parameter is for', () => {
    expect(gate.tool).toMatch(/^https:\/\/|^docs\//);
    for (const { about } of Object.values(gate.parameters ?? {})) expect(about).toMatch(/\S.*\.$/);
  });

  test('says what `doctor --prove` plants to make it fail', () => {
    expect(gate.prove).toBeDefined();
  });

  test('hands parameters over as words of a command that no shell reads', () => {
    for (const sample of gate.samples) expect(taskOf(name, gate, sample).command?.kind).toBe('argv');
  });

  test.each(gate.samples.map((sample) => [sample.name, sample] as const))(
    'judges "%s" rightly',
    (_, sample) => {
      const judgement = play(sample, taskOf(name, gate, sample));
      expect(judgement).toMatchObject({ verdict: sample.verdict });
      expect(judgement.reasons[0] ?? '').toContain(sample.reason ?? '');
      if (sample.verdict !== 'passed') expect(sample.reason).toBeDefined();
    },
  );
});
