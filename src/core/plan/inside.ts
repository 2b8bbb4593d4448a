// A task in a container: what the paths that gate-run fills in are called in there.

import { fill, namesIn } from './fill.ts';
import type { IsolationPlan } from './isolation.ts';
import { insidePath, mountsFrom, type MountPlan } from './mounts.ts';
import { joinPath } from './path.ts';
import type { TaskPlan } from './plan.ts';

type Values = (name: string) => string | undefined;

const PATHS: ReadonlySet<string> = new Set([
  'cycle.dir',
  'cycle.file',
  'state.dir',
  'champion.dir',
  'gate-run.node',
  'gate-run.bin',
]);
const LOG = /^tasks\..*\.log$/;

/** Variables of gate-run's own that hold a path; where nobody in the container sees it, they are not set there. */
export const PATH_VARIABLES: readonly string[] = ['GATE_STATE', 'GATE_CYCLE_DIR', 'GATE_CHAMPION_DIR'];

/** With the paths of this machine in it, as a start needs it. */
export function isolationIn(folder: string, isolation: IsolationPlan): IsolationPlan {
  const { container, sandbox } = isolation;
  if (sandbox) {
    const writable = sandbox.writable.map((path) => joinPath(folder, path));
    return { ...isolation, sandbox: { ...sandbox, writable } };
  }
  if (!container) return isolation;
  return { ...isolation, container: { ...container, mounts: mountsFrom(folder, container.mounts) } };
}

/** For what is read in the container: the command and its environment. Files of evidence are read by gate-run, out here. */
export function valuesInside(isolation: IsolationPlan | undefined, values: Values): Values {
  const mounts = isolation?.container?.mounts;
  if (!mounts) return values;
  return (name) => {
    const value = values(name);
    return value !== undefined && isPath(name) ? insidePath(mounts, value) : value;
  };
}

/** Why the command could not find what is filled in; undefined: it can. */
export function unseenPath(
  { command, env, isolation }: Pick<TaskPlan, 'command' | 'env' | 'isolation'>,
  { folder, values }: { readonly folder: string; readonly values: Values },
): string | undefined {
  if (!isolation?.container) return undefined;
  const mounts: readonly MountPlan[] = mountsFrom(folder, isolation.container.mounts);
  const argv = command?.kind === 'argv' ? command.argv : [];
  const name = [...argv, ...Object.values(env.set)]
    .flatMap(namesIn)
    .find((one) => isPath(one) && insidePath(mounts, fill(`{{${one}}}`, values)) === undefined);
  return name && `no mount of its container holds \`{{${name}}}\`, which is ${values(name) ?? ''}`;
}

function isPath(name: string): boolean {
  return PATHS.has(name) || LOG.test(name);
}
