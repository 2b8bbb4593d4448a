// The way out of a namespace without a network: a port of its loopback, and behind it the socket of gate-run's gatekeeper. A script of its
// own, because it runs inside, and the gatekeeper outside.

/** Nobody else is there to take it. */
export const RELAY_PORT = 3128;

/** `node -e SCRIPT SOCKET PORT`: says `ready` on descriptor 5 once it listens, and closes that. It hears no wish to stop, since the command may want the network for its end. */
export const RELAY: string = String.raw`
const net = require('node:net');
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) process.on(name, () => {});
const [, socket, port] = process.argv;
const server = net.createServer({ allowHalfOpen: true }, (near) => {
  const far = net.connect({ path: socket, allowHalfOpen: true });
  const end = () => { near.destroy(); far.destroy(); };
  near.on('error', end).pipe(far).on('error', end).pipe(near);
});
server.listen(Number(port), '127.0.0.1', () => {
  const fs = require('node:fs');
  fs.writeSync(5, 'ready');
  fs.closeSync(5);
});
`;

/** What programs look at to find a proxy; the last is Node's own. See curl(1), https://nodejs.org/api/cli.html#node_use_env_proxy1. */
export function proxyVariables(): Readonly<Record<string, string>> {
  const url = `http://127.0.0.1:${RELAY_PORT}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  const own = 'localhost,127.0.0.1,::1';
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    NO_PROXY: own,
    no_proxy: own,
    NODE_USE_ENV_PROXY: '1',
  };
}
