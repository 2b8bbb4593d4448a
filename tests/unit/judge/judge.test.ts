import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earnsPromotion, isGreen, judgeTask, satisfiesNeed } from '../../../src/core/judge/judge.ts';
import type { StopCause } from '../../../src/core/judge/evidence.ts';
import { compare, evidence, judge, metric, stage, task, threshold } from './parts.ts';

const none = () => undefined;

describe('what the end of a process means', () => {
  test('exit 0 passes, of a step and of a gate', () => {
    expect(judge()).toMatchObject({ verdict: 'passed', outcome: 'exited', reasons: [] });
    expect(judge({ task: { kind: 'step' } }).verdict).toBe('passed');
  });

  test('a gate that exits non-zero has failed, a step is broken', () => {
    expect(judge({ end: { code: 3 } })).toMatchObject({ verdict: 'failed', reasons: ['exit 3'] });
    expect(judge({ end: { code: 3 }, task: { kind: 'step' } }).verdict).toBe('broken');
  });

  test.each([
    ['timeout', 'timed out after 12.3 s'],
    ['phase-timeout', "timed out after 12.3 s, at its phase's time limit"],
    ['cycle-timeout', "timed out after 12.3 s, at the cycle's time limit"],
    ['stall', 'stalled: no output, no activity and no CPU time for 15m 0s'],
    ['cancelled', 'cancelled after 12.3 s'],
    ['stop', 'cancelled after 12.3 s'],
    ['storage', 'its output could not be stored'],
  ] as const satisfies readonly (readonly [StopCause, string])[])(
    '[A13] %s is broken even if exit 0 follows',
    (stopCause, reason) => {
      expect(judge({ stopCause })).toMatchObject({ verdict: 'broken', reasons: [reason] });
    },
  );

  test.each([
    [{ signal: 'SIGKILL' }, {}, 'killed by SIGKILL after 12.3 s, not by gate-run'],
    [{ code: 137 }, {}, 'killed by SIGKILL after 12.3 s, not by gate-run'],
    [{ code: 0 }, { oomKills: 3 }, 'out of memory: the kernel killed 3 of its processes'],
    [
      { code: 134 },
      { heapMessage: true },
      'reached its JavaScript heap limit — raise it with NODE_OPTIONS=--max-old-space-size=MIB',
    ],
    [{ signal: 'SIGXCPU' }, {}, 'used up its CPU time (SIGXCPU)'],
    [{ code: 153 }, {}, 'wrote a file above its size limit (SIGXFSZ)'],
    [{ code: 127 }, {}, 'could not be started: the command was not found (exit 127)'],
    [{ code: 126 }, {}, 'could not be started: the command was not executable (exit 126)'],
    [
      { notStarted: 'no-folder', detail: 'there is no folder `web`' },
      {},
      'could not be started: there is no folder `web`',
    ],
    [{ storage: 'ENOSPC' }, {}, 'its output could not be stored: ENOSPC'],
    [{ interrupted: true }, {}, 'interrupted: gate-run itself was ended while it ran'],
  ] as const)('%o is broken: %o', (end, facts, reason) => {
    expect(judge({ end, facts })).toMatchObject({ verdict: 'broken', reasons: [reason] });
  });

  test('a task that emptied its own log is broken, with the mend', () => {
    const judged = judge({ facts: { log: 'emptied' } });
    expect(judged.verdict).toBe('broken');
    expect(judged.reasons[0]).toContain('write `>&2`');
  });

  test('a log that was cut is remarked and changes nothing', () => {
    expect(judge({ facts: { log: 'cut' } })).toMatchObject({
      verdict: 'passed',
      reasons: ['its log was cut at `log-limit`: head and tail are kept'],
    });
  });

  test('without any attempt there is nothing to judge', () => {
    const judged = judgeTask({
      task: task(),
      outcome: undefined,
      ended: undefined,
      evidence: evidence(),
      attempt: 0,
      past: none,
    });
    expect(judged.verdict).toBe('broken');
  });
});

describe('exits', () => {
  const exits = [
    { codes: [0, 7], means: 'passed' },
    { codes: [1], means: 'failed' },
    { codes: [2, 3, 137], means: 'broken' },
    { codes: [77], means: 'skipped' },
    { codes: [75], means: 'limited' },
  ] as const;

  test.each([
    [7, 'passed', 'exited'],
    [1, 'failed', 'exited'],
    [3, 'broken', 'exited'],
    [137, 'broken', 'exited'],
    [77, 'skipped', 'exited'],
    [75, 'broken', 'limited'],
    [9, 'failed', 'exited'],
  ] as const)('code %i is %s', (code, verdict, outcome) => {
    expect(judge({ task: { exits }, end: { code } })).toMatchObject({ verdict, outcome });
  });

  test('[B11] a skip by exit code says so', () => {
    expect(judge({ task: { exits }, end: { code: 77 } })).toMatchObject({
      skippedByExit: true,
      reasons: ['exit 77, which `exits` calls skipped'],
    });
  });

  test('0 can be made a failure', () => {
    expect(judge({ task: { exits: [{ codes: [0], means: 'failed' }] } }).verdict).toBe('failed');
  });
});

describe('metrics', () => {
  const metrics = [metric('edge', { bounds: [0, 1000] })];
  const missing = { unread: 'missing', detail: 'metric `edge` was not found in the output' } as const;

  test.each(['missing', 'not-finite', 'stale', 'too-long', 'unreadable'] as const)(
    '[A8] a metric that is %s is broken, though the command exits 0',
    (unread) => {
      const judged = judge({ task: { metrics }, evidence: evidence({ edge: { unread, detail: 'why' } }) });
      expect(judged).toMatchObject({ verdict: 'broken', reasons: ['why'] });
      expect(judged.metrics).toEqual({});
    },
  );

  test.each([NaN, Infinity, -Infinity])('[A8] %d never counts as a number', (edge) => {
    const judged = judge({ task: { metrics: [metric('edge')] }, evidence: evidence({ edge }) });
    expect(judged.verdict).toBe('broken');
    expect(judged.metrics).toEqual({});
  });

  test.each([-0.001, 1000.001, 1e300])(
    '[A8] %d is out of bounds: broken, and nobody measures against it',
    (edge) => {
      const judged = judge({ task: { metrics }, evidence: evidence({ edge }) });
      expect(judged.verdict).toBe('broken');
      expect(judged.metrics).toEqual({});
      expect(judged.reasons[0]).toContain('outside its bounds 0 to 1000');
    },
  );

  test('[A7] what a command says about itself does not outweigh that it failed', () => {
    const thresholds = [threshold('edge', { require: compare('>= 1') })];
    const proud = { task: { metrics, thresholds }, evidence: evidence({ edge: 999 }) };
    expect(judge(proud).verdict).toBe('passed');
    expect(judge({ ...proud, end: { code: 1 } }).verdict).toBe('failed');
    expect(judge({ ...proud, stopCause: 'timeout' }).verdict).toBe('broken');
  });

  test('the bounds themselves are inside', () => {
    expect(judge({ task: { metrics }, evidence: evidence({ edge: 0 }) }).verdict).toBe('passed');
    expect(judge({ task: { metrics }, evidence: evidence({ edge: 1000 }) }).verdict).toBe('passed');
  });

  test('a metric that nobody read is broken, never zero', () => {
    expect(judge({ task: { metrics } })).toMatchObject({
      verdict: 'broken',
      reasons: ['metric `edge` was not read'],
    });
  });

  test('missing metrics do not hide that the command failed', () => {
    const two = [...metrics, metric('lines')];
    const judged = judge({
      task: { metrics: two },
      end: { code: 1 },
      evidence: evidence({ edge: missing, lines: 80 }),
    });
    expect(judged).toMatchObject({ verdict: 'failed', reasons: ['exit 1'], metrics: { lines: 80 } });
  });

  test('a kill is the cause, and what it kept from being printed is not', () => {
    const judged = judge({
      task: { metrics },
      end: { signal: 'SIGKILL' },
      evidence: evidence({ edge: missing }),
    });
    expect(judged.reasons).toHaveLength(1);
  });

  test('[B20] a soft gate with a stale metric is broken, unless on-broken says soft', () => {
    const stale = evidence({
      edge: { unread: 'stale', detail: 'metric `edge`: out/x.json is older than the attempt' },
    });
    expect(judge({ task: { metrics, mode: 'soft' }, evidence: stale }).verdict).toBe('broken');
    expect(judge({ task: { metrics, mode: 'soft', onBroken: 'soft' }, evidence: stale }).verdict).toBe(
      'soft-failed',
    );
    expect(judge({ task: { metrics, onBroken: 'soft' }, evidence: stale }).verdict).toBe('broken');
  });
});

describe('thresholds', () => {
  const metrics = [metric('lines')];
  const required = [threshold('lines', { require: compare('>= 80'), want: compare('>= 90') })];

  test.each([
    [95, 'strict', 'passed'],
    [85, 'strict', 'soft-failed'],
    [75, 'strict', 'failed'],
    [75, 'soft', 'soft-failed'],
    [85, 'soft', 'soft-failed'],
  ] as const)('lines %d in a %s gate is %s', (lines, mode, verdict) => {
    expect(
      judge({ task: { metrics, thresholds: required, mode }, evidence: evidence({ lines }) }).verdict,
    ).toBe(verdict);
  });

  test('a missed threshold stands behind the exit code', () => {
    const judged = judge({
      task: { metrics, thresholds: required },
      end: { code: 1 },
      evidence: evidence({ lines: 75 }),
    });
    expect(judged.reasons).toEqual([
      'exit 1',
      'lines 75, not >= 80 (5 short)',
      'lines 75, not >= 90 (15 short)',
    ]);
  });

  test('where there is no best yet the first value holds and says so', () => {
    const thresholds = [threshold('lines', { require: compare('>= best - 0.2') })];
    const judged = judge({ task: { metrics, thresholds }, evidence: evidence({ lines: 10 }) });
    expect(judged).toMatchObject({ verdict: 'passed', checks: [{ first: true, held: true }] });
    expect(judged.checks[0]?.limit).toBeUndefined();
  });

  test('on-missing: fail turns that', () => {
    const thresholds = [threshold('lines', { require: compare('>= last'), failOnMissing: true })];
    const judged = judge({ task: { metrics, thresholds }, evidence: evidence({ lines: 10 }) });
    expect(judged).toMatchObject({
      verdict: 'failed',
      reasons: ['lines 10 >= last (nothing to compare with)'],
    });
  });

  test('best and last are what the past says', () => {
    const thresholds = [
      threshold('lines', { require: compare('>= best - 0.5') }),
      threshold('lines', { want: compare('>= last') }),
    ];
    const past = () => ({ best: 90, last: 85 });
    const at = (lines: number) =>
      judge({ task: { metrics, thresholds }, evidence: evidence({ lines }), past }).verdict;
    expect([89.5, 89.4, 85, 84].map(at)).toEqual(['passed', 'failed', 'failed', 'failed']);
    const only = [thresholds[1]].filter((one) => one !== undefined);
    expect(
      judge({ task: { metrics, thresholds: only }, evidence: evidence({ lines: 84 }), past }).verdict,
    ).toBe('soft-failed');
  });

  test('a threshold over a metric that nobody reads is broken', () => {
    expect(judge({ task: { thresholds: required } }).verdict).toBe('broken');
  });
});

describe('a task that judges another one', () => {
  const coverage = { id: 'coverage', judges: 'tests', metrics: [metric('lines')] };

  test('is judged by the evidence, not by the exit code that its owner answers for', () => {
    expect(judge({ task: coverage, end: { code: 1 }, evidence: evidence({ lines: 80 }) }).verdict).toBe(
      'passed',
    );
  });

  test('is broken when the evidence is that of an attempt that was cut off', () => {
    expect(judge({ task: coverage, stopCause: 'timeout', evidence: evidence({ lines: 80 }) }).verdict).toBe(
      'broken',
    );
  });
});

describe('a ladder', () => {
  const metrics = [metric('edge')];
  const low = stage(10, { thresholds: [threshold('edge', { require: compare('> 0') })] });
  const middle = stage(100, { promote: [threshold('edge', { require: compare('> 375') })] });

  test('a rung is judged by its own thresholds and by those beside the stages', () => {
    const thresholds = [threshold('edge', { require: compare('< 1000') })];
    const at = (edge: number) =>
      judge({ task: { metrics, thresholds }, stage: low, evidence: evidence({ edge }) }).verdict;
    expect([500, 0, 1000].map(at)).toEqual(['passed', 'failed', 'failed']);
  });

  test('a rung that does not earn promote ends it as passed, pruned', () => {
    const judged = judge({
      task: { metrics },
      stage: middle,
      prunedAt: 100,
      evidence: evidence({ edge: 301 }),
    });
    expect(judged).toMatchObject({
      verdict: 'passed',
      prunedAt: 100,
      reasons: ['pruned at 100: edge 301, not > 375 (74 short)'],
      checks: [{ level: 'promote', held: false }],
    });
  });

  test('a rung that misses what is wanted, and does not earn promote, is pruned all the same', () => {
    const wanted = {
      metrics: [metric('edge')],
      thresholds: [threshold('edge', { want: compare('>= 400') })],
    };
    expect(
      judge({ task: wanted, stage: middle, prunedAt: 100, evidence: evidence({ edge: 301 }) }),
    ).toMatchObject({
      verdict: 'soft-failed',
      prunedAt: 100,
      reasons: [expect.stringContaining('not >= 400'), expect.stringContaining('pruned at 100')],
    });
  });

  test('a rung that failed is not called pruned', () => {
    const judged = judge({
      task: { metrics },
      end: { code: 1 },
      stage: middle,
      prunedAt: 100,
      evidence: evidence({ edge: 301 }),
    });
    expect(judged.verdict).toBe('failed');
    expect(judged).not.toHaveProperty('prunedAt');
  });

  test('promotion is earned by all of promote, and never by a metric that is missing', () => {
    expect(
      earnsPromotion(middle, { evidence: evidence({ edge: 376 }), past: none, sims: undefined }),
    ).toMatchObject({
      earned: true,
      reasons: [],
    });
    expect(
      earnsPromotion(middle, { evidence: evidence({ edge: 375 }), past: none, sims: undefined }).earned,
    ).toBe(false);
    expect(earnsPromotion(stage(10), { evidence: evidence(), past: none, sims: undefined }).earned).toBe(
      true,
    );
    const missing = { unread: 'missing', detail: 'metric `edge` was not found in the output' } as const;
    expect(
      earnsPromotion(middle, { evidence: evidence({ edge: missing }), past: none, sims: undefined }),
    ).toMatchObject({
      earned: false,
      broken: missing.detail,
    });
    expect(earnsPromotion(middle, { evidence: evidence(), past: none, sims: undefined })).toMatchObject({
      earned: false,
      broken: 'metric `edge` was not read',
    });
    expect(
      judge({ task: { metrics }, stage: middle, prunedAt: 100, evidence: evidence({ edge: missing }) })
        .verdict,
    ).toBe('broken');
  });
});

describe('what a verdict is worth', () => {
  test('[B11] only passed is green', () => {
    expect((['passed', 'soft-failed', 'failed', 'broken', 'skipped'] as const).filter(isGreen)).toEqual([
      'passed',
    ]);
  });

  test('needs hold for what passed, soft-failed, or was left out by the config itself', () => {
    expect(
      (['passed', 'soft-failed', 'failed', 'broken', 'skipped'] as const).map((one) =>
        satisfiesNeed(one, false),
      ),
    ).toEqual([true, true, false, false, false]);
    expect(satisfiesNeed('skipped', true)).toBe(true);
    expect(satisfiesNeed('broken', true)).toBe(false);
  });

  test('[A8] no evidence whatever makes a strict gate pass that did not exit 0 with all its metrics in bounds', () => {
    const readings = fc.oneof(
      fc.double().map((value) => ({ value })),
      fc
        .constantFrom('missing', 'not-finite', 'stale', 'too-long', 'unreadable')
        .map((unread) => ({ unread, detail: 'why' }) as const),
    );
    const ends = fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((code) => ({ code })),
      fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGABRT').map((signal) => ({ signal })),
      fc.constant({ storage: 'ENOSPC' }),
      fc.constant({ interrupted: true } as const),
    );
    const stops = fc.option(fc.constantFrom('timeout', 'stall', 'stop', 'cancelled', 'storage'), {
      nil: undefined,
    });
    const metrics = [metric('edge', { bounds: [0, 1000] })];
    fc.assert(
      fc.property(ends, readings, stops, fc.nat({ max: 1 }), (end, edge, stopCause, oomKills) => {
        const judged = judge({
          task: { metrics },
          end,
          facts: { oomKills },
          ...(stopCause && { stopCause }),
          evidence: evidence({ edge }),
        });
        const isSound =
          'code' in end &&
          end.code === 0 &&
          !stopCause &&
          oomKills === 0 &&
          'value' in edge &&
          edge.value >= 0 &&
          edge.value <= 1000;
        expect(judged.verdict === 'passed').toBe(isSound);
        expect(judged.reasons.length > 0).toBe(!isSound);
      }),
      { numRuns: 2000 },
    );
  });
});
