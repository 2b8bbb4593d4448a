// `npm run prove`: runs every proof at its full size, and writes its figure behind its name in docs/RELIABILITY.md.
// It proves nothing itself; each proof is a command that ends with 0 only when it holds. `--only kills,locks`, `--seed N`.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figureIn, hasProved, linesOf, pageWith, type Proved } from './prove/page.ts';
import { PROOFS, type Proof } from './prove/proofs.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const PROOF_LIMIT_MS = 120 * 60_000;
const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;

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
  // Before any proof, since some write the course of theirs beside the page.
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const results = wanted.map((proof) => prove(proof, seed));
  const holding = results.filter((one) => one.ok).length;
  for (const line of linesOf(results)) console.log(line);
  console.log(`prove: ${holding} of ${results.length} proofs hold`);
  writeFigures(results, seed, commit);
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
  const output = ran.stdout ?? '';
  process.stdout.write(output);
  const ok = ran.status === 0 && hasProved(output);
  return { proof, ok, seconds, figure: ran.error?.message ?? figureIn(output) };
}

function writeFigures(results: readonly Proved[], seed: number, commit: string): void {
  const path = join(root, 'docs/RELIABILITY.md');
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '# Reliability\n';
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Linux ${release()}, Node ${process.versions.node}`;
  const date = new Date().toISOString().slice(0, 10);
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(path, pageWith(page, results, { date, machine, seed, commit }));
}

process.exitCode = main();
