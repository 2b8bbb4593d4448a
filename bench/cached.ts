// W4: nothing has changed. 60 gates, each over all of 2,000 files and 20 MB, are answered; what else there is keeps its own cache.

import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maker, type Contestant, type Setting } from './contestants.ts';
import type { Workload } from './workloads.ts';

const GATES = 60;
const FILES = 2_000;
const FILE_BYTES = 10_000;
/** Long before any clock of this machine: what is young is read again each time, and that is not what is measured here. */
const OLD_S = 1_600_000_000;

export function nothingChanged(setting: Setting): Workload {
  const files = setting.isSmall ? FILES / 10 : FILES;
  const ids = Array.from({ length: GATES }, (_, i) => `g${i}`);
  const gates = ids.map((id) => ({
    id,
    run: 'true',
    needs: [],
    keys: { inputs: ['src/**'], cache: true },
  }));
  const make = maker(setting, 'W4', gates, 2);
  const answered = make.gateRun({}).map((one): Contestant => {
    writeFiles(join(one.command.cwd, 'src'), files);
    const { prepare: _, ...kept } = one;
    return { ...kept, check: () => notAnswered(one.command.cwd) };
  });
  const cold = answered.map((one): Contestant => {
    const index = join(one.command.cwd, '.gate-run/cache/index');
    return { ...one, name: 'gate-run, all hashed', prepare: () => rmSync(index, { force: true }) };
  });
  const turbo = make.turbo(2, { cache: true }).map((one) => {
    // Turbo knows no files that several packages share: each has its part of them.
    for (const [nth, id] of ids.entries()) {
      const from = Math.floor((nth * files) / GATES);
      writeFiles(
        join(one.command.cwd, 'packages', id, 'src'),
        Math.floor(((nth + 1) * files) / GATES) - from,
      );
    }
    return one;
  });
  return {
    id: 'W4',
    title: `nothing changed: ${GATES} cached gates over ${files} files, ${(files * FILE_BYTES) / 1e6} MB`,
    rounds: setting.isSmall ? 5 : 21,
    floor: { name: 'node -e 0', command: make.command([process.execPath, '-e', '0']), every: 1 },
    others: [...answered, ...cold, ...turbo],
    targets: [{ contestant: 'gate-run', ratio: 1.8, rssMb: undefined }],
  };
}

/** A hundred a folder, as source trees are. */
function writeFiles(folder: string, count: number): void {
  for (let nth = 0; nth < count; nth += 1) {
    const home = join(folder, `part${Math.floor(nth / 100)}`);
    if (nth % 100 === 0) mkdirSync(home, { recursive: true });
    const path = join(home, `file${nth}.txt`);
    writeFileSync(path, `${folder} ${nth}\n`.padEnd(FILE_BYTES, 'x'));
    utimesSync(path, OLD_S, OLD_S);
  }
}

/** What ran was not measured as an answer; the round that warms up has nothing to be answered with. */
function notAnswered(home: string): string | undefined {
  const ended = readFileSync(join(home, '.gate-run/history.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"cycle.ended"'));
  const answers = ended.at(-1)?.split('"cached":{').length ?? 1;
  return ended.length === 1 || answers - 1 === GATES
    ? undefined
    : `${answers - 1} of ${GATES} gates were answered`;
}
