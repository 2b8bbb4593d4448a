// The key of a task as things stand: files from a pass, variables as the task would get them, versions as the tools tell them.

import { cutAt } from '../../core/cut-text.ts';
import { keyText, CACHE_VERSION, type KeyParts } from '../../core/cache/key.ts';
import type { CachePlan } from '../../core/plan/cache.ts';
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
  readonly environmentOf: (order: Pick<Order, 'pass' | 'env'>) => Environment;
  readonly last: ReadonlyMap<string, Last>;
}

/** A tool that does not tell its version by then keeps nobody waiting. */
const VERSION_LIMIT_MS = 10_000;
const VERSION_LIMIT_BYTES = 65_536;
/** Of what it prints stand in a key as they are; of more than that a sum. */
const VERSION_CHARACTERS = 500;
const PLATFORM = `${process.platform}-${process.arch}`;

export class Keys {
  readonly #sources: KeySources;
  /** By command, and where and with what it was asked. */
  #versions = new Map<string, string | Unfit>();

  constructor(sources: KeySources) {
    this.#sources = sources;
  }

  /** Something ran, and may have put other tools in the place of those that were asked. */
  disturbed(): void {
    this.#versions = new Map();
  }

  *of(wanted: CacheOrder, pass: Pass): Work<Keyed | Unfit> {
    const { draft, plan, order } = wanted;
    const versions: Record<string, string> = {};
    for (const version of plan.versions) {
      const said = yield* this.#version(version, order);
      if (typeof said !== 'string') return said;
      versions[version.text] = said;
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

  /** Asked where the task would run, and with what it would get but for what it is told of this attempt alone. */
  *#version({ text, argv }: CachePlan['versions'][number], order: Order): Work<string | Unfit> {
    const { cwd } = order;
    const given = Object.entries(this.#sources.environmentOf(order));
    const env = Object.fromEntries(given.filter(([name]) => !name.startsWith('GATE_')));
    const asked = JSON.stringify([text, cwd, env]);
    const known = this.#versions.get(asked);
    if (known !== undefined) return known;
    const versions = this.#versions;
    let said: string | Unfit = { unfit: `\`${text}\` tells no version` };
    yield tell(argv, { cwd, env }).then((told) => {
      said = typeof told === 'string' ? told : { unfit: `\`${text}\` tells no version: ${told.why}` };
    });
    // What was asked before something ran is no answer to who asks afterwards.
    versions.set(asked, said);
    return said;
  }
}

/** What says nothing about itself would answer for ever. */
async function tell(
  argv: readonly string[],
  where: { readonly cwd: string; readonly env: Environment },
): Promise<string | { readonly why: string }> {
  const { ended, code, stdout, stderr, detail } = await runCommand(argv, {
    ...where,
    isBare: true,
    timeoutMs: VERSION_LIMIT_MS,
    maxBytes: VERSION_LIMIT_BYTES,
  });
  if (ended !== 'exited' || code !== 0) return { why: detail || 'it failed' };
  const said = `${stdout}\n${stderr}`.trim();
  if (said === '') return { why: 'it prints nothing' };
  if (said.length <= VERSION_CHARACTERS) return said;
  return `${cutAt(said, VERSION_CHARACTERS)} ${sha256(said)}`;
}

export const UNSET = 'not set';

export function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text, 'hex');
}
