// The places that the pages speak of: an empty folder, a project, one with a history, one whose ledger is damaged.

import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { begin, folderWith, gateRun, until, type Folder, type Running } from '../rig.ts';
import { EXIT } from '../../../src/core/loop/run-end.ts';
import { run } from '../house/tree.ts';

export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

const LOOP = `version: 1
name: prices
phases:
  check:
    gates:
      test: { run: [sh, -c, echo 3 of 3 cases are right], metrics: { cases: { regex: '(?<value>\\d+) of' } } }
      style: { run: [sh, -c, echo one line is long; exit 1], mode: soft }
`;
const LONG = `version: 1
name: long
phases:
  check:
    gates:
      wait: { run: sleep 60, kill-after: 1s }
loop: { stop-within: 1s }
`;
/** A night that is over within a second. */
const NIGHT = `${LOOP}loop: { sleep: 10ms }
exit: { budget: { cycles: 3 } }
`;
const RESTS = `${LOOP}loop: { sleep: 1h }
`;
/** It rests for a moment, and is over after the next cycle. */
const SOON = `${LOOP}loop: { sleep: 1s }
exit: { budget: { cycles: 2 } }
`;
/** What npm leaves in an empty folder. */
const EMPTY = '{ "devDependencies": { "gate-run": "file:vendor/gate-run-0.1.0.tgz" } }\n';
const LEDGER = '.gate-run/history.jsonl';
const EVENTS = '.gate-run/cycles/000001/events.jsonl';
const PROJECT = {
  'package.json': '{ "name": "project", "version": "1.0.0", "scripts": { "test": "node --test" } }\n',
  'one.test.js': "require('node:test').test('one', () => {});\n",
};

export class Place {
  readonly folder: Folder;
  /** Where commands are typed; a `cd` in a block goes for that block alone. */
  readonly path: string;
  running: Running | undefined;

  constructor(name: string, folder: Folder) {
    this.folder = folder;
    this.path = name === 'clone' ? root : folder.path;
  }

  /** Stops what runs in the background, unless that was done already. */
  stop(): void {
    if (!this.folder.read(LEDGER).includes('"stop.seen"')) this.running?.child.kill();
  }

  /** A line as a person's shell has it, and what it says on both streams. */
  type(line: string): { readonly code: number | null; readonly said: string } {
    const env = {
      PATH: `${join(this.folder.home, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: this.folder.home,
      XDG_CACHE_HOME: join(this.folder.home, 'cache'),
      LANG: 'C.UTF-8',
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    };
    const { code, stdout, stderr } = run('bash', ['-c', line], this.path, env);
    return { code, said: stdout + stderr };
  }
}

/** Made when first spoken of; what one block leaves is there for the next. */
export class Places {
  readonly #made = new Map<string, Promise<Place>>();

  at(name: string): Promise<Place> {
    const made = this.#made.get(name) ?? make(name);
    this.#made.set(name, made);
    return made;
  }
}

async function make(name: string): Promise<Place> {
  const set = SETS[name];
  if (!set) throw new Error(`there is no place \`${name}\`; there are ${Object.keys(SETS).join(', ')}`);
  const place = new Place(name, folderWith());
  install(place.folder);
  await set(place);
  return place;
}

/** What stands in each place before the first block is tried there. */
const SETS: Readonly<Record<string, (place: Place) => void | Promise<void>>> = {
  clone: copyExample,
  package: copyExample,
  project: ({ folder }) => {
    for (const [path, text] of Object.entries(PROJECT)) folder.write(path, text);
  },
  empty: ({ folder }) => folder.write('package.json', EMPTY),
  operator: ({ folder }) => green(folder),
  scheduled: ({ folder }) => green(folder),
  kept: ({ folder }) => green(folder),
  limited: () => undefined,
  sharing: () => undefined,
  bounded: () => undefined,
  guarded: () => undefined,
  capped: () => undefined,
  held: () => undefined,
  closed: () => undefined,
  proved: () => undefined,
  still: () => undefined,
  measured: () => undefined,
  told: async (place) => {
    place.folder.write('loop.config.yaml', `${LOOP}exit: { budget: { cycles: 2 } }\nloop: { sleep: 0s }\n`);
    await gateRun(place.folder, ['--continuous']);
  },
  search: () => undefined,
  searched: ({ folder }) => cpSync(join(root, 'examples/exploration'), folder.path, { recursive: true }),
  rehearsed: () => undefined,
  ladder: () => undefined,
  metrics: () => undefined,
  answered: () => undefined,
  statistics: () => undefined,
  thresholds: () => undefined,
  night: ({ folder }) => folder.write('loop.config.yaml', NIGHT),
  watched: async (place) => {
    place.running = await restingRun(place, RESTS);
  },
  resting: async (place) => {
    place.running = await restingRun(place, RESTS);
  },
  busy: async (place) => {
    place.running = await longRun(place, ['--continuous']);
  },
  stopped: async (place) => {
    const { ended } = await restingRun(place, SOON);
    await gateRun(place.folder, ['stop']);
    await ended;
  },
  changed: async (place) => {
    const { child, ended } = await restingRun(place, SOON);
    child.kill('SIGKILL');
    await ended;
    place.folder.write('loop.config.yaml', SOON.replace('cycles: 2', 'cycles: 3'));
  },
  damaged: async ({ folder }) => {
    await green(folder);
    const ledger = folder.read('.gate-run/history.jsonl');
    folder.write('.gate-run/history.jsonl', ledger.replace('"cycle"', '"cycel"'));
    const refused = await gateRun(folder);
    if (refused.code !== EXIT.storage) throw new Error(`a damaged ledger was taken: ${refused.stdout}`);
  },
  typed: ({ folder }) => {
    folder.write('package.json', '{ "type": "module" }\n');
    folder.write('one.test.js', "import { test } from 'node:test';\ntest('one', () => {});\n");
  },
  running: async (place) => {
    place.running = await longRun(place);
  },
  killed: async (place) => {
    const { child, ended } = await longRun(place);
    child.kill('SIGKILL');
    await ended;
    place.folder.write('loop.config.yaml', LOOP);
  },
};

async function longRun({ folder }: Place, words: readonly string[] = []): Promise<Running> {
  folder.write('loop.config.yaml', LONG);
  const running = begin(folder, words);
  await until('the task runs', () => folder.has('.gate-run/owner.json') && folder.has(EVENTS));
  return running;
}

async function restingRun({ folder }: Place, config: string): Promise<Running> {
  folder.write('loop.config.yaml', config);
  const running = begin(folder, ['--continuous']);
  await until('it rests', () => folder.has(LEDGER) && folder.read(LEDGER).includes('"rest.started"'));
  return running;
}

function copyExample({ folder }: Place): void {
  const filter = (path: string): boolean => !path.includes('.gate-run');
  cpSync(join(root, 'examples/package'), folder.path, { recursive: true, filter });
}

async function green(folder: Folder): Promise<void> {
  folder.write('loop.config.yaml', LOOP);
  const ended = await gateRun(folder);
  if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr);
}

/** As a dependency of the folder, for npx, and by its bare name on PATH. */
function install(folder: Folder): void {
  const bin = join(folder.home, 'bin');
  mkdirSync(bin);
  folder.write(
    '../home/bin/gate-run',
    `#!/bin/sh\nexec '${process.execPath}' '${root}bin/gate-run.js' "$@"\n`,
  );
  chmodSync(join(bin, 'gate-run'), 0o755);
  mkdirSync(join(folder.path, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(bin, 'gate-run'), join(folder.path, 'node_modules/.bin/gate-run'));
  installApi(join(folder.path, 'node_modules/gate-run'));
}

/** What a config in code imports, without its types, as the build of the package leaves it. */
function installApi(home: string): void {
  mkdirSync(join(home, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  const source = readFileSync(join(root, 'src/index.ts'), 'utf8');
  writeFileSync(join(home, 'dist/index.js'), stripTypeScriptTypes(source));
}
