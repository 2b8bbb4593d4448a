// What a terminal does to a run: it closes, or somebody presses Ctrl-C on it. `script` gives each story a pseudo-terminal.

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
