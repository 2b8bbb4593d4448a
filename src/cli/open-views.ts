// Which views a run gets: from flags, config and surroundings. Detection changes the presentation only, never the gates.

import { resolve } from 'node:path';
import type { Failure, View } from '../ports.ts';
import { readFrom } from '../system/read-part.ts';
import type { ReadFrom } from '../views/head-stream.ts';
import { goneOn, shownEnd, shownFrom, type ShownText } from './shown-text.ts';
import { stderrLog } from '../system/log.ts';
import { paced } from '../system/paced.ts';
import { latestView } from '../views/latest.ts';
import { plainView, type PlainOptions, type TickingView } from '../views/plain.ts';
import { questionsFile } from '../views/questions-file.ts';
import type { Arguments } from './args.ts';
import { keepPlanOf } from './keep-plan.ts';
import type { Loop } from './load.ts';
import type { Terminal } from './terminal.ts';
import type { Here } from './world.ts';

const TICK_MS = 1000;
/** Replacing a file makes ext4 write its bytes out at once, 0.7 ms: cycles of a few milliseconds cannot each pay for that. */
const LATEST_EVERY_MS = 100;
/** The first tasks are started before their plan is written down. */
const PLAN_AFTER_MS = 100;
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
    all.push(planView(loop, here));
    all.push(questionsFile({ path: loop.paths.questions, disk: here.world.disk, redact: here.redact }));
  }
  if (keepsState) all.push(await openReport(loop, here));
  const isAsked = loop.plan.reporters.some(({ file }) => file !== undefined);
  if (isAsked || isOnServer(terminal)) {
    const { openReporters } = await import('./open-reporters.ts');
    const readTail = (log: string) => tailOf(opening, log);
    const isJson = args.json !== undefined;
    const config = resolve(args.folder ?? '.', loop.file);
    const replace = replaceIn(opening);
    all.push(...(await openReporters({ loop, terminal, here, readTail, replace, config, isJson })));
  }
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
  const fold = isOnServer(terminal)
    ? await (await import('./open-reporters.ts')).foldHere(terminal, () => here.world.clock.now().wall)
    : undefined;
  const options: PlainOptions = {
    mono: () => here.world.clock.now().mono,
    wall: () => here.world.clock.now().wall,
    readTail: (log) => tailOf(opening, log),
    readFrom: partsOf(opening),
    glance: here.glance,
    keepsQuestions: keepsState,
    detail: args.quiet ? 'quiet' : args.verbose ? 'whole' : 'usual',
    ...(fold && { fold }),
  };
  const names = new Set(loop.plan.reporters.map((reporter) => reporter.name));
  const isLive =
    sink.isTerminal &&
    !PLAIN_TERMINALS.has(terminal.env['TERM']) &&
    !(names.has('plain') && !names.has('terminal'));
  if (!isLive) return plainView(loop.plan, sink, options);
  return (await import('../views/live.ts')).liveView(loop.plan, sink, options);
}

/** Kept once for each plan, beside the work; a start that is killed before that keeps none. */
function planView({ plan, paths }: Loop, here: Here): View {
  const keep = async (): Promise<void> => keepPlanOf(plan, paths.stateDir, here);
  let due: NodeJS.Timeout | undefined;
  let kept: Promise<void> | undefined;
  return {
    see: ({ type }) => {
      const isStart = type === 'run.started' || type === 'run.resumed';
      if (!isStart || here.world.disk.size(`${paths.stateDir}/plans/${plan.id}.json`) !== undefined) return;
      due = setTimeout(() => {
        due = undefined;
        kept = keep();
        // Told when it is closed; until then nobody waits for it.
        kept.catch(() => undefined);
      }, PLAN_AFTER_MS);
      due.unref();
    },
    close: () => {
      if (due === undefined) return kept;
      clearTimeout(due);
      return keep();
    },
  };
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

/** By what GitHub, GitLab and Buildkite set; whatever serves them is loaded there only. */
function isOnServer({ env }: Terminal): boolean {
  return ['GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE'].some((name) => env[name] === 'true');
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

/** How much of a log's end a screen or a report looks at. */
const TAIL_BYTES = 64 * 1024;

/** The end of the output, and of what stands apart from it on stderr. */
function tailOf({ loop, here }: Opening, log: string): string {
  const path = `${loop.paths.cycles}/${log}`;
  return [path, stderrLog(path)].map((one) => shownEnd(one, TAIL_BYTES, here.secrets)).join('');
}

/** A log that is being written, from an offset on. */
function partsOf({ loop, here }: Opening): ReadFrom {
  let last: { readonly log: string; readonly shown: ShownText } | undefined;
  return (log, offset, isOver) => {
    const path = `${loop.paths.cycles}/${log}`;
    if (last?.log !== log || offset === 0) last = { log, shown: shownFrom(path, offset, here.secrets) };
    const { at, shown } = goneOn(path, { at: offset, shown: last.shown }, here.secrets);
    last = { log, shown };
    const part = readFrom(path, at, TAIL_BYTES);
    const next = at + (part?.bytes.length ?? 0);
    const text = part ? last.shown.see(part.bytes) : '';
    return { text: isOver && next === offset ? text + last.shown.end() : text, next };
  };
}
