// What the pictures of the first page show: a folder, the commands that make it what it is, and the one whose screen is kept.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND_LIMIT_MS = 60_000;

export interface Scene {
  readonly name: string;
  /** What is typed, behind `gate-run`. */
  readonly words: readonly string[];
  /** What the folder holds; absent: the example `package`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Typed before it. */
  readonly before?: readonly (readonly string[])[];
}

/** Ten cycles of a search that gets better, with one that fails and one that pauses. */
const NIGHT = `version: 1
name: prices
jobs: 1
loop: { sleep: 40ms, backoff: { from: 60ms } }
exit: { target: { edge: "> 530" } }
marks: { good: { all: { edge: "> 500" } } }
phases:
  work:
    gates:
      edge:
        run: 'test "$GATE_CYCLE" != 4; echo "edge $((420 + GATE_CYCLE * GATE_CYCLE + GATE_CYCLE % 3 * 9)) idea $((GATE_CYCLE % 3))"'
        metrics: { edge: { regex: 'edge (?<value>\\d+)', better: higher } }
        labels: { idea: { regex: 'idea (?<value>\\d+)' } }
      style: { run: 'test "$GATE_CYCLE" -lt 8', mode: soft }
reporters: [terminal, { report: { by: [idea] } }]
`;

const MISTYPED = `version: 1
name: my-parser
loop: { sleep: 10 }
phases:
  check:
    gates:
      test: { run: npm test, time-out: 5m, treshholds: { lines: ">= 80" } }
      lint: { run: npm run lint, continue-on-error: true, needs: [tset] }
`;

export const SCENES: readonly Scene[] = [
  { name: 'run', words: ['--jobs', '1'] },
  { name: 'config-error', words: ['check'], files: { 'loop.config.yaml': MISTYPED } },
  {
    name: 'status',
    words: ['status'],
    files: { 'loop.config.yaml': NIGHT },
    before: [['--max-iterations', '10']],
  },
];

/** The folder in which the report of a night lies, to be removed by who asked for it. */
export function nightFolder(): string {
  const folder = folderOf({ name: 'night', words: [], files: { 'loop.config.yaml': NIGHT } });
  type(folder, ['--max-iterations', '40']);
  return folder;
}

/** What the scene's command says, with colours. */
export function played(scene: Scene): string {
  const folder = folderOf(scene);
  try {
    for (const words of scene.before ?? []) type(folder, words);
    return type(folder, ['--color', 'always', ...scene.words]).replaceAll(folder, '/work/my-parser');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function folderOf({ files }: Scene): string {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-picture-'));
  if (files === undefined) {
    const example = join(root, 'examples/package');
    cpSync(example, folder, { recursive: true, filter: (path) => !path.includes('.gate-run') });
  }
  for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, '.home'));
  return folder;
}

function type(folder: string, words: readonly string[]): string {
  const ran = spawnSync(process.execPath, [join(root, 'bin/gate-run.js'), ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: COMMAND_LIMIT_MS,
    env: { PATH: process.env['PATH'], HOME: join(folder, '.home'), LANG: 'C.UTF-8' },
  });
  if (ran.error) throw ran.error;
  return `${ran.stdout}${ran.stderr}`;
}
