import { describe, expect, test } from 'vitest';
import { NO_EXIT } from '../../../src/core/plan/loop.ts';
import type { Receipts, ReceiptsTold } from '../../../src/core/receipts/event.ts';
import { movedText, receiptsOf, stillFor } from '../../../src/core/receipts/moved.ts';
import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import type { CycleEnded, TaskSummary } from '../../../src/core/loop/event.ts';
import type { MetricPlan, Plan } from '../../../src/core/plan/plan.ts';
import { rungOf } from '../judge/rung.ts';
import { gate, phase, plan } from '../plan-builder.ts';
import { planOf } from '../plan/planning.ts';
import { play, type Act, type Played } from '../../simulation/scene.ts';

const SCORE: MetricPlan = {
  name: 'score',
  source: { reader: 'regex', pattern: '(?<value>.*)', in: { stream: 'output' } },
  better: 'higher',
  bounds: undefined,
  unit: undefined,
};

/** Gives up after two cycles in a row that moved nothing. */
const STILL: Plan = plan(
  [phase('work', [gate('sims', { metrics: [SCORE] }), gate('check', { mode: 'soft' })])],
  {
    receipts: { except: [] },
    loop: { ...plan([]).loop, mode: 'iterations', sleepMs: 0 },
    ends: {
      ...NO_EXIT,
      budget: [
        {
          name: 'cycles',
          measure: { kind: 'cycles' },
          operator: '>=',
          value: 6,
          over: undefined,
          text: '>= 6',
        },
      ],
      giveUp: [
        {
          name: 'no-progress',
          measure: { kind: 'no-progress' },
          operator: '>=',
          value: 2,
          over: undefined,
          text: '>= 2',
        },
      ],
    },
  },
);

function playing(
  trees: readonly Omit<ReceiptsTold, 'type'>[],
  acts: Readonly<Record<string, Act>> = {},
  still: Plan = STILL,
): Promise<Played> {
  const left = [...trees];
  return play(still, {
    acts: { sims: { score: 1 }, ...acts },
    workTree: (inbox) => ({
      look: () => inbox.put({ type: 'receipts.told', ...(left.length > 1 ? left.shift() : left[0]) }),
    }),
  });
}

function movedIn({ events }: Played): readonly (readonly string[] | undefined)[] {
  return events.flatMap((event) => (event.type === 'cycle.ended' ? [event.receipts?.moved] : []));
}

describe('[A17] a loop that stands still gives up, and each cycle says what moved', () => {
  test('nothing moved', async () => {
    const played = await playing([{ tree: 'a', head: '1' }]);
    expect(movedIn(played)).toEqual([['first'], [], []]);
    expect(played.exit).toBe(4);
    expect(played.events.at(-1)).toMatchObject({ rule: 'no-progress >= 2' });
  });

  test.each<[string, Parameters<typeof playing>, string]>([
    ['the tree', [[{ tree: 'a' }, { tree: 'a' }, { tree: 'b' }]], 'tree'],
    [
      'a commit',
      [
        [
          { tree: 'a', head: '1' },
          { tree: 'a', head: '1' },
          { tree: 'a', head: '2' },
        ],
      ],
      'commits',
    ],
    [
      'a metric',
      [[{ tree: 'a' }], { 'sims/3': { score: 2 }, 'sims/4': { score: 2 }, 'sims/5': { score: 2 } }],
      'sims.score',
    ],
    [
      'a gate that passes now',
      [[{ tree: 'a' }], { 'check/1': { end: { code: 1 } }, 'check/2': { end: { code: 1 } } }],
      'check passed',
    ],
  ])('%s is progress', async (_what, [trees, acts], moved) => {
    const played = await playing(trees, acts);
    expect(movedIn(played)).toEqual([['first'], [], [moved], [], []]);
    expect(played.exit).toBe(4);
  });

  describe('what is not run in each cycle is compared with its own last run', () => {
    const when = { every: 2, passed: [], failed: [], asks: [] };
    const seldom: Plan = {
      ...STILL,
      phases: [
        phase('work', [
          gate('steady'),
          gate('sims', { metrics: [SCORE], when }),
          gate('check', { mode: 'soft', when }),
        ]),
      ],
    };

    test('the same value again is no progress', async () => {
      const played = await playing([{ tree: 'a' }], {}, seldom);
      expect(movedIn(played)).toEqual([['first'], [], []]);
    });

    test('a gate that was red, then skipped, then passes, is', async () => {
      const played = await playing([{ tree: 'a' }], { 'check/1': { end: { code: 1 } } }, seldom);
      expect(movedIn(played)).toEqual([['first'], [], ['check passed'], [], []]);
    });

    test('a value that is another one is', async () => {
      const played = await playing(
        [{ tree: 'a' }],
        { 'sims/3': { score: 2 }, 'sims/5': { score: 2 } },
        seldom,
      );
      expect(movedIn(played)).toEqual([['first'], [], ['sims.score'], [], []]);
    });

    test('a value that only could not be measured for a while is none', async () => {
      const broken = { end: { signal: 'SIGKILL' } };
      const soft: Plan = {
        ...STILL,
        phases: [
          phase('work', [gate('steady'), gate('sims', { mode: 'soft', onBroken: 'soft', metrics: [SCORE] })]),
        ],
      };
      const played = await playing([{ tree: 'a' }], { 'sims/2': broken, 'sims/4': broken }, soft);
      expect(movedIn(played)).toEqual([['first'], [], ['sims passed'], [], ['sims passed'], []]);
    });
  });

  test('a tree that nobody could look at is neither progress nor none', async () => {
    const played = await playing([{ tree: 'a' }, { tree: 'a' }, { failed: 'no git' }, { tree: 'a' }]);
    expect(movedIn(played)).toEqual([['first'], [], [], []]);
    expect(played.exit).toBe(4);
  });
});

test('a plan that looks at no `no-progress` asks nobody', async () => {
  expect(planOf('phases: { a: { gates: { b: { run: "true" } } } }').receipts).toBeUndefined();
  const asked = planOf(
    'phases: { a: { gates: { b: { run: "true" } } } }\nexit: { give-up: { no-progress: 4 } }',
  );
  expect(asked.receipts?.except).toContain('!.gate-run');
  const elsewhere = planOf(
    'phases: { a: { gates: { b: { run: "true" } } } }\nexit: { give-up: { no-progress: 4 } }\nstate: { cache: { dir: kept } }\nprotect: [src]',
  );
  expect(elsewhere.receipts?.except).toContain('!kept/**');
  expect(elsewhere.protect?.except).toContain('!kept/**');
  const { receipts: _, ...bare } = STILL;
  const { events } = await play({ ...bare, ends: NO_EXIT, loop: { ...bare.loop, mode: 'once' } }, {});
  expect(events.filter(({ type }) => type.startsWith('receipts.'))).toEqual([]);
});

test('a mean of other simulations moves nothing, and the next whole one is held to the last whole one', () => {
  const whole = { planned: 2, done: 2 };
  const failed = { planned: 3, done: 2, failed: 1, mayFail: 1 };
  const early = { side: 'below', at: 2, of: 'champion', confidence: 0.99 } as const;
  const cut = { planned: 9, done: 2, early };
  const rungs = [
    [3, whole],
    [4, failed],
    [5, cut],
    [3, whole],
    [6, whole],
  ] as const;
  let last: CycleEnded | undefined;
  const moved = rungs.map(([edge, sims], at) => {
    const tasks = [ladder(edge, sims)];
    const receipts = receiptsOf({ receipts: { type: 'receipts.told' } }, tasks, last);
    const ended = {
      type: 'cycle.ended',
      cycle: at + 1,
      turn: 'cycle',
      verdict: 'passed',
      durationMs: 1,
    } as const;
    last = { ...ended, tasks, ...(receipts && { receipts }) };
    return receipts?.moved;
  });
  expect(moved).toEqual([['first'], [], [], [], ['sims.2.edge', 'sims.edge']]);
});

function ladder(edge: number, sims: Partial<SimsEvidence>): TaskSummary {
  return {
    id: 'sims',
    kind: 'gate',
    mode: 'strict',
    phase: 'work',
    at: '2026-01-01T00:00:00.000Z',
    verdict: 'passed',
    rung: 2,
    rungs: { '2': { edge } },
    sims: { '2': rungOf([1, 2], sims) },
    attempts: 1,
    durationMs: 1,
    metrics: { edge },
    labels: {},
    reasons: [],
    checks: [],
  };
}

test('in words, and in a row', () => {
  const ended = (receipts?: Receipts): CycleEnded => ({
    type: 'cycle.ended',
    cycle: 1,
    turn: 'cycle',
    verdict: 'passed',
    durationMs: 1,
    tasks: [],
    ...(receipts && { receipts }),
  });
  expect(movedText(ended())).toBe('');
  expect(movedText(ended({ moved: ['tree', 'commits'], commits: 3 }))).toBe('moved tree, 3 commits');
  expect(movedText(ended({ moved: [] }))).toBe('moved nothing');
  expect(movedText(ended({ moved: [], failed: 'no git' }))).toBe('nobody knows what moved: no git');
  expect(stillFor(undefined, ended())).toBeUndefined();
  expect(stillFor(3, ended())).toBe(3);
  expect(stillFor(3, ended({ moved: [] }))).toBe(4);
  expect(stillFor(3, ended({ moved: ['tree'] }))).toBe(0);
});
