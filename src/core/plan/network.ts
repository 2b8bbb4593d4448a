// `network` of a task: whom its processes can reach.

import type { NetworkConfig, TaskConfig } from '../config/config.ts';
import type { IsolationPlan } from './isolation.ts';
import type { Reader } from './reader.ts';

/** `name`: a network that the container's engine knows by it. */
export type NetworkPlan = 'none' | 'full' | { readonly name: string };

const PATH = ['network'];
/** Nothing that an engine could take for an option, or for a network of another kind (`container:ID`). */
const NAME = /^[A-Za-z0-9][\w.-]*$/;
/** Words with a meaning of their own for an engine. */
const TAKEN: ReadonlySet<string> = new Set(['host', 'none', 'private', 'bridge', 'slirp4netns', 'pasta']);

export function readNetwork(
  { network: written }: Partial<TaskConfig>,
  isolation: IsolationPlan | undefined,
  reader: Reader,
): NetworkPlan | undefined {
  if (written === undefined || written === 'full') return written;
  if (isolation?.fallback) {
    reader.say(PATH, 'a weaker layer may let a task reach everybody, and `fallback: true` lets it have one', {
      mend: 'leave `fallback` out: where the layer cannot be had, nothing is started then',
    });
    return undefined;
  }
  if (written === 'none' && isolation?.layer !== 'container') return cutOff(isolation, reader);
  if (!isolation?.container) {
    reader.say(PATH, `${networkWord(written)} is not built yet without a container`, {
      mend: 'write `isolation: { layer: container, … }`, or `network: full`',
    });
    return undefined;
  }
  if (written === 'none') return written;
  if (written.name !== undefined && written.allow === undefined) return named(written.name, reader);
  if (written.allow === undefined)
    reader.say(PATH, 'a network that is neither named nor told whom it allows', {
      mend: 'write `network: { name: … }`',
    });
  else
    reader.say([...PATH, 'allow'], 'a container with `allow`: its engine knows networks, and no hosts', {
      on: 'key',
      mend: 'write `network: { name: … }` for a network that lets nothing else through, or `none`',
    });
  return undefined;
}

/** Without a network there is a namespace around it, or nothing is started: no weaker layer can take that away. */
export function heldFor(
  network: NetworkPlan | undefined,
  isolation: IsolationPlan | undefined,
): IsolationPlan | undefined {
  return network === 'none' ? (isolation ?? { layer: 'bwrap', fallback: false }) : isolation;
}

function cutOff(isolation: IsolationPlan | undefined, reader: Reader): NetworkPlan | undefined {
  const layer = isolation?.layer ?? 'bwrap';
  if (layer === 'bwrap') return 'none';
  reader.say(PATH, `the layer \`${layer}\` takes the network from nobody`, {
    mend: 'leave `isolation` out, or write `isolation: bwrap`',
  });
  return undefined;
}

function named(written: string, reader: Reader): NetworkPlan | undefined {
  const name = reader.text(written, [...PATH, 'name']);
  if (name === undefined) return undefined;
  if (NAME.test(name) && !TAKEN.has(name)) return { name };
  reader.say([...PATH, 'name'], `\`${name}\` is no name of a network`, {
    mend: 'one that was made: `docker network create sandbox-net`; without any network write `network: none`',
  });
  return undefined;
}

function networkWord(written: NetworkConfig): string {
  return typeof written === 'string' ? `\`network: ${written}\`` : '`network` with a map';
}

export function networkText(network: NetworkPlan): string {
  return typeof network === 'string' ? network : `the network ${network.name}`;
}
