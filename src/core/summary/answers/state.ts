// What the commands that read the ledger print with `--json`.

import { z } from 'zod';
import { LAYERS } from '../../plan/isolation.ts';
import { championBrief } from './champion.ts';
import { conditionsStatus } from './conditions.ts';
import { receipts, tampering } from './cycle.ts';
import {
  count,
  cycleVerdict,
  day,
  exit,
  instant,
  lockHolder,
  ms,
  restCause,
  taskSummary,
  texts,
  turn,
} from './parts.ts';
import { spread } from './sims.ts';

const version = z.literal(1);

const containment = z.strictObject({
  layer: z.enum(LAYERS),
  unit: z.string().exactOptional().describe("the run's own control group"),
  boot: z.string().exactOptional().describe("of the machine, in which `unit` is the run's"),
  others: z
    .partialRecord(z.enum(LAYERS), z.strictObject({ named: z.array(z.string()), count }))
    .exactOptional()
    .describe('tasks that get another layer, by that'),
  engines: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('of the containers, with their versions'),
  weak: z.string().exactOptional().describe('why it is not a layer that nothing escapes from'),
});

const open = z.strictObject({
  cycle: count,
  turn,
  since: instant,
  done: count,
  running: z.array(
    z.strictObject({
      id: z.string(),
      phase: z.string().nullable(),
      rung: count.nullable(),
      attempt: count,
      sinceMs: ms,
      limitMs: z.union([ms, z.literal('never')]).nullable(),
      quietMs: ms.describe('without output, activity and CPU time, as gate-run itself has recorded it'),
      log: z.strictObject({ bytes: count, silentMs: ms }).nullable().describe('null: no output yet'),
      usage: z
        .strictObject({
          processes: count,
          memoryBytes: count,
          peakBytes: count.describe('the most that was seen of this attempt so far'),
          cpuMs: ms,
        })
        .nullable()
        .describe('null: this system does not tell'),
    }),
  ),
  waiting: z
    .array(
      z.strictObject({
        id: z.string(),
        lock: z.string().nullable(),
        holder: lockHolder.nullable().describe('who has it, as far as they said so'),
        sinceMs: ms,
        limitMs: z.union([ms, z.literal('never')]).nullable(),
      }),
    )
    .describe('tasks that wait for a lock that another run has'),
});

const counts = z.strictObject({
  passed: count,
  flaky: count,
  cached: count.describe('of those passed'),
  softFailed: count,
  failed: count,
  broken: count,
  skipped: count,
  cancelled: count,
  notRun: count,
});

const debt = z.strictObject({
  task: z.string(),
  since: count.describe('the first cycle of the present streak'),
  sinceAt: instant,
  cycles: count.describe('of the streak, in which the gate ran'),
  reason: z.string(),
  softUntil: day.nullable(),
  quarantined: day.nullable().describe('counts as soft through this day'),
});

const flaky = z.strictObject({
  task: z.string(),
  runs: count,
  late: count.describe('passed, but not on the first attempt'),
  flips: count.describe('judged otherwise than the run before, over the same work tree'),
  rate: z.number().min(0).max(1).describe('share of the runs that were one of the two'),
});

const memory = z.strictObject({
  task: z.string(),
  runs: count.describe('since it first ran out of memory, at most 20'),
  oom: count,
  lastCycle: count,
  limitBytes: count.nullable().describe('the largest at which it ran out'),
  heldBytes: count.nullable().describe('the most that a run held which got through'),
  heldIn: count.nullable().describe('the cycle of that'),
  wouldHoldBytes: count
    .nullable()
    .describe(
      'would have held for every run that got through, above each limit that did not; null: none is known',
    ),
  ownBytes: count.nullable().describe('what it held itself, where others had more than half of the limit'),
});

const date = z.strictObject({
  task: z.string(),
  key: z.enum(['soft-until', 'quarantine-until']),
  day,
  daysLeft: z.int().describe('0 on the day itself, negative behind it'),
});

export const statusAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    state: z.enum(['none', 'running', 'resting', 'waiting', 'stopping', 'crashed', 'ended']),
    why: z.string().describe('one sentence for people'),
    run: z.string().nullable(),
    exit: exit.nullable(),
    rest: z
      .strictObject({ cause: restCause, why: z.string(), since: instant, until: instant, leftMs: ms })
      .nullable(),
    stop: z.strictObject({ by: z.string(), at: instant, leftMs: ms.nullable() }).nullable(),
    cycles: z.strictObject({ finished: count, failed: count }).nullable(),
    runtimeMs: ms.nullable(),
    cyclesPerHour: z.number().nullable(),
    limits: texts.nullable(),
    containment: containment.nullable(),
    machine: z
      .strictObject({
        memoryBytes: count.nullable(),
        unheld: z
          .array(z.strictObject({ limits: z.array(z.string()), why: z.string() }))
          .describe('limits that tasks are not held to'),
      })
      .nullable()
      .describe('what its start found of the machine; null: no task says what it needs'),
    conditions: conditionsStatus,
    streaks: z
      .strictObject({ failures: count, broken: count, oom: count, limited: count, sameError: count })
      .nullable(),
    open: open.nullable().describe('the turn under way'),
    last: z
      .strictObject({
        cycle: count,
        verdict: cycleVerdict,
        at: instant.nullable(),
        durationMs: ms,
        counts,
        cause: taskSummary.nullable(),
        softFailures: z.array(taskSummary),
      })
      .nullable(),
    consecutiveFailures: count,
    openQuestions: count,
    debts: z.array(debt).describe('gates that fail softly now, the oldest first'),
    flaky: z.array(flaky).describe('gates that were not steady in their last runs, at most 100 of each'),
    memory: z.array(memory).describe('tasks that run out of memory again and again'),
    dates: z.array(date).describe('days that are near or over, of gates that are soft until then'),
    baseline: z
      .strictObject({
        at: instant.describe('of the newest one'),
        gates: count,
        red: z.array(z.string()).describe('not green in it, and compared with'),
        aside: z.array(z.string()).describe('gates that have changed since'),
      })
      .nullable()
      .describe('how gates stood before the loop; null: nobody has looked'),
    metrics: z.array(
      z.strictObject({
        key: z.string(),
        last: z.number(),
        best: z.number().nullable().describe('null: nobody said which way is better'),
        cycle: count.describe('that measured `last`'),
        spread: spread.exactOptional().describe('of the simulations behind `last`'),
      }),
    ),
    champion: championBrief.describe('the best so far; null: there is none'),
    disk: z
      .strictObject({
        stateBytes: count,
        isWhole: z.boolean().describe('false: there is more than was counted'),
        freeBytes: count.nullable(),
      })
      .nullable(),
    logs: z.string().nullable(),
    tampering: z
      .array(z.string())
      .exactOptional()
      .describe(
        'lines for people: what of the protected files changed, with a diff; absent unless that ended the run',
      ),
  })
  .describe('What `gate-run status --json` prints');

const spent = z.strictObject({ sum: z.number(), told: count, silent: count });

export const historyAnswer: z.ZodType = z
  .array(
    z.strictObject({
      v: version,
      seq: count,
      type: z.literal('cycle.ended'),
      at: instant,
      mono: z.number(),
      run: z.string(),
      cycle: count,
      turn,
      verdict: cycleVerdict,
      durationMs: ms,
      cause: z.string().exactOptional().describe('the task that decided the verdict'),
      tokens: spent.exactOptional(),
      cost: spent.exactOptional(),
      retryAt: z.string().exactOptional(),
      tampering: tampering.exactOptional(),
      receipts: receipts.exactOptional(),
      grown: z
        .array(z.strictObject({ path: z.string(), bytes: count, sum: z.string() }))
        .exactOptional()
        .describe('append-only files that have grown'),
      tasks: z.array(taskSummary),
    }),
  )
  .describe('What `gate-run history --json` prints, the newest last');

export const logsAnswer: z.ZodType = z
  .array(z.strictObject({ task: z.string(), log: z.string().nullable(), bytes: count.nullable() }))
  .describe('What `gate-run logs --json` prints');

export const questionsAnswer: z.ZodType = z
  .array(
    z.strictObject({
      fingerprint: z.string(),
      task: z.string(),
      text: z.string(),
      openedAt: instant,
      seen: count,
      lastAt: instant,
      lastCycle: count,
      closedAt: instant.nullable(),
    }),
  )
  .describe('What `gate-run questions --json` prints');

export const verifyAnswer: z.ZodType = z
  .strictObject({
    isWhole: z.boolean(),
    segments: count,
    lines: count,
    cycles: count,
    pruned: count,
    checkpoint: z.enum(['none', 'honest', 'not believed', 'orphaned', 'lies']),
    torn: z.array(z.strictObject({ file: z.string(), goodBytes: count, bytes: count })),
    damages: z.array(
      z.strictObject({
        damaged: z.string().describe('the file'),
        line: z.int().min(1),
        offset: count,
        why: z.enum(['bad', 'order', 'gap', 'start', 'missing', 'newer', 'restoring']),
      }),
    ),
  })
  .describe('What `gate-run verify --json` prints');

export const stopAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    file: z.string(),
    why: z.string(),
    run: z.string().nullable(),
    seenAt: instant.nullable(),
  })
  .describe('What `gate-run stop --json` prints');
