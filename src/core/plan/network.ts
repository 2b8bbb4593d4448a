// `network` of a task: whom its processes can reach.

import type { TaskConfig } from '../config/config.ts';
import type { NetworkConfig } from '../config/holding-config.ts';
import type { IsolationPlan } from './isolation.ts';
import type { Reader } from './reader.ts';

/** `name`: a network that the container's engine knows by it. `allow`: `host:port` as `hostOf` gives it, and nobody else. */
export type NetworkPlan = 'none' | 'full' | { readonly name: string } | { readonly allow: readonly string[] };

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
  const isOfNamespace = written === 'none' || (written.allow !== undefined && written.name === undefined);
  if (isOfNamespace && isolation?.layer !== 'container') return cutOff(written, isolation, reader);
  if (written !== 'none' && written.name === undefined && written.allow === undefined) {
    reader.say(PATH, 'a network that is neither named nor told whom it allows', {
      mend: isolation?.container
        ? 'write `network: { name: … }`'
        : 'write `network: { allow: [host:443] }`, `none` or `full`',
    });
    return undefined;
  }
  if (!isolation?.container) {
    reader.say(PATH, 'a network by its name is a matter of containers, and this task has none', {
      mend: 'write `isolation: { layer: container, … }`; or `network: { allow: [host:443] }`, `none` or `full`',
    });
    return undefined;
  }
  if (written === 'none') return written;
  if (written.name !== undefined && written.allow === undefined) return named(written.name, reader);
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
  return isCutOff(network) ? (isolation ?? { layer: 'bwrap', fallback: false }) : isolation;
}

/** In a namespace without a network of its own. */
export function isCutOff(
  network: NetworkPlan | undefined,
): network is 'none' | { readonly allow: readonly string[] } {
  return network === 'none' || (typeof network === 'object' && 'allow' in network);
}

function cutOff(
  written: NetworkConfig,
  isolation: IsolationPlan | undefined,
  reader: Reader,
): NetworkPlan | undefined {
  const layer = isolation?.layer ?? 'bwrap';
  if (layer === 'bwrap')
    return typeof written === 'string' ? 'none' : readAllowed(written.allow ?? [], reader);
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

/** A name as DNS has it, an IPv4 address, or an IPv6 address in brackets; no wildcard, since nobody could say what it lets through. */
const ALLOWED = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]):(\d{1,5})$/;
const MOST_ALLOWED = 1000;

function readAllowed(written: readonly string[], reader: Reader): NetworkPlan | undefined {
  const path = [...PATH, 'allow'];
  if (written.length === 0)
    reader.say(path, 'an empty list lets nothing through', {
      mend: 'write `network: none`, or name a host: `[example.org:443]`',
    });
  if (written.length > MOST_ALLOWED) reader.say(path, `more than ${MOST_ALLOWED} hosts`);
  const allow = written.flatMap((one, at) => {
    const text = reader.text(one, [...path, at])?.toLowerCase();
    if (text === undefined) return [];
    const port = Number(ALLOWED.exec(text)?.[1] ?? 0);
    const host = hostOf(text.slice(0, text.lastIndexOf(':')));
    if (port >= 1 && port <= 65_535 && host !== undefined) return [`${host}:${port}`];
    reader.say([...path, at], `\`${text}\` is no \`host:port\``, {
      mend: text.includes('*')
        ? 'name each host: there are no wildcards'
        : 'such as `api.example.org:443` or `[::1]:8080`',
    });
    return [];
  });
  return { allow: [...new Set(allow)] };
}

/** In lower case; an IPv6 address, which stands in brackets, without them and in its one shortest form. Undefined: that is none. */
export function hostOf(written: string): string | undefined {
  return written.startsWith('[')
    ? URL.parse(`http://${written}`)?.hostname.slice(1, -1)
    : written.toLowerCase();
}

export function networkText(network: NetworkPlan): string {
  if (typeof network === 'string') return network;
  return 'name' in network ? `the network ${network.name}` : `only ${network.allow.join(', ')}`;
}
