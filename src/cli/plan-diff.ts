// `gate-run plan --diff`: what differs between the plan as the config is now and the one that the last run follows or followed.

import { differences, flat, type Difference } from '../core/plan/diff.ts';
import { NO_FLAGS, type Flags } from '../core/plan/flags.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { keptPlan } from '../engine/kept-plans.ts';
import { readState } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import { paintFor } from '../views/sink.ts';
import { parseArguments } from './args.ts';
import { unreadableText } from './damage.ts';
import { flagWords, lacksSecret, shellText } from './flag-words.ts';
import { loadLoop } from './load.ts';
import { SCHEMA_VERSION, withPlan } from './plan.ts';
import type { CommandRequest } from './request.ts';

export async function planDiff(request: CommandRequest, flags: Flags): Promise<number> {
  const { folder, config, env } = request;
  const loop = await loadLoop({ folder, config, flags: NO_FLAGS }, { ...env });
  const state = 'problems' in loop ? undefined : readState(realDisk(), loop.paths);
  if (state && !('progress' in state)) {
    request.writeError(`${unreadableText(state)}\n`);
    return EXIT.storage;
  }
  const run = state?.progress.run;
  const words = run?.flags ?? [];
  const isTyped = flagWords(flags).length > 0 || flags.tasks.length > 0;
  const began = isTyped || words.length === 0 || lacksSecret(words) ? undefined : flagsFrom(words);
  return withPlan(request, began ?? flags, (plan, show, { paths }) => {
    if (!run) {
      request.writeError('gate-run plan: no run yet, so there is no plan to compare with\n');
      return EXIT.usage;
    }
    if (began) request.writeError(`gate-run plan: with the flags of run ${run.id}: ${shellText(words)}\n`);
    const before = keptPlan(realDisk(), paths.stateDir, run.plan);
    if (!before && run.plan !== plan.id) {
      request.writeError(
        `gate-run plan: the plan of run ${run.id} (${run.plan}) is another one than this (${plan.id}), but it was not kept\n`,
      );
      return EXIT.usage;
    }
    const isSame = run.plan === plan.id;
    // A value that was hidden when it was kept cannot be compared.
    const found =
      isSame || !before
        ? []
        : differences(before, flat(plan)).filter((one) => one.before === null || !lacksSecret([one.before]));
    const answer = { run: run.id, before: run.plan, now: plan.id, differences: found };
    if (request.json) show({ schemaVersion: SCHEMA_VERSION, exit: EXIT.passed, ...answer });
    else show(isSame ? `the same plan as run ${run.id} (${plan.id})\n` : diffText(found, request.color));
    return EXIT.passed;
  });
}

function flagsFrom(words: readonly string[]): Flags | undefined {
  const parsed = parseArguments(['run', ...words]);
  return 'problems' in parsed ? undefined : parsed.flags;
}

function diffText(found: readonly Difference[], color: boolean): string {
  const paint = paintFor({ color });
  const lines = found.flatMap(({ key, before, now }) => [
    key,
    ...(before === null ? [] : [paint.bad(`  - ${before}`)]),
    ...(now === null ? [] : [paint.good(`  + ${now}`)]),
  ]);
  return lines.map((line) => `${line.replaceAll('\n', '\n    ')}\n`).join('');
}
