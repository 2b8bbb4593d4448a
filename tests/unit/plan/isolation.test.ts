import { describe, expect, test } from 'vitest';
import { isolationIn, unseenPath, valuesInside } from '../../../src/core/plan/inside.ts';
import { isolationText } from '../../../src/core/plan/isolation.ts';
import { insidePath, mountsFrom } from '../../../src/core/plan/mounts.ts';
import { complaints, gateOf, oneGate } from './planning.ts';

const HELD = 'layer: container, image: "sand/box:1"';
const PLACE = 'phases.check.gates.a.isolation';

describe('a container', () => {
  test('takes image, engine, mounts and user, with what is known filled in', () => {
    const { isolation } = gateOf(
      `run: x\nisolation: { ${HELD}, engine: podman, mounts: [".:/repo", "/a b:/b/:ro"], user: "1000:1000" }`,
    );
    expect(isolation?.container).toEqual({
      engine: 'podman',
      image: 'sand/box:1',
      mounts: [
        { host: '.', inside: '/repo', isReadOnly: false },
        { host: '/a b', inside: '/b', isReadOnly: true },
      ],
      user: '1000:1000',
    });
    expect(isolation && isolationText(isolation)).toBe(
      'container sand/box:1 by podman with .:/repo, /a b:/b:ro as 1000:1000',
    );
  });

  test.each([
    [
      'isolation: container',
      `${PLACE}: a container without an image (write \`isolation: { layer: container, image: NAME }\`)`,
    ],
    [
      `isolation: { layer: container, image: "--rm" }`,
      `${PLACE}.image: \`--rm\` is no name of an image (such as \`sandbox\`, \`alpine:3.20\`)`,
    ],
    [
      `isolation: { ${HELD}, user: "--privileged" }`,
      `${PLACE}.user: \`--privileged\` is no user (write \`host\`, or such as "1000:1000")`,
    ],
    ...['a', 'a:b', ':/b', '/a:/', '/a:/b:rx', '/a:/b:ro:z'].map((mount) => [
      `isolation: { ${HELD}, mounts: ["${mount}"] }`,
      `${PLACE}.mounts.0: \`${mount}\` is no mount (write \`FROM:TO\` or \`FROM:TO:ro\`: a path of this machine, and an absolute one in the container)`,
    ]),
    [
      `isolation: { ${HELD}, mounts: ["a:/x", "b:/x/"] }`,
      `${PLACE}.mounts.1: \`/x\` is mounted twice (keep one of the two)`,
    ],
    [
      `isolation: { layer: cgroup, image: x }`,
      `${PLACE}.image: \`image\` says nothing in the layer \`cgroup\` (leave it out; or write \`isolation: cgroup\`, which takes nothing from \`defaults\`)`,
    ],
    [
      `isolation: { ${HELD} }\ncache: true\ninputs: [a]`,
      `${PLACE}.layer: a container with \`cache\`, and nothing that tells one state of its image from another (name it: \`versions: ["docker images --quiet --no-trunc IMAGE"]\`, or leave \`cache\` out)`,
    ],
  ])('`%s` is a problem', (keys = '', complaint = '') => {
    expect(complaints(oneGate(`run: x\n${keys}`))).toEqual([complaint]);
  });

  test('for each simulation of a ladder makes no sense', () => {
    const ladder =
      'run: [sim, "{{seed}}"]\nper: seed\nstages: [{ count: 10 }]\nmetrics: { m: { regex: "(?<value>.)" } }';
    expect(complaints(oneGate(`${ladder}\nisolation: { ${HELD} }`))).toEqual([
      `${PLACE}.layer: a container for each of the simulations of \`per: seed\` would take longer than they do (leave \`per\` out, and let one command in the container run them all)`,
    ]);
  });
});

describe('a path in a container', () => {
  const mounts = mountsFrom('/home/x', [
    { host: '.', inside: '/repo', isReadOnly: false },
    { host: 'data/', inside: '/data', isReadOnly: true },
  ]);

  test.each([
    ['/home/x', '/repo'],
    ['/home/x/.gate-run/cycles', '/repo/.gate-run/cycles'],
    ['/home/x/data', '/data'],
    ['/home/x/data/a', '/data/a'],
    ['/home/x/database', '/repo/database'],
    ['/home/xy', undefined],
    ['/', undefined],
  ])('%s is %s by the nearest mount that holds it', (path, inside) => {
    expect(insidePath(mounts, path)).toBe(inside);
  });

  test('the whole machine may be a mount', () => {
    const all = [{ host: '/', inside: '/host', isReadOnly: true }];
    expect([insidePath(all, '/'), insidePath(all, '/etc/x')]).toEqual(['/host', '/host/etc/x']);
  });

  test('is what the command is given; what no mount holds is told', () => {
    const task = gateOf(`run: [x, "{{cycle.dir}}", "{{seed}}"]\nisolation: { ${HELD}, mounts: [".:/repo"] }`);
    const values = (name: string) => (name === 'seed' ? '/home/x/v' : '/home/x/state');
    const inside = valuesInside(task.isolation && isolationIn('/home/x', task.isolation), values);
    expect([inside('cycle.dir'), inside('tasks.b.log'), inside('seed')]).toEqual([
      '/repo/state',
      '/repo/state',
      '/home/x/v',
    ]);
    expect(unseenPath(task, { folder: '/home/x', values })).toBeUndefined();
    expect(unseenPath(task, { folder: '/home/y', values })).toBe(
      'no mount of its container holds `{{cycle.dir}}`, which is /home/x/state',
    );
  });
});

describe('what a namespace takes away', () => {
  const at = 'phases.check.gates.a.isolation';
  const told = (isolation: string) => complaints(oneGate(`run: x\nisolation: ${isolation}`));

  test('is what is asked for, and `plan` says it', () => {
    const { isolation } = gateOf(
      'run: x\nisolation: { layer: bwrap, root: read-only, writable: [out, /var/x], tmp: private }',
    );
    expect(isolation).toEqual({
      layer: 'bwrap',
      fallback: false,
      sandbox: { isReadOnly: true, writable: ['out', '/var/x'], hasOwnTmp: true },
    });
    expect(isolation && isolationText(isolation)).toBe(
      'bwrap read-only but for out, /var/x, a /tmp of its own',
    );
    expect(isolation && isolationIn('/home/x', isolation).sandbox?.writable).toEqual([
      '/home/x/out',
      '/var/x',
    ]);
  });

  test.each([
    [
      '{ layer: cgroup, tmp: private }',
      `${at}.tmp: \`tmp\` says nothing in the layer \`cgroup\` (write \`layer: bwrap\`)`,
    ],
    [
      '{ layer: bwrap, root: read-only, fallback: true }',
      `${at}.root: a weaker layer takes nothing away, and \`fallback: true\` lets a task have one (leave \`fallback\` out: where the layer cannot be had, nothing is started then)`,
    ],
    [
      '{ layer: bwrap, writable: [out] }',
      `${at}.writable: \`writable\` says nothing where everything can be written (add \`root: read-only\`)`,
    ],
    ['{ layer: bwrap, root: read-only, writable: [" "] }', `${at}.writable.0: an empty path`],
  ])('cannot be %s', (isolation, complaint) => {
    expect(told(isolation)).toEqual([complaint]);
  });
});

describe('a network', () => {
  const at = 'phases.check.gates.a.network';
  const box = (network: string) => oneGate(`run: x\nisolation: { ${HELD} }\nnetwork: ${network}`);

  test.each([
    ['full', 'full'],
    ['none', 'none'],
    ['{ name: sandbox-net }', { name: 'sandbox-net' }],
  ])('of a container may be %s', (written, network) => {
    expect(gateOf(`run: x\nisolation: { ${HELD} }\nnetwork: ${written}`).network).toEqual(network);
  });

  test.each([
    [
      '{ name: host }',
      `${at}.name: \`host\` is no name of a network (one that was made: \`docker network create sandbox-net\`; without any network write \`network: none\`)`,
    ],
    [
      '{ name: "container:x" }',
      `${at}.name: \`container:x\` is no name of a network (one that was made: \`docker network create sandbox-net\`; without any network write \`network: none\`)`,
    ],
    [
      '{ allow: ["a:443"] }',
      `${at}.allow: a container with \`allow\`: its engine knows networks, and no hosts (write \`network: { name: … }\` for a network that lets nothing else through, or \`none\`)`,
    ],
    ['{}', `${at}: a network that is neither named nor told whom it allows (write \`network: { name: … }\`)`],
  ])('of a container may not be %s', (written, complaint) => {
    expect(complaints(box(written))).toEqual([complaint]);
  });

  test('[G18] a list of hosts takes a namespace, by name; what it holds is compared in lower case, once', () => {
    const { network, isolation } = gateOf(
      'run: x\nnetwork: { allow: ["Api.Example.org:443", "api.example.org:443", "10.0.0.1:80", "[0:0:0::1]:8080", "[::1]:08080"] }',
    );
    expect(network).toEqual({ allow: ['api.example.org:443', '10.0.0.1:80', '::1:8080'] });
    expect(isolation).toEqual({ layer: 'bwrap', fallback: false });
  });

  test.each([
    ['example.org', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['example.org:0', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['example.org:65536', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['https://example.org:443', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['::1:443', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['[1::2::3]:443', 'such as `api.example.org:443` or `[::1]:8080`'],
    ['*.example.org:443', 'name each host: there are no wildcards'],
  ])('[G18] %s is no entry of a list', (entry, mend) => {
    expect(complaints(oneGate(`run: x\nnetwork: { allow: ["${entry}"] }`))).toEqual([
      `${at}.allow.0: \`${entry}\` is no \`host:port\` (${mend})`,
    ]);
  });

  test('[G18] an empty list, and a list in a layer that takes the network from nobody, are problems', () => {
    expect(complaints(oneGate('run: x\nnetwork: { allow: [] }'))).toEqual([
      `${at}.allow: an empty list lets nothing through (write \`network: none\`, or name a host: \`[example.org:443]\`)`,
    ]);
    expect(complaints(oneGate('run: x\nisolation: cgroup\nnetwork: { allow: ["a:1"] }'))).toHaveLength(1);
    expect(complaints(oneGate('run: x\nnetwork: { name: net }'))).toEqual([
      `${at}: a network by its name is a matter of containers, and this task has none (write \`isolation: { layer: container, … }\`; or \`network: { allow: [host:443] }\`, \`none\` or \`full\`)`,
    ]);
  });

  test('may be left as it is everywhere', () => {
    expect(gateOf('run: x\nnetwork: full').network).toBe('full');
  });

  test('[G18] none at all takes a namespace, by name', () => {
    const { network, isolation } = gateOf('run: x\nnetwork: none');
    expect({ network, isolation }).toEqual({
      network: 'none',
      isolation: { layer: 'bwrap', fallback: false },
    });
    expect(gateOf('run: x\nisolation: bwrap\nnetwork: none').network).toBe('none');
  });

  test.each(['group', 'cgroup'])('[G18] no layer but those may be without one: %s', (layer) => {
    expect(complaints(oneGate(`run: x\nisolation: ${layer}\nnetwork: none`))).toEqual([
      `${at}: the layer \`${layer}\` takes the network from nobody (leave \`isolation\` out, or write \`isolation: bwrap\`)`,
    ]);
  });

  test.each(['layer: bwrap', HELD])('[G18] no weaker layer may stand in: %s', (layer) => {
    expect(complaints(oneGate(`run: x\nisolation: { ${layer}, fallback: true }\nnetwork: none`))).toEqual([
      `${at}: a weaker layer may let a task reach everybody, and \`fallback: true\` lets it have one (leave \`fallback\` out: where the layer cannot be had, nothing is started then)`,
    ]);
  });
});
