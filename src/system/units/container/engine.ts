// The engine that runs containers, behind its command line: whether it answers, and which words a container takes to start on this machine.

import type { EngineName } from '../../../core/plan/isolation.ts';
import { isMap } from '../../../core/is-map.ts';
import { runCommand, type CommandResult } from '../../command.ts';
import { textOf } from '../../proc.ts';
import { known, remember } from './known.ts';

/** How long an engine may take; one that hangs must not hang a run. */
export const LIMITS_MS = {
  answer: 10_000,
  look: 15_000,
  try: 60_000,
  signal: 15_000,
  remove: 60_000,
} as const;
/** Of what it prints. */
const MOST_BYTES = 4_194_304;

/** What stands before the engine's own command, and behind it. */
export interface Words {
  readonly engine: readonly string[];
  readonly run: readonly string[];
}

/** What an engine says when a plain start fails, and the words that help then; each is tried once. */
const MENDS: readonly { readonly says: RegExp; readonly mend: (words: Words) => Words }[] = [
  {
    // An engine without its small first process; without one, TERM may not reach what ignores it as the first process.
    says: /container-init|podman-init|docker-init|catatonit/i,
    mend: ({ engine, run }) => ({ engine, run: run.filter((word) => word !== '--init') }),
  },
  {
    // It gives containers higher limits than it may.
    says: /rlimit/i,
    mend: ({ engine, run }) => ({
      engine,
      run: [...run, '--ulimit', nofile(), '--ulimit', 'nproc=4096:4096'],
    }),
  },
  {
    // The runtime that it prefers cannot do with the control groups here.
    says: /\bcrun\b/i,
    mend: ({ engine, run }) => ({ engine: [...engine, '--runtime', 'runc'], run }),
  },
  {
    says: /systemd|dbus/i,
    mend: ({ engine, run }) => ({ engine: [...engine, '--cgroup-manager', 'cgroupfs'], run }),
  },
];

/** A program that the image does not have was looked for in a container that had started. */
const NOT_FOUND = 127;
const ANSWER = 'answer';

export class Engine {
  readonly name: EngineName;
  readonly version: string;
  readonly isRootless: boolean;
  #words: Promise<Words | string> | undefined;

  constructor(name: EngineName, version: string, isRootless: boolean) {
    this.name = name;
    this.version = version;
    this.isRootless = isRootless;
  }

  /** Or why it does not. */
  static async answering(name: EngineName, limitMs: number = LIMITS_MS.answer): Promise<Engine | string> {
    const asks =
      name === 'docker'
        ? ['version', '--format', '{{.Server.Version}} false']
        : ['info', '--format', '{{.Version.Version}} {{.Host.Security.Rootless}}'];
    // Behind podman nobody has to be up, so what it has said holds.
    const said = name === 'podman' ? known(name, ANSWER) : undefined;
    if (isAnswer(said)) return new Engine(name, said.version, said.isRootless);
    const answer = await call([name, ...asks], limitMs);
    if (answer.code !== 0) return `\`${name}\` ${whyText(answer, limitMs)}`;
    const [version = '', rootless] = (answer.stdout.split('\n').at(-1) ?? '').split(' ');
    const isRootless = rootless === 'true';
    remember(name, ANSWER, { version, isRootless });
    return new Engine(name, version, isRootless);
  }

  call(words: readonly string[], limitMs: number): Promise<CommandResult> {
    return call([this.name, ...words], limitMs);
  }

  async hasImage(image: string): Promise<boolean> {
    return (await this.#idOf(image)) !== undefined;
  }

  async #idOf(image: string): Promise<string | undefined> {
    const looked = await this.call(['image', 'inspect', '--format', '{{.Id}}', image], LIMITS_MS.look);
    return looked.code === 0 ? looked.stdout.trim() : undefined;
  }

  /** The words that a start takes, found out by running `true` once; or why nothing runs. */
  words(image: string): Promise<Words | string> {
    this.#words ??= this.#find(image).then((found) => {
      // Another image, or the same one made anew, may do.
      if (typeof found === 'string') this.#words = undefined;
      return found;
    });
    return this.#words;
  }

  async #find(image: string): Promise<Words | string> {
    const id = await this.#idOf(image);
    if (id === undefined) return missingText(this.name, image);
    const shown = known(this.name, `words ${this.version} ${id}`);
    if (isWords(shown)) return shown;
    let words: Words = { engine: [], run: ['--init'] };
    const left = [...MENDS];
    for (;;) {
      const tried = await this.#try(words, image);
      if (tried === undefined) {
        remember(this.name, `words ${this.version} ${id}`, words);
        return words;
      }
      const at = left.findIndex(({ says }) => says.test(tried));
      const [one] = at < 0 ? [] : left.splice(at, 1);
      if (!one) return `\`${this.name}\` cannot run \`true\` in \`${image}\`: ${tried}`;
      words = one.mend(words);
    }
  }

  async #try({ engine, run }: Words, image: string): Promise<string | undefined> {
    const argv = [
      ...engine,
      'run',
      '--rm',
      '--pull=never',
      '--network=none',
      ...run,
      '--entrypoint=',
      image,
      'true',
    ];
    const tried = await this.call(argv, LIMITS_MS.try);
    const hasStarted = tried.code === 0 || (tried.code === NOT_FOUND && /not found/i.test(tried.stderr));
    return hasStarted ? undefined : whyText(tried, LIMITS_MS.try);
  }
}

function isAnswer(value: unknown): value is { readonly version: string; readonly isRootless: boolean } {
  return isMap(value) && typeof value['version'] === 'string' && typeof value['isRootless'] === 'boolean';
}

function isWords(value: unknown): value is Words {
  return isMap(value) && [value['engine'], value['run']].every((words) => Array.isArray(words));
}

export function missingText(engine: EngineName, image: string): string {
  return `there is no image \`${image}\` in ${engine}, and gate-run pulls none: build it, or \`${engine} pull ${image}\``;
}

/** The folder is one that is always there: a command is of no place. */
function call(argv: readonly string[], timeoutMs: number): Promise<CommandResult> {
  return runCommand(argv, { cwd: '/', timeoutMs, maxBytes: MOST_BYTES });
}

export function whyText({ ended, code, stderr, stdout }: CommandResult, limitMs: number): string {
  if (ended === 'not-started') return 'is not installed';
  if (ended === 'timed-out') return `did not answer within ${limitMs / 1000} s`;
  const said = (stderr || stdout).trim().split('\n').at(-1) ?? '';
  return said === '' ? `ended with ${code ?? ended}` : said;
}

/** The highest that this process may give. */
function nofile(): string {
  const hard = /^Max open files +\d+ +(\d+)/m.exec(textOf('/proc/self/limits') ?? '')?.[1] ?? '1024';
  return `nofile=${hard}:${hard}`;
}
