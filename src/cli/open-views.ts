// Which views a run gets: from flags, config and surroundings. Detection changes the presentation only, never the gates.

import { resolve } from 'node:path';
import type { ReporterPlan } from '../core/plan/plan.ts';
import type { Failure, View } from '../ports.ts';
import { appendWhole } from '../engine/write-whole.ts';
import { readEnd, readFrom } from '../system/read-part.ts';
import { stderrLog } from '../system/log.ts';
import { paced } from '../system/paced.ts';
import { latestView } from '../views/latest.ts';
import { plainView, type PlainOptions, type TickingView } from '../views/plain.ts';
import { questionsFile } from '../views/questions-file.ts';
import type { Arguments } from './args.ts';
import type { Loop } from './load.ts';
import type { Terminal } from './terminal.ts';
import type { Here } from './world.ts';

const TICK_MS = 1000;
/** Replacing a file makes ext4 write its bytes out at once, 0.7 ms: cycles of a few milliseconds cannot each pay for that. */
const LATEST_EVERY_MS = 100;
/** Values of TERM that promise no cursor to move. */
const PLAIN_TERMINALS: ReadonlySet<string | undefined> = new Set([undefined, '', 'dumb']);

export interface Opening {
  readonly args: Arguments;
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly here: Here;
  /** False for an ad hoc run, which writes no state. */
  readonly keepsState: boolean;
}

export interface Views {
  readonly all: readonly View[];
  /** Ends what ticks. */
  close(): void;
}

export async function openViews(opening: Opening): Promise<Views> {
  const { args, loop, here, keepsState, terminal } = opening;
  const screen = await openScreen(opening);
  const all: View[] = [];
  if (keepsState) {
    const { state } = loop.plan;
    all.push(
      latestView(
        { ...loop.plan, state: { ...state, latest: loop.paths.latest } },
        replaceIn(opening),
        paced(LATEST_EVERY_MS),
      ),
    );
    all.push(questionsFile({ path: loop.paths.questions, disk: here.world.disk, redact: here.redact }));
  }
  if (keepsState) all.push(await openReport(loop, here));
  for (const reporter of reportersOf(opening)) all.push(...(await openReporter(opening, reporter)));
  if (args.json !== undefined) {
    const { jsonView, jsonLinesView } = await import('../views/json.ts');
    all.push(args.json === 'lines' ? jsonLinesView(terminal.out) : jsonView(loop.plan, terminal.out));
  }
  const ticking = setInterval(() => screen.tick(here.world.clock.now().mono), TICK_MS);
  ticking.unref();
  // The screen is closed last: the first cause is the last thing that people see.
  return { all: [...all, screen], close: () => clearInterval(ticking) };
}

/** With `--json`, stdout belongs to the object, and words for people go to stderr. */
async function openScreen(opening: Opening): Promise<TickingView> {
  const { args, terminal, loop, here, keepsState } = opening;
  const sink = args.json === undefined ? terminal.out : terminal.err;
  const options: PlainOptions = {
    mono: () => here.world.clock.now().mono,
    wall: () => here.world.clock.now().wall,
    readTail: (log) => tailOf(opening, log),
    readFrom: (log, offset) => partOf(opening, log, offset),
    keepsQuestions: keepsState,
    detail: args.quiet ? 'quiet' : args.verbose ? 'whole' : 'usual',
    ...(terminal.env['GITHUB_ACTIONS'] === 'true' && {
      fold: (await import('../views/github.ts')).githubFold((await import('node:crypto')).randomUUID()),
    }),
  };
  const names = new Set(loop.plan.reporters.map((reporter) => reporter.name));
  const isLive =
    sink.isTerminal &&
    !PLAIN_TERMINALS.has(terminal.env['TERM']) &&
    !(names.has('plain') && !names.has('terminal'));
  if (!isLive) return plainView(loop.plan, sink, options);
  return (await import('../views/live.ts')).liveView(loop.plan, sink, options);
}

/** A run of many cycles is looked at in the morning, whether somebody thought of a report or not. */
async function openReport(loop: Loop, here: Here): Promise<View> {
  const named = loop.plan.reporters.find(({ name }) => name === 'report');
  const wanted = named ?? (loop.plan.loop.mode === 'once' ? undefined : { name: 'report' as const });
  return wanted
    ? (await import('./report-view.ts')).reportView(loop, wanted, here)
    : closedReport(loop, here);
}

/** One cycle alone is started often and loads nothing for this, but it may find a loop that was killed. */
function closedReport(loop: Loop, here: Here): View {
  let written: Promise<void> | undefined;
  return {
    see: (event, progress) => {
      const isClosed = event.type === 'run.ended' && event.reason === 'interrupted';
      if (!isClosed || progress.run?.mode === 'once') return;
      written = import('./report-view.ts').then(({ writeClosed }) => writeClosed(loop, here, progress));
      // Told when it is closed; until then nobody waits for it.
      written.catch(() => undefined);
    },
    close: () => written,
  };
}

/** On a GitHub runner its reporter is there without being asked for. */
function reportersOf({ loop, terminal }: Opening): readonly ReporterPlan[] {
  const { reporters } = loop.plan;
  const isThere = reporters.some((reporter) => reporter.name === 'github');
  return terminal.env['GITHUB_ACTIONS'] === 'true' && !isThere
    ? [...reporters, { name: 'github' }]
    : reporters;
}

async function openReporter(opening: Opening, reporter: ReporterPlan): Promise<readonly View[]> {
  const { loop, terminal, here } = opening;
  const tail = (log: string) => tailOf(opening, log);
  if (reporter.name === 'junit' && reporter.file !== undefined) {
    const { junitView } = await import('../views/junit.ts');
    const file = resolve(loop.folder, reporter.file);
    return [junitView(loop.plan, { file, replace: replaceIn(opening), readTail: tail })];
  }
  if (reporter.name !== 'github' || terminal.env['GITHUB_ACTIONS'] !== 'true') return [];
  const { githubView } = await import('../views/github.ts');
  const summary = terminal.env['GITHUB_STEP_SUMMARY'];
  const options = {
    workspace: terminal.env['GITHUB_WORKSPACE'] ?? loop.folder,
    folder: loop.folder,
    readTail: tail,
    ...(summary !== undefined && summary !== '' && { summary: appendingTo(summary, here) }),
  };
  return [githubView(loop.plan, opening.args.json === undefined ? terminal.out : terminal.err, options)];
}

function replaceIn({ here }: Opening): (path: string, text: string) => Failure | undefined {
  return (path, text) => {
    const { disk } = here.world;
    const write = () => disk.replace(path, new TextEncoder().encode(text), false);
    const failure = write();
    if (failure?.failed !== 'ENOENT') return failure;
    return disk.makeFolder(path.slice(0, path.lastIndexOf('/'))) ?? write();
  };
}

function appendingTo(path: string, { world }: Here): { sizeBytes(): number; append(text: string): void } {
  return {
    sizeBytes: () => world.disk.size(path) ?? 0,
    append: (text) => {
      const failure = appendWhole(world.disk, path, text);
      if (failure) throw new Error(`${failure.what} (${failure.failed})`);
    },
  };
}

/** How much of a log's end a screen or a report looks at. */
const TAIL_BYTES = 64 * 1024;

/** The end of the output, and of what stands apart from it on stderr. */
function tailOf({ loop, here }: Opening, log: string): string {
  const path = `${loop.paths.cycles}/${log}`;
  const texts = [path, stderrLog(path)].map((one) => decoded(readEnd(one, TAIL_BYTES)?.bytes));
  return here.redact(texts.join(''));
}

/** A log that is being written, from an offset on; redacted on its way into the file. */
function partOf({ loop }: Opening, log: string, offset: number): { text: string; next: number } {
  const part = readFrom(`${loop.paths.cycles}/${log}`, offset, TAIL_BYTES);
  return { text: decoded(part?.bytes), next: offset + (part?.bytes.length ?? 0) };
}

function decoded(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
