// The part of `doctor` that looks for programs: what the plan calls for, and what gate-run itself can use.

import type { Finding, ToolNeed } from '../core/doctor/finding.ts';
import { toolsOf } from '../core/doctor/tools.ts';
import { listText } from '../core/summary/amounts.ts';
import { isCommand } from '../system/asks.ts';
import { cacheFolder, loadConfig, loadGate } from '../system/config-file.ts';
import { withLocalTools } from '../system/local-tools.ts';
import { versionOf } from '../system/places.ts';
import type { Loop } from './load.ts';
import type { CommandRequest } from './request.ts';

const NAMES_SHOWN = 4;

export async function toolFindings(request: CommandRequest, loop: Loop): Promise<readonly Finding[]> {
  const needs = toolsOf(loop.plan, await requiredBy(request, loop));
  const env = withLocalTools({ ...request.env }, loop.folder);
  return Promise.all(needs.map((need) => toolFinding(need, { folder: loop.folder, env })));
}

async function toolFinding(
  { name, isRequired, tasks, mayBeAsked }: ToolNeed,
  place: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<Finding> {
  const finding = { area: 'tools', name } as const;
  const forWhom = `for ${listText(tasks, NAMES_SHOWN)}`;
  if (isCommand(name, { folder: place.folder, path: place.env['PATH'] })) {
    const version = mayBeAsked ? await versionOf(name, place) : undefined;
    return { ...finding, level: 'ok', says: `${version ?? 'it is there'}, ${forWhom}` };
  }
  if (!isRequired) return { ...finding, level: 'note', says: `not there; optional, ${forWhom}` };
  // A step before it may make it.
  if (name.includes('/'))
    return {
      ...finding,
      level: 'warning',
      says: `not there yet, ${forWhom}`,
      mend: 'unless a task before makes it, make it executable there',
    };
  const mend = `install \`${name}\`, or put its folder on PATH`;
  return { ...finding, level: 'missing', says: `not found on PATH, ${forWhom}`, mend };
}

/** What the gate that a task uses says that it has to find. */
async function requiredBy(
  { config, folder, env }: CommandRequest,
  loop: Loop,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const required = new Map<string, readonly string[]>();
  const cache = cacheFolder(env);
  const loaded = await loadConfig({ folder, explicit: config, cacheFolder: cache });
  if ('problems' in loaded) return required;
  for (const { steps = {}, gates = {} } of Object.values(loaded.config.phases)) {
    for (const [id, { uses: name }] of [...Object.entries(steps), ...Object.entries(gates)]) {
      if (name === undefined) continue;
      const gate = await loadGate({ name, folder: loop.folder, cacheFolder: cache });
      if (gate && 'gate' in gate) required.set(id, gate.gate.requires ?? []);
    }
  }
  return required;
}
