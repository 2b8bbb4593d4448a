// A plan in words: what would run and as what command, what would not and by which rule, every value and where it comes from.

import { commandText, fillArgv } from './command.ts';
import { effectiveKeys } from './loop-text.ts';
import type { CommandPlan, Mode, PhasePlan, Plan, TaskPlan } from './plan.ts';
import { phaseSetting, planSetting, taskSetting, usualLimits } from './setting-text.ts';

/** The whole plan, a few lines a task. `told`: a line more about some tasks, by id. */
export function describePlan(
  plan: Plan,
  withheld: readonly string[],
  told: ReadonlyMap<string, string> = new Map(),
): string {
  const count = plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  const lines = [
    `${plan.name}: ${counted(count, 'task')} in ${counted(plan.phases.length, 'phase')}, ${MODES[plan.loop.mode]}plan ${plan.id}`,
    ...settingsOf(plan).map((line) => `  ${line}`),
    ...withheldLine(withheld).map((line) => `  ${line}`),
    `  a task has, unless it says otherwise: ${usualLimits()}`,
    ...plan.phases.flatMap((phase) => ['', ...phaseLines(plan, phase, told)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** One task with all its settings, written or not. */
export function describeTask(
  plan: Plan,
  { phase, task }: { readonly phase: PhasePlan; readonly task: TaskPlan },
  withheld: readonly string[],
): string {
  const lines = [
    `${task.number} ${task.kind} ${task.id}, ${task.mode}, in phase ${phase.title}`,
    ...whatRuns(plan, task),
    ...ALL_KEYS.flatMap((key) => settingLine(plan, task, key)),
    ...withheldLine(withheld),
  ];
  return `${lines.join('\n  ')}\n`;
}

function withheldLine(names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [`withheld, unless \`env.pass\` lists them: ${names.join(', ')} (\`redact\`)`];
}

const MODES: Readonly<Record<Mode, string>> = {
  once: '',
  iterations: 'a number of cycles, ',
  continuous: 'cycle after cycle, ',
};

const ALL_KEYS = [
  'mode',
  'on-broken',
  'fail-on',
  'soft-until',
  'quarantine-until',
  'when',
  'timeout',
  'stall',
  'kill-after',
  'retry',
  'exits',
  'metrics',
  'labels',
  'thresholds',
  'stages',
  'per',
  'seeds',
  'max-failed',
  'stop-early',
  'inputs',
  'outputs',
  'cache',
  'versions',
  'env',
  'isolation',
  'network',
  'log-limit',
  'cwd',
  'stdin',
  'resources',
  'writes',
  'prove',
] as const; // In the order of the reference page.

/** Shown in a line of their own, or said by another one. */
const SHOWN_APART: ReadonlySet<string> = new Set(['run', 'shell', 'needs', 'judges', 'uses', 'with', 'mode']);

function settingsOf(plan: Plan): readonly string[] {
  const written = new Map(
    Object.entries(plan.sources).filter(([key]) => !/^(steps|gates|phases)\./.test(key)),
  );
  // The limits that hold are told whether anybody wrote them or not.
  const keys = new Set([
    'jobs',
    'loop.timeout',
    'loop.stop-within',
    ...effectiveKeys(plan),
    'state.dir',
    'questions.file',
    ...written.keys(),
  ]);
  return [...keys].flatMap((key) => {
    const value = planSetting(plan, key);
    return value === undefined ? [] : [`${key}: ${value} (${written.get(key) ?? 'default'})`];
  });
}

function phaseLines(plan: Plan, phase: PhasePlan, told: ReadonlyMap<string, string>): readonly string[] {
  const keys = ['when', 'jobs', 'timeout', 'at', 'always', 'policy'] as const;
  const settings = keys.flatMap((key) => {
    const source = plan.sources[`phases.${phase.id}.${key}`];
    return source === undefined ? [] : [`${key} ${phaseSetting(phase, key)} (${source})`];
  });
  const title = phase.title === phase.id ? phase.id : `${phase.id}: ${phase.title}`;
  const head = `${phase.number} ${[title, ...settings].join(', ')}`;
  return [
    head,
    ...phase.tasks.flatMap((task) => taskLines(plan, task, told.get(task.id)).map((line) => `  ${line}`)),
  ];
}

function taskLines(plan: Plan, task: TaskPlan, told: string | undefined): readonly string[] {
  const head = `${task.number} ${task.kind} ${task.id}${task.kind === 'gate' ? `, ${modeText(plan, task)}` : ''}`;
  if (task.leftOut !== undefined) return [`${head}: skipped, ${task.leftOut}`];
  const keys = Object.keys(plan.sources)
    .filter((key) => key.startsWith(homeOf(task)))
    .map((key) => key.slice(homeOf(task).length));
  const settings = keys.filter((key) => !SHOWN_APART.has(key)).flatMap((key) => settingLine(plan, task, key));
  const lines = [...whatRuns(plan, task), ...settings, ...(told === undefined ? [] : [told])];
  return [head, ...lines.map((line) => `  ${line}`)];
}

function whatRuns(plan: Plan, task: TaskPlan): readonly string[] {
  const { judges, needs, usedFrom, leftOut } = task;
  const command = task.command && startedAs(task.command, plan);
  const source = sourceOf(plan, task, 'run');
  const lines: string[] = [];
  if (leftOut !== undefined) lines.push(`skipped, ${leftOut}`);
  if (judges !== undefined) lines.push(`judges ${judges}`);
  if (command) {
    const shell = command.kind === 'shell' ? `${command.shell} runs` : 'runs';
    lines.push(
      `${shell}: ${commandText(command).replaceAll('\n', '\n      ')}${source === 'gate' ? ` (${usedFrom})` : ''}`,
    );
  }
  if (needs.length > 0) lines.push(`needs: ${needs.join(', ')}`);
  return lines;
}

/** With the values that are known already; those of a running cycle stay names. */
function startedAs(command: CommandPlan, { vars, goal, profile }: Plan): CommandPlan {
  if (command.kind === 'shell') return command;
  const known = new Map(Object.entries(vars).map(([name, value]) => [`vars.${name}`, value]));
  if (goal !== undefined) known.set('goal', goal);
  if (profile !== undefined) known.set('profile', profile);
  return { kind: 'argv', argv: fillArgv(command.argv, (name) => known.get(name) ?? `{{${name}}}`) };
}

function modeText(plan: Plan, task: TaskPlan): string {
  const source = plan.sources[`${homeOf(task)}mode`];
  return source === undefined ? task.mode : `${task.mode} (${source})`;
}

function settingLine(plan: Plan, task: TaskPlan, key: string): readonly string[] {
  const value = taskSetting(task, key);
  return value === undefined ? [] : [`${key}: ${value} (${sourceOf(plan, task, key)})`];
}

function sourceOf(plan: Plan, task: TaskPlan, key: string): string {
  return plan.sources[homeOf(task) + key] ?? 'default';
}

function homeOf({ kind, id }: TaskPlan): string {
  return `${kind}s.${id}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
