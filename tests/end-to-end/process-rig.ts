// A folder with a config, and gate-run started in it as people start it: from its sources, in a process of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const START = `import { main } from ${JSON.stringify(MAIN)}; process.exitCode = await main(process.argv.slice(1));`;
const LIMIT_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly ms: number;
}

export interface Place {
  readonly folder: string;
  start(...flags: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  run(...flags: readonly string[]): Promise<Ended>;
  read(path: string): string;
  /** Events of the last cycle's file. */
  events(): readonly Record<string, unknown>[];
  clear(): void;
}

/** `gates` is YAML, indented as under `gates:`. */
export function place(gates: string, top = ''): Place {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-story-'));
  const config = `version: 1\nname: story\n${top}\nphases:\n  check:\n    gates:\n${gates.replaceAll(/^/gm, '      ')}\n`;
  writeFileSync(join(folder, 'loop.config.yaml'), config);
  const start: Place['start'] = (...flags) => startIn(folder, flags);
  return {
    folder,
    start,
    run: (...flags) => start(...flags).ended,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    events: () => lastEvents(join(folder, '.gate-run/cycles')),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startIn(folder: string, flags: readonly string[]): ReturnType<Place['start']> {
  const before = Date.now();
  const argv = ['--input-type=module', '-e', START, '--', ...flags];
  // These tests may themselves be run by a task.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GATE_'));
  const env = { ...Object.fromEntries(own), NO_COLOR: '1', GITHUB_ACTIONS: '' };
  const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (out += bytes.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, ms: Date.now() - before });
    });
  });
  return { child, ended };
}

function lastEvents(cycles: string): readonly Record<string, unknown>[] {
  const last = readdirSync(cycles).toSorted().at(-1) ?? '';
  return readFileSync(join(cycles, last, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => ({ ...JSON.parse(line) }));
}
