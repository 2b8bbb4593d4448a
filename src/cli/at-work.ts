// Hooks and notices of a run in the real world. Loaded only where a plan has any.

import { resolve } from 'node:path';
import type { Problem } from '../core/config/problem.ts';
import { noticeOf } from '../core/loop/notices.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { CarouselEnd } from '../engine/carousel.ts';
import type { Hooks, Notices } from '../ports.ts';
import { realHooks } from '../system/hooks.ts';
import { realNotices } from '../system/notices.ts';
import type { Loop } from './load.ts';
import type { Terminal } from './terminal.ts';
import type { Here } from './world.ts';

export interface AtWork {
  readonly ports: { readonly hooks: Hooks; readonly notices: Notices };
  /** The run is under way. */
  begin(): void;
  /** The run is over: what is still to be sent is sent, within a limit. */
  ended(end: CarouselEnd): Promise<void>;
  close(): void;
}

interface Place {
  readonly loop: Loop;
  readonly here: Here;
  readonly terminal: Terminal;
  readonly run: string;
}

export function openWork({ loop, here, terminal, run }: Place): AtWork {
  const { plan, folder } = loop;
  const { world, env, secrets, isHidden, redact } = here;
  let isOver = false;
  const note = (what: string) => {
    if (isOver) terminal.err.write(`gate-run: ${redact(what)}\n`);
    else world.inbox.put({ type: 'noted', what });
  };
  const hooks = realHooks({ ...world, env, secrets, isHidden, starts: here.startsBeside });
  const notices = realNotices({
    webhooks: (plan.notify ?? []).filter((one) => one.kind === 'webhook'),
    heartbeats: (plan.notify ?? []).filter((one) => one.kind === 'heartbeat'),
    env: terminal.env,
    redact,
    note,
    writeFile: (file) => {
      const text = JSON.stringify({ at: new Date().toISOString(), pid: process.pid, run });
      const failure = world.disk.replace(resolve(folder, file), new TextEncoder().encode(`${text}\n`), false);
      return failure && `${failure.what} (${failure.failed})`;
    },
  });
  return {
    ports: { hooks, notices },
    begin: () => notices.begin(),
    ended: async ({ progress, failure }) => {
      isOver = true;
      const notice = failure && noticeOf(plan, storageFailed(failure, { progress, run }), progress);
      if (notice) notices.tell(notice);
      await notices.settle();
    },
    close: () => {
      hooks.close();
      notices.close();
    },
  };
}

/** Nothing was written of it any more, so nobody else has told. */
function storageFailed(
  { failed, what }: NonNullable<CarouselEnd['failure']>,
  { progress, run }: { progress: CarouselEnd['progress']; run: string },
): Parameters<typeof noticeOf>[1] {
  const at = new Date().toISOString();
  const stamp = {
    v: 1,
    seq: progress.seq + 1,
    at,
    mono: progress.mono,
    run: progress.run?.id ?? run,
  } as const;
  return { ...stamp, type: 'storage.failed', code: failed, what };
}

/** A notice that was to be signed must not go out unsigned. */
export function missingSecrets({ notify = [] }: Plan, env: NodeJS.ProcessEnv): readonly Problem[] {
  return notify.flatMap((one) =>
    one.kind === 'webhook' && one.secretEnv !== undefined && !env[one.secretEnv]
      ? [
          {
            message: `\`notify\` signs with the variable \`${one.secretEnv}\`, which is not set`,
            mend: 'set it, or leave `secret` out',
          },
        ]
      : [],
  );
}
