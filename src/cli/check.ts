// `gate-run check`: every problem of the config, of the gates it uses and of `gates/`, or how large the loop is.
// It starts nothing and asks nothing of the tools that the gates call.

import { availableParallelism } from 'node:os';
import type { Problem } from '../core/config/problem.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import { makePlan, usedGates } from '../core/plan/make.ts';
import type { Plan } from '../core/plan/plan.ts';
import {
  cacheFolder,
  loadConfig,
  loadGate,
  ownGates,
  usableGates,
  type LoadedGate,
} from '../system/config-file.ts';
import { lockChecked } from './lock-file.ts';
import type { CommandRequest } from './request.ts';

interface Checkup {
  readonly file: string | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly texts: ReadonlyMap<string, string>;
  readonly plan: Plan | undefined;
}

export async function check(request: CommandRequest): Promise<number> {
  const lock = lockChecked(request);
  const config = await checkup(request);
  const found = { ...config, problems: [...config.problems, ...lock.problems] };
  const { problems, warnings, texts, plan, file } = found;
  if (request.json) {
    request.write(`${JSON.stringify(await asJson(found), null, 2)}\n`);
    return problems.length > 0 ? 2 : 0;
  }
  const { renderProblems } = await import('../core/config/render.ts');
  const { color } = request;
  if (warnings.length > 0) request.writeError(`${renderProblems(warnings, texts, { color })}\n`);
  if (problems.length > 0) {
    request.writeError(renderProblems(problems, texts, { color }));
    return 2;
  }
  request.write(`${file ?? 'the config'} is fine: ${plan === undefined ? '' : sizeOf(plan)}\n${lock.note}`);
  return 0;
}

async function checkup(request: CommandRequest): Promise<Checkup> {
  const cache = cacheFolder(request.env);
  const { folder: from, config: explicit, env, flags = NO_FLAGS } = request;
  const loaded = await loadConfig({ folder: from, explicit, cacheFolder: cache });
  if ('problems' in loaded) return { file: undefined, warnings: [], plan: undefined, ...loaded };
  const { file, folder, config, text } = loaded;
  const texts = new Map(text === undefined ? [] : [[file, text] as const]);
  const problems: Problem[] = [];
  const gates = new Map<string, LoadedGate>();
  const broken = new Set<string>();
  const used = usedGates(config);
  for (const name of new Set([...used, ...ownGates(folder)])) {
    const gate = await loadGate({ name, folder, cacheFolder: cache });
    if (gate === undefined) continue;
    if ('problems' in gate) {
      broken.add(name);
      problems.push(...gate.problems);
      for (const [at, gateText] of gate.texts) texts.set(at, gateText);
    } else {
      texts.set(gate.file, gate.text);
      if (used.includes(name)) gates.set(name, gate);
    }
  }
  // A plan without a gate that cannot be read would only repeat that it is missing.
  const isPlannable = !used.some((name) => broken.has(name));
  if (!isPlannable) return { file, problems, warnings: [], texts, plan: undefined };
  const gateNames = () => usableGates(folder);
  const plan = makePlan({ config, gates, gateNames, flags, env, cores: availableParallelism() });
  const placed = (more: readonly Problem[]): Problem[] => more.map((problem) => ({ file, ...problem }));
  if (plan.problems) {
    problems.push(...placed(plan.problems));
    return { file, problems, warnings: [], texts, plan: undefined };
  }
  return { file, problems, warnings: placed(plan.value.warnings), texts, plan: plan.value };
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

async function asJson({ file, problems, warnings, texts, plan }: Checkup): Promise<object> {
  const { placesOf } = await import('../core/config/render.ts');
  const phases = plan?.phases.map(({ id, tasks }) => ({ id, tasks: tasks.map((task) => task.id) }));
  const told = { problems: placesOf(problems, texts), warnings: placesOf(warnings, texts) };
  return { schemaVersion: 1, exit: problems.length > 0 ? 2 : 0, file, ...told, phases };
}
