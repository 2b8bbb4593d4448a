// Starts real attempts for tests and waits for their facts: an order with everything default, an inbox that can be waited on.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import type { Event } from '../../src/core/loop/event.ts';
import type { Secret } from '../../src/core/judge/redact.ts';
import { hiddenNames } from '../../src/core/plan/hidden-names.ts';
import type { LabelPlan, MetricPlan, SourcePlan } from '../../src/core/plan/plan.ts';
import type { Order } from '../../src/ports.ts';
import { realClock } from '../../src/system/clock.ts';
import { NO_LIMITS, type Limits } from '../../src/system/limits/no-limits.ts';
import { GROUPS_ONLY, type Units } from '../../src/system/units/units.ts';
import { realProcesses, type RealProcesses } from '../../src/system/processes.ts';

export interface Bench {
  readonly folder: string;
  readonly processes: RealProcesses;
  readonly facts: readonly Event[];
  /** Starts it and waits for its end. */
  run(command: Order['command'] | string, more?: Partial<Order>): Promise<AttemptEnded>;
  start(command: Order['command'] | string, more?: Partial<Order>): Order;
  /** The first fact that fits, past or to come. */
  fact<T extends Event['type']>(
    type: T,
    fits?: (event: Extract<Event, { type: T }>) => boolean,
  ): Promise<Extract<Event, { type: T }>>;
  log(order: Order | AttemptEnded): string;
  /** Variables by which what it starts is known. */
  marks(task: string): Readonly<Record<string, string>>;
  /** Ends and removes everything; gives back the ids of processes that are there all the same once the killed had time to die. */
  close(): Promise<readonly string[]>;
}

export interface BenchOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly secrets?: readonly Secret[];
  readonly redact?: readonly string[];
  /** Default: process groups only. */
  readonly units?: Units;
  /** Default: none. */
  readonly limits?: Limits;
}

const WAIT_MS = 20_000;
/** What was killed is still listed until the kernel has taken it apart, and on a busy machine that is not at once. */
const DYING_MS = 3_000;

function bench({
  env = process.env,
  secrets = [],
  redact = [],
  units = GROUPS_ONLY,
  limits = NO_LIMITS,
}: BenchOptions = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-tasks-'));
  const facts: Event[] = [];
  const listeners = new Set<() => void>();
  const inbox = {
    put: (fact: Event): void => {
      facts.push(fact);
      for (const listener of listeners) listener();
    },
  };
  const processes = realProcesses({
    inbox,
    clock: realClock(),
    env,
    secrets,
    isHidden: hiddenNames(redact).isHidden,
    folder,
    units,
    limits,
  });
  let count = 0;
  const run = `bench-${process.pid}-${folder.slice(-6)}`;
  const marks = (task: string) => ({
    GATE_RUN: run,
    GATE_CYCLE: '1',
    GATE_TASK: task,
    GATE_ATTEMPT: '1',
  });
  const orderOf = (command: Order['command'] | string, more: Partial<Order>): Order => {
    const task = more.ref?.task ?? `t${(count += 1)}`;
    return {
      ref: { task, attempt: 1 },
      command: typeof command === 'string' ? { shell: 'sh', script: command } : command,
      cwd: folder,
      stdin: undefined,
      env: marks(task),
      pass: undefined,
      log: join(folder, 'cycles', '000001', `p.${task}.1.log`),
      shown:
        typeof command === 'string' ? command : 'argv' in command ? command.argv.join(' ') : command.script,
      header: `# gate-run ${task} attempt 1`,
      logLimitBytes: 1_073_741_824,
      quietAfterMs: [],
      killAfterMs: 300,
      read: [],
      apart: false,
      ...more,
    };
  };
  const self: Bench = {
    folder,
    processes,
    facts,
    marks,
    start: (command, more = {}) => {
      const order = orderOf(command, more);
      processes.start(order);
      return order;
    },
    run: (command, more = {}) => {
      const { ref } = self.start(command, more);
      return self.fact('attempt.ended', (event) => event.task === ref.task && event.attempt === ref.attempt);
    },
    fact: (type, fits = () => true) => waitFor(facts, listeners, type, fits),
    log: (about) =>
      readFileSync(
        'log' in about && 'cwd' in about
          ? about.log
          : join(folder, 'cycles/000001', `p.${'task' in about ? about.task : ''}.1.log`),
        'utf8',
      ),
    close: async () => {
      processes.close();
      rmSync(folder, { recursive: true, force: true });
      const left = (): readonly string[] =>
        processesWhose('environ', (parts) => parts.includes(`GATE_RUN=${run}`));
      for (let waited = 0; waited < DYING_MS && left().length > 0; waited += 20) await pause(20);
      return left();
    },
  };
  return self;
}

/** Makes the benches of a file's tests and closes them behind each; a process that is left makes that test red. */
export function benches(): (options?: BenchOptions) => Bench {
  let open: Bench[] = [];
  afterEach(async () => {
    const left = await Promise.all(open.map((made) => made.close()));
    open = [];
    expect(left.flat()).toEqual([]);
  });
  return (options) => {
    const made = bench(options);
    open.push(made);
    return made;
  };
}

function waitFor<T extends Event['type']>(
  facts: readonly Event[],
  listeners: Set<() => void>,
  type: T,
  fits: (event: Extract<Event, { type: T }>) => boolean,
): Promise<Extract<Event, { type: T }>> {
  const isIt = (event: Event): event is Extract<Event, { type: T }> => event.type === type;
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      const found = facts.filter(isIt).find(fits);
      if (found === undefined) return false;
      listeners.delete(look);
      clearTimeout(timer);
      resolve(found);
      return true;
    };
    const timer = setTimeout(() => reject(new Error(`no ${type} within ${WAIT_MS} ms`)), WAIT_MS);
    if (!look()) listeners.add(look);
  });
}

export function metric(name: string, source: SourcePlan): MetricPlan {
  return { name, source, better: undefined, bounds: undefined, unit: undefined };
}

export function reads(
  task: string,
  metrics: readonly MetricPlan[],
  labels: readonly LabelPlan[] = [],
): Order['read'] {
  return [{ task, metrics, labels }];
}

export async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error('it did not come to hold within 10 s');
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ids of processes with this word among their arguments; of a dead one the arguments are empty. */
export function alive(word: string): readonly string[] {
  return processesWhose('cmdline', (parts) => parts.includes(word));
}

function processesWhose(
  file: 'cmdline' | 'environ',
  fits: (parts: readonly string[]) => boolean,
): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && fits(partsOf(`/proc/${pid}/${file}`)));
}

function partsOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'latin1').split('\0');
  } catch {
    return [];
  }
}
