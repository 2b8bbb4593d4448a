// Three loops that run for days, as their people would write them: each is read from its text without a word.

import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/core/config/parse.ts';
import type { Flags } from '../../../src/core/plan/flags.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { planOf } from '../plan/planning.ts';

const PLANNER = `
version: 1
name: planner-cycles
goal: Keep the planner digests current and act on the most useful finding
profile: experimental
defaults: { env: { pass: [PATH, HOME, LANG], set: { PYTHONUNBUFFERED: "1" } } }

state:
  dir: state
  history: state/run_cycle_history.jsonl
  latest: logs/run_cycle/latest.json
  logs: logs/run_cycle
  keep: { cycles: 200, age: 30d, size: 1g }

loop:
  sleep: 10m
  timeout: 10m
  stop-file: state/run_cycle.stop
  backoff: { from: 30s, factor: 2, max: 1h }
  overlap: skip
exit: { give-up: { failures-in-a-row: 5 } }

phases:
  prerequisites:
    at: start
    gates:
      required: { run: [.venv/bin/python, scripts/check_run_cycle_prereqs.py] }
  plan:
    steps:
      cycle: { run: [tools/run_cycle.sh, --mode, "{{profile}}", --goal, "{{goal}}"] }
      archive: { run: [.venv/bin/python, scripts/archive_planner_digests.py] }
    gates:
      newer: { run: [test, -s, state/planner_digests.jsonl] }

profiles:
  experimental: {}
  careful: { steps: { cycle: { timeout: 5m } } }
`;

const TASK_LIST = `
version: 1
name: ralph
goal: Tick every box of IMPLEMENTATION_PLAN.md
profile: sandbox
vars:
  memory: { env: MEMORY_LIMIT, default: 8g }

loop:
  sleep: 0s
  timeout: 2h
  rest: { oom: 5s, limited: reset }
  stop-file: .loop-logs/stop
exit:
  target: { done: ">= 1", tasks-left: "== 0" }
  budget: { cycles: 30 }
  give-up: { failures-in-a-row: 5, oom-in-a-row: 3, same-error: 3 }

phases:
  work:
    steps:
      agent:
        run: claude -p --output-format stream-json --verbose
        stdin: PROMPT.md
        env: { pass: [PATH, HOME, ANTHROPIC_API_KEY] }
        timeout: 1h
        stall: { warn: 90s, kill: 180s }
        exits: { limited: 75 }
  check:
    gates:
      plan:
        run: [cat, IMPLEMENTATION_PLAN.md]
        metrics: { tasks-left: { count: '^\\s*-\\s*\\[ \\]' }, tasks-done: { count: '^\\s*-\\s*\\[x\\]' } }
      done: { judges: agent, metrics: { done: { count: '^/done\\s*$' } } }
      tests: { run: python -m unittest test_cmd_ralph -v, timeout: 10m }

profiles:
  sandbox: { loop: { rest: { oom: 1m } } }
  bare: { skip: [tests] }
state: { dir: .loop-logs, keep: { cycles: 200 } }
`;

const EXPLORATION = `
version: 1
name: amm-phase7
goal: Find a fee strategy whose edge beats 527
vars:
  minutes: { env: CODEX_TIMEOUT_MINUTES, default: 20 }

loop:
  sleep: 2s
  rest: { failed: 2s, limited: reset }
exit:
  target: { edge: "> 527" }
  budget: { runtime: 10h }
  give-up: { failures-in-a-row: never, broken-in-a-row: 8, failure-rate: "> 80% over 30" }
marks:
  mvp: { all: { cycles: ">= 50", edge: "> 374.56", templates: ">= 1", failure-rate: "< 30%" } }
  target: { all: { cycles: ">= 100", edge: "> 400", hypothesis.distinct: ">= 6", failure-rate: "< 20%" } }
  stretch: { all: { edge: "> 527", runtime: "< 10h", templates: ">= 5" } }
  failing: { level: warning, any: { failure-rate: "> 30% over 20", cycles-per-hour: "< 2 over 5" } }
  alarming: { level: critical, any: { failure-rate: "> 50% over 20" } }
  plateau: { level: warning, any: { edge.sd: "< 2 over 10" } }

phases:
  propose:
    steps:
      prompt: { run: "python scripts/prompt.py --out {{cycle.dir}}/prompt.md", timeout: 30s }
      agent:
        run: codex exec --json --sandbox read-only -
        stdin: "{{cycle.dir}}/prompt.md"
        timeout: "{{vars.minutes}}m"
        stall: { warn: 5m, kill: 15m }
        retry: { limit: 1, when: [stall], delay: 30s }
  candidate:
    gates:
      extract:
        run: python scripts/extract.py {{tasks.agent.log}} --out {{cycle.dir}}/strategy
        labels:
          hypothesis: { json: "{{cycle.dir}}/strategy.json", at: /hypothesis_ids }
  prove:
    gates:
      sims:
        run: amm-match run {{cycle.dir}}/strategy.sol --simulations {{count}}
        metrics: { edge: { regex: 'Edge: (?<value>-?[\\d.]+)', better: higher } }
        stages:
          - { count: 10, timeout: 1m, thresholds: { edge: "> 0" } }
          - { count: 100, timeout: 3m, promote: { edge: "> 375" } }
          - { count: 1000, timeout: 15m }
  learn:
    gates:
      templates: { run: ls templates, mode: soft, metrics: { templates: { count: '\\.sol\\.template$' } } }

state: { dir: .ralph-amm/phase7/state, keep: { cycles: 500, size: 1g } }
`;

function read(text: string, flags: Partial<Flags> = {}): Plan {
  const checked = parseConfig(text, 'loop.config.yaml');
  expect(checked.problems).toBeUndefined();
  if (checked.problems) throw new Error('it has problems');
  const plan = planOf(checked.value, { flags });
  expect(plan.warnings).toEqual([]);
  return plan;
}

function ends({ ends: { target, budget, giveUp } }: Plan): readonly (readonly string[])[] {
  return [target, budget, giveUp].map((held) => held.map(({ name, text }) => `${name} ${text}`));
}

test('planner cycles, started with the flags of the script that they replace', () => {
  const seed = { continuous: true, sleep: '600', maxFailures: '5', maxBackoff: '3600' };
  const plan = read(PLANNER, { ...seed, stopFile: 'state/run_cycle.stop' });
  expect(plan.loop).toMatchObject({
    mode: 'continuous',
    sleepMs: 600_000,
    stopFile: 'state/run_cycle.stop',
    backoff: { fromMs: 30_000, maxMs: 3_600_000 },
  });
  expect(ends(plan)).toEqual([[], [], ['failures-in-a-row >= 5']]);
  expect(plan.keep).toEqual({ cycles: 200, ageMs: 30 * 86_400_000, sizeBytes: 1024 ** 3 });
  const short = read(PLANNER, { iterations: '1', sleep: '0', timeout: '300' });
  expect([short.loop.mode, short.loop.sleepMs, short.cycleTimeoutMs]).toEqual(['iterations', 0, 300_000]);
});

test('a task list, thirty cycles at most, with the pause of its profile', () => {
  const plan = read(TASK_LIST, { iterations: '30' });
  expect(ends(plan)).toEqual([
    ['done >= 1', 'tasks-left == 0'],
    ['cycles >= 30'],
    ['failures-in-a-row >= 5', 'oom-in-a-row >= 3', 'same-error >= 3'],
  ]);
  expect(plan.loop.rest).toMatchObject({ oom: 60_000, limited: 'reset' });
});

test('an exploration, tuned by the flags of its script', () => {
  expect(ends(read(EXPLORATION, { continuous: true }))).toEqual([
    ['edge > 527'],
    ['runtime >= 10h'],
    ['broken-in-a-row >= 8', 'failure-rate > 80% over 30'],
  ]);
  const tuned = read(EXPLORATION, { maxRuntime: '7200', iterations: '50', targets: [['edge', '450']] });
  expect(ends(tuned).slice(0, 2)).toEqual([['edge > 450'], ['runtime >= 7200s', 'cycles >= 50']]);
  expect(tuned.loop.mode).toBe('iterations');
  expect(tuned.marks.map(({ id, level }) => `${id} ${level}`)).toEqual([
    'mvp info',
    'target info',
    'stretch info',
    'failing warning',
    'alarming critical',
    'plateau warning',
  ]);
});
