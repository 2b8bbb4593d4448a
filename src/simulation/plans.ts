// Random plans: small enough to read when a seed fails, wide enough to hold everything that a plan can say.

import type { Mode, PhasePlan, Plan, TaskPlan, ThresholdPlan } from '../core/plan/plan.ts';
import type { SimsPlan } from '../core/plan/sims-plan.ts';
import { randomAround } from './loop-plans.ts';
import type { Dice } from './random.ts';

/** Which loop the plan is; `mayBeLimited`: whether attempts of this night may meet a limit. */
export interface PlanWish {
  readonly mode: Mode;
  readonly mayBeLimited: boolean;
  /** Whether phases at start and end are the rule instead of the exception. */
  readonly hasEdges?: boolean;
}

export function randomPlan(dice: Dice, paths: Plan['state'], wish: PlanWish): Plan {
  const seen: string[] = [];
  const phases: PhasePlan[] = [];
  const drawn = (at: PhasePlan['at'], before: string[]) =>
    phases.push(randomPhase(dice, { number: phases.length + 1, seen: before, at, wish }));
  if (dice.chance(wish.hasEdges ? 0.6 : 0.4)) drawn('start', []);
  for (let left = dice.whole(1, wish.mode === 'once' ? 3 : 2); left > 0; left -= 1) drawn('cycle', seen);
  if (dice.chance(wish.hasEdges ? 0.95 : 0.5)) drawn('end', []);
  const tasks = phases.flatMap((phase) => phase.tasks);
  return {
    name: 'simulated',
    goal: undefined,
    profile: undefined,
    vars: {},
    id: `plan-${dice.whole(0, 1e9)}`,
    jobs: dice.whole(1, 4),
    cycleTimeoutMs: dice.chance(0.2) ? dice.whole(200, 3000) : 60_000,
    stopWithinMs: dice.whole(0, 500),
    ...randomAround(dice, tasks, wish.mode),
    keep: { cycles: 'never', ageMs: 'never', sizeBytes: 'never' },
    phases,
    ...(tasks.some(({ writes }) => writes) && { tree: { except: [] } }),
    questions: { file: `${paths.dir}/questions.md`, ask: 'ChatGPT @codex' },
    redact: [],
    reporters: [],
    state: paths,
    failOn: dice.chance(0.7) ? undefined : dice.pick(['any', 'soft'] as const),
    sources: {},
    warnings: [],
  };
}

interface PhaseWish {
  readonly number: number;
  readonly seen: string[];
  readonly at: PhasePlan['at'];
  readonly wish: PlanWish;
}

function randomPhase(dice: Dice, { number, seen, at, wish }: PhaseWish): PhasePlan {
  const id = `phase-${number}`;
  const phase = {
    id,
    title: id,
    number,
    at,
    always: at === 'cycle' && dice.chance(0.25),
    policy: dice.pick(['finish-running', 'keep-going', 'kill'] as const),
    jobs: dice.whole(1, 4),
    timeoutMs: dice.chance(0.1) ? dice.whole(100, 1500) : ('never' as const),
  };
  const tasks: TaskPlan[] = [];
  const steps = dice.whole(0, 2);
  for (let left = dice.whole(1, wish.mode === 'once' ? 6 : 4); left > 0; left -= 1) {
    const kind = tasks.length < steps ? 'step' : 'gate';
    const task = randomTask(
      dice,
      { id: `t${seen.length + 1}-${at}`, kind, phase: id, number: `${number}.${tasks.length + 1}` },
      seen,
    );
    tasks.push(withJudge(dice, wish.mayBeLimited ? withLimit(task) : task, tasks));
    seen.push(task.id);
  }
  return { ...phase, tasks };
}

type Base = Pick<TaskPlan, 'id' | 'kind' | 'phase' | 'number'>;

function randomTask(dice: Dice, base: Base, seen: readonly string[]): TaskPlan {
  const isGate = base.kind === 'gate';
  const hasMetric = isGate && dice.chance(0.5);
  const isLadder = hasMetric && dice.chance(0.3);
  const soft = isGate && dice.chance(0.3);
  const spends = dice.chance(0.15);
  const ladder = randomLadder(dice, isLadder);
  return {
    ...base,
    command: { kind: 'argv', argv: ['scripted', base.id] },
    judges: undefined,
    needs: seen.length > 0 && dice.chance(0.35) ? [dice.pick(seen)] : [],
    mode: soft ? 'soft' : 'strict',
    onBroken: soft && dice.chance(0.3) ? 'soft' : 'broken',
    leftOut: dice.chance(0.05) ? '--skip' : undefined,
    when: {
      every: dice.chance(0.05) ? 2 : undefined,
      passed: dice.chance(0.05) ? ['*'] : [],
      failed: dice.chance(0.05) && seen.length > 0 ? [dice.pick(seen)] : [],
      asks: dice.chance(0.15) ? [{ key: 'exists', paths: ['file'] }] : [],
    },
    timeoutMs: dice.whole(150, 1000),
    stall: { warnMs: 100, killMs: dice.chance(0.5) ? 150 : 'never' },
    killAfterMs: dice.whole(0, 200),
    retry: {
      limit: dice.chance(0.3) ? dice.whole(1, 3) : 0,
      when: [],
      delayMs: dice.whole(0, 50),
      factor: dice.whole(1, 2),
    },
    exits: dice.chance(0.15)
      ? [
          { codes: [2], means: 'broken' },
          { codes: [75], means: 'skipped' },
        ]
      : [],
    metrics: [...(hasMetric ? [metric('score')] : []), ...(spends ? [metric('tokens'), metric('cost')] : [])],
    labels: dice.chance(0.3) ? [{ name: 'idea', source: metric('idea').source }] : [],
    thresholds: hasMetric ? [threshold(dice)] : [],
    env: { pass: undefined, set: {} },
    logLimitBytes: 1000,
    cwd: undefined,
    stdin: undefined,
    usedFrom: undefined,
    softness: undefined,
    ...(dice.chance(0.12) && { writes: { files: 2, onViolation: dice.pick(['fail', 'restore'] as const) } }),
    ...ladder,
    ...(ladder.sims && { metrics: [metric('score')], labels: [], ...tailOf(ladder.sims) }),
  };
}

/** Some ladders look after their lowest value too, which no part of a rung tells. */
function tailOf({ base }: SimsPlan): Partial<TaskPlan> {
  if (base === 0) return {};
  const least = { text: '>= 0', operator: '>=', reference: 'value', offset: 0 } as const;
  const most = { text: '>= 20', operator: '>=', reference: 'value', offset: 20 } as const;
  return {
    thresholds: [
      { metric: 'score', require: most, want: undefined, failOnMissing: false },
      { metric: 'score.min', require: least, want: undefined, failOnMissing: false },
    ],
  };
}

/** What simulations use up is no matter of limits. */
function withLimit(task: TaskPlan): TaskPlan {
  if (task.sims) return task;
  const exits = [
    ...task.exits.filter(({ codes }) => !codes.includes(75)),
    { codes: [75], means: 'limited' as const },
  ];
  return { ...task, exits, metrics: [...task.metrics, metric('retry-at')] };
}

/** Now and then a gate judges the task before it instead of running something. */
function withJudge(dice: Dice, task: TaskPlan, before: readonly TaskPlan[]): TaskPlan {
  const judged = before.at(-1);
  if (
    task.kind !== 'gate' ||
    task.writes ||
    task.sims ||
    !judged ||
    judged.sims ||
    judged.judges !== undefined ||
    !dice.chance(0.15)
  )
    return task;
  const none = { limit: 0, when: [], delayMs: 0, factor: 1 };
  return { ...task, command: undefined, judges: judged.id, needs: [judged.id], stages: [], retry: none };
}

function metric(name: string): TaskPlan['metrics'][number] {
  const source = { reader: 'regex', pattern: '(?<value>.*)', in: { stream: 'output' } } as const;
  return { name, source, better: 'higher', bounds: undefined, unit: undefined };
}

function threshold(dice: Dice): ThresholdPlan {
  const offset = dice.whole(0, 60);
  const require = { text: `>= ${offset}`, operator: '>=', reference: 'value', offset } as const;
  const last = { text: '>= last', operator: '>=', reference: 'last', offset: 0 } as const;
  const want = dice.chance(0.3)
    ? ({ text: '>= 90', operator: '>=', reference: 'value', offset: 90 } as const)
    : undefined;
  return { metric: 'score', require: dice.chance(0.2) ? last : require, want, failOnMissing: false };
}

/** Now and then gate-run runs the simulations itself: fewer of them, so that nights stay short. */
function randomLadder(dice: Dice, isLadder: boolean): Pick<TaskPlan, 'stages' | 'sims'> {
  if (!isLadder) return { stages: [] };
  const stages = randomStages(dice);
  if (!dice.chance(0.5)) return { stages };
  const counts = [5, 60, 120];
  const sims: SimsPlan = {
    per: dice.pick(['seed', 'batch', 'worker'] as const),
    base: dice.pick([0, 7]),
    batch: 1,
    timeoutMs: undefined,
    maxFailed: dice.chance(0.5) ? { count: 2 } : { share: 0.05 },
    ...(dice.chance(0.5) && { stopEarly: { confidence: 0.9 } }),
  };
  return { stages: stages.map((stage, at) => ({ ...stage, count: counts[at] ?? stage.count })), sims };
}

function randomStages(dice: Dice): TaskPlan['stages'] {
  const promote = (): readonly ThresholdPlan[] => (dice.chance(0.5) ? [threshold(dice)] : []);
  return [10, 100, 1000].map((count) => ({
    count,
    timeoutMs: dice.whole(200, 800),
    thresholds: [],
    promote: promote(),
  }));
}
