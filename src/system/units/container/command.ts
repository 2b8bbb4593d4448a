// The command line that runs one attempt in a container. Values of variables are never on it, since everybody on the machine can read it.

import { existsSync } from 'node:fs';
import { PATH_VARIABLES } from '../../../core/plan/inside.ts';
import type { ContainerPlan } from '../../../core/plan/isolation.ts';
import { insidePath } from '../../../core/plan/mounts.ts';
import type { NetworkPlan } from '../../../core/plan/network.ts';
import type { LimitsPlan } from '../../../core/plan/resources.ts';
import type { Order } from '../../../ports.ts';
import type { Environment } from '../../environment.ts';
import { argvOf, type NotStarted } from '../../launch.ts';
import { cpuSeconds, type CpuSeconds } from '../../limits/shim.ts';
import type { Engine, Words } from './engine.ts';
import { containerName, labelWords, type Owner } from './labels.ts';

/** Of an order, what a container has to know. */
export type Held = Pick<
  Order,
  'isolation' | 'network' | 'limits' | 'ref' | 'command' | 'cwd' | 'stdin' | 'env' | 'pass' | 'log' | 'apart'
>;

export interface Wish {
  readonly order: Held;
  readonly container: ContainerPlan;
  /** What the task may see of variables. */
  readonly env: Environment;
  readonly owner: Owner;
  readonly engine: Engine;
  readonly words: Words;
  /** Files of ours: where the engine writes the container's id, and where variables stand that the engine would take for its own. */
  readonly idFile: string;
  readonly envFile: string;
  /** Makes the name unlike all others. */
  readonly own: string;
}

export interface ContainerCommand {
  readonly name: string;
  readonly argv: readonly string[];
  /** Of the engine's client. */
  readonly env: Environment;
  /** For the file; empty: there is none. */
  readonly envLines: string;
}

/** Say where things are on this machine, which is not where they are in an image. */
const OF_THE_MACHINE =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|TMPDIR|TMP|TEMP|HOSTNAME|MAIL|XDG_.*|LD_.*|DBUS_.*|SSH_.*)$/;
/** Read by the client of an engine itself. */
const OF_THE_CLIENT =
  /^(?:PATH|HOME|TMPDIR|XDG_.*|LD_.*|DOCKER_.*|BUILDKIT_.*|CONTAINERS?_.*|PODMAN_.*|REGISTRY_.*|_CONTAINERS_.*|(?:https?|no|all)_proxy)$/i;

export function containerCommand(wish: Wish): ContainerCommand | NotStarted {
  const { order, container, engine, words, owner, own, idFile, envFile } = wish;
  const lost = container.mounts.find(({ host }) => !existsSync(host));
  if (lost)
    return refused(
      `there is no ${lost.host} to be mounted as ${lost.inside}: make it in a step before, or take the mount out`,
    );
  const workdir = insidePath(container.mounts, order.cwd);
  if (workdir === undefined && container.mounts.length > 0)
    return refused(`no mount of its container holds ${order.cwd}, the folder that it runs in`);
  const given = variables(wish);
  const wrong = given.byFile.find(([, value]) => value.includes('\n'));
  if (wrong)
    return refused(`the variable ${wrong[0]} has more than one line, and \`${engine.name}\` reads it itself`);
  const name = containerName(owner, order.ref.task, own);
  const argv = [
    engine.name,
    ...words.engine,
    'run',
    '--name',
    name,
    '--cidfile',
    idFile,
    '--pull=never',
    '--log-driver=none',
    ...labelWords(owner, order.ref.task),
    ...words.run,
    ...(engine.name === 'podman' ? ['--http-proxy=false'] : []),
    ...(order.stdin === undefined ? [] : ['--interactive']),
    ...container.mounts.flatMap(({ host, inside, isReadOnly }) => [
      '--volume',
      `${host}:${inside}${isReadOnly ? ':ro' : ''}`,
    ]),
    ...(workdir === undefined ? [] : ['--workdir', workdir]),
    ...userWords(container, engine),
    ...networkWords(order.network),
    ...limitWords(order.limits ?? {}),
    ...given.byName.flatMap((one) => ['--env', one]),
    ...given.paths.flatMap(([one, inside]) => ['--env', `${one}=${inside}`]),
    ...(given.byFile.length === 0 ? [] : ['--env-file', envFile]),
    // The command is the whole one, whatever the image begins with.
    '--entrypoint=',
    container.image,
    ...argvOf(order),
  ];
  const env = { ...ownEnvironment(), ...given.ofClient };
  return { name, argv, env, envLines: given.byFile.map(([one, value]) => `${one}=${value}\n`).join('') };
}

interface Given {
  readonly byName: readonly string[];
  readonly paths: readonly (readonly [name: string, inside: string])[];
  readonly byFile: readonly (readonly [name: string, value: string])[];
  /** Also the marks by which the client is known for the attempt's. */
  readonly ofClient: Environment;
}

/** Of gate-run's own environment only what `pass` lists: an image has one of its own. */
function variables({ order, container, env }: Wish): Given {
  const isGiven = (name: string): boolean =>
    Object.hasOwn(order.env, name) || (order.pass !== undefined && !OF_THE_MACHINE.test(name));
  const named = Object.entries(env).filter(([name]) => isGiven(name));
  const plain = named.filter(([name]) => !OF_THE_CLIENT.test(name));
  return {
    byName: plain.map(([name]) => name).filter((name) => !PATH_VARIABLES.includes(name)),
    paths: plain.flatMap(([name, value]) => {
      const inside = PATH_VARIABLES.includes(name) ? insidePath(container.mounts, value) : undefined;
      return inside === undefined ? [] : [[name, inside] as const];
    }),
    byFile: named.filter(([name]) => OF_THE_CLIENT.test(name)),
    ofClient: Object.fromEntries(plain),
  };
}

function userWords({ user }: ContainerPlan, engine: Engine): readonly string[] {
  if (user === undefined) return [];
  if (user !== 'host') return ['--user', user];
  // Without root, who runs the engine is root in the container unless it is told otherwise.
  const same = engine.name === 'podman' && engine.isRootless ? ['--userns=keep-id'] : [];
  return [...same, '--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`];
}

function networkWords(network: NetworkPlan | undefined): readonly string[] {
  if (network === undefined || network === 'full') return [];
  return ['--network', typeof network === 'object' && 'name' in network ? network.name : 'none'];
}

/** Behind the words that every start here takes, so that a task's own limit is the one that counts. */
function limitWords(limits: LimitsPlan): readonly string[] {
  const { memoryBytes, cpus, pids, openFiles, fileSizeBytes, cpuTimeMs } = limits;
  const words: readonly (readonly [name: string, value: string | undefined])[] = [
    ['memory', memoryBytes?.toString()],
    // Else as much again could be swapped, where there is a place for it.
    ['memory-swap', memoryBytes?.toString()],
    ['cpus', cpus?.toString()],
    ['pids-limit', pids?.toString()],
    ['ulimit', openFiles === undefined ? undefined : `nofile=${openFiles}:${openFiles}`],
    ['ulimit', fileSizeBytes === undefined ? undefined : `fsize=${fileSizeBytes}:${fileSizeBytes}`],
    ['ulimit', cpuTimeMs === undefined ? undefined : cpuWord(cpuSeconds(cpuTimeMs))],
  ];
  return words.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}

function cpuWord({ soft, hard }: CpuSeconds): string {
  return `cpu=${soft}:${hard}`;
}

function refused(detail: string): NotStarted {
  return { notStarted: 'no-folder', detail };
}

function ownEnvironment(): Environment {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
