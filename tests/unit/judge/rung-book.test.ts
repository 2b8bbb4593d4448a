// The book of a rung: what is left to run, what is known, when it ends, and what its evidence says.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchAnswers } from '../../../src/core/judge/batch.ts';
import { Conversation } from '../../../src/core/judge/conversation.ts';
import type { SeedOutcome } from '../../../src/core/judge/line.ts';
import { watchRung } from '../../../src/core/judge/rung-watch.ts';
import { Rung, type RungFacts } from '../../../src/core/judge/rung.ts';
import { readValues, valuesText } from '../../../src/core/judge/sims-file.ts';
import type { MetricPlan } from '../../../src/core/plan/plan.ts';

const EDGE: MetricPlan = {
  name: 'edge',
  source: { reader: 'line', field: 'edge', in: { stream: 'output' } },
  better: 'higher',
  bounds: undefined,
  unit: undefined,
};

function rung(unusual: Partial<RungFacts> = {}): Rung {
  return new Rung({
    base: 0,
    planned: 10,
    mayFail: 0,
    metrics: [EDGE],
    confidence: undefined,
    endsAbove: false,
    known: new Map(),
    ...unusual,
  });
}

const done = (edge: number): SeedOutcome => ({ values: { edge } });
const FAILED: SeedOutcome = { failed: 'exit 3' };

describe('what is left to run', () => {
  test('seeds are given once, in order, and those given back come first', () => {
    const book = rung({ base: 5, planned: 6 });
    expect(book.take(4)).toEqual([5, 6, 7, 8]);
    book.giveBack(6);
    expect([book.take(4), book.take(4), book.take(4)]).toEqual([[6], [9, 10], []]);
  });

  test('what is known is not given, and a batch does not reach over it', () => {
    const known = new Map([2, 3].map((seed) => [seed, done(seed)] as const));
    const book = rung({ planned: 6, known });
    expect([book.take(9), book.take(9), book.take(9)]).toEqual([[0, 1], [4, 5], []]);
    expect(book.evidence()).toMatchObject({ done: 2, reused: 2 });
  });

  test('values of seeds that are none of this rung are kept for others, and count for nothing', () => {
    const book = rung({ planned: 2, known: new Map([[7, done(1e9)]]) });
    book.settle(0, done(1));
    book.settle(1, done(3));
    expect(book.end()).toBe('whole');
    expect(book.evidence()).toMatchObject({ reused: 0, metrics: { edge: { n: 2, mean: 2, max: 3 } } });
    expect(book.known().get(7)).toEqual(done(1e9));
  });
});

describe('failures', () => {
  test('a simulation that failed is no value, not even zero', () => {
    const book = rung({ planned: 3, mayFail: 1 });
    book.settle(0, done(30));
    book.settle(1, FAILED, ['exit', 'exit.3']);
    book.settle(2, done(50));
    expect(book.evidence()).toMatchObject({
      done: 2,
      failed: 1,
      firstFailed: { seed: 1, why: 'exit 3' },
      causes: ['exit', 'exit.3'],
      metrics: { edge: { n: 2, mean: 40, min: 30 } },
    });
    expect(book.glance()).toEqual({ planned: 3, done: 2, failed: 1, metric: 'edge', mean: 40 });
  });

  test('one more than may fail ends the rung', () => {
    const book = rung({ mayFail: 1 });
    book.settle(0, FAILED);
    expect(book.end()).toBeUndefined();
    book.settle(5, FAILED);
    expect(book.end()).toBe('too-many-failed');
  });

  test('a later word on a seed takes the place of an earlier one', () => {
    const book = rung({ planned: 1 });
    book.settle(0, done(5));
    book.settle(0, FAILED);
    expect(book.evidence()).toMatchObject({ done: 0, failed: 1, metrics: {} });
    expect(book.glance().mean).toBeUndefined();
  });

  test('one seed, and none', () => {
    const book = rung({ planned: 1 });
    expect(book.evidence()).toMatchObject({ done: 0, failed: 0, metrics: {} });
    book.settle(0, done(5));
    expect(book.evidence().metrics['edge']).toMatchObject({ n: 1, mean: 5, p05: 5 });
    expect(book.evidence().metrics['edge']).not.toHaveProperty('sd');
  });
});

describe('the end of a rung before its end', () => {
  const planned = 400;
  const value = (seed: number) => 100 + (seed % 7);
  const watch = (limit: number, more: Partial<Parameters<typeof watchRung>[0]> = {}) =>
    watchRung({
      planned,
      confidence: 0.99,
      mayFail: 0,
      questions: [{ metric: 'edge', limit, better: 'higher', text: `edge > ${limit}`, role: 'require' }],
      hasMore: false,
      needsWhole: false,
      rival: undefined,
      ...more,
    });
  const run = (book: Rung, seeds: readonly number[]): void => {
    for (const seed of seeds) {
      if (book.end() !== undefined) return;
      book.settle(seed, done(value(seed)));
    }
  };
  const all = Array.from({ length: planned }, (_, seed) => seed);

  test('does not depend on which simulation was faster', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: planned }), (order) => {
        const [one, other] = [rung({ planned, watch: watch(300) }), rung({ planned, watch: watch(300) })];
        run(one, all);
        run(other, order);
        expect(other.evidence().early).toEqual(one.evidence().early);
        expect(other.evidence().metrics).toEqual(one.evidence().metrics);
      }),
      { numRuns: 20 },
    );
  });

  test('against the candidate ends every rung, and its values are those of the prefix that decided', () => {
    const book = rung({ planned, watch: watch(300) });
    run(book, all);
    expect(book.end()).toBe('decided');
    const { early, done: many, metrics } = book.evidence();
    expect(early).toEqual({ at: 50, side: 'below', of: 'edge > 300', confidence: 0.99 });
    expect([many, metrics['edge']?.n]).toEqual([50, 50]);
  });

  test('for the candidate ends a lower rung, and only tells of the top one', () => {
    const lower = rung({ planned, watch: watch(10), endsAbove: true });
    run(lower, all);
    expect([lower.end(), lower.evidence().early?.side]).toEqual(['decided', 'above']);
    const top = rung({ planned, watch: watch(10) });
    run(top, all);
    expect([top.end(), top.evidence().early?.side, top.evidence().done]).toEqual(['whole', 'above', planned]);
  });

  test('for the candidate decides nothing where something else is asked too', () => {
    const book = rung({ planned, watch: watch(10, { hasMore: true }), endsAbove: true });
    run(book, all);
    expect([book.end(), book.evidence().early]).toEqual(['whole', undefined]);
  });

  test('[A9] compares with the champion seed by seed, and only with the seeds that both have', () => {
    const values = new Map(
      all.filter((seed) => seed !== 3).map((seed) => [seed, value(seed) + 5 + (seed % 2)]),
    );
    const rival = {
      cycle: 1,
      metric: 'edge',
      better: 'higher',
      minDelta: 0,
      confidence: 0.99,
      values,
    } as const;
    const book = rung({ planned, rival, watch: watch(0, { questions: [], rival }) });
    run(book, all);
    expect(book.evidence().early).toMatchObject({ side: 'below', of: 'champion' });
    expect(book.evidence().paired).toMatchObject({ wins: false, n: (book.evidence().early?.at ?? 0) - 1 });
  });

  test('[A9] a seed that only the champion has a value of is lost, and one that neither has is none', () => {
    const values = new Map(all.filter((seed) => seed !== 3).map((seed) => [seed, value(seed)]));
    const rival = {
      cycle: 1,
      metric: 'edge',
      better: 'higher',
      minDelta: 0,
      confidence: 0.99,
      values,
    } as const;
    const book = rung({ planned, rival, mayFail: 9 });
    for (const seed of all)
      book.settle(seed, [3, 5, 7].includes(seed) ? FAILED : done(value(seed) + 1 + (seed % 2)));
    expect(book.evidence().paired).toMatchObject({ n: planned - 1, lost: 2, wins: true });
  });
});

describe('the file of values', () => {
  const outcome = fc.oneof(
    fc.record({ failed: fc.string() }),
    fc.record({ values: fc.record({ edge: fc.double({ noNaN: true, noDefaultInfinity: true }) }) }),
  );

  test('what is written is what is read, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.nat().map(String), outcome), (made) => {
        const outcomes = new Map(Object.entries(made).map(([seed, one]) => [Number(seed), one]));
        const read = readValues(valuesText(outcomes));
        expect(new Map(read)).toEqual(new Map([...outcomes].map(([seed, one]) => [seed, zeroed(one)])));
      }),
    );
  });

  /** JSON knows no negative zero. */
  function zeroed(one: SeedOutcome): SeedOutcome {
    return 'failed' in one ? one : done((one.values['edge'] ?? 0) + 0);
  }

  test.each(['x', '{"seed":1,"edge":"2"}', '{"edge":1}', '{"seed":1.5}', '{"seed":1}\n{"seed":1}', '[]'])(
    'that is not ours is not believed: %s',
    (text) => {
      expect(readValues(text)).toBeUndefined();
    },
  );
});

describe('a conversation with a worker', () => {
  test('an answer belongs to what was asked', () => {
    const talk = new Conversation([EDGE]);
    expect(talk.ask(7)).toBe('{"seed":7}\n');
    expect(talk.hear('  ')).toBeUndefined();
    expect(talk.hear('{"seed":7,"edge":3}')).toEqual({ answer: done(3), isOver: false });
    expect(talk.hear('{"seed":7,"edge":4}')).toMatchObject({ before: { seed: 7 }, isOver: true });
  });

  test('whoever speaks before being asked is not believed', () => {
    expect(new Conversation([EDGE]).hear('ready')).toEqual({ isOver: true });
  });

  test('no text whatever is an answer to a seed that it does not name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const talk = new Conversation([EDGE]);
        talk.ask(7);
        const answer = talk.hear(text)?.answer;
        expect(answer === undefined || 'failed' in answer || text.includes('"seed"')).toBe(true);
      }),
    );
  });
});

test('of a batch that answers what nobody asked, nothing is believed', () => {
  const answers = new BatchAnswers([1, 2], [EDGE]);
  for (const line of ['talk', '{"seed":1,"edge":5}', '{"seed":9,"edge":5}']) answers.hear(line);
  expect([...answers.outcomes().values()].every((outcome) => 'failed' in outcome)).toBe(true);
});

test('of a batch each seed has the value that was printed for it, in any order and between any talk', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
  const talk = fc.string().filter((text) => !text.includes('\n') && !text.trim().startsWith('{'));
  const printed = fc.uniqueArray(fc.tuple(fc.nat({ max: 999 }), value), {
    selector: ([seed]) => seed,
    maxLength: 30,
  });
  fc.assert(
    fc.property(printed, fc.array(talk), fc.nat(), fc.nat({ max: 999 }), (pairs, words, at, twice) => {
      const lines = [...pairs.map(([seed, edge]) => JSON.stringify({ seed, edge })), ...words];
      const turned = [...lines.slice(at % (lines.length + 1)), ...lines.slice(0, at % (lines.length + 1))];
      const seeds = Array.from({ length: 1000 }, (_, seed) => seed);
      const answers = new BatchAnswers(seeds, [EDGE]);
      for (const line of turned) answers.hear(line);
      const expected = new Map(pairs.map(([seed, edge]) => [seed, done(edge + 0)]));
      expect(new Map(answers.outcomes())).toEqual(expected);
      for (const _ of 'ab') answers.hear(JSON.stringify({ seed: twice, edge: 1 }));
      expect(answers.outcomes().get(twice)).toEqual({ failed: 'it was answered twice' });
    }),
  );
});
