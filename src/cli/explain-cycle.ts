// `gate-run explain --cycle N`: what happened in one cycle, task by task and attempt by attempt, with the facts it was judged from.

import { decodeLine } from '../core/loop/line.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { cycleFolder, forensicsName, logName } from '../core/loop/names.ts';
import type { Recorded, Turn } from '../core/loop/event.ts';
import { attemptsOf, type AttemptRecord } from '../core/summary/attempts.ts';
import type { AttemptStory, CycleStory, TurnStory } from '../core/summary/story.ts';
import type { EndedCycle } from '../core/summary/history.ts';
import { waitsOf } from '../core/summary/waits.ts';
import type { Forensics } from '../core/usage/forensics.ts';
import { readBack } from '../engine/read-back.ts';
import { eventsFile, readLines } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import { unpack } from '../system/tar.ts';
import { storyText } from '../views/story.ts';
import { turnsOf } from './history.ts';
import { partsOf } from './keeping.ts';
import { archiveWith } from './packed-logs.ts';
import { SCHEMA_VERSION } from './plan.ts';
import type { CommandRequest } from './request.ts';
import { countOf, openState, refuse, type State } from './state.ts';

export async function explainCycle(request: CommandRequest, number: string): Promise<number> {
  const cycle = countOf(number);
  if (cycle === undefined)
    return refuse(request, 'explain', `--cycle takes a number from 1, not \`${number}\``);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const ended = turnsOf(state, cycle);
  const { open, cycle: last } = state.progress;
  if (ended.length === 0) {
    const why =
      open?.cycle === cycle
        ? `cycle ${cycle} has not ended; \`gate-run status\` shows it`
        : `there is no cycle ${cycle} in the ledger; the last one is ${last}`;
    return refuse(request, 'explain', why);
  }
  const turns: TurnStory[] = [];
  const decided = decidedOver(state, cycle);
  for (const turn of ended) {
    const champion = decided.get(turn.turn);
    turns.push({ ...(await storyOf(state, turn)), ...(champion !== undefined && { champion }) });
  }
  const story: CycleStory = { schemaVersion: SCHEMA_VERSION, exit: EXIT.passed, cycle, turns };
  if (request.json) request.write(`${JSON.stringify(story, null, 2)}\n`);
  else request.write(storyText(story, { color: request.color, cycles: state.shown.cycles }));
  return EXIT.passed;
}

const DECIDING: ReadonlySet<Recorded['type']> = new Set([
  'cycle.ended',
  'champion.chosen',
  'champion.kept',
  'champion.confirmed',
]);

/** By turn: what stands behind its end over the champion. */
function decidedOver({ paths }: State, cycle: number): ReadonlyMap<Turn, string> {
  const said = new Map<Turn, string>();
  const see = (event: Recorded): boolean => {
    if (event.type === 'champion.kept' && event.cycle === cycle && event.failed !== undefined)
      said.set('cycle', `better, and its files could not be kept: ${event.failed}`);
    // Whether its files were kept stands behind it, and was seen before.
    if (event.type === 'champion.chosen' && event.cycle === cycle && !said.has('cycle'))
      said.set('cycle', `crowned: ${event.why}`);
    if (event.type === 'champion.confirmed' && event.ran === cycle)
      said.set('confirm', confirmedText(event.verdict, event.why));
    return event.type !== 'cycle.ended' || event.cycle >= cycle;
  };
  readBack(realDisk(), paths, { types: DECIDING, see });
  return said;
}

function confirmedText(verdict: 'held' | 'lucky' | 'unknown', why: string): string {
  if (verdict === 'held') return `the champion holds: ${why}`;
  return verdict === 'lucky' ? `a lucky crown: ${why}` : `not confirmed: ${why}`;
}

async function storyOf(state: State, ended: EndedCycle): Promise<TurnStory> {
  const { run, turn, at, verdict, durationMs, tasks, cause = null, tampering, receipts } = ended;
  const events = await eventsOf(state, ended);
  const questions = tasks.flatMap(({ fingerprint }) => {
    const question = fingerprint === undefined ? undefined : state.progress.questions.get(fingerprint);
    return question ? [{ fingerprint: question.fingerprint, isOpen: question.closedAt === undefined }] : [];
  });
  return {
    run,
    turn,
    at,
    verdict,
    durationMs,
    cause,
    ...(tampering && { tampering }),
    ...(receipts && { receipts }),
    tasks,
    questions,
    attempts: events && (await toldWith(state, ended, attemptsOf(events))),
    waits: waitsOf(events ?? []),
  };
}

/** With what stands beside their logs. */
async function toldWith(
  state: State,
  turn: EndedCycle,
  attempts: readonly AttemptRecord[],
): Promise<readonly AttemptStory[]> {
  const told: AttemptStory[] = [];
  for (const one of attempts) {
    if (!one.hasForensics) told.push(one);
    else told.push({ ...one, forensics: await forensicsOf(state, turn, one) });
  }
  return told;
}

/** Many times what gate-run writes; a task may write there too. */
const MOST_FORENSICS_BYTES = 4_194_304;

async function forensicsOf(
  state: State,
  { cycle, turn, tasks }: EndedCycle,
  { task, rung, attempt }: AttemptRecord,
): Promise<Forensics | null> {
  const plan = tasks.find(({ id }) => id === task);
  if (!plan) return null;
  const name = forensicsName(logName(plan, rung ?? undefined, attempt));
  const bytes = await fileOf(state, `${cycleFolder(cycle, turn)}/${name}`, MOST_FORENSICS_BYTES);
  // Loaded on call: what a task may have written over has to be checked, and zod costs a start.
  const { forensics } = await import('../core/summary/answers/forensics.ts');
  return bytes === undefined ? null : (forensics.safeParse(jsonOf(bytes)).data ?? null);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Null: its folder and what it was packed into are gone, or cannot be read. */
async function eventsOf(state: State, { cycle, turn }: EndedCycle): Promise<readonly Recorded[] | null> {
  const file = eventsFile(state.paths, { cycle, turn });
  if (realDisk().size(file) !== undefined) {
    const lines = readLines(realDisk(), file);
    return 'events' in lines ? lines.events : null;
  }
  const bytes = await fileOf(state, `${cycleFolder(cycle, turn)}/events.jsonl`);
  return bytes === undefined ? null : eventsIn(bytes);
}

/** A file of a turn's folder, or out of what that was packed into. */
async function fileOf(state: State, name: string, mostBytes = Infinity): Promise<Uint8Array | undefined> {
  const path = `${state.paths.cycles}/${name}`;
  const found = (realDisk().size(path) ?? 0) > mostBytes ? undefined : realDisk().read(path);
  if (found instanceof Uint8Array) return found;
  const archive = archiveWith(name, state.paths.cycles, partsOf(state).archives);
  if (archive === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  const failure = await unpack(archive, (one, size) =>
    one === name && size <= mostBytes ? { see: (chunk) => void chunks.push(chunk) } : undefined,
  );
  return failure || chunks.length === 0 ? undefined : Buffer.concat(chunks);
}

const NEWLINE = 10;

function eventsIn(bytes: Uint8Array): readonly Recorded[] {
  const events: Recorded[] = [];
  for (let from = 0, to = bytes.indexOf(NEWLINE); to >= 0; from = to + 1, to = bytes.indexOf(NEWLINE, from)) {
    const event = decodeLine(bytes.subarray(from, to));
    if (event) events.push(event);
  }
  return events;
}
