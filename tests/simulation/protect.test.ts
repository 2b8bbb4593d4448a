// Scenes of protected files: where they are looked at, what nothing follows, and what later starts do about a change.

import { describe, expect, test } from 'vitest';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { ProtectPlan } from '../../src/core/plan/protect.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { FactInbox } from '../../src/engine/inbox.ts';
import type { Checkpoint, ProtectedChange } from '../../src/core/protect/event.ts';
import { checkpointKey } from '../../src/core/protect/progress.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import type { Guard, Noted } from '../../src/ports.ts';
import { gate, phase, plan, step } from '../unit/plan-builder.ts';
import { play, type Played, type Scene } from './scene.ts';

const PROTECT: ProtectPlan = { paths: ['gates/**'], appendOnly: [], implied: [], except: [] };
const CHANGED: readonly ProtectedChange[] = [{ path: 'gates/edge.yaml', how: 'changed' }];

/** Answers at once. `at`: where the change is seen; `later`: what is found in place of what the run before noted. */
class Told implements Guard {
  readonly looks: string[] = [];
  readonly against: (Noted | undefined)[] = [];
  inbox: FactInbox | undefined;
  readonly #at: string | undefined;
  readonly #isPutBack: boolean;

  constructor(at?: string, isPutBack = false) {
    this.#at = at;
    this.#isPutBack = isPutBack;
  }

  note(against: Noted | undefined): void {
    this.against.push(against);
    const refused = against && !this.#isPutBack && { refused: { after: 'run', changed: CHANGED } as const };
    this.inbox?.put({ type: 'protect.noted', files: 1, bytes: 2, sum: 'abc', ...refused });
  }

  compare(at: Checkpoint): void {
    this.looks.push(checkpointKey(at));
    const isHere = checkpointKey(at) === this.#at;
    this.inbox?.put({ type: 'protect.answered', ...at, ...(isHere && { changed: CHANGED }) });
  }
}

const PHASES = [
  phase('work', [step('agent'), gate('edge')]),
  phase('check', [gate('late')]),
  phase('clean', [step('tidy')], { always: true }),
];
const TWO: Plan = plan(PHASES, { protect: PROTECT });
const BARE: Plan = plan(PHASES);

function playWith(guard: Told, scene: Scene = {}, of = TWO): Promise<Played> {
  return play(of, { ...scene, guard: (inbox) => Object.assign(guard, { inbox }) });
}

test('[A8] protected files are looked at before the first phase, between steps and gates, and behind each phase', async () => {
  const guard = new Told();
  const { exit } = await playWith(guard);
  expect(exit).toBe(0);
  expect(guard.looks).toEqual(['', 'work steps', 'work', 'check', 'clean']);
});

test('without `protect` nobody looks', async () => {
  const guard = new Told('work');
  const { exit, events } = await playWith(guard, {}, BARE);
  expect(exit).toBe(0);
  expect(guard.looks).toEqual([]);
  expect(events.filter(({ type }) => type.startsWith('protect.'))).toEqual([]);
});

describe('[A8] no gate is judged behind a change', () => {
  test.each([
    ['', []],
    ['work steps', ['agent']],
    ['work', ['agent', 'edge']],
    ['check', ['agent', 'edge', 'late']],
  ])('seen at %j', async (at, started) => {
    const played = await playWith(new Told(at));
    expect(played.exit).toBe(9);
    expect(played.started, 'not even what cleans up').toEqual(started);
    expect(played.cycle).toMatchObject({ verdict: 'integrity', tampering: { changed: CHANGED } });
    const end = played.events.at(-1);
    expect(end).toMatchObject({ type: 'run.ended', reason: 'integrity', verdict: 'integrity' });
    const question = played.events.find(({ type }) => type === 'question.opened');
    expect(question).toMatchObject({ task: 'protected files' });
  });

  test('a gate that had failed before does not hide it, and a target that was met does not either', async () => {
    const target = {
      ...TWO,
      ends: {
        ...NO_EXIT,
        target: [
          {
            name: 'cycles',
            measure: { kind: 'cycles' },
            operator: '>=',
            value: 0,
            over: undefined,
            text: '>= 0',
          } as const,
        ],
      },
      loop: { ...TWO.loop, mode: 'iterations' as const },
    };
    const { exit, cycle } = await playWith(
      new Told('check'),
      { acts: { late: { end: { code: 1 } } } },
      target,
    );
    expect([exit, cycle?.verdict]).toEqual([9, 'integrity']);
  });
});

describe('[A8] a change is not forgotten by a start', () => {
  async function tampered(of = TWO): Promise<Played> {
    return playWith(new Told('work'), {}, of);
  }

  test('the next one is refused with 9 before anything runs, as often as it is tried, with one question', async () => {
    const { disk } = await tampered();
    for (const run of ['run-2', 'run-3']) {
      const guard = new Told();
      const next = await playWith(guard, { disk, run });
      expect([next.exit, next.started]).toEqual([9, []]);
      expect(guard.against).toMatchObject([{ sum: 'abc' }]);
      expect(next.events.find(({ type }) => type === 'question.opened')).toBeUndefined();
      expect(next.events.at(-1)).toMatchObject({ why: expect.stringContaining('since the run before') });
    }
  });

  test('it goes on once the files are back, and what it then notes is no longer in doubt', async () => {
    const { disk } = await tampered();
    const back = await playWith(new Told(undefined, true), { disk, run: 'run-2' });
    expect(back.exit).toBe(0);
    expect(back.events.find(({ type }) => type === 'question.closed')).toBeDefined();
    const guard = new Told();
    expect((await playWith(guard, { disk, run: 'run-3' })).exit).toBe(0);
    expect(guard.against).toEqual([undefined]);
  });

  test('`--accept-config` takes it as it is', async () => {
    const { disk } = await tampered();
    const guard = new Told();
    expect((await playWith(guard, { disk, run: 'run-2', acceptConfig: true })).exit).toBe(0);
    expect(guard.against).toEqual([undefined]);
  });

  test('a config without `protect` is no way around it', async () => {
    const { disk } = await tampered();
    const next = await playWith(new Told(), { disk, run: 'run-2' }, BARE);
    expect([next.exit, next.started]).toEqual([9, []]);
    expect(next.events.at(-1)).toMatchObject({ why: expect.stringContaining('no `protect` any more') });
    expect((await playWith(new Told(), { disk, run: 'run-3', acceptConfig: true }, BARE)).exit).toBe(0);
  });

  test('behind a crash nobody has looked, so the next run must find what was noted', async () => {
    const first = await playWith(new Told(), { faults: { ...NO_FAULTS, crashOn: 'attempt.ended' } });
    expect(first.failure).toBe('crash');
    const guard = new Told();
    const next = await playWith(guard, { disk: first.disk, run: 'run-2' });
    expect(guard.against).toMatchObject([{ sum: 'abc' }]);
    expect(next.exit).toBe(9);
  });
});

test('an append-only file that has grown stands in the ledger, and the next look is told of it', async () => {
  const seen: Noted[] = [];
  const grows = (inbox: FactInbox): Guard => ({
    note: () => inbox.put({ type: 'protect.noted', files: 1, bytes: 2, sum: 'abc' }),
    compare: (at, noted) => {
      seen.push(noted);
      const bytes = seen.length;
      inbox.put({ type: 'protect.answered', ...at, grown: [{ path: 'log', bytes, sum: `${bytes}` }] });
    },
  });
  const { cycle, progress } = await play(TWO, { guard: grows });
  expect(seen.map(({ grown }) => grown.get('log')?.bytes)).toEqual([undefined, 1, 2, 3, 4]);
  expect(cycle?.grown).toEqual([{ path: 'log', bytes: 5, sum: '5' }]);
  const noted = progress?.run?.protect;
  expect(typeof noted === 'object' && noted.grown.get('log')?.bytes).toBe(5);
});
