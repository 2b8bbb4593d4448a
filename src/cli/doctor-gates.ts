// The part of `doctor` that carries the gates at the start out, beside a living loop: without lock and ledger.

import type { Finding } from '../core/doctor/finding.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import type { View } from '../ports.ts';
import { gateRunBin, packageVersion } from '../system/self.ts';
import { makeTemporary, removeFolder } from '../system/temporary.ts';
import { taskText } from '../views/words.ts';
import { carryOut, withLogsIn } from './ad-hoc.ts';
import { loadLoop, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { openUnitsFor, lackingText } from './units.ts';
import { openWorld } from './world.ts';

/** Those that the plan has not left out. */
export function startGates({ plan }: Loop): readonly string[] {
  const phases = plan.phases.filter(({ at }) => at === 'start');
  return phases.flatMap(({ tasks }) =>
    tasks.filter(({ kind, leftOut }) => kind === 'gate' && leftOut === undefined).map(({ id }) => id),
  );
}

export async function gateFindings(
  { config, folder, flags = NO_FLAGS, env }: CommandRequest,
  whole: Loop,
  gates: readonly string[],
): Promise<readonly Finding[]> {
  const named = await loadLoop({ config, folder, flags: { ...flags, tasks: gates } }, { ...env });
  if ('problems' in named)
    throw new Error(`bug: the gates at the start make no plan: ${named.problems[0]?.message ?? ''}`);
  const logs = makeTemporary('gate-run-doctor-');
  const loop = withLogsIn(toTheEnd(named), logs);
  const held = await openUnitsFor(loop.plan);
  if ('lacks' in held)
    return gates.map((name) => ({ area: 'gates', name, level: 'missing', ...lackingText(held) }));
  const here = await openWorld(loop.plan, { folder: whole.folder, units: held.units }, { ...env });
  const done = new Map<string, TaskSummary>();
  const collect: View = {
    see: (event) => {
      if (event.type === 'cycle.ended') for (const task of event.tasks) done.set(task.id, task);
    },
    close: () => undefined,
  };
  const terminal = { version: packageVersion(), bin: gateRunBin() };
  try {
    await carryOut({ terminal, loop, here, views: [collect] });
  } finally {
    here.close();
    await held.close();
  }
  const found = gates.map((id) => gateFinding(id, done.get(id), logs));
  if (found.every(({ level }) => level === 'ok')) removeFolder(logs);
  return found;
}

/** Whoever looks wants all that is wrong, not the first of it. */
function toTheEnd(loop: Loop): Loop {
  const phases = loop.plan.phases.map((phase) => ({ ...phase, policy: 'keep-going' as const }));
  return { ...loop, plan: { ...loop.plan, phases } };
}

function gateFinding(name: string, task: TaskSummary | undefined, logs: string): Finding {
  const finding = { area: 'gates', name } as const;
  if (!task)
    return { ...finding, level: 'missing', says: 'it was not carried out', mend: `gate-run ${name}` };
  const says = taskText(task) || 'passed';
  if (task.verdict === 'passed' || (task.verdict === 'skipped' && task.isExcused === true))
    return { ...finding, level: 'ok', says };
  const mend = task.log === undefined ? `gate-run ${name}` : `its output: ${logs}/${task.log}`;
  return { ...finding, level: task.verdict === 'soft-failed' ? 'warning' : 'missing', says, mend };
}
