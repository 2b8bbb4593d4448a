// Sends notices and signs of life over HTTP. Nobody waits for it but, within a limit, the end of a run.

import { createHmac, randomUUID } from 'node:crypto';
import type { Notice } from '../core/loop/notices.ts';
import type { HeartbeatPlan, WebhookPlan } from '../core/plan/plan.ts';
import type { Notices } from '../ports.ts';

/** Pauses before each further try. */
const RETRY_AFTER_MS: readonly number[] = [250, 500, 1000];
/** Notices that wait for one webhook; more are dropped and noted. */
const MOST_WAITING = 50;
/** How long the end of a run waits for all that is still to be sent. */
export const EXIT_LIMIT_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
const TOO_MANY = 429;
const SERVER_ERRORS_FROM = 500;
const REDIRECTS_FROM = 300;

/** Fields whose texts may hold what somebody else wrote; the others are words of our own, which no value may change. */
const FOREIGN: ReadonlySet<string> = new Set(['loop', 'why', 'rule']);

export interface NoticeParts {
  readonly webhooks: readonly WebhookPlan[];
  readonly heartbeats: readonly HeartbeatPlan[];
  readonly env: NodeJS.ProcessEnv;
  readonly redact: (text: string) => string;
  /** Writes a heartbeat's file; a failure is told in words. */
  readonly writeFile: (file: string) => string | undefined;
  readonly note: (what: string) => void;
}

export interface RealNotices extends Notices {
  /** From here on there are signs of life: a start that is refused gives none. */
  begin(): void;
  /** Until everything is sent, or the limit is reached; what is left then is noted. */
  settle(): Promise<void>;
  close(): void;
}

export function realNotices(parts: NoticeParts): RealNotices {
  const over = new AbortController();
  const lines = parts.webhooks.map((webhook) => new Line(webhook, parts, over.signal));
  let beats: readonly NodeJS.Timeout[] | undefined;
  return {
    begin: () => {
      beats ??= parts.heartbeats.map((heartbeat) => beating(heartbeat, parts, over.signal));
    },
    tell: (notice) => {
      for (const line of lines) line.tell(notice);
    },
    settle: async () => {
      const limit = setTimeout(() => over.abort(), EXIT_LIMIT_MS);
      await Promise.all(lines.map((line) => line.settle()));
      clearTimeout(limit);
    },
    close: () => {
      over.abort();
      for (const beat of beats ?? []) clearInterval(beat);
    },
  };
}

/** What goes to one webhook, in order, one after another. */
class Line {
  readonly #webhook: WebhookPlan;
  readonly #parts: NoticeParts;
  readonly #over: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(webhook: WebhookPlan, parts: NoticeParts, over: AbortSignal) {
    this.#webhook = webhook;
    this.#parts = parts;
    this.#over = over;
  }

  tell({ kind, body }: Notice): void {
    if (!this.#webhook.for.includes(kind)) return;
    const what = `${originOf(this.#webhook.url)} was not told of ${String(body['mark'] ?? body['kind'])}`;
    if (this.#waiting >= MOST_WAITING) {
      this.#parts.note(`${what}: ${MOST_WAITING} notices wait for it already`);
      return;
    }
    this.#waiting += 1;
    const { redact } = this.#parts;
    const text = JSON.stringify(body, (key, value: unknown) =>
      FOREIGN.has(key) && typeof value === 'string' ? redact(value) : value,
    );
    this.#last = this.#last.then(async () => {
      const wrong = await this.#send(text);
      this.#waiting -= 1;
      if (wrong !== undefined) this.#parts.note(`${what}: ${wrong}`);
    });
  }

  settle(): Promise<void> {
    return this.#last;
  }

  /** Why it could not be sent, after all tries. */
  async #send(text: string): Promise<string | undefined> {
    const delivery = randomUUID();
    for (let attempt = 0; ; attempt += 1) {
      if (this.#over.aborted) return 'no time was left at the end of the run';
      const { wrong, mayRetry } = await this.#try(text, delivery);
      const pause = RETRY_AFTER_MS[attempt];
      if (wrong === undefined) return undefined;
      if (!mayRetry || pause === undefined || this.#over.aborted)
        return attempt === 0 ? wrong : `${wrong}, after ${attempt + 1} tries`;
      await pauseFor(pause, this.#over);
    }
  }

  async #try(text: string, delivery: string): Promise<{ wrong?: string; mayRetry: boolean }> {
    const { url, timeoutMs, secretEnv } = this.#webhook;
    const secret = secretEnv === undefined ? undefined : this.#parts.env[secretEnv];
    const at = String(Math.floor(Date.now() / 1000));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'gate-run',
      'x-gate-run-delivery': delivery,
      'x-gate-run-timestamp': at,
      ...(secret !== undefined && { 'x-gate-run-signature': signatureOf(secret, at, text) }),
    };
    const request = { method: 'POST', headers, body: text };
    return answerOf(await call(url, request, timeoutMs, this.#over));
  }
}

/** `sha256=` and the HMAC-SHA256 in hex of timestamp, full stop and body. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** A redirect is never followed: what was signed for one place is not for another. */
function answerOf(answer: number | string): { wrong?: string; mayRetry: boolean } {
  if (typeof answer === 'string') return { wrong: answer, mayRetry: true };
  if (answer < REDIRECTS_FROM) return { mayRetry: false };
  if (answer >= SERVER_ERRORS_FROM || answer === TOO_MANY)
    return { wrong: `it answered ${answer}`, mayRetry: true };
  const isRedirect = answer < 400;
  return {
    wrong: isRedirect ? `it redirects (${answer}), which is not followed` : `it refused (${answer})`,
    mayRetry: false,
  };
}

/** The status, or why there is none. What it says beside that is not read. */
async function call(
  url: string,
  request: RequestInit,
  timeoutMs: number,
  over: AbortSignal,
): Promise<number | string> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const signal = AbortSignal.any([late, over]);
    const response = await fetch(url, { ...request, redirect: 'manual', signal });
    // An answer without an end must hold nobody up.
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    if (late.aborted) return `no answer within ${timeoutMs} ms`;
    if (over.aborted) return 'no time was left at the end of the run';
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
    return `it could not be reached${code === undefined ? '' : ` (${code})`}`;
  }
}

/** Scheme and host: path and query may be secrets. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/** At once and then regularly; what goes wrong is noted once, until it has gone right again. */
function beating({ to, everyMs }: HeartbeatPlan, parts: NoticeParts, over: AbortSignal): NodeJS.Timeout {
  let isUnderWay = false;
  let isNoted = false;
  const beat = async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    const wrong = 'file' in to ? parts.writeFile(to.file) : await ping(to.url, everyMs, over);
    isUnderWay = false;
    if (wrong !== undefined && !isNoted && !over.aborted) parts.note(`no sign of life: ${wrong}`);
    isNoted = wrong !== undefined;
  };
  void beat();
  return setInterval(() => void beat(), everyMs).unref();
}

async function ping(url: string, everyMs: number, over: AbortSignal): Promise<string | undefined> {
  const { wrong } = answerOf(await call(url, { method: 'GET' }, Math.min(everyMs, PING_TIMEOUT_MS), over));
  return wrong === undefined ? undefined : `${originOf(url)}: ${wrong}`;
}

function pauseFor(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    over.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
