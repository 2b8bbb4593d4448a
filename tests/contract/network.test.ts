// A task that may reach a few hosts reaches those, and nobody else by any way it tries. All of it on the loopback of this machine.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcp, type Server as TcpServer } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Gatekeeper, targetOf } from '../../src/system/network/gatekeeper.ts';
import { Bwrap } from '../../src/system/units/bwrap.ts';
import { openUnits, type Units } from '../../src/system/units/units.ts';
import { benches } from './attempts.ts';
import { runRung, TENFOLD } from './rungs.ts';
import { asPlainUser, removeTree } from './trees.ts';

const make = benches();
const canBwrap =
  spawnSync('bwrap', ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', '--unshare-net', 'true'])
    .status === 0;
if (!canBwrap)
  process.stderr.write(
    'network.test: bwrap cannot take the network away here, so lists of hosts are not tested\n',
  );

let server: Server;
let port = 0;
let other: TcpServer;
let otherPort = 0;
beforeAll(async () => {
  server = createServer((asked, answer) =>
    answer.end(`reached ${asked.method} ${asked.url} as ${asked.headers.host}`),
  );
  other = createTcp((socket) => socket.end('should not be reached'));
  port = await listening(server);
  otherPort = await listening(other);
});
afterAll(() => {
  server.close();
  other.close();
});

async function listening(one: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => void one.listen(0, '127.0.0.1', resolve));
  const address = one.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Asks the proxy that the environment names for a tunnel, and then for a page through it; tells the first line of each answer. */
const CLIENT = `
const net = require('node:net');
const proxy = new URL(process.env.HTTPS_PROXY);
const tunnel = (to) => new Promise((resolve) => {
  let heard = '', isThrough = false;
  const socket = net.connect(Number(proxy.port), proxy.hostname, () => socket.write('CONNECT ' + to + ' HTTP/1.1\\r\\nHost: ' + to + '\\r\\n\\r\\n'));
  socket.on('error', (error) => resolve(error.code));
  socket.on('data', (bytes) => {
    heard += bytes;
    if (!isThrough && heard.startsWith('HTTP/1.1 200')) { isThrough = true; heard = ''; socket.write('GET /page HTTP/1.1\\r\\nHost: inner\\r\\nConnection: close\\r\\n\\r\\n'); }
  });
  socket.on('close', () => resolve((isThrough ? 'through: ' : 'stopped: ') + heard.split('\\r\\n').filter(Boolean).at(-1)));
});
const plain = (to) => new Promise((resolve) => {
  let heard = '';
  const socket = net.connect(Number(proxy.port), proxy.hostname, () => socket.write('GET ' + to + ' HTTP/1.1\\r\\nHost: elsewhere\\r\\nConnection: close\\r\\n\\r\\n'));
  socket.on('error', (error) => resolve(error.code)).on('data', (bytes) => { heard += bytes; });
  socket.on('close', () => resolve(heard.split('\\r\\n').map((line) => line.trim()).filter((line) => /gate-run|reached/.test(line)).at(-1)));
});
const direct = (port, host) => new Promise((resolve) => net.connect(port, host).on('error', (error) => resolve(error.code)).on('connect', () => resolve('connected')));
(async () => {
  for (const to of process.argv.slice(1)) {
    if (to.startsWith('direct ')) console.log(to, '->', await direct(Number(to.split(':')[1]), to.slice(7).split(':')[0]));
    else if (to.startsWith('http')) console.log(to, '->', await plain(to));
    else if (to.startsWith('name ')) console.log(to, '->', await require('node:dns/promises').lookup(to.slice(5)).then(() => 'known', (error) => error.code));
    else console.log(to, '->', await tunnel(to));
  }
  process.exit();
})();
`;

describe.runIf(canBwrap)('[G18] a task with a list of hosts', () => {
  let bwrap: Bwrap | string = 'not opened';
  let units: Units;
  beforeAll(async () => {
    bwrap = await Bwrap.open(process.env);
    units = openUnits('not asked for', { bwrap });
  });
  afterAll(() => {
    if (typeof bwrap !== 'string') bwrap.close();
  });

  test('reaches what stands in it, by tunnel and by plain HTTP, and nothing else by any way', async () => {
    const b = make({ units });
    const allow = [`localhost:${port}`];
    const tried = [
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `http://localhost:${port}/plain?x=1`,
      `localhost:${otherPort}`,
      `127.0.0.1:${port}`,
      `localhost.evil.example:${port}`,
      `evil-localhost:${port}`,
      `http://127.0.0.1:${otherPort}/`,
      `direct 127.0.0.1:${port}`,
      `direct 192.0.2.1:80`,
      'name example.org',
    ];
    const ended = await b.run({ argv: [process.execPath, '-e', CLIENT, ...tried] }, { network: { allow } });
    expect(ended.end).toEqual({ code: 0 });
    const answers = Object.fromEntries(
      b
        .log(ended)
        .split('\n')
        .flatMap((line) => (line.includes(' -> ') ? [line.split(' -> ')] : [])),
    );
    expect(answers).toEqual({
      [`localhost:${port}`]: 'through: reached GET /page as inner',
      [`LOCALHOST:${port}`]: 'through: reached GET /page as inner',
      [`http://localhost:${port}/plain?x=1`]: `reached GET /plain?x=1 as localhost:${port}`,
      [`localhost:${otherPort}`]: expect.stringContaining('stopped: gate-run: localhost'),
      [`127.0.0.1:${port}`]: expect.stringContaining('stopped: gate-run: 127.0.0.1'),
      [`localhost.evil.example:${port}`]: expect.stringContaining(
        'stopped: gate-run: localhost.evil.example',
      ),
      [`evil-localhost:${port}`]: expect.stringContaining('stopped: gate-run: evil-localhost'),
      [`http://127.0.0.1:${otherPort}/`]: expect.stringContaining('is not among'),
      [`direct 127.0.0.1:${port}`]: 'ECONNREFUSED',
      [`direct 192.0.2.1:80`]: 'ENETUNREACH',
      'name example.org': expect.stringMatching(/^E/),
    });
    expect(ended.refused).toEqual([
      `localhost:${otherPort}`,
      `127.0.0.1:${port}`,
      `localhost.evil.example:${port}`,
      `evil-localhost:${port}`,
      `127.0.0.1:${otherPort}`,
    ]);
  });

  test('a rung tells whom it was kept from reaching as well, each once', async () => {
    const ask = `const s = require('net').connect(3128, '127.0.0.1', () => s.write('CONNECT there.example:443 HTTP/1.1\\r\\n\\r\\n')); s.resume()`;
    const script = `"${process.execPath}" -e "${ask}" && ${TENFOLD}`;
    const isolation = { layer: 'bwrap', fallback: false } as const;
    const order = { network: { allow: ['localhost:1'] }, isolation };
    const ended = await runRung(make({ units }), { script, planned: 2, order });
    expect(ended.sims).toMatchObject({ done: 2 });
    expect(ended.refused).toEqual(['there.example:443']);
  });

  test('keeps its exit code, its TERM and its group; the relay is nobody that it leaves behind', async () => {
    const b = make({ units });
    const network = { allow: ['localhost:1'] };
    const plain = await b.run('exit 7', { network });
    expect(plain.end).toEqual({ code: 7 });
    expect(plain.leftBehind).toBeUndefined();
    const order = b.start(`trap 'echo GOT-TERM; exit 9' TERM; echo up; while :; do sleep 0.02; done`, {
      network,
      killAfterMs: 5_000,
    });
    for (let looks = 0; looks < 200 && !b.log(order).includes('up'); looks++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    b.processes.signal(order.ref, 'TERM');
    const ended = await b.fact('attempt.ended', ({ task }) => task === order.ref.task);
    expect(ended.end).toEqual({ code: 9 });
    expect(b.log(order)).toContain('GOT-TERM');
  });
});

describe('the gatekeeper', () => {
  test.each([
    ['example.org:443', { host: 'example.org', port: 443 }],
    ['EXAMPLE.org:443', { host: 'example.org', port: 443 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
    ['[0:0:0:0:0:0:0:1]:8080', { host: '::1', port: 8080 }],
    ['[1::2::3]:8080', undefined],
    ['example.org', undefined],
    ['example.org:0', undefined],
    ['example.org:65536', undefined],
    ['example.org:443 ', undefined],
    ['user@example.org:443', undefined],
    ['::1:443', undefined],
    ['example.org:443:80', undefined],
    ['', undefined],
  ])('reads %j as a target or not at all', (written, target) => {
    expect(targetOf(written)).toEqual(target);
  });

  test('is no trouble where its socket cannot be removed: a task can see to that', async () => {
    const folder = await asPlainUser(async () => {
      const gate = new Gatekeeper([]);
      const made = dirname(gate.socket);
      chmodSync(made, 0);
      gate.close();
      return made;
    });
    expect(existsSync(folder)).toBe(true);
    removeTree(folder);
  });

  test('names the first that it refused, and no more, however many there are', async () => {
    const gate = new Gatekeeper([]);
    for (let nth = 0; nth < 20; nth++) {
      await new Promise<void>((resolve) => {
        const socket = connect(gate.socket, () => socket.write(`CONNECT h${nth}:1 HTTP/1.1\r\n\r\n`));
        socket.on('close', () => resolve()).resume();
      });
    }
    expect(gate.refused()).toHaveLength(8);
    gate.close();
  });

  test('gives a slow reader of a tunnel all that the other end has said', async () => {
    const BYTES = 3_000_000;
    const far = createTcp((socket) => socket.resume().end(Buffer.alloc(BYTES, 'x')));
    const to = `127.0.0.1:${await listening(far)}`;
    const gate = new Gatekeeper([to]);
    const heard = await new Promise<number>((resolve) => {
      let bytes = 0;
      const socket = connect(gate.socket, () => socket.write(`CONNECT ${to} HTTP/1.1\r\n\r\n`));
      socket.on('data', (piece) => {
        bytes += piece.length;
        socket.pause();
        setTimeout(() => socket.resume(), 20);
      });
      socket.on('close', () => resolve(bytes));
    });
    expect(heard).toBe(BYTES + 'HTTP/1.1 200 Connection Established\r\n\r\n'.length);
    gate.close();
    far.close();
  });

  test.each([
    ['has no status that there is', 'HTTP/1.1 042 odd\r\n\r\n', 'an answer with the status 42'],
    ['breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 'half'],
    ['is none', 'hello\r\n\r\n', 'HTTP/1.1 502'],
  ])('passes on that an answer %s, and goes on', async (_, answer, told) => {
    const far = createTcp((socket) => socket.once('data', () => socket.end(answer)).on('error', () => {}));
    const to = `127.0.0.1:${await listening(far)}`;
    const gate = new Gatekeeper([to]);
    for (let nth = 0; nth < 2; nth += 1) {
      const heard = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(gate.socket, () => {
          socket.write(`GET http://${to}/ HTTP/1.1\r\nHost: there\r\nConnection: close\r\n\r\n`);
        });
        socket.on('data', (piece) => (text += piece.toString()));
        socket.on('close', () => resolve(text));
      });
      expect(heard).toContain(told);
    }
    gate.close();
    far.close();
  });
});
