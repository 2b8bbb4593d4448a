// The workloads, their targets, and how each contestant is asked to do the same work. It measures nothing.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { nothingChanged } from './cached.ts';
import { writeLongLedger } from './long-ledger.ts';
import { maker, type Contestant, type Setting } from './contestants.ts';
import { simulations } from './simulations.ts';

export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly rounds: number;
  readonly floor: Contestant;
  readonly others: readonly Contestant[];
  readonly targets: readonly Target[];
}

export interface Target {
  readonly contestant: string;
  readonly ratio: number;
  /** Of CPU time. */
  readonly cpuRatio?: number;
  readonly rssMb: number | undefined;
}

const LARGE_OUTPUT_BYTES = 500_000_000;
const SMALL_OUTPUT_BYTES = 50_000_000;
const SECRETS = 8;

export function workloads(setting: Setting): readonly Workload[] {
  return [
    coldStart(setting),
    manyGates(setting),
    layers(setting),
    nothingChanged(setting),
    largeOutput(setting),
    simulations(setting),
    longLedger(setting),
  ];
}

function coldStart(setting: Setting): Workload {
  const gates = [{ id: 'check', run: 'true', needs: [] }];
  const make = maker(setting, 'W1', gates, 1);
  return {
    id: 'W1',
    title: 'cold start, one gate `true`',
    rounds: setting.isSmall ? 9 : 41,
    floor: { name: 'node -e 0', command: make.command([process.execPath, '-e', '0']), every: 1 },
    others: [make.gateRun({}), make.make(), make.lefthook(), make.wireit(), make.turbo(4)].flat(),
    targets: [{ contestant: 'gate-run', ratio: 1.4, rssMb: 50 }],
  };
}

function manyGates(setting: Setting): Workload {
  const count = setting.isSmall ? 200 : 1000;
  const gates = Array.from({ length: count }, (_, i) => ({ id: `g${i}`, run: 'true', needs: [] }));
  const make = maker(setting, 'W2', gates, 2);
  const xargs = `seq ${count} | xargs -P 2 -I{} true`;
  return {
    id: 'W2',
    title: `${count} gates \`true\`, 2 at once`,
    rounds: setting.isSmall ? 5 : 15,
    floor: make.floor(['many', String(count), '2', 'true']),
    others: [make.gateRun({}), make.make(), make.xargs(xargs), make.lefthook(), make.wireit(4)].flat(),
    targets: [{ contestant: 'gate-run', ratio: 2.4, rssMb: 60 }],
  };
}

function layers(setting: Setting): Workload {
  const gates = [0, 1, 2, 3, 4, 5].flatMap((layer) =>
    inLayer(layer).map((id) => ({ id, run: 'sleep 0.02', needs: layer === 0 ? [] : inLayer(layer - 1) })),
  );
  const make = maker(setting, 'W3', gates, 10);
  const one = 'seq 10 | xargs -P 10 -I{} sleep 0.02';
  return {
    id: 'W3',
    title: '60 gates in 6 layers of 10, 20 ms each, 10 at once',
    rounds: setting.isSmall ? 5 : 25,
    floor: make.floor(['layers', '6', '10', '10', 'sleep', '0.02']),
    others: [
      make.gateRun({}),
      make.make(),
      make.xargs(Array(6).fill(one).join('; ')),
      make.wireit(),
      make.turbo(8),
    ].flat(),
    targets: [{ contestant: 'gate-run', ratio: 1.3, rssMb: undefined }],
  };
}

function largeOutput(setting: Setting): Workload {
  const bytes = setting.isSmall ? SMALL_OUTPUT_BYTES : LARGE_OUTPUT_BYTES;
  const print = [...setting.bench.floor, 'print', String(bytes)];
  const make = maker(setting, 'W5', [{ id: 'print', run: print.join(' '), needs: [] }], 1);
  const file = join(make.folder, 'floor.txt');
  const secrets = Array.from({ length: SECRETS }, (_, i) => [
    `BENCH_SECRET_${i}`,
    `secret-value-${i}-of-the-bench`,
  ]);
  const redacted = maker(setting, 'W5-redacted', [{ id: 'print', run: print.join(' '), needs: [] }], 1);
  return {
    id: 'W5',
    title: `one gate prints ${bytes / 1e6} MB`,
    rounds: setting.isSmall ? 3 : 9,
    floor: {
      ...make.shell(`${print.join(' ')} > ${file}`),
      name: '> file',
      prepare: () => rmSync(file, { force: true }),
    },
    others: [
      make.gateRun({ keptBytes: bytes }),
      redacted
        .gateRun({
          keptBytes: bytes,
          // Passed on by name: what is only named under `redact` never reaches the task, and nothing is sought.
          config: {
            redact: ['BENCH_SECRET_*'],
            defaults: { env: { pass: ['PATH', 'HOME', 'BENCH_SECRET_*'] } },
          },
          env: Object.fromEntries(secrets),
        })
        .map((one) => ({ ...one, name: 'gate-run, 8 secrets' })),
      [
        // Without a second lane make leaves `-O` out and lets the printer write by itself.
        make.make(['-O', '-j2']),
        make.wireit(3),
        setting.isSmall ? [] : make.lefthook(9),
        setting.isSmall ? [] : make.turbo(3),
      ]
        .flat()
        .map((one) => keeping(one, join(make.folder, `${one.name}.txt`))),
    ].flat(),
    targets: [
      { contestant: 'gate-run', ratio: 1.3, rssMb: 52 },
      { contestant: 'gate-run, 8 secrets', ratio: 6, rssMb: undefined },
    ],
  };
}

function longLedger(setting: Setting): Workload {
  const cycles = setting.isSmall ? 20_000 : 1_000_000;
  const make = maker(setting, 'W7', [{ id: 'check', run: 'true', needs: [] }], 1);
  const started = make.gateRun({}).map((one) => {
    writeLongLedger(join(one.command.cwd, '.gate-run'), cycles);
    // Each run but the first finds a past that was folded before; the round that warms up pays for it.
    const { prepare: _, ...kept } = one;
    return { ...kept, name: 'gate-run, a start' };
  });
  const looked = started.map((one): Contestant => {
    const { check: _, ...kept } = one;
    const command = { ...one.command, argv: [...one.command.argv, 'status'] };
    return { ...kept, name: 'gate-run status', command };
  });
  return {
    id: 'W7',
    title: `\`status\` and a start behind ${cycles} cycles`,
    rounds: setting.isSmall ? 5 : 21,
    floor: { name: 'node -e 0', command: make.command([process.execPath, '-e', '0']), every: 1 },
    others: [...started, ...looked],
    targets: [
      { contestant: 'gate-run, a start', ratio: 3, rssMb: undefined },
      { contestant: 'gate-run status', ratio: 3, rssMb: undefined },
    ],
  };
}

function inLayer(layer: number): readonly string[] {
  return Array.from({ length: 10 }, (_, i) => `g${layer}x${i}`);
}

/** Peers keep no log of their own: what they show goes to a file, so that everyone has the same bytes at the end. */
function keeping(one: Contestant, file: string): Contestant {
  const script = `"$@" > ${file}`;
  return { ...one, command: { ...one.command, argv: ['sh', '-c', script, 'sh', ...one.command.argv] } };
}
