// `gate-run logs --follow`: everything that the tasks of a run print, as they print it, until the run has ended.

import { cycleFolder } from '../core/loop/names.ts';
import { TURNS } from '../core/loop/words.ts';
import { realDisk } from '../system/files.ts';
import { whileRunning } from './follow.ts';
import { pour, startOf, type Decoder } from './pour.ts';
import type { CommandRequest } from './request.ts';
import type { State } from './state.ts';

/** What was printed already is shown so far back. */
const USUAL_TAIL = 10;
/** Cycles that may end between two looks; of a run that is quicker than that, the newest are shown. */
const MOST_CYCLES = 100;

export async function followRun(
  request: CommandRequest,
  first: State,
  tail: number = USUAL_TAIL,
): Promise<number> {
  const logs = new Logs(request);
  const { cycle } = first.progress;
  // Before the first look nothing was missed, but what is there already is mostly old.
  for (const path of logsOf(first, cycle)) logs.skip(path, startOf(path, tail));
  let from = cycle;
  return whileRunning(request, first, (state) => {
    const to = state.progress.cycle;
    if (to - from > MOST_CYCLES) {
      request.write(`==> ${to - from - MOST_CYCLES} cycles were too quick to be shown <==\n`);
      from = to - MOST_CYCLES;
    }
    const paths: string[] = [];
    for (let at = from; at <= to; at += 1) paths.push(...logsOf(state, at));
    logs.show(paths);
    from = to;
  });
}

/** Of every attempt of a cycle that has printed something. */
function logsOf({ paths }: State, cycle: number): readonly string[] {
  return TURNS.flatMap((turn) => {
    const folder = `${paths.cycles}/${cycleFolder(cycle, turn)}`;
    const names = realDisk()
      .list(folder)
      .filter((name) => name.endsWith('.log'));
    return names.map((name) => `${folder}/${name}`);
  });
}

/** How far each file was shown, and whose words were the last ones. */
class Logs {
  readonly #request: CommandRequest;
  #shown: ReadonlyMap<string, Shown> = new Map();
  #last: string | undefined;

  constructor(request: CommandRequest) {
    this.#request = request;
  }

  skip(path: string, at: number): void {
    this.#shown = new Map([...this.#shown, [path, { at, decoder: new TextDecoder() }]]);
  }

  /** What is not among the paths any more is forgotten. */
  show(paths: readonly string[]): void {
    const known = this.#shown;
    this.#shown = new Map(paths.map((path) => [path, this.#showOne(path, known.get(path))]));
  }

  #showOne(path: string, known: Shown = { at: 0, decoder: new TextDecoder() }): Shown {
    if ((realDisk().size(path) ?? 0) <= known.at) return known;
    if (this.#last !== path) this.#request.write(`==> ${named(path)} <==\n`);
    this.#last = path;
    return { ...known, at: pour(this.#request, path, known.at, known.decoder) };
  }
}

interface Shown {
  readonly at: number;
  readonly decoder: Decoder;
}

/** `000041/check.test.1.log`. */
function named(path: string): string {
  return path.split('/').slice(-2).join('/');
}
