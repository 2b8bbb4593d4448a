// The only way to the network for a task that may reach a few hosts: an HTTP proxy on a unix socket, which compares host and port with a
// list and knows nothing else. Names are looked up here, outside. See RFC 9110, sections 7.1 and 9.3.6.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { cutAt } from '../../core/cut-text.ts';
import { hostOf } from '../../core/plan/network.ts';
import { makeTemporary, removeFolder } from '../temporary.ts';

/** At once, of one attempt. */
const MOST_CONNECTIONS = 256;
const CONNECT_MS = 30_000;
/** A model may think for long before it says anything. */
const IDLE_MS = 30 * 60_000;
/** Of those that were refused, so many are named. */
const MOST_REFUSED = 8;
const LONGEST_NAME = 200;
const HTTP_PORT = '80';
/** Of an answer. */
const LEAST_STATUS = 100;
/** Meant for the proxy, and nobody's business behind it. */
const HOP_HEADERS: ReadonlySet<string> = new Set(['proxy-authorization', 'proxy-connection', 'connection']);

export class Gatekeeper {
  readonly socket: string;
  readonly #folder: string;
  readonly #allowed: ReadonlySet<string>;
  readonly #refused = new Set<string>();
  readonly #open = new Set<Duplex>();
  readonly #server: Server;

  /** Listens once it is made. `allowed`: `host:port` in lower case. Throws where no socket can be made. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
    this.#folder = makeTemporary('gate-run-net-');
    this.socket = join(this.#folder, 'proxy');
    // Loaded on call: few tasks have such a list.
    this.#server = process
      .getBuiltinModule('node:http')
      .createServer((asked, answer) => this.#forward(asked, answer));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connect', (asked, near: Duplex, head: Buffer) => this.#tunnel(asked, near, head));
    this.#server.on('connection', (near) => this.#keep(near));
    this.#server.on('clientError', (_, near) => near.destroy());
    // Where it cannot listen nobody gets through, and the command says so.
    this.#server.on('error', () => undefined);
    this.#server.listen(this.socket);
  }

  /** Whom it kept from being reached, the first few of them. */
  refused(): readonly string[] {
    return [...this.#refused];
  }

  close(): void {
    this.#server.close();
    for (const one of this.#open) one.destroy();
    removeFolder(this.#folder);
  }

  #tunnel(asked: IncomingMessage, near: Duplex, head: Buffer): void {
    this.#keep(near);
    const target = targetOf(asked.url ?? '');
    if (!target || !this.#allows(target)) {
      near.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${refusal(target)}`,
      );
      return;
    }
    const far = process
      .getBuiltinModule('node:net')
      .connect({ host: target.host, port: target.port, timeout: CONNECT_MS });
    this.#keep(far);
    far.once('connect', () => {
      far.setTimeout(IDLE_MS);
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    endTogether(near, far);
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : undefined;
    const target =
      url?.protocol === 'http:' ? targetOf(`${url.hostname}:${url.port || HTTP_PORT}`) : undefined;
    if (!url || !target || !this.#allows(target)) {
      answer.writeHead(403, { 'content-type': 'text/plain' }).end(refusal(target));
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(asked.headers).filter(([name]) => !HOP_HEADERS.has(name)),
    );
    const far = process.getBuiltinModule('node:http').request({
      host: target.host,
      port: target.port,
      path: `${url.pathname}${url.search}`,
      method: asked.method,
      headers: { ...headers, host: url.host },
      timeout: IDLE_MS,
    });
    far.on('response', (told) => passOn(told, answer));
    far.on('timeout', () => far.destroy());
    far.on('error', (error) => unanswered(answer, error.message));
    answer.once('close', () => far.destroy());
    asked.pipe(far);
  }

  #allows({ host, port }: Target): boolean {
    const name = `${host}:${port}`;
    if (this.#allowed.has(name)) return true;
    if (this.#refused.size < MOST_REFUSED) this.#refused.add(cutAt(name, LONGEST_NAME));
    return false;
  }

  #keep(one: Duplex): void {
    this.#open.add(one);
    one.once('close', () => this.#open.delete(one));
    one.on('error', () => one.destroy());
  }
}

interface Target {
  /** Without the brackets of an IPv6 address; in lower case. */
  readonly host: string;
  readonly port: number;
}

/** `host:port`, as a proxy is asked for it. Nothing is made nicer than an entry of the list is: what is not in it by that is not in it. */
export function targetOf(written: string): Target | undefined {
  const [, named = '', port] = /^(\[[0-9a-f:.]+\]|[^\s:[\]/@]+):(\d{1,5})$/i.exec(written) ?? [];
  const host = hostOf(named);
  if (!host || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

function refusal(target: Target | undefined): string {
  const name = target ? `${target.host}:${target.port}` : 'what was asked for';
  return `gate-run: ${name} is not among \`network: { allow }\` of this task\n`;
}

function passOn(told: IncomingMessage, answer: ServerResponse): void {
  const { statusCode = 0, headers } = told;
  // What has no meaning in HTTP cannot be passed on, and must not end this process.
  if (statusCode < LEAST_STATUS) {
    unanswered(answer, `an answer with the status ${statusCode}`);
    told.destroy();
    return;
  }
  answer.writeHead(statusCode, headers);
  told.pipe(answer);
  // One that broke off must not look as if more were to come.
  told.once('close', () => {
    if (!told.complete) answer.destroy();
  });
}

function unanswered(answer: ServerResponse, why: string): void {
  if (answer.headersSent) {
    answer.destroy();
    return;
  }
  answer.writeHead(502, { 'content-type': 'text/plain' }).end(`gate-run: ${why}\n`);
}

/** What the far end has said goes on to whoever reads slowly. */
function endTogether(near: Duplex, far: Socket): void {
  near.once('close', () => far.destroy());
  far.once('close', () => {
    if (far.readableEnded && !near.writableFinished) near.once('finish', () => near.destroy());
    else near.destroy();
  });
  far.on('timeout', () => far.destroy());
}
