// A namespace of process ids for each command, made by bubblewrap: whoever is born in it dies with its first process, and that with
// gate-run. What is inside is known to us by numbers of our own. See bwrap(1), pid_namespaces(7).

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Order } from '../../ports.ts';
import { living, livingAmong, NATURAL_END_MS, signalGroup, tryKill, type Living } from '../group.ts';
import { executable, unstartable } from '../launch.ts';
import { errorCode } from '../files.ts';
import { childrenOf, isAlive, processFacts } from '../proc.ts';
import { Gatekeeper } from '../network/gatekeeper.ts';
import { proxyVariables, RELAY, RELAY_PORT } from '../network/relay.ts';
import { isCutOff } from '../../core/plan/network.ts';
import { hundredths, RELAYED_SCRIPT, SCRIPT } from './bwrap-script.ts';
import { Notes } from './notes.ts';
import { probe } from './probe.ts';
import { rootWords } from './bwrap-root.ts';
import type { TaskUnit, Wanted } from './unit.ts';

export interface Tools {
  readonly bwrap: string;
  readonly sleep: string;
  /** Absent on a system without it: then commands share the session of the namespace's first process. */
  readonly setsid: string | undefined;
}

/** Behind what is seen of the file system. The rest is `/bin/sh`, its script, and what it is told. */
const NAMESPACE = ['--proc', '/proc', '--unshare-pid'];
/** A loopback of its own, and nothing else. */
const NO_NETWORK = ['--unshare-net'];
/** How a command with a list finds the way out. */
const PROXY = Object.entries(proxyVariables()).flatMap(([name, value]) => ['--setenv', name, value]);
/**
 * A session, so a group, of its own for what is inside: a signal to the group of bwrap itself would end everything at once. The shell is
 * the first process, because what bwrap would put there lets bwrap end before the namespace has.
 */
const HELD = ['--die-with-parent', '--new-session', '--as-pid-1', '--'];

/** As much of an order as it has to know. */
export type Holding = Pick<Order, 'killAfterMs' | 'network' | 'isolation'>;

export class Bwrap {
  readonly #tools: Tools;
  readonly #notes: Notes;

  private constructor(tools: Tools, notes: Notes) {
    this.#tools = tools;
    this.#notes = notes;
  }

  /** Or why there is none here: a command was run in it. */
  static async open(env: NodeJS.ProcessEnv): Promise<Bwrap | string> {
    const tools = toolsIn(env['PATH'] ?? '');
    if (typeof tools === 'string') return tools;
    let made: Bwrap;
    try {
      made = new Bwrap(tools, new Notes());
    } catch (error) {
      return `to open a file for notes: ${error instanceof Error ? error.message : String(error)}`;
    }
    const why = await probe(made.unit({ killAfterMs: 0 }), env['PATH'] ?? '');
    if (why === undefined) return made;
    made.close();
    return why;
  }

  /** `outer`: what else holds the processes. */
  unit({ killAfterMs, network, isolation }: Holding, outer?: TaskUnit): TaskUnit {
    const { bwrap, sleep, setsid } = this.#tools;
    const told = [hundredths(NATURAL_END_MS), hundredths(killAfterMs), sleep];
    const cut = isCutOff(network) ? NO_NETWORK : [];
    const session = setsid === undefined ? [] : [setsid];
    const sandbox = isolation?.sandbox;
    const by: Making['by'] = (number, gate, { order, env, entries }) => {
      const places = { cwd: order.cwd, cycleDir: env['GATE_CYCLE_DIR'], socket: gate?.socket, entries };
      const root = rootWords(sandbox, places);
      const shell = ['/bin/sh', '-c', gate ? RELAYED_SCRIPT : SCRIPT, 'gate-run'];
      const relay = gate ? [process.execPath, RELAY, gate.socket, String(RELAY_PORT)] : [];
      const proxy = gate ? PROXY : [];
      return [bwrap, root, NAMESPACE, cut, proxy, HELD, shell, String(number), told, relay, session].flat();
    };
    const allow = typeof network === 'object' && 'allow' in network ? network.allow : undefined;
    const { writable = [] } = sandbox ?? {};
    return new BwrapUnit({ notes: this.#notes, by, allow, writable }, outer);
  }

  close(): void {
    this.#notes.close();
  }
}

function toolsIn(path: string): Tools | string {
  const find = (name: string): string | undefined =>
    path
      .split(delimiter)
      .map((place) => join(place, name))
      .find((file) => file.startsWith('/') && executable(file) === undefined);
  const [bwrap, sleep, setsid] = [find('bwrap'), find('sleep'), find('setsid')];
  if (process.platform !== 'linux') return 'only Linux has namespaces';
  if (bwrap === undefined) return 'there is no `bwrap` on PATH (the package is called bubblewrap)';
  return sleep === undefined ? 'there is no `sleep` on PATH' : { bwrap, sleep, setsid };
}

interface Making {
  readonly notes: Notes;
  /** The words that go before a command. */
  readonly by: (
    number: number,
    gate: Gatekeeper | undefined,
    wanted: Pick<Wanted, 'order' | 'env' | 'entries'>,
  ) => readonly string[];
  /** Whom the command may reach; undefined: nobody keeps a list. */
  readonly allow: readonly string[] | undefined;
  /** They have to be there. */
  readonly writable: readonly string[];
}

class BwrapUnit implements TaskUnit {
  readonly layer = 'bwrap';
  readonly hasOwnNumbers = true;
  readonly #making: Making;
  readonly #outer: TaskUnit | undefined;
  /** First processes that were killed, and when each was started: the kernel ends their namespaces behind our back. */
  readonly #dying: Map<number, number | undefined> = new Map<number, number | undefined>();
  #left = 0;
  #gate: Gatekeeper | undefined;

  constructor(making: Making, outer: TaskUnit | undefined) {
    this.#making = making;
    this.#outer = outer;
  }

  start: TaskUnit['start'] = (wanted, how) => {
    const why = unstartable(wanted);
    if (why) {
      wanted.refused(why);
      return undefined;
    }
    const { notes, by, allow, writable } = this.#making;
    const missing = writable.find((path) => !existsSync(path));
    if (missing !== undefined) {
      const detail = `\`writable\` names ${missing}, and nothing is there: make it in a step before, or take it out`;
      wanted.refused({ notStarted: 'no-folder', detail });
      return undefined;
    }
    try {
      this.#gate ??= allow && new Gatekeeper(allow);
    } catch (error) {
      const detail = `no socket for its way to the network could be made: ${errorCode(error)}`;
      wanted.refused({ notStarted: 'no-resources', detail });
      return undefined;
    }
    const number = notes.begin();
    const held: typeof wanted = {
      ...wanted,
      by: [...(wanted.by ?? []), ...by(number, this.#gate, wanted)],
      also: notes.fd,
      exited: (end) => {
        const { isStarted, left } = notes.end(number);
        this.#left += left;
        if (isStarted || 'signal' in end) wanted.exited(end);
        else wanted.refused({ notStarted: 'no-resources', detail: NO_NAMESPACE });
      },
      refused: (refusal) => {
        notes.end(number);
        wanted.refused(refusal);
      },
    };
    return this.#outer ? this.#outer.start(held, how) : how(held);
  };

  signal(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (leader !== 0) this.signalOne(leader, signal);
    if (signal === 'SIGKILL') this.#outer?.signal(leader, signal);
  }

  signalOne(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    const hearing = signal === 'SIGKILL' ? [] : groupsOf(inside(leader));
    // Before the command is there nobody could hear it.
    if (hearing.length === 0) this.#end(leader, signal);
    else for (const group of hearing) signalGroup(group, signal);
  }

  isGone(leader: number): boolean {
    for (const [pid, startTicks] of this.#dying)
      if (isAlive(pid, startTicks) === false) this.#dying.delete(pid);
    return this.#dying.size === 0 && (this.#outer?.isGone(leader) ?? true);
  }

  isEmpty(leader: number): boolean {
    return this.isGone(leader) && (this.#outer?.isEmpty(leader) ?? true);
  }

  /** Whom the command has come to; what we put around it is nobody. */
  members(leader: number): readonly number[] {
    return [...inside(leader).map(({ pid }) => pid), ...this.#dying.keys()];
  }

  groups(leader: number): readonly number[] {
    return [leader, ...groupsOf(inside(leader))];
  }

  leftBehind(): number {
    return this.#left;
  }

  oomKills(): number | undefined {
    return undefined;
  }

  refused(): readonly string[] {
    return this.#gate?.refused() ?? [];
  }

  close(): void {
    this.#gate?.close();
    this.#gate = undefined;
    this.#outer?.close();
  }

  /** What stands still makes nobody any more: who is not to be found then will never be. */
  #end(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    tryKill(leader, 'SIGSTOP');
    const first = firstIn(leader);
    if (first !== undefined) {
      this.#dying.set(first, processFacts(first)?.startTicks);
      tryKill(first, 'SIGKILL');
    }
    tryKill(leader, signal);
    tryKill(leader, 'SIGCONT');
  }
}

const NO_NAMESPACE = 'bwrap made no namespace for it; what it said stands in the log';

/** Of the namespace: the child of bwrap. */
function firstIn(leader: number): number | undefined {
  const children = childrenOf(leader);
  return children ? children[0] : living()?.find(({ parent }) => parent === leader)?.pid;
}

/** Whoever loses its parent gets the namespace's first process for one: so all of them are below that. */
function inside(leader: number): readonly Living[] {
  const first = firstIn(leader);
  if (first === undefined) return [];
  const found = childrenOf(first)?.slice();
  if (!found) return below(first, living() ?? []);
  for (let at = 0; at < found.length; at++) found.push(...(childrenOf(found[at] ?? 0) ?? []));
  return livingAmong(found);
}

/** Where the kernel tells parents only. */
function below(first: number, all: readonly Living[]): readonly Living[] {
  const found = new Set([first]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => pid !== first && found.has(pid));
}

function groupsOf(processes: readonly Living[]): readonly number[] {
  return [...new Set(processes.map(({ group }) => group))];
}
