// What a config may say of the time between cycles and of the end of a run: `loop`, `exit`, `marks`; and of what is kept: `state`.

import * as z from 'zod';
import type { ArchiveConfig, BackoffConfig, ConditionsConfig, ExitConfig, HalfOpenConfig } from './config.ts';
import type { KeepConfig, SnapshotsConfig } from './config.ts';
import type { LoopConfig, MarkConfig, RestConfig } from './config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const rule = (of: string): z.ZodExactOptional<z.ZodType<string>> =>
  leaf.restRule.exactOptional().describe(`The pause after a cycle that ${of}.`);

const restShape = z.strictObject(
  {
    passed: rule('passed; default `sleep`'),
    failed: rule('failed'),
    broken: rule('was broken'),
    limited: rule('met a limit; default `reset`'),
    exited: rule('was decided by an exit code'),
    'timed-out': rule('was decided by a timeout'),
    stalled: rule('was decided by a stall'),
    killed: rule('was decided by a signal'),
    oom: rule('ran out of memory; default 5s'),
    'heap-limit': rule('met the limit of its heap'),
    'cpu-limit': rule('met its limit of CPU time'),
    'file-limit': rule('met its limit of file size'),
    'not-started': rule('could not start a command'),
  },
  leaf.EXPECTED.map,
);

const backoffShape = z.strictObject(
  {
    from: leaf.span.exactOptional().describe('The first pause; default 30s.'),
    factor: leaf.scalar.exactOptional().describe('Each further pause is so many times as long; default 2.'),
    max: leaf.span.exactOptional().describe('The longest pause; default 1h.'),
    jitter: leaf.boolean.exactOptional().describe('Each pause is between half and all of it; default true.'),
  },
  leaf.EXPECTED.map,
);

const loopShape = z.strictObject(
  {
    sleep: leaf.span
      .exactOptional()
      .describe('The pause after a passing cycle; default 10m in continuous mode.'),
    cron: leaf.text.exactOptional().describe('In the place of `sleep`: when the next cycle is due.'),
    timezone: leaf.text.exactOptional().describe('Of `cron`; default: that of the machine.'),
    rest: restShape
      .exactOptional()
      .describe('Pauses by what decided the cycle: a duration, `sleep`, `backoff` or `reset`.'),
    backoff: backoffShape.exactOptional().describe('Pauses that grow until a cycle passes.'),
    timeout: leaf.limit.exactOptional().describe('Longest time for a whole cycle; default 1h.'),
    'stop-file': leaf.text
      .exactOptional()
      .describe('Anything at this path is a stop; default `.gate-run/stop`.'),
    'stop-within': leaf.span
      .exactOptional()
      .describe('How long a graceful stop waits for running tasks before it ends them; default 5m.'),
    overlap: leaf
      .oneOf('skip', 'queue', 'replace')
      .exactOptional()
      .describe(
        'What a start does while a run is under way: give up (default), wait for its end, or take its place.',
      ),
  },
  leaf.EXPECTED.map,
);
export const loop: z.ZodType<LoopConfig> = loopShape;

const conditionsShape = z.record(z.string(), leaf.scalar, leaf.EXPECTED.conditions);

const halfOpenShape = z.strictObject(
  {
    after: leaf.span.exactOptional().describe('The pause before another try; default 30m.'),
    times: leaf.scalar.exactOptional().describe('Tries before the run is given up; default 3.'),
  },
  leaf.EXPECTED.map,
);

const exitShape = z.strictObject(
  {
    target: conditionsShape
      .exactOptional()
      .describe('The run has succeeded when all of them hold at the end of a passing cycle.'),
    budget: conditionsShape.exactOptional().describe('The run has had enough when any of them holds.'),
    'give-up': z
      .record(
        z.string(),
        z.union([leaf.scalar, halfOpenShape], leaf.EXPECTED.scalar),
        leaf.EXPECTED.conditions,
      )
      .exactOptional()
      .describe('The run is given up when any of them holds; `half-open` gives it further tries.'),
    when: leaf.text
      .exactOptional()
      .describe(
        'An expression in CEL over the measures, for what the other conditions cannot say; the run has had enough when it holds. `gate-run explain exit` lists its variables.',
      ),
  },
  leaf.EXPECTED.map,
);
export const exit: z.ZodType<ExitConfig> = exitShape;

const markShape = z.strictObject(
  {
    level: leaf
      .oneOf('info', 'warning', 'critical')
      .exactOptional()
      .describe('How loudly it is announced; default `info`.'),
    all: conditionsShape.exactOptional().describe('Every one of them has to hold.'),
    any: conditionsShape.exactOptional().describe('At least one of them has to hold.'),
  },
  leaf.EXPECTED.map,
);
export const mark: z.ZodType<MarkConfig> = markShape.meta({
  id: 'Mark',
  description: 'A condition that is announced and reported and acts on nothing.',
});

const keepShape = z.strictObject(
  {
    cycles: leaf.scalar.exactOptional().describe('So many folders at most; default 1000.'),
    age: leaf.limit.exactOptional().describe('None older than this; default 30d.'),
    size: leaf.scalar.exactOptional().describe('So much room together; default 2g.'),
  },
  leaf.EXPECTED.map,
);
export const keep: z.ZodType<KeepConfig> = keepShape;

const archiveShape = z.strictObject(
  {
    after: leaf.limit
      .exactOptional()
      .describe('A cycle that ended so long ago is packed into one file; default 1d.'),
    to: leaf.text
      .exactOptional()
      .describe('The folder of the archives; default `archives` in the state directory.'),
  },
  leaf.EXPECTED.map,
);
export const archive: z.ZodType<ArchiveConfig> = archiveShape;

const snapshotsShape = z.strictObject(
  {
    every: leaf.scalar.exactOptional().describe('A backup of the ledger after each so many cycles.'),
    keep: leaf.scalar.exactOptional().describe('So many of them stay, the newest; default 20.'),
  },
  leaf.EXPECTED.map,
);
export const snapshots: z.ZodType<SnapshotsConfig> = snapshotsShape;

const held: [
  Same<z.infer<typeof restShape>, RestConfig>,
  Same<z.infer<typeof backoffShape>, BackoffConfig>,
  Same<z.infer<typeof loopShape>, LoopConfig>,
  Same<z.infer<typeof conditionsShape>, ConditionsConfig>,
  Same<z.infer<typeof halfOpenShape>, HalfOpenConfig>,
  Same<z.infer<typeof exitShape>, ExitConfig>,
  Same<z.infer<typeof markShape>, MarkConfig>,
  Same<z.infer<typeof keepShape>, KeepConfig>,
  Same<z.infer<typeof archiveShape>, ArchiveConfig>,
  Same<z.infer<typeof snapshotsShape>, SnapshotsConfig>,
] = [true, true, true, true, true, true, true, true, true, true];
void held;
