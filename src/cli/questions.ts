// `gate-run questions`: every open failure in the capture format, and what was answered since.

import { questionsText } from '../views/status.ts';
import type { CommandRequest } from './request.ts';
import { openState, refuse, takeFlags } from './state.ts';

const ORDERS = ['age', 'count'] as const;

export async function questions(request: CommandRequest): Promise<number> {
  const known = { open: 'none', closed: 'none', sort: 'value' } as const;
  const { flags, rest, problem } = takeFlags(request.args, known);
  if (problem !== undefined) return refuse(request, 'questions', problem);
  if (rest.length > 0) return refuse(request, 'questions', `takes no words, not \`${rest.join(' ')}\``);
  const order = ORDERS.find((one) => one === (flags.sort ?? 'age'));
  if (order === undefined)
    return refuse(request, 'questions', `--sort takes ${ORDERS.join(' or ')}, not \`${flags.sort}\``);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const [onlyOpen, onlyClosed] = [flags.open !== undefined, flags.closed !== undefined];
  const shown = [...state.progress.questions.values()]
    .filter(({ closedAt }) => onlyOpen === onlyClosed || (closedAt === undefined) === onlyOpen)
    .toSorted((one, other) =>
      order === 'count' ? other.seen - one.seen : Date.parse(one.openedAt) - Date.parse(other.openedAt),
    );
  if (request.json) {
    const objects = shown.map((question) => ({ ...question, closedAt: question.closedAt ?? null }));
    request.write(`${JSON.stringify(objects, null, 2)}\n`);
  } else request.write(questionsText(shown, { color: request.color, wall: Date.now() }));
  return 0;
}
