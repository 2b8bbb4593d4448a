// What a container of gate-run is called and how it is known again: by its labels, all of them, and never by a pattern of its name.

import { bootId } from '../../proc.ts';
import { LIMITS_MS, whyText, type Engine } from './engine.ts';

/** Whose a container is. */
export interface Owner {
  readonly run: string;
  /** Absolute: a copy of a state directory names the same run, and must not end the original's. */
  readonly stateDir: string;
  /** Two machines may share one engine, and a path. */
  readonly boot: string;
}

const RUN = 'gate-run.run';
const STATE = 'gate-run.state';
const BOOT = 'gate-run.boot';
const TASK = 'gate-run.task';
const LONGEST_NAME = 100;

type Labels = Readonly<Record<string, string | undefined>>;

export function ownerOf(env: Labels): Owner {
  return { run: env['GATE_RUN'] ?? '', stateDir: env['GATE_STATE'] ?? '', boot: bootId() ?? '' };
}

export function labelWords({ run, stateDir, boot }: Owner, task: string): readonly string[] {
  const labels = [
    [RUN, run],
    [STATE, stateDir],
    [BOOT, boot],
    [TASK, task],
  ];
  return labels.flatMap(([name = '', value = '']) => ['--label', `${name}=${value}`]);
}

/** For people; what makes it unlike all others stands at its end. */
export function containerName({ run }: Owner, task: string, own: string): string {
  const plain = `gate-run-${run}-${task}`.replaceAll(/[^A-Za-z0-9_.-]/g, '-').slice(0, LONGEST_NAME);
  return `${plain}-${own}`;
}

export function isOf(labels: Labels, { run, stateDir, boot }: Owner): boolean {
  return labels[RUN] === run && labels[STATE] === stateDir && labels[BOOT] === boot;
}

interface Inspected {
  readonly Id?: string;
  readonly Config?: { readonly Labels?: Labels | null };
}

/** Removes whatever the owner's attempts left, running or not; the reason where that cannot be done. */
export async function removeOwned(engine: Engine, owner: Owner): Promise<string | undefined> {
  const list = await engine.call(
    ['ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${RUN}=${owner.run}`],
    LIMITS_MS.look,
  );
  if (list.code !== 0) return whyText(list, LIMITS_MS.look);
  const ids = list.stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return undefined;
  const looked = await engine.call(['container', 'inspect', ...ids], LIMITS_MS.look);
  const found = inspected(looked.stdout);
  // One that has removed itself meanwhile makes the whole look fail; then nothing is known of the others.
  if (!found) return whyText(looked, LIMITS_MS.look);
  const own = found.filter(({ Config }) => isOf(Config?.Labels ?? {}, owner));
  const left = await Promise.all(own.map(({ Id = '' }) => removeContainer(engine, Id)));
  return left.find((why) => why !== undefined);
}

/** Whatever it is doing. Undefined: it is not there any more. */
export async function removeContainer(engine: Engine, name: string): Promise<string | undefined> {
  const atOnce = engine.name === 'podman' ? ['--time', '0'] : [];
  const removed = await engine.call(['rm', '--force', ...atOnce, name], LIMITS_MS.remove);
  return removed.code === 0 || /no such container/i.test(removed.stderr)
    ? undefined
    : whyText(removed, LIMITS_MS.remove);
}

function inspected(json: string): readonly Inspected[] | undefined {
  try {
    const found: unknown = JSON.parse(json);
    return Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
