// `hooks` as written → commands beside the loop, each with its own limit. Values reach them as words or as variables.

import type { HookConfig } from '../config/beside-config.ts';
import { isMap } from '../is-map.ts';
import { readCommand } from './command.ts';
import type { Draft } from './draft.ts';
import { readEnv } from './environment.ts';
import type { Layer } from './layer.ts';
import type { HookName, HookPlan } from './plan.ts';
import { Reader, type Names } from './reader.ts';

/** One that takes longer holds up the loop: what is slow belongs into a step. */
const USUAL_TIMEOUT_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** What `{{…}}` may stand for in a hook, beside vars, goal and profile. */
const LATER: ReadonlySet<string> = new Set(['run', 'cycle', 'cycle.dir', 'state.dir']);
export const QUESTION_FILE = 'question.file';
export const CHAMPION_DIR = 'champion.dir';

/** Known in one of them alone. */
const OF_ONE_HOOK: Readonly<Partial<Record<HookName, string>>> = {
  'on-question': QUESTION_FILE,
  'on-champion': CHAMPION_DIR,
};

const HOOKS: readonly HookName[] = [
  'before-cycle',
  'after-cycle',
  'on-failure',
  'on-question',
  'on-champion',
  'on-exit',
];

export function readHooks(draft: Draft): readonly HookPlan[] {
  const { settings, flags } = draft;
  const written = settings.top.hooks;
  // Named tasks run beside a loop, and are none.
  if (written === undefined || flags.tasks.length > 0) return [];
  return HOOKS.flatMap((name) => {
    const hook = written[name];
    return hook === undefined ? [] : readHook(name, hook, draft);
  });
}

function readHook(on: HookName, written: HookConfig, draft: Draft): readonly HookPlan[] {
  const { settings, fixed, problems } = draft;
  const own = OF_ONE_HOOK[on];
  const names: Names = {
    fixed: fixed.values,
    mayLack: false,
    later: (name) => LATER.has(name) || name === own,
    all: () => [...fixed.values.keys(), ...LATER, ...(own === undefined ? [] : [own])],
  };
  const reader = new Reader(
    settings.layers.flatMap((layer) => layerOf(layer, on)),
    names,
    problems,
  );
  const { run, shell, timeout, env } =
    typeof written === 'object' && 'run' in written ? written : { run: written };
  const read = readCommand(run, shell ?? 'sh');
  if ('wrong' in read) {
    reader.say(['run'], read.wrong, read.mend === undefined ? {} : { mend: read.mend });
    return [];
  }
  if (read.command.kind === 'argv') for (const word of read.command.argv) reader.template(word, ['run']);
  const timeoutMs = reader.limit(timeout, ['timeout'], USUAL_TIMEOUT_MS);
  if (timeoutMs === 'never' || timeoutMs > LONGEST_MS) {
    reader.say(['timeout'], 'a hook that may hold up the loop for so long', {
      mend: 'write at most 1h; what takes longer belongs into a step',
    });
    return [];
  }
  return [{ on, command: read.command, timeoutMs, env: readEnv(env, { reader, hidden: draft.hidden }) }];
}

function layerOf({ value, path, ...layer }: Layer, on: HookName): readonly Layer[] {
  const hooks = value['hooks'];
  const written = isMap(hooks) ? hooks[on] : undefined;
  if (written === undefined) return [];
  return [{ ...layer, path: [...path, 'hooks', on], value: isMap(written) ? written : { run: written } }];
}
