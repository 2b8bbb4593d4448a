// Which programs a plan calls for: what its gates require, what `when: command` looks for, what its tasks start. It looks at no PATH.

import type { Plan, TaskPlan } from '../plan/plan.ts';
import type { ToolNeed } from './finding.ts';

/** `requires`: of the gate that a task uses, by task. */
export function toolsOf(plan: Plan, requires: ReadonlyMap<string, readonly string[]>): readonly ToolNeed[] {
  const needs = new Map<string, ToolNeed>();
  for (const { tasks } of plan.phases) {
    for (const task of tasks) {
      if (task.leftOut !== undefined) continue;
      const optional = optionalOf(task);
      const isExcused = task.mode === 'soft' && task.onBroken === 'soft';
      for (const name of optional)
        add(needs, { name, isRequired: false, tasks: [task.id], mayBeAsked: false });
      for (const name of hasOwnPath(task) ? [] : (requires.get(task.id) ?? []))
        add(needs, {
          name,
          isRequired: !isExcused && !optional.has(name),
          tasks: [task.id],
          mayBeAsked: true,
        });
      const started = startedBy(task);
      if (started !== undefined)
        add(needs, {
          name: started,
          isRequired: !isExcused && !optional.has(started),
          tasks: [task.id],
          mayBeAsked: false,
        });
    }
  }
  return [...needs.values()];
}

function add(needs: Map<string, ToolNeed>, need: ToolNeed): void {
  const known = needs.get(need.name);
  needs.set(need.name, {
    name: need.name,
    isRequired: need.isRequired || known?.isRequired === true,
    tasks: [...new Set([...(known?.tasks ?? []), ...need.tasks])],
    mayBeAsked: need.mayBeAsked || known?.mayBeAsked === true,
  });
}

function optionalOf({ when }: TaskPlan): ReadonlySet<string> {
  return new Set(when.asks.flatMap((ask) => (ask.key === 'command' ? ask.names : [])));
}

/** Then what is on the PATH of this start says nothing about the task. */
function hasOwnPath({ env }: TaskPlan): boolean {
  return env.set['PATH'] !== undefined;
}

/** Undefined where it is known only in a cycle, or where another PATH or folder is its own matter. */
function startedBy(task: TaskPlan): string | undefined {
  const { command, cwd } = task;
  if (!command) return undefined;
  if (command.kind === 'shell') return command.shell;
  const [name = ''] = command.argv;
  if (name === '' || name.includes('{{') || hasOwnPath(task)) return undefined;
  return name.includes('/') && cwd !== undefined ? undefined : name;
}
