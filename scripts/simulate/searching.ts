// Plans that look for something, over simulations that gate-run runs itself, and whose champion is confirmed: drawn blindly the parts of that
// hardly ever meet.

import type { Plan, TaskPlan } from '../../src/core/plan/plan.ts';
import { counted } from '../../src/simulation/loop-plans.ts';
import type { Dice } from '../../src/simulation/random.ts';

interface Search {
  readonly every: number;
  readonly seeds: number;
  readonly maxFailed: number;
}

/** The plan with one more gate, whose best cycle is the champion; mostly with nothing else, because little of what is drawn passes. */
export function searching(dice: Dice, drawn: Plan): Plan {
  const search = {
    every: dice.pick([1, 1, 2]),
    seeds: dice.pick([2, 20, 120]),
    maxFailed: dice.pick([0, 2]),
  };
  if (!dice.chance(0.8)) return withSearch(drawn, search);
  const first = drawn.phases.find(({ at }) => at === 'cycle');
  const around = drawn.phases.filter(({ at }) => at !== 'cycle');
  const phase = first && { ...first, tasks: first.tasks.slice(0, 1), timeoutMs: 'never' as const };
  const alone = phase ? withSearch({ ...drawn, phases: [phase] }, search) : drawn;
  const phases = alone.phases.map((one) => ({ ...one, tasks: one.tasks.slice(-1) }));
  const start = around.filter(({ at }) => at === 'start' && dice.chance(0.3));
  const end = around.filter(({ at }) => at === 'end');
  const runtime = drawn.ends.budget.filter(({ name }) => name === 'runtime');
  const ends = { ...drawn.ends, target: [], giveUp: [], budget: [counted('cycles', '>=', 6), ...runtime] };
  return { ...alone, phases: [...start, ...phases, ...end], ends, cycleTimeoutMs: 60_000 };
}

export function withSearch(plan: Plan, { every, seeds, maxFailed }: Search): Plan {
  const place = plan.phases.findIndex(({ at }) => at === 'cycle');
  const task = plan.phases.flatMap(({ tasks }) => tasks).find(({ judges }) => judges === undefined);
  if (place < 0 || !task) return plan;
  const phases = plan.phases.map((phase, at) =>
    at === place ? { ...phase, tasks: [...phase.tasks, gateOf(task, phase.id, maxFailed)] } : phase,
  );
  const objective = {
    metric: 'score',
    task: GATE,
    name: 'score',
    key: `${GATE}.score`,
    better: 'higher',
    minDelta: 0,
    count: COUNTS.at(-1),
    pairing: { base: 0, confidence: 0.95 },
    measuredBy: 'search',
  } as const;
  const champion = { keep: [], robustness: { batches: 3, bands: [] }, confirm: { every, seeds } };
  return { ...plan, phases, objective, champion };
}

const GATE = 'search-cycle';
const COUNTS = [3, 9];

function gateOf(task: TaskPlan, phase: string, maxFailed: number): TaskPlan {
  const source = { reader: 'regex', pattern: '(?<value>.*)', in: { stream: 'output' } } as const;
  return {
    ...task,
    id: GATE,
    kind: 'gate',
    phase,
    number: '0.1',
    needs: [],
    mode: 'strict',
    onBroken: 'broken',
    leftOut: undefined,
    when: { every: undefined, passed: [], failed: [], asks: [] },
    exits: [],
    metrics: [{ name: 'score', source, better: 'higher', bounds: undefined, unit: undefined }],
    labels: [],
    thresholds: [],
    stages: COUNTS.map((count) => ({ count, timeoutMs: 800, thresholds: [], promote: [] })),
    sims: { per: 'seed', base: 0, batch: 1, timeoutMs: undefined, maxFailed: { count: maxFailed } },
    cache: undefined,
  };
}
