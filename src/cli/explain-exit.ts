// `gate-run explain exit`: what ends a run, how far it is from that, and what `exit.when` may read. It changes nothing.

import { EXIT } from '../core/loop/run-end.ts';
import { exitsOf } from '../core/summary/exits.ts';
import { readState } from '../engine/read.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { isHeld } from '../system/owner.ts';
import { exitsText } from '../views/exits.ts';
import { unreadableText } from './damage.ts';
import { looping } from './loop-flags.ts';
import { SCHEMA_VERSION, withPlan } from './plan.ts';
import type { CommandRequest } from './request.ts';

export function explainExit(request: CommandRequest): Promise<number> {
  return withPlan(request, looping(request.flags), async (plan, show, { paths }) => {
    const state = readState(realDisk(), paths);
    if (!('progress' in state)) {
      request.writeError(`${unreadableText(state)}\n`);
      return EXIT.storage;
    }
    if (plan.phases.some(({ tasks }) => tasks.some(({ id }) => id === 'exit')))
      request.writeError('the task `exit` is shown by: gate-run plan exit\n');
    const { progress } = state;
    const isAlive = isHeld(paths.stateDir) !== false && progress.run?.ended === undefined;
    const mono = isAlive ? realClock().now().mono : progress.mono;
    const evaluate = plan.ends.when && (await import('../core/expression.ts')).expressions.holds;
    const found = exitsOf(plan, { progress, mono, evaluate });
    show(request.json ? { schemaVersion: SCHEMA_VERSION, exit: EXIT.passed, ...found } : exitsText(found));
    return EXIT.passed;
  });
}
