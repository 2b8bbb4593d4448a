// `gate-run logs --follow`: everything that the tasks of a run print, as they print it, until the run has ended.

import { cycleFolder } from '../core/loop/names.ts';
import { TURNS } from '../core/loop/words.ts';
import type { Secret } from '../core/judge/redact.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { realDisk } from '../system/files.ts';
import { whileRunning } from './follow.ts';
import { pour, startOf, type Tail } from './pour.ts';
import type { CommandRequest } from './request.ts';
import { goneOn, shownFrom, type Reading } from './shown-text.ts';
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
  const logs = new Logs(request, first.plan ? hiddenBy(first.plan, request.env).secrets : []);
  const { cycle } = first.progress;
  // Before the first look nothing was missed, but what is there already is mostly old.
  for (const path of logsOf(first, cycle)) logs.skip(path, startOf(path, tail));
  let from = cycle;
  const code = await whileRunning(request, first, (state) => {
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
  logs.end();
  return code;
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
  readonly #secrets: readonly Secret[];
  #shown: ReadonlyMap<string, Reading> = new Map();
  /** Of those that nothing was shown of yet. */
  readonly #marks = new Map<string, string>();
  #last: string | undefined;

  constructor(request: CommandRequest, secrets: readonly Secret[]) {
    this.#request = request;
    this.#secrets = secrets;
  }

  skip(path: string, { at, mark }: Tail): void {
    this.#marks.set(path, mark);
    this.#shown = new Map([...this.#shown, [path, { at, shown: shownFrom(path, at, this.#secrets) }]]);
  }

  /** What is not among the paths any more is forgotten. */
  show(paths: readonly string[]): void {
    const known = this.#shown;
    this.#shown = new Map(paths.map((path) => [path, this.#showOne(path, known.get(path))]));
    for (const [path, { shown }] of known) if (!this.#shown.has(path)) this.#request.write(shown.end());
  }

  /** Nothing more comes. */
  end(): void {
    for (const { shown } of this.#shown.values()) this.#request.write(shown.end());
  }

  #showOne(path: string, before: Reading | undefined): Reading {
    const read = before ?? { at: 0, shown: shownFrom(path, 0, this.#secrets) };
    if ((realDisk().size(path) ?? 0) <= read.at) return read;
    const known = goneOn(path, read, this.#secrets);
    if (this.#last !== path) this.#request.write(`==> ${named(path)} <==\n`);
    this.#last = path;
    this.#request.write(this.#marks.get(path) ?? '');
    this.#marks.delete(path);
    return { ...known, at: pour(this.#request, path, known.at, known.shown) };
  }
}

/** `000041/check.test.1.log`. */
function named(path: string): string {
  return path.split('/').slice(-2).join('/');
}
