// A hook that was decided → the order that is carried out: values as words or variables, never as shell text.

import type { HookOrder } from '../../ports.ts';
import type { Recorded } from '../loop/event.ts';
import type { HookStarted } from '../loop/hook-event.ts';
import { cycleFolder } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import { fillArgv } from './command.ts';
import { fill } from './fill.ts';
import { championNames } from './champion-names.ts';
import { CHAMPION_DIR, QUESTION_FILE } from './hooks.ts';
import { planEnv } from './order.ts';
import type { HookPlan, Plan } from './plan.ts';

/** Absolute paths. */
export interface HookFacts {
  readonly folder: string;
  readonly stateDir: string;
  readonly cycles: string;
}

export interface HookInput {
  readonly plan: Plan;
  readonly hook: HookPlan;
  readonly event: Recorded<HookStarted>;
  readonly progress: Progress;
  readonly facts: HookFacts;
}

export function makeHookOrder(input: HookInput): HookOrder {
  const { hook, event, facts } = input;
  const values = valuesOf(input);
  return {
    nth: event.nth,
    hook: event.hook,
    argv: argvOf(hook, values),
    cwd: facts.folder,
    env: envOf(input, values),
    pass: hook.env.pass,
    timeoutMs: event.timeoutMs,
  };
}

/** Where the question of an `on-question` hook is put down for it. */
export function questionFile(
  { fingerprint, cycle }: { fingerprint: string; cycle: number },
  { lastTurn }: Progress,
  cycles: string,
): string {
  const folder = cycleFolder(cycle, lastTurn?.cycle === cycle ? lastTurn.turn : 'cycle');
  return `${cycles}/${folder}/question.${fingerprint}.md`;
}

function argvOf({ command }: HookPlan, values: (name: string) => string | undefined): readonly string[] {
  if (command.kind === 'argv') return fillArgv(command.argv, values);
  return command.shell === 'bash'
    ? ['bash', '-euo', 'pipefail', '-c', command.script]
    : ['sh', '-ec', command.script];
}

function valuesOf({ plan, event, progress, facts }: HookInput): (name: string) => string | undefined {
  const { cycle, question } = event;
  const values = new Map<string, string | undefined>([
    ...Object.entries(plan.vars).map(([name, value]) => [`vars.${name}`, value] as const),
    ['goal', plan.goal],
    ['profile', plan.profile],
    ['run', event.run],
    ['cycle', String(cycle)],
    ['cycle.dir', `${facts.cycles}/${cycleFolder(cycle, 'cycle')}`],
    ['state.dir', facts.stateDir],
  ]);
  if (question !== undefined)
    values.set(QUESTION_FILE, questionFile({ fingerprint: question, cycle }, progress, facts.cycles));
  values.set(CHAMPION_DIR, championNames(progress.champion, facts.stateDir).values[CHAMPION_DIR]);
  return (name) => values.get(name);
}

function envOf(
  { plan, hook, event, progress, facts }: HookInput,
  values: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const set = Object.entries(hook.env.set).map(([name, value]) => [name, fill(value, values)] as const);
  const verdict = event.hook === 'before-cycle' ? undefined : progress.run?.lastVerdict;
  const told = {
    GATE_HOOK: event.hook,
    GATE_RUN: event.run,
    GATE_CYCLE: String(event.cycle),
    // What it leaves behind is found and ended by this mark, as it is of tasks.
    GATE_TASK: `hooks.${event.hook}`,
    GATE_CYCLE_DIR: values('cycle.dir'),
    GATE_STATE: facts.stateDir,
    GATE_VERDICT: verdict,
    GATE_QUESTION: event.question,
    GATE_QUESTION_FILE: values(QUESTION_FILE),
    GATE_QUESTION_TASK: event.task,
    GATE_REASON: event.ending?.reason,
    GATE_RULE: event.ending?.rule,
    GATE_EXIT: event.exit === undefined ? undefined : String(event.exit),
    GATE_WHY: event.why,
    ...championNames(progress.champion, facts.stateDir).env,
  };
  const own = Object.entries(told).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(set), ...planEnv(plan), ...Object.fromEntries(own) };
}
