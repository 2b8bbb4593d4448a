// `gate-run cache [status|clean]`: how much is kept, or away with all of it. Runs beside it miss what is gone, and nothing else.

import { resolve } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { DEFAULT_CACHE_BYTES, DEFAULT_CACHE_DIR } from '../core/plan/cache.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import { failure } from '../system/files.ts';
import { Store } from '../system/cache/store.ts';
import { SCHEMA_VERSION, withPlan } from './plan.ts';
import type { CommandRequest } from './request.ts';
import { refuse, takeFlags } from './state.ts';

export async function cache(request: CommandRequest): Promise<number> {
  const { rest, problem } = takeFlags(request.args, {});
  if (problem !== undefined) return refuse(request, 'cache', problem);
  const [word = 'status', ...more] = rest;
  if ((word !== 'status' && word !== 'clean') || more.length > 0)
    return refuse(request, 'cache', `\`${rest.join(' ')}\` is none of \`status\` and \`clean\``);
  return withPlan(request, request.flags ?? NO_FLAGS, (plan, show, { folder }) => {
    const { dir = DEFAULT_CACHE_DIR, sizeBytes = DEFAULT_CACHE_BYTES } = plan.cache ?? {};
    const store = new Store(resolve(folder, dir));
    const removed = word === 'clean' ? cleaned(store) : undefined;
    if (removed && 'failed' in removed) {
      request.writeError(`gate-run cache: ${removed.what} (${removed.failed})\n`);
      return EXIT.storage;
    }
    const held = store.weigh();
    if (request.json)
      show({
        schemaVersion: SCHEMA_VERSION,
        exit: EXIT.passed,
        dir,
        ...held,
        limitBytes: sizeBytes,
        ...(removed && { removed }),
      });
    else if (removed)
      show(`${countText(removed.answers, 'answer')} removed from ${dir}: ${sizeText(removed.bytes)}\n`);
    else
      show(
        `${dir}: ${countText(held.answers, 'answer')}, ${sizeText(held.bytes)} of at most ${sizeText(sizeBytes)}\n`,
      );
    return EXIT.passed;
  });
}

function cleaned(store: Store): ReturnType<Store['clean']> | ReturnType<typeof failure> {
  try {
    return store.clean();
  } catch (error) {
    return failure(error, 'not all answers could be removed');
  }
}
