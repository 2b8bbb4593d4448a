// A flood of output at full speed: how long it takes beside the same flood into a plain file, how large gate-run gets meanwhile, what is
// kept of it, and what a disk does that cannot take it. PROVE_FLOOD_MB says how much is printed.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, peakMegabytes, start } from './kills/start.ts';
import { folderWith, loop, type Folder } from './rig.ts';

const MIB = 1_048_576;
const FLOOD_MIB = Number(process.env['PROVE_FLOOD_MB'] ?? 192);
const ROUNDS = Number(process.env['PROVE_FLOOD_ROUNDS'] ?? 2);
const MEMORY_LIMIT_MB = 200;
/** Of a start, and of whatever else the machine does meanwhile: a small flood is over before it would not count. */
const SLACK_MS = 300;
const LOOK_EVERY_MS = 20;
const FULL_LIMIT_MS = 20_000;

const FLOOD = `head -c ${FLOOD_MIB * MIB} /dev/zero | tr '\\000' '\\n' | cat`;

/** Nobody prints it; that there is one sends every output through gate-run. */
const SECRET = { BUILD_TOKEN: 'nothing-that-a-flood-would-hold' };

const WAYS = {
  'straight into its log': { env: {}, mostSlower: 2 },
  // How fast gate-run gets a processor beside three commands that want one too says more of the machine than of gate-run.
  'through what hides secrets': { env: SECRET, mostSlower: Infinity },
};

/** As a shell would do it by itself. */
async function aloneMs(folder: Folder): Promise<number> {
  const from = performance.now();
  const child = spawn('sh', ['-c', `${FLOOD} > alone`], { cwd: folder.path, stdio: 'ignore' });
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const ms = performance.now() - from;
  rmSync(join(folder.path, 'alone'));
  return ms;
}

interface Flooded {
  readonly ms: number;
  readonly peakMb: number;
}

async function flooded(folder: Folder, env: Readonly<Record<string, string>>): Promise<Flooded> {
  rmSync(join(folder.path, '.gate-run'), { recursive: true, force: true });
  const { child, over } = start(folder, COMMAND, { env });
  let peakMb = 0;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, peakMegabytes(child.pid ?? 0))), LOOK_EVERY_MS);
  const { code, out } = await over;
  clearInterval(timer);
  expect(code, out.slice(-2000)).toBe(0);
  return { ms: Number(attemptIn(folder)?.['durationMs']), peakMb };
}

function attemptIn(folder: Folder): Line | undefined {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run'))).find(({ type }) => type === 'attempt.ended');
}

describe('[G17] a flood', () => {
  test.each(Object.entries(WAYS))(
    `of ${FLOOD_MIB} MiB %s: gate-run stays small, the command about as fast as without, head and tail are kept`,
    async (way, { env, mostSlower }) => {
      const limit = Math.floor(FLOOD_MIB / 2);
      const folder = folderWith(
        loop(`floods: { run: ${JSON.stringify(`${FLOOD}; echo last`)}, log-limit: ${limit}m }`),
      );
      const alone: number[] = [];
      const runs: Flooded[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        alone.push(await aloneMs(folder));
        runs.push(await flooded(folder, env));
      }
      // What others do meanwhile makes either of them longer, and none shorter.
      const [least, own] = [Math.min(...alone), Math.min(...runs.map(({ ms }) => ms))];
      const peakMb = Math.max(...runs.map((one) => one.peakMb));
      console.log(
        `figure: ${FLOOD_MIB} MiB ${way}: ${(own / 1000).toFixed(2)} s, into a file ${(least / 1000).toFixed(2)} s, ${(own / least).toFixed(2)} times as long; gate-run at most ${Math.round(peakMb)} MB`,
      );
      expect(peakMb).toBeGreaterThan(0);
      expect(peakMb).toBeLessThan(MEMORY_LIMIT_MB);
      expect(own).toBeLessThan(least * mostSlower + SLACK_MS);
      expect(attemptIn(folder)).toMatchObject({ log: 'cut', bytes: FLOOD_MIB * MIB + 'last\n'.length });
      const log = readFileSync(join(folder.path, '.gate-run/cycles/000001/check.floods.1.log'));
      expect(log.length).toBeLessThan(limit * MIB + 1_000);
      expect(log.subarray(0, 11).toString()).toBe('# gate-run ');
      expect(log.subarray(-6).toString()).toBe('\nlast\n');
      expect(log.includes(' bytes were cut out here]')).toBe(true);
    },
    120_000 * ROUNDS,
  );

  test.each(Object.entries(WAYS))(
    '[G13] %s onto a disk that cannot take it: nobody hangs, and gate-run ends in good order with 8',
    async (_, { env }) => {
      const folder = folderWith(loop(`floods: { run: 'yes || true; echo on | cat; exit 0', timeout: 40s }`));
      const state = join(folder.path, '.gate-run');
      mkdirSync(state);
      if (!mounted(state)) {
        console.log('not tested: nothing may be mounted here');
        expect(process.getuid?.()).not.toBe(0);
        return;
      }
      try {
        const { code, out, ms } = await start(folder, COMMAND, { env }).over;
        expect(code, out).toBe(8);
        expect(ms).toBeLessThan(FULL_LIMIT_MS);
        expect(out).toMatch(/full|ENOSPC|no space/i);
      } finally {
        execFileSync('umount', ['--lazy', state], { stdio: 'ignore' });
      }
    },
  );
});

function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
