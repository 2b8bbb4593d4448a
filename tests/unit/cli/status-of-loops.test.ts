// `status` of a run of many cycles: what is waited for, what it is held to, and how far it is from that.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { history } from '../../../src/cli/history.ts';
import type { CommandRequest } from '../../../src/cli/request.ts';
import { status } from '../../../src/cli/status.ts';
import { limitsOf } from '../../../src/core/loop/watch.ts';
import type { Condition } from '../../../src/core/plan/ends-plan.ts';
import { resume } from '../../../src/engine/resume.ts';
import { realDisk } from '../../../src/system/files.ts';
import { aLoop, BEGAN, Script, type Ends } from '../views/rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CONFIG = `version: 1
name: demo
phases:
  tests:
    gates:
      sims: { run: sims }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-status-'));
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CYCLES: Condition = {
  name: 'cycles',
  measure: { kind: 'cycles' },
  operator: '>=',
  value: 50,
  over: undefined,
  text: '>= 50',
};
const FAILURES: Condition = {
  ...CYCLES,
  name: 'failures-in-a-row',
  measure: { kind: 'failures-in-a-row' },
  value: 5,
  text: '>= 5',
};
const COST: Condition = { ...CYCLES, name: 'cost', measure: { kind: 'cost' }, value: 5, text: '>= 5usd' };

/** A loop whose script began so long ago that its next event is happening now. */
function under(ends: Ends): Script {
  const script = new Script(aLoop({ tests: ['sims'] }, ends));
  script.mono = now() - 3 * HOUR;
  return script.start(limitsOf(script.plan));
}

function now(): number {
  return Math.round(Number(process.hrtime.bigint()) / 1e6);
}

async function look(script: Script, { held = true, json = false, command = status } = {}): Promise<string> {
  const state = join(folder, '.gate-run');
  mkdirSync(state, { recursive: true });
  const paths = { history: join(state, 'history.jsonl'), cycles: join(state, 'cycles') };
  const resumed = resume(realDisk(), paths);
  if (!('ledger' in resumed)) throw new Error('the ledger could not be opened');
  for (const event of script.events) resumed.ledger.append(event);
  resumed.ledger.close();
  const owner = { pid: held ? process.pid : 2 ** 22 + 1, host: hostname(), run: 'run-1', version: '0.1.0' };
  writeFileSync(join(state, 'owner.json'), JSON.stringify({ ...owner, startedAt: '2026-02-10T06:30:00Z' }));
  let out = '';
  const request: CommandRequest = {
    folder,
    args: [],
    json,
    color: false,
    write: (text) => void (out += text),
    writeError: (text) => void (out += text),
    env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
  };
  await command(request);
  return out;
}

test('[A1] status of a run that waits for a limit says so, until when, and how long that still is', async () => {
  const script = under({});
  script.cycle(12).attempt('sims', { durationMs: HOUR }).judge('sims', 'broken', { outcome: 'limited' });
  script.endCycle('limited').rest('limit', 3 * HOUR, 'cycle 12 met a limit');
  const out = await look(script);
  const until = new Date(BEGAN + script.mono + 3 * HOUR).toISOString();
  expect(out).toMatch(
    /^state {6}waiting for a limit until (?:2026-02-1\d )?\d\d:\d\d UTC: cycle 12 met a limit\n/,
  );
  expect(out).toMatch(/^until {6}.*, (?:1h 0m|59m \d+s) left$/m);
  expect(out).toContain(`(${until})`);
});

test('[A10] status says what a run is held to by the flags of its start, and how far it is from that', async () => {
  const script = under({ budget: [CYCLES], giveUp: [FAILURES] });
  for (const cycle of [1, 2, 3]) {
    script
      .cycle(cycle)
      .attempt('sims', { durationMs: HOUR, code: 1 })
      .judge('sims', 'failed')
      .endCycle('failed');
  }
  const rows = (await look(script)).split('\n');
  expect(rows.filter((row) => /^(?:run|budget|give up|streak|limits) /.test(row))).toEqual([
    'run        3 of 3 cycles failed in 3h, 1 an hour',
    'budget     cycles >= 50: now 3, 47 to go, in about 1d23h',
    'give up    failures-in-a-row >= 5: now 3, 2 to go, time unknown (nobody can foresee it)',
    'streak     3 cycles in a row did not pass',
    'limits     a cycle of at most 1h, a rest of 10m between cycles, 2 tasks at once, a stop waits 5m',
  ]);
});

test('[A18] a budget over what nothing has told is unknown in status, for people and for programs', async () => {
  const script = under({ budget: [COST] });
  script.cycle(1).pass('sims').endCycle('passed');
  expect(await look(script)).toContain(
    'budget     cost >= 5usd: unknown, no attempt has said what it used, so it cannot hold\n',
  );
  const found: unknown = JSON.parse(await look(new Script(script.plan), { json: true }));
  expect(found).toMatchObject({
    state: 'running',
    cycles: { finished: 1, failed: 0 },
    conditions: { budget: [{ name: 'cost', value: null, basis: 'unknown', distance: null, inMs: null }] },
    streaks: { failures: 0 },
  });
});

test('[A22] a half-open breaker shows its tries, and a mark the cycle that reached it', async () => {
  const mark = { id: 'plateau', level: 'warning', all: [CYCLES], any: [] } as const;
  const script = under({ giveUp: [FAILURES], halfOpen: { afterMs: 30 * MINUTE, times: 3 }, marks: [mark] });
  script.cycle(1).pass('sims').endCycle('passed').rest('half-open', HOUR).record({ type: 'rest.ended' });
  script.record({ type: 'mark.reached', mark: 'plateau', level: 'warning', cycle: 1, because: [] });
  const out = await look(script);
  expect(out).toContain('breaker    1 of 3 tries used, each after a pause of 30m\n');
  expect(out).toContain('mark       plateau (warning) reached in cycle 1\n');
});

test('a run that rests is under way, one that died in its rest has crashed and says how it goes on', async () => {
  const script = under({});
  script.cycle(1).pass('sims').endCycle('passed').rest('sleep', 600_000);
  expect(await look(script, { held: false })).toMatch(
    /^state {6}crashed: gate-run was ended in a rest .* --continuous carries the run on/,
  );
  const crashed: unknown = JSON.parse(await look(new Script(script.plan), { held: false, json: true }));
  // The clock of a run stands still while nobody carries it.
  expect(crashed).toMatchObject({ state: 'crashed', runtimeMs: 1200 });
  expect(await look(new Script(script.plan))).toMatch(/^state {6}resting until /);
});

test('[G8] status behind a crash names the attempts that were cut off, and calls none of them running', async () => {
  const script = under({});
  script.cycle(1).record({ type: 'attempt.started', task: 'sims', attempt: 2 });
  const out = await look(script, { held: false });
  expect(out).toContain('cut off    sims (attempt 2)\n');
  expect(out).not.toContain('running ');
});

test('[A21] a stop that waits for what runs says who asked and when', async () => {
  const script = under({});
  script.cycle(1).record({ type: 'attempt.started', task: 'sims', attempt: 1 });
  script.mono = now();
  script.record({ type: 'stop.seen', by: 'file', path: '/work/stop', now: false });
  expect(await look(script)).toMatch(
    /^stop {7}asked by the file \/work\/stop at \S+Z; what runs is ended in (?:5m 0s|4m 5\ds)$/m,
  );
});

test('[A21] a stop that waits for the phases at the end promises no time for them', async () => {
  const script = under({});
  script.cycle(1).pass('sims').endCycle('passed');
  script.record({ type: 'cycle.started', cycle: 1, turn: 'end' });
  script.mono = now();
  script.record({ type: 'stop.seen', by: 'file', path: '/work/stop', now: false });
  expect(await look(script)).toMatch(/^stop {7}asked by the file \/work\/stop at \S+Z$/m);
});

test('history marks what was cut short as neither passed nor failed', async () => {
  const script = under({});
  script.cycle(1).pass('sims').endCycle('limited');
  script.cycle(2).pass('sims').endCycle('interrupted');
  script.cycle(3).pass('sims').endCycle('stopped');
  script.cycle(4).pass('sims').endCycle('passed');
  const lines = (await look(script, { command: history })).trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\S+ {2}/, ''))).toEqual([
    'cycle 1 met a limit in 1.2 s: 1 passed  (neither passed nor failed)',
    'cycle 2 was interrupted in 1.2 s: 1 passed  (neither passed nor failed)',
    'cycle 3 was stopped in 1.2 s: 1 passed  (neither passed nor failed)',
    'cycle 4 passed in 1.2 s: 1 passed',
  ]);
});
