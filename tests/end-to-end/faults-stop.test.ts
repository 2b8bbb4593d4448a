// A continuous run that is stopped under load, by file and by signal, once and twice: it ends as it should and leaves nothing.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsIn, faultsOf, ledgerFiles, type Files, type Line } from './kills/ledger.ts';
import { marked, pause } from './kills/start.ts';
import { begin, folderWith, loop, until, type Folder, type Running } from './rig.ts';

/** From the wish to the end of the process, when it asks for all at once: grace and a margin. */
const AT_ONCE_MS = 3000;
/** For a stop that lets the running tasks end; they sleep for a second at most. */
const GRACEFUL_MS = 5000;
/** A stop file is seen within 250 ms; as much again for a machine that does other things. */
const SEEN_MS = 500;

/** The same signal sooner than 150 ms behind the first is the same key press. */
const ANOTHER_WISH_MS = 200;

/** Eight tasks at once, some deaf to TERM, some with children that left their group; cycle upon cycle. */
const GATES = [1, 2, 3, 4]
  .map(
    (at) => `short-${at}: { run: 'sleep 0.${at}; echo ${at}' }
deaf-${at}: { run: 'trap "" TERM; sleep 0.6; sleep 0.${at}' }
leaves-${at}: { run: 'setsid sleep 61.5 & sleep 0.${at}' }`,
  )
  .join('\n');

const LOAD = loop(
  GATES,
  'jobs: 8\nloop: { sleep: 20ms }\nexit: { budget: { cycles: 1000 } }\ndefaults: { kill-after: 500ms }',
);

interface Stopped {
  readonly code: number | null;
  readonly ms: number;
  readonly events: readonly Line[];
  readonly files: Files;
}

/** Wishes a stop while eight tasks are under way; `wish` may come in two parts. */
async function stopped(folder: Folder, wish: (running: Running) => Promise<void>): Promise<Stopped> {
  const state = join(folder.path, '.gate-run');
  const before = eventsIn(ledgerFiles(state)).length;
  const running = begin(folder, ['--continuous']);
  await until('its second cycle is under load', () => {
    const events = eventsIn(ledgerFiles(state)).slice(before);
    return events.filter(({ type }) => type === 'cycle.started').length >= 2 && underWay(events) >= 6;
  });
  const from = performance.now();
  await wish(running);
  const { code, stdout } = await running.ended;
  const ms = performance.now() - from;
  const files = ledgerFiles(state);
  expect(faultsOf(files, true), stdout).toEqual([]);
  expect(marked(`GATE_STATE=${state}`), stdout).toEqual([]);
  const events = eventsIn(files);
  expect(startedBehindStop(events), stdout).toEqual([]);
  return { code, ms, events, files };
}

function underWay(events: readonly Line[]): number {
  const ofType = (wanted: string) => events.filter(({ type }) => type === wanted).length;
  return ofType('attempt.started') - ofType('attempt.ended');
}

function startedBehindStop(events: readonly Line[]): readonly string[] {
  const life = events.slice(
    events.findLastIndex(({ type }) => type === 'run.started' || type === 'run.resumed'),
  );
  const stop = life.findIndex(({ type }) => type === 'stop.seen');
  expect(stop).toBeGreaterThan(0);
  return life.slice(stop).flatMap(({ type, task }) => (type === 'attempt.started' ? [task ?? ''] : []));
}

test('[G11] a stop file under load: seen in time, the running tasks end by themselves, exit 6', async () => {
  const folder = folderWith(LOAD);
  let putAt = 0;
  const { code, ms, events, files } = await stopped(folder, async () => {
    putAt = Date.now();
    folder.write('.gate-run/stop', '');
  });
  expect(code).toBe(6);
  expect(ms).toBeLessThan(GRACEFUL_MS);
  const seen = events.find(({ type }) => type === 'stop.seen');
  const seenMs = Date.parse(String(seen?.['at'])) - putAt;
  expect(seenMs).toBeLessThan(SEEN_MS);
  console.log(`figure: a stop file under load was recorded within ${Math.max(0, seenMs)} ms`);
  expect(events.some(({ type }) => type === 'attempt.stopping')).toBe(false);
  const again = await begin(folder, ['--continuous']).ended;
  expect(again.code, again.stderr).toBe(6);
  expect(ledgerFiles(join(folder.path, '.gate-run'))).toEqual(files);
});

test('[G11] a stop file that says `now` under load: TERM, grace, KILL, and it is over', async () => {
  const folder = folderWith(LOAD);
  const { code, ms, events } = await stopped(folder, async () => folder.write('.gate-run/stop', 'now'));
  expect(code).toBe(6);
  expect(ms).toBeLessThan(AT_ONCE_MS);
  expect(events.some(({ type }) => type === 'attempt.stopping')).toBe(true);
});

for (const [signal, forced] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} under load lets the running tasks end: exit 6, and the next start carries the run on`, async () => {
    const folder = folderWith(LOAD);
    const { code, ms, events } = await stopped(folder, async ({ child }) => void child.kill(signal));
    expect(code).toBe(6);
    expect(ms).toBeLessThan(GRACEFUL_MS);
    expect(events.some(({ type }) => type === 'attempt.stopping')).toBe(false);
    const next = await stopped(folder, async ({ child }) => void child.kill(signal));
    expect(next.code).toBe(6);
    expect(new Set(next.events.map(({ run }) => run)).size).toBe(1);
    expect(next.events.filter(({ type }) => type === 'run.resumed').map(({ goesOn }) => goesOn)).toEqual([
      true,
    ]);
  });

  test(`${signal} twice under load ends everything at once: exit ${forced}`, async () => {
    const { code, ms, events } = await stopped(folderWith(LOAD), async ({ child }) => {
      child.kill(signal);
      await pause(ANOTHER_WISH_MS);
      child.kill(signal);
    });
    expect(code).toBe(forced);
    expect(ms).toBeLessThan(AT_ONCE_MS);
    expect(events.some(({ type }) => type === 'attempt.stopping')).toBe(true);
  });
}
