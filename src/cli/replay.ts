// `gate-run replay [--run ID] [LEDGER]`: this config, and what the flags set, over a recorded ledger. It changes nothing.

import { resolve } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { Replay, type ReplayedRun } from '../core/loop/replay.ts';
import { replayStatus } from '../core/summary/replay.ts';
import { walkHistory } from '../engine/walk-history.ts';
import { realDisk } from '../system/files.ts';
import { isFolder } from '../system/sizes.ts';
import { replayText } from '../views/replay.ts';
import { unreadableText } from './damage.ts';
import { looping } from './loop-flags.ts';
import { SCHEMA_VERSION, withPlan } from './plan.ts';
import type { CommandRequest } from './request.ts';
import { refuse, takeFlags } from './state.ts';

export async function replay(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { run: 'value' });
  if (problem !== undefined) return refuse(request, 'replay', problem);
  if (rest.length > 1) return refuse(request, 'replay', `takes one ledger, not \`${rest.join(' ')}\``);
  return withPlan(request, looping(request.flags), async (plan, show, { paths }) => {
    const [named] = rest;
    const history = named === undefined ? paths.history : ledgerAt(resolve(request.folder, named));
    if (realDisk().size(history) === undefined)
      return refuse(request, 'replay', `there is no ledger at ${history}`);
    const evaluate = plan.ends.when && (await import('../core/expression.ts')).expressions.holds;
    const found = replayed(history, flags.run, new Replay(plan, { ...(evaluate && { evaluate }) }));
    if ('why' in found) {
      request.writeError(`${found.why}\n`);
      return EXIT.storage;
    }
    if (!found.run) {
      const what = flags.run === undefined ? 'it holds no run yet' : `it holds no run ${flags.run}`;
      return refuse(request, 'replay', `${what}: ${history}`);
    }
    const status = replayStatus(found.run);
    show(request.json ? { schemaVersion: SCHEMA_VERSION, exit: EXIT.passed, ...status } : replayText(status));
    return EXIT.passed;
  });
}

function ledgerAt(path: string): string {
  return isFolder(path) ? `${path}/history.jsonl` : path;
}

/** The run of that name; else the last loop, since a single cycle has no ends; else the last run. */
function replayed(
  history: string,
  wanted: string | undefined,
  replaying: Replay,
): { readonly run: ReplayedRun | undefined } | { readonly why: string } {
  let loop: ReplayedRun | undefined;
  let any: ReplayedRun | undefined;
  const keep = () => {
    const { run } = replaying;
    if (!run || (wanted !== undefined && run.run !== wanted)) return;
    any = run;
    if (run.isLoop) loop = run;
  };
  const walked = walkHistory(realDisk(), history, (event) => {
    if (event.type === 'run.started') keep();
    replaying.see(event);
  });
  if (!('torn' in walked)) return { why: unreadableText(walked) };
  keep();
  return { run: loop ?? any };
}
