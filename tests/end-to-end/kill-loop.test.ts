// SIGKILL at any moment of a continuous run, which the next start carries on. PROVE_KILLS and PROVE_SEED as in kill.test.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { AT_ONCE_MS, count, kindsText, noHits, shoot, type Aim, type Hits } from './kills/aim.ts';
import { BUDGET, ENDLESS, lifeOf, passes } from './kills/endless.ts';
import {
  changedFiles,
  eventsIn,
  faultsOf,
  ledgerFiles,
  turnOf,
  wholeLines,
  type Files,
  type Line,
} from './kills/ledger.ts';
import { seeded } from './kills/night.ts';
import { marked } from './kills/start.ts';
import { begin, folderWith } from './rig.ts';

const KILLS = Number(process.env['PROVE_KILLS'] ?? 20);
const SEED = Number(process.env['PROVE_SEED'] ?? 1);
const LONGEST_KILL_MS = 20_000;
/** More starts than any run of so few cycles gets. */
const MOST_STARTS = 400;
/** Events of about two cycles. */
const EVENTS_A_START = 70;
const KINDS_WANTED = 8;
/** Goes on beyond the number of kills until as many kinds were met. */
const MOST_KILLS = 2 * KILLS;
/** Aimed at in turn: a moment drawn at random meets them seldom. */
const KINDS = [
  'rest.started',
  'attempt.stopping',
  'task.asked',
  'attempt.ended',
  'cycle.ended',
  'attempt.quiet',
  'run.resumed',
  'task.judged',
];

interface Tally extends Hits {
  /** At one of `KINDS`. */
  aims: number;
  runs: number;
  inRest: number;
  announced: number;
  strays: number;
}

test(
  '[G4][G5][G6][G7][G8][A14] a continuous run that is killed at any moment is carried on, and ends by its budget as if nobody had',
  { timeout: 60_000 + MOST_KILLS * LONGEST_KILL_MS },
  async () => {
    const random = seeded(SEED);
    const tally: Tally = { ...noHits(), aims: 0, runs: 0, inRest: 0, announced: 0, strays: 0 };
    while (goesOn(tally)) await oneRun(tally, random);
    console.log(
      `figure: kill -9 of continuous runs, seed ${SEED}: ${tally.kills} kills in ${tally.runs} runs of ${BUDGET} cycles, ` +
        `${tally.atOnce} in the first ${AT_ONCE_MS} ms, ${tally.inRest} in a pause; ${tally.torn} torn tails, ` +
        `${tally.announced} attempts announced as cut off, ${tally.strays} processes left by kills and ended by the next start; ` +
        `last recorded at the kill (${tally.kinds.size} kinds): ${kindsText(tally)}`,
    );
    expect(tally.atOnce).toBeGreaterThan(0);
    expect(tally.inRest).toBeGreaterThan(0);
    expect(tally.announced).toBeGreaterThan(0);
    expect(tally.strays).toBeGreaterThan(0);
    expect(tally.kinds.size).toBeGreaterThanOrEqual(KINDS_WANTED);
  },
);

/** Killed until the kills are spent or its budget is; then it is let go on to its end. */
async function oneRun(tally: Tally, random: () => number): Promise<void> {
  const folder = folderWith(ENDLESS);
  const state = join(folder.path, '.gate-run');
  const tails: Tail[] = [];
  let cut = ledgerFiles(state);
  tally.runs += 1;
  for (let life = 1; ; life += 1) {
    const where = `seed ${SEED}, run ${tally.runs}, life ${life}, behind kill ${tally.kills}`;
    expect(life, where).toBeLessThan(MOST_STARTS);
    const running = begin(folder, ['--continuous'], { env: lifeOf(life) });
    const aim = goesOn(tally) ? aimed(random, tally) : undefined;
    const wasHit = aim !== undefined && (await shoot(running, state, aim));
    const { code, stdout, stderr } = await running.ended;
    const now = ledgerFiles(state);
    expect(changedFiles(cut, now), where).toEqual([]);
    if (!wasHit) {
      // The aim may have been behind the end of the run.
      const last = eventsIn(now).findLast(({ type, turn }) => type === 'cycle.ended' && turn === 'cycle');
      expect({ code, stderr }, `${where}\n${stdout}`).toEqual({
        code: passes(last?.cycle ?? 0) ? 0 : 1,
        stderr: '',
      });
      endedWell({ state, files: now, tails }, tally, where);
      expect(JSON.parse(folder.read('.gate-run/latest.json')), where).toMatchObject({ state: 'ended' });
      return;
    }
    expect(faultsOf(now, false), where).toEqual([]);
    count(tally, now);
    if (eventsIn(now).at(-1)?.type === 'rest.started') tally.inRest += 1;
    if ('ms' in aim.at) tally.atOnce += 1;
    tally.strays += marked(`GATE_STATE=${state}`).length;
    tails.push(...tailsOf(now));
    cut = now;
    // The kill fell behind the end of the run: the next start would open another one.
    if (eventsIn(now).at(-1)?.type === 'run.ended') {
      endedWell({ state, files: now, tails }, tally, where);
      return;
    }
  }
}

function goesOn({ kills, kinds }: Tally): boolean {
  return kills < KILLS || (kinds.size < KINDS_WANTED && kills < MOST_KILLS);
}

function aimed(random: () => number, tally: Tally): Aim {
  // Once there were kills enough, only kinds that nobody has met are wanted.
  const way = tally.kills < KILLS ? random() : 0.5;
  const far = random();
  if (way < 0.25) return { at: { ms: far * AT_ONCE_MS } };
  if (way >= 0.7) return { at: { events: Math.ceil(far * EVENTS_A_START) } };
  tally.aims += 1;
  const unmet = KINDS.filter((kind) => !tally.kinds.has(kind));
  const wanted = unmet.length > 0 ? unmet : KINDS;
  return { at: { kind: wanted[tally.aims % wanted.length] ?? '' } };
}

interface Tail {
  readonly name: string;
  readonly bytes: Buffer;
}

function tailsOf(files: Files): readonly Tail[] {
  return [...files]
    .map(([name, bytes]) => ({ name, bytes: bytes.subarray(wholeLines(bytes).length) }))
    .filter(({ bytes }) => bytes.length > 0);
}

interface Whole {
  readonly state: string;
  readonly files: Files;
  readonly tails: readonly Tail[];
}

function endedWell({ state, files, tails }: Whole, tally: Tally, where: string): void {
  const events = eventsIn(files);
  expect(faultsOf(files, true), where).toEqual([]);
  expect(marked(`GATE_STATE=${state}`), where).toEqual([]);
  isOneRun(events, where);
  cyclesCount(events, where);
  tally.announced += cutOffIsAnnounced(events, where);
  for (const { name, bytes } of tails) expect(keptBeside(join(state, name)), where).toContainEqual(bytes);
}

/** Whoever starts, the run keeps its name, begins once and ends once, by its budget. */
function isOneRun(events: readonly Line[], where: string): void {
  const runs = new Set(events.filter(({ type }) => type !== 'recovered').map(({ run }) => run));
  expect(runs.size, where).toBe(1);
  const ofType = (wanted: string) => events.filter(({ type }) => type === wanted);
  expect(ofType('run.started').length, where).toBe(1);
  expect(
    ofType('run.ended').map(({ reason }) => reason),
    where,
  ).toEqual(['budget']);
  const resumed = ofType('run.resumed');
  expect(
    resumed.every(({ goesOn }) => goesOn === true),
    where,
  ).toBe(true);
  expect(new Set(resumed.map(({ by }) => by)).size, where).toBe(resumed.length);
}

/** Numbers without a gap, one end each; what was cut off uses up nothing of the budget, what was finished counts once. */
function cyclesCount(events: readonly Line[], where: string): void {
  const ends = events.filter(({ type, turn }) => type === 'cycle.ended' && turn === 'cycle');
  expect(
    ends.map(({ cycle }) => cycle),
    where,
  ).toEqual(ends.map((_, at) => at + 1));
  const counted = ends.filter(({ verdict }) => verdict !== 'interrupted');
  expect(counted.length, where).toBe(BUDGET);
  for (const { cycle, verdict } of counted)
    expect(verdict, `${where}, cycle ${cycle}`).toBe(passes(cycle ?? 0) ? 'passed' : 'failed');
}

/** Each start says which attempts the one before it left open; they are the very ones that end as interrupted. */
function cutOffIsAnnounced(events: readonly Line[], where: string): number {
  const open = new Set<string>();
  const announced = new Set<string>();
  let turn = '';
  let cutOff = 0;
  for (const event of events) {
    const name = `${event.task}#${event.attempt}`;
    if (event.type === 'cycle.started') turn = turnOf(event);
    if (event.type === 'attempt.started') open.add(name);
    if (event.type === 'run.resumed') {
      expect([...(event.interrupted ?? [])].toSorted(), `${where}, ${turn}`).toEqual([...open].toSorted());
      for (const one of open) announced.add(`${turn} ${one}`);
    }
    if (event.type !== 'attempt.ended') continue;
    open.delete(name);
    const wasCut = event.end?.['interrupted'] === true;
    expect(wasCut, `${where}, ${turn}, ${name}`).toBe(announced.has(`${turn} ${name}`));
    if (wasCut) cutOff += 1;
  }
  return cutOff;
}

function keptBeside(file: string): readonly Buffer[] {
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((one) => one.includes('.torn-'))
    .map((one) => readFileSync(join(folder, one)));
}
