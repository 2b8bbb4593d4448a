// A continuous run of no-op cycles by the built command, watched from outside: memory, heap, time a cycle, and what a
// bare spawn and a bare sync cost on the same machine in the same minutes. It judges nothing.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openFloor, type Floor } from './floor.ts';

export interface Sample {
  readonly cycle: number;
  readonly rssMb: number;
}

/** A stretch of the run, and what its cycles took. */
export interface Stretch {
  readonly cycle: number;
  readonly cycleMs: number;
  /** Of a plain Node process that only starts `true`, measured while the run stood still. */
  readonly spawnMs: number;
  /** An append and its fdatasync beside the ledger. */
  readonly syncMs: number;
}

/** What was still there after a full collection. */
export interface Collection {
  readonly cycle: number;
  readonly heapMb: number;
}

export interface Endured {
  readonly cycles: number;
  readonly exit: number | null;
  readonly said: string;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  readonly stretches: readonly Stretch[];
  readonly collections: readonly Collection[];
}

const BIN = fileURLToPath(new URL('../../bin/gate-run.js', import.meta.url));
const SAMPLE_EVERY_MS = 25;
/** Stretches in a run: the more, the longer it takes. */
const STRETCHES = 100;
const LONGEST_RUN_MS = 60 * 60_000;
const TAIL_BYTES = 8192;

export function configOf(cycles: number): string {
  return `version: 1
name: endurance
loop: { sleep: 0s }
exit: { budget: { cycles: ${cycles} } }
state: { keep: { cycles: 20 } }
# What a layer costs is measured by itself (bench/isolation.ts); this is compared with a bare spawn.
defaults: { isolation: group }
phases:
  check:
    gates:
      nothing: { run: 'true' }
`;
}

export async function endure(
  cycles: number,
  say: (text: string) => void = () => undefined,
): Promise<Endured> {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-endurance-'));
  const floor = openFloor(folder);
  try {
    writeFileSync(join(folder, 'loop.config.yaml'), configOf(cycles));
    return await new Watched(folder, cycles, { floor, say }).untilOver();
  } finally {
    floor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Watched {
  readonly #history: string;
  readonly #cycles: number;
  readonly #floor: Floor;
  readonly #say: (text: string) => void;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #samples: Sample[] = [];
  readonly #stretches: Stretch[] = [];
  readonly #collections: Collection[] = [];
  #said = '';
  #line = '';

  constructor(folder: string, cycles: number, { floor, say }: { floor: Floor; say: (text: string) => void }) {
    this.#history = join(folder, '.gate-run/history.jsonl');
    this.#cycles = cycles;
    this.#floor = floor;
    this.#say = say;
    // `--trace-gc` is the one way to hear of collections without being let into the process.
    this.#child = spawn(process.execPath, ['--trace-gc', BIN, '--continuous', '-q'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
  }

  async untilOver(): Promise<Endured> {
    const from = performance.now();
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), LONGEST_RUN_MS);
    const over = new Promise<number | null>((resolve) => this.#child.once('close', resolve));
    let since = { cycle: 0, at: performance.now() };
    while (this.#child.exitCode === null && this.#child.signalCode === null) {
      await pause(SAMPLE_EVERY_MS);
      const cycle = this.#sample();
      if (cycle - since.cycle < this.#cycles / STRETCHES) continue;
      since = await this.#stretch(since);
    }
    const exit = await over;
    clearTimeout(limit);
    return {
      cycles: this.#cycles,
      exit,
      said: this.#said,
      seconds: (performance.now() - from) / 1000,
      samples: this.#samples,
      stretches: this.#stretches,
      collections: this.#collections,
    };
  }

  /** The run stands still while the floors are measured, so that neither is in the other's way. */
  async #stretch(since: { readonly cycle: number; readonly at: number }): Promise<typeof since> {
    this.#child.kill('SIGSTOP');
    try {
      const cycle = lastCycle(this.#history);
      const cycleMs = (performance.now() - since.at) / Math.max(1, cycle - since.cycle);
      const costs = await this.#floor.measure();
      // The first stretch holds the start of the process.
      if (since.cycle > 0 && cycle > since.cycle) this.#stretches.push({ cycle, cycleMs, ...costs });
      if (this.#stretches.length % 10 === 1)
        this.#say(
          `cycle ${cycle}: ${cycleMs.toFixed(2)} ms, spawn ${costs.spawnMs.toFixed(2)}, sync ${costs.syncMs.toFixed(2)}`,
        );
      return { cycle, at: performance.now() };
    } finally {
      this.#child.kill('SIGCONT');
    }
  }

  #sample(): number {
    const rssMb = residentMb(this.#child.pid ?? 0);
    const cycle = lastCycle(this.#history);
    if (rssMb !== undefined && cycle > 0) this.#samples.push({ cycle, rssMb });
    return cycle;
  }

  #hear(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const heap = /Mark-Compact .*? -> (\d+(?:\.\d+)?) /.exec(line)?.[1];
      if (heap !== undefined)
        this.#collections.push({ cycle: lastCycle(this.#history), heapMb: Number(heap) });
      else if (!line.startsWith('[') && line.trim() !== '') this.#said = line;
    }
  }
}

function residentMb(pid: number): number | undefined {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(
    quietly(() => readFileSync(`/proc/${pid}/status`, 'latin1')) ?? '',
  )?.[1];
  return kb === undefined ? undefined : Number(kb) / 1024;
}

/** Of the last line that names one; 0 before the first, also while a full history is being set aside. */
function lastCycle(history: string): number {
  return (
    quietly(() => {
      const file = openSync(history, 'r');
      try {
        const { size } = fstatSync(file);
        const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
        readSync(file, bytes, 0, bytes.length, size - bytes.length);
        return Number([...bytes.toString('latin1').matchAll(/"cycle":(\d+)/g)].at(-1)?.[1] ?? 0);
      } finally {
        closeSync(file);
      }
    }) ?? 0
  );
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
