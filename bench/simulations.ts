// W6: a thousand simulations of 2 ms, two at once, by each way that gate-run has to run them.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maker, type Contestant, type Setting } from './contestants.ts';
import type { Workload } from './workloads.ts';

const SIMULATIONS = 1_000;
const BATCH = 10;
const JOBS = 2;

const WAYS = {
  seed: { args: ['simulate', '{{seed}}', '1'], target: { ratio: 1.1, cpuRatio: 1.05 } },
  batch: { args: ['simulate', '{{seed}}', '{{count}}'], target: { ratio: 0.8 } },
  worker: { args: ['answer'], target: { ratio: 0.8 } },
} as const;

const nameOf = (per: string): string => `gate-run, per: ${per}`;

export function simulations(setting: Setting): Workload {
  const count = setting.isSmall ? SIMULATIONS / 10 : SIMULATIONS;
  const { floor } = setting.bench;
  const make = maker(setting, 'W6', [], JOBS);
  const ways = Object.entries(WAYS).flatMap(([per, { args }]) =>
    gateRun(setting, per, [...floor, ...args], count),
  );
  const xargs = (many: number): string =>
    `seq 0 ${many} ${count - 1} | xargs -P ${JOBS} -I{} ${floor.join(' ')} simulate {} ${many}`;
  return {
    id: 'W6',
    title: `${count} simulations of 2 ms, ${JOBS} at once`,
    rounds: setting.isSmall ? 3 : 11,
    floor: make.floor(['many', String(count), String(JOBS), ...floor, 'simulate', '7', '1']),
    others: [
      ...ways,
      ...make.xargs(xargs(1)),
      ...make.xargs(xargs(BATCH)).map((one) => ({ ...one, name: `xargs, ${BATCH} a process` })),
    ],
    targets: Object.entries(WAYS).map(([per, { target }]) => ({
      contestant: nameOf(per),
      rssMb: undefined,
      ...target,
    })),
  };
}

function gateRun(
  setting: Setting,
  per: string,
  run: readonly string[],
  count: number,
): readonly Contestant[] {
  const keys = {
    run,
    per,
    ...(per === 'batch' && { seeds: { batch: BATCH } }),
    metrics: { edge: { better: 'higher' } },
    stages: [{ count }],
  };
  const make = maker(setting, `W6-${per}`, [{ id: 'sims', run: '', needs: [], keys }], JOBS);
  return make.gateRun({}).map((one) => ({
    ...one,
    name: nameOf(per),
    check: () => missing(one.command.cwd, count),
  }));
}

/** Fast because it ran less is not fast. */
function missing(home: string, count: number): string | undefined {
  const [file] = globSync('.gate-run/cycles/*/all.sims.sims.jsonl', { cwd: home });
  const values = file === undefined ? [] : readFileSync(join(home, file), 'utf8').match(/"edge":/g);
  const kept = values?.length ?? 0;
  return kept === count ? undefined : `${kept} of ${count} simulations gave a value`;
}
