// Carries hooks out through the door to commands: bounded in time and output, ended when they are told to, never judged.

import { missedAmong, missedText } from '../core/judge/missed.ts';
import type { Secret } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import type { HookEnded } from '../core/loop/hook-event.ts';
import { withheldNames } from '../core/plan/passing.ts';
import type { Clock, HookOrder, Hooks, Inbox } from '../ports.ts';
import { runCommand, type CommandResult } from './command.ts';
import { environments } from './environment.ts';

/** Of each stream; a hook that says more is ended. */
const OUTPUT_BYTES = 256 * 1024;
/** The core decides that it took too long; should it not come to that, this ends it. */
const BELT_MS = 5_000;
const DETAIL_LENGTH = 300;

export interface HookParts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly secrets: readonly Secret[];
  /** Told of each start, by the run. */
  readonly starts: (run: string) => void;
  /** Names that do not pass unless `pass` lists them. */
  readonly isHidden: (name: string) => boolean;
}

export interface RealHooks extends Hooks {
  close(): void;
}

export function realHooks({ inbox, clock, env, secrets, isHidden, starts }: HookParts): RealHooks {
  const environmentOf = environments(env, { isHidden, secrets });
  let cancel: AbortController | undefined;
  const start = async ({ nth, hook, argv, cwd, timeoutMs, ...order }: HookOrder) => {
    const own = new AbortController();
    cancel = own;
    const from = clock.now().mono;
    const result = await runCommand(
      // Everybody on the machine may read them.
      argv.map((word) => redactText(word, secrets)),
      {
        cwd,
        timeoutMs: timeoutMs + BELT_MS,
        maxBytes: OUTPUT_BYTES,
        env: environmentOf(order),
        isBare: true,
        cancel: own.signal,
      },
    );
    if (cancel === own) cancel = undefined;
    const durationMs = Math.max(0, Math.round(clock.now().mono - from));
    inbox.put({
      type: 'hook.ended',
      nth,
      hook,
      ...wentAs(result, {
        redact: (text) => redactText(text, secrets),
        withheld: withheldNames(env, order.pass, isHidden),
      }),
      durationMs,
    });
  };
  return {
    start: (order) => {
      starts(order.env['GATE_RUN'] ?? '');
      void start(order);
    },
    stop: () => cancel?.abort(),
    close: () => cancel?.abort(),
  };
}

interface About {
  readonly redact: (text: string) => string;
  /** What it was not given. */
  readonly withheld: readonly string[];
}

function wentAs(
  result: CommandResult,
  { redact, withheld }: About,
): Pick<HookEnded, 'how' | 'code' | 'detail'> {
  const { ended, code, stderr, stdout } = result;
  const how = ended === 'timed-out' ? 'killed' : ended;
  if (how === 'exited' && code === 0) return { how, code };
  // Before it is cut: half a secret is not recognised.
  const said = lastLine(redact(stderr)) || lastLine(redact(stdout));
  const why = (how === 'not-started' ? result.detail : how === 'too-long' ? '' : said)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, DETAIL_LENGTH);
  const missed = how === 'exited' ? missedAmong(withheld, [stderr, stdout]) : [];
  const detail = [why, missed.length === 0 ? '' : missedText(missed)].filter(Boolean).join('; ');
  return { how, ...(code !== undefined && { code }), ...(detail !== '' && { detail }) };
}

function lastLine(text: string): string {
  return (
    text
      .slice(-4 * DETAIL_LENGTH)
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  );
}
