// One attempt in a container. The engine's client is its leader; its end is not the container's, so the attempt ends when the engine
// says that the container is gone.

import { closeSync, openSync, readFileSync, readSync, fstatSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEnd } from '../../../core/judge/evidence.ts';
import type { ContainerPlan } from '../../../core/plan/isolation.ts';
import { errorCode } from '../../files.ts';
import { signalGroup, tryKill } from '../../group.ts';
import { killsIn, kernelLines } from '../../kernel-log.ts';
import { argvOf, type NotStarted } from '../../launch.ts';
import { stderrLog } from '../../log.ts';
import { processFacts } from '../../proc.ts';
import { stepOutside } from '../cgroups.ts';
import type { TaskUnit } from '../unit.ts';
import { containerCommand, type Held } from './command.ts';
import { LIMITS_MS, missingText, type Engine, type Words } from './engine.ts';
import { membersIn, oomKillsIn, seeContainer, type Seen } from './inside.ts';
import { ownerOf, removeContainer } from './labels.ts';
import { idFile, noteClient, noteFile } from './left.ts';

export interface Ready {
  readonly engine: Engine;
  readonly words: Words;
}

export interface ContainerOptions {
  readonly order: Held & { readonly env: Readonly<Record<string, string>> };
  readonly container: ContainerPlan;
  /** Of the run, for files of ours. */
  readonly folder: string;
  /** Makes its name unlike all others. */
  readonly own: string;
  readonly ready: () => Promise<Ready | string>;
}

/** What the kernel counts goes with the container's group some ten milliseconds behind its last process. */
const LOOK_MS = 20;
/** To find the group takes a walk over /proc. */
const LOOKS_PER_WALK = 5;
/** Until the client has seen that its container is over. */
const CLIENT_MS = 2_000;
const LOG_MS = 50;
const ASK_AGAIN_MS = 200;
/** With these an engine may speak of itself: not started, not executable, not found. */
const FROM_THE_ENGINE: ReadonlySet<number> = new Set([125, 126, 127]);
const FAILED = 1;
const NO_START = 125;
const NOT_FOUND = 127;
const KILLED = 137;
const NEVER = '0001-01-01';
const TAIL_BYTES = 4096;

export class ContainerUnit implements TaskUnit {
  readonly layer = 'container';
  readonly hasOwnNumbers = true;
  readonly #options: ContainerOptions;
  readonly #idFile: string;
  readonly #envFile: string;
  readonly #noteFile: string;
  #ready: Ready | undefined;
  #name = '';
  #seen: Seen | undefined;
  #looks = 0;
  #looking: NodeJS.Timeout | undefined;
  #isGone = true;
  #isAsked = false;
  #oomKills = 0;
  #startedMono = 0;
  /** The engine has said so, and nothing of ours was on its way to it. */
  isRemoved = true;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.#idFile = idFile(options.folder, options.own);
    this.#envFile = join(options.folder, `${options.own}.env`);
    this.#noteFile = noteFile(options.folder, options.own);
  }

  get engine(): Engine | undefined {
    return this.#ready?.engine;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#options.order.env;
  }

  async prepare(): Promise<NotStarted | undefined> {
    const ready = await this.#options.ready();
    if (typeof ready === 'string') return { notStarted: 'no-resources', detail: ready };
    this.#ready = ready;
    return undefined;
  }

  start: TaskUnit['start'] = (wanted, how) => {
    const { order, container, own } = this.#options;
    if (!this.#ready) throw new Error('bug: a container is started unprepared');
    const owner = ownerOf(order.env);
    const files = { idFile: this.#idFile, envFile: this.#envFile };
    const command = containerCommand({
      ...this.#ready,
      ...files,
      order,
      container,
      env: wanted.env,
      owner,
      own,
    });
    if ('notStarted' in command) {
      wanted.refused(command);
      return undefined;
    }
    try {
      if (command.envLines !== '') writeFileSync(this.#envFile, command.envLines, { mode: 0o600 });
    } catch (error) {
      const detail = `its variables could not be written to ${this.#envFile}: ${errorCode(error)}`;
      wanted.refused({ notStarted: 'no-resources', detail });
      return undefined;
    }
    this.#name = command.name;
    this.#startedMono = performance.now();
    this.#isGone = false;
    this.isRemoved = false;
    // Whatever the engine starts beside the container would else be born in the group of another task, and end with it.
    stepOutside();
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
    const started = how({
      ...wanted,
      order: { command: { argv: command.argv }, cwd: '/' },
      env: command.env,
      exited: (end) => void this.#finish(end).then(wanted.exited),
      refused: (why) => {
        this.#over();
        wanted.refused(why);
      },
    });
    if (typeof started === 'number') noteClient(this.#noteFile, started);
    return started;
  };

  signal(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#isGone || leader === 0) return;
    if (signal === 'SIGTERM') void this.#ask(leader);
    else void this.#end(leader);
  }

  signalOne(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signal(leader, signal);
  }

  isGone(): boolean {
    return this.#isGone;
  }

  isEmpty(): boolean {
    return this.#isGone;
  }

  /** Where they cannot be seen, the client stands for them. */
  members(leader: number): readonly number[] {
    const members = this.#seen ? membersIn(this.#seen) : [];
    return members.length > 0 || this.#isGone ? members : [leader];
  }

  groups(leader: number): readonly number[] {
    return [...new Set(this.members(leader).flatMap((pid) => processFacts(pid)?.group ?? []))];
  }

  /** The end of its first process is the end of all: nobody is left to be counted. */
  leftBehind(): number {
    return 0;
  }

  oomKills(): number {
    return this.#oomKills;
  }

  close(): void {
    this.#over();
  }

  /** A container that is being made cannot be asked yet. */
  async #ask(leader: number): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    while (this.#isAsked && !this.#isGone && tryKill(leader, 0)) {
      const asked = await this.#call(['kill', '--signal', 'TERM', this.#name], LIMITS_MS.signal);
      if (asked?.code === 0) break;
      await pause(ASK_AGAIN_MS);
    }
    this.#isAsked = false;
  }

  async #end(leader: number): Promise<void> {
    this.#isAsked = false;
    this.#find();
    const members = this.#seen ? membersIn(this.#seen) : [];
    for (const pid of members) tryKill(pid, 'SIGKILL');
    const killed =
      members.length > 0 || (await this.#call(['kill', this.#name], LIMITS_MS.signal))?.code === 0;
    // Orderly it hands over what the container has still said; what is left behind it is removed all the same.
    if (killed) await pause(CLIENT_MS);
    if (!this.#isGone) signalGroup(leader, 'SIGKILL');
  }

  /** Behind the client. */
  async #finish(end: ProcessEnd): Promise<ProcessEnd> {
    this.#look();
    clearInterval(this.#looking);
    this.#isAsked = false;
    const told = await this.#truth(end);
    this.#askKernel(told);
    const why = this.#ready && (await removeContainer(this.#ready.engine, this.#name));
    // One that cannot be removed may be alive: then it is asked and ended as anything else that is left behind.
    if (why === undefined) this.#over();
    this.isRemoved = why === undefined && 'code' in end;
    return told;
  }

  /** The client's own end tells of the container's, but for some codes, and where somebody killed it. */
  async #truth(end: ProcessEnd): Promise<ProcessEnd> {
    const code = 'code' in end ? end.code : undefined;
    const unmade = code === FAILED ? await this.#failedFirst() : undefined;
    if (unmade) return unmade;
    if (code !== undefined && code !== KILLED && !FROM_THE_ENGINE.has(code)) return end;
    const looked = await this.#call(['container', 'inspect', this.#name], LIMITS_MS.look);
    const state = stateIn(looked?.stdout ?? '');
    const hasStarted = state?.StartedAt !== undefined && !state.StartedAt.startsWith(NEVER);
    if (hasStarted && state.OOMKilled === true && this.#oomKills === 0) this.#oomKills = 1;
    if (code === undefined || !FROM_THE_ENGINE.has(code)) return end;
    if (hasStarted) return { code: state.ExitCode ?? code };
    return {
      notStarted: code === NO_START ? 'no-resources' : code === NOT_FOUND ? 'not-found' : 'not-executable',
      detail: await this.#said(),
    };
  }

  /** The small first process of podman says 1 where it finds no command; then all that there is to read is its one line. */
  async #failedFirst(): Promise<NotStarted | undefined> {
    // What is redacted on its way may be on its way still.
    if (this.#errors().length === 0) await pause(LOG_MS);
    const [line = '', ...more] = this.#errors();
    const why =
      more.length === 0 ? /^ERROR \(catatonit:\d+\): failed to exec pid1: (.+)$/.exec(line)?.[1] : undefined;
    if (why === undefined) return undefined;
    const [name = ''] = argvOf(this.#options.order);
    const isThere = why.startsWith('Permission');
    return {
      notStarted: isThere ? 'not-executable' : 'not-found',
      detail: `\`${name}\` in its container: ${why}`,
    };
  }

  #errors(): readonly string[] {
    const { log, apart } = this.#options.order;
    const lines = tailOf(apart ? stderrLog(log) : log).split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('# gate-run '));
  }

  async #said(): Promise<string> {
    const { container } = this.#options;
    const engine = this.#ready?.engine;
    if (engine && !(await engine.hasImage(container.image))) return missingText(engine.name, container.image);
    const said = this.#errors().findLast((line) => /^(?:Error|docker|podman): /.test(line));
    return `${engine?.name ?? 'the engine'} could not start it${said === undefined ? '' : `: ${said.replace(/^\w+: /, '')}`}`;
  }

  async #call(words: readonly string[], limitMs: number) {
    return await this.#ready?.engine.call(words, limitMs);
  }

  #look(): void {
    if (!this.#seen) {
      if (this.#looks++ % LOOKS_PER_WALK === 0) this.#find();
      return;
    }
    const kills = oomKillsIn(this.#seen);
    if (kills > this.#oomKills) this.#oomKills = kills;
  }

  /** A container that ends with what the kernel killed takes its counter along at once; the kernel's log still names its group. */
  #askKernel(end: ProcessEnd): void {
    const id = textAt(this.#idFile).trim();
    // With a limit of its own a shell may hide it behind any code.
    const isLimited = this.#options.order.limits?.memoryBytes !== undefined;
    const mayBe = isLimited || !('code' in end) || end.code === KILLED;
    if (this.#oomKills > 0 || id === '' || !mayBe) return;
    this.#oomKills = killsIn(id, kernelLines(performance.now() - this.#startedMono) ?? []);
  }

  #find(): void {
    const id = textAt(this.#idFile).trim();
    if (id !== '') this.#seen ??= seeContainer(id);
  }

  #over(): void {
    clearInterval(this.#looking);
    this.#isGone = true;
    this.#seen = undefined;
    for (const file of [this.#idFile, this.#envFile, this.#noteFile]) rmSync(file, { force: true });
  }
}

interface State {
  readonly StartedAt?: string;
  readonly ExitCode?: number;
  readonly OOMKilled?: boolean;
}

function stateIn(json: string): State | undefined {
  try {
    const found: unknown = JSON.parse(json);
    const [one]: readonly { readonly State?: State }[] = Array.isArray(found) ? found : [];
    return one?.State;
  } catch {
    return undefined;
  }
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function tailOf(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const bytes = Buffer.alloc(TAIL_BYTES);
    const from = Math.max(0, fstatSync(fd).size - TAIL_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, TAIL_BYTES, from));
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
