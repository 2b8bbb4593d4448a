// One long-lived process that is asked for seeds: its lines, its time for each answer, and its end.

import type { Readable } from 'node:stream';
import { CUT } from '../../core/cut-text.ts';
import { redactText } from '../../core/judge/redact-text.ts';
import { Conversation, type Heard } from '../../core/judge/conversation.ts';
import { signalOf } from '../../core/judge/outcome.ts';
import { shownLine } from '../../core/judge/line.ts';
import { failureOf, noAnswer, type SimsFailure } from '../../core/judge/sims-failure.ts';
import { durationText, exitText } from '../../core/judge/words.ts';
import type { SimsProcess } from '../../core/plan/sims-order.ts';
import { STOP_SIGNALS, signalsHeard } from '../attempt.ts';
import { launchWorker, type Spoken } from '../launch.ts';
import { ANSWER_BYTES } from './answers.ts';
import type { Room } from './room.ts';
import type { Scratch } from './scratch.ts';
import { Simulation, type Ended } from './simulation.ts';

/** What a worker gets to leave by itself once nothing more is asked of it. */
const LEAVE_MS = 1_000;
/** One that has closed its end of a pipe gets so long to end by itself: from then on nothing can come of it. */
const CLOSED_MS = 1_000;
/** The last lines of one that is over may be on their way still. */
const DRAIN_MS = 200;
const NEWLINE = 10;

export interface Reply {
  readonly heard: Heard;
  readonly line: string;
  /** Why there is no answer; `undefined` where `heard` has it. */
  readonly failure: SimsFailure | undefined;
  /** It ended because of a stop, or because nobody needs it any more. */
  readonly isVoid: boolean;
}

export class Worker {
  readonly #room: Room;
  readonly #simulation: Simulation;
  readonly #spoken: Spoken | undefined;
  readonly #talk: Conversation;
  #rest: Buffer = Buffer.alloc(0);
  #reply: ((reply: Reply) => void) | undefined;
  /** Said while nobody waited: the answer before was none. */
  afterwards: Reply | undefined;
  #isUsable = true;
  /** What it has closed, in words. */
  #closed: string | undefined;
  #closedTimer: NodeJS.Timeout | undefined;

  constructor(room: Room, process: SimsProcess, errors: Scratch) {
    const { shop, order } = room;
    this.#room = room;
    this.#talk = new Conversation(process.metrics);
    const parts = { ...shop, killAfterMs: order.killAfterMs, unit: room.unit };
    let spoken: Spoken | undefined;
    this.#simulation = new Simulation(parts, ({ exited, refused }) => {
      const env = room.environmentOf(process);
      const wanted = { order: process, env, errors: errors.fd, exited, refused };
      spoken = room.unit.start(wanted, launchWorker);
      return spoken?.group;
    });
    this.#spoken = spoken;
    room.live.set(this.#simulation, [errors]);
    spoken?.input.on('error', () => this.#close('reads no more of what it is asked'));
    spoken?.output.on('end', () => this.#close('has closed its output'));
    spoken?.output.on('error', () => undefined);
    spoken?.output.on('data', (chunk: Buffer) => this.#hear(chunk));
    void this.#simulation.over.then((ended) => this.#over(ended));
  }

  /** It lives, and has said nothing that was not asked. */
  get isUsable(): boolean {
    return this.#isUsable && !this.#simulation.isOver && !this.#simulation.isEnding;
  }

  async ask(seed: number): Promise<Reply> {
    const { timeoutMs } = this.#room.sims;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#reply = resolve;
    this.#spoken?.input.write(this.#talk.ask(seed));
    if (timeoutMs === 'never') return promise;
    const timer = setTimeout(() => this.#simulation.finish('timeout'), timeoutMs);
    const reply = await promise;
    clearTimeout(timer);
    return reply;
  }

  /** Nothing more is asked. Resolves once nothing of it runs. */
  async leave(): Promise<void> {
    this.#spoken?.input.end();
    const timer = setTimeout(() => this.#simulation.finish('decided'), this.isUsable ? LEAVE_MS : 0);
    await this.#simulation.over;
    clearTimeout(timer);
    this.#spoken?.output.destroy();
  }

  #close(what: string): void {
    if (this.#closed !== undefined || this.#simulation.isOver) return;
    this.#closed = what;
    this.#closedTimer = setTimeout(() => this.#simulation.finish('closed'), CLOSED_MS);
  }

  #hear(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([this.#rest, chunk.subarray(start, end)]).toString('utf8');
      this.#rest = Buffer.alloc(0);
      start = end + 1;
      this.#line(redactText(line, this.#room.shop.secrets));
    }
    if (!this.#isUsable) return;
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
    if (this.#rest.length <= ANSWER_BYTES) return;
    const text = this.#rest.toString('utf8', 0, ANSWER_BYTES).replace(/\uFFFD$/, '') + CUT;
    this.#rest = Buffer.alloc(0);
    this.#line(redactText(text, this.#room.shop.secrets));
  }

  /** Too late is no answer. */
  #line(line: string): void {
    if (!this.#isUsable || this.#simulation.isEnding) return;
    const heard = this.#talk.hear(line);
    if (!heard) return;
    if (heard.isOver) {
      this.#isUsable = false;
      this.#simulation.finish('decided');
    }
    this.#tell({ heard, line, failure: undefined, isVoid: this.#room.isStopped });
  }

  async #over(ended: Ended): Promise<void> {
    const { end, because } = ended;
    clearTimeout(this.#closedTimer);
    this.#room.took(this.#simulation, ended);
    if ('notStarted' in end) this.#room.refuse(end);
    if (this.#spoken) await drained(this.#spoken.output);
    if (STOP_SIGNALS.has(signalOf({ end }) ?? '') && because === undefined) await signalsHeard();
    this.#reply?.(this.#without(ended));
  }

  #tell(reply: Reply): void {
    const resolve = this.#reply;
    this.#reply = undefined;
    if (resolve) resolve(reply);
    else this.afterwards ??= reply;
  }

  /** The end of a worker that has not answered. */
  #without(ended: Ended): Reply {
    const { end, because, oomKills } = ended;
    const { sims, isStopped } = this.#room;
    const isVoid = isStopped || because === 'decided';
    const limit = sims.timeoutMs === 'never' ? '' : durationText(sims.timeoutMs);
    const timedOut = because === 'timeout' ? limit : undefined;
    const known = failureOf({ end, timedOut, oomKills, heapMessage: false }, sims.exits);
    const half = redactText(this.#rest.toString('utf8'), this.#room.shop.secrets);
    const line = half.trim() === '' ? '' : `; the last line has no end: ${shownLine(half)}`;
    const code = exitText({ type: 'attempt.ended', task: '', attempt: 1, end, durationMs: 0, bytes: 0 });
    const failure = known ?? noAnswer(`its worker ended with ${code} in place of an answer`);
    if (because === 'output') return this.#failed(noAnswer('its output outgrew `log-limit`'), half, isVoid);
    if (because === 'closed')
      return this.#failed(noAnswer(`its worker ${this.#closed} and lived on`), half, isVoid);
    return this.#failed({ ...failure, why: `${failure.why}${line}` }, half, isVoid);
  }

  #failed(failure: SimsFailure, line: string, isVoid: boolean): Reply {
    return { heard: { answer: { failed: failure.why }, isOver: true }, line, failure, isVoid };
  }
}

async function drained(output: Readable): Promise<void> {
  if (output.readableEnded || output.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DRAIN_MS);
  output.once('close', resolve);
  output.once('end', resolve);
  await promise;
  clearTimeout(timer);
}
