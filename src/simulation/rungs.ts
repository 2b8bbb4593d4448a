// Rungs whose simulations are none: each seed says what it is told to say, in no time, and the book, the file and the evidence are the real ones.

import { crc32 } from '../core/crc32.ts';
import type { SeedOutcome } from '../core/judge/line.ts';
import { watchRung } from '../core/judge/rung-watch.ts';
import { Rung } from '../core/judge/rung.ts';
import { readValues, valuesText } from '../core/judge/sims-file.ts';
import type { SimsEvidence } from '../core/judge/sims.ts';
import type { SimsOrder } from '../core/plan/sims-order.ts';
import type { Disk } from '../ports.ts';

type Known = ReadonlyMap<number, SeedOutcome>;

export interface RungPlay {
  readonly sims: SimsOrder;
  readonly outcomeOf: (seed: number) => SeedOutcome;
  /** How many seeds it comes to before it is cut off. */
  readonly most: number;
}

const encoder = new TextEncoder();

export class Rungs {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** The evidence, or why the values could not be kept. */
  play({ sims, outcomeOf, most }: RungPlay): SimsEvidence | { readonly storage: string } {
    const { confidence, file, isTop } = sims;
    const known = this.#known(sims);
    const watch = confidence === undefined ? undefined : watchRung({ ...sims, confidence });
    const rung = new Rung({ ...sims, endsAbove: !isTop, known, watch });
    for (let ran = 0; ran < most && rung.end() === undefined; ran += 1) {
      const [seed] = rung.take(1);
      if (seed === undefined) break;
      if (known.has(seed)) throw new Error(`bug: seed ${seed} of ${file} was run twice`);
      const outcome = outcomeOf(seed);
      rung.settle(seed, outcome, 'failed' in outcome ? ['exit'] : []);
    }
    return this.#keep(rung, file);
  }

  #known({ file, fileCrc, isRetry }: SimsOrder): Known {
    const known = readBack(this.#disk, file, fileCrc);
    return isRetry ? new Map([...known].filter(([, outcome]) => 'values' in outcome)) : known;
  }

  #keep(rung: Rung, file: string): SimsEvidence | { readonly storage: string } {
    const known = rung.known();
    if (known.size === 0) return rung.evidence();
    const bytes = encoder.encode(valuesText(known));
    const failure = this.#disk.replace(file, bytes, false);
    if (failure) return { storage: failure.failed };
    return { ...rung.evidence(), values: { file: file.slice(file.lastIndexOf('/') + 1), crc: crcOf(bytes) } };
  }
}

function readBack(disk: Disk, file: string, crc: string | undefined): Known {
  const bytes = crc === undefined ? undefined : disk.read(file);
  if (!(bytes instanceof Uint8Array) || crcOf(bytes) !== crc) return new Map();
  return readValues(new TextDecoder().decode(bytes)) ?? new Map();
}

function crcOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
