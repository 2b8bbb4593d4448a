// How an order is told to people: the command in one line, and the line that its log begins with.

import { cutAt } from '../cut-text.ts';
import { commandText, fillArgv } from './command.ts';
import type { OrderInput } from './order.ts';
import type { CommandPlan, TaskPlan } from './plan.ts';

const SHOWN_LIMIT = 500;

/** Vars stay as they are written: they come from the environment and may be secret. */
export function shownCommand(
  { command, sims }: TaskPlan,
  values: (name: string) => string | undefined,
): string {
  if (!command) return '';
  const isEach = (name: string) => sims !== undefined && (name === 'seed' || name === 'count');
  const shown = (name: string) => (name.startsWith('vars.') || isEach(name) ? `{{${name}}}` : values(name));
  const named: CommandPlan =
    command.kind === 'argv' ? { kind: 'argv', argv: fillArgv(command.argv, shown) } : command;
  // One line, whatever the command holds.
  return cutAt(commandText(named).replace(/\p{Cc}+/gu, ' '), SHOWN_LIMIT);
}

/** Its end is where the output begins. */
export function headerOf(
  { task, ref, facts }: Pick<OrderInput, 'task' | 'ref' | 'facts'>,
  shown: string,
): string {
  const rung = ref.rung === undefined ? '' : `, count ${ref.rung}`;
  const where = `${facts.startedAt} run ${facts.run}, cycle ${facts.cycle}, ${task.phase}.${task.id}${rung}, attempt ${ref.attempt}`;
  return cutAt(`# gate-run ${where}: ${shown}`, SHOWN_LIMIT);
}
