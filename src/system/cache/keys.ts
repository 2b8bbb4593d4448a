// The key of a task as things stand: files from a pass, variables as the task would get them, versions as the tools tell them.

import { keyText, CACHE_VERSION, type KeyParts } from '../../core/cache/key.ts';
import type { CacheOrder, Order } from '../../ports.ts';
import { runCommand } from '../command.ts';
import type { Environment } from '../environment.ts';
import type { Last } from './index-file.ts';
import type { Work } from './lane.ts';
import type { Pass, Unfit } from './pass.ts';
import type { ListRow } from './rows.ts';

export interface Keyed {
  readonly key: string;
  readonly text: string;
  readonly parts: KeyParts;
  readonly list: ListRow;
}

export interface KeySources {
  /** Of the config, absolute. */
  readonly folder: string;
  /** What commands of gate-run's own start with. */
  readonly env: NodeJS.ProcessEnv;
  readonly environmentOf: (order: Pick<Order, 'pass' | 'env'>) => Environment;
  readonly last: ReadonlyMap<string, Last>;
}

/** A tool that does not tell its version by then keeps nobody waiting. */
const VERSION_LIMIT_MS = 10_000;
const VERSION_LIMIT_BYTES = 65_536;
/** Of what it prints. */
const VERSION_CHARACTERS = 500;
const PLATFORM = `${process.platform}-${process.arch}`;

export class Keys {
  readonly #sources: KeySources;
  /** By command as written; asked once a start. */
  readonly #versions = new Map<string, string | Unfit>();

  constructor(sources: KeySources) {
    this.#sources = sources;
  }

  *of(wanted: CacheOrder, pass: Pass): Work<Keyed | Unfit> {
    const { draft, plan, order } = wanted;
    const versions: Record<string, string> = {};
    for (const { text, argv } of plan.versions) {
      if (!this.#versions.has(text)) yield this.#ask(text, argv);
      const said = this.#versions.get(text) ?? '';
      if (typeof said !== 'string') return said;
      versions[text] = said;
    }
    const list = yield* pass.list(plan.inputs);
    if ('unfit' in list) return list;
    const { task, command, definition } = draft;
    const parts: KeyParts = {
      version: CACHE_VERSION,
      platform: PLATFORM,
      task,
      command,
      definition,
      env: this.#envOf(draft.env, order),
      versions,
      files: list.digest,
    };
    const text = keyText(parts);
    const last = this.#sources.last.get(task);
    // Most keys are those of the last time, and to compare is cheaper than to load what sums.
    return { key: last?.text === text ? last.key : sha256(text), text, parts, list };
  }

  /** Of any variable only a sum is kept, since its value may be a secret. */
  #envOf(
    drafted: Readonly<Record<string, string | undefined>>,
    order: Order,
  ): Readonly<Record<string, string>> {
    const names = Object.entries(drafted);
    if (names.length === 0) return {};
    const given = this.#sources.environmentOf(order);
    return Object.fromEntries(
      names.map(([name, value = given[name]]) => [name, value === undefined ? UNSET : sha256(value)]),
    );
  }

  async #ask(text: string, argv: readonly string[]): Promise<void> {
    const { folder, env } = this.#sources;
    const { ended, code, stdout, stderr, detail } = await runCommand(argv, {
      cwd: folder,
      timeoutMs: VERSION_LIMIT_MS,
      maxBytes: VERSION_LIMIT_BYTES,
      env: withoutHoles(env),
    });
    const isTold = ended === 'exited' && code === 0;
    const said = `${stdout}\n${stderr}`.trim().slice(0, VERSION_CHARACTERS);
    this.#versions.set(
      text,
      isTold ? said : { unfit: `\`${text}\` tells no version: ${detail || 'it failed'}` },
    );
  }
}

export const UNSET = 'not set';

export function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text, 'hex');
}

function withoutHoles(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
