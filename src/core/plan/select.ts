// Which tasks are left out before anything starts, and by which rule: `--skip`, `--only`, `--phase`, `--failed`, a profile; and
// which an ad hoc run names. What a `when` decides is said elsewhere.

import { nearest } from '../config/nearest.ts';
import type { Problem } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { isGlob, namesMeant, unknownWord } from './names.ts';
import type { TaskPlan } from './plan.ts';

export interface Selection {
  /** The rule by which a task is left out; undefined: it is in. */
  ruleFor(id: string, phase: string): string | undefined;
  /** Tasks that an ad hoc run names; undefined: no ad hoc run. */
  readonly named: ReadonlySet<string> | undefined;
}

/** A gate that is asked for alone brings along the task that it judges. */
export function select(draft: Draft): Selection {
  const { flags, ids, problems, settings } = draft;
  const said = (flag: string, words: readonly string[]) =>
    namesMeant(words, ids, (word) => problems.push({ file: flag, message: unknownTask(word, draft) }));
  const profiled = (key: 'skip' | 'only') =>
    namesMeant(settings.profileConfig?.[key] ?? [], ids, (word, at) => {
      const path = ['profiles', settings.profile ?? '', key, at];
      problems.push({ path, message: unknownTask(word, draft) });
    });
  const withJudged = (meant: ReadonlySet<string>) => {
    const all = new Set(meant);
    const judges = judgedBy(draft);
    for (const id of meant) {
      const judged = judges.get(id);
      if (judged !== undefined) all.add(judged);
    }
    return all;
  };
  const skip = said('--skip', flags.skip);
  const only = flags.only.length > 0 ? withJudged(said('--only', flags.only)) : undefined;
  const failed = flags.failed && withNeeds(new Set(flags.failed), needsWritten(draft));
  const named =
    flags.tasks.length > 0
      ? namesMeant(flags.tasks, ids, (word) => problems.push(unknownHere(word, draft)))
      : undefined;
  const phases = phasesMeant(draft);
  const profileSkip = profiled('skip');
  const profileOnly = settings.profileConfig?.only ? withJudged(profiled('only')) : undefined;
  return {
    named,
    ruleFor(id, phase) {
      if (skip.has(id)) return '--skip';
      if (named !== undefined) return undefined;
      if (phases && !phases.has(phase)) return '--phase';
      if (failed && !failed.has(id)) return '--failed';
      if (only) return only.has(id) ? undefined : '--only';
      const isOut = profileSkip.has(id) || (profileOnly !== undefined && !profileOnly.has(id));
      return isOut ? `profile ${settings.profile ?? ''}` : undefined;
    },
  };
}

function judgedBy({ tasks }: Draft): ReadonlyMap<string, string> {
  const judged = new Map<string, string>();
  for (const { id, layers } of tasks.values()) {
    for (const { value } of layers) if (typeof value['judges'] === 'string') judged.set(id, value['judges']);
  }
  return judged;
}

/** `needs` and `judges` of each task, of the layer that has the last word. */
function needsWritten({ tasks }: Draft): (id: string) => readonly string[] {
  return (id) => {
    const layers = tasks.get(id)?.layers ?? [];
    const needs = layers.map(({ value }) => value['needs']).findLast(Array.isArray) ?? [];
    const judges = layers.map(({ value }) => value['judges']);
    return [...needs, ...judges].filter((one) => typeof one === 'string' && tasks.has(one));
  };
}

/** The named tasks and everything they need as written; the step before a step is not among it. */
export function withNeeds(
  named: ReadonlySet<string>,
  writtenNeeds: (id: string) => readonly string[],
): ReadonlySet<string> {
  const all = new Set<string>();
  const open = [...named];
  // Bounded: a task enters `all` once, and is looked at only then.
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (all.has(id)) continue;
    all.add(id);
    open.push(...writtenNeeds(id));
  }
  return all;
}

/** A gate has nothing to judge where the task it judges is left out, so the same rule leaves it out too. */
export function leaveOutJudges(tasks: readonly TaskPlan[]): readonly TaskPlan[] {
  if (!tasks.some((task) => task.judges !== undefined)) return tasks;
  const rules = new Map(tasks.map((task) => [task.id, task.leftOut] as const));
  return tasks.map((task) => {
    const rule = task.judges === undefined ? undefined : rules.get(task.judges);
    return rule === undefined || task.leftOut !== undefined ? task : { ...task, leftOut: rule };
  });
}

function phasesMeant({ flags, config, problems }: Draft): ReadonlySet<string> | undefined {
  if (flags.phases.length === 0) return undefined;
  const known = Object.keys(config.phases);
  return namesMeant(flags.phases, known, (word) => {
    problems.push({ file: '--phase', message: unknownWord('phase', word, known) });
  });
}

/** A bare word of the command line: a task, or a command that is misspelt. */
function unknownHere(word: string, draft: Draft): Problem {
  const file = 'command line';
  const message = unknownTask(word, draft);
  if (nearest(word, draft.ids) !== undefined) return { file, message };
  const command = nearest(word, draft.flags.commands ?? []);
  if (command !== undefined)
    return { file, message: `\`${word}\` is no task — did you mean the command \`gate-run ${command}\`?` };
  return { file, message, mend: '`gate-run plan` shows every task, `gate-run --help` every command' };
}

function unknownTask(word: string, { ids, config }: Draft): Problem['message'] {
  if (!isGlob(word) && Object.hasOwn(config.phases, word))
    return `\`${word}\` is a phase, not a task — \`--phase ${word}\` means it`;
  return unknownWord('task', word, ids);
}
