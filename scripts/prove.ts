// `npm run prove`: runs every proof at its full size, prints a table, and writes the figures into docs/RELIABILITY.md.
// It proves nothing itself; each proof is a command that ends with 0 only when it holds.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Proof {
  readonly name: string;
  readonly what: string;
  readonly command: (seed: number) => readonly string[];
  /** How large the proof is, where its command reads that from the environment. */
  readonly env?: (seed: number) => Readonly<Record<string, string>>;
}

interface Proved {
  readonly proof: Proof;
  readonly ok: boolean;
  readonly seconds: number;
  /** The last line that the command said. */
  readonly said: string;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const PROOF_LIMIT_MS = 60 * 60_000;
const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;
const BEGIN = '<!-- figures of `npm run prove` -->';
const END = '<!-- end of figures -->';

const PROOFS: readonly Proof[] = [
  {
    name: 'tests',
    what: 'every test of the repository',
    command: () => ['vitest', 'run'],
  },
  {
    name: 'simulations',
    what: '1,000 seeds of random plans with crashes, power losses and full disks',
    command: (seed) => [process.execPath, 'scripts/simulate.ts', '--seeds', '1000', '--from', String(seed)],
  },
  {
    name: 'kills',
    what: 'the built command, ended by SIGKILL at 500 moments, goes on from its ledger',
    command: () => ['vitest', 'run', 'tests/end-to-end/kill.test.ts'],
    env: (seed) => ({ PROVE_KILLS: '500', PROVE_SEED: String(seed) }),
  },
  {
    name: 'locks',
    what: '1,000 races of 32 starters for one lock, a third of the winners killed',
    command: () => ['vitest', 'run', 'tests/contract/lock-race.test.ts'],
    env: () => ({ PROVE_LOCK_ROUNDS: '1000' }),
  },
  {
    name: 'long logs',
    what: 'a log of 2 GB is kept whole, and gate-run stays below 120 MB',
    command: () => ['vitest', 'run', 'tests/end-to-end/hostile-logs.test.ts'],
    env: () => ({ PROVE_LOG_MB: '2000' }),
  },
  {
    name: 'planted bugs',
    what: 'each bug of tests/planted turns its test red',
    command: () => [process.execPath, 'scripts/planted.ts'],
  },
  {
    name: 'benchmarks',
    what: 'the workloads in their small size run to the end',
    command: () => [process.execPath, 'bench/run.ts', '--small', '--no-write'],
  },
];

function main(): number {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '0' }, only: { type: 'string' } },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    console.error(`prove: --seed must be a whole number from 0, not ${values.seed}`);
    return 2;
  }
  const wanted = PROOFS.filter(
    (proof) => values.only === undefined || values.only.split(',').includes(proof.name),
  );
  const results = wanted.map((proof) => prove(proof, seed));
  const holding = results.filter((one) => one.ok).length;
  for (const line of tableOf(results)) console.log(line);
  console.log(`prove: ${holding} of ${results.length} proofs hold`);
  writeFigures(results, seed);
  return results.length > 0 && holding === results.length ? 0 : 1;
}

function prove(proof: Proof, seed: number): Proved {
  const [command = '', ...args] = proof.command(seed);
  console.log(`${proof.name}: ${proof.what}`);
  const from = process.hrtime.bigint();
  const ran = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PROOF_LIMIT_MS,
    maxBuffer: OUTPUT_LIMIT_BYTES,
    env: { ...process.env, ...proof.env?.(seed), NO_COLOR: '1' },
  });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  process.stdout.write(ran.stdout ?? '');
  return { proof, ok: ran.status === 0, seconds, said: ran.error?.message ?? lastLine(ran.stdout) };
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'nothing').trim().replaceAll('|', '/');
}

function tableOf(results: readonly Proved[]): readonly string[] {
  const lines = results.map(
    ({ proof, ok, seconds, said }) =>
      `| ${proof.name} | ${proof.what} | ${ok ? 'holds' : 'FAILS'} | ${seconds.toFixed(0)} s | ${said} |`,
  );
  const left = PROOFS.filter((proof) => results.every((one) => one.proof !== proof));
  const others = left.map(({ name, what }) => `| ${name} | ${what} | not run this time | | |`);
  return ['| proof | what | result | time | its last line |', '|---|---|---|---|---|', ...lines, ...others];
}

/** Replaces what stands between the two marks, or adds the marks at the end; the rest of the page is people's. */
function writeFigures(results: readonly Proved[], seed: number): void {
  const path = join(root, 'docs/RELIABILITY.md');
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '# Reliability\n';
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Linux ${release()}`;
  const date = new Date().toISOString().slice(0, 10);
  const head = `${date}, commit ${commit}, first seed ${seed}, Node ${process.versions.node}, ${machine}.`;
  const figures = [BEGIN, '', head, '', ...tableOf(results), '', END].join('\n');
  const [before, rest] = page.split(BEGIN, 2);
  const after = rest?.split(END, 2)[1] ?? '\n';
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(path, `${(before ?? '').trimEnd()}\n\n${figures}${after}`);
}

process.exitCode = main();
