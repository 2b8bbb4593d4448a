// `gate-run doctor`: whether a run could do its work here, and what to mend where not. It takes no lock and writes nothing of the loop's.

import { NO_FLAGS } from '../core/plan/flags.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { withheldNames } from '../core/plan/passing.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { findingText } from '../views/doctor.ts';
import { isolationFindings } from './doctor-isolation.ts';
import { limitFindings } from './doctor-limits.ts';
import { machineFacts } from '../system/machine.ts';
import { diskFindings, stateFindings } from './doctor-state.ts';
import { gateFindings, startGates } from './doctor-gates.ts';
import { surroundingFindings } from './doctor-surroundings.ts';
import { toolFindings } from './doctor-tools.ts';
import { loadLoop, type LoadProblems, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { refuse, takeFlags } from './state.ts';
import { beginUnits } from './units.ts';

export async function doctor(request: CommandRequest): Promise<number> {
  const { flags: own, rest, problem } = takeFlags(request.args, { prove: 'none' });
  if (problem !== undefined) return refuse(request, 'doctor', problem);
  const [surplus] = rest;
  if (surplus !== undefined) return refuse(request, 'doctor', `takes no words, not \`${surplus}\``);
  if (own.prove !== undefined) return (await import('./prove.ts')).prove(request);
  const { folder, config, flags = NO_FLAGS } = request;
  const loop = await loadLoop({ config, folder, flags }, { ...request.env }, machineFacts);
  const found: Finding[] = [];
  const add = (findings: readonly Finding[]): void => {
    found.push(...findings);
    if (!request.json) request.write(findings.map((one) => findingText(one, request.color)).join(''));
  };
  add(await surroundingFindings(request, 'problems' in loop ? undefined : loop));
  add([configFinding(loop)]);
  if (!('problems' in loop)) {
    add(secretFindings(request, loop));
    add(await toolFindings(request, loop));
    add(await holdingFindings(request, loop));
    add([...diskFindings(loop), ...stateFindings(loop)]);
    const gates = startGates(loop);
    if (gates.length > 0) {
      request.writeError(
        `doctor: running ${gates.length === 1 ? 'the gate' : `the ${gates.length} gates`} at the start\n`,
      );
      add(await gateFindings(request, loop, gates));
    }
  }
  const missing = found.filter(({ level }) => level === 'missing');
  const exit = missing.length === 0 ? EXIT.passed : EXIT.broken;
  const why =
    missing.length === 0
      ? 'what a run needs is there'
      : `${missing.map(({ name }) => name).join(', ')}: a run could not do its work here`;
  if (request.json)
    request.write(`${JSON.stringify({ schemaVersion: 1, exit, why, findings: found }, undefined, 2)}\n`);
  else request.write(`${why}\n`);
  return exit;
}

/** Each layer is tried once, also where tasks have limits. */
async function holdingFindings(request: CommandRequest, loop: Loop): Promise<readonly Finding[]> {
  const begun = beginUnits(loop.plan);
  try {
    const units = await begun.units();
    return [...limitFindings(loop), ...isolationFindings(request, loop, units)];
  } finally {
    await begun.close();
  }
}

/** What tasks do not get, before somebody wonders, and what nobody can hide. */
function secretFindings({ env }: CommandRequest, { plan }: Loop): readonly Finding[] {
  const { isHidden, tooShort } = hiddenBy(plan, env);
  const withheld = withheldNames(env, undefined, isHidden);
  if (withheld.length === 0) return [];
  const bare =
    tooShort.length === 0 ? '' : `; too short to be hidden where a task prints it: ${tooShort.join(', ')}`;
  const says = `tasks get ${withheld.join(', ')} only where \`env.pass\` lists them${bare}`;
  return [{ area: 'config', name: 'secrets', level: 'note', says }];
}

function configFinding(loop: Loop | LoadProblems): Finding {
  if (!('problems' in loop)) {
    const { plan, file } = loop;
    const profile = plan.profile === undefined ? '' : `, profile ${plan.profile}`;
    return { area: 'config', name: 'config', level: 'ok', says: `${file}: ${plan.name}${profile}` };
  }
  const [first] = loop.problems;
  const more = loop.problems.length > 1 ? ` (and ${loop.problems.length - 1} more)` : '';
  const where = first?.file === undefined ? '' : `${first.file}: `;
  const says = `${where}${first?.message ?? 'it cannot be read'}${more}`;
  return {
    area: 'config',
    name: 'config',
    level: 'missing',
    says,
    mend: (loop.problems.length === 1 ? first?.mend : undefined) ?? '`gate-run check` shows every problem',
  };
}
