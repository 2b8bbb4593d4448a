// `gate-run check`: every problem of the config, of the gates it uses and of `gates/`, or how large the loop is.
// It starts nothing and asks nothing of the tools that the gates call.

import { EXIT } from '../core/loop/run-end.ts';
import type { Problem } from '../core/config/problem.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import type { Plan } from '../core/plan/plan.ts';
import { dateText, datesOf } from '../core/summary/gates.ts';
import { ownGates } from '../system/config-file.ts';
import { hidingIn } from './hide.ts';
import { survey, type Survey } from './load.ts';
import { lockChecked } from './lock-file.ts';
import type { CommandRequest } from './request.ts';
import { showProblems } from './say.ts';

export async function check(request: CommandRequest): Promise<number> {
  const lock = lockChecked(request);
  const { folder, config, env, flags = NO_FLAGS } = request;
  const surveyed = await survey({ folder, config, flags }, env, ownGates);
  const empty = await emptyInputs(surveyed, env);
  const found = { ...surveyed, problems: [...surveyed.problems, ...lock.problems, ...empty] };
  const { problems, texts, file } = found;
  const warnings = [...found.warnings, ...nearDays(found)];
  if (request.json) {
    const told = hidingIn(env, found.redact)(await asJson({ ...found, warnings }));
    request.write(`${JSON.stringify(told, null, 2)}\n`);
    return problems.length > 0 ? EXIT.usage : EXIT.passed;
  }
  const { renderProblems } = await import('../core/config/render.ts');
  const { color } = request;
  if (warnings.length > 0)
    request.writeError(hidingIn(env, found.redact)(`${renderProblems(warnings, texts, { color })}\n`));
  if (problems.length > 0) {
    await showProblems(found, request);
    return EXIT.usage;
  }
  request.write(
    `${file ?? 'the config'} is fine: ${found.found === undefined ? '' : sizeOf(found.found.plan)}\n${lock.note}`,
  );
  return EXIT.passed;
}

/** Only with a cache does a glob that matches nothing answer for ever. */
async function emptyInputs({ found, file }: Survey, env: CommandRequest['env']): Promise<readonly Problem[]> {
  if (found?.plan.cache === undefined || file === undefined) return [];
  const { openCache } = await import('./open-cache.ts');
  return openCache({ ...found, file }, { ...env }).problems().problems;
}

/** A day on which a gate becomes strict is news of the calendar, not of the file: no plan carries it. */
function nearDays({ found, file }: Survey): readonly Problem[] {
  return datesOf(found?.plan, Date.now()).map((date) => {
    const phase = found?.plan.phases.find(({ tasks }) => tasks.some(({ id }) => id === date.task));
    const path = ['phases', phase?.id ?? '', 'gates', date.task, date.key];
    const mend = date.daysLeft < 0 ? 'mend the gate, or take the key away' : 'mend the gate, or move the day';
    return { ...(file !== undefined && { file }), path, message: dateText(date), mend };
  });
}

function sizeOf({ phases }: Plan): string {
  const tasks = phases.flatMap((phase) => phase.tasks);
  const steps = tasks.filter(({ kind }) => kind === 'step').length;
  const parts = [
    counted(phases.length, 'phase'),
    counted(tasks.length - steps, 'gate'),
    counted(steps, 'step'),
  ];
  return parts.filter((part) => !part.startsWith('0 ')).join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

async function asJson({ file, problems, warnings, texts, found }: Survey): Promise<object> {
  const { placesOf } = await import('../core/config/render.ts');
  const phases = found?.plan.phases.map(({ id, tasks }) => ({ id, tasks: tasks.map((task) => task.id) }));
  const told = { problems: placesOf(problems, texts), warnings: placesOf(warnings, texts) };
  return { schemaVersion: 1, exit: problems.length > 0 ? EXIT.usage : EXIT.passed, file, ...told, phases };
}
