import { describe, expect, test } from 'vitest';
import type { GateFile } from '../../../src/core/config/config.ts';
import { makePlan } from '../../../src/core/plan/make.ts';
import { NO_FLAGS } from '../../../src/core/plan/flags.ts';
import { complaints, configOf, planOf, type Circumstances } from './planning.ts';

const gate: GateFile = { about: 'a gate', tool: 'https://example.com', run: ['tool'], samples: [] };
const gates: NonNullable<Circumstances['gates']> = new Map([
  ['own', { file: 'gates/own.yaml', gate, from: 'loop' }],
  ['shipped', { file: '/usr/lib/gate-run/gates/shipped.yaml', gate, from: 'library' }],
]);
const PHASES = 'phases: { check: { gates: { a: { uses: own }, b: { uses: shipped } } } }\n';

describe('[A8] what `protect` stands for', () => {
  test('nothing without the key', () => {
    expect(planOf(PHASES, { gates }).protect).toBeUndefined();
  });

  test('the config and the gate files of its folder join what is named, what ships with gate-run does not', () => {
    const made = makePlan({
      config: configOf(`${PHASES}protect: ["scripts/*.py", { append-only: log.jsonl }]\n`),
      file: 'loop.config.yaml',
      gates: gates,
      flags: NO_FLAGS,
      env: {},
      cores: 2,
    });
    const protect = made.problems ? undefined : made.value.protect;
    expect(protect).toMatchObject({
      paths: ['scripts/*.py', 'loop.config.yaml', 'gates/own.yaml'],
      appendOnly: ['log.jsonl'],
      implied: ['loop.config.yaml', 'gates/own.yaml'],
    });
    expect(protect?.except).toEqual(expect.arrayContaining(['!.gate-run', '!.gate-run/**']));
  });

  test('variables are filled in', () => {
    const { protect } = planOf(`${PHASES}vars: { lab: tools }\nprotect: ["{{vars.lab}}/**"]\n`, { gates });
    expect(protect?.paths).toContain('tools/**');
  });

  test('another list is another plan', () => {
    const idOf = (list: string) => planOf(`${PHASES}protect: ${list}\n`, { gates }).id;
    expect(new Set(['[a]', '[b]', '[{ append-only: a }]'].map(idOf)).size).toBe(3);
  });
});

test('a file of somebody in a folder that they chose for the state', () => {
  const chosen = 'state: { dir: state }\n';
  const own = planOf(`${PHASES}${chosen}protect: [{ append-only: state/digests.jsonl }]\n`, { gates });
  expect(own.protect?.appendOnly).toEqual(['state/digests.jsonl']);
  for (const file of ['history.jsonl', 'cycles/000001/events.jsonl', 'lock.db'])
    expect(complaints(`${PHASES}${chosen}protect: [state/${file}]\n`, { gates })).toHaveLength(1);
});

describe('what `protect` cannot name', () => {
  test.each([
    ['[.gate-run/history.jsonl]', '`.gate-run/history.jsonl` is the ledger'],
    ['[.gate-run/deep/file]', '`.gate-run/deep/file` is inside the state directory'],
    ['[.gate-run]', '`.gate-run` is the state directory'],
    ['[.gate-run/stop]', '`.gate-run/stop` is the stop file'],
    ['[./questions.md]\nquestions: { file: questions.md }', '`./questions.md` is'],
    ['[" "]', 'an empty path'],
    ['["{{cycle}}.txt"]', 'cycle'],
  ])('%s', (list, message) => {
    const told = complaints(`${PHASES}protect: ${list}\n`, { gates });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(message);
    expect(told[0]).toContain('protect.0');
  });
});
