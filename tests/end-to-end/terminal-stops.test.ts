// What a terminal does to a run: it closes, or somebody presses Ctrl-C on it. `script` gives each story a pseudo-terminal.

import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, faultsOf, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, pause, start, textOf, type Started } from './kills/start.ts';
import { folderWith, loop, until, type Folder } from './rig.ts';

/** A task that tells when it runs, and ends when `go` appears. */
const WAITS = loop(
  `waits: { run: 'echo ready >> told; while [ ! -e go ]; do sleep 0.02; done; echo went >> told' }`,
  'exit: { budget: { cycles: 1 } }',
);
const GATE = COMMAND.join(' ');
/** Long enough for a signal to do its harm. */
const HARM_MS = 300;

function onTerminal(folder: Folder, command: string): Started {
  return start(folder, ['script', '-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
}

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
}

function last(folder: Folder, type: string): Line | undefined {
  return events(folder).findLast((event) => event.type === type);
}

describe('a terminal that closes', () => {
  /** Starts it there, and takes the terminal away while its task runs: its other end is gone as in a window that is shut. */
  async function closedUnder(command: string): Promise<Folder> {
    const folder = folderWith(WAITS);
    const { child, over } = onTerminal(folder, command);
    await until('the task runs', () => textOf(join(folder.path, 'told')) === 'ready\n');
    child.kill('SIGKILL');
    await over;
    await pause(HARM_MS);
    return folder;
  }

  async function hasEnded(folder: Folder): Promise<Line | undefined> {
    folder.write('go', '');
    await until('the run has its end', () => last(folder, 'run.ended') !== undefined);
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
    expect(folder.read('told')).toBe('ready\nwent\n');
    return last(folder, 'run.ended');
  }

  test.each([
    ['in the background', `nohup ${GATE} --continuous > log 2>&1 & wait`],
    ['in front', `nohup ${GATE} --continuous > log 2>&1`],
  ])('does not concern a run that was started with nohup %s', async (_, command) => {
    const folder = await closedUnder(command);
    expect(last(folder, 'stop.seen')).toBeUndefined();
    expect(await hasEnded(folder)).toMatchObject({ reason: 'budget' });
  });

  test.each([
    ['whole', `${GATE} --continuous`],
    ['by its input alone', `${GATE} --continuous > log 2>&1`],
    ['by its errors alone', `${GATE} --continuous < /dev/null > log`],
  ])('stops a run that hangs on it %s, gracefully', async (_, command) => {
    const folder = await closedUnder(command);
    expect(last(folder, 'stop.seen')).toMatchObject({ by: 'signal', signal: 'SIGHUP', now: false });
    expect(await hasEnded(folder)).toMatchObject({ reason: 'stopped', exit: 6 });
  });
});

describe('a stop whose signal reaches tasks too', () => {
  /** Ctrl-C on a task that was not yet in a session of its own: between the fork and the start of its program. */
  const ROUNDS = 12;
  const CTRL_C = '\u0003';
  const TIGHT = loop(
    Array.from({ length: 20 }, (_, at) => `t${at}: { run: ['true'] }`).join('\n'),
    'jobs: 2\nloop: { sleep: 0s }\nexit: { budget: { cycles: 100000 } }',
  );

  test('Ctrl-C in a tight loop on a terminal never makes a task broken', async () => {
    const folder = folderWith(TIGHT);
    let turns = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { child, over } = onTerminal(folder, `exec ${GATE} --continuous`);
      await until('it turns', () => (last(folder, 'cycle.started')?.cycle ?? 0) > turns + 2);
      // Anywhere in a turn.
      await pause(round * 7);
      child.stdin?.write(CTRL_C);
      const { code, out } = await over;
      expect(code, out).toBe(6);
      expect(last(folder, 'run.ended')).toMatchObject({ reason: 'stopped' });
      turns = last(folder, 'cycle.started')?.cycle ?? 0;
    }
    const tasks = events(folder).flatMap((event) =>
      event.type === 'cycle.ended' ? (event.tasks ?? []) : [],
    );
    const hit = tasks.filter(({ outcome }) => outcome === 'cancelled' || outcome === 'killed');
    console.log(`figure: ${ROUNDS} times Ctrl-C in a tight loop reached ${hit.length} tasks`);
    expect(tasks.filter(({ verdict }) => verdict === 'broken' || verdict === 'failed')).toEqual([]);
    expect(last(folder, 'question.opened')).toBeUndefined();
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`a supervisor that sends ${signal} to every process, tasks first, stops them and makes none broken`, async () => {
      const folder = folderWith(
        loop(`
plain: { run: ['sh', '-c', 'echo $$ > plain; exec sleep 61.5'] }
shell: { run: 'trap "exit ${128 + constants.signals[signal]}" ${signal.slice(3)}; echo $$ > shell; while :; do sleep 0.02; done' }
`),
      );
      const { child, over } = start(folder, COMMAND);
      await until('both run', () => folder.has('shell') && textOf(join(folder.path, 'plain')).endsWith('\n'));
      process.kill(-Number(folder.read('plain')), signal);
      process.kill(-Number(folder.read('shell')), signal);
      child.kill(signal);
      const { code, out } = await over;
      expect(code, out).toBe(6);
      const ended = events(folder).find(({ type }) => type === 'cycle.ended');
      expect(ended).toMatchObject({ verdict: 'stopped' });
      expect(ended?.tasks).toMatchObject([
        { id: 'plain', verdict: 'skipped', outcome: 'cancelled', reasons: ['stopped'] },
        { id: 'shell', verdict: 'skipped', outcome: 'cancelled', reasons: ['stopped'] },
      ]);
    });
  }
});
