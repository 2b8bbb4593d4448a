// What is proved, by which command, and for which promise: data. Whatever a command prints behind `figure: ` is its figure.

import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Proof {
  readonly name: string;
  readonly what: string;
  /** Those of `PROMISES` that it stands for; none: it stands for all that the repository says. */
  readonly promises: readonly string[];
  readonly command: (seed: number) => readonly string[];
  /** How large the proof is, where its command reads that from the environment. */
  readonly env?: (seed: number) => Readonly<Record<string, string>>;
}

/** In the order in which people read them. */
export const PROMISES: Readonly<Record<string, string>> = {
  G1: 'After a task ends, for whatever reason, nothing of it is left; a process group says what it cannot hold',
  G2: 'A forced end is bounded: TERM, grace, KILL',
  G3: 'A request to stop reaches whoever does the work, in every layer',
  G4: 'If gate-run dies, the next start removes what it left running before anything new is started',
  G5: 'A recorded event survives `kill -9` and, once something leans on it, a power cut',
  G6: 'The ledger only grows: no stored byte changes but a torn tail, which is kept aside',
  G7: 'Each attempt starts once and ends once, also after a crash',
  G8: 'No task is silently run twice: a start says which attempts were cut off',
  G9: 'One run a state directory; a dead owner needs no person, a living one is never pushed aside',
  G10: '`--replace` hands over: the old run ends its tasks, then the new one starts, never both',
  G11: 'A stop is honoured before the next task, and at once where it says `now`',
  G12: 'Out of memory, limits of heap, CPU time and file size, kills, timeouts, stalls, stops and failures are told apart; the counter of the kernel beats every code',
  G13: 'A full or read-only disk ends the run with 8, hangs nothing, passes nothing, and is recovered from',
  G14: 'Durations do not follow the wall clock; a standstill is recorded',
  G15: 'Backoff is exact, capped, drawn by seed, and reset by a passing cycle alone',
  G16: 'No secret reaches a log, the ledger, a report, a screen or any other sink, wherever chunks of output end',
  G17: 'Output of any size neither grows gate-run nor slows its command; nothing is lost below the bound, and above it head and tail are kept and the cut is marked',
  G18: 'A list of hosts lets nobody else be reached, and nothing is started without a layer or a limit that it asks for by name',
  G19: 'A gate never passes by accident',
  G20: 'A backup taken while a run is writing restores to a state that verifies; a newer state is never overwritten unasked',
  W7: '`status` and a start cost at most three times an empty Node, however many cycles lie behind them',
  W8: 'A run of 100,000 cycles does not grow, and a cycle costs at most 1.5 ms beyond its spawn',
};

export const PROOFS: readonly Proof[] = [
  {
    name: 'tests',
    what: 'every test of the repository',
    promises: [],
    command: () => ['vitest', 'run'],
  },
  {
    name: 'simulations',
    what: '100,000 seeds of random loops, each with a random half of all troubles, held to a model',
    promises: ['G5', 'G6', 'G7', 'G8', 'G15', 'G19'],
    command: (seed) => [process.execPath, 'scripts/simulate.ts', '--seeds', '100000', '--from', String(seed)],
  },
  {
    name: 'early stopping',
    what: '150 kinds of rungs, 10,000 of each: what ends a rung early agrees with the full decision',
    promises: ['G19'],
    command: (seed) => [process.execPath, 'bench/early-stopping.ts', '--seed', String(seed + 1)],
  },
  {
    name: 'kills',
    what: 'the built command, ended by SIGKILL at 500 moments, goes on from its ledger',
    promises: ['G4', 'G5', 'G6', 'G7'],
    command: () => ['vitest', 'run', 'tests/end-to-end/kill.test.ts'],
    env: (seed) => ({ PROVE_KILLS: '500', PROVE_SEED: String(seed) }),
  },
  {
    name: 'loop kills',
    what: 'continuous runs, ended by SIGKILL at 500 moments, are carried on to the end of their budget',
    promises: ['G4', 'G5', 'G6', 'G7', 'G8'],
    command: () => ['vitest', 'run', 'tests/end-to-end/kill-loop.test.ts'],
    env: (seed) => ({ PROVE_KILLS: '500', PROVE_SEED: String(seed) }),
  },
  {
    name: 'champion kills',
    what: 'a search, ended by SIGKILL at 100 moments while files of a champion are kept: the old one or the new one, whole',
    promises: ['G5'],
    command: () => ['vitest', 'run', 'tests/end-to-end/champion.test.ts'],
    env: (seed) => ({ PROVE_KILLS: '100', PROVE_SEED: String(seed) }),
  },
  {
    name: 'survivors',
    what: 'nine kinds of descendants, by each end of a task and of gate-run, in each layer, 100 rounds; 60 looks for each',
    promises: ['G1', 'G2', 'G4'],
    command: () => ['vitest', 'run', 'tests/end-to-end/survivors.test.ts'],
    env: () => ({ PROVE_SURVIVORS: '100' }),
  },
  {
    name: 'locks',
    what: '1,000 races of 32 starters for one lock, a third of the winners killed',
    promises: ['G9'],
    command: () => ['vitest', 'run', 'tests/contract/lock-race.test.ts'],
    env: () => ({ PROVE_LOCK_ROUNDS: '1000' }),
  },
  {
    name: 'handovers',
    what: '500 starts that replace one another at random moments, some holders killed, and holders that cannot be asked',
    promises: ['G10'],
    command: () => ['vitest', 'run', 'tests/end-to-end/replace.test.ts'],
    env: () => ({ PROVE_HANDOVERS: '500' }),
  },
  {
    name: 'signals',
    what: 'TERM to work behind shells, npm and another gate-run, in each layer and from the surroundings of cron and systemd',
    promises: ['G3'],
    command: () => named('G3', 'tests/end-to-end/signals.test.ts'),
  },
  {
    name: 'closed doors',
    what: 'ways round a list of hosts and a network that is taken away; layers and limits that cannot be had',
    promises: ['G18'],
    command: () => named('G18'),
  },
  {
    name: 'a plain user',
    what: 'the ends, descendants, signals, limits and closed doors that somebody can have who is not root',
    promises: ['G1', 'G2', 'G3', 'G4', 'G18'],
    command: () => [...AS_NOBODY, 'vitest', 'run', '--configLoader', 'native', ...OF_PLAIN_USERS],
    env: () => ({ HOME: tmpdir(), PROVE_SURVIVORS: '5' }),
  },
  {
    name: 'stops',
    what: 'stop files of every kind, and signals once and twice, also under load',
    promises: ['G11'],
    command: () => named('G11', 'tests/end-to-end/faults-stop.test.ts'),
  },
  {
    name: 'full disks',
    what: 'real small disks that run full or turn read-only, also in the middle of a run',
    promises: ['G13', 'G19'],
    command: () => named('G13', 'tests/end-to-end/disk.test.ts'),
  },
  {
    name: 'clocks',
    what: 'wall clocks that jump, and standstills',
    promises: ['G14'],
    command: () => named('G14'),
  },
  {
    name: 'backoff',
    what: 'pauses on a virtual clock, to the millisecond',
    promises: ['G15'],
    command: () => named('G15'),
  },
  {
    name: 'secrets',
    what: '10,000 texts of values and tokens cut everywhere, and one secret in everything that a loop says',
    promises: ['G16'],
    command: () => [
      'vitest',
      'run',
      'tests/unit/judge/shapes.test.ts',
      'tests/end-to-end/secrets-sinks.test.ts',
    ],
    env: () => ({ PROVE_SPLITS: '5000' }),
  },
  {
    name: 'long logs',
    what: 'a log of 2 GB is kept whole, and gate-run stays below 120 MB',
    promises: ['G17'],
    command: () => ['vitest', 'run', 'tests/end-to-end/hostile-logs.test.ts'],
    env: () => ({ PROVE_LOG_MB: '2000' }),
  },
  {
    name: 'floods',
    what: '2 GiB at full speed, beside the same into a plain file, and floods onto disks that cannot take them',
    promises: ['G13', 'G17'],
    command: () => ['vitest', 'run', 'tests/end-to-end/flood.test.ts'],
    env: () => ({ PROVE_FLOOD_MB: '2048', PROVE_FLOOD_ROUNDS: '3' }),
  },
  {
    name: 'ends',
    what: 'every way in which a task can end, in a real memory cgroup that runs full',
    promises: ['G12'],
    command: () => ['vitest', 'run', 'tests/end-to-end/oom.test.ts'],
  },
  {
    name: 'looks',
    what: 'what a look a second at memory and CPU time costs',
    promises: [],
    command: () => ['vitest', 'run', 'tests/contract/usage.test.ts'],
    env: () => ({ PROVE_LOOKS: '1' }),
  },
  {
    name: 'backups',
    what: '100 backups taken while a run is writing, each restored and verified, and backups and restores ended by SIGKILL',
    promises: ['G20'],
    command: () => ['vitest', 'run', 'tests/end-to-end/backup.test.ts'],
    env: () => ({ PROVE_BACKUPS: '100' }),
  },
  {
    name: 'long ledger',
    what: '`status` and a start behind 1,000,000 cycles, beside `node -e 0` in the same rounds',
    promises: ['W7'],
    command: () => [process.execPath, 'bench/run.ts', '--only', 'W7', '--hold', '--no-write'],
  },
  {
    name: 'endurance',
    what: '100,000 cycles of one gate `true` in one run',
    promises: ['W8'],
    command: () => [process.execPath, 'bench/endurance.ts', '--cycles', '100000'],
  },
  {
    name: 'simulated cycles',
    what: '1,000,000 cycles of the engine alone, in the simulated world',
    promises: ['W8'],
    command: () => [process.execPath, 'bench/endurance.ts', '--simulated', '--cycles', '1000000'],
  },
  {
    name: 'planted bugs',
    what: 'each bug of tests/planted turns its test red',
    promises: ['G19'],
    command: () => [process.execPath, 'scripts/planted.ts'],
  },
  {
    name: 'benchmarks',
    what: 'the workloads in their small size run to the end',
    promises: [],
    command: () => [process.execPath, 'bench/run.ts', '--small', '--no-write'],
  },
];

/** It can write to the folder of a test and nowhere else. */
const AS_NOBODY =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
const OF_PLAIN_USERS = [
  'tests/contract/units.test.ts',
  'tests/contract/bwrap.test.ts',
  'tests/contract/limits.test.ts',
  'tests/contract/network.test.ts',
  'tests/end-to-end/survivors.test.ts',
  'tests/end-to-end/signals.test.ts',
];

/** Every test whose title names the promise, and some whole files. */
function named(promise: string, ...files: readonly string[]): readonly string[] {
  const found = testFiles().filter((file) => readFileSync(file, 'utf8').includes(`[${promise}]`));
  const pattern = files.length === 0 ? ['-t', `\\[${promise}\\]`] : [];
  return ['vitest', 'run', ...new Set([...files, ...found]), ...pattern];
}

function testFiles(): readonly string[] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('tests', name))
    .toSorted();
}
