// SIGKILL at any moment, and a start after it. PROVE_KILLS says how often, PROVE_SEED where the moments come from.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AT_ONCE_MS, count, kindsText, noHits, recorded, shoot, type Hits } from './kills/aim.ts';
import {
  changedFiles,
  eventsIn,
  faultsOf,
  ledgerFiles,
  turnOf,
  verdictsOf,
  wholeLines,
  type Files,
} from './kills/ledger.ts';
import { NIGHT, seeded, TASKS } from './kills/night.ts';
import { marked } from './kills/start.ts';
import { begin, folderWith, loop, until, type Folder } from './rig.ts';

const KILLS = Number(process.env['PROVE_KILLS'] ?? 20);
const SEED = Number(process.env['PROVE_SEED'] ?? 1);
/** A new state directory after so many, so that the first start of all is killed too and no check grows with the count. */
const KILLS_A_NIGHT = 20;
const LONGEST_KILL_MS = 20_000;
/** About as many events as one start records. */
const EVENTS_A_START = 85;

interface Tally extends Hits {
  inRecovery: number;
  strays: number;
  slowestStartMs: number;
}

test(
  '[G4][G5][G6][A14] a kill at any moment loses nothing recorded, doubles nothing, and leaves nothing running',
  { timeout: 30_000 + KILLS * LONGEST_KILL_MS },
  async () => {
    const random = seeded(SEED);
    const tally: Tally = { ...noHits(), inRecovery: 0, strays: 0, slowestStartMs: 0 };
    while (tally.kills < KILLS) await night(tally, random, Math.min(KILLS, tally.kills + KILLS_A_NIGHT));
    console.log(
      `figure: kill -9, seed ${SEED}: ${tally.kills} kills, ${tally.atOnce} in the first 100 ms, ${tally.inRecovery} behind another kill; ` +
        `${tally.torn} torn tails, ${tally.strays} processes left by kills and ended by the next start; ` +
        `first record of a start within ${tally.slowestStartMs} ms; last recorded at the kill: ` +
        kindsText(tally),
    );
    expect(tally.atOnce).toBeGreaterThan(0);
    expect(tally.strays).toBeGreaterThan(0);
    expect(tally.kinds.size).toBeGreaterThanOrEqual(KILLS >= 100 ? 8 : 4);
  },
);

test('[G4] once the end of a run is recorded, nothing of it is running: no later start has to look', async () => {
  const folder = folderWith(loop(`leaves: { run: 'setsid sleep 61.5 & true' }`));
  const history = join(folder.path, '.gate-run/history.jsonl');
  for (let round = 1; round <= 5; round += 1) {
    const { ended, child } = begin(folder);
    await until('the run has its end', () => isEnded(history, round));
    child.kill('SIGKILL');
    await ended;
    expect(marked(`GATE_STATE=${folder.path}/.gate-run`), `round ${round}`).toEqual([]);
  }
});

function isEnded(history: string, times: number): boolean {
  return existsSync(history) && readFileSync(history, 'utf8').split('"type":"run.ended"').length > times;
}

test('[A14] a task that kills gate-run itself is interrupted, and the next start goes on from the ledger', async () => {
  const folder = folderWith(
    loop(`first: { run: echo first }
kills: { run: 'kill -9 $PPID; sleep 61.5', when: { exists: [armed] }, needs: [first] }`),
  );
  const state = join(folder.path, '.gate-run');
  folder.write('armed', '');
  const { child, ended } = begin(folder);
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
  const cut = ledgerFiles(state);
  rmSync(join(folder.path, 'armed'));
  const { code, stdout } = await begin(folder).ended;
  expect(code, stdout).toBe(0);
  const after = ledgerFiles(state);
  expect(changedFiles(cut, after)).toEqual([]);
  expect(faultsOf(after, true)).toEqual([]);
  const resumed = eventsIn(after).find(({ type }) => type === 'run.resumed');
  expect(resumed?.interrupted).toEqual(['kills#1']);
  expect(marked(`GATE_STATE=${state}`)).toEqual([]);
});

async function night(tally: Tally, random: () => number, until: number): Promise<void> {
  const folder = folderWith(NIGHT);
  const state = join(folder.path, '.gate-run');
  for (let starts = 0; tally.kills < until; starts += 1) {
    const where = `seed ${SEED}, behind kill ${tally.kills}`;
    expect(starts, where).toBeLessThan(KILLS_A_NIGHT * 4);
    turnGreen(folder, random() < 0.5);
    const before = ledgerFiles(state);
    if (!(await shootOne(folder, random, tally))) continue;
    const cut = ledgerFiles(state);
    expect(changedFiles(before, cut), where).toEqual([]);
    expect(faultsOf(cut, false), where).toEqual([]);
    count(tally, cut);
    // The next kill then falls into a start that has this one to recover from; the last of a night is recovered from.
    if (random() < 0.25 && tally.kills < until) {
      tally.inRecovery += 1;
      continue;
    }
    await startAgain(folder, state, tally, where);
  }
}

/** Whether it met a living gate-run: at a moment, or as soon as so many events are recorded. */
async function shootOne(folder: Folder, random: () => number, tally: Tally): Promise<boolean> {
  const isAtOnce = random() < 0.25;
  const at = isAtOnce ? { ms: random() * AT_ONCE_MS } : { events: Math.ceil(random() * EVENTS_A_START) };
  if (!(await shoot(begin(folder), join(folder.path, '.gate-run'), { at }))) return false;
  if (isAtOnce) tally.atOnce += 1;
  return true;
}

async function startAgain(folder: Folder, state: string, tally: Tally, where: string): Promise<void> {
  const cut = ledgerFiles(state);
  const from = recorded(state);
  tally.strays += marked(`GATE_STATE=${state}`).length;
  const at = performance.now();
  const { ended } = begin(folder);
  await until('the start has recorded something', () => recorded(state) > from);
  tally.slowestStartMs = Math.max(tally.slowestStartMs, Math.round(performance.now() - at));
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }, `${where}\n${stdout}`).toEqual({ code: 0, stderr: '' });
  const after = ledgerFiles(state);
  expect(changedFiles(cut, after), where).toEqual([]);
  expect(faultsOf(after, true), where).toEqual([]);
  expect(marked(`GATE_STATE=${state}`), where).toEqual([]);
  tailsAreKept(state, cut, where);
  turnIsClosed(cut, after, where);
  expect(
    verdictsOf(
      eventsIn(after).findLast(({ type, turn }) => type === 'cycle.ended' && turn === 'cycle') ?? NOTHING,
    ),
    where,
  ).toEqual(expectedVerdicts(folder));
  expect(JSON.parse(folder.read('.gate-run/latest.json')), where).toMatchObject({ verdict: 'passed' });
  // Whoever was killed while it wrote leaves its half of a file under a name of its own, never under the real one.
  expect(readdirSync(state).filter((name) => name.endsWith('.tmp')).length, where).toBeLessThan(
    KILLS_A_NIGHT,
  );
}

const NOTHING = { seq: 0, type: 'nothing', run: '' };

/** A line that the kill cut through is gone from its file, and is to be found beside it, byte for byte. */
function tailsAreKept(state: string, cut: Files, where: string): void {
  for (const [name, bytes] of cut) {
    const tail = bytes.subarray(wholeLines(bytes).length);
    if (tail.length === 0) continue;
    const file = join(state, name);
    const folder = file.slice(0, file.lastIndexOf('/'));
    const kept = readdirSync(folder).filter((one) => one.includes('.torn-'));
    expect(
      kept.map((one) => readFileSync(join(folder, one))),
      where,
    ).toContainEqual(tail);
  }
}

/** The turn that was open is closed as interrupted, or by its verdict if every task had one; then all turns run anew. */
function turnIsClosed(cut: Files, after: Files, where: string): void {
  const before = eventsIn(cut);
  const started = before.findLast(({ type }) => type === 'cycle.started');
  const since = started ? before.slice(before.indexOf(started)) : [];
  const isOpen = started && !since.some(({ type }) => type === 'cycle.ended');
  const behind = eventsIn(after).slice(before.length);
  const hadEnd =
    before.length === 0 || before.findLast(({ type }) => type.startsWith('run.'))?.type === 'run.ended';
  expect(behind.filter(({ type }) => type === 'run.ended').length, where).toBe(hadEnd ? 1 : 2);
  expect(
    behind.filter(({ type }) => type === 'cycle.started').map(({ turn }) => turn),
    where,
  ).toEqual(['start', 'cycle', 'end']);
  if (!isOpen) return;
  const done = since.filter(({ type }) => type === 'task.judged' || type === 'task.skipped').length;
  const closed = behind.filter((event) => event.type === 'cycle.ended' && turnOf(event) === turnOf(started));
  const verdict = done === TASKS[started.turn ?? ''] ? 'passed' : 'interrupted';
  expect(
    closed.map((event) => event.verdict),
    where,
  ).toEqual([verdict]);
  const open = new Set(since.filter(({ type }) => type === 'attempt.started').map(nameOf));
  for (const event of since.filter(({ type }) => type === 'attempt.ended')) open.delete(nameOf(event));
  const cutOff = behind.filter(({ type, end }) => type === 'attempt.ended' && end?.['interrupted'] === true);
  expect(cutOff.map(nameOf).toSorted(), where).toEqual([...open].toSorted());
}

function nameOf({ task, rung, attempt }: { task?: string; rung?: number; attempt?: number }): string {
  return `${task} ${rung ?? ''} ${attempt}`;
}

function turnGreen(folder: Folder, isGreen: boolean): void {
  if (isGreen) writeFileSync(join(folder.path, 'green'), '');
  else rmSync(join(folder.path, 'green'), { force: true });
}

function expectedVerdicts(folder: Folder): Readonly<Record<string, string>> {
  return {
    alone: 'passed',
    quick: 'passed',
    lint: 'soft-failed',
    flaky: 'passed',
    soft: 'soft-failed',
    leaves: 'passed',
    after: 'passed',
    sims: 'passed 100',
    quiet: 'passed',
    late: 'soft-failed',
    asked: 'passed',
    left: 'skipped',
    turns: folder.has('green') ? 'passed' : 'soft-failed',
    last: 'passed',
  };
}
