// Seven small loops, each cut off at every single operation on its disk, by a kill and by the power going, and started again.

import { expressions } from '../../src/core/expression.ts';
import type { Recorded } from '../../src/core/loop/event.ts';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { LoopPlan, PhasePlan, Plan, TaskPlan } from '../../src/core/plan/plan.ts';
import type { Condition, CountMeasure } from '../../src/core/plan/ends-plan.ts';
import { NO_FAULTS, SimulatedDisk } from '../../src/simulation/disk.ts';
import { brokenPromises } from '../../src/simulation/invariants.ts';
import { nextHalfHour } from '../../src/simulation/loop-plans.ts';
import { randomPlan } from '../../src/simulation/plans.ts';
import { Dice } from '../../src/simulation/random.ts';
import { Chronicle } from './chronicle.ts';
import type { Swarm } from './faults.ts';
import { withSearch } from './searching.ts';
import { live, PATHS, type LifeWish, type Lived } from './life.ts';

export interface CutScene {
  readonly scene: string;
  readonly points: number;
  readonly broken: readonly string[];
}

const MINUTE_MS = 60_000;
const CALM: Swarm = new Set();
const NAMES = ['passes', 'fails', 'limited', 'start and end', 'ladder', 'one cycle', 'search'] as const;

export async function* cutEverywhere(): AsyncGenerator<CutScene> {
  for (const scene of NAMES) yield await cutScene(scene);
}

async function cutScene(scene: (typeof NAMES)[number]): Promise<CutScene> {
  const plan = planOf(scene);
  const broken: string[] = [];
  const calm = new SimulatedDisk(new Dice(1));
  const whole = await live(calm, wishOf(plan, scene, 1));
  const points = calm.operations;
  for (let at = 1; at <= points; at += 1) {
    for (const isPower of [false, true]) {
      const where = `${scene}, ${isPower ? 'power' : 'kill'} at ${at}`;
      for (const what of await cutAt(plan, scene, { at, isPower, whole })) broken.push(`${where}: ${what}`);
    }
  }
  return { scene, points: points * 2, broken };
}

interface Cut {
  readonly at: number;
  readonly isPower: boolean;
  /** The life that nothing cut off. */
  readonly whole: Lived;
}

async function cutAt(plan: Plan, scene: string, { at, isPower, whole }: Cut): Promise<readonly string[]> {
  const disk = new SimulatedDisk(new Dice(at, isPower ? 'power' : 'kill'));
  const chronicle = new Chronicle(disk);
  const first = await live(disk, { ...wishOf(plan, scene, 1), faults: { ...NO_FAULTS, crashAt: at } });
  chronicle.hold(first);
  if (isPower) chronicle.holdCut(first.recorded);
  const { wall, mono } = first;
  const second = await live(disk, { ...wishOf(plan, scene, 2), wall, mono });
  chronicle.hold(second);
  const told = { nextFire: nextHalfHour, evaluate: expressions.holds };
  const broken = [...chronicle.broken, ...brokenPromises(plan, chronicle.events, chronicle.lost, told)];
  if (first.end !== 'crash') broken.push(`the first life was ${first.end}`);
  if (second.end !== 'over') broken.push(`the second life was ${second.end}`);
  // What a mood of its number does to a cycle is another matter when one more cycle has a number.
  if (wishOf(plan, scene, 1).isFickle) return broken;
  const [due, exit] = [exitOf(whole.recorded), exitOf(second.recorded)];
  return exit === due ? broken : [...broken, `it ended with ${exit}, uncut with ${due}`];
}

function exitOf(recorded: readonly Recorded[]): number | undefined {
  const end = recorded.findLast((event) => event.type === 'run.ended');
  return end?.exit;
}

function wishOf(plan: Plan, scene: string, life: number): LifeWish {
  return {
    seed: 1,
    life,
    plan,
    acceptConfig: false,
    faults: NO_FAULTS,
    isCalm: true,
    swarm:
      scene === 'fails' ? new Set(['failing-row']) : scene === 'limited' ? new Set(['limited-row']) : CALM,
    trouble: 0,
    isFickle: scene === 'fails' || scene === 'limited',
    wall: Date.UTC(2026, 1, 10, 6, 30),
    mono: 0,
  };
}

function planOf(scene: (typeof NAMES)[number]): Plan {
  const paths = { dir: '/state', history: PATHS.history, latest: '/state/latest.json', cycles: PATHS.cycles };
  const drawn = randomPlan(new Dice(1), paths, { mode: 'continuous', mayBeLimited: scene === 'limited' });
  const task = drawn.phases.flatMap((phase) => phase.tasks).find(({ judges }) => judges === undefined);
  if (!task) throw new Error('bug: the first plan has no task');
  const loop: LoopPlan = {
    ...drawn.loop,
    mode: scene === 'one cycle' ? 'once' : 'continuous',
    sleepMs: MINUTE_MS,
    cron: undefined,
    rest: { passed: 'sleep', limited: 'reset' },
    backoff: { fromMs: MINUTE_MS, factor: 2, maxMs: 10 * MINUTE_MS, jitter: true },
  };
  const phases = phasesOf(scene, plain(task));
  const isSearch = scene === 'search';
  // So many that a champion of the first is confirmed behind the second.
  const budget = [atLeast('cycles', isSearch ? 3 : 2), atLeast('runtime', 100 * MINUTE_MS)];
  const giveUp = scene === 'fails' ? [atLeast('failures-in-a-row', 3)] : [];
  const marks: Plan['marks'] = [{ id: 'begun', level: 'info', all: [atLeast('cycles', 1)], any: [] }];
  const ends = { ...NO_EXIT, budget, giveUp };
  const plan: Plan = { ...drawn, jobs: 2, loop, phases, ends, marks, failOn: undefined };
  return isSearch ? withSearch(plan, { every: 1, seeds: 5, maxFailed: 2 }) : plan;
}

function phasesOf(scene: (typeof NAMES)[number], task: TaskPlan): readonly PhasePlan[] {
  const cycle = phase('cycle', 1, [
    { ...task, id: 'step', kind: 'step' },
    scene === 'ladder' ? ladder({ ...task, id: 'gate' }) : { ...task, id: 'gate' },
  ]);
  if (scene !== 'start and end') return [cycle];
  return [
    phase('start', 1, [{ ...task, id: 'ready' }]),
    { ...cycle, tasks: cycle.tasks.slice(1) },
    phase('end', 3, [{ ...task, id: 'tidy' }]),
  ];
}

function phase(at: PhasePlan['at'], number: number, tasks: readonly TaskPlan[]): PhasePlan {
  return {
    id: at,
    title: at,
    number,
    at,
    always: false,
    policy: 'finish-running',
    jobs: 2,
    timeoutMs: 'never',
    tasks: tasks.map((task, place) => ({ ...task, phase: at, number: `${number}.${place + 1}` })),
  };
}

/** As simple as a task can be, so that the loop around it is what is cut. */
function plain(task: TaskPlan): TaskPlan {
  const metrics = task.metrics.filter(({ name }) => name === 'retry-at');
  const when = { every: undefined, passed: [], failed: [], asks: [] };
  return {
    ...task,
    kind: 'gate',
    needs: [],
    mode: 'strict',
    leftOut: undefined,
    when,
    metrics,
    thresholds: [],
    stages: [],
    timeoutMs: 1000,
  };
}

function ladder(task: TaskPlan): TaskPlan {
  const stages = [10, 100].map((count) => ({ count, timeoutMs: 1000, thresholds: [], promote: [] }));
  return { ...task, stages };
}

function atLeast(kind: CountMeasure, value: number): Condition {
  return { name: kind, measure: { kind }, operator: '>=', value, over: undefined, text: `>= ${value}` };
}
