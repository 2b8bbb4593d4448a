// Plans for tests in a few words: a task is an id and what is unusual about it.

import { DEFAULT_KEEP, DEFAULT_LOOP, NO_EXIT } from '../../src/core/plan/loop.ts';
import type { PhasePlan, Plan, TaskPlan } from '../../src/core/plan/plan.ts';

export function gate(id: string, unusual: Partial<TaskPlan> = {}): TaskPlan {
  return {
    id,
    kind: 'gate',
    phase: '',
    number: '',
    command: { kind: 'argv', argv: ['true'] },
    judges: undefined,
    needs: [],
    mode: 'strict',
    onBroken: 'broken',
    leftOut: undefined,
    when: { every: undefined, passed: [], failed: [], asks: [] },
    timeoutMs: 600_000,
    stall: { warnMs: 'never', killMs: 'never' },
    killAfterMs: 10_000,
    retry: { limit: 0, when: [], delayMs: 0, factor: 1 },
    exits: [],
    metrics: [],
    labels: [],
    thresholds: [],
    stages: [],
    env: { pass: undefined, set: {} },
    logLimitBytes: 1_000_000,
    cwd: undefined,
    stdin: undefined,
    usedFrom: undefined,
    softness: undefined,
    ...unusual,
  };
}

export function step(id: string, unusual: Partial<TaskPlan> = {}): TaskPlan {
  return gate(id, { kind: 'step', ...unusual });
}

export function phase(id: string, tasks: readonly TaskPlan[], unusual: Partial<PhasePlan> = {}): PhasePlan {
  return {
    id,
    title: id,
    number: 1,
    at: 'cycle',
    always: false,
    policy: 'finish-running',
    jobs: 4,
    timeoutMs: 'never',
    ...unusual,
    tasks: tasks.map((task, at) => ({ ...task, phase: id, number: `${unusual.number ?? 1}.${at + 1}` })),
  };
}

export function plan(phases: readonly PhasePlan[], unusual: Partial<Plan> = {}): Plan {
  const state = {
    dir: '/state',
    history: '/state/history.jsonl',
    latest: '/state/latest.json',
    cycles: '/state/cycles',
  };
  return {
    name: 'test',
    goal: undefined,
    profile: undefined,
    vars: {},
    id: 'plan-1',
    jobs: 4,
    cycleTimeoutMs: 3_600_000,
    stopWithinMs: 300_000,
    loop: { ...DEFAULT_LOOP, stopFile: '/state/stop' },
    ends: NO_EXIT,
    marks: [],
    keep: DEFAULT_KEEP,
    phases,
    questions: { file: '/state/questions.md', ask: 'ChatGPT @codex' },
    redact: [],
    reporters: [],
    state,
    failOn: undefined,
    sources: {},
    warnings: [],
    ...unusual,
  };
}
