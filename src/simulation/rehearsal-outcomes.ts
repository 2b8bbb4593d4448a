// How each attempt of a rehearsed night goes, drawn from the seed by task and cycle, whatever else was drawn before.

import type { Evidence, ProcessEnd, Reading } from '../core/judge/evidence.ts';
import type { Ask, Plan, TaskPlan } from '../core/plan/plan.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Order } from '../ports.ts';
import { wantedOf, type Act, type Outcomes } from './act.ts';
import { usualDurations } from './rehearsal-durations.ts';
import { MetricCourse } from './rehearsal-metrics.ts';
import type { FaultKind } from './rehearsal-trouble.ts';
import { Dice } from './random.ts';

type Kind = 'hang' | 'oom' | 'limit' | 'failure';

/** What is wrong with a task over one or several cycles. */
interface Trouble {
  readonly kind: Kind;
  readonly until: number;
  /** Of a ladder; undefined: of every rung. */
  readonly rung: number | undefined;
  /** Another attempt meets it again. */
  readonly lasts: boolean;
  readonly how: 'exit' | 'missed' | 'unread' | 'signal';
  readonly word: string;
}

const FAULT_OF: Readonly<Record<Kind, FaultKind>> = {
  hang: 'hangs',
  oom: 'oom',
  limit: 'limits',
  failure: 'failures',
};
/** Of cycles, in how many one of the tasks that can meet it begins to. */
const SHARES: Readonly<Record<Kind, number>> = { hang: 0.03, oom: 0.03, limit: 0.05, failure: 0.12 };
/** In a spell, the chance that the next cycle belongs to it too. */
const GOES_ON = 0.4;
const MOST_CYCLES_OF_A_SPELL = 12;
const KILLED = 137;
const WORDS = ['alpha', 'bravo', 'charlie', 'delta'];
const RESET = { leastS: 300, mostS: 4 * 3600 };

export interface Draw {
  readonly plan: Plan;
  /** Of this night. */
  readonly seed: number;
  readonly faults: ReadonlySet<FaultKind>;
}

export class DrawnOutcomes implements Outcomes {
  readonly #draw: Draw;
  readonly #tasks: ReadonlyMap<string, TaskPlan>;
  readonly #durations: ReadonlyMap<string, number>;
  readonly #shares: ReadonlyMap<Kind, number>;
  readonly #courses = new Map<string, MetricCourse>();
  readonly #troubles = new Map<string, { readonly cycle: number; readonly trouble: Trouble | undefined }>();

  constructor(draw: Draw) {
    this.#draw = draw;
    const tasks = draw.plan.phases.flatMap((phase) => phase.tasks);
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
    this.#durations = usualDurations(draw.plan, draw.seed);
    const kinds: readonly Kind[] = ['hang', 'oom', 'limit', 'failure'];
    this.#shares = new Map(
      kinds
        .filter((kind) => draw.faults.has(FAULT_OF[kind]))
        .map((kind) => [
          kind,
          SHARES[kind] / Math.max(1, tasks.filter((task) => mayMeet(task, kind)).length),
        ]),
    );
  }

  actOf(order: Order, cycle: number): Act {
    const { task: id, rung, attempt } = order.ref;
    const task = this.#taskOf(id);
    const dice = new Dice(this.#draw.seed, `act ${id} ${cycle} ${rung ?? 0} ${attempt}`);
    const durationMs = Math.max(1, Math.round((this.#durations.get(id) ?? 1) * (0.7 + 0.6 * dice.next())));
    const termMs = dice.chance(0.7) ? dice.whole(0, 2000) : 'ignored';
    const trouble = this.#metBy(task, rung, attempt, cycle);
    const usual = { durationMs, termMs, isSilent: false, oomKills: 0, output: '' } as const;
    const read = (isCut: boolean) => this.#evidence(order, cycle, isCut);
    if (trouble === undefined) return { ...usual, end: endWith(task, 'passed'), evidence: read(false) };
    const output = `error: rehearsed ${trouble.kind} ${trouble.word}\n`;
    switch (trouble.kind) {
      case 'hang':
        return {
          ...usual,
          end: { code: 0 },
          durationMs: 'never',
          isSilent: dice.chance(0.7),
          evidence: read(true),
        };
      case 'oom':
        return { ...usual, output, end: { code: KILLED }, oomKills: 1, evidence: read(true) };
      case 'limit':
        return {
          ...usual,
          output,
          end: endWith(task, 'limited'),
          evidence: this.#limited(order, cycle, dice),
        };
      case 'failure':
        return { ...usual, output, end: failure(task, trouble), evidence: read(trouble.how === 'signal') };
      default:
        return unreachable(trouble.kind);
    }
  }

  unmetIn(task: string, asks: readonly Ask[], cycle: number): string | undefined {
    const changed = asks.find(({ key }) => key === 'changed');
    // What exists tonight goes on existing; what changes from cycle to cycle now and then does not.
    return changed && new Dice(this.#draw.seed, `ask ${task} ${cycle}`).chance(0.3) ? changed.key : undefined;
  }

  #taskOf(id: string): TaskPlan {
    const task = this.#tasks.get(id);
    if (!task) throw new Error(`bug: no task ${id} in the plan that is rehearsed`);
    return task;
  }

  #metBy(task: TaskPlan, rung: number | undefined, attempt: number, cycle: number): Trouble | undefined {
    const trouble = this.#troubleOf(task, cycle);
    if (trouble === undefined || (trouble.rung !== undefined && trouble.rung !== rung)) return undefined;
    return attempt === 1 || trouble.lasts ? trouble : undefined;
  }

  /** A spell that began in an earlier cycle goes on; else one may begin. */
  #troubleOf(task: TaskPlan, cycle: number): Trouble | undefined {
    const known = this.#troubles.get(task.id);
    if (known !== undefined && (known.cycle === cycle || cycle <= (known.trouble?.until ?? 0)))
      return known.trouble;
    const trouble = this.#beginning(task, cycle);
    this.#troubles.set(task.id, { cycle, trouble });
    return trouble;
  }

  #beginning(task: TaskPlan, cycle: number): Trouble | undefined {
    for (const [kind, share] of this.#shares) {
      // A row of its own for each kind: one kind more changes nothing about the others.
      const dice = new Dice(this.#draw.seed, `${kind} ${task.id} ${cycle}`);
      if (!dice.chance(share) || !mayMeet(task, kind)) continue;
      const resets = kind === 'limit' && task.metrics.some(({ name }) => name === 'retry-at');
      const until = cycle + (resets ? 0 : spell(dice));
      const rung = task.stages.length === 0 ? undefined : dice.pick(task.stages).count;
      const how = this.#howIn(task, rung, dice);
      return { kind, until, rung, lasts: dice.chance(0.6), how, word: dice.pick(WORDS) };
    }
    return undefined;
  }

  #howIn(task: TaskPlan, rung: number | undefined, dice: Dice): Trouble['how'] {
    const canMiss = task.metrics.some(({ name }) => this.#courseOf(task, rung, name)?.canMiss);
    if (canMiss && dice.chance(0.5)) return 'missed';
    // When a limit resets need not be said, so that its absence is no trouble.
    if (task.metrics.some(({ name }) => name !== 'retry-at') && dice.chance(0.15)) return 'unread';
    return task.command !== undefined && dice.chance(0.05) ? 'signal' : 'exit';
  }

  #evidence(order: Order, cycle: number, isCut: boolean): Readonly<Record<string, Evidence>> {
    const read = wantedOf(order).map(({ task: id }) => {
      const task = this.#taskOf(id);
      const { rung, attempt } = order.ref;
      const trouble = this.#metBy(task, rung, attempt, cycle);
      const how = trouble?.kind === 'failure' ? trouble.how : undefined;
      return [id, this.#evidenceOf(task, { rung, cycle, how: isCut ? 'unread' : how })] as const;
    });
    return Object.fromEntries(read);
  }

  #evidenceOf(
    task: TaskPlan,
    { rung, cycle, how }: { rung: number | undefined; cycle: number; how: Trouble['how'] | undefined },
  ): Evidence {
    const dice = new Dice(this.#draw.seed, `read ${task.id} ${cycle} ${rung ?? 0}`);
    const metrics: Record<string, Reading> = {};
    for (const { name } of task.metrics) {
      const course = this.#courseOf(task, rung, name);
      metrics[name] =
        how === 'unread' || !course
          ? { unread: 'missing', detail: `metric \`${name}\` was not found in the output` }
          : { value: course.value(cycle, dice, how === 'missed') };
    }
    const labels = task.labels.map(({ name }) => [name, `${name}-${dice.whole(1, this.#poolOf(name))}`]);
    return { metrics, labels: Object.fromEntries(labels) };
  }

  /** Four times in five the limit says when it resets, where the config reads that. */
  #limited(order: Order, cycle: number, dice: Dice): Readonly<Record<string, Evidence>> {
    const { task } = order.ref;
    const evidence = this.#evidence(order, cycle, true);
    const own = evidence[task];
    if (own?.metrics['retry-at'] === undefined || dice.chance(0.2)) return evidence;
    const value = dice.whole(RESET.leastS, RESET.mostS);
    return { ...evidence, [task]: { ...own, metrics: { ...own.metrics, 'retry-at': { value } } } };
  }

  #courseOf(task: TaskPlan, rung: number | undefined, name: string): MetricCourse | undefined {
    const key = `${task.id} ${rung ?? 0} ${name}`;
    const known = this.#courses.get(key);
    if (known) return known;
    const metric = task.metrics.find((one) => one.name === name);
    if (!metric) return undefined;
    const { plan, seed } = this.#draw;
    const course = new MetricCourse({ plan, task, rung, metric, dice: new Dice(seed, `course ${key}`) });
    this.#courses.set(key, course);
    return course;
  }

  #poolOf(label: string): number {
    return new Dice(this.#draw.seed, `pool ${label}`).whole(3, 12);
  }
}

/** Further cycles that a trouble lasts. */
function spell(dice: Dice): number {
  let cycles = 0;
  while (cycles < MOST_CYCLES_OF_A_SPELL && dice.chance(GOES_ON)) cycles += 1;
  return cycles;
}

/** Only what the config knows a code for can meet a limit; only what runs can hang. */
function mayMeet(task: TaskPlan, kind: Kind): boolean {
  if (task.command === undefined) return kind === 'failure' && task.metrics.length > 0;
  return kind !== 'limit' || task.exits.some(({ means }) => means === 'limited');
}

function failure(task: TaskPlan, { how }: Trouble): ProcessEnd {
  if (how === 'signal') return { signal: 'SIGSEGV' };
  return endWith(task, how === 'exit' ? 'failed' : 'passed');
}

const CODES = Array.from({ length: 100 }, (_, code) => code);

/** The exit code by which this task says so. */
function endWith({ exits }: TaskPlan, means: 'passed' | 'failed' | 'limited'): ProcessEnd {
  const ruled = exits.find((rule) => rule.means === means)?.codes[0];
  const free = CODES.find(
    (code) => (code === 0) === (means === 'passed') && !exits.some(({ codes }) => codes.includes(code)),
  );
  const usual = means === 'passed' ? (free ?? ruled) : (ruled ?? free);
  return { code: usual ?? 1 };
}
