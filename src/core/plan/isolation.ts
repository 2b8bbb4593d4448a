// `isolation` of a task: which layer holds its processes, so that nothing of it outlives it.

import type { TaskConfig } from '../config/config.ts';
import type { ContainerConfig } from '../config/holding-config.ts';
import type { Path } from '../config/problem.ts';
import { mountText, readMounts, type MountPlan } from './mounts.ts';
import type { Reader } from './reader.ts';
import { readSandbox, sandboxText, type SandboxPlan } from './sandbox.ts';

/** From the weakest to the strongest. */
export const LAYERS = ['group', 'cgroup', 'bwrap', 'container'] as const;

/**
 * What holds the processes of a task. `group`: its process group, and the marks in the environment of what leaves it. `cgroup`: a control
 * group of the kernel. `bwrap`: a namespace of process ids, which bubblewrap makes. `container`: what docker or podman makes of an image.
 */
export type Layer = (typeof LAYERS)[number];

export const ENGINES = ['docker', 'podman'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface IsolationPlan {
  readonly layer: Layer;
  /** Where the layer cannot be had, the strongest one below it that can be. */
  readonly fallback: boolean;
  /** In the layer `bwrap`, where something beside processes is taken away. */
  readonly sandbox?: SandboxPlan;
  /** There if, and only if, the layer is `container`. */
  readonly container?: ContainerPlan;
}

export interface ContainerPlan {
  /** Undefined: the first that answers. */
  readonly engine: EngineName | undefined;
  readonly image: string;
  readonly mounts: readonly MountPlan[];
  /** Undefined: whoever the image says. `host`: whoever gate-run runs as. */
  readonly user: string | undefined;
}

const OF_CONTAINERS = ['engine', 'image', 'mounts', 'user'] as const;
/** A name or a number, and a group behind it. */
const USER = /^[A-Za-z0-9_][\w.-]*(?::[A-Za-z0-9_][\w.-]*)?$/;
/** Nothing that an engine could take for an option. */
const IMAGE = /^[A-Za-z0-9][\w./:@-]*$/;

export function readIsolation(config: Partial<TaskConfig>, reader: Reader): IsolationPlan | undefined {
  const { isolation: written } = config;
  if (written === undefined) return undefined;
  const map = typeof written === 'string' ? { layer: written } : written;
  const { layer, fallback = false } = map;
  const sandbox = readSandbox(map, { layer, fallback }, reader);
  const plan = { layer, fallback, ...(sandbox && { sandbox }) };
  if (layer !== 'container') {
    const key = OF_CONTAINERS.find((one) => map[one] !== undefined);
    if (key !== undefined)
      reader.say(['isolation', key], `\`${key}\` says nothing in the layer \`${layer}\``, {
        on: 'key',
        mend: `leave it out; or write \`isolation: ${layer}\`, which takes nothing from \`defaults\``,
      });
    return plan;
  }
  refuseInside(config, reader);
  const container = readContainer(map, reader);
  return container && { ...plan, container };
}

function at(key: string): Path {
  return ['isolation', key];
}

function readContainer(
  { engine, image, mounts = [], user }: ContainerConfig,
  reader: Reader,
): ContainerPlan | undefined {
  const named = image === undefined ? undefined : reader.text(image, at('image'));
  if (image === undefined)
    reader.say(['isolation'], 'a container without an image', {
      mend: 'write `isolation: { layer: container, image: NAME }`',
    });
  if (named !== undefined && !IMAGE.test(named))
    reader.say(at('image'), `\`${named}\` is no name of an image`, {
      mend: 'such as `sandbox`, `alpine:3.20`',
    });
  const as = user === undefined ? undefined : reader.text(user, at('user'));
  if (as !== undefined && !USER.test(as))
    reader.say(at('user'), `\`${as}\` is no user`, { mend: 'write `host`, or such as "1000:1000"' });
  return named === undefined
    ? undefined
    : { engine, image: named, mounts: readMounts(mounts, reader, at('mounts')), user: as };
}

/** What a container would do worse than no container, or never. */
function refuseInside(
  { per, stages, cache, versions, isolation }: Partial<TaskConfig>,
  reader: Reader,
): void {
  const place = typeof isolation === 'string' ? ['isolation'] : ['isolation', 'layer'];
  if (per !== undefined && stages !== undefined)
    reader.say(
      place,
      `a container for each of the simulations of \`per: ${per}\` would take longer than they do`,
      {
        mend: 'leave `per` out, and let one command in the container run them all',
      },
    );
  if (cache !== undefined && cache !== false && versions === undefined)
    reader.say(
      place,
      'a container with `cache`, and nothing that tells one state of its image from another',
      {
        mend: 'name it: `versions: ["docker images --quiet --no-trunc IMAGE"]`, or leave `cache` out',
      },
    );
}

export function isolationText({ layer, fallback, sandbox, container }: IsolationPlan): string {
  const inside = sandbox ? ` ${sandboxText(sandbox)}` : container ? ` ${containerText(container)}` : '';
  const held = `${layer}${inside}`;
  return fallback ? `${held}, or the strongest layer below it` : held;
}

function containerText({ engine, image, mounts, user }: ContainerPlan): string {
  return [
    image,
    ...(engine === undefined ? [] : [`by ${engine}`]),
    ...(mounts.length === 0 ? [] : [`with ${mounts.map(mountText).join(', ')}`]),
    ...(user === undefined ? [] : [`as ${user}`]),
  ].join(' ');
}
