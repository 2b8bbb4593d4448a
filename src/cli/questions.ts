// `gate-run questions`: every open failure in the capture format, and what was answered since.

import { questionsText } from '../views/status.ts';
import type { CommandRequest } from './request.ts';
import { openState, refuse, takeFlags } from './state.ts';

export async function questions(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { open: 'none' });
  if (problem !== undefined) return refuse(request, 'questions', problem);
  if (rest.length > 0) return refuse(request, 'questions', `takes no words, not \`${rest.join(' ')}\``);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const all = [...state.progress.questions.values()];
  const shown = flags.open === undefined ? all : all.filter((question) => question.closedAt === undefined);
  if (request.json) {
    const objects = shown.map((question) => ({ ...question, closedAt: question.closedAt ?? null }));
    request.write(`${JSON.stringify(objects, null, 2)}\n`);
  } else request.write(questionsText(shown, request.color));
  return 0;
}
