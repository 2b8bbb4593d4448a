// Scenes of tasks with `writes`: what is too much, what is put back and when, and that nothing runs beside them.

import { describe, expect, test } from 'vitest';
import type { TaskPlan } from '../../src/core/plan/plan.ts';
import type { WritesPlan } from '../../src/core/plan/writes.ts';
import type { Writes, WrittenPath } from '../../src/core/writes/event.ts';
import { writesAreCapped, writersRunAlone } from '../../src/simulation/writes-invariants.ts';
import { gate, phase, plan, step } from '../unit/plan-builder.ts';
import { play, type Act, type Played, type Scene } from './scene.ts';

const CAP: WritesPlan = { files: 2, onViolation: 'fail' };
const UNDO: WritesPlan = { ...CAP, onViolation: 'restore' };
const changed = (...paths: readonly string[]): Writes => ({
  files: paths.length,
  changed: paths.map((path): WrittenPath => ({ path, how: 'changed' })),
});
const TWO: Act = { wrote: changed('a', 'b') };
const THREE: Act = { wrote: changed('a', 'b', 'c') };

async function played(tasks: readonly TaskPlan[], scene: Scene = {}): Promise<Played> {
  const loop = plan([phase('work', tasks)], { tree: { except: [] } });
  const end = await play(loop, scene);
  expect([...writersRunAlone(loop, end.events), ...writesAreCapped(loop, end.events)]).toEqual([]);
  return end;
}

function typesOf({ events }: Played, task: string): readonly string[] {
  return events.flatMap((event) =>
    'task' in event && event.task === task && event.type !== 'question.opened' ? [event.type] : [],
  );
}

function reasonsOf({ cycle }: Played, id: string): readonly string[] {
  return cycle?.tasks.find((task) => task.id === id)?.reasons ?? [];
}

describe('a cap on writing', () => {
  test('that holds says nothing', async () => {
    const end = await played([step('agent', { writes: CAP }), gate('lint')], { acts: { agent: TWO } });
    expect(end.verdicts).toEqual({ agent: 'passed', lint: 'passed' });
    expect(reasonsOf(end, 'agent')).toEqual([]);
  });

  test('that does not hold fails the step and the cycle, with the list; the step is not broken', async () => {
    const end = await played([step('agent', { writes: CAP }), gate('lint')], { acts: { agent: THREE } });
    expect(end.verdicts).toEqual({ agent: 'failed', lint: 'skipped' });
    expect(end.cycle?.verdict).toBe('failed');
    expect(end.exit).toBe(1);
    expect(reasonsOf(end, 'agent')).toEqual(['wrote 3 files of at most 2: a changed, b changed, c changed']);
    expect(typesOf(end, 'agent')).not.toContain('attempt.undoing');
  });

  test('fails a gate too, and a soft one softly', async () => {
    const soft = gate('fix', { writes: CAP, mode: 'soft' });
    const end = await played([gate('format', { writes: CAP }), soft], {
      acts: { format: THREE, fix: THREE },
    });
    expect(end.verdicts).toEqual({ format: 'failed', fix: 'skipped' });
    const alone = await played([soft], { acts: { fix: THREE } });
    expect(alone.verdicts).toEqual({ fix: 'soft-failed' });
  });

  test('leaves a step broken that also exits with 1', async () => {
    const end = await played([step('agent', { writes: CAP })], {
      acts: { agent: { ...THREE, end: { code: 1 } } },
    });
    expect(end.verdicts).toEqual({ agent: 'broken' });
    expect(reasonsOf(end, 'agent')).toHaveLength(2);
  });

  test('is no cause to try again, and a file written by an earlier attempt still counts', async () => {
    const retry = { limit: 3, when: [], delayMs: 0, factor: 1 };
    const end = await played([step('agent', { writes: CAP, retry })], {
      acts: { 'agent.1': { ...TWO, end: { code: 1 } }, 'agent.2': { ...THREE, end: { code: 1 } } },
    });
    expect(end.started).toEqual(['agent', 'agent#2']);
  });

  test('over lines and outside of `only` names each', async () => {
    const writes: WritesPlan = { lines: 10, only: ['src/**'], onViolation: 'fail' };
    const wrote: Writes = {
      files: 2,
      lines: 11,
      outside: 1,
      changed: [
        { path: 'x', how: 'added', outside: true },
        { path: 'src/a', how: 'removed' },
      ],
    };
    const end = await played([step('agent', { writes })], { acts: { agent: { wrote } } });
    expect(reasonsOf(end, 'agent')).toEqual([
      'wrote outside of src/**: x added',
      'changed 11 lines of at most 10: x added, src/a removed',
    ]);
  });

  test('is broken where nobody could look, and where nobody did', async () => {
    const failed = 'sandbox cannot be read (EACCES)';
    const blind = await played([step('agent', { writes: CAP })], {
      acts: { agent: { wrote: { files: 0, failed } } },
    });
    expect(blind.verdicts).toEqual({ agent: 'broken' });
    expect(reasonsOf(blind, 'agent')).toEqual([`what it wrote is not known: ${failed}`]);
    const unseen = await played([step('agent', { writes: CAP })]);
    expect(unseen.verdicts).toEqual({ agent: 'broken' });
  });

  test('that is broken by other files each cycle is one question', async () => {
    const once = await played([step('agent', { writes: CAP })], { acts: { agent: THREE } });
    const more = changed('d', 'e', 'f', 'g', 'h', 'i', 'j');
    const again = await played([step('agent', { writes: CAP })], { acts: { agent: { wrote: more } } });
    expect(again.cycle?.tasks[0]?.fingerprint).toBe(once.cycle?.tasks[0]?.fingerprint);
    expect(reasonsOf(again, 'agent')[0]).toMatch(/^wrote 7 files of at most 2: d changed, .* and 2 more$/);
  });
});

describe('what is to be put back', () => {
  const AGENT = step('agent', { writes: UNDO });

  test('is put back by a decision of its own, before the verdict, and the task has failed all the same', async () => {
    const end = await played([AGENT], { acts: { agent: THREE }, undone: { files: 3 } });
    expect(typesOf(end, 'agent')).toEqual([
      'attempt.started',
      'attempt.ended',
      'attempt.undoing',
      'attempt.undone',
      'task.judged',
    ]);
    expect(end.verdicts).toEqual({ agent: 'failed' });
    expect(reasonsOf(end, 'agent').at(-1)).toBe('put back as it was: 3 paths');
  });

  test('is left alone where the caps hold', async () => {
    const end = await played([AGENT], { acts: { agent: TWO } });
    expect(typesOf(end, 'agent')).not.toContain('attempt.undoing');
  });

  test('and could not be leaves the task broken, with names', async () => {
    const left = [{ path: 'b', why: 'ENOSPC' }];
    const end = await played([AGENT], { acts: { agent: THREE }, undone: { files: 2, left } });
    expect(end.verdicts).toEqual({ agent: 'broken' });
    expect(reasonsOf(end, 'agent').at(-1)).toBe('1 of 3 paths could not be put back: b (ENOSPC)');
  });

  test('is put back also behind a time limit, and behind a stop that cut the task off', async () => {
    const late = await played([{ ...AGENT, timeoutMs: 50 }], {
      acts: { agent: { ...THREE, afterMs: 'never' } },
    });
    expect(typesOf(late, 'agent')).toContain('attempt.undone');
    expect(late.verdicts).toEqual({ agent: 'broken' });
    const stop = { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: true } as const;
    const cut = await played([AGENT], {
      acts: { agent: { ...THREE, afterMs: 'never' } },
      facts: [[50, stop]],
    });
    expect(typesOf(cut, 'agent').slice(-3)).toEqual(['attempt.undoing', 'attempt.undone', 'task.skipped']);
  });
});

describe('a task with `writes`', () => {
  test('waits until nothing else runs, and nothing else begins beside it', async () => {
    const end = await played([gate('slow'), gate('format', { writes: CAP }), gate('quick')], {
      acts: { slow: { afterMs: 500 }, format: TWO },
    });
    const order = end.events.flatMap((event) =>
      event.type === 'attempt.started' || event.type === 'attempt.ended'
        ? [`${event.task} ${event.type}`]
        : [],
    );
    expect(order).toEqual(
      ['slow', 'format', 'quick'].flatMap((id) => [`${id} attempt.started`, `${id} attempt.ended`]),
    );
  });

  test('keeps the others waiting between two of its attempts too', async () => {
    const retry = { limit: 1, when: [], delayMs: 1000, factor: 1 };
    const end = await played([gate('format', { writes: CAP, retry }), gate('other')], {
      acts: { 'format.1': { ...TWO, end: { code: 1 } }, 'format.2': TWO },
    });
    expect(end.started).toEqual(['format', 'format#2', 'other']);
  });

  test('is not started beside another that is asked about, nor goes on from its own question beside one', async () => {
    const when = {
      every: undefined,
      passed: [],
      failed: [],
      asks: [{ key: 'exists', paths: ['x'] }],
    } as const;
    const end = await played(
      [gate('other', { when }), gate('format', { writes: CAP, when }), gate('third'), gate('fourth')],
      { acts: { other: { afterMs: 300 }, format: TWO, third: { afterMs: 300 } } },
    );
    expect(end.verdicts).toEqual({ other: 'passed', format: 'passed', third: 'passed', fourth: 'passed' });
  });
});
